"""Where a blinded person signs beside one who sees the arm, the screen shows nothing that would tell it."""

from __future__ import annotations

import re

import pytest
from werkzeug.test import TestResponse

from custody import codes
from tests.web import journey
from tests.web.house import House

TELLING = re.compile(r"mesenchymal|albumin|placebo|MSC|× 10|thawed|counted|reserved|preparation", re.IGNORECASE)
LIST = 'hx-get="/worklist"'


def told(answer: TestResponse) -> list[str]:
    """Give the words of a page that tell the arm, or what the bench is at."""
    main = answer.text.partition("<main")[2].partition("</main")[0]
    return TELLING.findall(re.sub(r"<[^>]+>", " ", main))


@pytest.fixture
def held(house: House) -> str:
    """A bag that the technician holds, and another order that the bench is at."""
    cryobags = journey.lot(house)
    bag = journey.ordered(house, journey.enrolled(house))
    journey.prepared(house, bag, cryobags)
    journey.released(house, bag)
    journey.ordered(house, journey.enrolled(house, "58"))
    other = journey.ordered(house, journey.enrolled(house))
    house.browser("tech").did(other, "reserve", cryobags=cryobags[0])
    return bag


ENDS = {"left_ul": "250", "lost_ul": "0"}
PASSED_ON = {"cover_on": "yes", "condition_good": "yes", "temperature_dc": "5"}


@pytest.mark.parametrize("witness", ["courier", "nurse", "doctor"])
def test_who_witnesses_the_end_of_a_bag_is_not_shown_what_was_in_it(house: House, held: str, witness: str) -> None:
    tech = house.browser("tech")
    assert told(tech.get(f"/s/{held}")), "the thing's page tells"
    assert told(tech.get("/")), "the list tells"
    assert told(tech.get(f"/s/{held}/do/destroy_bag")) == []
    answer = tech.did(held, "destroy_bag", witness, reason="torn", **ENDS)
    page = tech.get(answer.location)
    assert "Recorded: Destroy the bag" in page.text
    assert told(page) == []
    assert LIST not in page.text, "it would come with the next poll"
    assert '<a class="button" href="/">' in page.text


def test_nor_is_who_takes_over_a_bag(house: House, held: str) -> None:
    tech = house.browser("tech")
    assert told(tech.get(f"/s/{held}/do/hand_over_bag")) == []
    answer = tech.did(held, "hand_over_bag", "tech2", **PASSED_ON)
    assert told(tech.get(answer.location)) == []


def test_a_shipper_has_no_sealed_half_and_who_sees_no_arm_has_nothing_to_hide(house: House, held: str) -> None:
    shipper, tech = house.fresh(codes.Kind.SHIPPER), house.browser("tech")
    tech.did(shipper, "pack", bags=held, seal="0042", logger="TL-7", logger_running="yes")
    stated = {"seal_intact": "yes", "condition_good": "yes", "temperature_dc": "5"}
    answer = tech.did(shipper, "hand_over", "courier", **stated)
    assert answer.location == f"/s/{shipper}?did=hand_over"
    assert told(tech.get(answer.location)) == []
    house.browser("courier").did(shipper, "hand_over", "nurse", **stated)
    nurse = house.browser("nurse")
    answer = nurse.did(held, "destroy_bag", "nurse2", reason="torn", **ENDS)
    assert answer.location == f"/s/{held}?did=destroy_bag"
    assert LIST in nurse.get("/?did=destroy_bag").text
    assert LIST in tech.get("/?did=dilute").text, "two of the bench sign there"
