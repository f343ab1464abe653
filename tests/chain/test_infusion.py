"""The infusion, on the bedside's clock: soon after the check, before the expiry, its pauses left out."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custody.chain.bedside import check_until
from custody.chain.expiry import expired_in_pause
from custody.chain.infusion import PauseInfusion, ResumeInfusion, StartInfusion
from custody.chain.refusals import Reason
from custody.chain.things import Participant

from .journey import at
from .people import NURSE, NURSE_OF_DIJON, SECOND_NURSE
from .trial import PROTOCOL


@pytest.fixture
def checked():
    return at("checked")


@pytest.fixture
def infusing():
    return at("infusing")


def start(journey):
    return StartInfusion(treatment_bag=journey.bag)


def pause(journey):
    return PauseInfusion(treatment_bag=journey.bag)


def resume(journey):
    return ResumeInfusion(treatment_bag=journey.bag)


def last(journey):
    return journey.world.entries[-1].change.payload


def test_any_nurse_of_the_ward_may_start(checked):
    checked.world.do(start(checked), SECOND_NURSE)
    assert checked.thing().started_at == checked.world.now


def test_a_nurse_of_another_ward_may_not_start(checked):
    assert checked.world.reasons(start(checked), NURSE_OF_DIJON) == {Reason.SITE}


def test_a_check_holds_for_its_minutes_and_no_longer(checked):
    checked.world.wait(15)
    checked.world.do(start(checked), NURSE)
    late = at("checked")
    late.world.wait(15)
    late.world.now += timedelta(microseconds=1)
    assert late.world.reasons(start(late), NURSE) == {Reason.CHECK_TOO_OLD}


def test_the_minute_until_which_a_check_holds_is_told(checked):
    assert check_until(checked.thing(), PROTOCOL) == checked.world.now + timedelta(minutes=15)
    assert check_until(at("received").thing(), PROTOCOL) is None


@pytest.mark.parametrize("status", ["paused", "infusing", "stopped"])
def test_what_expired_in_its_pause_goes_on_no_more(checked, status):
    bag = replace(checked.thing(), status=status)
    before, after = bag.expires_at - timedelta(seconds=1), bag.expires_at
    assert [expired_in_pause(bag, now) for now in (before, after)] == [False, status == "paused"]


def test_a_start_entered_later_is_judged_by_when_it_happened(checked):
    happened = checked.world.now + timedelta(minutes=10)
    checked.world.wait(60)
    checked.world.do(start(checked), NURSE, occurred_at=happened)
    assert checked.thing().started_at == happened


def test_an_infusion_does_not_start_before_its_check(checked):
    before = checked.world.now - timedelta(seconds=1)
    assert checked.world.reasons(start(checked), NURSE, occurred_at=before) == {Reason.ORDER_OF_TIMES}


def test_an_expired_bag_is_not_started(checked):
    checked.world.now = checked.thing().expires_at
    checked.world.put(checked.thing(), checked_at=checked.world.now)
    assert checked.world.reasons(start(checked), NURSE) == {Reason.BAG_EXPIRED}


def test_all_that_keeps_an_infusion_from_starting_is_said_at_once(checked):
    checked.world.now = checked.thing().expires_at
    assert checked.world.reasons(start(checked), NURSE_OF_DIJON) == {
        Reason.SITE,
        Reason.CHECK_TOO_OLD,
        Reason.BAG_EXPIRED,
    }


def test_pauses_are_left_out_of_the_time_it_ran(infusing):
    world = infusing.world
    for _ in range(2):
        world.wait(10)
        world.do(pause(infusing), NURSE)
        world.wait(7)
        world.do(resume(infusing), NURSE)
    world.wait(10)
    world.do(infusing.stopping(), NURSE)
    assert last(infusing)["infused_s"] == 30 * 60
    assert infusing.thing().paused_s == 14 * 60


def test_a_pause_that_ends_with_the_infusion_is_left_out_too(infusing):
    infusing.world.wait(20)
    infusing.world.do(pause(infusing), NURSE)
    infusing.world.wait(15)
    infusing.world.do(infusing.stopping(150_000, "reaction"), NURSE)
    assert (last(infusing)["infused_s"], last(infusing)["as_planned"]) == (20 * 60, False)


@pytest.mark.parametrize(("minutes", "as_planned"), [(24, False), (25, True), (45, True), (46, False)])
@pytest.mark.parametrize("reason", ["complete", "other"])
def test_a_short_or_long_infusion_says_why_and_is_on_record_as_such(infusing, minutes, as_planned, reason):
    infusing.world.wait(minutes)
    if not as_planned:
        refusals = infusing.world.ask(infusing.stopping(reason=reason), NURSE)
        assert [refusal.text for refusal in refusals] == [
            f"The infusion ran {minutes} min; 25 to 45 min are expected: say why, in words."
        ]
    infusing.world.do(infusing.stopping(reason=reason, words="" if as_planned else "pump too fast"), NURSE)
    assert last(infusing)["as_planned"] is as_planned


@pytest.mark.parametrize("arm", ["MSC", "PLACEBO"])
def test_less_given_than_expected_says_why(arm):
    infusing = at("infusing", arm)
    infusing.world.wait(30)
    little = infusing.stopping(237_499)
    refusals = infusing.world.ask(little, NURSE)
    assert [refusal.reason for refusal in refusals] == [Reason.VOLUME_UNEXPLAINED]
    assert [refusal.text for refusal in refusals] == ["237.499 ml given; 250 ml are expected: say why, in words."]
    assert not isinstance(infusing.world.ask(infusing.stopping(237_500), NURSE), tuple)
    infusing.world.do(infusing.stopping(237_499, words="spilt at the line"), NURSE)
    assert last(infusing)["words"] == "spilt at the line"


@pytest.mark.parametrize("reason", ["reaction", "line", "death"])
def test_a_reason_that_explains_itself_needs_no_words(infusing, reason):
    infusing.world.wait(3)
    infusing.world.do(infusing.stopping(20_000, reason), NURSE)
    assert infusing.thing().status == "infused"


def test_pauses_do_not_make_an_infusion_longer(infusing):
    infusing.world.wait(20)
    infusing.world.do(pause(infusing), NURSE)
    infusing.world.wait(60)
    assert infusing.world.reasons(infusing.stopping(), NURSE) == {Reason.DURATION_UNEXPLAINED}
    infusing.world.do(resume(infusing), NURSE)
    infusing.world.wait(10)
    infusing.world.do(infusing.stopping(), NURSE)


def test_no_step_happens_before_the_one_that_it_follows(infusing):
    world = infusing.world
    before = world.now - timedelta(seconds=1)
    for step in (pause(infusing), infusing.stopping()):
        assert world.reasons(step, NURSE, occurred_at=before) == {Reason.ORDER_OF_TIMES}
    world.wait(10)
    world.do(pause(infusing), NURSE)
    assert world.reasons(resume(infusing), NURSE, occurred_at=before) == {Reason.ORDER_OF_TIMES}


def test_a_nurse_of_another_ward_may_not_pause_resume_or_stop(infusing):
    world = infusing.world
    for step in (pause(infusing), infusing.stopping(words="ended")):
        assert world.reasons(step, NURSE_OF_DIJON) == {Reason.SITE}
    world.do(pause(infusing), NURSE)
    assert world.reasons(resume(infusing), NURSE_OF_DIJON) == {Reason.SITE}


def test_a_bag_that_expired_in_a_pause_does_not_go_on(infusing):
    infusing.world.do(pause(infusing), NURSE)
    infusing.world.now = infusing.thing().expires_at
    assert infusing.world.reasons(resume(infusing), NURSE) == {Reason.BAG_EXPIRED}


def test_no_more_is_given_than_a_bag_can_hold(infusing):
    infusing.world.wait(30)
    assert infusing.world.reasons(infusing.stopping(262_501), NURSE) == {Reason.GIVEN}
    infusing.world.do(infusing.stopping(262_500), NURSE)


def test_after_the_infusion_nothing_is_ordered_any_more(infusing):
    infusing.infused()
    assert infusing.thing(Participant).status == "infused"
