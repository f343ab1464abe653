"""Release for dispatch: after the hold, before the expiry, by someone who had no hand in it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custody.chain.ordering import CancelOrder
from custody.chain.refusals import Reason
from custody.chain.release import ReleaseForDispatch
from custody.chain.things import Preparation

from .journey import at
from .people import INVESTIGATOR, RESPONSIBLE, TECHNICIAN


@pytest.fixture(params=["MSC", "PLACEBO"])
def journey(request):
    """A covered bag of each arm, on the minute at which it may go."""
    journey = at("covered", request.param)
    journey.world.now = journey.thing().ready_at
    return journey


def reasons(journey, actor=RESPONSIBLE):
    return journey.world.reasons(ReleaseForDispatch(treatment_bag=journey.bag), actor)


def test_a_released_bag_is_in_the_hands_of_who_covered_it(journey):
    journey.released()
    assert journey.thing().custodian == TECHNICIAN.code


def test_nothing_leaves_before_the_hold_is_over(journey):
    journey.world.now -= timedelta(microseconds=1)
    assert reasons(journey) == {Reason.HOLD}


def test_the_minute_that_the_hold_names_is_one_that_serves(journey):
    ready = journey.thing().ready_at
    journey.world.put(journey.thing(), ready_at=ready + timedelta(seconds=20))
    [hold] = journey.world.ask(ReleaseForDispatch(treatment_bag=journey.bag), RESPONSIBLE)
    journey.world.put(journey.thing(), ready_at=ready + timedelta(minutes=1))
    [whole] = journey.world.ask(ReleaseForDispatch(treatment_bag=journey.bag), RESPONSIBLE)
    assert hold.text == whole.text


def test_an_expired_bag_does_not_leave(journey):
    journey.world.now = journey.thing().expires_at
    assert reasons(journey) == {Reason.EXPIRED}


def test_a_dilution_that_ended_too_early_for_the_printed_expiry_does_not_leave(journey):
    earliest = journey.thing().ready_at - timedelta(minutes=45)
    journey.world.put(journey.thing(Preparation), dilution_ended_at=earliest - timedelta(microseconds=1))
    assert reasons(journey) == {Reason.DILUTED_EARLY}
    journey.world.put(journey.thing(Preparation), dilution_ended_at=earliest)
    journey.released()


def test_the_hold_and_a_dilution_that_ended_too_early_are_told_apart(journey):
    ready = journey.thing().ready_at
    journey.world.put(journey.thing(Preparation), dilution_ended_at=ready - timedelta(minutes=50))
    journey.world.now = ready - timedelta(minutes=5)
    hold, early = journey.world.ask(ReleaseForDispatch(treatment_bag=journey.bag), RESPONSIBLE)
    assert hold.text == f"Ready at {hold.facts['ready']}: nothing is released before the blinding hold is over."
    assert early.text.endswith("Waiting does not help: discard the preparation and prepare anew.")
    assert hold.facts["ready"] != early.facts["earliest"] != early.facts["ended"]


def test_who_prepared_or_verified_a_bag_does_not_release_it(journey):
    for place in range(4):
        preparers = [TECHNICIAN.code] * 4
        preparers[place] = RESPONSIBLE.code
        journey.world.put(journey.thing(Preparation), preparers=tuple(preparers))
        assert reasons(journey) == {Reason.OWN_PREPARATION}


def test_a_cancelled_order_does_not_leave(journey):
    journey.world.do(CancelOrder(treatment_bag=journey.bag, reason="died"), INVESTIGATOR)
    assert reasons(journey) == {Reason.STATE}


def test_a_dose_that_a_correction_made_wrong_does_not_leave(journey):
    preparation = journey.thing(Preparation)
    journey.world.put(preparation, actual_cells=preparation.prescribed_cells * 2 + 1)
    assert reasons(journey) == {Reason.DOSE}


def test_a_volume_that_a_correction_made_wrong_does_not_leave(journey):
    journey.world.put(journey.thing(Preparation), albumin_ul=100_000)
    assert reasons(journey) == {Reason.VOLUME}


def test_all_that_keeps_a_bag_back_is_said_at_once(journey):
    preparation = replace(journey.thing(Preparation), preparers=(RESPONSIBLE.code,) * 4, albumin_ul=0)
    journey.world.put(preparation, dilution_ended_at=journey.world.now - timedelta(hours=3))
    journey.world.now = journey.thing().expires_at
    assert reasons(journey) == {Reason.EXPIRED, Reason.DILUTED_EARLY, Reason.OWN_PREPARATION, Reason.VOLUME}
