"""Orders: the next place of the site's list, once for each participant; cancelled, ordered again."""

from datetime import timedelta

import pytest

from custody.chain.ordering import CancelOrder, Order
from custody.chain.refusals import Reason
from custody.chain.things import (
    Allocation,
    CodeSheet,
    Participant,
    Preparation,
    Stratum,
    TreatmentBag,
    allocation_code,
    stratum_code,
)

from .journey import at, enrolment
from .people import INVESTIGATOR, INVESTIGATOR_OF_DIJON


@pytest.fixture
def journey():
    return at("enrolled")


def stratum(journey):
    return journey.world.get(Stratum, stratum_code("NAN"))


def test_an_order_takes_the_next_place(journey):
    world = journey.world
    second = world.mint("participant")
    world.do(enrolment(world, second), INVESTIGATOR)
    for wristband in (journey.wristband, second):
        world.do(Order(participant=wristband), INVESTIGATOR)
    arms = [world.get(Allocation, allocation_code(code)).arm for code in (journey.wristband, second)]
    assert arms == ["MSC", "PLACEBO"]
    assert stratum(journey).taken == 2


def test_ready_and_expiry_follow_from_the_order_alone(journey):
    journey.ordered()
    ordered_at = journey.world.now
    assert journey.thing().ready_at == ordered_at + timedelta(minutes=120)
    assert journey.thing().expires_at == ordered_at + timedelta(minutes=120 - 45 + 240)


def test_the_open_half_of_an_order_holds_no_arm_and_no_dose(journey):
    journey.ordered()
    order = journey.world.open_entries()[-1]
    facts = {"participant", "treatment_bag", "code_sheet", "ready_at", "expires_at"}
    assert order.change.payload.keys() == facts


def test_an_order_names_the_emergency_sheet_of_its_place(journey):
    sheets = stratum(journey).sheets
    assert len(set(sheets)) == len(stratum(journey).arms)
    journey.ordered()
    assert journey.thing().code_sheet == journey.thing(Participant).code_sheet == sheets[0]
    assert journey.world.get(CodeSheet, sheets[0]).participant == journey.wristband


def test_nobody_orders_for_another_ward(journey):
    order = Order(participant=journey.wristband)
    assert journey.world.reasons(order, INVESTIGATOR_OF_DIJON) == {Reason.SITE}


def test_nobody_orders_without_a_signature(journey):
    order = Order(participant=journey.wristband)
    assert journey.world.reasons(order, INVESTIGATOR, signed=False) == {Reason.SIGNATURE}


def test_a_list_without_a_place_left_is_said(journey):
    journey.world.put(stratum(journey), taken=6)
    assert journey.world.reasons(Order(participant=journey.wristband), INVESTIGATOR) == {Reason.NO_PLACE}


def test_a_list_that_was_not_loaded_has_no_place(journey):
    del journey.world.things[Stratum.PLANE, stratum_code("NAN")]
    assert journey.world.reasons(Order(participant=journey.wristband), INVESTIGATOR) == {Reason.NO_PLACE}


def test_a_weight_corrected_out_of_bounds_is_refused_at_the_order(journey):
    journey.world.put(journey.thing(Participant), weight_g=25_000)
    assert journey.world.reasons(Order(participant=journey.wristband), INVESTIGATOR) == {Reason.WEIGHT}


def test_one_order_stands_at_a_time(journey):
    journey.ordered()
    assert journey.world.reasons(Order(participant=journey.wristband), INVESTIGATOR) == {Reason.STATE}


def test_a_cancelled_order_keeps_the_arm_and_takes_no_second_place(journey):
    journey.ordered()
    first, sheet = journey.bag, journey.thing().code_sheet
    journey.world.do(CancelOrder(treatment_bag=first, reason="spilt"), INVESTIGATOR)
    journey.world.put(stratum(journey), taken=4)
    journey.ordered()
    assert journey.bag != first
    assert journey.thing().code_sheet == sheet
    assert journey.thing(Preparation).arm == "MSC"
    assert stratum(journey).taken == 4
    assert journey.thing(Participant).treatment_bags == (first, journey.bag)
    assert journey.world.get(TreatmentBag, first).status == "cancelled"


def test_the_dose_is_worked_out_from_weight_and_arm(journey):
    journey.ordered()
    assert journey.thing(Preparation).prescribed_cells == 70_000_000


def test_nobody_cancels_another_wards_order(journey):
    journey.ordered()
    cancel = CancelOrder(treatment_bag=journey.bag, reason="mistake")
    assert journey.world.reasons(cancel, INVESTIGATOR_OF_DIJON) == {Reason.SITE}


def test_what_left_the_unit_is_not_cancelled():
    journey = at("released")
    cancel = CancelOrder(treatment_bag=journey.bag, reason="late")
    assert journey.world.reasons(cancel, INVESTIGATOR) == {Reason.STATE}
