"""Handoffs of a bag by itself: among the bench, among the ward's nurses, and back to the unit once it is returned."""

from dataclasses import replace

import pytest

from custody.chain.bag_handoff import HandOverBag, RefuseBagHandoff
from custody.chain.infusion import StartInfusion
from custody.chain.refusals import Reason

from .journey import at
from .people import (
    COURIER,
    NURSE,
    NURSE_OF_DIJON,
    RESPONSIBLE,
    SECOND_NURSE,
    SECOND_TECHNICIAN,
    TECHNICIAN,
)


def reasons(journey, giver, receiver, **more):
    return journey.world.reasons(journey.handing_bag(**more), giver, receiver)


def test_a_released_bag_stays_among_the_bench():
    journey = at("released")
    for receiver in (COURIER, NURSE):
        assert reasons(journey, TECHNICIAN, receiver) == {Reason.SECOND_ROLE}
    journey.world.do(journey.handing_bag(), TECHNICIAN, RESPONSIBLE)
    assert journey.thing().custodian == RESPONSIBLE.code


def test_a_bag_in_a_closed_shipper_changes_hands_with_the_shipper_alone():
    assert reasons(at("packed"), TECHNICIAN, COURIER) == {Reason.STATE}
    assert reasons(at("in_transit"), COURIER, NURSE) == {Reason.STATE}


@pytest.mark.parametrize("stage", ["received", "checked", "infused"])
def test_at_the_ward_a_bag_stays_among_its_nurses(stage):
    journey = at(stage)
    assert reasons(journey, NURSE, COURIER) == {Reason.SECOND_ROLE}
    assert reasons(journey, NURSE, NURSE_OF_DIJON) == {Reason.SECOND_SITE}
    journey.world.do(journey.handing_bag(), NURSE, SECOND_NURSE)
    assert journey.thing().custodian == SECOND_NURSE.code


def test_a_bedside_check_does_not_outlive_the_hands_that_made_it():
    journey = at("checked")
    journey.world.do(journey.handing_bag(), NURSE, SECOND_NURSE)
    assert (journey.thing().status, journey.thing().checked_at) == ("received", None)
    start = StartInfusion(treatment_bag=journey.bag)
    assert journey.world.reasons(start, SECOND_NURSE) == {Reason.STATE}


def test_a_bag_that_runs_is_not_handed_over():
    assert reasons(at("infusing"), NURSE, SECOND_NURSE) == {Reason.STATE}


def test_a_returned_bag_travels_back_with_anyone_who_carries():
    journey = at("returned")
    journey.world.do(journey.handing_bag(), NURSE, COURIER)
    journey.world.do(journey.handing_bag(), COURIER, SECOND_TECHNICIAN)
    journey.world.do(journey.destroying(), SECOND_TECHNICIAN, TECHNICIAN)
    assert (journey.thing().status, journey.thing().custodian) == ("destroyed", SECOND_TECHNICIAN.code)


def test_a_returned_bag_is_not_given_to_another_ward():
    assert reasons(at("returned"), NURSE, NURSE_OF_DIJON) == {Reason.SECOND_SITE}


def test_only_the_custodian_gives():
    assert reasons(at("received"), SECOND_NURSE, NURSE) == {Reason.NOT_CUSTODIAN}


def test_the_cover_stays_on():
    assert reasons(at("received"), NURSE, SECOND_NURSE, cover_on=False) == {Reason.COVER}
    assert reasons(at("returned"), NURSE, COURIER, cover_on=False) == {Reason.COVER}


def test_a_bag_that_may_still_be_given_is_kept_cold_and_whole():
    journey = at("received")
    more = {"temperature_dc": 200, "condition_good": False}
    assert reasons(journey, NURSE, SECOND_NURSE, **more) == {Reason.TEMPERATURE, Reason.CONDITION}


@pytest.mark.parametrize("stage", ["infused", "returned"])
def test_a_used_bag_is_handed_over_warm(stage):
    journey = at(stage)
    journey.world.do(journey.handing_bag(temperature_dc=230, condition_good=False), NURSE, SECOND_NURSE)
    assert journey.thing().custodian == SECOND_NURSE.code


def test_all_that_is_wrong_with_a_handoff_is_said_at_once():
    more = {"cover_on": False, "condition_good": False, "temperature_dc": 300}
    assert reasons(at("received"), SECOND_NURSE, NURSE_OF_DIJON, **more) == {
        Reason.NOT_CUSTODIAN,
        Reason.COVER,
        Reason.CONDITION,
        Reason.TEMPERATURE,
        Reason.SECOND_SITE,
    }


def test_a_refused_bag_stays_where_it_is():
    journey = at("received")
    before = journey.thing()
    journey.world.do(RefuseBagHandoff(treatment_bag=journey.bag, why="wrong"), SECOND_NURSE)
    assert replace(journey.thing(), refused=()) == before
    assert journey.thing().refused[:3] == (SECOND_NURSE.code, "wrong", "")
    assert journey.world.entries[-1].change.payload["custodian"] == NURSE.code


def test_a_bag_that_was_refused_is_handed_over_with_a_word_on_what_changed():
    journey = at("received")
    journey.world.do(RefuseBagHandoff(treatment_bag=journey.bag, why="condition"), SECOND_NURSE)
    assert reasons(journey, NURSE, SECOND_NURSE, changed="") == {Reason.REFUSED_BEFORE}
    journey.world.do(journey.handing_bag(changed="wiped: it was condensation"), NURSE, SECOND_NURSE)
    assert journey.thing().refused == ()


def test_another_reason_to_refuse_a_bag_needs_words():
    journey = at("received")
    refuse = RefuseBagHandoff(treatment_bag=journey.bag, why="other")
    assert journey.world.reasons(refuse, SECOND_NURSE) == {Reason.MISSING}


@pytest.mark.parametrize(
    ("before", "refuses", "end"), [("infused", SECOND_NURSE, "returned"), ("back", RESPONSIBLE, "destroyed")]
)
def test_what_is_returned_or_destroyed_is_refused_no_more(before, refuses, end):
    journey = at(before)
    journey.world.do(RefuseBagHandoff(treatment_bag=journey.bag, why="wrong"), refuses)
    getattr(journey, end)()
    assert journey.thing().refused == ()


def test_who_holds_a_bag_cannot_refuse_it():
    journey = at("received")
    refuse = RefuseBagHandoff(treatment_bag=journey.bag, why="wrong")
    assert journey.world.reasons(refuse, NURSE) == {Reason.HOLDS_IT}


@pytest.mark.parametrize(
    ("stage", "person", "reason"),
    [
        ("released", COURIER, Reason.ROLE),
        ("released", NURSE, Reason.ROLE),
        ("received", COURIER, Reason.ROLE),
        ("received", TECHNICIAN, Reason.ROLE),
        ("received", NURSE_OF_DIJON, Reason.SITE),
        ("infused", RESPONSIBLE, Reason.ROLE),
        ("returned", NURSE_OF_DIJON, Reason.SITE),
    ],
)
def test_who_could_not_take_a_bag_over_cannot_refuse_it(stage, person, reason):
    journey = at(stage)
    refuse = RefuseBagHandoff(treatment_bag=journey.bag, why="other", words="frozen")
    assert journey.world.reasons(refuse, person) == {reason}
    assert not RefuseBagHandoff.offered(at("received").thing(), COURIER)
    assert not RefuseBagHandoff.offered(journey.thing(), NURSE_OF_DIJON)


@pytest.mark.parametrize(("stage", "person"), [("released", RESPONSIBLE), ("returned", COURIER), ("back", RESPONSIBLE)])
def test_who_might_take_a_bag_over_may_refuse_it(stage, person):
    journey = at(stage)
    journey.world.do(RefuseBagHandoff(treatment_bag=journey.bag, why="other", words="frozen"), person)


def test_a_page_offers_the_handoff_to_who_holds_it_and_the_refusal_to_others():
    bag = at("received").thing()
    assert HandOverBag.offered(bag, NURSE)
    assert not HandOverBag.offered(bag, SECOND_NURSE)
    assert RefuseBagHandoff.offered(bag, SECOND_NURSE)
    assert not RefuseBagHandoff.offered(bag, NURSE)
