"""Places of a randomisation list, through the door: each is taken once, in order, however many order at once."""

from __future__ import annotations

from unittest.mock import Mock

import pytest

from custody.chain.ordering import Order
from custody.chain.refusals import Reason
from custody.chain.step import STEPS, fields_of
from custody.chain.things import Allocation, Plane, Stratum, allocation_code, stratum_code
from custody.chain.transitions import TABLES
from custody.record.log import Log
from custody.record.request import OutcomeUnknown
from tests.chain.journey import enrolment
from tests.chain.people import INVESTIGATOR, INVESTIGATOR_OF_DIJON
from tests.record.test_door_together import at_once, check

HERE = {INVESTIGATOR: "NAN", INVESTIGATOR_OF_DIJON: "DIJ"}


@pytest.fixture
def wristbands(world):
    """Seven participants at each of the two sites, whose lists have six places."""
    people = {}
    for person, site in HERE.items():
        people[site] = [world.mint("participant") for _ in range(7)]
        for code in people[site]:
            world.do(enrolment(world, code), person)
    return people


def places(world, codes):
    found = [world.get(Allocation, allocation_code(code)) for code in codes]
    return [(one.place, one.arm) for one in found if one]


def ordering(world, wristbands):
    return [
        world.request(Order(participant=code), person) for person, site in HERE.items() for code in wristbands[site]
    ]


def test_orders_at_once_at_two_doors_never_get_one_place_and_the_last_gets_none(world, wristbands):
    doors = [world.door, world.another_door()]
    requests = ordering(world, wristbands)
    asked = [
        lambda request=request, door=doors[number % 2]: door.submit(request) for number, request in enumerate(requests)
    ]
    answers = at_once(*asked)
    refused = [answer.refusals[0].reason for answer in answers if not answer.done]
    assert refused == [Reason.NO_PLACE, Reason.NO_PLACE]
    for site in HERE.values():
        arms = world.get(Stratum, stratum_code(site)).arms
        assert sorted(places(world, wristbands[site])) == list(enumerate(arms))
    check(world)


def test_the_log_has_the_places_in_their_order_whoever_came_first(world, wristbands):
    at_once(*[lambda request=request: world.door.submit(request) for request in ordering(world, wristbands)])
    for site in HERE.values():
        sealed = [entry["payload"] for entry in world.entries(Plane.SEALED) if entry["step"] == "order"]
        taken = [one["place"] for one in sealed if one.get("participant") in wristbands[site] and "drawn" in one]
        assert taken == [0, 1, 2, 3, 4, 5]


def test_a_place_is_taken_in_the_transaction_of_its_order_or_not_at_all(world, wristbands, monkeypatch):
    request = ordering(world, wristbands)[0]
    with monkeypatch.context() as patch:
        patch.setattr(Log, "sign", Mock(side_effect=OSError("the disk is full")))
        with pytest.raises(OutcomeUnknown):
            world.door.submit(request)
    assert world.get(Stratum, stratum_code("NAN")).taken == 0
    assert places(world, wristbands["NAN"]) == []
    assert world.door.submit(request).done
    assert world.get(Stratum, stratum_code("NAN")).taken == 1
    check(world)


def test_no_step_but_an_order_moves_a_list_or_an_allocation_and_it_asks_for_the_participant_alone():
    assert [name for name, _ in fields_of(STEPS["order"])] == ["participant"]
    assert TABLES["allocation"].keys() == {"order"}
    assert TABLES["stratum"].keys() == {"load_randomisation", "order", "print_code_sheets"}
    assert set(TABLES["stratum"]["print_code_sheets"]) == {"loaded"}, "which moves nothing"
