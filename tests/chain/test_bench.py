"""Cryobags for an order: released, first-expiring first, enough; and put back."""

import pytest

from custody.chain.bench import PutBack, Reserve
from custody.chain.look_ahead import unfit
from custody.chain.lot import RecordQc
from custody.chain.ordering import CancelOrder
from custody.chain.refusals import Reason
from custody.chain.storage import Store
from custody.chain.things import Cryobag, Lot, Preparation, Stratum, stratum_code

from .journey import at, enrolment, registered
from .people import INVESTIGATOR, TECHNICIAN

OTHER = "A999921000001"


@pytest.fixture
def journey():
    return at("ordered")


def reserve(journey, *cryobags):
    return Reserve(treatment_bag=journey.bag, cryobags=cryobags or journey.cryobags[:1])


def reasons(journey, *cryobags):
    return journey.world.reasons(reserve(journey, *cryobags), TECHNICIAN)


def test_a_reserved_cryobag_is_bound_to_its_order(journey):
    journey.reserved()
    assert (journey.cryobag().status, journey.cryobag().treatment_bag) == ("reserved", journey.bag)
    assert journey.thing(Preparation).expected_cells == 85_000_000


def test_an_arm_of_albumin_alone_takes_no_cells():
    assert reasons(at("ordered", "PLACEBO")) == {Reason.NO_CELLS}


def test_too_few_cells_for_the_weight_are_refused(journey):
    world = journey.world
    world.put(world.get(Stratum, stratum_code("NAN")), taken=0)
    journey.wristband = world.mint("participant")
    world.do(enrolment(world, journey.wristband, weight_g=90_000), INVESTIGATOR)
    journey.ordered()
    refusals = world.ask(reserve(journey), TECHNICIAN)
    assert [refusal.text for refusal in refusals] == ["85000000 viable cells expected; 90000000 are needed."]
    world.do(reserve(journey, *journey.cryobags[:2]), TECHNICIAN)


def test_no_cryobag_is_not_enough(journey):
    command = Reserve(treatment_bag=journey.bag, cryobags=())
    assert journey.world.reasons(command, TECHNICIAN) == {Reason.NO_CRYOBAG, Reason.NOT_ENOUGH_CELLS}


def test_a_cryobag_scanned_twice_is_said(journey):
    assert reasons(journey, journey.cryobags[0], journey.cryobags[0]) == {Reason.SCANNED_TWICE}


def test_an_unknown_cryobag_is_said(journey):
    unknown = journey.world.mint("cryobag")
    assert reasons(journey, unknown, journey.cryobags[0]) == {Reason.UNKNOWN}


def test_a_cryobag_of_another_order_is_said(journey):
    journey.reserved()
    assert reasons(journey) == {Reason.STATE}


def test_a_lot_that_is_not_released_is_said(journey):
    world = journey.world
    world.do(registered(world, OTHER, 1, days=10), TECHNICIAN)
    bag = world.get(Lot, OTHER).cryobags[0]
    world.do(Store(cryobag=bag, location=journey.location()), TECHNICIAN)
    world.do(RecordQc(lot=OTHER, test="viability", result="90"), TECHNICIAN)
    assert reasons(journey, bag) == {Reason.LOT_NOT_RELEASED}


def test_an_expired_cryobag_is_said(journey):
    journey.world.put(journey.cryobag(), expires_at=journey.world.now)
    assert reasons(journey) == {Reason.EXPIRED}


def test_the_first_expiring_cryobag_is_taken_first(journey):
    older = journey.lot(OTHER, 1, days=100)[0]
    refusals = journey.world.ask(reserve(journey), TECHNICIAN)
    assert [refusal.reason for refusal in refusals] == [Reason.FIRST_EXPIRING]
    assert [refusal.text for refusal in refusals] == [f"Take {older} first: it expires earlier."]
    scanned = {"treatment_bag": journey.bag, "cryobags": (journey.cryobags[0],)}
    scene = journey.world.scene(Reserve.SPEC, TECHNICIAN)
    assert (*unfit(Reserve, scanned, "cryobags", journey.cryobags[0], scene),) == refusals, (
        "told while it is in the hand"
    )
    journey.world.do(reserve(journey, older), TECHNICIAN)


def test_an_older_lot_is_passed_over_once_it_has_expired(journey):
    journey.lot(OTHER, 1, days=100)
    journey.world.put(journey.world.get(Lot, OTHER), expires_at=journey.world.now)
    journey.reserved()


def test_an_order_cancelled_meanwhile_takes_no_cells(journey):
    journey.world.do(CancelOrder(treatment_bag=journey.bag, reason="died"), INVESTIGATOR)
    assert reasons(journey) == {Reason.STATE}


def test_all_that_is_wrong_with_the_cryobags_is_said_at_once(journey):
    world = journey.world
    older = journey.lot(OTHER, 1, days=100)[0]
    world.put(world.get(Cryobag, older), status="received")
    world.put(journey.cryobag(1), expires_at=world.now)
    assert reasons(journey, world.mint("cryobag"), older, journey.cryobags[1], journey.cryobags[1]) == {
        Reason.UNKNOWN,
        Reason.STATE,
        Reason.EXPIRED,
        Reason.SCANNED_TWICE,
    }


def test_a_cryobag_put_back_leaves_the_order_waiting(journey):
    journey.reserved()
    journey.world.do(PutBack(cryobag=journey.cryobags[0]), TECHNICIAN)
    preparation = journey.thing(Preparation)
    assert (preparation.status, preparation.cryobags, preparation.expected_cells) == ("ordered", (), 0)
    assert (journey.cryobag().status, journey.cryobag().treatment_bag) == ("stored", "")


def test_another_cryobag_may_be_added_when_the_first_holds_too_little(journey):
    journey.reserved()
    journey.thawed()
    journey.counted(viable_cells_per_ml=2_000_000)
    assert journey.thing(Preparation).status == "ordered"
    journey.world.do(reserve(journey, journey.cryobags[1]), TECHNICIAN)
    preparation = journey.thing(Preparation)
    assert (preparation.status, preparation.expected_cells) == ("reserved", 34_000_000 + 85_000_000)


def test_what_an_order_expects_follows_a_corrected_lot(journey):
    world = journey.world
    world.do(reserve(journey, *journey.cryobags[:2]), TECHNICIAN)
    world.put(journey.thing(Lot), cells_per_cryobag=50_000_000)
    world.do(PutBack(cryobag=journey.cryobags[1]), TECHNICIAN)
    assert journey.thing(Preparation).expected_cells == 42_500_000


def test_a_reservation_of_nothing_is_refused_though_enough_is_reserved_already():
    journey = at("ordered")
    journey.reserved()
    nothing = Reserve(treatment_bag=journey.bag, cryobags=())
    assert journey.world.reasons(nothing, TECHNICIAN) == {Reason.NO_CRYOBAG}
