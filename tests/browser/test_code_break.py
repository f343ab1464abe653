"""An investigator alone, at 3 a.m., on a telephone: from the sign-in to the arm in less than half a minute."""

import sys
import time
from datetime import UTC, datetime, timedelta

import pytest

from tests.web import journey
from tests.web.house import PASSWORD, build

from .conftest import complain_about
from .ward import served

LIMIT_S = 30
KEY_MS = 90
"""Between two keys: slower than most thumbs."""
LOOK_S = 0.7
"""How long a tired person looks at each page before touching it."""
NIGHT = datetime(2026, 3, 12, 2, 0, tzinfo=UTC)


@pytest.fixture
def house(tmp_path):
    made = build(tmp_path)
    yield made
    made.door.database.close()


def telephone(browser, base, house, ahead=timedelta()):
    context = browser.new_context(base_url=base, locale="en-GB", viewport={"width": 390, "height": 844}, has_touch=True)
    context.clock.set_fixed_time(house.clock.now() + ahead)
    context.set_default_timeout(20_000)
    return context.new_page()


def type_in(page, selector, text):
    page.tap(selector)
    page.locator(selector).press_sequentially(text, delay=KEY_MS)


def look(page, selector):
    page.wait_for_selector(selector)
    time.sleep(LOOK_S)


def break_the_code(page, wristband):
    """Sign in, type what stands on the wristband, give a reason and the password: no step left out."""
    page.goto("/sign-in")
    look(page, "#name")
    type_in(page, "#name", "doctor")
    type_in(page, "#password", PASSWORD)
    page.tap("button.primary")
    look(page, "#raw")
    type_in(page, "#raw", wristband)
    page.keyboard.press("Enter")
    look(page, "a[href$='/do/break_code']")
    page.tap("a[href$='/do/break_code']")
    look(page, "[data-confirm]")
    page.tap("label:has([name=why][value=reaction])")
    type_in(page, "[name=password]", PASSWORD)
    page.tap("[data-confirm]")
    page.wait_for_selector(".told .arm")


def assert_that_it_was_shown_once(page):
    """Reload, go back and forward: each leads to the question for the password, or to another page."""
    page.reload()
    for move in (None, page.go_back, page.go_forward, page.go_back, page.go_back):
        if move:
            move()
        page.wait_for_load_state("networkidle")
        assert page.locator(".arm").count() == 0, page.url
        assert "mesenchymal" not in page.content(), page.url
        if move is None or move == page.go_forward:
            assert "The arm was shown once." in page.inner_text("main")
    page.go_forward()
    page.go_forward()
    page.wait_for_selector("form:not([data-step]) [name=password]")


def test_the_arm_leaves_the_page_after_its_minutes_and_before_it_is_left(browser, house):
    wristband = journey.enrolled(house)
    journey.ordered(house, wristband)
    with served(house) as base:
        page = telephone(browser, base, house)
        break_the_code(page, wristband)
        page.clock.set_fixed_time(house.clock.now() + timedelta(minutes=5, seconds=2))
        page.wait_for_selector("form:not([data-step]) [name=password]")
        assert page.locator(".arm").count() == 0
        page.fill("[name=password]", PASSWORD)
        page.tap("button.primary")
        page.wait_for_selector(".told .arm")
        page.wait_for_load_state("networkidle")  # its scripts run
        page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))")
        assert page.locator(".arm").count() == 0, "a page that the browser keeps holds no arm"
        page.context.close()


@pytest.mark.parametrize(
    "ahead", [timedelta(), timedelta(hours=2), timedelta(days=-400)], ids=["right", "ahead", "reset"]
)
def test_the_code_is_broken_on_a_telephone_in_half_a_minute(browser, house, record_property, capsys, ahead):
    wristband = journey.enrolled(house)
    journey.ordered(house, wristband)
    house.clock.set(NIGHT)
    with served(house) as base:
        page = telephone(browser, base, house, ahead)
        complaints = complain_about(page)
        begun = time.monotonic()
        break_the_code(page, wristband)
        took = time.monotonic() - begun
        told = page.locator(".told .arm").all_inner_texts()
        assert told[0] == "Allogeneic mesenchymal stem cells in albumin"
        assert "2026-03-12 03:00 CET" in page.inner_text("main")
        assert page.evaluate("document.querySelector('.told').getBoundingClientRect().bottom < innerHeight"), (
            "at a glance"
        )
        assert_that_it_was_shown_once(page)
        page.fill("[name=password]", PASSWORD)
        page.tap("button.primary")
        page.wait_for_selector(".told .arm")
        assert page.locator(".told .arm").all_inner_texts() == told
        assert complaints == []
        page.context.close()
    record_property("seconds", round(took, 1))
    with capsys.disabled():
        sys.stdout.write(f"\ncode broken on a telephone in {took:.1f} s, slow keys and looking included\n")
    assert took < LIMIT_S
