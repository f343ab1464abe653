"""Labels a second as PDF, SVG and ZPL, and a sheet of 1,000 badges, beside the bare libraries in the same run.

The bare work is the same symbols by qrcode and python-barcode, as their own SVG; for a PDF the same page by typst with
the QR's modules alone. What ours adds: the design, its texts, a DataMatrix, and that every symbol is read back.
"""

from __future__ import annotations

import io
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from random import Random

import typst
from barcode import Code128
from barcode.writer import SVGWriter
from qrcode import QRCode
from qrcode.image.svg import SvgPathImage

from custody import codes, labelling
from custody.labelling.symbols import runs
from tests.benchmarks.ground import said

SEED = 1
AT = datetime(2026, 3, 10, tzinfo=UTC)
"""Date of the files."""
BADGES = 1000
SECONDS = 3.0
DESIGN = "treatment_bag"
GOAL = "none"
MODULE_MM = 0.6
PER_PAGE = 14
PAGES = """
#let pages = json(bytes(sys.inputs.data))
#set page(width: 210mm, height: 297mm, margin: 0mm)
#for (number, page) in pages.enumerate() {
  if number > 0 { pagebreak() }
  for (x, y, width, height) in page {
    place(dx: x * 1mm, dy: y * 1mm, rect(width: width * 1mm, height: height * 1mm, fill: black))
  }
}
"""
"""Typst's own: rectangles on pages, and nothing else."""


def fresh(kind: codes.Kind, count: int) -> list[str]:
    """Give codes of a kind."""
    chance = Random(SEED)
    return [codes.mint(kind, chance.randbytes) for _number in range(count)]


def ours(design: str, code: str) -> labelling.Label:
    """Fill a label."""
    return labelling.fill(design, {**labelling.designs()[design].example, "code": code})


def bare(code: str) -> QRCode:
    """Make both symbols by their libraries."""
    qr = QRCode(version=3, border=0)
    qr.add_data(codes.url(code))
    qr.make(fit=False)
    Code128(code).build()
    return qr


def bare_svg(code: str) -> None:
    """Make both symbols, and their libraries' drawings."""
    bare(code).make_image(image_factory=SvgPathImage).to_string()
    Code128(code, writer=SVGWriter()).write(io.BytesIO())


def bare_pdf(some: list[str]) -> bytes:
    """Typeset the symbols of some codes, so many on a page."""
    pages = [some[start : start + PER_PAGE] for start in range(0, len(some), PER_PAGE)]
    data = json.dumps([[rect for place, code in enumerate(page) for rect in _rects(code, place)] for page in pages])
    with tempfile.NamedTemporaryFile("w", suffix=".typ") as source:
        source.write(PAGES)
        source.flush()
        return bytes(typst.compile(source.name, sys_inputs={"data": data}, ignore_system_fonts=True))


def _rects(code: str, place: int) -> Iterator[tuple[float, float, float, float]]:
    left, top = place % 2 * 100 + 10, place // 2 * 40 + 10
    for number, row in enumerate(bare(code).get_matrix()):
        for start, length in runs("".join("01"[bool(module)] for module in row)):
            yield left + start * MODULE_MM, top + number * MODULE_MM, length * MODULE_MM, MODULE_MM


def rate(work: Callable[[str], object], some: list[str], seconds: float = SECONDS) -> float:
    """Give how many labels a piece of work makes in a second."""
    start, count = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        work(some[count % len(some)])
        count += 1
    return count / (time.perf_counter() - start)


def run(badges: int = BADGES) -> None:
    """Print the figures, each beside the bare libraries' in turn."""
    some = fresh(labelling.designs()[DESIGN].kind, 200)
    print(f"\nlabels a second, {DESIGN}, seed {SEED}; the limit: the bare libraries")
    for name, mine, limit in (
        ("SVG", lambda code: ours(DESIGN, code).svg(), bare_svg),
        ("ZPL, 203 dpi", lambda code: ours(DESIGN, code).zpl(203), bare),
        ("PDF", lambda code: labelling.pdf([ours(DESIGN, code)], "Labels", AT), lambda code: bare_pdf([code])),
    ):
        said(name, rate(mine, some), rate(limit, some), "a second", GOAL)
    people = fresh(labelling.designs()["badge"].kind, badges)
    sheets = [
        _taken(lambda: labelling.sheet([ours("badge", code) for code in people], "Badges", AT)),
        _taken(lambda: bare_pdf(people)),
    ]
    mine, limit = (badges / taken for taken in sheets)
    said(f"a sheet of {badges:,} badges, {sheets[0]:,.1f} s", mine, limit, "a second", GOAL)


def _taken(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
