"""The scan page: right and wrong are unmistakable, and no scan is lost without network."""

from datetime import datetime
from io import BytesIO
from uuid import UUID

import pytest
from PIL import Image

from custody import labelling

from .hands import NANCY
from .harness import BAG, VIAL
from .scanner import hold_clock, scan, until_any, wait

WRONG_CHECK = BAG[:-1] + "X"


def until(page, wanted: str) -> None:
    page.wait_for_selector(f"main [data-status][data-state={wanted}]")


def test_a_right_scan_is_shown_and_opens_its_page(page, seen):
    hold_clock(page, "/")
    scan(page, BAG)
    until(page, "right")
    assert page.inner_text("main [data-text]") == "Treatment bag"
    assert page.inner_text("main [data-raw]") == "TNRU-JUDF-SCVJ"
    assert page.get_attribute("html", "data-verdict") == "right"
    wait(page, 1000)
    page.wait_for_url("**/thing")
    [sent] = seen.scans
    assert (sent["raw"], sent["source"], sent["symbology"]) == (BAG, "wedge", "")
    assert datetime.fromisoformat(sent["occurred_at"]).utcoffset() == datetime.now(NANCY).utcoffset()
    assert UUID(sent["event"]).version == 4
    assert -10 <= int(sent["skew_s"]) <= 0, "as long as the page took to come"


def test_a_thing_without_a_page_of_its_own_is_named_and_the_page_stays(page):
    hold_clock(page, "/")
    scan(page, VIAL)
    until(page, "right")
    assert page.inner_text("main [data-text]") == "Albumin vial"
    wait(page, 6000)
    until(page, "waiting")
    assert page.url.endswith("/")


def test_a_wrong_scan_says_why_and_what_to_do_and_stays_visible(page):
    hold_clock(page, "/")
    scan(page, WRONG_CHECK)
    until(page, "wrong")
    assert page.inner_text("main [data-text]") == "This is no code of ours."
    assert "scan again" in page.inner_text("main [data-advice]")
    assert page.inner_text("main [data-raw]") == WRONG_CHECK
    assert page.input_value("#raw") == WRONG_CHECK
    assert page.get_attribute("html", "data-verdict") == "wrong"
    assert page.is_visible("main [data-status] svg:nth-child(4)")


def test_right_and_wrong_are_told_apart_by_ear_and_touch(page):
    page.add_init_script(
        """window.felt = []; window.tones = [];
        navigator.vibrate = (pattern) => window.felt.push(pattern);
        const start = OscillatorNode.prototype.start;
        OscillatorNode.prototype.start = function (at) {
          window.tones.push(this.frequency.value);
          return start.call(this, at);
        };"""
    )
    hold_clock(page, "/")
    scan(page, WRONG_CHECK)
    until(page, "wrong")
    assert page.evaluate("window.felt") == [[400, 80, 400]]
    assert max(page.evaluate("window.tones")) < 200
    scan(page, BAG)
    until(page, "right")
    assert page.evaluate("window.felt.at(-1)") == [60]
    assert page.evaluate("window.tones.at(-1)") > 1000


def test_the_sound_can_be_turned_off_for_the_night(page):
    page.goto("/")
    page.click("[data-sound]")
    page.reload()
    assert page.get_attribute("[data-sound]", "aria-pressed") == "false"


def test_a_typed_code_goes_the_same_way(page, seen):
    page.goto("/")
    page.fill("#raw", "tnru-judf-scvj")
    page.keyboard.press("Enter")
    page.wait_for_url("**/thing")
    assert (seen.scans[0]["raw"], seen.scans[0]["source"]) == ("tnru-judf-scvj", "typed")


def test_without_network_the_scan_is_kept_and_the_button_sends_it(page, seen):
    hold_clock(page, "/", idle=True)
    page.context.set_offline(True)
    scan(page, BAG)
    until(page, "offline")
    assert page.inner_text("main [data-raw]") == BAG
    page.click("main [data-retry]")
    until(page, "offline")
    assert seen.scans == []
    tried = []
    page.route("**/scan", lambda route: (tried.append(route), route.abort()))  # the server is out of the radio's reach
    page.context.set_offline(False)
    until_any(page, tried)
    until(page, "offline")
    page.unroute("**/scan")
    page.click("main [data-retry]")
    until(page, "right")
    assert [each["raw"] for each in seen.scans] == [BAG]


def test_the_scan_is_sent_by_itself_once_the_network_is_back(page, seen):
    page.goto("/", wait_until="networkidle")
    page.context.set_offline(True)
    page.fill("#raw", BAG)
    page.keyboard.press("Enter")
    until(page, "offline")
    page.context.set_offline(False)
    page.wait_for_url("**/thing")
    assert [each["raw"] for each in seen.scans] == [BAG]


def test_a_server_that_fails_is_asked_again_with_the_same_scan(page, seen):
    hold_clock(page, "/")
    page.route("**/scan", lambda route: route.fulfill(status=503, body="busy"))
    scan(page, BAG)
    until(page, "offline")
    page.unroute("**/scan")
    wait(page, 6000)
    until(page, "right")
    assert [each["raw"] for each in seen.scans] == [BAG]


def test_a_person_who_is_signed_out_is_told_so(page):
    hold_clock(page, "/")
    page.route("**/scan", lambda route: route.fulfill(status=200, content_type="text/html", body="<h1>Sign in</h1>"))
    scan(page, BAG)
    until(page, "wrong")
    assert page.inner_text("main [data-text]") == "You are signed out."
    assert page.input_value("#raw") == BAG


def test_a_photo_is_read_in_the_page(page, seen):
    page.goto("/")
    picture = labelling.fill("treatment_bag", labelling.designs()["treatment_bag"].example).png()
    page.set_input_files("#photo", {"name": "bag.png", "mimeType": "image/png", "buffer": picture})
    page.wait_for_url("**/thing")
    assert seen.scans[0]["raw"].endswith(BAG)
    assert (seen.scans[0]["source"], seen.scans[0]["keys"]) == ("photo", "")
    assert seen.photos == []


def test_a_photo_without_a_code_is_refused_with_what_to_do(page, seen):
    page.goto("/")
    empty = BytesIO()
    Image.new("L", (640, 480), 90).save(empty, "PNG")
    page.set_input_files("#photo", {"name": "table.png", "mimeType": "image/png", "buffer": empty.getvalue()})
    until(page, "wrong")
    assert page.inner_text("main [data-text]") == "No code found."
    assert page.inner_text("main [data-advice]") == "Take it from nearer."
    assert seen.scans == []


def test_a_picture_that_is_none_is_refused_in_words(page):
    page.goto("/")
    page.set_input_files("#photo", {"name": "x.png", "mimeType": "image/png", "buffer": b"no picture"})
    until(page, "wrong")
    assert page.inner_text("main [data-text]") == "This picture cannot be read."


@pytest.fixture
def plain(browser, here):
    """A browser without scripts."""
    context = browser.new_context(**here, java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_without_scripts_a_typed_scan_opens_its_page(plain):
    plain.goto("/")
    plain.fill("#raw", BAG)
    plain.keyboard.press("Enter")
    plain.wait_for_url("**/thing")


def test_without_scripts_a_wrong_scan_gives_a_page_with_the_reason(plain):
    plain.goto("/")
    plain.fill("#raw", WRONG_CHECK)
    plain.keyboard.press("Enter")
    assert "no code of ours" in plain.inner_text("[role=alert].notice")


def test_without_scripts_a_photo_can_be_sent(plain, seen):
    plain.goto("/")
    picture = labelling.fill("treatment_bag", labelling.designs()["treatment_bag"].example).png()
    plain.set_input_files("#photo", {"name": "bag.png", "mimeType": "image/png", "buffer": picture})
    plain.click("[data-send-photo]")
    plain.wait_for_url("**/thing")
    assert seen.photos[0][0].text.endswith(BAG)
