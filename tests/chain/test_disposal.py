"""The end of a bag: accounted for to the millilitre, by who holds it, before a witness."""

import pytest

from custody.chain.disposal import DestroyBag, ReturnBag
from custody.chain.ordering import Order
from custody.chain.refusals import Reason
from custody.chain.things import Participant

from .journey import VOLUME, at
from .people import COURIER, INVESTIGATOR, NURSE, NURSE_OF_DIJON, SECOND_NURSE, TECHNICIAN


def give_back(journey, left_ul=0, lost_ul=0):
    return ReturnBag(treatment_bag=journey.bag, left_ul=left_ul, lost_ul=lost_ul)


def destroy(journey, left_ul=0, lost_ul=0):
    return DestroyBag(treatment_bag=journey.bag, left_ul=left_ul, lost_ul=lost_ul, reason="not wanted")


@pytest.mark.parametrize("step", [give_back, destroy])
@pytest.mark.parametrize(("left_ul", "lost_ul"), [(15_000, 0), (0, 15_000), (10_000, 5_000)])
def test_given_left_and_lost_come_to_what_the_bag_held(step, left_ul, lost_ul):
    journey = at("infused")
    journey.world.do(step(journey, left_ul, lost_ul), NURSE, SECOND_NURSE)
    assert journey.thing().status in {"returned", "destroyed"}


@pytest.mark.parametrize("step", [give_back, destroy])
def test_a_volume_that_is_not_accounted_for_is_refused(step):
    journey = at("infused")
    for left_ul in (15_001, VOLUME):
        assert journey.world.reasons(step(journey, left_ul), NURSE, SECOND_NURSE) == {Reason.ACCOUNT}
    unused = at("received")
    assert unused.world.reasons(step(unused, VOLUME - 15_001), NURSE, SECOND_NURSE) == {Reason.ACCOUNT}


@pytest.mark.parametrize("step", [give_back, destroy])
def test_who_does_not_hold_a_bag_does_not_end_it(step):
    journey = at("infused")
    for person in (SECOND_NURSE, NURSE_OF_DIJON, TECHNICIAN):
        assert journey.world.reasons(step(journey), person, COURIER) == {Reason.NOT_CUSTODIAN}


@pytest.mark.parametrize("step", [give_back, destroy])
def test_a_witness_signs(step):
    journey = at("infused")
    assert journey.world.reasons(step(journey), NURSE) == {Reason.SECOND_PERSON}


@pytest.mark.parametrize("step", [give_back, destroy])
def test_a_bag_that_was_not_given_sets_its_participant_free_for_another(step):
    journey = at("checked")
    first = journey.bag
    journey.world.do(step(journey, VOLUME), NURSE, SECOND_NURSE)
    assert journey.thing(Participant).status == "enrolled"
    journey.world.do(Order(participant=journey.wristband), INVESTIGATOR)
    assert journey.thing(Participant).treatment_bags[0] == first


def test_a_returned_bag_that_is_destroyed_later_does_not_touch_the_next_order():
    journey = at("received")
    journey.world.do(give_back(journey, VOLUME), NURSE, SECOND_NURSE)
    journey.world.do(Order(participant=journey.wristband), INVESTIGATOR)
    journey.world.do(destroy(journey, VOLUME), NURSE, SECOND_NURSE)
    assert journey.thing(Participant).status == "ordered"


def test_a_released_bag_may_be_destroyed_at_the_unit():
    journey = at("released")
    journey.world.do(destroy(journey, VOLUME), TECHNICIAN, COURIER)
    assert (journey.thing().status, journey.thing(Participant).status) == ("destroyed", "enrolled")


def test_a_page_offers_it_to_who_holds_the_bag():
    bag = at("infused").thing()
    for step in (ReturnBag, DestroyBag):
        assert step.offered(bag, NURSE)
        assert not step.offered(bag, TECHNICIAN)
