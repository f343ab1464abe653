"""Every page: accessible in light and dark, at every width, by keyboard, and without an error in the console."""

import json
from io import BytesIO

import pypdfium2
import pytest
from axe_playwright_python.sync_playwright import Axe

from custody import labelling

from .conftest import complain_about
from .harness import BAG, ROOT, WRISTBAND
from .scanner import hold_clock, scan

PAGES = ["/", "/plain", "/thing", "/worklist", "/label"]
PAGES += [f"/step/{name}" for name in ("bedside_check", "dilute", "observe", "stop_infusion")]
WIDTHS = [360, 768, 1280]
STATIC = ROOT / "custody" / "web" / "static"


def violations(page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_axe_finds_nothing(page, path, scheme):
    page.emulate_media(color_scheme=scheme)
    page.goto(path)
    assert violations(page) == []


def deliver(page, text: str) -> None:
    """Scan without a keyboard: axe needs the page's clock to run."""
    detail = {"text": text, "source": "wedge", "symbology": ""}
    page.evaluate("(detail) => document.dispatchEvent(new CustomEvent('custody:scan', { detail }))", detail)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_what_a_scan_or_a_refusal_shows(page, seen, scheme):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto("/step/bedside_check", wait_until="networkidle")
    deliver(page, BAG)
    page.wait_for_selector("main [data-status][data-state=right]")
    assert violations(page) == []
    deliver(page, "NOTHING-OF-OURS")
    page.wait_for_selector("main [data-status][data-state=wrong]")
    assert violations(page) == []
    page.click("[data-camera]")
    page.wait_for_selector("#camera [data-status][data-state=wrong]")
    assert violations(page) == []
    page.keyboard.press("Escape")
    page.evaluate("document.querySelector('form.step').noValidate = true")
    seen.refuse.append(["The wristband is of NAN-006, the bag is for NAN-005."])
    page.click("[data-confirm]")
    page.wait_for_selector("[data-errors]")
    page.context.set_offline(True)
    deliver(page, WRISTBAND)
    page.wait_for_selector("main [data-status][data-state=offline]")
    assert violations(page) == []


LENGTHEN = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  for (const text of texts)
    if (text.data.trim() && !text.parentElement.closest("script, svg, [hidden], .code, time"))
      text.data += " " + text.data.trim().slice(0, text.data.length * 0.4);
}"""


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("path", PAGES)
def test_nothing_scrolls_sideways_even_with_words_as_long_as_french(page, path, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(path)
    page.evaluate(LENGTHEN)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


ONE_LINE = """() => [...document.querySelectorAll(".figure-number")].every((number) => {
  const range = document.createRange();
  range.selectNodeContents(number.firstChild);
  const boxes = [...range.getClientRects()].filter((box) => box.width);
  return boxes.length === 1 && boxes[0].right <= number.closest(".figure").getBoundingClientRect().right;
})"""


@pytest.mark.parametrize("width", WIDTHS)
def test_a_large_number_is_never_broken_in_two_or_cut(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/step/dilute")
    assert page.locator(".figure-number").count() == 4
    assert page.evaluate(ONE_LINE)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_date_and_time_are_seen_in_full(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    page.goto("/step/dilute")
    assert page.locator("#f-ended_at").bounding_box()["width"] >= 250


TARGETS = "a, button, label.tile, input:not([type=hidden], .tile input, [type=file]), select, textarea"
SMALL = """(targets) => [...document.querySelectorAll(targets)]
  .filter((element) => element.checkVisibility() && !element.matches(".skip"))
  .filter((element) => element.getBoundingClientRect().height < 47.5)
  .map((element) => element.outerHTML)"""


@pytest.mark.parametrize("path", PAGES)
def test_every_target_is_large_enough_for_gloves(page, path):
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(path)
    assert page.evaluate(SMALL, TARGETS) == []
    for button in page.locator(".primary").all():
        assert button.bounding_box()["height"] >= 64


def test_the_confirm_button_stays_in_reach_on_a_phone(page):
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/step/bedside_check")
    box = page.locator("[data-confirm]").bounding_box()
    assert box["y"] + box["height"] <= 740


def test_the_first_tab_leads_to_the_content(page):
    page.goto("/thing")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


@pytest.mark.parametrize("width", WIDTHS)
def test_the_panel_does_not_move_what_is_below_when_it_speaks(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    hold_clock(page, "/")
    before = page.locator("#raw").bounding_box()
    for text in (BAG[:-1] + "X", BAG):
        scan(page, text)
        page.wait_for_selector("main [data-status]:is([data-state=right], [data-state=wrong])")
        assert page.locator("#raw").bounding_box() == before


def test_who_prefers_less_motion_gets_none(page):
    page.emulate_media(reduced_motion="reduce")
    page.goto("/")
    page.evaluate("document.documentElement.dataset.verdict = 'right'")
    assert page.evaluate("document.getAnimations().length") == 0


def test_the_language_is_switched_and_the_page_stays(page, seen):
    page.goto("/thing?paused=1")
    page.click("[name=lang]")
    page.wait_for_url("**/thing?paused=1")
    assert (seen.steps[0]["lang"], seen.steps[0]["next"]) == ("fr", "/thing?paused=1")


def test_a_label_is_printed_alone_at_its_size_and_reads_back(page):
    page.goto("/label")
    document = pypdfium2.PdfDocument(page.pdf(prefer_css_page_size=True))
    assert len(document) == 1
    assert document.get_page_size(0) == pytest.approx((100 / 25.4 * 72, 60 / 25.4 * 72), abs=1)
    picture = BytesIO()
    document[0].render(scale=203 / 72).to_pil().save(picture, "PNG")
    assert BAG in {read.text for read in labelling.decode(picture.getvalue())}


def test_a_list_refreshes_itself_and_says_when_it_cannot(context):
    page = context.new_page()  # htmx writes of a lost network into the console
    page.goto("/worklist?seconds=1")
    page.wait_for_selector("main .lead:not(:text-is('0'))")
    page.context.set_offline(True)
    page.wait_for_selector("[data-stale]:not([hidden])")
    page.context.set_offline(False)
    page.wait_for_selector("[data-stale]", state="hidden")


def test_a_list_is_fetched_as_soon_as_the_connection_is_back(context):
    page = context.new_page()
    page.goto("/worklist?seconds=3600", wait_until="networkidle")
    page.context.set_offline(True)
    page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_selector("[data-stale]:not([hidden])")
    page.context.set_offline(False)
    page.wait_for_selector("[data-stale]", state="hidden")


def test_a_scan_on_a_page_of_anything_else_is_shown_at_its_edge(page):
    hold_clock(page, "/thing")
    assert page.is_hidden(".toast")
    scan(page, "NOTHING-OF-OURS")
    page.wait_for_selector(".toast[data-state=wrong]")
    page.click(".toast [data-dismiss]")
    assert page.is_hidden(".toast")


def test_an_inline_script_is_refused_and_heard(context):
    """The strict policy is in force, and the page's watcher would tell."""
    page = context.new_page()
    complaints = complain_about(page)
    page.goto("/")
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), { text: 'window.bad = 1' }))")
    assert page.evaluate("window.bad") is None
    assert any("Content Security Policy" in each for each in complaints)


def test_the_vendored_files_are_those_that_the_pages_name():
    wanted = json.loads((ROOT / "package.json").read_text())["dependencies"]
    worker = (STATIC / "scan" / "worker.js").read_text()
    base = (ROOT / "templates" / "base.html").read_text()
    assert f"zxing-wasm@{wanted['zxing-wasm']}/" in worker
    assert f"htmx.org@{wanted['htmx.org']}/" in base


@pytest.mark.parametrize("file", sorted((ROOT / "templates").rglob("*.html")), ids=lambda path: path.name)
def test_no_template_has_a_style_or_a_script_in_it(file):
    text = file.read_text()
    assert " style=" not in text
    assert " onclick=" not in text
    assert "<script>" not in text
