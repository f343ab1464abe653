"""A scan while a password is being typed is a scan; a password is a password, however fast it comes."""

import pytest

from custody import codes

from .bedside import BEDSIDE, chips
from .harness import BADGE, BAG, VIAL
from .scanner import heard, hold_clock, scan, wait

URL = f"HTTPS://CUSTODY.EXAMPLE/S/{BAG}"
LOCAL = f"http://localhost:8000/s/{BADGE}"
MISREAD = BAG[:-1] + "X"
PASSWORD = "[name=password]"


def by_hand(page, text):
    for letter in text:
        page.keyboard.press("Space" if letter == " " else letter)
        wait(page, 90)


@pytest.mark.parametrize("end", ["Enter", "Tab"])
@pytest.mark.parametrize(
    "code", [URL, LOCAL, BAG, BAG.lower(), f"]Q1{URL}", VIAL, "=A99992612345600", "HTTPSM!!CUSTODY.EXAMPLE!S!X"]
)
def test_a_scan_into_a_password_field_is_a_scan(page, code, end):
    hold_clock(page, "/step/stop_infusion")
    page.focus(PASSWORD)
    by_hand(page, "half a sec")
    scan(page, code, end=end)
    assert heard(page) == [{"text": code, "source": "wedge"}]
    assert page.input_value(PASSWORD) == "half a sec"
    assert page.evaluate("document.activeElement.name") == "password"


def test_a_code_of_ours_is_a_scan_there_whatever_it_stands_on(page):
    """As its DataMatrix and its Code 128 hold it: the QR's is a link."""
    bare = [codes.mint(kind, bytes) for kind in codes.Kind]
    hold_clock(page, "/step/stop_infusion")
    page.focus(PASSWORD)
    by_hand(page, "half a sec")
    for code in bare:
        scan(page, code)
        wait(page, 500)
    assert [each["text"] for each in heard(page)] == bare
    assert page.input_value(PASSWORD) == "half a sec"


def test_the_colleagues_badge_finds_its_field_and_the_password_goes_on(page):
    hold_clock(page, BEDSIDE)
    page.focus(PASSWORD)
    by_hand(page, "half a ")
    scan(page, BADGE)
    page.wait_for_selector("[data-name=second_badge] .chip")
    by_hand(page, "secret")
    assert chips(page, "second_badge") == ["BUDN-FPFD-EBCE"]
    assert page.input_value(PASSWORD) == "half a secret"


@pytest.mark.parametrize("pause_ms", [0, 20, 60, 130])
def test_what_was_typed_just_before_the_scan_stays(page, pause_ms):
    hold_clock(page, "/step/stop_infusion")
    page.fill(PASSWORD, "a  secret")
    page.evaluate("document.querySelector('[name=password]').setSelectionRange(2, 2)")
    scan(page, "half", end="", gap_ms=30)
    wait(page, pause_ms)
    scan(page, BADGE)
    assert heard(page) == [{"text": BADGE, "source": "wedge"}]
    assert page.input_value(PASSWORD) == "a half secret"
    assert page.evaluate("document.activeElement.selectionStart") == len("a half")


def test_a_key_that_a_busy_machine_delivers_late_does_not_hide_the_scan(page):
    hold_clock(page, "/step/stop_infusion")
    page.focus(PASSWORD)
    scan(page, URL[:3], end="")
    wait(page, 90)
    scan(page, URL[3:])
    assert heard(page) == [{"text": URL, "source": "wedge"}]
    assert page.input_value(PASSWORD) == ""


@pytest.mark.parametrize("end", ["Enter", "Tab", ""])
@pytest.mark.parametrize("password", ["correct horse", "=tR7&kk2-a9", "hunter2hunter2", "cbdefghjknpr", MISREAD])
def test_a_password_that_a_machine_types_is_not_eaten(page, seen, password, end):
    hold_clock(page, "/step/stop_infusion")
    page.focus(PASSWORD)
    for letter in password:
        page.keyboard.press("Space" if letter == " " else letter)
        wait(page, 8)
    if end:
        page.keyboard.press(end)
    wait(page, 500)
    assert page.input_value(PASSWORD) == password
    assert heard(page) == []
    assert seen.scans == []


def test_a_code_typed_by_hand_as_a_password_is_one(page):
    hold_clock(page, "/step/stop_infusion")
    page.focus(PASSWORD)
    by_hand(page, BADGE)
    page.keyboard.press("Tab")
    assert page.input_value(PASSWORD) == BADGE
    assert heard(page) == []


def test_a_scan_that_no_key_ends_stays_a_password(page):
    hold_clock(page, "/step/stop_infusion")
    page.focus(PASSWORD)
    scan(page, BADGE, end="")
    wait(page, 500)
    assert page.input_value(PASSWORD) == BADGE
    assert heard(page) == []


def test_a_security_key_that_types_a_password_is_no_scanner(page, seen):
    hold_clock(page, "/step/stop_infusion")
    page.focus(PASSWORD)
    scan(page, "cccjgjgkhcbb-irdrfdnlnghhfgrtnnlgedjlftrbdeut", end="")
    wait(page, 500)
    assert page.input_value(PASSWORD).startswith("cccjgjgkhcbb")
    page.keyboard.press("Enter")
    assert heard(page) == []
    assert seen.scans == []


def test_a_focus_that_moves_in_the_middle_of_a_scan_takes_no_part_of_it(page):
    hold_clock(page, BEDSIDE)
    page.focus("main")
    scan(page, BADGE[:5], end="")
    page.focus(PASSWORD)
    scan(page, BADGE[5:])
    assert heard(page) == [{"text": BADGE, "source": "wedge"}]
    assert page.input_value(PASSWORD) == ""
