"""Times run by the server's clock, over a reload and on a device whose own clock is wrong."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest


def started(minutes: float) -> str:
    return f"/thing?started={quote((datetime.now(UTC) - timedelta(minutes=minutes)).isoformat())}"


def minute(page) -> int:
    return int(page.inner_text("time[data-elapsed]").split(":")[0])


def offset(page) -> float:
    return float(page.get_attribute("[data-part]", "stroke-dashoffset"))


def test_the_infusions_clock_goes_on_over_a_reload(page):
    url = started(12.2)
    page.goto(url)
    assert minute(page) == 12
    page.reload()
    assert minute(page) == 12
    page.clock.install()
    page.goto(url)
    page.clock.fast_forward("05:00")
    assert minute(page) == 17


def test_the_ring_says_in_words_what_it_shows(page):
    page.clock.install()
    page.goto(started(15.2))
    assert offset(page) == pytest.approx(49, abs=1)
    assert page.inner_text("[data-ring-word]") == "running"
    page.clock.fast_forward("16:00")
    assert offset(page) == 0
    assert page.inner_text("[data-ring-word]") == "planned time over"
    page.clock.fast_forward("15:00")
    assert page.inner_text("[data-ring-word]") == "longer than planned"


def test_a_paused_infusion_stands_still(page):
    page.clock.install()
    page.goto(started(12.2) + "&paused=1")
    page.clock.fast_forward("05:00")
    assert minute(page) == 12
    assert page.inner_text("[data-ring-word]") == "paused"


def test_a_deadline_counts_down_and_says_when_it_is_over(page):
    page.clock.install()
    page.goto("/thing")
    deadline = page.locator("time[data-until]").first
    assert deadline.inner_text() == "in 2 h 10 min"
    page.clock.fast_forward("02:20:00")
    assert deadline.inner_text() == "9 min late"
    assert "late" in deadline.get_attribute("class")


@pytest.mark.parametrize(("off", "words"), [(5, "5 min ahead"), (-180, "3 h behind")])
def test_a_device_clock_that_is_off_is_told_so_and_changes_no_timer(page, off, words):
    page.clock.install(time=datetime.now(UTC) + timedelta(minutes=off))
    page.goto(started(12.2))
    assert words in page.inner_text("[data-clock-bar]")
    page.clock.run_for(1000)
    assert minute(page) == 12


def test_a_device_clock_that_is_right_is_not_mentioned(page):
    page.goto("/thing")
    assert page.is_hidden("[data-clock-bar]")


def test_a_form_says_how_far_the_clock_was_off(page, seen):
    page.clock.install(time=datetime.now(UTC) + timedelta(minutes=5))
    page.goto("/plain")
    page.evaluate("document.querySelector('form.step').dataset.occurred = ''")
    page.click("#danger")
    page.wait_for_url("**/thing")
    assert 295 <= int(seen.steps[0]["skew_s"]) <= 305


def test_going_back_to_a_page_of_before_raises_no_false_alarm(page):
    page.goto("/thing")
    page.evaluate("sessionStorage.setItem('custody.skew_ms', '0')")
    page.goto("/plain")
    page.go_back()
    assert page.is_hidden("[data-clock-bar]")
