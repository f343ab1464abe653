"""Every label, drawn in every form, says what was meant; what does not fit is not printed."""

import os
import re
import sys
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
import typst
from PIL import Image, ImageFilter

from custody import codes, labelling
from custody.chain import lot
from custody.chain.field_check import amount
from custody.labelling import design as design_module
from custody.labelling import place, raster, scan
from custody.labelling.design import Box, Text
from custody.labelling.place import Symbol, Words

AT = datetime(2026, 3, 10, 8, tzinfo=UTC)
NAMES = sorted(labelling.designs())
BAG = labelling.designs()["treatment_bag"]
OTHER = {
    "code": "TBBBBBBBBBBU",
    "participant": "CHOC-03-021",
    "expiry": "2026-11-02 03:05 CET",
    "sheet": "KBBB-BBBB-BBBB",
}


def example(name: str) -> labelling.Label:
    return labelling.fill(name, labelling.designs()[name].example)


def meant(label: labelling.Label) -> set[str]:
    return {item.text for item in label.items if isinstance(item, Symbol)}


def texts(found: list[labelling.Read]) -> set[str]:
    return {read.text for read in found}


def words(label: labelling.Label) -> str:
    return " ".join(item.text for item in label.items if isinstance(item, Words))


def page_png(pdf: bytes, page: int = 0, dpi: int = 203) -> bytes:
    buffer = BytesIO()
    pypdfium2.PdfDocument(pdf)[page].render(scale=dpi / 72).to_pil().save(buffer, "PNG")
    return buffer.getvalue()


def rendered(svg: str) -> bytes:
    """Let another program draw an SVG in printer's dots."""
    source = '#set page(width: auto, height: auto, margin: 0pt)\n#image(bytes(sys.inputs.svg), format: "svg")'
    png = typst.compile(source.encode(), format="png", ppi=203, sys_inputs={"svg": svg})
    assert isinstance(png, bytes)
    return png


def widest(kind: codes.Kind) -> str:
    """Make a code of the widest letters, the last one free for the check symbol."""
    body = codes.PREFIXES[kind] + "NHNHNHNHNH"
    checked = (body + symbol for symbol in codes.ALPHABET)
    return next(code for code in checked if _is_code(code))


def _is_code(code: str) -> bool:
    try:
        return codes.read(code).code == code
    except codes.CodeError:
        return False


@pytest.mark.parametrize("name", NAMES)
def test_the_printer_s_dots_read_back(name: str) -> None:
    label = example(name)
    for dpi in (203, 300, 600):
        png = label.png(dpi)
        with Image.open(BytesIO(png)) as image:
            assert image.mode == "1"
            assert image.width == round(label.design.width * dpi / 25.4)
        assert texts(labelling.read_back(png)) == meant(label)
        assert texts(labelling.decode(png)) == meant(label)


@pytest.mark.parametrize("name", NAMES)
def test_the_pdf_reads_back_and_has_the_label_s_size(name: str) -> None:
    label = example(name)
    pdf = labelling.pdf([label], label.title, AT)
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1
    size = (label.design.width * 72 / 25.4, label.design.height * 72 / 25.4)
    assert document[0].get_size() == pytest.approx(size, abs=0.01)
    for dpi in (203, 300):
        assert texts(labelling.read_back(page_png(pdf, dpi=dpi))) == meant(label)


@pytest.mark.parametrize("name", NAMES)
def test_the_pdf_can_be_searched_for_the_typed_code(name: str) -> None:
    label = example(name)
    page = pypdfium2.PdfDocument(labelling.pdf([label], "x", AT))[0]
    assert codes.group(label.code) in page.get_textpage().get_text_range()


@pytest.mark.parametrize("name", NAMES)
def test_the_svg_reads_back_when_another_program_draws_it(name: str) -> None:
    label = example(name)
    svg = label.svg()
    assert "style=" not in svg
    assert texts(labelling.read_back(rendered(svg))) == meant(label)


@pytest.mark.parametrize("name", NAMES)
def test_every_label_has_its_qr_a_datamatrix_of_the_same_code_its_typed_code_and_large_modules(name: str) -> None:
    label = example(name)
    symbols = [item for item in label.items if isinstance(item, Symbol)]
    held = {(item.symbology, item.text) for item in symbols}
    assert {("QRCode", codes.url(label.code)), ("DataMatrix", label.code)} <= held
    assert codes.group(label.code) in words(label)
    assert all(item.module >= 0.6 for item in symbols if len(item.rows) > 1)
    assert all(len(item.rows) in {25, 29} for item in symbols if item.symbology == "QRCode")


@pytest.mark.parametrize("name", ["cryobag", "location", "shipper", "treatment_bag", "wristband"])
def test_the_qr_stands_in_the_middle_of_what_is_cold_wet_or_worn(name: str) -> None:
    label = example(name)
    [qr] = [item for item in label.items if isinstance(item, Symbol) and item.symbology == "QRCode"]
    assert qr.x + qr.width / 2 == pytest.approx(label.design.width / 2, abs=0.5)


def drawn_alike(one: np.ndarray, other: np.ndarray, apart: int) -> bool:
    """Say whether all ink of each picture is at most so many dots from ink of the other."""
    return not (one & ~_grown(other, apart)).any() and not (other & ~_grown(one, apart)).any()


def _grown(ink: np.ndarray, by: int) -> np.ndarray:
    grown = Image.fromarray(ink).convert("L")
    return np.asarray(grown.filter(ImageFilter.BoxBlur(by))) > 0


def _ink(png: bytes, like: tuple[int, int]) -> np.ndarray:
    with Image.open(BytesIO(png)) as image:
        return np.asarray(image.convert("L").resize(like)) < 128


@pytest.mark.parametrize("name", NAMES)
def test_svg_and_pdf_are_the_printer_s_picture_to_a_millimetre(name: str) -> None:
    """They are drawn in mm, and a printer's modules are whole dots: so not to the dot, as its ZPL is."""
    label = example(name)
    with Image.open(BytesIO(label.png(203))) as image:
        dots, size = np.asarray(image.convert("L")) < 128, image.size
    for other in (page_png(labelling.pdf([label], "x", AT)), rendered(label.svg())):
        assert drawn_alike(dots, _ink(other, size), apart=8)
    without = tuple(item for item in label.items if not isinstance(item, Symbol))
    lacking = labelling.Label(label.design, label.fields, without)
    assert not drawn_alike(dots, _ink(rendered(lacking.svg()), size), apart=8)


@pytest.mark.parametrize("name", NAMES)
def test_the_widest_code_fits_too(name: str) -> None:
    design = labelling.designs()[name]
    labelling.fill(name, {**design.example, "code": widest(design.kind)})


def test_the_largest_lot_fits_on_its_cryobag() -> None:
    """What `RegisterLot` lets through is never refused when its label is printed."""
    cells = amount(lot.MOST_CELLS, lot.CELLS_SCALE)
    design = labelling.designs()["cryobag"]
    most = {"cells": f"{cells} × 10⁶", "product_code": "S1295VA0", "division": "00", "code": widest(design.kind)}
    assert cells == "9999.9"
    assert len(most["product_code"]) == lot.LONGEST_PRODUCT_CODE
    assert "9999.9 × 10⁶" in words(labelling.fill("cryobag", {**design.example, **most}))


@pytest.mark.parametrize("name", NAMES)
def test_texts_have_both_languages_french_first(name: str) -> None:
    for element in labelling.designs()[name].elements:
        if isinstance(element, Text) and not element.text:
            assert element.fr
            assert element.en
            assert element.wording().startswith(element.fr)


@pytest.mark.parametrize("name", NAMES)
def test_the_readme_names_design_size_fields_and_printer(name: str) -> None:
    design = labelling.designs()[name]
    row = (
        f"| `{name}` | {design.width:g} × {design.height:g} | {design.kind} "
        f"| {', '.join(design.fields)} | {design.prints} |"
    )
    readme = labelling.design_folder() / "README.md"
    assert row in readme.read_text(encoding="utf-8").splitlines()


def test_a_sheet_holds_many_labels_on_a4() -> None:
    labels = [example(name) for name in NAMES] * 3
    pdf = labelling.sheet(labels, "Démonstration", AT)
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) > 1
    found: list[str] = []
    for number in range(len(document)):
        assert document[number].get_size() == pytest.approx((595.28, 841.89), abs=0.01)
        found += [read.text for read in labelling.read_back(page_png(pdf, number))]
    symbols = [item.text for label in labels for item in label.items if isinstance(item, Symbol)]
    assert sorted(found) == sorted(symbols)


def test_the_same_labels_give_the_same_bytes() -> None:
    labels = [example("badge"), example("cryobag")]
    assert labelling.pdf(labels, "x", AT) == labelling.pdf(labels, "x", AT)


# --- the treatment bag --------------------------------------------------------------------------


def test_the_treatment_bag_carries_what_annex_vi_asks() -> None:
    label = example("treatment_bag")
    said = words(label)
    for field in labelling.designs()["treatment_bag"].fields:
        value = codes.group(label.code) if field == "code" else label.fields[field]
        assert all(word in said for word in value.split()), field
    for text in (
        "CSM 10⁶/kg ou placebo",
        "MSC 10⁶/kg or placebo",
        "intraveineuse",
        "250 ml",
        "Lot / Batch",
        "RÉSERVÉ À L’ESSAI CLINIQUE",
        "FOR CLINICAL TRIAL USE ONLY",
        "Contact and emergency unblinding",
        "Perfuser en 30 min",
        "Do not freeze",
    ):
        assert text in said


def test_two_treatment_bags_differ_only_in_code_participant_and_expiry() -> None:
    first = labelling.fill("treatment_bag", BAG.example)
    second = labelling.fill("treatment_bag", {**BAG.example, **OTHER})
    for one, other in ((first.png(300), second.png(300)), _pdfs(first, second)):
        masked, differing = _masked(one), _masked(other)
        assert np.array_equal(masked, differing)
        assert (masked < 128).sum() > 10_000
    assert first.png() != second.png()


def _pdfs(*labels: labelling.Label) -> list[bytes]:
    return [page_png(labelling.pdf([label], "x", AT), dpi=300) for label in labels]


def _masked(png: bytes) -> np.ndarray:
    """Whiten the boxes where code, participant, emergency sheet and expiry stand."""
    with Image.open(BytesIO(png)) as image:
        pixels = np.asarray(image.convert("L")).copy()
    scale = 300 / 25.4
    for element in BAG.elements:
        bound = getattr(element, "holds", "") or getattr(element, "text", "")
        if any(name in bound for name in ("{url}", "code}", "{participant}", "{expiry}", "{sheet}")):
            at = element.at
            rows = slice(int(at.y * scale) - 1, int((at.y + at.h) * scale) + 2)
            pixels[rows, int(at.x * scale) - 1 : int((at.x + at.w) * scale) + 2] = 255
    return pixels


def test_the_treatment_bag_takes_nothing_that_could_tell_the_arm() -> None:
    assert set(BAG.fields) == {
        "code", "participant", "expiry", "trial", "sponsor", "site", "investigator", "contact",
        "phone", "storage", "sheet",
    }  # fmt: skip
    label = labelling.fill("treatment_bag", {**BAG.example, "arm": "MSC"})
    assert "arm" not in label.fields


@pytest.mark.parametrize("expiry", ["2026-03-17", "2026-03-17 16:45", "17/03/2026 16:45 CET"])
def test_an_expiry_without_hour_or_zone_is_refused(expiry: str) -> None:
    with pytest.raises(labelling.FieldError, match="expiry"):
        labelling.fill("treatment_bag", {**BAG.example, "expiry": expiry})


# --- what is refused ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("contact", "Une adresse beaucoup trop longue, " * 12),
        ("participant", "CHOC-01-007-BEAUCOUP-TROP-LONG"),
        ("phone", "+33 3 53 01 00 00 poste 12345678"),
    ],
)
def test_a_text_that_overflows_its_box_is_refused(field: str, value: str) -> None:
    with pytest.raises(labelling.LabelOverflow, match=re.escape(value.strip()[-8:])):
        labelling.fill("treatment_bag", {**BAG.example, field: value})


def test_a_text_that_overflows_says_how_much_fits_and_where_it_stands_in_its_file() -> None:
    text = Text(Box(3, 4, 20, 5), fr="un\ndeux", en="one\ntwo", size=2.0)
    said = "4 lines of 2 mm do not fit into 5 mm, 2 do, at = [3, 4, 20, 5]: “un / deux / one / two”."
    with pytest.raises(labelling.LabelOverflow, match=re.escape(said)):
        list(place.words(text, text.wording()))
    assert list(place.words(text, "un\ndeux"))


@pytest.mark.parametrize("value", ["", "   "])
def test_an_empty_field_is_refused(value: str) -> None:
    with pytest.raises(labelling.FieldError, match="participant"):
        labelling.fill("treatment_bag", {**BAG.example, "participant": value})


def test_all_missing_fields_are_named_together() -> None:
    with pytest.raises(labelling.FieldError, match="cells, code, din, division"):
        labelling.fill("cryobag", {})


@pytest.mark.parametrize("value", ["患者", "a\x00b", "a\tb"])
def test_what_the_font_cannot_print_is_refused(value: str) -> None:
    with pytest.raises(labelling.FieldError, match="cannot print"):
        labelling.fill("wristband", {**labelling.designs()["wristband"].example, "site": value})


def test_a_value_is_never_read_as_a_field_or_markup() -> None:
    fields = {**labelling.designs()["badge"].example, "name": "{code} <b>&#x"}
    label = labelling.fill("badge", fields)
    assert "{code} <b>&#x" in words(label)
    assert "{code} &lt;b&gt;&amp;#x" in label.svg()
    page = pypdfium2.PdfDocument(labelling.pdf([label], "x", AT))[0]
    assert "{code} <b>&#x" in page.get_textpage().get_text_range()


def test_a_label_takes_only_a_code_of_its_kind() -> None:
    with pytest.raises(labelling.FieldError, match="treatment_bag, not for a cryobag"):
        labelling.fill("treatment_bag", {**BAG.example, "code": "CUSNGUEGPFGD"})
    with pytest.raises(codes.CodeError):
        labelling.fill("treatment_bag", {**BAG.example, "code": "TNRUJUDFSCVK"})
    cryobag = labelling.designs()["cryobag"].example
    with pytest.raises(codes.CodeError):
        labelling.fill("cryobag", {**cryobag, "din": "A9999 26 000123 Q"})


def test_a_symbol_that_does_not_read_back_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    label = example("location")
    with pytest.raises(labelling.SymbolUnreadable, match=r"QRCode HTTPS.*Read: –"):
        scan.check(Image.new("L", (400, 240), 255), label.items)
    with pytest.raises(labelling.SymbolUnreadable, match=r"Meant: .*Read: QRCode"):
        scan.check(Image.open(BytesIO(example("badge").png())).convert("L"), label.items)
    monkeypatch.setattr(raster, "draw", lambda *_: Image.new("L", (400, 240), 255))
    with pytest.raises(labelling.SymbolUnreadable):
        example("location")
    with pytest.raises(labelling.SymbolUnreadable):
        label.png()


def test_the_qr_s_host_is_the_caller_s_and_must_be_short() -> None:
    label = labelling.fill("location", labelling.designs()["location"].example, "http://h:8000")
    assert meant(label) == {"HTTP://H:8000/S/" + label.code, label.code}
    with pytest.raises(ValueError, match="at most 47"):
        labelling.fill("location", label.fields, "https://a-very-long-host-name.example.org")


@pytest.mark.parametrize("dpi", [0, 100, 5000])
def test_dots_are_neither_too_few_nor_too_many(dpi: int) -> None:
    with pytest.raises(ValueError, match="dpi"):
        example("location").png(dpi)


def test_an_unknown_design_is_said_with_those_there_are() -> None:
    with pytest.raises(labelling.UnknownDesign, match="badge, chart, code_sheet, cryobag"):
        labelling.fill("poster", {})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("width = 50", "width = 10"), "outside"),
        (("size = 2.6", "siez = 2.6"), "has no key siez; it may have: text, fr, en, join, size"),
        (('kind = "location"', 'kind = "room"'), "room"),
        (("{site}", "{site} 🧊"), "the font cannot print “🧊”"),
        (("width = 50", "width 50"), "no label design"),
    ],
)
def test_a_wrong_design_file_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: tuple[str, str], said: str
) -> None:
    text = (labelling.design_folder() / "location.toml").read_text(encoding="utf-8")
    (tmp_path / "location.toml").write_text(text.replace(*change), encoding="utf-8")
    monkeypatch.setattr(design_module, "design_folder", lambda: tmp_path)
    with pytest.raises(labelling.DesignError, match=f"location.toml.*{said}|{said}"):
        labelling.fill("location", {})


def test_an_edited_design_is_used_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = labelling.design_folder() / "location.toml"
    text = source.read_text(encoding="utf-8")
    copy = tmp_path / "location.toml"
    monkeypatch.setattr(design_module, "design_folder", lambda: tmp_path)
    for number, temperature in enumerate(("Température", "Froid")):
        copy.write_text(text.replace('fr = "Température"', f'fr = "{temperature}"'), "utf-8")
        os.utime(copy, ns=(number, number))
        assert temperature in words(example("location"))


@pytest.mark.parametrize("name", [name for name in NAMES if labelling.designs()[name].to_write])
def test_a_label_printed_beforehand_lacks_what_is_written_by_hand_and_nothing_else(name):
    design = labelling.designs()[name]
    assert set(design.to_write) < set(design.fields)
    known = {field: value for field, value in design.example.items() if field not in design.to_write}
    blank = labelling.fill(name, known, beforehand=True)
    whole = labelling.fill(name, design.example)
    assert set(blank.items) < set(whole.items)
    with pytest.raises(labelling.FieldError, match=design.to_write[0]):
        labelling.fill(name, known)
    with pytest.raises(labelling.FieldError, match="trial"):
        labelling.fill(name, {**known, "trial": ""}, beforehand=True)


def remembered() -> dict[str, int]:
    """Give how many values each cache of the package holds."""
    modules = [module for name, module in sys.modules.items() if name.startswith("custody.labelling")]
    cached = {
        f"{module.__name__}.{name}": thing
        for module in modules
        for name, thing in vars(module).items()
        if hasattr(thing, "cache_info")
    }
    return {name: thing.cache_info().currsize for name, thing in cached.items()}


def test_nothing_of_a_label_is_remembered_by_which_a_second_print_would_be_faster() -> None:
    """How fast a bag's label comes may not tell a nurse whether the bench has printed it."""
    design = labelling.designs()["treatment_bag"]
    example("treatment_bag").svg()
    before = remembered()
    assert any(before.values()), "what is alike on all labels is measured once"
    code = widest(codes.Kind.TREATMENT_BAG)
    other = {"code": code, "participant": "CHOC-07-914", "expiry": "2027-01-05 14:35 CET"}
    label = labelling.fill("treatment_bag", {**design.example, **other})
    assert label.svg() != example("treatment_bag").svg()
    assert remembered() == before
