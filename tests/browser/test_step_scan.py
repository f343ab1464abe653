"""On the page of a step each scan finds its field, and what does not fit goes nowhere."""

import pytest

from custody import codes

from .bedside import BEDSIDE, chips, scan_into, until
from .harness import BADGE, BAG, OTHER_BADGE, OTHER_BAG, VIAL, WRISTBAND
from .scanner import hold_clock, scan, wait


def test_each_scan_goes_into_the_empty_field_of_its_kind_in_any_order(page, seen):
    hold_clock(page, BEDSIDE)
    scan_into(page, WRISTBAND, "wristband")
    scan_into(page, BAG, "treatment_bag")
    assert chips(page, "treatment_bag") == ["TNRU-JUDF-SCVJ"]
    assert page.input_value("[name=treatment_bag]") == BAG
    assert page.input_value("[name=wristband]") == WRISTBAND
    assert [each["expects"] for each in seen.scans] == [
        "treatment_bag,participant,person",
        "treatment_bag,person,participant",
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
    scan(page, VIAL)
    until(page, "wrong")
    assert page.inner_text("main [data-text]") == "This is a albumin_vial, not a participant."
    page.click("main [data-dismiss]")
    until(page, "waiting")
    assert page.input_value("[name=treatment_bag]") == BAG


def test_the_same_thing_again_is_no_fault_and_a_reading_too(page, seen):
    hold_clock(page, BEDSIDE)
    scan_into(page, BAG, "treatment_bag")
    link = f"HTTPS://CUSTODY.EXAMPLE/S/{BAG}"
    scan(page, link)
    page.wait_for_selector("main [data-text]:text-is('This is already there.')")
    asked = [(each["raw"], each["expects"], "fits" in each) for each in seen.scans]
    assert asked == [(BAG, "treatment_bag,participant,person", True), (link, "treatment_bag", False)]


@pytest.mark.parametrize("how", ["scanned", "with all scanned"])
def test_another_thing_of_the_same_kind_replaces_the_first_and_says_so(page, how):
    hold_clock(page, BEDSIDE)
    scan_into(page, BADGE, "second_badge")
    if how != "scanned":
        scan_into(page, BAG, "treatment_bag")
        scan_into(page, WRISTBAND, "wristband")
    scan(page, OTHER_BADGE)
    page.wait_for_function("(code) => document.querySelector('[name=second_badge]').value === code", arg=OTHER_BADGE)
    assert chips(page, "second_badge") == [codes.group(OTHER_BADGE)]
    assert page.inner_text("main [data-text]") == "Carla Exemple"
    assert page.inner_text("main [data-advice]") == "Replaced: BUDN-FPFD-EBCE is no longer here."
    scan(page, BADGE)
    page.wait_for_function("(code) => document.querySelector('[name=second_badge]').value === code", arg=BADGE)


def test_what_is_replaced_is_what_is_full_and_not_what_the_page_knows(page):
    hold_clock(page, "/step/dilute")
    scan_into(page, VIAL, "vials")
    scan(page, OTHER_BAG)
    until(page, "wrong")
    assert page.input_value("[name=treatment_bag]") == BAG
    scan_into(page, VIAL.replace("S0001", "S0002"), "vials", many=2)


def test_the_same_thing_in_another_spelling_replaces_nothing(page):
    hold_clock(page, BEDSIDE)
    scan_into(page, BADGE, "second_badge")
    scan(page, codes.group(BADGE))
    page.wait_for_selector("main [data-text]:text-is('This is already there.')")
    assert page.input_value("[name=second_badge]") == BADGE


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


@pytest.mark.parametrize("text", [BAG, codes.group(BAG), f"HTTPS://EXAMPLE.ORG/S/{BAG}"])
def test_what_the_page_knows_is_already_there_when_it_is_scanned(page, seen, text):
    hold_clock(page, "/step/dilute")
    scan(page, text)
    until(page, "right")
    assert page.inner_text("main [data-text]") == "This is already there."
    assert page.input_value("[name=treatment_bag]") == BAG
    assert [each["raw"] for each in seen.scans] == [text]


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
    page.wait_for_function("document.querySelector('main [data-raw]').innerText.split(' · ').length === 2")
    assert page.inner_text("main [data-raw]") == f"{BAG} · {WRISTBAND}"
    page.click("[data-confirm]")
    assert seen.scans == seen.steps == []
    page.context.set_offline(False)
    page.wait_for_selector("[data-name=wristband] .chip")
    assert [each["raw"] for each in seen.scans] == [BAG, WRISTBAND]
    assert chips(page, "treatment_bag") == ["TNRU-JUDF-SCVJ"]
