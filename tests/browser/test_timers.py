"""Times run by the server's clock, over a reload and on a device whose own clock is wrong."""

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest

from .scanner import serve_as_of


def started(minutes: float) -> str:
    return f"/thing?started={quote((datetime.now(UTC) - timedelta(minutes=minutes)).isoformat())}"


def let_time_run(page) -> None:
    """Let the test say how time passes, for this page and its server alike."""
    page.clock.install()
    page.route("**/healthz", lambda route: route.abort())


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
    let_time_run(page)
    page.goto(url)
    page.clock.fast_forward("05:00")
    assert minute(page) == 17


def test_the_ring_says_in_words_what_it_shows(page):
    let_time_run(page)
    page.goto(started(15.2))
    assert offset(page) == pytest.approx(49, abs=1)
    assert page.inner_text("[data-ring-word]") == "running"
    page.clock.fast_forward("16:00")
    assert offset(page) == 0
    assert page.inner_text("[data-ring-word]") == "planned time over"
    page.clock.fast_forward("15:00")
    assert page.inner_text("[data-ring-word]") == "longer than planned"


def test_a_paused_infusion_stands_still(page):
    let_time_run(page)
    page.goto(started(12.2) + "&paused=1")
    page.clock.fast_forward("05:00")
    assert minute(page) == 12
    assert page.inner_text("[data-ring-word]") == "paused"


def test_a_deadline_counts_down_and_says_when_it_is_over(page):
    let_time_run(page)
    page.goto("/thing")
    deadline = page.locator("time[data-until]").first
    assert deadline.inner_text() == "in 2 h 10 min"
    page.clock.fast_forward("02:20:00")
    assert deadline.inner_text() == "9 min ago"
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


def send(page, seen):
    """Confirm a form; give when it says that its step was done, and what else it says."""
    page.evaluate("document.querySelector('form.step').dataset.occurred = ''")
    page.click("#danger")
    page.wait_for_url("**/thing")
    sent = seen.steps.pop()
    return datetime.fromisoformat(sent["occurred_at"]), sent


@pytest.mark.parametrize("off", [3, -180])
def test_a_step_is_done_at_the_servers_time_and_says_how_far_the_clock_was_off(page, seen, off):
    page.clock.install(time=datetime.now(UTC) + timedelta(minutes=off))
    page.goto("/plain")
    occurred, sent = send(page, seen)
    assert abs(occurred - datetime.now(UTC)) < timedelta(seconds=10)
    assert abs(int(sent["skew_s"]) - off * 60) <= 5
    assert "held_up" not in sent


def test_a_clock_that_is_set_while_the_page_is_open_is_measured_anew(page, seen):
    page.goto("/plain")
    page.evaluate("() => { const real = Date.now; Date.now = () => real() + 7_200_000; }")
    bar = page.locator("[data-clock-bar]")
    for _slow in range(10):  # an answer that was slow tells no time
        if bar.is_visible():
            break
        with page.expect_response("**/healthz"):
            page.evaluate("dispatchEvent(new Event('online'))")
        page.wait_for_timeout(100)
    assert "2 h ahead" in page.inner_text("[data-clock-bar]")
    occurred, sent = send(page, seen)
    assert abs(occurred - datetime.now(UTC)) < timedelta(seconds=10)
    assert abs(int(sent["skew_s"]) - 7200) <= 5


def test_a_right_clock_keeps_its_own_time_however_slow_the_network_was(page, seen):
    page.route("**/plain", serve_as_of((datetime.now(UTC) - timedelta(seconds=2)).isoformat()))
    page.route("**/healthz", lambda route: route.abort())
    page.goto("/plain")
    before = datetime.now(UTC)
    occurred, sent = send(page, seen)
    assert 2 <= int(sent["skew_s"]) <= 4
    assert before - timedelta(milliseconds=5) <= occurred <= datetime.now(UTC)


def test_a_clock_is_measured_every_minute(page):
    page.clock.install()
    page.goto("/plain")
    with page.expect_response("**/healthz"):
        page.clock.run_for(60_000)


def test_going_back_to_a_page_of_before_raises_no_false_alarm(page):
    page.goto("/thing")
    page.evaluate("sessionStorage.setItem('custody.skew_ms', '0')")
    page.goto("/plain")
    page.go_back()
    assert page.is_hidden("[data-clock-bar]")
