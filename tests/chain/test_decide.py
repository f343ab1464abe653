"""The conditions that every step shares: who, what, signed by whom, when; all that fails is said together."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custody.chain.decide import CLOCK_TOLERANCE, decide
from custody.chain.deviation import RaiseDeviation
from custody.chain.disposal import ReturnBag
from custody.chain.infusion import PauseInfusion
from custody.chain.ordering import CancelOrder, Order
from custody.chain.refusals import Reason
from custody.chain.scene import SealedPlaneClosed
from custody.chain.step import Recorded, steps_for
from custody.chain.storage import Store
from custody.chain.things import Cryobag, Lot

from .journey import VOLUME, at, enrolment
from .people import COURIER, INVESTIGATOR, NURSE, SECOND_NURSE, TECHNICIAN
from .world import sign


def test_a_closed_account_may_do_nothing():
    journey = at("infusing")
    pause = PauseInfusion(treatment_bag=journey.bag)
    assert journey.world.reasons(pause, replace(NURSE, status="closed")) == {Reason.INACTIVE}


def test_a_role_nobody_knows_may_do_nothing():
    journey = at("infusing")
    pause = PauseInfusion(treatment_bag=journey.bag)
    assert journey.world.reasons(pause, replace(NURSE, role="porter")) == {Reason.ROLE}


def test_a_blinded_person_learns_nothing_of_a_sealed_thing_that_is_there():
    journey = at("stocked")
    there = Store(cryobag=journey.cryobags[0], location=journey.cryobags[0])
    gone = Store(cryobag="CBBBBBBBBBBB", location="CBBBBBBBBBBB")
    assert journey.world.ask(there, NURSE) == journey.world.ask(gone, NURSE)


def test_a_code_that_is_not_known_is_refused():
    journey = at("infusing")
    assert journey.world.reasons(PauseInfusion(treatment_bag=journey.world.mint("treatment_bag")), NURSE) == {
        Reason.UNKNOWN
    }


def test_a_code_of_another_kind_is_refused():
    journey = at("infusing")
    assert Reason.WRONG_KIND in journey.world.reasons(PauseInfusion(treatment_bag=journey.shipper), NURSE)


def test_a_code_with_a_wrong_check_symbol_is_refused():
    journey = at("infusing")
    spoilt = journey.bag[:-1] + ("B" if journey.bag[-1] != "B" else "C")
    assert Reason.UNREADABLE in journey.world.reasons(PauseInfusion(treatment_bag=spoilt), NURSE)


def test_a_code_spelled_in_another_way_is_refused():
    journey = at("infusing")
    assert Reason.NOT_SPELLED in journey.world.reasons(PauseInfusion(treatment_bag=journey.bag.lower()), NURSE)


def test_a_step_in_the_wrong_state_says_what_it_needs():
    journey = at("checked")
    refusals = journey.world.ask(PauseInfusion(treatment_bag=journey.bag), NURSE)
    assert [refusal.text for refusal in refusals] == [f"{journey.bag} is checked; this step needs: infusing."]


def test_what_is_recorded_already_is_not_made_again():
    journey = at("enrolled")
    assert journey.world.reasons(enrolment(journey.world, journey.wristband), INVESTIGATOR) == {Reason.EXISTS}


def test_a_missing_signature_is_said():
    journey = at("ordered")
    cancel = CancelOrder(treatment_bag=journey.bag, reason="died")
    assert journey.world.reasons(cancel, INVESTIGATOR, signed=False) == {Reason.SIGNATURE}


def test_a_signature_with_another_meaning_is_none():
    journey = at("ordered")
    cancel = CancelOrder(treatment_bag=journey.bag, reason="died")
    scene = journey.world.scene(cancel.SPEC, INVESTIGATOR)
    scene = replace(scene, signatures=(sign(INVESTIGATOR, "I like this order", scene.now),))
    assert decided(cancel, scene) == [Reason.SIGNATURE]


def test_a_missing_second_person_is_said():
    journey = at("infused")
    assert journey.world.reasons(giving_back(journey), NURSE) == {Reason.SECOND_PERSON}


def test_a_second_person_who_did_not_sign_is_said():
    journey = at("infused")
    step = giving_back(journey)
    scene = journey.world.scene(step.SPEC, NURSE, SECOND_NURSE)
    scene = replace(scene, signatures=scene.signatures[:1])
    assert decided(step, scene) == [Reason.SECOND_PERSON]


def test_nobody_is_their_own_second_person():
    journey = at("infused")
    assert journey.world.reasons(giving_back(journey), NURSE, NURSE) == {Reason.SAME_PERSON}


def test_the_second_person_needs_a_role_that_may_sign():
    journey = at("diluted")
    cover = journey.dilution()
    assert Reason.SECOND_ROLE in journey.world.reasons(cover, TECHNICIAN, COURIER)


def test_a_second_person_whose_account_is_closed_does_not_count():
    journey = at("infused")
    left = replace(SECOND_NURSE, status="closed")
    assert journey.world.reasons(giving_back(journey), NURSE, left) == {Reason.INACTIVE}


@pytest.mark.parametrize("ahead", [timedelta(seconds=61), timedelta(days=1)])
def test_nothing_happened_in_the_future(ahead):
    journey = at("infusing")
    pause = PauseInfusion(treatment_bag=journey.bag)
    assert journey.world.reasons(pause, NURSE, occurred_at=journey.world.now + ahead) == {Reason.CLOCK_AHEAD}


def test_a_clock_may_be_a_minute_ahead():
    journey = at("infusing")
    ahead = journey.world.now + CLOCK_TOLERANCE
    assert isinstance(journey.world.ask(PauseInfusion(treatment_bag=journey.bag), NURSE, occurred_at=ahead), Recorded)


def test_what_was_done_long_ago_may_be_entered_now():
    journey = at("stocked")
    long_ago = journey.world.now - timedelta(days=10)
    assert isinstance(journey.world.ask(RaiseDeviation(what="no network"), NURSE, occurred_at=long_ago), Recorded)


def test_all_that_fails_is_said_in_one_answer():
    journey = at("infused")
    world = journey.world
    step = ReturnBag(treatment_bag=journey.bag, left_ul=VOLUME, lost_ul=0)
    assert world.reasons(step, SECOND_NURSE, COURIER, signed=False, occurred_at=world.now + timedelta(hours=1)) == {
        Reason.SIGNATURE,
        Reason.SECOND_PERSON,
        Reason.CLOCK_AHEAD,
        Reason.NOT_CUSTODIAN,
        Reason.ACCOUNT,
    }


def test_a_step_whose_thing_is_in_another_state_is_not_asked_for_its_own_conditions():
    journey = at("checked")
    step = ReturnBag(treatment_bag=journey.shipper, left_ul=0, lost_ul=0)
    assert journey.world.reasons(step, NURSE, SECOND_NURSE) == {Reason.WRONG_KIND, Reason.UNKNOWN}


def test_an_open_step_cannot_look_at_the_sealed_plane():
    journey = at("ordered")
    scene = journey.world.scene(CancelOrder.SPEC, INVESTIGATOR)
    for kind in (Lot, Cryobag):
        with pytest.raises(SealedPlaneClosed):
            scene.get(kind, journey.din)
        with pytest.raises(SealedPlaneClosed):
            scene.find(kind, "released")


def test_an_order_is_refused_for_the_same_reasons_in_both_arms():
    answers = [
        [refusal.reason for refusal in journey.world.ask(Order(participant=journey.wristband), INVESTIGATOR)]
        for journey in (at("ordered", "MSC"), at("ordered", "PLACEBO"))
    ]
    assert answers == [[Reason.STATE], [Reason.STATE]]


def test_a_page_offers_the_steps_of_a_role_and_a_state():
    paused = [spec.name for spec in steps_for("icu_nurse", "treatment_bag", "paused", locked=False)]
    assert sorted(paused) == ["observe", "resume_infusion", "stop_infusion"]
    assert steps_for("courier", "lot", "released", locked=False) == []


def test_once_the_data_are_locked_a_page_offers_what_records_no_new_fact():
    assert steps_for("icu_nurse", "treatment_bag", "infused", locked=False) != []
    assert steps_for("icu_nurse", "treatment_bag", "infused", locked=True) == []
    assert [spec.name for spec in steps_for("monitor", "deviation", "open", locked=True)] == ["close_deviation"]


def test_a_page_offers_what_may_begin_with_a_code_that_is_not_recorded_yet():
    assert [spec.name for spec in steps_for("cell_technician", "lot", "", locked=False)] == ["register_lot"]
    assert [spec.name for spec in steps_for("investigator", "participant", "", locked=False)] == ["enrol"]
    assert [spec.name for spec in steps_for("cell_technician", "shipper", "", locked=False)] == ["pack"]
    assert steps_for("icu_nurse", "cryobag", "", locked=False) == []


def giving_back(journey):
    return ReturnBag(treatment_bag=journey.bag, left_ul=0, lost_ul=0)


def decided(command, scene):
    return [refusal.reason for refusal in decide(command, scene)]
