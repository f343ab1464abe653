"""Labels as PDF through typst: PDF/A-2a, to be kept, and PDF/UA-1, to be read aloud."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any, Final

from PIL import Image

from custody.labelling import fonts
from custody.labelling.label import PRINTER, Label
from custody.labelling.paper import Page, roll_pages, sheet_pages
from custody.labelling.place import Ink, Item, Symbol, Words
from custody.labelling.scan import check
from custody.labelling.svg import modules

_TEMPLATE: Final = Path(__file__).parent / "label.typ"
_ONE_AT_A_TIME: Final = Lock()  # the compiler keeps its last inputs, over the last few documents: a tenth of the time
STANDARDS: Final[Any] = ["a-2a", "ua-1"]
"""What the file says that it keeps to: the typesetter refuses to write one that does not."""


def pdf(labels: Sequence[Label], title: str, at: datetime) -> bytes:
    """Give a PDF of a time with one page per label, at the label's size, read back."""
    return of_pages(roll_pages(labels), title, at)


def sheet(labels: Sequence[Label], title: str, at: datetime) -> bytes:
    """Give a PDF of a time with A4 pages, as many labels on each as fit, read back."""
    return of_pages(sheet_pages(labels, title), title, at)


def of_pages(pages: Sequence[Page], title: str, at: datetime) -> bytes:
    """Give a PDF of pages, of a time; every symbol on them is read back first."""
    if not any(page.labels for page in pages):
        message = "no label to print"
        raise ValueError(message)
    data = {"title": title, "pages": list(map(_page, pages))}
    return typeset(_TEMPLATE, data, [page.items for page in pages], at)


def typeset(template: Path, data: dict[str, Any], items: Sequence[Iterable[Item]], at: datetime) -> bytes:
    """Give the PDF of a time that a template makes of some data; the symbols among each page's items are read back."""
    inputs = {"data": json.dumps({**data, "date": at.astimezone(UTC).timetuple()[:6]})}
    with _ONE_AT_A_TIME:
        dots = _compiler().compile(template, format="png", ppi=PRINTER, sys_inputs=inputs)
        made = _compiler().compile(template, format="pdf", sys_inputs=inputs, pdf_standards=STANDARDS)
    pictures = dots if isinstance(dots, list) else [dots or b""]
    for page, picture in zip(items, pictures, strict=True):
        check(Image.open(BytesIO(picture)).convert("L"), page)
    return made if isinstance(made, bytes) else b""


@lru_cache(maxsize=1)
def _compiler() -> Any:
    """Keep one compiler: its fonts are loaded once."""
    import typst  # noqa: PLC0415 - only who prints needs the typesetter

    return typst.Compiler(root=_TEMPLATE.parent, font_paths=[fonts.FOLDER], ignore_system_fonts=True)


def _page(page: Page) -> dict[str, Any]:
    return {"w": page.width, "h": page.height, "items": list(map(_item, page.items))}


def _item(item: Item) -> dict[str, Any]:
    match item:
        case Ink(x, y, w, h):
            return {"is": "ink", "x": x, "y": y, "w": w, "h": h}
        case Words(x, y, _, size, bold, white, text):
            weight, fill = ("bold" if bold else "regular"), ("white" if white else "black")
            return {"is": "words", "x": x, "y": y, "size": size, "weight": weight} | {
                "fill": fill,
                "text": text,
            }
        case Symbol():
            return {"is": "symbol", "x": item.x, "y": item.y} | vector(item)


def vector(symbol: Symbol) -> dict[str, Any]:
    """Give a symbol as a template draws it: its size in mm, its picture, and what it says."""
    across, down = len(symbol.rows[0]), len(symbol.rows)
    width, height = across * symbol.module, down * symbol.height
    path = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}mm" height="{height}mm" '
        f'viewBox="0 0 {across} {down}" preserveAspectRatio="none">'
        f'<path d="{modules(symbol)}"/></svg>'
    )
    return {"w": width, "h": height, "svg": path, "alt": f"{symbol.symbology}: {symbol.text}"}
