"""The page of a step: scans find their field, the form is sent once, and nothing is lost on the way."""

import pytest

from .harness import BADGE, BAG, OTHER_BAG, VIAL, WRISTBAND
from .scanner import hold_clock, scan, wait

BEDSIDE = "/step/bedside_check"


def until(page, wanted: str) -> None:
    page.wait_for_selector(f"main [data-status][data-state={wanted}]")


def chips(page, name: str) -> list[str]:
    return page.locator(f"[data-name={name}] .chip [data-typed]").all_inner_texts()


def scan_into(page, text: str, name: str, many: int = 1) -> None:
    scan(page, text)
    page.wait_for_selector(f"[data-name={name}] .chip:nth-child({many})")


def fill_bedside(page) -> None:
    """Scan and answer everything on the page of the bedside check."""
    scan_into(page, BAG, "treatment_bag")
    scan_into(page, WRISTBAND, "wristband")
    scan_into(page, BADGE, "second_badge")
    for name in ("cover_on", "central_line"):
        page.check(f"[name={name}]")
    page.fill("[name=password]", "my secret")
    page.fill("[name=second_password]", "their secret")


def test_each_scan_goes_into_the_empty_field_of_its_kind_in_any_order(page, seen):
    hold_clock(page, BEDSIDE)
    scan_into(page, WRISTBAND, "wristband")
    scan_into(page, BAG, "treatment_bag")
    assert chips(page, "treatment_bag") == ["TNRU-JUDF-SCVJ"]
    assert page.input_value("[name=treatment_bag]") == BAG
    assert page.input_value("[name=wristband]") == WRISTBAND
    assert [each["expects"] for each in seen.scans] == [
        "treatment_bag,participant,person",
        "treatment_bag,person",
    ]


def test_the_panel_says_what_is_still_to_be_scanned(page):
    hold_clock(page, BEDSIDE)
    all_three = "Treatment bag · Wristband · Badge of the second person"
    assert page.inner_text("main [data-text]") == f"Still to scan: {all_three}"
    scan_into(page, BAG, "treatment_bag")
    assert page.inner_text("main [data-advice]") == "Still to scan: Wristband · Badge of the second person"
    wait(page, 6000)
    assert page.inner_text("main [data-text]") == "Still to scan: Wristband · Badge of the second person"


def test_a_thing_of_the_wrong_kind_goes_nowhere(page):
    hold_clock(page, BEDSIDE)
    scan_into(page, BAG, "treatment_bag")
    scan(page, OTHER_BAG)
    until(page, "wrong")
    assert page.inner_text("main [data-text]") == "This is a treatment_bag, not a participant."
    page.click("main [data-dismiss]")
    until(page, "waiting")
    assert page.input_value("[name=treatment_bag]") == BAG


def test_the_same_thing_again_is_no_fault_and_asks_nobody(page, seen):
    hold_clock(page, BEDSIDE)
    scan_into(page, BAG, "treatment_bag")
    scan(page, f"HTTPS://CUSTODY.EXAMPLE/S/{BAG}")
    assert page.inner_text("main [data-text]") == "This is already there."
    assert len(seen.scans) == 1


def test_after_the_last_scan_the_focus_goes_to_what_is_still_empty(page):
    hold_clock(page, BEDSIDE)
    for text, name in ((BAG, "treatment_bag"), (WRISTBAND, "wristband"), (BADGE, "second_badge")):
        scan_into(page, text, name)
    assert page.evaluate("document.activeElement.name") == "cover_on"
    wait(page, 6000)
    until(page, "done")
    assert page.inner_text("main [data-text]") == "Everything is scanned."


def test_a_field_for_many_takes_one_after_another_and_gives_back(page):
    hold_clock(page, "/step/dilute")
    second = VIAL.replace("S0001", "S0002")
    scan_into(page, VIAL, "vials")
    scan_into(page, second, "vials", many=2)
    shown = VIAL.replace("\x1d", "\u241d")
    assert page.input_value("[name=vials]") == f"{shown}\n{shown.replace('S0001', 'S0002')}"
    scan(page, VIAL)
    until(page, "wrong")
    assert "scanned twice" in page.inner_text("main [data-text]")
    page.click("[data-name=vials] .chip:nth-child(1) [data-remove]")
    assert page.input_value("[name=vials]") == shown.replace("S0001", "S0002")
    assert page.evaluate("document.activeElement.id") == "t-vials"


def test_a_known_thing_stands_fixed_and_is_sent(page, seen):
    hold_clock(page, "/step/dilute")
    assert page.locator("[data-name=treatment_bag] .chip .code").inner_text() == "TNRU-JUDF-SCVJ"
    assert page.locator("[data-name=treatment_bag] [data-remove]").count() == 0
    scan_into(page, VIAL, "vials")
    assert seen.scans[0]["expects"] == "albumin_vial,person"


def test_a_code_typed_into_a_field_goes_there(page, seen):
    page.goto(BEDSIDE)
    page.fill("#t-wristband", "ppsx-bsjv-ujvu")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-name=wristband] .chip")
    page.fill("#t-treatment_bag", BAG)
    page.focus("[name=password]")
    page.wait_for_selector("[data-name=treatment_bag] .chip")
    assert [each["source"] for each in seen.scans] == ["typed", "typed"]


def test_a_code_typed_wrong_stays_to_be_corrected(page, seen):
    page.goto(BEDSIDE)
    page.fill("#t-wristband", "PPSXBSJVUJVX")
    page.keyboard.press("Enter")
    until(page, "wrong")
    assert page.input_value("#t-wristband") == "PPSXBSJVUJVX"
    assert page.get_attribute("#t-wristband", "aria-invalid") == "true"
    page.focus("[name=password]")
    page.fill("#t-wristband", WRISTBAND)
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-name=wristband] .chip")
    assert len(seen.scans) == 2


def test_scans_without_network_stand_in_line(page, seen):
    hold_clock(page, BEDSIDE, idle=True)
    page.context.set_offline(True)
    scan(page, BAG)
    until(page, "offline")
    scan(page, WRISTBAND)
    page.click("[data-confirm]")
    assert seen.scans == seen.steps == []
    page.context.set_offline(False)
    page.wait_for_selector("[data-name=wristband] .chip")
    assert [each["raw"] for each in seen.scans] == [BAG, WRISTBAND]
    assert chips(page, "treatment_bag") == ["TNRU-JUDF-SCVJ"]


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
    assert sent["occurred_at"].endswith("+01:00")
    assert abs(int(sent["skew_s"])) <= 60


def test_a_form_with_something_missing_is_not_sent(page, seen):
    page.goto(BEDSIDE)
    page.click("[data-confirm]")
    assert page.evaluate("document.activeElement.id") == "t-treatment_bag"
    assert seen.steps == []


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
    page.wait_for_timeout(100)
    [route] = held
    route.continue_()
    page.wait_for_url("**/thing")
    assert len(seen.steps) == 1


def test_without_network_the_form_stays_and_the_same_event_is_sent_again(page, seen):
    hold_clock(page, BEDSIDE)
    fill_bedside(page)
    tried = []

    def lose_the_answer(route):
        tried.append(route.request.post_data)
        route.abort()

    page.route(f"**{BEDSIDE}", lose_the_answer)
    page.click("[data-confirm]")
    page.wait_for_selector("[data-unsent]:not([hidden])")
    assert page.inner_text("[data-unsent]") == "Not sent: no connection to the server. Nothing is lost; try again."
    assert page.input_value("[name=second_password]") == "their secret"
    assert chips(page, "wristband") == ["PPSX-BSJV-UJVU"]
    first = page.input_value("[name=occurred_at]")
    wait(page, 90_000)
    page.unroute(f"**{BEDSIDE}")
    page.click("[data-confirm]")
    page.wait_for_url("**/thing")
    [sent] = seen.steps
    assert sent["occurred_at"] == first
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


def test_a_refused_step_shows_all_reasons_and_keeps_what_was_scanned(page, seen):
    seen.refuse.append(["This bag is for another participant.", "The opaque cover is needed."])
    hold_clock(page, BEDSIDE)
    fill_bedside(page)
    page.click("[data-confirm]")
    page.wait_for_selector("[data-errors]")
    assert page.locator("[data-errors] li").all_inner_texts() == [
        "This bag is for another participant.",
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


def test_the_present_minute_of_the_site_is_filled_in(page):
    page.clock.install(time="2026-07-14T22:05:30Z")
    page.route("**/step/dilute", serve_as_of("2026-07-14T22:05:30+00:00"))
    page.goto("/step/dilute")
    page.click("[data-now=f-ended_at]")
    assert page.input_value("#f-ended_at") == "2026-07-15T00:05"


def serve_as_of(now: str):
    """Let the server's page say another time than the real one."""

    def handle(route):
        answer = route.fetch()
        body = answer.text()
        start = body.index('<meta name="now" content="') + len('<meta name="now" content="')
        route.fulfill(response=answer, body=body[:start] + now + body[body.index('"', start) :])

    return handle


@pytest.mark.parametrize("typed", ["14,4", "14.4", "0", "1 000"])
def test_a_number_may_be_typed_with_comma_or_point(page, typed):
    page.goto("/step/dilute")
    page.fill("[name=drawn_ul]", typed)
    assert page.evaluate("document.querySelector('[name=drawn_ul]').checkValidity()")
    page.fill("[name=drawn_ul]", "many")
    assert not page.evaluate("document.querySelector('[name=drawn_ul]').checkValidity()")


def test_without_scripts_a_step_is_a_plain_form(browser, base_url, seen):
    context = browser.new_context(base_url=base_url, java_script_enabled=False)
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
