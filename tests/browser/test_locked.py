"""A sign-in locks while its page is open: what runs goes on, what was typed stays, the password opens it in place."""

import time
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.web import house as houses
from tests.web.house import PASSWORD

from . import pictures
from .conftest import complain_about
from .ward import served

AFTER = timedelta(seconds=9)
WORDS = "The cover was torn."
BAR = "form[data-lock]"


@pytest.fixture
def house(tmp_path, monkeypatch):
    """A house whose clock runs, and whose sign-ins lock within seconds."""
    made = houses.build(tmp_path)
    run(made, monkeypatch)
    yield made
    made.door.database.close()


def run(house, monkeypatch):
    """Let its clock run, and sign-ins lock from now on."""
    start, begun = house.clock.now(), time.monotonic()
    monkeypatch.setattr(house.clock, "now", lambda: start + timedelta(seconds=time.monotonic() - begun))
    house.app.extensions["config"] = replace(house.app.extensions["config"], lock_after=AFTER)


@pytest.fixture
def page(browser, house):
    with served(house) as base:
        context = browser.new_context(base_url=base, locale="en-GB", viewport={"width": 820, "height": 1180})
        context.set_default_timeout(30_000)
        opened = context.new_page()
        complaints = complain_about(opened)
        sign_in(opened, "nurse")
        yield opened
        context.close()
        assert complaints == []


def sign_in(page, login):
    page.goto("/sign-in")
    page.fill("#name", login)
    page.fill("#password", PASSWORD)
    page.click("button.primary")
    page.wait_for_selector(".who")


def written(page):
    """Open a form and write into it."""
    page.goto("/do/raise_deviation")
    page.fill("[name=what]", WORDS)


def unlock(page, password=PASSWORD):
    page.fill("#unlock", password)
    page.click(f"{BAR} button")


def test_the_bar_says_it_nothing_typed_is_lost_and_the_password_opens_it_in_place(page):
    written(page)
    page.wait_for_selector(BAR)
    assert page.inner_text(f"{BAR} [data-text]").startswith("Locked: not used for 0.15 min. Nothing is lost")
    unlock(page, "wrong")
    page.locator(f"{BAR} [data-text]", has_text="This is not your present password.").wait_for()
    unlock(page)
    page.wait_for_selector(BAR, state="hidden")
    assert page.input_value("[name=what]") == WORDS
    assert page.url.endswith("/do/raise_deviation")
    assert page.evaluate("fetch('/labels', { redirect: 'manual' }).then((answer) => answer.status)") == 200


def test_a_step_that_is_pressed_behind_the_lock_is_sent_after_it(page):
    written(page)
    page.wait_for_selector(BAR)
    page.click("[data-confirm]")
    page.locator("[data-unsent] [data-text]", has_text="Locked. Nothing that you typed").wait_for()
    assert page.evaluate("document.activeElement.id") == "unlock"
    unlock(page)
    page.wait_for_selector(BAR, state="hidden")
    page.click("[data-confirm]")
    page.wait_for_url("**/s/**")
    assert WORDS in page.inner_text("main")


def test_a_scan_behind_the_lock_says_so_and_is_repeated_after_it(page, house):
    page.goto("/")
    page.wait_for_selector(BAR)
    badge = house.people["nurse2"]
    page.fill("#raw", badge)
    page.press("#raw", "Enter")
    words = "Locked: unlock above, then repeat the scan."
    page.locator("main [data-status][data-state=wrong] [data-text]", has_text=words).wait_for()
    unlock(page)
    page.wait_for_selector(BAR, state="hidden")
    page.fill("#raw", badge)
    page.press("#raw", "Enter")
    page.wait_for_url(f"**/s/{badge}")
    assert "Nurse2" in page.inner_text("main")


def test_keys_keep_it_open_and_the_page_by_itself_does_not(page):
    written(page)
    for _second in range(int(AFTER.total_seconds() * 2)):
        page.locator("[name=what]").press("a")
        time.sleep(1)
        assert page.is_hidden(BAR)
    page.goto("/")  # its lists refresh themselves
    page.wait_for_selector(BAR)


def test_the_next_page_asks_for_the_password_and_leads_to_it_and_the_draft_is_still_there(page):
    written(page)
    page.wait_for_selector(BAR)
    page.goto("/do/raise_deviation")
    page.wait_for_selector("#password")
    assert page.input_value("#name") == "nurse"
    assert page.evaluate("document.activeElement.id") == "password"
    page.fill("#password", PASSWORD)
    page.click("button.primary")
    page.wait_for_url("**/do/raise_deviation")
    assert page.input_value("[name=what]") == WORDS


def test_the_timer_of_an_infusion_goes_on_behind_the_bar(browser, tmp_path, monkeypatch):
    stage = pictures.stage(tmp_path)
    run(stage.house, monkeypatch)
    with served(stage.house) as base:
        page = browser.new_page(base_url=base, locale="en-GB")
        page.set_default_timeout(30_000)
        sign_in(page, "nurse")
        page.goto(f"/s/{stage.infusing}")
        page.wait_for_selector(BAR)
        timer = page.locator("time[data-elapsed]").first
        before = timer.inner_text()
        page.locator("time[data-elapsed]").first.filter(has_not_text=before).wait_for()
        assert page.is_visible(BAR)
        assert page.url.endswith(stage.infusing)
        page.close()
    stage.house.door.database.close()


@pytest.mark.parametrize("width", [320, 390, 820, 1280])
def test_the_bar_fits_the_screen_and_leaves_most_of_it(page, width):
    page.set_viewport_size({"width": width, "height": 844})
    page.wait_for_selector(BAR)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    bounds = page.locator(BAR).bounding_box()
    assert bounds["height"] < 844 / 3
    for part in page.locator(f"{BAR} :is(p, input, button, a)").all():
        box = part.bounding_box()
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width


def test_whoever_signs_in_instead_finds_no_draft_of_the_one_who_was_locked(page):
    written(page)
    page.wait_for_selector(BAR)
    sign_in(page, "nurse2")
    page.goto("/do/raise_deviation")
    assert page.input_value("[name=what]") == ""
    assert WORDS not in page.evaluate("JSON.stringify({ ...sessionStorage })")
