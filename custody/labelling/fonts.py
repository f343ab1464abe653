"""The shipped font, DejaVu Sans Condensed, and its real metrics: what will fit is measured."""

from functools import lru_cache
from pathlib import Path
from typing import Final

from PIL import ImageFont

FOLDER: Final = Path(__file__).parent / "fonts"
_FILES: Final = {False: "DejaVuSansCondensed.ttf", True: "DejaVuSansCondensed-Bold.ttf"}
_UNITS: Final = 1000
ASCENT: Final = 0.93
LINE: Final = 1.17
"""Share of the em above the baseline (accented capitals included) and from line to line."""


@lru_cache(maxsize=64)
def font(size: float, *, bold: bool) -> ImageFont.FreeTypeFont:
    """Load the font at a size in pixels."""
    return ImageFont.truetype(FOLDER / _FILES[bold], size)


def width(text: str, *, bold: bool, fixed: bool = False) -> float:
    """Measure a text in em; one that is `fixed`, alike on all labels of a design, is measured once.

    What stands on one label alone is measured each time: nobody learns by the delay whether it was printed before.
    """
    return _fixed(text, bold=bold) if fixed else _measured(text, bold=bold)


def _measured(text: str, *, bold: bool) -> float:
    return font(_UNITS, bold=bold).getlength(text) / _UNITS


_fixed = lru_cache(maxsize=4096)(_measured)


def unprintable(text: str) -> str:
    """Give the characters that the font has no picture for."""
    return "".join(sorted({symbol for symbol in text if not _has(symbol)}))


@lru_cache(maxsize=4096)
def _has(symbol: str) -> bool:
    if symbol.isspace():
        return symbol in " \n\u00a0\u202f"
    return bytes(font(20, bold=False).getmask(symbol)) != _nothing()


@lru_cache(maxsize=1)
def _nothing() -> bytes:
    return bytes(font(20, bold=False).getmask("\uffff"))
