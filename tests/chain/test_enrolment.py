"""Enrolment: every rule of eligibility, all at once, at the investigator's own ward."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custody.chain.refusals import Reason
from custody.chain.things import TRIAL, Participant, Trial

from .journey import at, enrolment
from .people import INVESTIGATOR, INVESTIGATOR_OF_DIJON

ANSWERS = {"adult": "yes", "shock": "yes", "pregnancy": "no", "dying": "no"}


@pytest.fixture
def journey():
    return at("stocked")


def enrol(journey, **more):
    return enrolment(journey.world, journey.wristband, **more)


def test_participants_are_numbered_by_site(journey):
    world = journey.world
    for investigator in (INVESTIGATOR, INVESTIGATOR_OF_DIJON, INVESTIGATOR):
        world.do(enrolment(world, world.mint("participant")), investigator)
    assert sorted(participant.number for participant in world.of("participant")) == ["DIJ-001", "NAN-001", "NAN-002"]
    assert world.get(Trial, TRIAL).enrolled == (("DIJ", 1), ("NAN", 2))


@pytest.mark.parametrize("weight_g", [29_999, 200_001])
def test_a_weight_without_dose_is_refused(journey, weight_g):
    assert journey.world.reasons(enrol(journey, weight_g=weight_g), INVESTIGATOR) == {Reason.WEIGHT}


@pytest.mark.parametrize("weight_g", [30_000, 200_000])
def test_the_limits_of_weight_belong_to_it(journey, weight_g):
    journey.world.do(enrol(journey, weight_g=weight_g), INVESTIGATOR)
    assert journey.thing(Participant).weight_g == weight_g


@pytest.mark.parametrize(
    ("criterion", "answer", "reason"),
    [
        ("adult", "no", Reason.INCLUSION),
        ("pregnancy", "yes", Reason.EXCLUSION),
        ("shock", "perhaps", Reason.UNKNOWN_CRITERION),
    ],
)
def test_each_criterion_is_answered_and_met(journey, criterion, answer, reason):
    answers = tuple((ANSWERS | {criterion: answer}).items())
    assert journey.world.reasons(enrol(journey, answers=answers), INVESTIGATOR) == {reason}


@pytest.mark.parametrize("consent", ["", "nobody"])
def test_consent_is_recorded(journey, consent):
    reason = Reason.NOT_A_CHOICE if consent else Reason.MISSING
    assert journey.world.reasons(enrol(journey, consent=consent), INVESTIGATOR) == {reason}


def test_a_shock_that_began_too_long_ago_is_refused(journey):
    journey.world.wait(24 * 60)
    late = enrol(journey, onset_at=journey.world.now - timedelta(hours=12))
    assert journey.world.reasons(late, INVESTIGATOR) == {Reason.ONSET}


def test_a_shock_that_has_not_begun_is_refused(journey):
    early = enrol(journey, onset_at=journey.world.now + timedelta(seconds=1))
    assert journey.world.reasons(early, INVESTIGATOR) == {Reason.IN_FUTURE}


def test_all_that_keeps_a_person_out_is_said_at_once(journey):
    world = journey.world
    world.now -= timedelta(days=2)
    command = enrol(journey, weight_g=1000, onset_at=world.now - timedelta(hours=13), answers=(("adult", "no"),))
    assert world.reasons(command, INVESTIGATOR) == {
        Reason.WEIGHT,
        Reason.ONSET,
        Reason.WINDOW,
        Reason.INCLUSION,
        Reason.UNKNOWN_CRITERION,
    }


@pytest.mark.parametrize("site", ["UNIT", "", "MARS"])
def test_nobody_enrols_but_at_an_intensive_care_unit(journey, site):
    elsewhere = replace(INVESTIGATOR, site=site)
    assert journey.world.reasons(enrol(journey), elsewhere) == {Reason.SITE_UNKNOWN}


def test_a_wristband_that_is_another_things_code_is_refused(journey):
    wrong = enrolment(journey.world, journey.shipper)
    assert journey.world.reasons(wrong, INVESTIGATOR) == {Reason.WRONG_KIND}


def test_a_trial_that_was_reconciled_runs_again(journey):
    journey.world.put(journey.world.get(Trial, TRIAL), status="reconciled")
    journey.world.do(enrol(journey), INVESTIGATOR)
    assert journey.world.get(Trial, TRIAL).status == "running"
