"""The French of the pages: none is missing, none is left over, and it is set as French is."""

from __future__ import annotations

import ast
import importlib.util
import re
import unicodedata
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import pytest

from custody import codes
from custody.chain.reading import READINGS
from custody.chain.step import STEPS, fields_of
from tests.web import journey
from tests.web.house import House

ROOT = Path(__file__).resolve().parents[2]
PLACEHOLDER = re.compile(r"%\(\w+\)s|\{\w*\}")
MARKS = re.compile(r"(?<!\d)[:;?!»]|[:;?!»](?!\d)")
"""Marks before which French sets a space; not the colon within a time."""
NO_BREAK = "\N{NO-BREAK SPACE}"
ENGLISH = re.compile(r"\b(the|of|is|and|for|not|this|your|by|with|was|has|it|no)\b", re.IGNORECASE)
SAME = {
    *("Action", "Badge", "Cause", "Code", "Lot", "OK", "PDF", "Participant", "Photo", "Site", "SpO2", "Test", "Volume"),
    *("Observations", "lot", "participant", "photo", "{what}", "badge", "Page %(number)s", "%(number)s pages"),
}
"""Texts that are the same in both languages."""


def load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("translations", ROOT / "tools" / "translations.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


tool = load()
SHOWN = {text for text, _file in tool.shown()}
FRENCH: dict[str, str] = {message.id: message.string for message in tool.catalogue() if message.id}


def test_every_text_that_a_page_can_show_has_its_french() -> None:
    assert sorted(text for text in SHOWN if not FRENCH.get(text)) == []


def test_no_french_is_kept_for_a_text_that_no_page_shows_any_more() -> None:
    assert sorted(FRENCH.keys() - SHOWN) == []


def test_the_file_is_just_what_the_tool_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tool.FRENCH.read_text(encoding="utf-8")
    copy = tmp_path / "fr.po"
    copy.write_text(kept, encoding="utf-8")
    monkeypatch.setattr(tool, "FRENCH", copy)
    assert tool.main() == 0
    assert copy.read_text(encoding="utf-8") == kept


def test_no_text_holds_a_character_that_cannot_be_printed() -> None:
    assert [french for french in FRENCH.values() if any(unicodedata.category(one) == "Cc" for one in french)] == []


def test_placeholders_are_the_same_in_both_languages() -> None:
    differing = {
        text: french
        for text, french in FRENCH.items()
        if sorted(PLACEHOLDER.findall(text)) != sorted(PLACEHOLDER.findall(french))
    }
    assert differing == {}


def test_spaces_at_the_ends_are_the_same_in_both_languages() -> None:
    def ends(text: str) -> tuple[bool, bool]:
        return text[:1].isspace(), text[-1:].isspace()

    assert [text for text, french in FRENCH.items() if ends(text) != ends(french)] == []


def test_a_mark_of_two_parts_has_a_space_before_it_that_does_not_break() -> None:
    faulty = [
        french
        for french in FRENCH.values()
        if any(french[at.start() - 1] != NO_BREAK for at in MARKS.finditer(french))
        or "«" in french.replace(f"«{NO_BREAK}", "")
    ]
    assert faulty == []


def test_no_english_is_left_in_the_french() -> None:
    assert [text for text, french in FRENCH.items() if text == french and text not in SAME] == []
    assert [french for french in FRENCH.values() if ENGLISH.search(PLACEHOLDER.sub("", french))] == []


def literals(file: Path) -> Iterator[str]:
    """Yield every text that is marked for translation, as Python itself reads the file."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"_", "N_"}:
            yield from (arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str))


def test_no_marked_text_escapes_the_tool_that_collects_them() -> None:
    marked = {text for file in (ROOT / "custody").rglob("*.py") for text in literals(file)}
    assert marked - SHOWN == set()


def test_every_word_of_every_step_is_marked() -> None:
    said = set()
    for command in STEPS.values():
        spec = command.SPEC
        said |= {spec.title, spec.signed, spec.may_sign, spec.second_meaning}
        for name, field in fields_of(command):
            said |= {field.label, field.help}
            own = name != "role" and spec.name not in READINGS  # of these the pages' words stand in `words`
            said |= {words for _code, words in field.choices} if own else set()
    assert said - {""} - SHOWN == set()


class Texts(HTMLParser):
    """Takes out of a page whatever a person reads or hears."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in {"script", "style"}
        spoken = {"aria-label", "placeholder", "title", "alt"}
        self.found += [
            value for name, value in attrs if value and (name in spoken or (name.startswith("data-") and " " in value))
        ]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in {"script", "style"}

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.found.append(" ".join(data.split()))


def english_in(page: str) -> list[str]:
    texts = Texts()
    texts.feed(page)
    return [text for text in texts.found if ENGLISH.search(text)]


def paths(house: House) -> Iterator[tuple[str, str]]:
    """Yield (login, path) of one page of each kind, with what is on it."""
    cryobags = journey.lot(house)
    wristband = journey.enrolled(house)
    done, waiting = journey.ordered(house, wristband), journey.ordered(house, journey.enrolled(house))
    journey.prepared(house, done, [cryobags[0]])
    journey.released(house, done)
    journey.delivered(house, done)
    for login in house.people:
        yield login, "/"
    bench = (f"/s/{journey.DIN}", f"/s/{waiting}", f"/s/{waiting}/do/dilute", f"/s/{cryobags[1]}/do/store")
    bench += (
        f"/s/{cryobags[1]}/history",
        f"/s/{journey.DIN}/do/record_qc?test=viability",
        f"/s/{house.fresh(codes.Kind.SHIPPER)}",
    )
    ward = (f"/s/{done}", f"/s/{done}/do/bedside_check", f"/s/{done}/history", "/do/raise_deviation", "/s/nothing")
    yield from (("tech", path) for path in bench)
    yield from (("nurse", path) for path in ward)
    yield "doctor", f"/s/{house.fresh(codes.Kind.PARTICIPANT)}/do/enrol"
    yield "admin", "/do/add_person"
    yield "inspector_unblinded", f"/s/{done}/history"


def test_pages_in_french_hold_no_english(house: House) -> None:
    english = {}
    for login, path in paths(house):
        page = house.browser(login, "fr").get(path)
        assert page.status_code == (404 if path == "/s/nothing" else 200), path
        english[login, path] = english_in(page.text)
    assert {where: found for where, found in english.items() if found} == {}


def test_english_on_a_page_would_be_found() -> None:
    assert english_in('<p>Le lot <b title="Name of the lot">is</b></p><script>the</script>') == [
        "Name of the lot",
        "is",
    ]


def test_a_refused_step_says_why_in_french(house: House) -> None:
    wristband = house.fresh(codes.Kind.PARTICIPANT)
    protocol = house.door.protocol
    answers = {f"answers.{item.code}": "no" for item in (*protocol.inclusion, *protocol.exclusion)}
    page = house.browser("doctor", "fr").step(wristband, "enrol", weight_g="9,5", consent="relative", **answers).text
    assert f"Début des catécholamines{NO_BREAK}: rien n’a été saisi." in page
    onset = house.clock.now().isoformat()
    page = house.browser("doctor", "fr").step(
        wristband, "enrol", weight_g="9,5", onset_at=onset, consent="relative", **answers
    )
    assert page.status_code == 422
    assert f"Poids de 9,5{NO_BREAK}kg{NO_BREAK}: hors de 30 à 200{NO_BREAK}kg." in page.text
    assert f"Critère d’inclusion absent{NO_BREAK}: Adulte, 18 ans ou plus." in page.text
    assert english_in(page.text) == []
