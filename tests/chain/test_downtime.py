"""What was done on paper while the network was down: as of its own time, and in order."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custody.chain.downtime import has_twin
from custody.chain.infusion import PauseInfusion, ResumeInfusion, StartInfusion
from custody.chain.ordering import Order
from custody.chain.refusals import Reason
from custody.chain.step import STEPS
from custody.chain.things import Deviation

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
    assert journey.world.reasons(journey.checking(), NURSE, SECOND_NURSE, **done) == {Reason.EXPIRED}


def outdated():
    """Give a journey whose infusion began on paper after its bag had expired, and when."""
    journey = at("checked")
    journey.world.now = journey.thing().expires_at + timedelta(minutes=5)
    return journey, late(journey, 60)


def test_what_was_given_too_late_on_paper_is_on_record_once_it_is_signed_to_be_so():
    """The stop and the vital signs follow: what was given was given."""
    journey, done = outdated()
    start = StartInfusion(treatment_bag=journey.bag)
    assert journey.world.reasons(start, NURSE, **done) == {Reason.EXPIRED, Reason.CHECK_LONG_BEFORE}
    journey.world.do(start, NURSE, beyond=True, **done)
    assert journey.thing().started_at == done["occurred_at"]
    [raised] = journey.world.find(Deviation, "open")
    assert (raised.about, raised.raised_by, raised.site) == (journey.bag, NURSE.code, NURSE.site)
    assert {reason for reason, *_ in raised.out} == {Reason.EXPIRED, Reason.CHECK_LONG_BEFORE}


def test_so_is_a_check_without_its_cover_or_of_an_expired_bag():
    journey = at("received")
    journey.world.now = journey.thing().expires_at
    done = late(journey, 60)
    check = replace(journey.checking(), cover_on=False, central_line=False)
    found = journey.world.reasons(check, NURSE, SECOND_NURSE, **done)
    assert found == {Reason.EXPIRED, Reason.COVER, Reason.CENTRAL_LINE} == check.BEYOND_ON_PAPER
    journey.world.do(check, NURSE, SECOND_NURSE, beyond=True, **done)
    assert journey.thing().status == "checked"


def test_an_infusion_that_went_on_with_an_expired_bag_is_too():
    journey = at("infusing")
    pause, resume = PauseInfusion(treatment_bag=journey.bag), ResumeInfusion(treatment_bag=journey.bag)
    journey.world.do(pause, NURSE)
    journey.world.now = journey.thing().expires_at
    done = late(journey, 60)
    assert journey.world.reasons(resume, NURSE, **done) == {Reason.EXPIRED}
    journey.world.do(resume, NURSE, beyond=True, **done)
    assert [one.about for one in journey.world.find(Deviation, "open")] == [journey.bag]


def test_where_the_page_answers_no_signature_gives_an_expired_bag():
    journey, _done = outdated()
    start = StartInfusion(treatment_bag=journey.bag)
    assert journey.world.reasons(start, NURSE, beyond=True) == {Reason.BAG_EXPIRED, Reason.CHECK_TOO_OLD}


def test_in_time_it_raises_nothing_though_it_was_signed():
    journey = at("checked")
    done = late(journey, 60)
    journey.world.do(StartInfusion(treatment_bag=journey.bag), NURSE, beyond=True, **done)
    assert journey.world.find(Deviation, "open") == []


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
