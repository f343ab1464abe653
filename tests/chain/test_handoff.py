"""Handoffs of a shipper: both sign, one holds it before and after, and what is refused finds its way back."""

from dataclasses import replace

import pytest

from custody.chain.dispatch import Unpack
from custody.chain.handoff import HandOverShipper, RefuseHandoff
from custody.chain.refusals import Reason
from custody.chain.things import Shipper

from .journey import at
from .people import (
    COURIER,
    NURSE,
    NURSE_OF_DIJON,
    RESPONSIBLE,
    SECOND_COURIER,
    SECOND_NURSE,
    SECOND_TECHNICIAN,
    TECHNICIAN,
)


@pytest.fixture
def journey():
    return at("in_transit")


def reasons(journey, giver, receiver, **more):
    return journey.world.reasons(journey.handing(**more), giver, receiver)


def shipper(journey):
    return journey.world.get(Shipper, journey.shipper)


def test_shipper_and_bags_change_hands_together(journey):
    journey.world.do(journey.handing(), COURIER, SECOND_COURIER)
    assert shipper(journey).custodian == journey.thing().custodian == SECOND_COURIER.code
    assert (shipper(journey).status, journey.thing().status) == ("packed", "in_transit")


def test_at_its_destination_the_shipper_is_opened(journey):
    journey.received()
    assert (shipper(journey).status, shipper(journey).bags) == ("opened", ())
    assert (journey.thing().status, journey.thing().shipper) == ("received", "")
    assert journey.thing().custodian == NURSE.code


def test_within_the_unit_nothing_has_left_yet():
    journey = at("packed")
    journey.world.do(journey.handing(), TECHNICIAN, RESPONSIBLE)
    assert journey.thing().status == "packed"


def test_only_the_custodian_gives(journey):
    refusals = journey.world.ask(journey.handing(), SECOND_COURIER, NURSE)
    assert [refusal.text for refusal in refusals] == ["You do not hold it: Carl does."]


def test_an_empty_shipper_is_taken_from_its_custodian_alone():
    journey = at("received")
    assert reasons(journey, SECOND_NURSE, COURIER) == {Reason.NOT_CUSTODIAN}


def test_a_broken_seal_is_not_taken_over(journey):
    assert reasons(journey, COURIER, NURSE, seal_intact=False) == {Reason.SEAL}


def test_a_damaged_shipper_is_not_taken_over(journey):
    assert reasons(journey, COURIER, NURSE, condition_good=False) == {Reason.CONDITION}


@pytest.mark.parametrize("temperature_dc", [19, 81, -10])
def test_a_shipper_that_got_warm_or_froze_is_not_taken_over(journey, temperature_dc):
    assert reasons(journey, COURIER, NURSE, temperature_dc=temperature_dc) == {Reason.TEMPERATURE}


def test_a_nurse_of_another_ward_does_not_take_it(journey):
    refusals = journey.world.ask(journey.handing(), COURIER, NURSE_OF_DIJON)
    assert [refusal.text for refusal in refusals] == ["Dora works at DIJ; this belongs to NAN."]


def test_all_that_is_wrong_with_a_handoff_is_said_at_once(journey):
    more = {"seal_intact": False, "condition_good": False, "temperature_dc": 250}
    assert reasons(journey, SECOND_COURIER, NURSE_OF_DIJON, **more) == {
        Reason.NOT_CUSTODIAN,
        Reason.SECOND_SITE,
        Reason.SEAL,
        Reason.CONDITION,
        Reason.TEMPERATURE,
    }


def test_giver_and_receiver_both_sign(journey):
    assert journey.world.reasons(journey.handing(), COURIER, NURSE, signed=False) == {
        Reason.SIGNATURE,
        Reason.SECOND_PERSON,
    }


def test_what_was_refused_comes_back_to_the_unit_as_it_is(journey):
    journey.world.do(RefuseHandoff(shipper=journey.shipper, why="seal"), NURSE)
    assert journey.thing().custodian == COURIER.code
    journey.world.do(
        journey.handing(seal_intact=False, condition_good=False, temperature_dc=250), COURIER, SECOND_TECHNICIAN
    )
    assert shipper(journey).custodian == journey.thing().custodian == SECOND_TECHNICIAN.code
    assert journey.thing().status == "in_transit"


def test_an_empty_shipper_goes_back_whatever_its_seal_and_temperature():
    journey = at("received")
    journey.world.do(journey.handing(seal_intact=False, temperature_dc=250), NURSE, COURIER)
    assert shipper(journey).custodian == COURIER.code
    assert journey.thing().custodian == NURSE.code


def test_a_refusal_moves_nothing_and_is_kept_with_the_shipper_and_the_bags_in_it(journey):
    before = journey.world.get(Shipper, journey.shipper), journey.thing()
    journey.world.do(RefuseHandoff(shipper=journey.shipper, why="temperature", words="12 °C"), NURSE)
    assert (replace(shipper(journey), refused=()), replace(journey.thing(), refused=())) == before
    for thing in (shipper(journey), journey.thing()):
        assert thing.refused[:3] == (NURSE.code, "temperature", "12 °C")
    assert journey.world.entries[-1].change.payload["custodian"] == COURIER.code


def test_a_handoff_after_a_refusal_says_what_changed_and_ends_it(journey):
    journey.world.do(RefuseHandoff(shipper=journey.shipper, why="wrong"), NURSE)
    assert reasons(journey, COURIER, NURSE, changed="") == {Reason.REFUSED_BEFORE}
    journey.world.do(journey.handing(changed="the ward had another in mind"), COURIER, NURSE)
    assert shipper(journey).refused == journey.thing().refused == ()
    assert shipper(journey).given_by == COURIER.code
    assert journey.world.entries[-1].change.payload["changed"] == "the ward had another in mind"


def test_another_reason_to_refuse_needs_words(journey):
    refuse = RefuseHandoff(shipper=journey.shipper, why="other")
    assert journey.world.reasons(refuse, NURSE) == {Reason.MISSING}


def test_what_is_unpacked_and_packed_again_is_refused_no_more():
    journey = at("packed")
    journey.world.do(RefuseHandoff(shipper=journey.shipper, why="seal"), COURIER)
    journey.world.do(Unpack(shipper=journey.shipper, reason="seal torn"), TECHNICIAN)
    assert shipper(journey).refused == journey.thing().refused == ()


def test_who_holds_it_cannot_refuse_it(journey):
    refuse = RefuseHandoff(shipper=journey.shipper, why="other", words="two labels")
    assert journey.world.reasons(refuse, COURIER) == {Reason.HOLDS_IT}


def test_a_nurse_of_another_ward_cannot_refuse_it(journey):
    refuse = RefuseHandoff(shipper=journey.shipper, why="other", words="two labels")
    assert journey.world.reasons(refuse, NURSE_OF_DIJON) == {Reason.SITE}
    assert not RefuseHandoff.offered(shipper(journey), NURSE_OF_DIJON)
    for person in (SECOND_COURIER, TECHNICIAN, SECOND_NURSE):
        journey.world.do(refuse, person)


def test_a_page_offers_the_handoff_to_who_holds_it_and_the_refusal_to_others(journey):
    held = shipper(journey)
    assert HandOverShipper.offered(held, COURIER)
    assert not HandOverShipper.offered(held, NURSE)
    assert RefuseHandoff.offered(held, NURSE)
    assert not RefuseHandoff.offered(held, COURIER)
