"""A badge is scanned, a password typed: each lands in its field, whichever had the focus."""

import pytest

from .harness import BADGE
from .scanner import hold_clock, scan, wait

URL = f"HTTPS://CUSTODY.EXAMPLE/S/{BADGE}"


@pytest.mark.parametrize("end", ["Enter", "Tab", ""])
@pytest.mark.parametrize("gap_ms", [2, 15])
def test_after_the_badge_the_password_is_typed_into_its_own_field(page, seen, end, gap_ms):
    hold_clock(page, "/sign-in")
    assert page.evaluate("document.activeElement.id") == "name"
    scan(page, URL, end=end, gap_ms=gap_ms)
    wait(page, 0 if end else 130)
    page.keyboard.insert_text("my secret")
    assert (page.input_value("#name"), page.input_value("#password")) == (URL, "my secret")
    assert seen.steps == []
    wait(page, 1000)
    page.keyboard.press("Enter")
    page.wait_for_url("**/thing")
    assert (seen.steps[0]["name"], seen.steps[0]["password"]) == (URL, "my secret")


def test_the_badge_takes_the_place_of_what_stood_in_the_login(page):
    hold_clock(page, "/sign-in")
    page.fill("#name", "somebody else")
    scan(page, BADGE)
    assert page.input_value("#name") == BADGE


def test_a_badge_scanned_while_the_password_has_the_focus_is_the_login(page):
    hold_clock(page, "/sign-in")
    page.fill("#password", "half a sec")
    scan(page, URL)
    assert (page.input_value("#name"), page.input_value("#password")) == (URL, "half a sec")
    assert page.evaluate("document.activeElement.id") == "password"


def test_a_login_typed_by_hand_stays_where_it_is_typed(page, seen):
    hold_clock(page, "/sign-in")
    for letter in "nurse":
        page.keyboard.press(letter)
        wait(page, 90)
    assert page.evaluate("document.activeElement.id") == "name"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "password"
    assert page.input_value("#name") == "nurse"
