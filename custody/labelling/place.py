"""A design and its fields as a list of inked things, in mm: what every renderer draws."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from custody.labelling import fonts, symbols
from custody.labelling.design import (
    Box,
    Code128,
    DataMatrix,
    Design,
    Element,
    Frame,
    Qr,
    Rule,
    Text,
    substitute,
)
from custody.labelling.errors import N_, DesignError, LabelOverflow


@dataclass(frozen=True, slots=True)
class Ink:
    """A filled rectangle."""

    x: float
    y: float
    w: float
    h: float


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text; `x`, `y` is the start of its baseline, `size` the em."""

    x: float
    y: float
    w: float
    size: float
    bold: bool
    white: bool
    text: str
    fixed: bool = False
    """Whether it is alike on all labels of its design."""


@dataclass(frozen=True, slots=True)
class Symbol:
    """A QR, DataMatrix or Code 128: its modules, and the text that it must say when read back."""

    x: float
    y: float
    module: float
    height: float
    symbology: str
    text: str
    rows: tuple[str, ...]

    @property
    def width(self) -> float:
        """Measure the modules, without quiet zones."""
        return len(self.rows[0]) * self.module


Item = Ink | Words | Symbol
_ALIGN: Final = {"left": 0.0, "center": 0.5, "right": 1.0}
_ROUNDING: Final = 0.001


def place(design: Design, fields: Mapping[str, str]) -> tuple[Item, ...]:
    """Lay a design out with its fields' values."""
    return tuple(item for element in design.elements for item in _items(element, fields))


def shift(items: tuple[Item, ...], right: float, down: float) -> Iterator[Item]:
    """Move items, to put a label on a larger page."""
    return (replace(item, x=item.x + right, y=item.y + down) for item in items)


def _items(element: Element, fields: Mapping[str, str]) -> Iterator[Item]:
    match element:
        case Text():
            return words(element, substitute(element.wording(), fields))
        case Qr() | DataMatrix():
            return iter([_matrix(element, substitute(element.holds, fields))])
        case Code128():
            return iter([_code128(element, substitute(element.holds, fields))])
        case Rule(at):
            return iter([Ink(at.x, at.y, at.w, at.h)])
        case Frame(at, edge):
            return frame(at, edge)


def words(element: Text, text: str) -> Iterator[Item]:
    """Wrap a text into its box, or refuse it."""
    at, size = element.at, element.size
    fixed = text == element.wording()
    lines = _wrap(text, at.w / size, bold=element.bold, fixed=fixed)
    if len(lines) * fonts.LINE * size > at.h + _ROUNDING:
        raise _too_many(element, len(lines), text)
    if element.inverse:
        yield Ink(at.x, at.y, at.w, at.h)
    top = at.y + (at.h - len(lines) * fonts.LINE * size) / 2 if element.inverse else at.y
    for number, line in enumerate(lines):
        width = fonts.width(line, bold=element.bold, fixed=fixed) * size
        x = at.x + (at.w - width) * _ALIGN[element.align]
        y = top + (number * fonts.LINE + fonts.ASCENT) * size
        if line:
            yield Words(x, y, width, size, element.bold, element.inverse, line, fixed)


def _too_many(element: Text, lines: int, text: str) -> LabelOverflow:
    """Say what does not fit, how much would, and which text of the design file it is."""
    at, size = element.at, element.size
    sentence = N_(
        "%(lines)s lines of %(size)s mm do not fit into %(height)s mm, %(most)s do, at = [%(at)s]: “%(text)s”."
    )
    return LabelOverflow(
        sentence,
        lines=lines,
        size=f"{size:g}",
        height=f"{at.h:g}",
        most=int((at.h + _ROUNDING) / (fonts.LINE * size)),
        at=f"{at.x:g}, {at.y:g}, {at.w:g}, {at.h:g}",
        text=text.replace("\n", " / "),
    )


def _wrap(text: str, limit: float, *, bold: bool, fixed: bool) -> list[str]:
    """Break a text at blanks into lines of at most `limit` em; a new line in it always breaks."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line = ""
        for word in paragraph.split(" "):
            longer = f"{line} {word}" if line else word
            if line and fonts.width(longer, bold=bold, fixed=fixed) > limit:
                lines.append(line)
                longer = word
            line = longer
            if fonts.width(line, bold=bold, fixed=fixed) > limit + _ROUNDING:
                sentence = N_("“%(text)s” is wider than its place on the label.")
                raise LabelOverflow(sentence, text=line)
        lines.append(line)
    return lines


def _matrix(element: Qr | DataMatrix, text: str) -> Symbol:
    if element.module < symbols.SMALLEST_MODULE:
        sentence = N_("The modules of a QR or DataMatrix have at least %(least)s mm.")
        raise DesignError(sentence, least=symbols.SMALLEST_MODULE)
    if isinstance(element, Qr):
        name, rows, quiet = "QRCode", symbols.qr(text), symbols.QR_QUIET
    else:
        name, rows, quiet = "DataMatrix", symbols.datamatrix(text), symbols.DATAMATRIX_QUIET
    at, side = element.at, len(rows) * element.module
    room = side + 2 * quiet * element.module
    if room > min(at.w, at.h) + _ROUNDING:
        raise _too_large(name, room, min(at.w, at.h))
    x, y = at.x + (at.w - side) / 2, at.y + (at.h - side) / 2
    return Symbol(x, y, element.module, element.module, name, text, rows)


def _code128(element: Code128, text: str) -> Symbol:
    rows = symbols.code128(text)
    at, width = element.at, len(rows[0]) * element.module
    room = width + 2 * symbols.CODE128_QUIET * element.module
    if room > at.w + _ROUNDING:
        name = "Code 128"
        raise _too_large(name, room, at.w)
    return Symbol(at.x + (at.w - width) / 2, at.y, element.module, at.h, "Code128", text, rows)


def _too_large(symbol: str, room: float, there: float) -> LabelOverflow:
    sentence = N_("The %(symbol)s needs %(room)s mm with its quiet zones; its place has %(there)s mm.")
    return LabelOverflow(sentence, symbol=symbol, room=f"{room:.1f}", there=f"{there:g}")


def frame(at: Box, edge: float) -> Iterator[Ink]:
    """Draw the edge of a box."""
    yield Ink(at.x, at.y, at.w, edge)
    yield Ink(at.x, at.y + at.h - edge, at.w, edge)
    yield Ink(at.x, at.y, edge, at.h)
    yield Ink(at.x + at.w - edge, at.y, edge, at.h)
