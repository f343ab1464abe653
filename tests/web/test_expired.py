"""A bag that expired before it was given: shown so, with what is left to do; and whose bag it is, before its code."""

from __future__ import annotations

import re

import pytest

from tests.web import journey
from tests.web.house import House, errors
from tests.web.test_unblinding import add_investigator


@pytest.fixture
def bag(house: House) -> str:
    return journey.on_ward(house).bag


def test_it_is_shown_expired_and_what_comes_next_is_to_return_or_destroy_it(house: House, bag: str) -> None:
    nurse = house.browser("nurse")
    good = nurse.get(f"/s/{bag}").text
    assert re.search(r'class="badge good">.*?received', good)
    assert "bedside_check" in good
    house.clock.advance(hours=5)
    for page in (nurse.get(f"/s/{bag}").text, nurse.get("/worklist").text):
        assert re.search(r'class="badge calm">[^b]*?<svg.*?</svg> received', page, re.DOTALL)
        assert re.search(r'class="badge bad">.*?expired', page, re.DOTALL)
    page = nurse.get(f"/s/{bag}").text
    assert re.findall(rf'href="/s/{bag}/do/(\w+)"', page)[:2] == ["return_bag", "destroy_bag"]
    assert 'do/bedside_check"' not in page, "but as done earlier, on paper"
    given = {"cover_on": "yes", "central_line": "yes"}
    wristband = re.findall(r'href="/s/(P[A-Z]{11})"', page)[0]
    said = errors(nurse.step(bag, "bedside_check", "nurse2", wristband=wristband, **given).text)
    assert any("is not given any more" in text and "return or destroy it" in text for text in said)


def test_whose_bag_it_is_stands_before_its_code(house: House, bag: str) -> None:
    nurse, doctor = house.browser("nurse"), house.browser("doctor")
    wristband = re.findall(r'href="/s/(P[A-Z]{11})"', nurse.get(f"/s/{bag}").text)[0]
    pages = [
        nurse.get(f"/s/{bag}"),
        nurse.get(f"/s/{bag}/do/bedside_check"),
        doctor.get(f"/s/{wristband}/do/break_code"),
    ]
    for page in pages:
        heading = page.text.partition("<h1>")[2].partition("</h1>")[0]
        assert '<span class="trial-number">NAN-001</span>' in heading
        assert heading.index("NAN-001") < heading.index('class="code"')


def test_the_code_break_of_another_sites_participant_says_whose_it_is_and_goes_on(house: House) -> None:
    said = "This participant is of Réanimation médicale, Hôpital Central, Nancy."
    wristband = journey.enrolled(house)
    doctor = house.browser("doctor")
    doctor.did(wristband, "order")
    assert said not in doctor.get(f"/s/{wristband}/do/break_code").text
    add_investigator(house, "DIJ")
    away = house.browser("other")
    assert said in away.get(f"/s/{wristband}/do/break_code").text
    away.did(wristband, "break_code", why="reaction")


EXPIRED = re.compile(r'class="badge bad">.*?expired', re.DOTALL)


def test_a_lot_and_its_unused_cryobags_are_shown_expired_wherever_they_stand(house: House) -> None:
    """What was used before is not: its expiry says nothing any more."""
    used, unused = journey.lot(house)
    bag = journey.ordered(house, journey.enrolled(house))
    journey.prepared(house, bag, [used])
    inspector = house.browser("inspector_unblinded")
    places = (
        "/registers/lots",
        f"/s/{journey.DIN}",
        f"/s/{journey.DIN}/history",
        f"/s/{unused}",
        f"/s/{unused}/history",
    )
    assert not any(EXPIRED.search(inspector.get(path).text) for path in places)
    house.clock.advance(days=3000)
    for path in places:
        page = inspector.get(path).text
        assert EXPIRED.search(page), path
        assert 'class="badge good"' not in page.partition("</header>")[0], path
    became = inspector.get(places[2]).text.partition("What became of it")[2]
    assert len(EXPIRED.findall(became)) == 1, "the one that was not used"
    assert not EXPIRED.search(inspector.get(f"/s/{used}").text)
