"""Custody of a colleague who is away: taken over before a witness, never by a stranger, and never unseen."""

import pytest

from custody.chain.bag_handoff import RefuseBagHandoff
from custody.chain.correction import Correct
from custody.chain.disposal import DestroyBag
from custody.chain.look_ahead import SECOND_BADGE, unfit
from custody.chain.refusals import Reason
from custody.chain.take_over import TakeOverBag, TakeOverShipper, may_stand_in
from custody.chain.things import Deviation, Handoff, Shipper

from .journey import VOLUME, at
from .people import (
    COURIER,
    INVESTIGATOR,
    INVESTIGATOR_OF_DIJON,
    MONITOR,
    NURSE,
    NURSE_OF_DIJON,
    RESPONSIBLE,
    SECOND_COURIER,
    SECOND_NURSE,
    SECOND_TECHNICIAN,
    TECHNICIAN,
    person,
)

THIRD_NURSE = person("Nour", "icu_nurse", "NAN")


def bag(journey, **more):
    return TakeOverBag(**{"treatment_bag": journey.bag, "reason": "called to another ward", **more})


def shipper(journey):
    return TakeOverShipper(shipper=journey.shipper, reason="called to another ward")


def test_the_bag_of_an_absent_nurse_is_taken_over_and_checked_and_infused():
    journey = at("received")
    journey.world.do(bag(journey), SECOND_NURSE, INVESTIGATOR)
    assert (journey.thing().custodian, journey.thing().status) == (SECOND_NURSE.code, "received")
    journey.world.do(journey.checking(), SECOND_NURSE, INVESTIGATOR)


def test_a_bag_that_was_infused_is_destroyed_by_who_took_it_over():
    journey = at("infused")
    journey.world.do(bag(journey), SECOND_NURSE, INVESTIGATOR)
    end = DestroyBag(treatment_bag=journey.bag, left_ul=0, lost_ul=0, reason="used")
    assert journey.world.reasons(end, NURSE, SECOND_NURSE) == {Reason.NOT_CUSTODIAN}
    journey.world.do(end, SECOND_NURSE, INVESTIGATOR)


def test_the_record_says_who_held_it_who_has_it_and_why_and_the_absent_one_signed_nothing():
    journey = at("received")
    journey.world.do(bag(journey), SECOND_NURSE, INVESTIGATOR)
    p = journey.world.entries[-1].change.payload
    assert (p["held_by"], p["taken_by"], p["reason"]) == (NURSE.code, SECOND_NURSE.code, "called to another ward")
    [kept] = journey.world.find(Handoff, "taken_over")
    assert (kept.giver, kept.receiver, kept.item) == (NURSE.code, SECOND_NURSE.code, journey.bag)
    assert kept.at == journey.world.now
    assert not kept.sound
    assert kept not in journey.world.find(Handoff, "signed")


def test_a_deviation_is_raised_that_the_monitor_closes():
    journey = at("received")
    journey.world.do(bag(journey), SECOND_NURSE, INVESTIGATOR)
    [raised] = journey.world.find(Deviation, "open")
    [kept] = journey.world.find(Handoff, "taken_over")
    assert (raised.what, raised.about, raised.raised_by) == ("called to another ward", kept.code, SECOND_NURSE.code)
    assert raised.site == "NAN"


def test_a_corrected_reason_stands_in_the_deviation_too():
    journey = at("received")
    event = journey.world.do(bag(journey), SECOND_NURSE, INVESTIGATOR)
    journey.world.do(Correct(event=event, field="reason", value="called to the helipad", reason="slip"), SECOND_NURSE)
    assert [one.what for one in journey.world.find(Deviation, "open")] == ["called to the helipad"]


def test_a_shipper_is_taken_over_with_the_bags_in_it():
    journey = at("in_transit")
    journey.world.do(shipper(journey), SECOND_COURIER, NURSE)
    kept = journey.world.get(Shipper, journey.shipper)
    assert kept.custodian == journey.thing().custodian == SECOND_COURIER.code
    assert (kept.status, journey.thing().status, kept.given_by) == ("packed", "in_transit", TECHNICIAN.code)
    journey.world.do(journey.handing(), SECOND_COURIER, NURSE)


def test_an_opened_shipper_is_taken_over_without_the_bag_that_came_in_it():
    journey = at("received")
    journey.world.do(shipper(journey), SECOND_NURSE, INVESTIGATOR)
    assert journey.world.get(Shipper, journey.shipper).custodian == SECOND_NURSE.code
    assert journey.thing().custodian == NURSE.code


def test_a_bag_in_a_closed_shipper_is_taken_over_with_the_shipper_alone():
    assert at("in_transit").world.reasons(bag(at("in_transit")), SECOND_COURIER, NURSE) == {Reason.STATE}


@pytest.mark.parametrize(
    ("stage", "actor", "witness", "reasons"),
    [
        ("received", NURSE, INVESTIGATOR, {Reason.HOLDS_IT}),
        ("received", NURSE_OF_DIJON, INVESTIGATOR, {Reason.SITE}),
        ("received", COURIER, INVESTIGATOR, {Reason.ROLE, Reason.SITE}),
        ("received", TECHNICIAN, INVESTIGATOR, {Reason.ROLE, Reason.SITE}),
        ("received", INVESTIGATOR, SECOND_NURSE, {Reason.ROLE}),
        ("received", SECOND_NURSE, INVESTIGATOR_OF_DIJON, {Reason.SECOND_SITE}),
        ("received", SECOND_NURSE, COURIER, {Reason.SECOND_SITE}),
        ("received", SECOND_NURSE, NURSE, {Reason.NOT_AWAY}),
        ("received", SECOND_NURSE, SECOND_NURSE, {Reason.SAME_PERSON}),
        ("received", SECOND_NURSE, MONITOR, {Reason.SECOND_ROLE, Reason.SECOND_SITE}),
        ("received", SECOND_NURSE, None, {Reason.SECOND_PERSON}),
        ("released", RESPONSIBLE, NURSE, {Reason.SECOND_SITE}),
        ("returned", COURIER, INVESTIGATOR, {Reason.ROLE, Reason.SITE}),
    ],
)
def test_a_bag_is_taken_over_by_a_colleague_before_a_colleague_alone(stage, actor, witness, reasons):
    journey = at(stage)
    assert journey.world.reasons(bag(journey), actor, witness) == reasons


def test_a_couriers_shipper_is_taken_over_by_another_courier_alone():
    journey = at("in_transit")
    assert journey.world.reasons(shipper(journey), NURSE, SECOND_NURSE) == {Reason.ROLE, Reason.SITE}
    assert journey.world.reasons(shipper(journey), SECOND_TECHNICIAN, RESPONSIBLE) == {Reason.ROLE, Reason.SITE}
    assert journey.world.reasons(shipper(journey), SECOND_COURIER, COURIER) == {Reason.NOT_AWAY}


def test_couriers_of_a_unit_stand_in_for_those_of_that_unit():
    of_unit, of_none = person("Ute", "courier", "UNIT"), COURIER
    assert may_stand_in(SECOND_COURIER, of_none)
    assert not may_stand_in(of_unit, of_none)
    assert not may_stand_in(of_none, of_unit)
    assert not may_stand_in(of_none, of_none)


def test_the_bench_stands_in_for_the_bench():
    journey = at("released")
    journey.world.do(bag(journey), RESPONSIBLE, SECOND_TECHNICIAN)
    assert journey.thing().custodian == RESPONSIBLE.code


def test_it_is_signed_by_both():
    journey = at("received")
    reasons = journey.world.reasons(bag(journey), SECOND_NURSE, INVESTIGATOR, signed=False)
    assert reasons == {Reason.SIGNATURE, Reason.SECOND_PERSON}


def test_it_needs_a_reason_in_words():
    journey = at("received")
    assert journey.world.reasons(bag(journey, reason=""), SECOND_NURSE, INVESTIGATOR) == {Reason.MISSING}


def test_the_absent_one_who_is_there_is_told_so_as_soon_as_their_badge_is_scanned():
    journey = at("received")
    scene = journey.world.scene(TakeOverBag.SPEC, SECOND_NURSE, NURSE, signed=False)
    told = unfit(TakeOverBag, {"treatment_bag": journey.bag}, SECOND_BADGE, NURSE.code, scene)
    assert [refusal.text for refusal in told] == ["Nina holds it and is here: they hand it over, and both of you sign."]


def test_a_bedside_check_does_not_outlive_the_hands_that_made_it():
    journey = at("checked")
    journey.world.do(bag(journey), SECOND_NURSE, INVESTIGATOR)
    assert (journey.thing().status, journey.thing().checked_at) == ("received", None)


def test_what_was_refused_stays_refused():
    journey = at("received")
    journey.world.do(RefuseBagHandoff(treatment_bag=journey.bag, why="wrong"), SECOND_NURSE)
    journey.world.do(bag(journey), SECOND_NURSE, INVESTIGATOR)
    assert journey.world.reasons(journey.handing_bag(changed=""), SECOND_NURSE, NURSE) == {Reason.REFUSED_BEFORE}


def test_a_bag_that_expired_is_taken_over_so_that_it_can_be_destroyed():
    journey = at("received")
    journey.world.now = journey.thing().expires_at
    journey.world.do(bag(journey), THIRD_NURSE, SECOND_NURSE)
    end = DestroyBag(treatment_bag=journey.bag, left_ul=VOLUME, lost_ul=0, reason="expired")
    journey.world.do(end, THIRD_NURSE, SECOND_NURSE)
