"""Labels on paper, page by page: one after the other on a roll, or several on a sheet of A4.

What is printed and what is shown before it is printed are both drawn from these pages.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from custody.labelling import svg as svg_form
from custody.labelling.design import Box, Text
from custody.labelling.label import Label
from custody.labelling.place import Item, frame, shift, words

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
    labels: tuple[Label, ...] = ()
    """The labels on it, in their order."""

    def svg(self, title: str) -> str:
        """Draw the page for a screen."""
        return svg_form.svg(self.width, self.height, self.items, title)


def roll_pages(labels: Iterable[Label]) -> list[Page]:
    """Give a page for each label, at its own size."""
    return [Page(one.design.width, one.design.height, one.items, (one,)) for one in labels]


def sheet_pages(labels: Iterable[Label], title: str) -> list[Page]:
    """Lay labels out on A4 in rows, top to bottom, each in a thin line to cut along; a new page when one is full."""
    pages, x, y, row = [_blank(title)], _MARGIN, _MARGIN + _HEAD, 0.0
    for label in labels:
        width, height = label.design.width, label.design.height
        if x + width > _A4[0] - _MARGIN:
            x, y, row = _MARGIN, y + row + _GAP, 0.0
        if y + height > _A4[1] - _MARGIN:
            pages.append(_blank(title))
            x, y, row = _MARGIN, _MARGIN + _HEAD, 0.0
        page, edge = pages[-1], frame(Box(x, y, width, height), 0.1)
        items = (*page.items, *edge, *shift(label.items, x, y))
        pages[-1] = replace(page, items=items, labels=(*page.labels, label))
        x, row = x + width + _GAP, max(row, height)
    return pages


def _blank(title: str) -> Page:
    head = Text(Box(_MARGIN, _MARGIN, _A4[0] - 2 * _MARGIN, _HEAD), size=3.5, bold=True)
    return Page(*_A4, tuple(words(head, title)))
