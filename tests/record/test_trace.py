"""A trace goes both ways from each kind of thing, sees its plane alone, and costs what its thing's own records cost."""

from __future__ import annotations

import pytest

from custody import trace
from custody.chain.deviation import RaiseBenchDeviation, RaiseDeviation
from custody.chain.things import Cryobag, Handoff, Participant, Plane, TreatmentBag
from custody.store.plane import PlaneStore
from tests.chain.people import COURIER, MONITOR, NURSE, TECHNICIAN


def sight(world, connection, *, blinded=False):
    stores = {Plane.OPEN: world.store(Plane.OPEN)} if blinded else world.door.stores
    return trace.Sight(connection, stores)


def traced(world, code, *, blinded=False):
    """Give the codes that a thing came from and became, by kind."""
    with world.reading(Plane.OPEN if blinded else Plane.SEALED) as connection:
        seen = sight(world, connection, blinded=blinded)
        return tuple(by_kind(way(seen, code)) for way in (trace.origins, trace.outcomes))


def by_kind(links):
    found = {}
    for link in links:
        found.setdefault(link.kind, []).append(link.code)
    return found


def raised(world, about, command=RaiseDeviation, who=MONITOR):
    before = set(deviations(world, command))
    world.do(command(what="late", about=about), who)
    return (set(deviations(world, command)) - before).pop()


def deviations(world, command):
    kind = {RaiseDeviation: trace.Deviation, RaiseBenchDeviation: trace.SealedDeviation}[command]
    return [thing.code for thing in world.find(kind, "open")]


def handoffs(world):
    return {thing.code: thing for thing in world.find(Handoff, "signed")}


def test_what_became_of_a_lot_stands_kind_by_kind_with_number_and_site_of_each_participant(journey):
    world = journey.to("received").world
    lot = world.get(Cryobag, journey.cryobags[0]).lot
    with world.reading(Plane.SEALED) as connection:
        links = trace.outcomes(sight(world, connection), lot)
    kinds = [link.kind for link in links]
    assert kinds == sorted(kinds, key=kinds.index), "what is of one kind stands together"
    participant = world.get(Participant, journey.wristband)
    whose = {link.kind: (link.number, link.site) for link in links if link.number}
    assert whose.keys() == {"treatment_bag", "participant", "code_sheet"}
    assert set(whose.values()) == {(participant.number, participant.site)}


def test_a_bag_leads_to_all_that_carried_moved_and_concerned_it(journey):
    world = journey.to("received").world
    about_it = raised(world, journey.bag)
    raised(world, journey.shipper)
    bench = raised(world, journey.bag, RaiseBenchDeviation, TECHNICIAN)
    for blinded in (True, False):
        came, became = traced(world, journey.bag, blinded=blinded)
        assert became["participant"] == [journey.wristband]
        assert became["shipper"] == [journey.shipper]
        assert set(became["handoff"]) == set(handoffs(world))
        assert became["deviation"] == [about_it]
        assert became.get("sealed_deviation", []) == ([] if blinded else [bench])
        assert came.keys() == (set() if blinded else {"cryobag", "lot", "albumin_vial"})


def test_a_handoff_leads_to_the_bags_that_were_in_the_shipper_then_and_to_no_others(journey):
    world = journey.to("received").world
    first = set(handoffs(world))
    for giver, receiver in ((NURSE, COURIER), (COURIER, TECHNICIAN)):
        world.do(journey.handing(), giver, receiver)
    empty = set(handoffs(world)) - first
    other = journey.beside()
    other.again()
    other.shipper = journey.shipper
    other.to("received")
    for code in handoffs(world):
        came, _became = traced(world, code, blinded=True)
        inside = [] if code in empty else [journey.bag if code in first else other.bag]
        assert came.get("treatment_bag", []) == inside
        assert came["shipper"] == [journey.shipper]
    came, became = traced(world, journey.shipper, blinded=True)
    assert set(came["treatment_bag"]) == {journey.bag, other.bag}
    assert set(became["handoff"]) == set(handoffs(world))
    _came, became = traced(world, journey.bag, blinded=True)
    assert set(became["handoff"]) == first, "the shipper's other ways are not this bag's"


def test_a_participant_leads_to_bags_sheet_and_deviations(journey):
    world = journey.to("received").world
    of_bag, of_them = raised(world, journey.bag), raised(world, journey.wristband)
    sheet = world.get(TreatmentBag, journey.bag).code_sheet
    came, became = traced(world, journey.wristband, blinded=True)
    assert came == {"treatment_bag": [journey.bag]}
    assert {kind: set(codes) for kind, codes in became.items()} == {
        "code_sheet": {sheet},
        "deviation": {of_bag, of_them},
    }
    came, _became = traced(world, sheet, blinded=True)
    assert came == {"participant": [journey.wristband], "treatment_bag": [journey.bag]}


def test_a_lot_leads_to_all_that_descends_from_it(journey):
    world = journey.to("received").world
    about_bag = raised(world, journey.bag)
    _came, became = traced(world, journey.din)
    assert set(journey.cryobags) <= set(became["cryobag"])
    assert journey.bag in became["treatment_bag"]
    assert became["deviation"] == [about_bag]
    assert became["shipper"] == [journey.shipper]


@pytest.mark.parametrize("arm", ["MSC", "PLACEBO"])
def test_the_blinded_reach_the_same_in_both_arms(begin, arm):
    journey = begin(arm).to("received")
    raised(journey.world, journey.bag, RaiseBenchDeviation, TECHNICIAN)
    for code in (journey.bag, journey.wristband, journey.shipper):
        for links in traced(journey.world, code, blinded=True):
            assert links.keys() <= {"participant", "treatment_bag", "shipper", "handoff", "code_sheet"}


def test_a_step_costs_what_its_things_own_records_cost(journey, monkeypatch):
    world, read = journey.to("received").world, []
    entry = PlaneStore.entry
    monkeypatch.setattr(PlaneStore, "entry", lambda *given: (read.append(given[2]), entry(*given))[1])
    costs = []
    for size in (0, 400):
        world.grow(Plane.OPEN, size)
        read.clear()
        for code in (journey.bag, journey.wristband, journey.shipper, journey.din):
            traced(world, code)
        costs.append(len(read))
    assert costs[0] == costs[1]


def test_a_badge_leads_to_what_its_person_did_signed_and_holds(journey):
    world = journey.to("received").world
    with world.reading(Plane.SEALED) as connection:
        for who in (COURIER, NURSE, TECHNICIAN):
            open_alone, both = (
                trace.records(sight(world, connection, blinded=blinded), who.code) for blinded in (True, False)
            )
            assert {one.plane for one in open_alone} <= {Plane.OPEN}
            assert [one for one in both if one.plane is Plane.OPEN] == open_alone
            assert [one.at for one in both] == sorted((one.at for one in both), reverse=True)
            assert all("preparation/" not in code for one in both for code in one.things)
            steps = {(one.step, one.second) for one in both}
            assert {
                COURIER: {("hand_over", False), ("hand_over", True)},
                NURSE: {("hand_over", True)},
                TECHNICIAN: {("pack", False), ("dilute", False), ("thaw", False)},
            }[who] <= steps
            assert (who is TECHNICIAN) is (len(both) > len(open_alone))
        nobody = trace.records(sight(world, connection), MONITOR.code)
        assert nobody == []
    holder = world.get(TreatmentBag, journey.bag).custodian
    _came, became = traced(world, holder, blinded=True)
    assert journey.bag in became["treatment_bag"]
    assert became.keys() <= {"treatment_bag", "shipper"}, "and not what became of those"
