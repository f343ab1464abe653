"""What ends at the bench: cryobags before a witness, preparations once their order is cancelled."""

import pytest

from custody.chain.bench import PutBack
from custody.chain.bench_disposal import DestroyCryobag, DiscardPreparation
from custody.chain.ordering import CancelOrder
from custody.chain.refusals import Reason
from custody.chain.things import Location, Preparation

from .journey import at
from .people import INVESTIGATOR, SECOND_TECHNICIAN, TECHNICIAN


@pytest.fixture
def journey():
    return at("ordered")


def destroy(journey, place=0):
    step = DestroyCryobag(cryobag=journey.cryobags[place], reason="broken")
    journey.world.do(step, TECHNICIAN, SECOND_TECHNICIAN)


def discard(journey):
    return DiscardPreparation(treatment_bag=journey.bag, reason="cancelled")


def cancel(journey):
    journey.world.do(CancelOrder(treatment_bag=journey.bag, reason="died"), INVESTIGATOR)


def test_a_destroyed_cryobag_leaves_its_location_free(journey):
    place = journey.cryobag().location
    destroy(journey)
    assert (journey.cryobag().status, journey.cryobag().location) == ("destroyed", "")
    assert journey.world.get(Location, place).status == "free"


def test_a_cryobag_that_breaks_leaves_its_order_waiting_for_another(journey):
    journey.reserved()
    journey.thawed()
    destroy(journey)
    preparation = journey.thing(Preparation)
    assert (preparation.status, preparation.cryobags, preparation.expected_cells) == ("ordered", (), 0)


def test_a_reserved_cryobag_is_put_back_before_it_is_destroyed(journey):
    journey.reserved()
    step = DestroyCryobag(cryobag=journey.cryobags[0], reason="expired")
    assert journey.world.reasons(step, TECHNICIAN, SECOND_TECHNICIAN) == {Reason.STATE}
    journey.world.do(PutBack(cryobag=journey.cryobags[0]), TECHNICIAN)
    destroy(journey)


def test_a_preparation_whose_order_stands_is_not_discarded():
    journey = at("diluted")
    assert journey.world.reasons(discard(journey), TECHNICIAN, SECOND_TECHNICIAN) == {Reason.NOT_CANCELLED}


@pytest.mark.parametrize("stage", ["ordered", "diluted", "covered"])
@pytest.mark.parametrize("arm", ["MSC", "PLACEBO"])
def test_what_was_prepared_for_a_cancelled_order_is_discarded(stage, arm):
    journey = at(stage, arm)
    cancel(journey)
    journey.world.do(discard(journey), TECHNICIAN, SECOND_TECHNICIAN)
    assert journey.thing(Preparation).status == "discarded"


def test_cryobags_end_before_their_preparation_is_discarded(journey):
    journey.reserved()
    journey.thawed()
    journey.counted(viable_cells_per_ml=1_000_000)
    cancel(journey)
    refusals = journey.world.ask(discard(journey), TECHNICIAN, SECOND_TECHNICIAN)
    assert [refusal.text for refusal in refusals] == [f"Not in a final state: {journey.cryobags[0]}."]
    destroy(journey)
    journey.world.do(discard(journey), TECHNICIAN, SECOND_TECHNICIAN)
