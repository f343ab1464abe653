"""Storage: one cryobag in one location of the right cold."""

import pytest

from custody.chain.refusals import Reason
from custody.chain.storage import Store
from custody.chain.things import Location

from .journey import at
from .people import TECHNICIAN


@pytest.fixture
def journey():
    return at("stocked")


def test_a_moved_cryobag_leaves_its_place_free(journey):
    left, place = journey.cryobag().location, journey.location()
    journey.world.do(Store(cryobag=journey.cryobags[0], location=place), TECHNICIAN)
    assert journey.cryobag().location == place
    assert journey.world.get(Location, place).cryobag == journey.cryobags[0]
    assert (journey.world.get(Location, left).status, journey.world.get(Location, left).cryobag) == ("free", "")


def test_an_unknown_location_is_refused(journey):
    store = Store(cryobag=journey.cryobags[0], location=journey.world.mint("location"))
    assert journey.world.reasons(store, TECHNICIAN) == {Reason.UNKNOWN}


def test_a_location_takes_one_cryobag(journey):
    store = Store(cryobag=journey.cryobags[0], location=journey.cryobag(1).location)
    assert journey.world.reasons(store, TECHNICIAN) == {Reason.LOCATION_TAKEN}


def test_cells_go_into_the_cold_that_the_protocol_names(journey):
    store = Store(cryobag=journey.cryobags[0], location=journey.location("-80"))
    assert journey.world.reasons(store, TECHNICIAN) == {Reason.TEMPERATURE_CLASS}


def test_a_warm_and_occupied_location_is_told_both(journey):
    place = journey.location("-80")
    journey.world.put(journey.world.get(Location, place), cryobag=journey.cryobags[2], status="occupied")
    store = Store(cryobag=journey.cryobags[0], location=place)
    assert journey.world.reasons(store, TECHNICIAN) == {Reason.LOCATION_TAKEN, Reason.TEMPERATURE_CLASS}
