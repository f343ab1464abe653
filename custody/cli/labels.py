"""Labels: one, or the list of designs with an example each."""

# ruff: noqa: PLC0415 - what a command needs is imported when it runs: others start faster

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from custody.cli.failing import Refused, Wrong
from custody.cli.opening import Commands, View, add_as_blinded, add_place, settings, viewing
from custody.cli.saying import say, say_json, say_table
from custody.cli.writing import write

if TYPE_CHECKING:
    from custody.config import Config
    from custody.labelling import Label

FORMATS: Final = ("svg", "pdf", "png", "zpl")
OF_MANY: Final = ("pdf", "zpl")
"""Forms of which one file holds many labels."""
MOST: Final = 1000
"""Copies, or blank labels, in one file."""


def add(commands: Commands) -> None:
    """Add the family's command."""
    label = commands.add_parser("label", help="one label, or blank ones, as a file, read back before it is written")
    label.add_argument("design", nargs="?", metavar="DESIGN", help="see --list")
    label.add_argument("code", nargs="?", metavar="CODE", help="of the thing that the label goes on")
    label.add_argument("--format", choices=FORMATS, help="without it what the file's name ends with")
    label.add_argument("--out", metavar="FILE")
    label.add_argument(
        "--dpi",
        type=int,
        default=203,
        metavar="N",
        help="dots per inch of a PNG or ZPL (203)",
    )
    label.add_argument("--copies", type=int, default=1, metavar="N", help="of each, in a PDF or ZPL (1)")
    label.add_argument(
        "--blank", type=int, metavar="N", help="instead of CODE: N new ones to write on, each with its code"
    )
    label.add_argument("--list", action="store_true", help="all designs, each with a code that is in use")
    add_as_blinded(label)
    label.add_argument("--json", action="store_true", help="answer in JSON (with --list)")
    add_place(label)
    label.set_defaults(do=_label)


def _label(given: argparse.Namespace) -> int:
    if given.list:
        return _list(given)
    if not (given.design and (given.code or given.blank is not None) and given.out):
        message = "label: expected DESIGN, CODE and --out FILE, or --list"
        raise Wrong(message)
    path = Path(given.out)
    form = _form(given, path, FORMATS if given.blank is None else OF_MANY)
    if given.blank is not None:
        return _blank(given, path, form)
    label = filled(settings(given), given.design, given.code, as_blinded=given.as_blinded)
    write(path, drawn([label], form, given.dpi, given.copies))
    say(f"{label.title}: {path}")
    return 0


def _form(given: argparse.Namespace, path: Path, expected: tuple[str, ...]) -> str:
    """Give the form of what is written; copies are of a form that holds many."""
    form = given.format or path.suffix.lstrip(".").lower()
    if form not in expected:
        message = f"--out: expected a name that ends with .{', .'.join(expected)}, or --format, found {path.name!r}"
        raise Wrong(message)
    most = MOST if form in OF_MANY else 1
    if not 1 <= given.copies <= most:
        message = f"--copies: expected 1 to {most} of a {form.upper()}, found {given.copies}"
        raise Wrong(message)
    return form


def _blank(given: argparse.Namespace, path: Path, form: str) -> int:
    """Write labels of things that are not on record yet."""
    from secrets import token_bytes

    from custody import codes
    from custody.labelling import designs
    from custody.printing import BLANKS, Printer

    if given.design not in BLANKS:
        message = f"label --blank: expected one of {', '.join(BLANKS)}, found {given.design!r}"
        raise Wrong(message)
    if given.code:
        message = f"label --blank: expected no CODE, found {given.code!r}"
        raise Wrong(message)
    if not 1 <= given.blank <= MOST:
        message = f"label --blank: expected 1 to {MOST}, found {given.blank}"
        raise Wrong(message)
    config = settings(given)
    with viewing(config, as_blinded=True) as view:
        printer = Printer(view.protocol, lambda _code: [], config.base_url)
    fresh = (codes.mint(BLANKS[given.design].kind, token_bytes) for _number in range(given.blank))
    write(path, drawn([printer.blank(given.design, code) for code in fresh], form, given.dpi, given.copies))
    say(f"{designs()[given.design].title}: {given.blank} in {path}")
    return 0


def filled(config: Config, design: str, text: str, *, as_blinded: bool) -> Label:
    """Give the label of a thing; the design has to be the one that goes on it."""
    from custody import codes
    from custody.chain.labels import DESIGN_OF
    from custody.labelling.design import find
    from custody.printing import NoLabel, Printer

    find(design)
    scanned = codes.read(text)
    with viewing(config, as_blinded=as_blinded) as view:
        things = view.look_up(scanned.code)
        if not things:
            message = f"{codes.group(scanned.code)} is not known here"
            raise Refused(message)
        if design not in {DESIGN_OF.get(thing.KIND) for thing in things}:
            fits = next((DESIGN_OF[thing.KIND] for thing in things if thing.KIND in DESIGN_OF), "none")
            kind = things[0].KIND.replace("_", " ")
            message = f"{codes.group(scanned.code)} is a {kind}: its label is {fits}, not {design}"
            raise Wrong(message)
        try:
            return Printer(view.protocol, view.look_up, config.base_url).label(scanned.code)
        except NoLabel as wrong:
            raise Refused(str(wrong)) from wrong


def drawn(labels: list[Label], form: str, dpi: int, copies: int) -> bytes:
    """Draw labels, which reads their symbols back: as PDF one alone at its own size, several on sheets of A4."""
    from custody.clock import SystemClock
    from custody.labelling import pdf, roll, sheet

    if form == "svg":
        return labels[0].svg().encode()
    if form == "pdf":
        laid, title = (sheet, labels[0].design.title) if labels[1:] else (pdf, labels[0].title)
        return laid([label for label in labels for _copy in range(copies)], title, SystemClock().now())
    try:
        return roll(labels, dpi, copies).encode() if form == "zpl" else labels[0].png(dpi)
    except ValueError as wrong:
        message = f"--dpi: {wrong}"
        raise Wrong(message) from wrong


# --- the list ---------------------------------------------------------------------------------


def _list(given: argparse.Namespace) -> int:
    """List what goes on things; the emergency sheets, which hold arms, are printed by a command of their own."""
    from custody.chain.labels import DESIGN_OF
    from custody.labelling import designs

    on_things = {name: design for name, design in designs().items() if name in DESIGN_OF.values()}
    with viewing(settings(given), as_blinded=given.as_blinded) as view:
        examples = {name: example(view, name) for name in on_things}
    answers = [
        {
            "design": name,
            "title": design.title,
            "width_mm": design.width,
            "height_mm": design.height,
            "goes_on": str(design.kind),
            "prints": design.prints,
            "fields": design.fields,
            "formats": FORMATS,
            "example": examples[name],
        }
        for name, design in on_things.items()
    ]
    if given.json:
        say_json(answers)
    else:
        _say_designs(answers)
    return 0


def _say_designs(answers: list[dict[str, Any]]) -> None:
    rows = [
        (one["design"], f"{one['width_mm']:g} × {one['height_mm']:g} mm", one["example"] or "none", one["prints"])
        for one in answers
    ]
    say_table(("design", "size", "example code", "who prints"), rows)


def example(view: View, design: str) -> str | None:
    """Give a code that is seen on which a design goes, of a thing in use if there is one; None when there is none."""
    from custody.chain.labels import DESIGN_OF
    from custody.chain.things import KINDS
    from custody.chain.transitions import FINAL, states

    for kind in (kind for kind, goes in DESIGN_OF.items() if goes == design):
        store = view.stores.get(KINDS[kind].PLANE)
        if store is None:
            continue
        for state in sorted(states(kind), key=lambda state: state in FINAL.get(kind, ())):
            for kept in store.find(view.connection, kind, state)[:1]:
                return kept.thing.code
    return None
