"""A scanner that types like a keyboard is heard whatever has the focus, and leaves no trace there."""

import pytest

from .harness import BAG, VIAL
from .scanner import GS, heard, hold_clock, scan, stand_still, until_any, wait

URL = f"HTTPS://CUSTODY.EXAMPLE/S/{BAG}"


@pytest.mark.parametrize("focus", ["#name", "#note", "#danger", "a.trial", "main"])
def test_a_scan_is_heard_whatever_has_the_focus(page, focus):
    hold_clock(page, "/plain")
    page.focus(focus)
    scan(page, URL)
    assert heard(page) == [{"text": URL, "source": "wedge"}]


def test_the_scanners_enter_presses_no_button_and_sends_no_form(page, seen):
    hold_clock(page, "/plain")
    for focus in ("#danger", "#name"):
        page.focus(focus)
        scan(page, BAG)
    page.wait_for_selector(".toast[data-state=right]")
    assert seen.steps == []
    assert page.url.endswith("/plain")
    page.focus("#danger")
    wait(page, 1000)
    page.wait_for_url("**/thing")


def test_an_enter_by_hand_presses_the_button(page, seen):
    hold_clock(page, "/plain")
    page.focus("#danger")
    page.keyboard.press("Enter")
    page.wait_for_url("**/thing")
    assert len(seen.steps) == 1


def test_a_scan_leaves_the_field_with_the_focus_as_it_was(page):
    hold_clock(page, "/plain")
    page.fill("#name", "Anne")
    page.evaluate("document.getElementById('name').setSelectionRange(2, 2)")
    scan(page, URL)
    assert page.input_value("#name") == "Anne"
    assert page.evaluate("document.getElementById('name').selectionStart") == 2


def test_a_human_who_types_slowly_keeps_every_letter(page, seen):
    hold_clock(page, "/plain")
    page.focus("#name")
    for letter in "Anne Exemple":
        page.keyboard.press("Space" if letter == " " else letter)
        wait(page, 90)
    assert page.input_value("#name") == "Anne Exemple"
    page.keyboard.press("Enter")
    page.wait_for_url("**/thing")
    assert seen.steps[0]["name"] == "Anne Exemple"
    assert seen.scans == []


def test_five_quick_keys_and_enter_are_a_human(page, seen):
    hold_clock(page, "/plain")
    page.focus("#name")
    scan(page, "BBBBB")
    page.wait_for_url("**/thing")
    assert seen.steps[0]["name"] == "BBBBB"


def test_a_key_held_down_is_no_scanner(page):
    hold_clock(page, "/plain")
    page.focus("#note")
    for _ in range(20):
        page.keyboard.down("x")  # again and again without being released: the keyboard repeats it
        wait(page, 30)
    wait(page, 500)
    assert heard(page) == []
    assert page.input_value("#note") == "x" * 20


def test_the_group_separator_of_gs1_is_kept(page):
    hold_clock(page, "/plain")
    page.focus("#name")
    scan(page, VIAL)
    assert GS in VIAL
    assert heard(page) == [{"text": VIAL, "source": "wedge"}]
    assert page.input_value("#name") == ""


def test_a_scan_may_end_with_tab_and_the_focus_stays(page):
    hold_clock(page, "/plain")
    page.focus("#name")
    scan(page, BAG, end="Tab")
    assert heard(page) == [{"text": BAG, "source": "wedge"}]
    assert page.evaluate("document.activeElement.id") == "name"


def test_tab_by_hand_moves_the_focus(page):
    hold_clock(page, "/plain")
    page.focus("#name")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "note"


@pytest.mark.parametrize(("text", "silence_ms"), [(BAG, 120), (URL, 120), ("0103205000004004172801311", 400)])
def test_a_scanner_without_end_key_is_over_after_a_silence(page, text, silence_ms):
    """A short one where the code is whole; a vial's text may go on."""
    hold_clock(page, "/plain")
    page.focus("#name")
    scan(page, text, end="")
    assert heard(page) == []
    wait(page, silence_ms - 10)
    assert heard(page) == []
    wait(page, 30)
    assert heard(page) == [{"text": text, "source": "wedge"}]
    assert page.input_value("#name") == ""


def test_a_password_manager_that_types_a_login_and_tab_is_no_scanner(page):
    hold_clock(page, "/plain")
    page.focus("#name")
    scan(page, "nurse-nan2", end="Tab")
    wait(page, 1100)
    assert heard(page) == []
    assert page.input_value("#name") == "nurse-nan2"


def hesitating(page, text, place, pause_ms, end="Enter"):
    """Type as a scanner does on a machine that holds the keys up once."""
    scan(page, text[:place], end="")
    wait(page, pause_ms)
    scan(page, text[place:], end=end)


@pytest.mark.parametrize("focus", ["#name", "#danger", "main"])
@pytest.mark.parametrize("place", [1, 3, 5, 6, 9, 11])
@pytest.mark.parametrize("pause_ms", [60, 200, 390])
def test_a_scanner_that_hesitates_once_is_heard_whole(page, seen, focus, place, pause_ms):
    hold_clock(page, "/plain")
    page.focus(focus)
    hesitating(page, BAG, place, pause_ms)
    assert heard(page) == [{"text": BAG, "source": "wedge"}]
    assert page.input_value("#name") == ""
    assert seen.steps == []


@pytest.mark.parametrize("text", [VIAL, URL, "UNKNOWN-22-SEAL"])
@pytest.mark.parametrize("place", [2, 5, 12])
def test_nothing_of_a_longer_symbol_is_cut_either(page, text, place):
    hold_clock(page, "/plain")
    hesitating(page, text, place, 300)
    assert heard(page) == [{"text": text, "source": "wedge"}]


def test_a_scanner_without_end_key_that_hesitates_is_heard_whole(page):
    hold_clock(page, "/plain")
    hesitating(page, BAG, 11, 390, end="")
    wait(page, 420)
    assert heard(page) == [{"text": BAG, "source": "wedge"}]


@pytest.mark.parametrize("text", [BAG, "UNKNOWN-22"])
def test_what_a_human_typed_just_before_a_scan_stays(page, text):
    hold_clock(page, "/plain")
    page.focus("#name")
    for letter in "Anne":
        page.keyboard.press(letter)
        wait(page, 90)
    wait(page, 500)
    scan(page, text)
    assert heard(page) == [{"text": text, "source": "wedge"}]
    assert page.input_value("#name") == "Anne"


@pytest.mark.parametrize("path", ["/plain", "/"])
@pytest.mark.parametrize("place", [4, 12])
def test_keys_that_come_before_the_scripts_belong_to_the_scan(page, seen, path, place):
    waiting = []
    page.route("**/static/app.js", lambda route: waiting.append(route))  # noqa: PLW0108 - its arguments are counted
    page.clock.install()
    stand_still(page)
    page.goto(path, wait_until="commit")
    page.wait_for_selector("main")
    scan(page, BAG[:place], end="")
    until_any(page, waiting)
    waiting[0].continue_()
    page.wait_for_load_state("load")
    page.unroute("**/static/app.js")
    scan(page, BAG[place:])
    page.clock.resume()
    page.wait_for_url("**/thing")
    assert [sent["raw"] for sent in seen.scans] == [BAG]


def test_an_end_key_that_comes_twice_or_late_presses_nothing(page, seen):
    hold_clock(page, "/plain")
    page.focus("#danger")
    scan(page, "UNKNOWN-1")
    page.keyboard.press("Enter")
    wait(page, 1000)
    scan(page, "UNKNOWN-22", end="")
    wait(page, 150)
    page.keyboard.press("Enter")
    assert [each["text"] for each in heard(page)] == ["UNKNOWN-1", "UNKNOWN-22"]
    assert seen.steps == []


def test_a_dead_key_of_another_layout_does_not_vanish_unseen(page):
    hold_clock(page, "/plain")
    page.evaluate(
        """(text) => {
          for (const key of [...text.slice(0, 6), "Dead", ...text.slice(6), "Enter"])
            document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
        }""",
        BAG,
    )
    assert heard(page) == [{"text": BAG[:6] + "\ufffd" + BAG[6:], "source": "wedge"}]


def test_a_field_that_takes_scans_keeps_them(page, seen):
    hold_clock(page, "/plain")
    page.evaluate("document.getElementById('name').dataset.takesScan = ''")
    page.fill("#name", "old")
    scan(page, "SEAL-0017-X")
    assert page.input_value("#name") == "SEAL-0017-X"
    assert heard(page) == []
    assert seen.steps == []


# --- the keys, by their place -------------------------------------------------------------------

PRESS = """async ([keys, end]) => {
  const heard = [];
  document.addEventListener("custody:scan", ({ detail }) => heard.push(detail), { once: true });
  for (const [code, key, shiftKey, caps] of [...keys, [end, end, false, false]]) {
    const event = new KeyboardEvent("keydown", { code, key, shiftKey, modifierCapsLock: caps, cancelable: true });
    document.body.dispatchEvent(event);
  }
  await new Promise((done) => setTimeout(done, 50));
  return heard.map(({ text, keys, ended }) => [text, keys, ended]);
}"""
FRENCH = {"A": "KeyQ", "Q": "KeyA", "9": "Digit9", "2": "Digit2", "1": "Digit1"}


def pressed(page, keys, end="Enter"):
    page.goto("/plain")
    return page.evaluate(PRESS, [keys, end])


def test_keys_of_a_us_scanner_on_a_french_keyboard_say_what_its_characters_do_not(page):
    """Caps lock is on: Q for A, and the digits stay digits."""
    keys = [("KeyA", "Q", True, True), *[("Digit9", "9", False, True)] * 4, *[("Digit2", "2", False, True)] * 8]
    assert pressed(page, keys) == [["Q999922222222", "A999922222222", "Enter"]]


def test_keys_of_a_scanner_set_to_the_same_french_keyboard_make_no_code_on_a_us_one(page):
    keys = [(FRENCH[symbol], symbol, True, False) for symbol in "A999921211112"]
    [[text, keys, _ended]] = pressed(page, keys, "Tab")
    assert (text, keys) == ("A999921211112", "Q((((@!@!!!!@")


def test_y_and_z_change_places_on_a_german_keyboard(page):
    keys = [("KeyZ", "Y", True, False), ("KeyY", "Z", True, False), *[("Digit1", "1", False, False)] * 8]
    assert pressed(page, keys) == [["YZ11111111", "ZY11111111", "Enter"]]


def test_of_a_key_without_a_place_nothing_is_said(page):
    """A scanner that types by an app of the phone presses no key."""
    assert pressed(page, [("", symbol, False, False) for symbol in BAG]) == [[BAG, "", "Enter"]]
    assert pressed(page, [("IntlBackslash", "<", False, False)] * 10) == [["<" * 10, "", "Enter"]]


def test_what_a_hand_types_has_no_keys(page, seen):
    page.goto("/")
    page.fill("#raw", BAG)
    page.press("#raw", "Enter")
    page.wait_for_url("**/thing")
    assert (seen.scans[0]["source"], seen.scans[0]["keys"]) == ("typed", "")


def test_the_keys_of_a_us_scanner_on_a_us_keyboard_say_what_its_characters_do(page, seen):
    hold_clock(page, "/")
    scan(page, VIAL)
    page.wait_for_selector("[data-status][data-state=right]")
    assert seen.scans[0]["keys"] == seen.scans[0]["raw"] == VIAL
