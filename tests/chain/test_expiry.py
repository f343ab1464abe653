"""The printed expiry: from the order alone, and never later than the end of dilution plus the shelf life."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as some

from custody.chain.expiry import earliest_dilution_end, expires_at, ready_at
from custody.chain.preparation import Dilute
from custody.chain.refusals import Reason
from custody.chain.release import ReleaseForDispatch
from custody.chain.step import Recorded
from custody.chain.things import Preparation

from .journey import VOLUME, at, vial
from .people import RESPONSIBLE, SECOND_TECHNICIAN, TECHNICIAN
from .trial import PROTOCOL

MINUTES = some.integers(0, 10_000)
INSTANTS = some.datetimes(datetime(2020, 1, 1), datetime(2060, 1, 1)).map(lambda when: when.replace(tzinfo=UTC))  # noqa: DTZ001


@given(INSTANTS, MINUTES, MINUTES, MINUTES)
def test_ready_and_expiry_are_the_orders_time_and_the_protocols_minutes(ordered_at, hold, lead, shelf_life):
    protocol = replace(PROTOCOL, hold=hold, lead=lead, shelf_life=shelf_life)
    ready = ready_at(protocol, ordered_at)
    assert ready - ordered_at == timedelta(minutes=hold)
    assert expires_at(protocol, ready) - ready == timedelta(minutes=shelf_life - lead)


@given(INSTANTS, MINUTES, MINUTES, MINUTES, MINUTES)
def test_the_printed_expiry_is_never_later_than_the_end_of_dilution_and_the_shelf_life(
    ordered_at, hold, lead, shelf_life, later
):
    protocol = replace(PROTOCOL, hold=hold, lead=lead, shelf_life=shelf_life)
    ready = ready_at(protocol, ordered_at)
    ended = earliest_dilution_end(protocol, ready) + timedelta(minutes=later)
    assert expires_at(protocol, ready) <= ended + timedelta(minutes=shelf_life)


@given(some.integers(-60, 60), some.integers(-20, 300))
def test_no_bag_leaves_with_an_expiry_later_than_its_dilution_allows(ended_min, released_min):
    """Minutes against the earliest end of dilution, and against `ready_at`, through the rules themselves."""
    journey = at("ordered", "PLACEBO")
    bag = journey.thing()
    ended = earliest_dilution_end(PROTOCOL, bag.ready_at) + timedelta(minutes=ended_min)
    journey.world.now = max(ended, journey.world.now)
    dilution = Dilute(treatment_bag=journey.bag, vials=(vial(),), drawn_ul=0, albumin_ul=VOLUME, ended_at=ended)
    journey.world.do(dilution, TECHNICIAN, SECOND_TECHNICIAN, beyond=ended_min < 0)
    journey.covered()
    journey.world.now = max(journey.world.now, bag.ready_at + timedelta(minutes=released_min))
    answer = journey.world.ask(ReleaseForDispatch(treatment_bag=journey.bag), RESPONSIBLE)
    safe = bag.expires_at <= journey.thing(Preparation).dilution_ended_at + timedelta(minutes=PROTOCOL.shelf_life)
    in_time = bag.ready_at <= journey.world.now < bag.expires_at
    assert isinstance(answer, Recorded) == (safe and in_time)
    if not isinstance(answer, Recorded):
        assert {refusal.reason for refusal in answer} <= {Reason.HOLD, Reason.DILUTED_EARLY, Reason.EXPIRED}
