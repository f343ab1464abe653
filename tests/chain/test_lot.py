"""Lots: registered, tested, released by someone else, or rejected."""

from datetime import timedelta

import pytest

from custody.chain.lot import RecordQc, RejectLot, ReleaseLot
from custody.chain.refusals import Reason
from custody.chain.step import Recorded
from custody.chain.things import Cryobag, Lot

from .journey import Journey, at, registered
from .people import RESPONSIBLE, TECHNICIAN
from .trial import PROTOCOL

DIN = "A999921000001"


@pytest.fixture
def world():
    return at("stocked").world


@pytest.fixture
def lot(world):
    """A lot that is registered and not tested yet."""
    world.do(registered(world, DIN), TECHNICIAN)
    return world


def test_a_lot_comes_with_its_cryobags_each_under_a_code_of_its_own(lot):
    bags = lot.get(Lot, DIN).cryobags
    assert len(set(bags)) == 3
    assert {lot.get(Cryobag, code).status for code in bags} == {"received"}
    assert {lot.get(Cryobag, code).lot for code in bags} == {DIN}


@pytest.mark.parametrize("cryobags", [0, PROTOCOL.cryobags_per_lot_max + 1])
def test_a_lot_has_at_least_one_cryobag_and_not_too_many(world, cryobags):
    expected = Reason.OUT_OF_BOUNDS if cryobags == 0 else Reason.CRYOBAG_COUNT
    assert world.reasons(registered(world, DIN, cryobags), TECHNICIAN) == {expected}


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        ({"cells_per_cryobag": 10_000_000_000}, Reason.OUT_OF_BOUNDS),
        ({"cells_per_cryobag": 50_123_456}, Reason.TOO_EXACT),
        ({"product_code": "S1295V000"}, Reason.TOO_LONG),
    ],
)
def test_what_the_cryobag_s_label_has_no_room_for_is_refused_at_the_registration(world, facts, reason):
    assert world.reasons(registered(world, DIN, **facts), TECHNICIAN) == {reason}
    most = registered(world, DIN, cells_per_cryobag=9_999_900_000, product_code="S1295V00")
    assert isinstance(world.ask(most, TECHNICIAN), Recorded)


def test_a_lot_expires_after_its_manufacture(world):
    later = world.now + timedelta(minutes=1)
    same_day = registered(world, DIN, manufactured_on=f"{world.now:%Y-%m-%d}", expires_at=later)
    assert world.reasons(same_day, TECHNICIAN) == {Reason.ORDER_OF_TIMES}


def test_a_lot_was_not_made_tomorrow(world):
    tomorrow = f"{world.now + timedelta(days=1):%Y-%m-%d}"
    assert world.reasons(registered(world, DIN, manufactured_on=tomorrow), TECHNICIAN) == {Reason.IN_FUTURE}


@pytest.mark.parametrize("field", ["donor", "tissue", "product_code"])
def test_donor_and_tissue_source_are_given(world, field):
    assert world.reasons(registered(world, DIN, **{field: ""}), TECHNICIAN) == {Reason.MISSING}


def test_a_lot_is_named_by_a_donation_number(world):
    assert Reason.UNREADABLE in world.reasons(registered(world, "A999921"), TECHNICIAN)


def test_a_donation_number_of_digits_alone_is_taken_too(world):
    assert isinstance(world.ask(registered(world, "1234521000001"), TECHNICIAN), Recorded)


def test_a_test_that_is_not_in_the_specification_is_refused(lot):
    assert lot.reasons(RecordQc(lot=DIN, test="colour", result="pink"), TECHNICIAN) == {Reason.UNKNOWN_TEST}


def test_a_test_with_numbers_takes_a_number(lot):
    assert lot.reasons(RecordQc(lot=DIN, test="viability", result="good"), TECHNICIAN) == {Reason.NOT_A_NUMBER}


def test_a_test_without_numbers_takes_one_of_its_results(lot):
    assert lot.reasons(RecordQc(lot=DIN, test="sterility", result="clean"), TECHNICIAN) == {Reason.NOT_A_CHOICE}


@pytest.mark.parametrize(("result", "passed"), [("70", True), ("70,0", True), ("69.9", False), ("0", False)])
def test_a_result_is_held_against_its_limit(lot, result, passed):
    lot.do(RecordQc(lot=DIN, test="viability", result=result), TECHNICIAN)
    assert lot.get(Lot, DIN).qc == (("viability", result, passed),)


def test_a_second_result_of_a_test_needs_a_reason(lot):
    lot.do(RecordQc(lot=DIN, test="viability", result="60"), TECHNICIAN)
    again = RecordQc(lot=DIN, test="viability", result="95")
    assert [refusal.reason for refusal in lot.ask(again, TECHNICIAN)] == [Reason.RETEST]
    assert lot.get(Lot, DIN).qc == (("viability", "60", False),)
    lot.do(RecordQc(lot=DIN, test="sterility", result="no_growth"), TECHNICIAN)


def test_the_last_result_counts_and_the_former_stays_on_record(lot):
    lot.do(RecordQc(lot=DIN, test="sterility", result="growth"), TECHNICIAN)
    lot.do(RecordQc(lot=DIN, test="sterility", result="no_growth", reason="vial of another lot"), TECHNICIAN)
    assert lot.get(Lot, DIN).qc == (("sterility", "no_growth", True),)
    recorded = [entry.change.payload for entry in lot.entries[-2:]]
    assert [(p["result"], p["reason"]) for p in recorded] == [("growth", ""), ("no_growth", "vial of another lot")]


def test_a_lot_without_all_its_tests_is_not_released(lot):
    refusals = lot.ask(ReleaseLot(lot=DIN), RESPONSIBLE)
    assert [refusal.text for refusal in refusals] == ["QC not recorded: viability, sterility."]


def test_a_lot_that_is_untested_out_of_specification_and_expired_is_told_all_three():
    world = at("stocked").world
    world.do(registered(world, DIN), TECHNICIAN)
    world.do(RecordQc(lot=DIN, test="sterility", result="growth"), TECHNICIAN)
    world.wait(366 * 24 * 60)
    assert world.reasons(ReleaseLot(lot=DIN), RESPONSIBLE) == {Reason.QC_MISSING, Reason.QC_OUT, Reason.EXPIRED}


@pytest.mark.parametrize("decision", [ReleaseLot(lot=DIN), RejectLot(lot=DIN, reason="leak")])
def test_who_entered_the_tests_does_not_decide(lot, decision):
    for test, result in (("viability", "90"), ("sterility", "no_growth")):
        lot.do(RecordQc(lot=DIN, test=test, result=result), TECHNICIAN)
    lot.put(lot.get(Lot, DIN), qc_by=(RESPONSIBLE.code,))
    assert lot.reasons(decision, RESPONSIBLE) == {Reason.OWN_ENTRY}


def test_a_technician_releases_no_lot(lot):
    assert lot.reasons(ReleaseLot(lot=DIN), TECHNICIAN) == {Reason.ROLE}


def test_a_rejected_lot_takes_no_more_entries(lot):
    lot.do(RejectLot(lot=DIN, reason="leak"), RESPONSIBLE)
    assert lot.reasons(RecordQc(lot=DIN, test="viability", result="90"), TECHNICIAN) == {Reason.STATE}


def test_a_released_lot_names_who_released_it():
    journey = Journey()
    journey.stocked()
    assert journey.thing(Lot).released_by == RESPONSIBLE.code


@pytest.mark.parametrize(("test", "result"), [("viability", "850"), ("viability", "100,1"), ("viability", "-1")])
def test_a_result_that_cannot_be_is_refused(lot, test, result):
    assert lot.reasons(RecordQc(lot=DIN, test=test, result=result), TECHNICIAN) == {Reason.IMPOSSIBLE_RESULT}
