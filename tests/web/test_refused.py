"""A refused handoff is seen by all whom it concerns until it is handed over after all, with a word on what changed."""

from __future__ import annotations

import re

import pytest

from custody import codes
from tests.web import journey
from tests.web.house import House, errors
from tests.web.test_worklist import listed

STATED = {"seal_intact": "yes", "condition_good": "yes", "temperature_dc": "5"}


@pytest.fixture
def sent(house: House) -> tuple[str, str]:
    """Give the shipper that the courier brings, and the bag in it."""
    cryobags = journey.lot(house)
    bag = journey.ordered(house, journey.enrolled(house))
    journey.prepared(house, bag, cryobags)
    journey.released(house, bag)
    shipper = house.fresh(codes.Kind.SHIPPER)
    house.browser("tech").did(shipper, "pack", bags=bag, seal="0042", logger="TL-7", logger_running="yes")
    house.browser("tech").did(shipper, "hand_over", "courier", **STATED)
    return shipper, bag


def test_all_whom_it_concerns_see_it_on_their_list_and_on_both_pages(house: House, sent: tuple[str, str]) -> None:
    house.browser("nurse").did(sent[0], "refuse_handoff", why="seal")
    for login in ("courier", "nurse", "nurse2", "doctor", "monitor", "resp"):
        assert "seal broken. A deviation is due." in listed(house, login, "Handoff refused"), login
    for login in ("faraway", "tech2", "stat"):
        assert listed(house, login, "Handoff refused") == "", login
    for code in sent:
        page = house.browser("courier").get(f"/s/{code}").text
        assert "Handoff refused by Nurse, " in page
        assert f'href="/do/raise_deviation?about={code}"' in page
        assert "Refuse the handoff" in house.browser("monitor").get(f"/s/{code}/history").text


def test_a_handoff_after_it_asks_what_changed_and_ends_it(house: House, sent: tuple[str, str]) -> None:
    shipper, bag = sent
    courier = house.browser("courier")
    assert 'name="changed"' not in courier.get(f"/s/{shipper}/do/hand_over").text
    house.browser("nurse").did(shipper, "refuse_handoff", why="wrong")
    assert re.search(r'name="changed"[^>]*required', courier.get(f"/s/{shipper}/do/hand_over").text)
    silent = courier.step(shipper, "hand_over", "nurse", **STATED)
    assert errors(silent.text) == ["Nurse did not take it over: say in words what changed since."]
    courier.did(shipper, "hand_over", "nurse", changed="it is the right one", **STATED)
    assert "it is the right one" in courier.get(f"/s/{bag}/history").text
    assert "Handoff refused by" not in courier.get(f"/s/{bag}").text
    assert listed(house, "monitor", "Handoff refused") == ""


def test_another_reason_needs_words(house: House, sent: tuple[str, str]) -> None:
    nurse = house.browser("nurse")
    assert errors(nurse.step(sent[0], "refuse_handoff", why="other").text) == ["In words: nothing was entered."]
    nurse.did(sent[0], "refuse_handoff", why="other", words="two labels on it")


def test_who_refused_it_is_told_no_more_that_it_is_handed_over(house: House, sent: tuple[str, str]) -> None:
    nurse = house.browser("nurse")
    nurse.did(sent[0], "refuse_handoff", why="seal")
    for login in ("nurse", "nurse2", "tech"):
        page = house.browser(login).get(f"/s/{sent[0]}").text
        assert "have your badge ready" not in page, login
        assert "Courier holds it." in page, login


def test_only_who_may_receive_it_next_is_told_to_have_a_badge_ready(house: House, sent: tuple[str, str]) -> None:
    told = "Courier hands it over to you: have your badge ready."
    assert told in house.browser("nurse").get(f"/s/{sent[0]}").text
    for login in ("tech", "faraway", "doctor"):
        page = house.browser(login).get(f"/s/{sent[0]}").text
        assert told not in page
        assert "Courier holds it." in page
