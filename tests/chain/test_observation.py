"""Observations: at the protocol's minutes, not much before, and long after the bag is gone."""

from datetime import timedelta

import pytest

from custody.chain.correction import Correct
from custody.chain.disposal import ReturnBag
from custody.chain.observation import observed_at
from custody.chain.refusals import Reason

from .journey import VOLUME, at
from .people import INVESTIGATOR, NURSE, NURSE_OF_DIJON, SECOND_NURSE
from .trial import PROTOCOL


@pytest.fixture
def journey():
    return at("infusing")


def test_an_observation_ticks_its_minute_off(journey):
    journey.world.do(journey.observing(0), NURSE)
    journey.world.wait(15)
    journey.world.do(journey.observing(15), INVESTIGATOR)
    assert list(observed_at(journey.thing())) == [0, 15]


def test_a_minute_that_the_protocol_does_not_ask_for_is_refused(journey):
    refusals = journey.world.ask(journey.observing(20), NURSE)
    assert [r.reason for r in refusals] == [Reason.NOT_DUE]
    assert [r.text for r in refusals] == [
        "Vital signs are due at 0 min, 15 min, 30 min, 1 h, 6 h, 24 h, not at 20 min."
    ]


def test_an_observation_is_made_at_most_five_minutes_early(journey):
    journey.world.wait(10)
    early = journey.world.now - timedelta(seconds=1)
    assert journey.world.reasons(journey.observing(15), NURSE, occurred_at=early) == {Reason.OBSERVED_EARLY}
    journey.world.do(journey.observing(15), NURSE)


def test_who_is_too_early_is_told_how_to_record_it_all_the_same(journey):
    journey.world.wait(7)
    (refusal,) = journey.world.ask(journey.observing(15), NURSE)
    assert refusal.text.startswith("The observation at 15 min is not made before 2026-03-02 ")
    assert refusal.text.endswith(": until then, record it as not scheduled.")


def test_a_reaction_between_two_minutes_is_recorded_and_ticks_none_off(journey):
    journey.world.do(journey.observing(0), NURSE)
    journey.world.wait(7)
    journey.world.do(journey.observing(None, reaction="serious", words="rash"), NURSE)
    assert list(observed_at(journey.thing())) == [0]
    assert journey.world.entries[-1].change.payload["due_min"] is None
    journey.world.wait(8)
    journey.world.do(journey.observing(15), NURSE)


def test_an_observation_that_is_recorded_is_not_recorded_again_and_the_refusal_says_when_it_was(journey):
    first = journey.world.now
    journey.world.do(journey.observing(0), NURSE)
    journey.world.wait(15)
    (refusal,) = journey.world.ask(journey.observing(0, heart_rate_bpm=120), INVESTIGATOR)
    assert (refusal.reason, refusal.facts["due"]) == (Reason.OBSERVED_ALREADY, "0 min")
    assert refusal.facts["at"] == f"{PROTOCOL.site('NAN').local(first):%Y-%m-%d %H:%M %Z}"
    journey.world.do(journey.observing(None), INVESTIGATOR)
    journey.world.do(journey.observing(15), INVESTIGATOR)


def test_nothing_is_observed_before_the_start(journey):
    before = journey.thing().started_at - timedelta(seconds=1)
    assert journey.world.reasons(journey.observing(None), NURSE, occurred_at=before) == {Reason.ORDER_OF_TIMES}


def test_a_nurse_of_another_ward_may_not_observe(journey):
    assert journey.world.reasons(journey.observing(0), NURSE_OF_DIJON) == {Reason.SITE}


def test_observations_go_on_after_the_bag_is_destroyed():
    journey = at("destroyed")
    journey.world.wait(24 * 60)
    journey.world.do(journey.observing(1440, reaction="mild", words="fever"), NURSE)
    assert observed_at(journey.thing()) == {1440: journey.world.now}


def test_nobody_is_observed_after_a_bag_that_was_not_given():
    journey = at("received")
    unused = ReturnBag(treatment_bag=journey.bag, left_ul=VOLUME, lost_ul=0)
    journey.world.do(unused, NURSE, SECOND_NURSE)
    for minute in (0, None):
        assert journey.world.reasons(journey.observing(minute), NURSE) == {Reason.NOT_STARTED}


def test_the_worst_reaction_stays_with_the_bag_until_its_record_is_corrected(journey):
    seen = journey.world.now
    event = journey.world.do(journey.observing(None, reaction="serious", words="rash"), NURSE)
    journey.world.wait(5)
    journey.world.do(journey.observing(None, reaction="mild"), NURSE)
    assert (journey.thing().reaction, journey.thing().reaction_at) == ("serious", seen)
    wrong = Correct(event=event, field="reaction", value="none", reason="another bed")
    journey.world.do(wrong, NURSE)
    assert journey.thing().reaction == "none"
