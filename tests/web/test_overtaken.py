"""A weight that is corrected after the order: everybody is told that it has to be cancelled and ordered again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from custody.chain.things import Plane
from custody.ledger.entry import decode
from tests.web import journey
from tests.web.house import Browser, House, build, errors

SAID = "Weight corrected after the order: it has to be cancelled and ordered again."
BENCH = "Prepare nothing more for it; discard what is prepared."
SECTION = "Weight corrected: cancel and order again"


def enrolment(house: House) -> str:
    with house.door.database.reading(Plane.OPEN) as connection:
        store = house.door.stores[Plane.OPEN]
        head = store.head(connection)
        assert head is not None
        entries = [decode(store.entry(connection, place)) for place in range(head.size)]
    return str(next(entry["event"] for entry in entries if entry["step"] == "enrol"))


def correct(house: House, value: str = "80") -> None:
    """Correct the weight, told that an order stands."""
    doctor = house.browser("doctor")
    link = f"correct?event={enrolment(house)}&field=weight_g"
    doctor.did("", link, value=value, reason="weighed again", beyond=value)


def offered(browser: Browser, code: str) -> list[str]:
    return re.findall(r'class="action(?: danger)?" href="/s/[^"]+/do/(\w+)"', browser.get(f"/s/{code}").text)


@pytest.mark.parametrize("arms", [("MSC", "PLACEBO"), ("PLACEBO", "MSC")])
def test_all_pages_say_that_the_order_has_to_be_cancelled_in_both_arms(tmp_path: Path, arms: tuple[str, ...]) -> None:
    house = build(tmp_path, arms=arms)
    wristband = journey.enrolled(house)
    bag = journey.ordered(house, wristband)
    doctor, nurse = house.browser("doctor"), house.browser("nurse")
    assert SAID not in doctor.get(f"/s/{bag}").text
    correct(house)
    for browser in (doctor, nurse):
        for code in (bag, wristband):
            text = browser.get(f"/s/{code}").text
            assert SAID in text
            assert BENCH not in text
        assert SECTION in browser.get("/").text
    assert offered(doctor, wristband)[0] == "cancel_order"
    assert offered(doctor, bag)[0] == "cancel_order"
    assert "cancel_order" not in offered(nurse, bag)
    doctor.did(bag, "cancel_order", reason="weight")
    doctor.did(wristband, "order")
    assert SAID not in doctor.get(f"/s/{wristband}").text
    assert SECTION not in doctor.get("/").text


def test_who_corrects_is_told_before_confirming(house: House) -> None:
    wristband = journey.enrolled(house)
    doctor = house.browser("doctor")
    link = f"correct?event={enrolment(house)}&field=weight_g"
    bag = journey.ordered(house, wristband)
    given = {"value": "80", "reason": "weighed again"}
    told = doctor.step("", link, **given)
    assert told.status_code == 422
    assert "Not recorded yet. An order stands for the former weight:" in told.text
    assert bag[:4] in told.text
    assert errors(told.text) == []
    assert doctor.step("", link, **given, beyond="80").status_code == 303


def test_the_bench_prepares_nothing_more_and_puts_back_and_discards(house: House) -> None:
    cryobags = journey.lot(house)
    bag = journey.ordered(house, journey.enrolled(house))
    tech = house.browser("tech")
    tech.did(bag, "reserve", cryobags=cryobags[0])
    assert "thaw" in offered(tech, bag)
    correct(house)
    assert not {"thaw", "dilute", "reserve"} & {*offered(tech, bag), *offered(tech, cryobags[0])}
    assert offered(tech, cryobags[0])[0] == "put_back"
    assert f"{SAID} {BENCH}" in tech.get(f"/s/{bag}").text
    assert f"{SAID} {BENCH}" in tech.get(f"/s/{cryobags[0]}").text
    assert f"{SAID} {BENCH}" in tech.get(f"/s/{bag}/do/dilute").text
    assert SECTION in tech.get("/").text
    tech.did(cryobags[0], "put_back")
    assert offered(tech, bag)[0] == "discard_preparation"
    tech.did(bag, "discard_preparation", second="tech2", reason="weight")
    house.browser("doctor").did(bag, "cancel_order", reason="weight")


def test_what_is_covered_is_not_released_and_is_discarded_for_good(house: House) -> None:
    cryobags = journey.lot(house)
    bag = journey.ordered(house, journey.enrolled(house))
    journey.prepared(house, bag, cryobags)
    house.clock.advance(hours=2)
    resp = house.browser("resp")
    assert "release_for_dispatch" in offered(resp, bag)
    correct(house)
    assert "release_for_dispatch" not in offered(resp, bag)
    assert f"{SAID} {BENCH}" in resp.get(f"/s/{bag}").text
    assert "To release for dispatch" not in resp.get("/").text
    tech = house.browser("tech")
    assert offered(tech, bag)[0] == "discard_preparation"
    tech.did(bag, "discard_preparation", second="tech2", reason="weight", destroyed="yes")
    assert offered(tech, bag) == []


def test_a_page_that_is_open_shows_itself_anew_when_the_weight_is_corrected(house: House) -> None:
    bag = journey.ordered(house, journey.enrolled(house))
    nurse = house.browser("nurse")
    seen = re.search(r"changed\?seen=([\d.]+)", nurse.get(f"/s/{bag}").text)
    assert seen is not None
    address = f"/s/{bag}/changed?seen={seen[1]}"
    assert "HX-Refresh" not in nurse.get(address).headers
    correct(house)
    assert "HX-Refresh" in nurse.get(address).headers
