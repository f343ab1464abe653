"""The scanner check: whether a scanner sends what its symbol holds, and which keyboard it seems to be set to."""

from __future__ import annotations

import pytest

from custody import keyboards
from custody.chain.things import Plane
from custody.web.scanner import GS, HELD
from tests.web.house import House


def garbled(keyboard: str) -> str:
    """Give what a computer set to a keyboard makes of what a US scanner types."""
    made = {was: chr(seen) for seen, was in keyboards._UNDONE[keyboard].items()}
    return "".join(made.get(symbol, symbol) for symbol in HELD)


@pytest.mark.parametrize(
    ("raw", "keys", "ended", "said"),
    [
        (
            HELD,
            HELD,
            "Enter",
            ["digits arrive as they are.", "both set to a US keyboard", "ends with Enter"],
        ),
        (HELD, HELD.replace("A", "Q"), "Tab", ["both set to one keyboard, which is no US one", "ends with Tab"]),
        (HELD.replace(GS, ""), "", "Enter", ["The separator of GS1 is lost"]),
        (HELD.replace(GS, ""), HELD.replace(GS, ""), "Enter", ["both set to a US keyboard", "of GS1 is lost"]),
        (HELD.swapcase(), HELD, "Enter", ["Letters or digits arrive as others.", "Caps lock is on."]),
        (HELD, HELD, "", ["It ends with no key: set it to send Enter."]),
        ("TNRUJUDFSCVJ", "", "Enter", ["Letters or digits arrive as others.", "or another symbol was scanned"]),
    ],
)
def test_the_check_says_what_the_scanner_sends(house: House, raw: str, keys: str, ended: str, said: list[str]) -> None:
    page = house.browser("nurse").send("/scanner", {"raw": raw, "keys": keys, "ended": ended})
    assert page.status_code == 200
    assert [words for words in said if words not in page.text] == []
    right = "notice good" in page.text
    assert right == (raw == HELD and ended != "")


@pytest.mark.parametrize("keyboard", sorted(keyboards._UNDONE))
def test_the_check_names_the_keyboard_of_this_computer(house: House, keyboard: str) -> None:
    seen = garbled(keyboard)
    assert seen != HELD
    page = house.browser("tech").send("/scanner", {"raw": seen, "keys": HELD, "ended": "Enter"}).text
    assert f"The scanner types for a US keyboard; this computer is set to {keyboard}." in page
    assert "The separator of GS1 arrives." in page
    lost = house.browser("tech", "fr").send("/scanner", {"raw": seen.replace(GS, ""), "keys": HELD, "ended": "Enter"})
    assert (
        "cet ordinateur est réglé sur {}.".format(keyboard.replace("caps lock", "verrouillage majuscules")) in lost.text
    )
    assert "La lecture se termine par Entrée." in lost.text


def test_nothing_of_it_goes_on_record_and_the_labels_lead_to_it(house: House) -> None:
    nurse = house.browser("nurse")

    def sizes() -> list[int]:
        with house.door.database.reading(Plane.SEALED) as connection:
            return [store.size(connection) for store in house.door.stores.values()]

    before = sizes()
    assert 'href="/scanner"' in nurse.get("/labels").text
    assert nurse.get("/scanner").text.count('role="img"') == 2
    nurse.send("/scanner", {"raw": "<b>"})
    assert "&lt;b&gt;" in nurse.send("/scanner", {"raw": "<b>"}).text
    assert sizes() == before
