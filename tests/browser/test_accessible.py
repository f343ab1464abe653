"""Every page for everybody: axe finds nothing, in light and dark, in French and English; nothing scrolls sideways."""

import re
from dataclasses import fields
from html import unescape

import pypdfium2
import pytest
from axe_playwright_python.sync_playwright import Axe

from custody import codes, intake
from custody.chain.step import STEPS, fields_of
from custody.web.step import ELSEWHERE, IN_HAND
from custody.web.worklist.beside import BEGINNINGS
from tests.web import journey
from tests.web.house import build
from tests.web.test_arms import ended

from . import pictures
from .conftest import complain_about
from .ward import served

LANGUAGES = {"en": "en-GB", "fr": "fr-FR"}
WIDTHS = [360, 390, 820, 1280]
CONTRAST = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
"""The one rule whose answer depends on light or dark."""
LOGINS = {
    "cell_technician": "tech",
    "responsible_person": "resp",
    "courier": "courier",
    "icu_nurse": "nurse",
    "investigator": "doctor",
    "monitor": "monitor",
    "statistician": "stat",
    "administrator": "admin",
}
STAND_FOR = pictures.Stage(*(field.name.upper() for field in fields(pictures.Stage)))
MAIN = [name for _, _, name in pictures.pages(STAND_FOR)]
FORMS = sorted(name for name, command in STEPS.items() if command.SPEC.by & LOGINS.keys() and name not in ELSEWHERE)


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    stage = pictures.stage(tmp_path_factory.mktemp("stage"))
    with served(stage.house) as base:
        yield stage, base


@pytest.fixture(scope="module")
def reader(browser, scene):
    """Give a signed-in page, one for each person and language; all hear what the console complains about."""
    stage, base = scene
    open_pages = {}

    def sit_down(who, language):
        if (who, language) not in open_pages:
            context = browser.new_context(base_url=base, locale=LANGUAGES[language], reduced_motion="reduce")
            context.clock.set_fixed_time(stage.house.clock.now())
            page = context.new_page()
            complaints = complain_about(page)
            if who:
                pictures.sign_in(page, base, who)
            open_pages[who, language] = page, complaints
        return open_pages[who, language]

    yield sit_down
    for page, _ in open_pages.values():
        page.context.close()


def faults(page, complaints, path, language, plant="", *, told=False):
    """Open a page and give all that is wrong with it; `plant` puts a fault in, `told` asks for the arm again."""
    complaints.clear()
    page.emulate_media(color_scheme="light")
    answer = page.goto(path)
    assert answer.status == (404 if path == "/s/NOTHING" else 200)
    if told:
        pictures.tell_again(page)
    if plant:
        page.evaluate("(html) => document.querySelector('main').insertAdjacentHTML('beforeend', html)", plant)
    found = violations(page)
    page.emulate_media(color_scheme="dark")
    found += [f"dark: {fault}" for fault in violations(page, CONTRAST)]
    found += [f"scrolls sideways at {width}" for width in WIDTHS if scrolls(page, width)]
    return [*found, *naming(page, language), *complaints]


def violations(page, options=None):
    found = Axe().run(page, options=options).response["violations"]
    return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]


def scrolls(page, width):
    page.set_viewport_size({"width": width, "height": 800})
    return page.evaluate("document.documentElement.scrollWidth") > width


def naming(page, language):
    """Say what is wrong with the page's language, its one heading, and its title, which says what the heading says."""
    if page.get_attribute("html", "lang") != language:
        yield "the language is wrong"
    headings = page.locator("h1").all_text_contents()
    title, _, trial = page.title().partition(" · ")
    if len(headings) != 1:
        yield f"headings: {headings}"
    elif title.lower() not in " ".join(headings[0].split()).lower() or trial != "CHOCMSC":
        yield f"title {page.title()!r} over heading {headings[0]!r}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", MAIN)
def test_a_main_page_has_no_fault_in_either_language(scene, reader, name, language):
    who, path = next((who, path) for who, path, known in pictures.pages(scene[0]) if known == name)
    assert faults(*reader(who, language), path, language) == []
    if path == scene[0].told:
        assert faults(*reader(who, language), path, language, told=True) == []


def correction(house, who, stage):
    """Give who corrects a record of their own, and where."""
    browser = house.browser(who)
    code = journey.DIN
    if who == "doctor":
        [code] = re.findall(r'href="/s/(P[A-Z]{11})"', browser.get(f"/s/{stage.infusing}").text)
    link = re.search(r'href="(/do/correct[^"]+)"', browser.get(f"/s/{code}/history").text)
    assert link, f"nothing of {code} may be corrected by {who}"
    field = re.search(r'href="(/do/correct[^"]+field=[^"]+)"', browser.get(unescape(link[1])).text)
    assert field, f"no field of {link[1]} may be corrected"
    return who, unescape(field[1])


def form(stage, step):
    """Give who fills in a step's form, and where it is; a code that is not on record will do."""
    spec, house = STEPS[step].SPEC, stage.house
    who = next(login for role, login in LOGINS.items() if role in spec.by)
    if step == "give_password":
        return who, f"/s/{house.people[who]}/password"
    if step in {"correct", "correct_sealed"}:
        return correction(house, "tech" if step == "correct_sealed" else "doctor", stage)
    if not spec.key or spec.key == "trial" or step in BEGINNINGS:
        return who, f"/do/{step}"
    there = {"lot": journey.DIN, "cryobag": stage.cryobag, "treatment_bag": stage.counted}
    known = "" if step in IN_HAND else there.get(spec.key, "")
    which = f"?test={house.door.protocol.qc[0].code}" if step == "record_qc" else ""
    return who, f"/s/{known or house.fresh(codes.Kind(spec.key))}/do/{step}{which}"


ASKED_LATER = {
    "load_randomisation": {"site", "arms", "blocks", "short"},
    "hand_over": {"changed"},
    "hand_over_bag": {"changed"},
}
"""What is asked where there is more to it: a site without a list, and what it holds; a handoff that was refused."""


NAMES = """() => {
  const form = document.querySelector("form[data-step], main form");
  const controls = [...(form?.elements ?? [])].filter((control) => control.name);
  return controls.filter((one, i) => one.type !== "radio" || controls.findIndex(({ name }) => name === one.name) === i)
    .map(({ name }) => name);
}"""
"""The names of a form's fields; a group of radio buttons is one."""


@pytest.mark.parametrize("step", FORMS)
def test_a_steps_form_has_no_fault(scene, reader, step):
    who, path = form(scene[0], step)
    page, complaints = reader(who, "fr")
    assert faults(page, complaints, path, "fr") == []
    names = page.evaluate(NAMES)
    asked = {intake.SENT_AS.get(name, name) for name, _ in fields_of(STEPS[step])} if "/do/" in path else set()
    assert asked - ASKED_LATER.get(step, set()) <= {name.partition(".")[0] for name in names}
    assert sorted(set(names)) == sorted(names), "two fields share a name"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_table_of_arms_at_the_end_has_no_fault(browser, tmp_path, language):
    house = build(tmp_path)
    wristband, _bag = ended(house)
    house.browser("stat").did("", "unseal", "resp")
    with served(house) as base:
        context = browser.new_context(base_url=base, locale=LANGUAGES[language], reduced_motion="reduce")
        page = context.new_page()
        complaints = complain_about(page)
        pictures.sign_in(page, base, "nurse")
        for path in ("/arms", f"/s/{wristband}", "/"):
            assert faults(page, complaints, path, language) == []
        context.close()


@pytest.mark.parametrize(
    ("plant", "found"),
    [
        ("<img src='/static/icon.svg'>", "image-alt: <img"),
        ("<p class='dim'>dim</p>", "dark: color-contrast: <p"),
        ("<p class='wide'>wide</p>", "scrolls sideways at 820"),
        ("<h1>Another</h1>", "headings: ["),
        ("<img alt='' src='/static/nothing.png'>", "Failed to load resource"),
        ("<p style='color: red'>red</p>", "Applying inline style violates"),
    ],
)
def test_what_is_wrong_is_found(reader, plant, found):
    page, complaints = reader("", "en")
    style = "main .dim { color: light-dark(#000, #555); } main .wide { width: 900px; }"
    page.route("**/style.css*", lambda route: extended(route, style))
    wrong = faults(page, complaints, "/sign-in", "en", plant)
    page.unroute("**/style.css*")
    assert any(fault.startswith(found) for fault in wrong), wrong


def extended(route, style):
    """Let a style sheet say one thing more."""
    answer = route.fetch()
    route.fulfill(response=answer, body=answer.text() + style)


def test_a_history_on_paper_shows_each_record_whole(scene, reader):
    """Paper cannot be opened further: how a step was signed, and where it stands in the log, is printed with it."""
    page, _complaints = reader("inspector", "en")
    page.goto(f"/s/{scene[0].infusing}/history")
    assert not page.get_by_text("open log, entry").first.is_visible()
    paper = pypdfium2.PdfDocument(page.pdf())
    text = " ".join(" ".join(sheet.get_textpage().get_text_range() for sheet in paper).split())
    assert "I checked participant and bag." in text
    assert text.count("open log, entry") == page.locator("details.proof").count()
