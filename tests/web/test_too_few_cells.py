"""Cells that do not suffice: told where they are counted, and a count that ends a cryobag is read once more."""

from __future__ import annotations

import re
from datetime import timedelta
from uuid import uuid4

from custody import codes
from custody.chain.things import Plane
from tests.web import journey
from tests.web.house import Browser, House, confirmation


def test_a_count_that_ends_a_cryobag_is_read_once_more_before_it_goes_on_record(house: House) -> None:
    bag, cryobag, tech = thawed(house)
    slip = {"viable_cells_per_ml": "5", "volume_ul": "20", "viability_permille": "65"}
    asked = tech.step(cryobag, "count", **slip)
    assert asked.status_code == 422
    assert "<li>Viability 65 % is below 70 %.</li>" in asked.text
    assert "the cryobag is not used, and cannot be counted again" in asked.text
    other = tech.step(cryobag, "count", **{**slip, "viability_permille": "64"}, beyond=confirmation(asked))
    assert other.status_code == 422, "what is confirmed is what was read"
    assert status(house, cryobag) == "thawed"
    asked_by_another = house.browser("nurse").send("/do/count", {"event": str(uuid4()), "cryobag": cryobag, **slip})
    assert "data-told" not in asked_by_another.text, "whoever may not count is refused at once"
    tech.did(cryobag, "count", **slip, beyond=confirmation(asked))
    assert status(house, cryobag) == "failed"
    assert f"{codes.group(bag)} has 0 × 10⁶ viable cells; 70 × 10⁶ are needed" in words_of(
        tech.get(f"/s/{cryobag}").text
    )


def test_cells_that_are_too_few_are_told_where_they_are_counted_and_before_anything_is_diluted(house: House) -> None:
    bag, cryobag, tech = thawed(house)
    tech.did(cryobag, "count", viable_cells_per_ml="3", volume_ul="17.2", viability_permille="84.5")
    said = f"{codes.group(bag)} has 51.6 × 10⁶ viable cells; 70 × 10⁶ are needed: reserve another cryobag."
    for path in (f"/s/{cryobag}", f"/s/{bag}", f"/s/{bag}/do/dilute"):
        assert said in words_of(tech.get(path).text), path
    assert f'class="action" href="/s/{bag}/do/reserve"' in tech.get(f"/s/{cryobag}").text
    assert f'href="/s/{bag}/do/dilute"' not in tech.get(f"/s/{cryobag}").text
    assert "Dose that this gives" not in tech.get(f"/s/{bag}/do/dilute").text
    assert "viable cells" not in words_of(house.browser("nurse").get(f"/s/{bag}").text)
    house.browser("doctor").did(bag, "cancel_order", reason="died")
    assert "reserve another" not in words_of(tech.get(f"/s/{cryobag}").text), "for an order that stands no longer"


def thawed(house: House) -> tuple[str, str, Browser]:
    """Order for 70 kg, reserve and thaw one cryobag; give both codes, and who did it."""
    cryobags = journey.lot(house)
    bag = journey.ordered(house, journey.enrolled(house, "70"))
    tech = house.browser("tech")
    tech.did(bag, "reserve", cryobags=cryobags[0])
    end = house.clock.advance(minutes=30)
    tech.did(cryobags[0], "thaw", started_at=end - timedelta(minutes=4), ended_at=end, bath_dc="37")
    return bag, cryobags[0], tech


def status(house: House, cryobag: str) -> str:
    with house.door.database.reading(Plane.SEALED) as connection:
        kept = house.door.stores[Plane.SEALED].thing(connection, cryobag)
    assert kept
    return kept.thing.status


def words_of(page: str) -> str:
    """Give a page's words, whatever spaces stand between them."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())
