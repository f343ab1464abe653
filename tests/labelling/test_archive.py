"""What is printed is kept and read aloud: each PDF says that it is PDF/A-2a and PDF/UA-1, and is made like one.

No validator runs here: the typesetter itself refuses to write a file that breaks either standard, and these tests look
at what a reader relies on: claims, language, title, tags, alternative texts, embedded fonts, an output intent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO

import pikepdf
import pytest

from custody import labelling, protocols
from custody.chain.things import Stratum
from custody.code_sheets import code_sheets
from custody.labelling.place import Symbol

AT = datetime(2026, 3, 10, 8, tzinfo=UTC)


def examples() -> list[labelling.Label]:
    return [labelling.fill(name, design.example) for name, design in labelling.designs().items()]


def emergency_sheets() -> bytes:
    example = labelling.designs()["code_sheet"].example["code"]
    one = Stratum(code="stratum/NAN", status="loaded", site="NAN", arms=("MSC",), sheets=(example,))
    protocol = protocols.load(protocols.builtin()["chocmsc"])
    return code_sheets(protocol, [one], "https://custody.example", AT, lambda: None)


PAPERS = {
    "roll": lambda: labelling.pdf(examples(), "Étiquettes", AT),
    "sheet": lambda: labelling.sheet(examples(), "Étiquettes", AT),
    "code sheets": emergency_sheets,
}


@pytest.fixture(scope="module", params=PAPERS)
def paper(request: pytest.FixtureRequest) -> Iterator[pikepdf.Pdf]:
    with pikepdf.open(BytesIO(PAPERS[request.param]())) as opened:
        yield opened


def metadata(paper: pikepdf.Pdf) -> str:
    return paper.Root.Metadata.read_bytes().decode()


def tags(paper: pikepdf.Pdf) -> Iterator[pikepdf.Dictionary]:
    """Give every element of the structure tree."""
    waiting = [paper.Root.StructTreeRoot]
    while waiting:
        one = waiting.pop()
        if isinstance(one, pikepdf.Dictionary):
            if "/S" in one and one.get("/Type") != "/MCR":
                yield one
            below = one.get("/K", [])
            waiting += list(below) if isinstance(below, pikepdf.Array) else [below]


def test_it_says_which_standards_it_keeps_to(paper: pikepdf.Pdf) -> None:
    said = metadata(paper)
    assert "<pdfaid:part>2</pdfaid:part>" in said
    assert "<pdfaid:conformance>A</pdfaid:conformance>" in said
    assert "<pdfuaid:part>1</pdfuaid:part>" in said


def test_it_has_a_language_a_title_that_is_shown_and_the_time_of_the_print(paper: pikepdf.Pdf) -> None:
    assert str(paper.Root.Lang) == "fr"
    assert re.search(r"<dc:title>.*>(Étiquettes|[^<]*[Ee]mergency[^<]*)</rdf:li>", metadata(paper))
    assert paper.Root.ViewerPreferences.DisplayDocTitle
    assert "<xmp:CreateDate>2026-03-10T08:00:00Z</xmp:CreateDate>" in metadata(paper)


def test_it_is_tagged_and_every_symbol_has_a_text_in_its_place(paper: pikepdf.Pdf) -> None:
    assert paper.Root.MarkInfo.Marked
    found = list(tags(paper))
    figures = [str(one.Alt) for one in found if one.S == "/Figure"]
    assert figures
    assert all(re.fullmatch(r"(QRCode|DataMatrix|Code128): \S+", text) for text in figures)
    assert all("/StructParents" in page for page in paper.pages)


def test_all_that_shows_it_is_in_it(paper: pikepdf.Pdf) -> None:
    (intent,) = paper.Root.OutputIntents
    assert intent.S == "/GTS_PDFA1"
    assert intent.DestOutputProfile.read_bytes()
    fonts = [one for one in paper.objects if isinstance(one, pikepdf.Dictionary) and one.get("/Type") == "/Font"]
    described = [one.FontDescriptor for one in fonts if "/FontDescriptor" in one]
    assert described
    assert all({"/FontFile2", "/FontFile3"} & set(one.keys()) for one in described)
    assert all("/ToUnicode" in one for one in fonts if one.Subtype == "/Type0")
    assert not paper.is_encrypted


def test_each_symbol_of_a_sheet_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = examples()
    meant = sorted(f"{one.symbology}: {one.text}" for label in labels for one in label.items if isinstance(one, Symbol))
    with pikepdf.open(BytesIO(labelling.sheet(labels, "x", AT))) as paper:
        assert sorted(str(one.Alt) for one in tags(paper) if one.S == "/Figure") == meant
