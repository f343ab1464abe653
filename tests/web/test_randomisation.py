"""Loading a randomisation list by its page: whole, counted before it is signed, never cut, and never shown again."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from werkzeug.test import TestResponse

from custody.chain.administration import LoadRandomisation
from custody.chain.things import Plane, Stratum, preparation_code, stratum_code
from custody.record.entries import REFUSED
from tests.web import journey
from tests.web.house import HIDDEN, PASSWORD, Browser, House, build, errors

PATH = "/do/load_randomisation"
SIGNED = LoadRandomisation.SPEC.signed


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = build(tmp_path, listed=("DIJ",))
    yield made
    made.door.database.close()


def counted(browser: Browser, arms: str = "", blocks: str = "2", site: str = "NAN", **more: Any) -> TestResponse:
    """Give a list to be counted."""
    return browser.send(PATH, {"site": site, "arms": arms, "blocks": blocks, **more})


def loaded(browser: Browser, page: TestResponse, **more: str) -> TestResponse:
    """Sign what was counted."""
    return browser.client.post(PATH, data={**dict(HIDDEN.findall(page.text)), "password": PASSWORD, **more})


def stratum(house: House, site: str = "NAN") -> Stratum | None:
    with house.door.database.reading(Plane.SEALED) as connection:
        kept = house.door.stores[Plane.SEALED].thing(connection, stratum_code(site))
    return kept.thing if kept and isinstance(kept.thing, Stratum) else None


def shown(page: str) -> str:
    """Give what eyes see of a page."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_a_list_is_asked_for_the_sites_that_have_none(house: House) -> None:
    statistician = house.browser("stat")
    form = statistician.get(PATH).text
    assert re.findall(r'name="site" value="(\w+)"', form) == ["NAN", "STR"]
    assert "maxlength" not in form
    assert '<textarea id="f-arms"' in form
    for site in ("NAN", "STR"):
        house.load(site, ("MSC", "PLACEBO") * 11)
    assert "Every site has its list." in statistician.get(PATH).text
    assert PATH not in statistician.get("/").text


def test_it_is_counted_before_it_is_signed_and_the_order_of_its_arms_is_not_shown(house: House) -> None:
    statistician = house.browser("stat")
    arms = ("MSC", "PLACEBO", "PLACEBO", "MSC") * 6 + ("PLACEBO", "MSC")
    page = counted(statistician, " ".join(arms), "4 2")
    assert page.status_code == 200
    seen = shown(page.text)
    for told in ("Places 26", "13 places", "Blocks of 2 1", "Blocks of 4 6", "First block of", "complete"):
        assert told in seen, (told, seen)
    assert "MSC PLACEBO" not in seen
    assert SIGNED in page.text
    assert stratum(house) is None
    assert loaded(statistician, page, password="wrong").status_code == 422
    assert stratum(house) is None
    again = loaded(statistician, page, password="wrong")
    assert errors(again.text) == ["This is not the password of Stat."]
    assert "Places 26" in shown(again.text)
    done = loaded(statistician, again)
    assert done.status_code == 303, errors(done.text)
    found = stratum(house)
    assert found is not None
    assert found.arms == arms


def test_a_list_that_was_only_counted_is_on_no_record(house: House) -> None:
    with house.door.database.reading(Plane.SEALED) as connection:
        before = [store.size(connection) for store in house.door.stores.values()]
    statistician = house.browser("stat")
    counted(statistician, "MSC PLACEBO " * 11)
    counted(statistician, "MSC SUGAR")
    with house.door.database.reading(Plane.SEALED) as connection:
        assert [store.size(connection) for store in house.door.stores.values()] == before


@pytest.mark.parametrize("between", [" ", ",", ", ", "\n", "\r\n", "; "])
def test_whatever_stands_between_the_arms_and_the_sizes_is_taken(house: House, between: str) -> None:
    arms = between.join(["MSC", "PLACEBO", "PLACEBO", "MSC"] * 6)
    page = counted(house.browser("stat"), arms, between.join(["4", "6"]))
    assert "Places 24" in shown(page.text)


def test_nothing_is_cut_up_to_the_longest_list_and_beyond_it_is_refused_in_words(house: House) -> None:
    statistician = house.browser("stat")
    page = counted(statistician, "MSC PLACEBO " * 1000)
    assert "Places 2000" in shown(page.text)
    many = counted(statistician, "MSC PLACEBO " * 1001)
    assert many.status_code == 422
    assert errors(many.text) == ["Arms, in their order: at most 2000, 2002 found."]
    assert loaded(statistician, page).status_code == 303
    found = stratum(house)
    assert found is not None
    assert len(found.arms) == 2000


FILE = "site,place,arm\n" + "".join(
    f"{site},{place},{'MSC' if place % 2 else 'PLACEBO'}\n" for site in ("NAN", "STR") for place in range(1, 25)
)


@pytest.mark.parametrize("text", [FILE, FILE.replace(",", ";"), "\ufeff" + FILE.replace("\n", "\r\n")])
def test_the_file_that_the_command_takes_is_taken_and_its_text_too(house: House, text: str) -> None:
    statistician = house.browser("stat")
    sent = counted(statistician, file=(io.BytesIO(text.encode()), "list.csv"))
    assert "Places 24" in shown(sent.text)
    pasted = counted(statistician, text.removeprefix("\ufeff"), site="STR")
    assert "Places 24" in shown(pasted.text)
    assert loaded(statistician, sent).status_code == 303
    assert loaded(statistician, pasted).status_code == 303
    assert [len(found.arms) for found in (stratum(house), stratum(house, "STR")) if found] == [24, 24]


@pytest.mark.parametrize(
    ("arms", "more", "told"),
    [
        ("MSC PLACEBO", {"file": FILE}, "Give the list once: as text, or as a file."),
        ("", {"file": b"\xff\xfe"}, "The file is no text in UTF-8."),
        ("site,place,arm\nSTR,1,MSC\n", {}, "The list has no row of NAN; it has STR."),
        ("site,place,arm\nNAN,1,MSC\nNAN,3,MSC\n", {}, "Line 3 of the list: expected NAN, 2, found NAN, 3."),
        ("site,place,arm\nNAN,1\n", {}, "Line 2 of the list: expected site, place, arm, found NAN, 1."),
        ("MSC PLACEBO " * 11 + "MSC", {}, "The list ends inside a block: its last 1 places are no whole block of 2."),
        ("PLACEBO SUGAR", {}, "SUGAR is not an arm of this trial."),
        ("", {}, "Arms, in their order: nothing was entered."),
        ("MSC PLACEBO " * 11, {"site": "DIJ"}, "DIJ is already recorded."),
    ],
)
def test_what_is_wrong_with_it_is_said_and_nothing_is_lost(
    house: House, arms: str, more: dict[str, Any], told: str
) -> None:
    if "file" in more:
        data = more["file"]
        more = {"file": (io.BytesIO(data if isinstance(data, bytes) else data.encode()), "list.csv")}
    page = counted(house.browser("stat"), arms, **more)
    assert page.status_code == 422
    assert errors(page.text) == [told]
    if arms:
        assert arms.strip()[:40] in page.text


def test_a_short_list_is_loaded_only_when_it_is_said_to_be_short(house: House) -> None:
    statistician = house.browser("stat")
    page = counted(statistician, "MSC PLACEBO " * 5)
    assert "This list is short: 10 places, for an expected 22 participants." in page.text
    unsaid = loaded(statistician, page)
    assert unsaid.status_code == 422
    assert "This list is short: 10 places." in errors(unsaid.text)[0]
    assert loaded(statistician, unsaid, short="yes").status_code == 303


def test_nobody_else_has_the_page_and_the_door_refuses_them(house: House) -> None:
    for login in ("monitor", "resp", "nurse", "admin", "inspector_unblinded"):
        browser = house.browser(login)
        assert browser.get(PATH).status_code == 404
        answer = counted(browser, "MSC PLACEBO " * 11, event=str(uuid4()))
        assert answer.status_code == 422
        assert "statistician" in errors(answer.text)[0], login
    assert stratum(house) is None


def test_its_places_are_taken_in_order(house: House) -> None:
    statistician = house.browser("stat")
    assert loaded(statistician, counted(statistician, "PLACEBO MSC " * 11)).status_code == 303
    bags = [journey.ordered(house, journey.enrolled(house)) for _number in range(2)]
    with house.door.database.reading(Plane.SEALED) as connection:
        kept = [house.door.stores[Plane.SEALED].thing(connection, preparation_code(bag)) for bag in bags]
    assert [one.thing.arm for one in kept if one] == ["PLACEBO", "MSC"]  # type: ignore[attr-defined]
    assert REFUSED not in {one.thing.status for one in kept if one}
