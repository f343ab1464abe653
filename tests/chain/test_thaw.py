"""Thaw and count: the right cryobag, possible times, and enough that lives."""

from datetime import timedelta

import pytest

from custody.chain.bench import PutBack
from custody.chain.ordering import CancelOrder
from custody.chain.refusals import Reason
from custody.chain.step import Recorded
from custody.chain.things import Location, Preparation

from .journey import at, counting, thawing
from .people import INVESTIGATOR, TECHNICIAN


@pytest.fixture
def reserved():
    journey = at("ordered")
    journey.reserved()
    journey.world.wait(20)
    return journey


@pytest.fixture
def thawed(reserved):
    reserved.thawed()
    return reserved


def thaw(journey, **more):
    return journey.world.reasons(thawing(journey.world, journey.cryobags[0], journey.bag, **more), TECHNICIAN)


def refusals_of(journey, **more):
    refusals = journey.world.ask(thawing(journey.world, journey.cryobags[0], journey.bag, **more), TECHNICIAN)
    return [refusal.text for refusal in refusals]


def count(journey, occurred_at=None, **more):
    return journey.world.reasons(counting(journey.cryobags[0], **more), TECHNICIAN, occurred_at=occurred_at)


def test_what_ended_after_the_time_on_its_form_was_not_done_then(reserved):
    done_at = reserved.world.now
    reserved.world.wait(60)
    on_paper = {"occurred_at": done_at, "downtime": True}

    def thaw_that_ended(minutes):
        times = {"started_at": done_at - timedelta(minutes=5), "ended_at": done_at + timedelta(minutes=minutes)}
        return thawing(reserved.world, reserved.cryobags[0], reserved.bag, **times)

    for minutes in (-1, 0, 1):
        assert isinstance(reserved.world.ask(thaw_that_ended(minutes), TECHNICIAN, **on_paper), Recorded)
    [refusal] = reserved.world.ask(thaw_that_ended(2), TECHNICIAN, **on_paper)
    assert refusal.reason is Reason.TIME_BEFORE
    assert "occurred_at may not be before ended_at" in refusal.text


def test_a_thawed_cryobag_leaves_its_location_free(reserved):
    place = reserved.cryobag().location
    reserved.thawed()
    assert reserved.cryobag().location == ""
    assert reserved.world.get(Location, place).status == "free"


def test_a_cryobag_is_thawed_for_the_order_that_reserved_it(reserved):
    assert thaw(reserved, treatment_bag=reserved.world.mint("treatment_bag")) == {Reason.NOT_RESERVED}


def test_nothing_is_thawed_for_a_cancelled_order(reserved):
    reserved.world.do(CancelOrder(treatment_bag=reserved.bag, reason="died"), INVESTIGATOR)
    assert thaw(reserved) == {Reason.STATE}


def test_an_expired_cryobag_is_not_thawed(reserved):
    reserved.world.put(reserved.cryobag(), expires_at=reserved.world.now)
    assert thaw(reserved) == {Reason.EXPIRED}


@pytest.mark.parametrize("bath_dc", [349, 391])
def test_the_water_bath_is_within_its_limits(reserved, bath_dc):
    assert thaw(reserved, bath_dc=bath_dc) == {Reason.TEMPERATURE}


def test_a_bath_out_of_its_limits_is_recorded_when_it_is_signed_to_have_been_so(reserved):
    command = thawing(reserved.world, reserved.cryobags[0], reserved.bag, bath_dc=420)
    reserved.world.do(command, TECHNICIAN, beyond=True)
    assert reserved.cryobag().status == "thawed"
    reserved.counted()


def test_a_thaw_ends_after_it_began(reserved):
    assert thaw(reserved, started_at=reserved.world.now, ended_at=reserved.world.now) == {Reason.ORDER_OF_TIMES}


def test_a_thaw_is_over_when_it_is_recorded(reserved):
    later = reserved.world.now + timedelta(minutes=5)
    assert thaw(reserved, ended_at=later) == {Reason.IN_FUTURE}


def test_a_thaw_begins_after_the_order(reserved):
    early = reserved.world.now - timedelta(hours=2)
    reserved.world.put(reserved.cryobag(), reserved_at=None)
    assert refusals_of(reserved, started_at=early) == [
        "started_at may not be before ordered_at (2026-03-02 09:00 CET)."
    ]


def test_a_thaw_begins_after_the_cryobag_was_set_aside_for_it(reserved):
    early = reserved.world.now - timedelta(minutes=21)
    assert refusals_of(reserved, started_at=early) == [
        "started_at may not be before reserved_at (2026-03-02 09:00 CET)."
    ]


def test_a_thaw_may_begin_in_the_minute_of_the_reservation(reserved):
    set_aside = reserved.cryobag().reserved_at + timedelta(seconds=50)
    reserved.world.put(reserved.cryobag(), reserved_at=set_aside)
    reserved.world.do(
        thawing(reserved.world, reserved.cryobags[0], reserved.bag, started_at=set_aside.replace(second=0)), TECHNICIAN
    )


def test_a_cryobag_that_was_put_back_counts_from_its_next_reservation(reserved):
    reserved.world.do(PutBack(cryobag=reserved.cryobags[0]), TECHNICIAN)
    assert reserved.cryobag().reserved_at is None
    reserved.reserved()
    assert thaw(reserved) == {Reason.TIME_BEFORE}


def test_nothing_is_counted_before_the_thaw_ended(thawed):
    early = thawed.cryobag().thawed_at - timedelta(minutes=1)
    assert count(thawed, occurred_at=early) == {Reason.TIME_BEFORE}


def test_a_count_does_not_wait_for_a_clock_that_was_a_little_ahead(reserved):
    ahead = reserved.world.now + timedelta(seconds=50)
    reserved.world.do(thawing(reserved.world, reserved.cryobags[0], reserved.bag, ended_at=ahead), TECHNICIAN)
    reserved.counted()


def test_all_that_is_wrong_with_a_thaw_is_said_at_once(reserved):
    later = reserved.world.now + timedelta(minutes=5)
    more = {"treatment_bag": reserved.world.mint("treatment_bag"), "started_at": later, "ended_at": later, "bath_dc": 0}
    assert thaw(reserved, **more) == {
        Reason.NOT_RESERVED,
        Reason.ORDER_OF_TIMES,
        Reason.IN_FUTURE,
        Reason.TEMPERATURE,
    }


def test_a_count_below_the_block_limit_fails_the_cryobag(thawed):
    thawed.counted(viability_permille=699)
    assert thawed.cryobag().status == "failed"
    preparation = thawed.thing(Preparation)
    assert (preparation.status, preparation.cryobags, preparation.expected_cells) == ("ordered", (), 0)


def test_a_count_between_block_and_warning_limit_is_signed(thawed):
    for viability in (700, 799):
        command = counting(thawed.cryobags[0], viability_permille=viability)
        assert thawed.world.reasons(command, TECHNICIAN, signed=False) == {Reason.VIABILITY_WARNING}
    thawed.counted(viability_permille=700)
    assert thawed.cryobag().status == "counted"


def test_a_count_at_the_warning_limit_needs_no_signature(thawed):
    thawed.world.do(counting(thawed.cryobags[0], viability_permille=800), TECHNICIAN, signed=False)
    assert thawed.cryobag().viability_permille == 800


def test_more_living_cells_than_were_frozen_are_a_slip_of_the_pen(thawed):
    assert count(thawed, viable_cells_per_ml=50_000_000) == {Reason.COUNT}


def test_a_later_count_replaces_the_former(thawed):
    thawed.counted()
    thawed.counted(viable_cells_per_ml=4_500_000)
    assert thawed.cryobag().viable_cells_per_ml == 4_500_000
    assert thawed.thing(Preparation).expected_cells == 76_500_000


def test_a_little_less_than_prescribed_will_do_when_the_dose_may_be_less(thawed):
    thawed.counted(viable_cells_per_ml=3_800_000)
    assert thawed.thing(Preparation).status == "reserved"
    thawed.counted(viable_cells_per_ml=3_700_000)
    assert thawed.thing(Preparation).status == "ordered"
