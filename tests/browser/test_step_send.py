"""A step's form is sent once, says when it was done, and loses nothing on the way."""

from datetime import datetime

import pytest

from .bedside import BEDSIDE, chips, fill_bedside, scan_into
from .hands import NANCY
from .harness import BADGE, BAG, WRISTBAND
from .scanner import hold_clock, serve_as_of, until_any, wait


def test_the_whole_step_by_scanner_and_keyboard_alone(page, seen):
    hold_clock(page, BEDSIDE)
    for text, name in ((BAG, "treatment_bag"), (WRISTBAND, "wristband"), (BADGE, "second_badge")):
        scan_into(page, text, name)
    wait(page, 1000)
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.insert_text("my secret")
    for _ in range(2):
        page.keyboard.press("Tab")
    page.keyboard.insert_text("their secret")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**/thing")
    [sent] = seen.steps
    assert (sent["treatment_bag"], sent["wristband"], sent["second_badge"]) == (BAG, WRISTBAND, BADGE)
    assert (sent["cover_on"], sent["central_line"]) == ("yes", "yes")
    assert (sent["password"], sent["second_password"]) == ("my secret", "their secret")
    assert sent["event"] == "0190a0b1-0000-4000-8000-000000000001"
    assert datetime.fromisoformat(sent["occurred_at"]).utcoffset() == datetime.now(NANCY).utcoffset()
    assert abs(int(sent["skew_s"])) <= 60


def test_a_form_with_something_missing_is_not_sent(page, seen):
    page.goto(BEDSIDE)
    page.click("[data-confirm]")
    assert page.evaluate("document.activeElement.id") == "t-treatment_bag"
    assert seen.steps == []


DRAFTS = "Object.keys(sessionStorage).filter((name) => name.startsWith('custody.draft.'))"


def test_what_was_scanned_and_typed_outlives_a_reload_but_no_password_does(page):
    hold_clock(page, BEDSIDE)
    fill_bedside(page)
    page.reload()
    assert [chips(page, name) for name in ("treatment_bag", "wristband", "second_badge")] != [[], [], []]
    assert page.is_checked("[name=cover_on]")
    assert page.input_value("[name=password]") == page.input_value("[name=second_password]") == ""
    [name] = page.evaluate(DRAFTS)
    assert "secret" not in page.evaluate(f"sessionStorage.getItem('{name}')")


def test_nothing_of_a_form_is_left_once_it_is_recorded(page):
    hold_clock(page, BEDSIDE)
    fill_bedside(page)
    page.click("[data-confirm]")
    page.wait_for_url("**/thing")
    assert page.evaluate(DRAFTS) == []


def test_nothing_of_a_form_is_left_for_somebody_else(page):
    page.goto(BEDSIDE)
    page.evaluate("sessionStorage.setItem('custody.draft.CCCCCCCCCCCC /s/x', '{}')")
    page.reload()
    assert page.evaluate(DRAFTS) == []


def test_what_was_begun_an_hour_ago_is_begun_anew(page):
    page.goto(BEDSIDE)
    page.check("[name=cover_on]", force=True)
    aged = '(name) => sessionStorage.setItem(name, sessionStorage.getItem(name).replace(/"at":[0-9]+/, \'"at":1\'))'
    page.evaluate(f"{DRAFTS}.forEach({aged})")
    page.reload()
    assert not page.is_checked("[name=cover_on]")


@pytest.mark.parametrize(
    ("path", "minutes", "kept"), [(BEDSIDE, 1, True), (BEDSIDE, 3, False), ("/step/dilute", 3, True)]
)
def test_what_has_to_be_in_the_hand_is_scanned_again_after_two_minutes(page, path, minutes, kept):
    page.goto(path)
    scan_into(page, BADGE, "second_badge")
    aged = f"""(name) => {{
      const draft = JSON.parse(sessionStorage.getItem(name));
      sessionStorage.setItem(name, JSON.stringify({{ ...draft, at: draft.at - {minutes} * 60000 }}));
    }}"""
    page.evaluate(f"{DRAFTS}.forEach({aged})")
    page.reload()
    assert bool(chips(page, "second_badge")) == kept


def test_a_second_press_while_sending_does_nothing(page, seen):
    hold_clock(page, BEDSIDE)
    fill_bedside(page)
    held = []

    def hold(route):
        held.append(route)

    page.route(f"**{BEDSIDE}", hold)
    page.click("[data-confirm]")
    page.wait_for_selector("[data-confirm][aria-disabled=true]")
    assert page.inner_text("[data-confirm]") == "Sending…"
    page.click("[data-confirm]", force=True)
    page.focus("[data-confirm]")
    page.keyboard.press("Enter")
    until_any(page, held)
    page.wait_for_timeout(100)  # for a second one that would follow
    [route] = held
    route.continue_()
    page.wait_for_url("**/thing")
    assert len(seen.steps) == 1


UNSENT = "Not sent: this device has no connection. Nothing is lost; press again once it has one."
UNANSWERED = "No answer came from the server: this may be on record already. Press again; it cannot be recorded twice."


def unsent(page, words):
    """Press the button and wait for these words beside it."""
    page.click("[data-confirm]")
    page.wait_for_selector("[data-confirm]:not([aria-disabled])")
    assert page.inner_text("[data-unsent]") == words


def test_a_device_without_network_says_that_nothing_was_sent(page, seen):
    hold_clock(page, BEDSIDE)
    fill_bedside(page)
    page.context.set_offline(True)
    unsent(page, UNSENT)
    page.context.set_offline(False)
    page.wait_for_selector("[data-unsent]", state="hidden")
    page.click("[data-confirm]")
    page.wait_for_url("**/thing")
    assert len(seen.steps) == 1


def test_once_an_answer_was_lost_nobody_says_that_nothing_was_sent(page, seen):
    hold_clock(page, BEDSIDE)
    fill_bedside(page)
    page.route(f"**{BEDSIDE}", lambda route: (route.fetch(max_redirects=0), route.abort()))
    unsent(page, UNANSWERED)
    assert len(seen.steps) == 1
    page.unroute(f"**{BEDSIDE}")
    page.context.set_offline(True)
    unsent(page, UNANSWERED)
    page.context.set_offline(False)
    page.wait_for_timeout(300)
    assert page.inner_text("[data-unsent]") == UNANSWERED, "the connection is back, the answer is not"
    page.click("[data-confirm]")
    page.wait_for_url("**/thing")
    assert seen.steps[0]["event"] == seen.steps[1]["event"]


def test_a_server_that_fails_says_nothing_of_what_is_on_record(page):
    hold_clock(page, BEDSIDE)
    fill_bedside(page)
    page.route(f"**{BEDSIDE}", lambda route: route.fulfill(status=503, body="not sure"))
    unsent(page, UNANSWERED)


def test_without_an_answer_the_form_stays_and_the_same_event_is_sent_again(page, seen):
    hold_clock(page, BEDSIDE)
    fill_bedside(page)
    tried = []

    def lose_the_answer(route):
        tried.append(route.request.post_data)
        route.abort()

    page.route(f"**{BEDSIDE}", lose_the_answer)
    page.click("[data-confirm]")
    page.wait_for_selector("[data-unsent]:not([hidden])")
    assert page.inner_text("[data-unsent]") == UNANSWERED
    assert page.input_value("[name=second_password]") == "their secret"
    assert chips(page, "wristband") == ["PPSX-BSJV-UJVU"]
    first = page.input_value("[name=occurred_at]")
    wait(page, 90_000)
    page.unroute(f"**{BEDSIDE}")
    page.click("[data-confirm]")
    page.wait_for_url("**/thing")
    [sent] = seen.steps
    assert (sent["occurred_at"], sent["held_up"]) == (first, "yes")
    assert sent["event"] in tried[0]


def test_a_form_changed_after_a_failure_was_done_later(page, seen):
    hold_clock(page, BEDSIDE)
    fill_bedside(page)
    page.route(f"**{BEDSIDE}", lambda route: route.abort())
    page.click("[data-confirm]")
    page.wait_for_selector("[data-unsent]:not([hidden])")
    first = page.input_value("[name=occurred_at]")
    page.unroute(f"**{BEDSIDE}")
    wait(page, 90_000)
    page.fill("[name=password]", "my other secret")
    page.click("[data-confirm]")
    page.wait_for_url("**/thing")
    assert seen.steps[0]["occurred_at"] > first
    assert not seen.steps[0].get("held_up")


def test_a_refused_step_shows_all_reasons_and_keeps_what_was_scanned(page, seen):
    seen.refuse.append(["The wristband is of NAN-006, the bag is for NAN-005.", "The opaque cover is needed."])
    hold_clock(page, BEDSIDE)
    fill_bedside(page)
    page.click("[data-confirm]")
    page.wait_for_selector("[data-errors]")
    assert page.locator("[data-errors] li").all_inner_texts() == [
        "The wristband is of NAN-006, the bag is for NAN-005.",
        "The opaque cover is needed.",
    ]
    assert page.evaluate("document.activeElement.matches('[data-errors]')")
    assert chips(page, "treatment_bag") == ["TNRU-JUDF-SCVJ"]
    error = page.locator("[name=cover_on]").get_attribute("aria-describedby")
    assert page.inner_text(f"#{error}") == "The opaque cover is needed."
    page.fill("[name=password]", "my secret")
    page.fill("[name=second_password]", "their secret")
    page.click("[data-confirm]")
    page.wait_for_url("**/thing")
    assert len(seen.steps) == 2


LOOK = "(notice) => [getComputedStyle(notice).borderLeftColor, notice.querySelector('h2').innerText]"


def refused_with(page, seen, *reasons):
    """Send a check that is refused; give how the notice looks that says so."""
    seen.refuse.append(list(reasons))
    hold_clock(page, BEDSIDE, idle=True)
    fill_bedside(page)
    page.click("[data-confirm]")
    return page.wait_for_selector("[data-errors]").evaluate(LOOK)


@pytest.mark.parametrize("how", ["typed", "ticked", "scanned", "removed"])
def test_a_refusal_steps_back_once_the_form_is_changed(page, seen, how):
    red, title = refused_with(page, seen, "This bag is for another participant.")
    assert title == "Not recorded"
    match how:
        case "typed":
            page.fill("[name=password]", "my secret")
        case "ticked":
            page.uncheck("[name=cover_on]")
        case _:
            page.click("[data-name=wristband] [data-remove]")
    if how == "scanned":
        scan_into(page, WRISTBAND, "wristband")
    colour, title = page.locator("[data-errors]").evaluate(LOOK)
    assert colour != red
    assert title == "Not recorded last time"
    assert page.inner_text("[data-errors] li") == "This bag is for another participant."


def test_a_refusal_of_before_does_not_stand_beside_what_became_of_the_next_sending(page, seen):
    red, _ = refused_with(page, seen, "The opaque cover is needed.")
    page.fill("[name=password]", "my secret")
    page.fill("[name=second_password]", "their secret")
    page.context.set_offline(True)
    unsent(page, UNSENT)
    assert page.locator("[data-errors]").evaluate(LOOK) != [red, "Not recorded"]
    page.context.set_offline(False)
    seen.refuse.append(["This bag is for another participant."])
    page.click("[data-confirm]")
    page.wait_for_selector("[data-errors]:not([data-old])")
    assert page.locator("[data-errors]").evaluate(LOOK) == [red, "Not recorded"]


def test_a_refusal_of_before_goes_once_the_next_answer_came(page, seen):
    refused_with(page, seen, "The opaque cover is needed.")
    page.fill("[name=password]", "my secret")
    page.fill("[name=second_password]", "their secret")
    page.evaluate("onpagehide = () => { sessionStorage.left = document.querySelectorAll('[data-errors]').length }")
    page.click("[data-confirm]")
    page.wait_for_url("**/thing")
    assert page.evaluate("sessionStorage.left") == "0"


def test_the_present_minute_of_the_site_is_filled_in(page):
    page.clock.install(time="2026-07-14T22:05:30Z")
    page.route("**/step/dilute", serve_as_of("2026-07-14T22:05:30+00:00"))
    page.goto("/step/dilute")
    page.click("[data-now=f-ended_at]")
    assert page.input_value("#f-ended_at") == "2026-07-15T00:05"


@pytest.mark.parametrize("typed", ["14,4", "14.4", "0", "1 000"])
def test_a_number_may_be_typed_with_comma_or_point(page, typed):
    page.goto("/step/dilute")
    page.fill("[name=drawn_ul]", typed)
    assert page.evaluate("document.querySelector('[name=drawn_ul]').checkValidity()")
    page.fill("[name=drawn_ul]", "many")
    assert not page.evaluate("document.querySelector('[name=drawn_ul]').checkValidity()")


def test_without_scripts_a_step_is_a_plain_form(browser, here, seen):
    context = browser.new_context(**here, java_script_enabled=False)
    plain = context.new_page()
    plain.goto("/step/dilute")
    plain.fill("[name=vials]", "one\ntwo")
    plain.fill("[name=drawn_ul]", "14,4")
    plain.fill("[name=albumin_ul]", "235,6")
    plain.fill("[name=ended_at]", "2026-03-17T14:05")
    plain.fill("[name=second_badge]", BADGE)
    plain.fill("[name=password]", "a")
    plain.fill("[name=second_password]", "b")
    plain.click("[data-confirm]")
    plain.wait_for_url("**/thing")
    context.close()
    [sent] = seen.steps
    assert sent["vials"].split() == ["one", "two"]
    assert (sent["treatment_bag"], sent["drawn_ul"], sent["ended_at"]) == (BAG, "14,4", "2026-03-17T14:05")
