"""What was done on paper while the network was down: as of its own time, and in order."""

from datetime import timedelta

import pytest

from custody.chain.downtime import has_twin
from custody.chain.ordering import Order
from custody.chain.refusals import Reason
from custody.chain.step import STEPS

from .journey import at
from .people import INVESTIGATOR, NURSE, SECOND_NURSE


def late(journey, minutes):
    """Enter it so many minutes after it was done."""
    done_at = journey.world.now
    journey.world.now += timedelta(minutes=minutes)
    return {"occurred_at": done_at, "downtime": True}


def test_a_bag_checked_in_time_is_not_refused_when_the_network_is_back():
    journey = at("received")
    done = late(journey, 24 * 60)
    assert journey.world.reasons(journey.checking(), NURSE, SECOND_NURSE) == {Reason.BAG_EXPIRED}
    journey.world.do(journey.checking(), NURSE, SECOND_NURSE, **done)
    assert journey.thing().checked_at == done["occurred_at"]


def test_a_bag_checked_too_late_is_refused_on_paper_too():
    journey = at("received")
    journey.world.now = journey.thing().expires_at
    done = late(journey, 60)
    assert journey.world.reasons(journey.checking(), NURSE, SECOND_NURSE, **done) == {Reason.BAG_EXPIRED}


def test_nothing_is_done_before_what_it_follows():
    journey = at("received")
    early = {"occurred_at": journey.world.entries[-1].occurred_at - timedelta(minutes=1), "downtime": True}
    assert journey.world.reasons(journey.checking(), NURSE, SECOND_NURSE, **early) == {Reason.BEFORE_THE_LAST}


def test_within_the_same_minute_one_may_follow_the_other():
    journey = at("received")
    last = journey.world.entries[-1].occurred_at
    same = {"occurred_at": last.replace(second=0, microsecond=0), "downtime": True}
    journey.world.do(journey.checking(), NURSE, SECOND_NURSE, **same)


def test_nothing_on_paper_lies_in_the_future():
    journey = at("received")
    ahead = {"occurred_at": journey.world.now + timedelta(minutes=5), "downtime": True}
    assert journey.world.reasons(journey.checking(), NURSE, SECOND_NURSE, **ahead) == {Reason.IN_FUTURE}


def test_an_order_is_drawn_here_alone():
    journey = at("enrolled")
    done = late(journey, 1)
    order = Order(participant=journey.wristband)
    assert journey.world.reasons(order, INVESTIGATOR, **done) == {Reason.NOT_ON_PAPER}


@pytest.mark.parametrize("name", ["order", "break_code", "unseal", "correct", "reconcile", "add_person"])
def test_what_happens_in_this_system_alone_has_no_form(name):
    assert not has_twin(STEPS[name].SPEC)


@pytest.mark.parametrize("name", ["store", "thaw", "dilute", "hand_over", "start_infusion", "observe", "return_bag"])
def test_what_hands_do_has_a_form(name):
    assert has_twin(STEPS[name].SPEC)
