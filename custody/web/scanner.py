"""The scanner check: a symbol to scan, and whether the scanner sends what it holds. Nothing of it goes on record."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Final

from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from custody import keyboards
from custody.chain.step import N_
from custody.labelling.symbols import code128, datamatrix, runs
from custody.web import words

bp = Blueprint("scanner", __name__)
GS: Final = "\x1d"
HELD: Final = f"SCANNER-CHECK/AMQWYZ:0123456789{GS}amqwyz"
"""Letters that change places between keyboards, digits that some shift, and the separator of GS1."""
KEYS: Final = {"Enter": N_("Enter"), "Tab": N_("Tab")}
"""Keys that a scanner sends at the end."""
BAR_MODULES: Final = 40
"""Height of the bars."""
Symbol = tuple[int, int, list[tuple[int, int, int, int]]]
"""Width and height in modules, and each dark rectangle: left, top, width, height."""


@bp.route("/scanner", methods=["GET", "POST"])
def check() -> str:
    """Show the symbol, and what is to be said of a scan of it."""
    raw = request.form.get("raw", "")
    said = list(findings(raw, request.form.get("keys", ""), request.form.get("ended", ""))) if raw else []
    return render_template("scanner/check.html", symbols=_symbols(), findings=said, raw=raw.replace(GS, "\u241d"))


def findings(raw: str, keys: str, ended: str) -> Iterator[tuple[bool, str]]:
    """Yield what a scan of the symbol shows: whether it is right, in words."""
    letters, held = raw.replace(GS, ""), HELD.replace(GS, "")
    right, meant = letters == held, keyboards.garbling(held, letters)
    yield right, _("Letters and digits arrive as they are.") if right else _("Letters or digits arrive as others.")
    if right and keys.replace(GS, "") == held:
        yield True, _("Scanner and computer are both set to a US keyboard.")
    elif right and keys:
        yield True, _("Scanner and computer are both set to one keyboard, which is no US one.")
    elif meant:
        here = words.keyboard(meant)
        yield False, _("The scanner types for a US keyboard; this computer is set to %(keyboard)s.", keyboard=here)
    elif letters.swapcase() == held:
        yield False, _("Caps lock is on.")
    elif not right:
        yield False, _("Scanner and computer are set to different keyboards, or another symbol was scanned.")
    kept = GS in raw
    yield kept, _("The separator of GS1 arrives.") if kept else _("The separator of GS1 is lost: a vial reads wrong.")
    if ended:
        yield True, _("It ends with %(key)s.", key=_(KEYS.get(ended, ended)))
    else:
        yield False, _("It ends with no key: set it to send Enter.")


@cache
def _symbols() -> tuple[Symbol, ...]:
    return _drawn(datamatrix(HELD), 1, 2), _drawn(code128(HELD), BAR_MODULES, 10)


def _drawn(rows: tuple[str, ...], height: int, quiet: int) -> Symbol:
    """Give the dark rectangles of a symbol with its quiet zone."""
    dark = [
        (start + quiet, number * height + quiet, length, height)
        for number, row in enumerate(rows)
        for start, length in runs(row)
    ]
    return len(rows[0]) + 2 * quiet, len(rows) * height + 2 * quiet, dark
