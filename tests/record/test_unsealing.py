"""The planned unblinding through the door: what is written verifies from the open log alone, on either database."""

from __future__ import annotations

import pytest

from custody.chain import unsealing
from custody.chain.bench_disposal import DestroyCryobag
from custody.chain.ordering import CancelOrder
from custody.chain.reconciliation import Reconcile, ReconcileSealed
from custody.chain.refusals import Reason
from custody.chain.things import UNSEALING, Participant, Plane, TreatmentBag, Unsealing
from custody.chain.unsealing import ShowRandomisation, Unseal
from custody.export.ledger import export_ledger
from custody.ledger.verify import verify_folder
from custody.verifying import Wanted, verify_here
from tests.chain.people import (
    INVESTIGATOR,
    MONITOR,
    RESPONSIBLE,
    SECOND_TECHNICIAN,
    STATISTICIAN,
    TECHNICIAN,
)
from tests.chain.ways import discard
from tests.record.tamper import tamper


@pytest.fixture
def ended(journey):
    """One bag destroyed, one order cancelled; both planes reconciled."""
    world = journey.to("destroyed").world
    other = journey.beside()
    for stage in ("enrolled", "ordered"):
        getattr(other, stage)()
    world.do(CancelOrder(treatment_bag=other.bag, reason="died"), INVESTIGATOR)
    discard(other)
    for bag in journey.cryobags[1:]:
        world.do(DestroyCryobag(cryobag=bag, reason="over"), TECHNICIAN, SECOND_TECHNICIAN)
    world.do(Reconcile(), MONITOR)
    world.do(ReconcileSealed(), RESPONSIBLE)
    return journey


def unseal(world):
    world.do(Unseal(), STATISTICIAN, RESPONSIBLE)


def verified(world, folder, *planes):
    vkeys = (world.keys / "vkeys").read_text().splitlines()
    export_ledger(world.door, folder, vkeys, planes)
    return verify_folder(folder, vkeys)


def test_the_open_log_alone_proves_every_arm_and_place(ended, tmp_path):
    world = ended.world
    before = verified(world, tmp_path / "before", Plane.OPEN)
    assert before.ok
    assert any("4 commitments could not be opened; all are opened" in line for line in before.not_covered)
    unseal(world)
    after = verified(world, tmp_path / "after", Plane.OPEN)
    assert after.findings == []
    assert any("4 made, 4 opened in the open log; by these" in line for line in after.covered)
    both = verified(world, tmp_path / "both", *Plane)
    assert both.findings == []
    assert "commitments: 4 made, 4 opened from the sealed log." in both.covered
    here = verify_here(world.database, world.keys, Wanted(replayed=True))
    assert here.findings == []
    assert any("4 opened in the open log; by these" in line for line in here.covered)


def test_what_is_on_record_is_what_the_bench_did(ended):
    world = ended.world
    unseal(world)
    things = world.get(TreatmentBag, ended.bag), world.get(Participant, ended.wristband)
    assert {thing.unsealed_arm for thing in things} == {ended.arm}
    assert world.differences() == []


def test_half_way_the_door_is_opened_anew_and_it_goes_on(ended, monkeypatch, tmp_path):
    monkeypatch.setattr(unsealing, "MOST_OPENED", 3)
    world = ended.world
    unseal(world)
    half = verified(world, tmp_path / "half", Plane.OPEN)
    assert half.ok
    assert "commitments: 4 made, 3 opened in the open log so far." in half.covered
    world.reopen()
    unseal(world)
    state = world.get(Unsealing, UNSEALING)
    assert (state.status, state.orders, state.lists) == ("complete", 2, ("DIJ", "NAN"))
    assert verified(world, tmp_path / "whole", Plane.OPEN).findings == []


def test_asked_again_with_the_same_event_nothing_is_opened_twice(ended):
    world = ended.world
    request = world.request(Unseal(), STATISTICIAN, RESPONSIBLE)
    assert world.door.submit(request).done
    size = world.size(Plane.OPEN)
    assert world.door.submit(request).again
    assert world.reasons(Unseal(), STATISTICIAN, RESPONSIBLE) == {Reason.STATE}
    assert world.size(Plane.OPEN) == size, "a refusal of the unblinded is sealed"


def test_who_tries_to_see_the_lists_before_is_on_record_in_the_sealed_log_alone(ended):
    world = ended.world
    before = {plane: world.size(plane) for plane in Plane}
    assert world.reasons(ShowRandomisation(), STATISTICIAN) == {Reason.STILL_SEALED}
    assert world.size(Plane.OPEN) == before[Plane.OPEN]
    assert world.size(Plane.SEALED) == before[Plane.SEALED] + 1
    entry = world.entries(Plane.SEALED)[-1]
    assert (entry["type"], entry["actor"]["person"]) == ("step_refused", STATISTICIAN.code)


def test_an_opening_that_the_holder_of_the_keys_rewrote_is_found_in_the_ledger_in_use(ended):
    """The tables' triggers stop a change in place; whoever has the database goes round them."""
    world = ended.world
    unseal(world)
    place = world.size(Plane.OPEN) - 1
    with world.reading(Plane.OPEN) as connection:
        data = world.store(Plane.OPEN).entry(connection, place)
    arm, other = (b'"arm":"MSC"', b'"arm":"XYZ"')
    assert arm in data
    changed = "UPDATE open_event SET entry = :entry WHERE place = :place"
    tamper(world.database, changed, entry=data.replace(arm, other, 1), place=place)
    report = verify_here(world.database, world.keys, Wanted())
    assert [finding.what for finding in report.findings if finding.what == "opening"] == ["opening", "opening"]
