"""The bedside check: right participant, right bag, right state, seen by two."""

import pytest

from custody.chain.refusals import Reason

from .journey import at
from .people import (
    INVESTIGATOR,
    INVESTIGATOR_OF_DIJON,
    NURSE,
    NURSE_OF_DIJON,
    SECOND_NURSE,
)


@pytest.fixture
def journey():
    return at("received")


def reasons(journey, nurse=NURSE, second=SECOND_NURSE, **more):
    return journey.world.reasons(journey.checking(**more), nurse, second)


def test_a_check_by_two_lets_the_infusion_start(journey):
    journey.world.do(journey.checking(), NURSE, INVESTIGATOR)
    assert (journey.thing().status, journey.thing().checked_at) == ("checked", journey.world.now)


def test_a_check_shows_on_the_participants_timeline(journey):
    journey.checked()
    assert journey.world.entries[-1].change.about == (journey.wristband,)


def test_the_bag_of_another_participant_is_refused(journey):
    other = journey.world.mint("participant")
    journey.world.put(next(journey.world.of("participant")), code=other)
    assert reasons(journey, wristband=other) == {Reason.WRONG_PARTICIPANT}


def test_an_unknown_wristband_is_refused(journey):
    assert reasons(journey, wristband=journey.world.mint("participant")) == {Reason.UNKNOWN}


def test_a_nurse_of_another_ward_may_not_check(journey):
    assert reasons(journey, NURSE_OF_DIJON) == {Reason.SITE, Reason.NOT_CUSTODIAN}


def test_the_second_person_works_at_the_ward_too(journey):
    assert reasons(journey, second=INVESTIGATOR_OF_DIJON) == {Reason.SECOND_SITE}


def test_who_does_not_hold_the_bag_does_not_check_it(journey):
    assert reasons(journey, SECOND_NURSE, NURSE) == {Reason.NOT_CUSTODIAN}


def test_an_expired_bag_is_refused(journey):
    journey.world.now = journey.thing().expires_at
    assert reasons(journey) == {Reason.BAG_EXPIRED}


def test_the_cover_is_on(journey):
    assert reasons(journey, cover_on=False) == {Reason.COVER}


def test_a_central_line_is_needed(journey):
    assert reasons(journey, central_line=False) == {Reason.CENTRAL_LINE}


def test_all_that_is_wrong_at_the_bedside_is_said_at_once(journey):
    journey.world.now = journey.thing().expires_at
    more = {"wristband": journey.world.mint("participant"), "cover_on": False, "central_line": False}
    assert reasons(journey, NURSE_OF_DIJON, INVESTIGATOR_OF_DIJON, **more) == {
        Reason.UNKNOWN,
        Reason.SITE,
        Reason.SECOND_SITE,
        Reason.NOT_CUSTODIAN,
        Reason.BAG_EXPIRED,
        Reason.COVER,
        Reason.CENTRAL_LINE,
    }
