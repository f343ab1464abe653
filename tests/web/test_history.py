"""A history: each thing of a step is a link, what was done elsewhere for it is there, by plane."""

from __future__ import annotations

import re

import pytest

from custody import codes
from custody.chain.deviation import RaiseDeviation
from custody.chain.things import Plane
from custody.web import records
from tests.web import journey
from tests.web.house import House


def rows(page: str, title: str) -> list[str]:
    """Give the rows of a timeline that begin with a step's title."""
    found = re.findall(r"<tr id=.*?</tr>", page, re.DOTALL)
    return [row for row in found if re.search(rf"</svg> {title}\b", row)]


def links(row: str) -> set[str]:
    return set(re.findall(r'href="/s/([^"]+?)(?:/history)?"', row))


def test_a_step_links_the_other_things_that_it_was_about(house: House) -> None:
    bag = journey.infusing(house)
    house.ask(RaiseDeviation(what="late", about=bag), "monitor")
    with house.door.database.reading(Plane.OPEN) as connection:
        store = house.door.stores[Plane.OPEN]
        deviation = store.find(connection, "deviation", "open")[0].thing.code
        handoffs = {kept.thing.code for kept in store.find(connection, "handoff", "signed")}
        shippers = {kept.thing.code for kept in store.find(connection, "shipper", "opened")}
    for login in ("nurse", "inspector", "inspector_unblinded"):
        page = house.browser(login).get(f"/s/{bag}/history").text
        (packed,) = rows(page, "Pack")
        assert shippers <= links(packed)
        assert packed.count(codes.group(next(iter(shippers)))) == 1, "each is told once"
        assert set().union(*map(links, rows(page, "Hand over"))) >= handoffs
        assert links(rows(page, "Raise a deviation")[0]) == {bag, deviation}


def test_a_history_says_at_its_head_and_in_its_title_whose_it_is(house: House) -> None:
    wristband = journey.enrolled(house)
    nurse = house.people["nurse"]
    for code, said in ((wristband, ("participant", "NAN-001")), (nurse, ("person", "Nurse"))):
        page = house.browser("inspector").get(f"/s/{code}/history").text
        title, head = (re.search(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)[1] for tag in ("title", "h1"))
        for words in ("History", *said, codes.group(code)):
            assert words in title
            assert words in head


def test_a_participants_history_has_the_infusion_and_a_bags_the_thawing_for_the_unblinded(house: House) -> None:
    bag = journey.infusing(house)
    house.browser("nurse").did(bag, "observe", due_min="0", reaction="mild", words="shivers", **journey.SIGNS)
    with house.door.database.reading(Plane.OPEN) as connection:
        kept = house.door.stores[Plane.OPEN].thing(connection, bag)
    wristband = getattr(kept.thing, "participant", "") if kept else ""
    for login in ("nurse", "inspector", "inspector_unblinded"):
        page = house.browser(login).get(f"/s/{wristband}/history").text
        for title in ("Start the infusion", "Observe", "Bedside check", "Enrol a participant"):
            assert len(rows(page, title)) == 1, (login, title)
        assert "shivers" in page
        assert not rows(page, "Pack"), "its way there is the bag's own"
    blinded = house.browser("inspector").get(f"/s/{bag}/history").text
    assert not rows(blinded, "Thaw")
    assert not rows(blinded, "Count")
    unblinded = house.browser("inspector_unblinded").get(f"/s/{bag}/history").text
    (thawed,) = rows(unblinded, "Thaw")
    (counted,) = rows(unblinded, "Count")
    assert links(thawed) & links(counted), "the cryobag"


@pytest.mark.parametrize("login", ["monitor", "inspector", "inspector_unblinded"])
def test_a_badge_tells_those_who_oversee_what_its_person_did(
    house: House, login: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    bag = journey.infusing(house)
    tech = house.people["tech"]
    page = house.browser(login).get(f"/s/{tech}/history").text
    table = page.partition("Did and signed")[2]
    assert "Pack" in table
    assert f'href="/s/{bag}/history"' in table
    assert ("Thaw" in table) is ("sealed" in table) is (login == "inspector_unblinded")
    assert "second person" in house.browser(login).get(f"/s/{house.people['nurse2']}/history").text
    monkeypatch.setattr(records, "MOST", 1)
    short = house.browser(login).get(f"/s/{tech}/history").text.partition("Did and signed")[2]
    assert re.search(r"The newest 1 of \d+; `custody trace` lists them all", short)
    assert short.count("<tr class") == 1


@pytest.mark.parametrize("login", ["nurse", "doctor", "courier", "admin", "tech", "resp", "stat"])
def test_nobody_else_is_told_what_a_colleague_did(house: House, login: str) -> None:
    journey.infusing(house)
    assert "Did and signed" not in house.browser(login).get(f"/s/{house.people['tech']}/history").text


def test_a_text_on_record_stays_text_beside_the_links(house: House) -> None:
    bag = journey.ordered(house, journey.enrolled(house))
    house.ask(RaiseDeviation(what=f"<b>{codes.group(bag)}</b>", about=bag), "monitor")
    (row,) = rows(house.browser("inspector").get(f"/s/{bag}/history").text, "Raise a deviation")
    assert "&lt;b&gt;<a" in row
    assert "<b>" not in row
