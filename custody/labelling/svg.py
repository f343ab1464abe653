"""A label as SVG, for a page or a browser's print.

Presentation attributes alone, no inline style: a strict Content-Security-Policy shows it.
"""

from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from custody.labelling.place import Ink, Item, Symbol, Words
from custody.labelling.symbols import runs

_FONTS: Final = "'DejaVu Sans Condensed','DejaVu Sans','Arial Narrow',Arial,sans-serif"


def svg(width: float, height: float, items: Sequence[Item], title: str) -> str:
    """Draw items; every line keeps its measured length, whatever font the reader has."""
    parts = "".join(map(_drawn, items))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}mm" height="{height:g}mm" '
        f'viewBox="0 0 {width:g} {height:g}" role="img" aria-label={quoteattr(title)} '
        f'font-family="{_FONTS}" font-stretch="condensed">'
        f'<rect width="{width:g}" height="{height:g}" fill="#fff"/>{parts}</svg>'
    )


def modules(symbol: Symbol) -> str:
    """Draw a symbol's dark runs as one path, in modules; a Code 128 is one module high."""
    return "".join(
        f"M{start} {row}h{length}v1h-{length}z" for row, bits in enumerate(symbol.rows) for start, length in runs(bits)
    )


def _drawn(item: Item) -> str:
    match item:
        case Ink():
            return f'<rect x="{item.x:.3f}" y="{item.y:.3f}" width="{item.w:g}" height="{item.h:g}"/>'
        case Words():
            return _line(item)
        case Symbol():
            return (
                f'<path shape-rendering="crispEdges" transform="translate({item.x:.4f} '
                f'{item.y:.4f}) scale({item.module:g} {item.height:g})" d="{modules(item)}"/>'
            )


def _line(words: Words) -> str:
    weight = ' font-weight="bold"' if words.bold else ""
    fill = ' fill="#fff"' if words.white else ""
    return (
        f'<text x="{words.x:.3f}" y="{words.y:.3f}" font-size="{words.size:g}"{weight}{fill} '
        f'textLength="{words.w:.3f}" lengthAdjust="spacingAndGlyphs">{escape(words.text)}</text>'
    )
