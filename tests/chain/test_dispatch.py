"""Packing: released bags that one holds, for one site, with seal and running logger; and unpacking."""

import pytest

from custody.chain.dispatch import Unpack
from custody.chain.refusals import Reason
from custody.chain.things import Shipper, TreatmentBag

from .journey import at
from .people import COURIER, NURSE, SECOND_TECHNICIAN, TECHNICIAN


@pytest.fixture
def journey():
    return at("released")


def reasons(journey, actor=TECHNICIAN, **more):
    return journey.world.reasons(journey.packing(**more), actor)


def shipper(journey):
    return journey.world.get(Shipper, journey.shipper)


def another_bag(journey, **changes):
    code = journey.world.mint("treatment_bag")
    journey.world.put(journey.thing(), code=code, **changes)
    return code


def test_a_packed_bag_is_in_its_shipper_and_in_the_hands_of_who_packed_it(journey):
    journey.packed()
    assert (shipper(journey).bags, shipper(journey).destination) == ((journey.bag,), "NAN")
    assert (journey.thing().shipper, journey.thing().custodian) == (journey.shipper, TECHNICIAN.code)


def test_an_empty_shipper_is_not_packed(journey):
    assert reasons(journey, bags=()) == {Reason.NO_BAG}


def test_the_logger_runs(journey):
    assert reasons(journey, logger_running=False) == {Reason.LOGGER}


@pytest.mark.parametrize("field", ["seal", "logger"])
def test_seal_and_logger_are_named(journey, field):
    assert reasons(journey, **{field: ""}) == {Reason.MISSING}


def test_who_does_not_hold_the_bag_does_not_pack_it(journey):
    assert reasons(journey, SECOND_TECHNICIAN) == {Reason.NOT_CUSTODIAN}


def test_a_bag_that_is_not_released_is_not_packed():
    journey = at("covered")
    assert reasons(journey) == {Reason.STATE}


def test_an_expired_bag_is_not_packed(journey):
    journey.world.now = journey.thing().expires_at
    assert reasons(journey) == {Reason.EXPIRED}


def test_a_bag_scanned_twice_is_said(journey):
    assert reasons(journey, bags=(journey.bag, journey.bag)) == {Reason.SCANNED_TWICE}


def test_an_unknown_bag_is_said(journey):
    assert reasons(journey, bags=(journey.bag, journey.world.mint("treatment_bag"))) == {Reason.UNKNOWN}


def test_the_bags_of_one_shipper_go_to_one_site(journey):
    assert reasons(journey, bags=(journey.bag, another_bag(journey, site="DIJ"))) == {Reason.DESTINATION}


def test_two_bags_for_one_site_share_a_shipper(journey):
    other = another_bag(journey)
    journey.world.do(journey.packing(bags=(journey.bag, other)), TECHNICIAN)
    assert journey.world.get(TreatmentBag, other).shipper == journey.shipper


def test_a_shipper_is_packed_once_until_it_is_opened(journey):
    journey.packed()
    refusals = journey.world.ask(journey.packing(bags=(another_bag(journey),)), TECHNICIAN)
    assert [refusal.reason for refusal in refusals] == [Reason.STATE]


def test_a_shipper_left_at_the_ward_is_not_packed_by_who_does_not_hold_it():
    journey = at("received")
    other = another_bag(journey, status="released", custodian=TECHNICIAN.code)
    assert reasons(journey, bags=(other,)) == {Reason.NOT_CUSTODIAN}
    journey.world.do(journey.handing(), NURSE, COURIER)
    journey.world.do(journey.handing(), COURIER, TECHNICIAN)
    journey.world.do(journey.packing(bags=(other,)), TECHNICIAN)
    assert shipper(journey).bags == (other,)


def test_all_that_is_wrong_with_a_packing_is_said_at_once(journey):
    journey.world.now = journey.thing().expires_at
    bags = (
        journey.bag,
        journey.bag,
        another_bag(journey, site="DIJ", status="packed"),
        journey.world.mint("treatment_bag"),
    )
    assert reasons(journey, SECOND_TECHNICIAN, bags=bags, logger_running=False) == {
        Reason.SCANNED_TWICE,
        Reason.NOT_CUSTODIAN,
        Reason.EXPIRED,
        Reason.STATE,
        Reason.UNKNOWN,
        Reason.DESTINATION,
        Reason.LOGGER,
    }


def test_a_shipper_that_never_left_gives_its_bags_back_released():
    journey = at("packed")
    journey.world.do(Unpack(shipper=journey.shipper, reason="wrong seal"), TECHNICIAN)
    assert (journey.thing().status, journey.thing().shipper) == ("released", "")
    assert (shipper(journey).status, shipper(journey).bags) == ("opened", ())


def test_a_bag_that_came_back_never_goes_out_again():
    journey = at("in_transit")
    journey.world.do(journey.handing(seal_intact=False), COURIER, TECHNICIAN)
    journey.world.do(Unpack(shipper=journey.shipper, reason="seal broken"), TECHNICIAN)
    assert journey.thing().status == "received"
    assert reasons(journey) == {Reason.STATE}
    assert journey.world.reasons(journey.handing_bag(), TECHNICIAN, COURIER) == {Reason.SECOND_ROLE}
    assert Reason.SECOND_ROLE in journey.world.reasons(journey.handing_bag(), TECHNICIAN, NURSE)


def test_who_does_not_hold_the_shipper_does_not_unpack_it():
    journey = at("in_transit")
    unpack = Unpack(shipper=journey.shipper, reason="impatience")
    assert journey.world.reasons(unpack, TECHNICIAN) == {Reason.NOT_CUSTODIAN}
