"""Labels as PDF through typst: one page per label, or several on A4 sheets."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any, Final

from PIL import Image

from custody.labelling import fonts
from custody.labelling.design import Box, Text
from custody.labelling.label import PRINTER, Label
from custody.labelling.place import Ink, Item, Symbol, Words, frame, shift, words
from custody.labelling.scan import check
from custody.labelling.svg import modules

_TEMPLATE: Final = Path(__file__).parent / "label.typ"
_ONE_AT_A_TIME: Final = Lock()  # the compiler keeps its last inputs, over the last few documents: a tenth of the time
_A4: Final = (210.0, 297.0)
_MARGIN: Final = 12.0
_GAP: Final = 5.0
_HEAD: Final = 8.0


@dataclass(frozen=True, slots=True)
class Page:
    """A page in mm and what is drawn on it."""

    width: float
    height: float
    items: tuple[Item, ...]


def pdf(labels: Sequence[Label], title: str) -> bytes:
    """Give a PDF with one page per label, at the label's size, read back."""
    pages = [Page(one.design.width, one.design.height, one.items) for one in labels]
    return _compile(pages, title)


def sheet(labels: Sequence[Label], title: str) -> bytes:
    """Give A4 pages with as many labels as fit, each in a thin line to cut along, read back."""
    return _compile(_packed(labels, title), title)


def _compile(pages: Sequence[Page], title: str) -> bytes:
    if not pages:
        message = "no label to print"
        raise ValueError(message)
    return typeset(_TEMPLATE, {"title": title, "pages": list(map(_page, pages))}, [page.items for page in pages])


def typeset(template: Path, data: dict[str, Any], items: Sequence[Iterable[Item]]) -> bytes:
    """Give the PDF that a template makes of some data; the symbols among each page's items are read back from it."""
    inputs = {"data": json.dumps(data)}
    with _ONE_AT_A_TIME:
        dots = _compiler().compile(template, format="png", ppi=PRINTER, sys_inputs=inputs)
        made = _compiler().compile(template, format="pdf", sys_inputs=inputs, pdf_standards="ua-1")
    pictures = dots if isinstance(dots, list) else [dots or b""]
    for page, picture in zip(items, pictures, strict=True):
        check(Image.open(BytesIO(picture)).convert("L"), page)
    return made if isinstance(made, bytes) else b""


@lru_cache(maxsize=1)
def _compiler() -> Any:
    """Keep one compiler: its fonts are loaded once."""
    import typst  # noqa: PLC0415 - only who prints needs the typesetter

    return typst.Compiler(root=_TEMPLATE.parent, font_paths=[fonts.FOLDER], ignore_system_fonts=True)


def _packed(labels: Iterable[Label], title: str) -> list[Page]:
    """Lay labels out in rows, top to bottom, a new page when one is full."""
    pages, x, y, row = [_blank(title)], _MARGIN, _MARGIN + _HEAD, 0.0
    for label in labels:
        width, height = label.design.width, label.design.height
        if x + width > _A4[0] - _MARGIN:
            x, y, row = _MARGIN, y + row + _GAP, 0.0
        if y + height > _A4[1] - _MARGIN:
            pages.append(_blank(title))
            x, y, row = _MARGIN, _MARGIN + _HEAD, 0.0
        edge = frame(Box(x, y, width, height), 0.1)
        items = (*pages[-1].items, *edge, *shift(label.items, x, y))
        pages[-1] = replace(pages[-1], items=items)
        x, row = x + width + _GAP, max(row, height)
    return pages


def _blank(title: str) -> Page:
    head = Text(Box(_MARGIN, _MARGIN, _A4[0] - 2 * _MARGIN, _HEAD), size=3.5, bold=True)
    return Page(*_A4, tuple(words(head, title)))


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
