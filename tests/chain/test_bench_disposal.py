"""What ends at the bench: cryobags before a witness, preparations that nobody wants or that are unfit."""

from datetime import timedelta

import pytest

from custody.chain.apply import Fact, apply
from custody.chain.bench import PutBack
from custody.chain.bench_disposal import DestroyCryobag, DiscardPreparation
from custody.chain.ordering import CancelOrder
from custody.chain.refusals import Reason
from custody.chain.things import Location, Plane, Preparation

from .journey import at, vial
from .people import INVESTIGATOR, SECOND_TECHNICIAN, TECHNICIAN


@pytest.fixture
def journey():
    return at("ordered")


def destroy(journey, place=0):
    step = DestroyCryobag(cryobag=journey.cryobags[place], reason="broken")
    journey.world.do(step, TECHNICIAN, SECOND_TECHNICIAN)


def discard(journey, *, destroyed=True):
    return DiscardPreparation(treatment_bag=journey.bag, destroyed=destroyed, reason="cancelled")


def cancel(journey):
    journey.world.do(CancelOrder(treatment_bag=journey.bag, reason="died"), INVESTIGATOR)


def test_a_destroyed_cryobag_leaves_its_location_free(journey):
    place = journey.cryobag().location
    destroy(journey)
    assert (journey.cryobag().status, journey.cryobag().location) == ("destroyed", "")
    assert journey.world.get(Location, place).status == "free"


def test_a_cryobag_that_breaks_leaves_its_order_waiting_for_another(journey):
    journey.reserved()
    journey.thawed()
    destroy(journey)
    preparation = journey.thing(Preparation)
    assert (preparation.status, preparation.cryobags, preparation.expected_cells) == ("ordered", (), 0)


def test_a_reserved_cryobag_is_put_back_before_it_is_destroyed(journey):
    journey.reserved()
    step = DestroyCryobag(cryobag=journey.cryobags[0], reason="expired")
    assert journey.world.reasons(step, TECHNICIAN, SECOND_TECHNICIAN) == {Reason.STATE}
    journey.world.do(PutBack(cryobag=journey.cryobags[0]), TECHNICIAN)
    destroy(journey)


def test_where_nothing_is_prepared_yet_nothing_is_discarded(journey):
    assert journey.world.reasons(discard(journey), TECHNICIAN, SECOND_TECHNICIAN) == {Reason.NOT_CANCELLED}


@pytest.mark.parametrize("arm", ["MSC", "PLACEBO"])
@pytest.mark.parametrize("stage", ["diluted", "covered"])
@pytest.mark.parametrize("spoil", ["early", "volume", "dose", "clumps"])
def test_what_was_prepared_is_discarded_for_any_reason_and_prepared_anew_under_the_same_code(stage, arm, spoil):
    journey = at(stage, arm)
    before, opened = journey.thing(), len(journey.world.open_entries())
    preparation = journey.thing(Preparation)
    changes = {
        "early": {"dilution_ended_at": before.ready_at - timedelta(minutes=46)},
        "volume": {"albumin_ul": 100_000},
        "dose": {"actual_cells": preparation.prescribed_cells * 2 + 1},
        "clumps": {},
    }
    journey.world.put(preparation, **changes[spoil])
    journey.world.do(discard(journey), TECHNICIAN, SECOND_TECHNICIAN)
    anew = journey.thing(Preparation)
    assert (anew.status, anew.cryobags, anew.vials, anew.preparers) == ("ordered", (), (), ())
    assert (anew.arm, anew.prescribed_cells) == (preparation.arm, preparation.prescribed_cells)
    if anew.prescribed_cells:
        journey.cryobags = journey.cryobags[1:]
        journey.reserved()
        journey.thawed()
        journey.counted()
    journey.world.now = journey.thing().ready_at
    journey.world.do(journey.dilution(vials=(vial("8"),)), TECHNICIAN, SECOND_TECHNICIAN)
    journey.covered()
    assert (journey.thing(), len(journey.world.open_entries())) == (before, opened)
    journey.released()
    assert journey.thing().expires_at == before.expires_at


@pytest.mark.parametrize("stage", ["diluted", "covered"])
@pytest.mark.parametrize("order", ["stands", "cancelled"])
def test_the_bag_of_what_was_diluted_is_destroyed_with_its_label_and_that_is_on_record(stage, order):
    journey = at(stage)
    if order == "cancelled":
        cancel(journey)
    else:
        journey.world.put(journey.thing(Preparation), albumin_ul=0)
    kept = discard(journey, destroyed=False)
    assert journey.world.reasons(kept, TECHNICIAN, SECOND_TECHNICIAN) == {Reason.BAG_KEPT}
    journey.world.do(discard(journey), TECHNICIAN, SECOND_TECHNICIAN)
    assert journey.world.entries[-1].change.payload["destroyed"] is True


def test_where_nothing_was_diluted_no_bag_is_destroyed(journey):
    cancel(journey)
    journey.world.do(discard(journey, destroyed=False), TECHNICIAN, SECOND_TECHNICIAN)


def test_a_record_of_former_times_ends_its_preparation():
    journey = at("covered")
    payload = {"treatment_bag": journey.bag, "reason": "cancelled"}
    fact = Fact("e", "preparation_discarded", Plane.SEALED, "", "", "", journey.world.now, payload)
    assert [thing.status for thing in apply(journey.world, fact)] == ["discarded"]


@pytest.mark.parametrize("stage", ["ordered", "diluted", "covered"])
@pytest.mark.parametrize("arm", ["MSC", "PLACEBO"])
def test_what_was_prepared_for_a_cancelled_order_is_discarded(stage, arm):
    journey = at(stage, arm)
    cancel(journey)
    journey.world.do(discard(journey), TECHNICIAN, SECOND_TECHNICIAN)
    assert journey.thing(Preparation).status == "discarded"


def test_cryobags_end_before_their_preparation_is_discarded(journey):
    journey.reserved()
    journey.thawed()
    journey.counted(viable_cells_per_ml=1_000_000)
    cancel(journey)
    refusals = journey.world.ask(discard(journey), TECHNICIAN, SECOND_TECHNICIAN)
    assert [refusal.text for refusal in refusals] == [f"Not in a final state: {journey.cryobags[0]}."]
    destroy(journey)
    journey.world.do(discard(journey), TECHNICIAN, SECOND_TECHNICIAN)
