"""Lists of all there is of a kind, for those who watch over the trial and hold no code: in the order of the open log.

The administrator has the people, whose badges are not at hand when an account is to be closed.

A list of the open plane is the same in both arms: who is in it, how many, and in which order. Lots and deviations of
the bench are for who may see the arm. Readings that were refused stand with the newest first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from flask import Blueprint, abort, render_template, request
from flask_babel import gettext as _

from custody import codes
from custody.chain.reading import TYPED
from custody.chain.roles import Role
from custody.chain.step import N_
from custody.chain.things import TRIAL, Deviation, Lot, Participant, Person, Plane, SealedDeviation, Thing
from custody.chain.transitions import states
from custody.web import readings, reasons, taken_over, values, words
from custody.web.offers import outdated
from custody.web.seen import showing_here
from custody.web.who import connection, door, open_store, person, stores

bp = Blueprint("registers", __name__)
ON_A_PAGE: Final = 50
REFUSED_READINGS: Final = (
    N_("When"),
    N_("Who"),
    N_("Text that was read"),
    N_("How it was read"),
    N_("On the page"),
)
WATCH: Final = frozenset({Role.MONITOR, Role.INSPECTOR, Role.UNBLINDED_INSPECTOR})
ACCOUNTS: Final = WATCH | {Role.ADMINISTRATOR}
Cell = tuple[tuple[str, str], ...]
"""Words, each with the code that it leads to; none where it leads nowhere."""
Make = Callable[[Any], tuple[Cell, ...]]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its cells, and the state of its thing, where it is of one."""

    cells: tuple[Cell, ...]
    status: str = ""
    expired: bool = False


@dataclass(frozen=True, slots=True)
class Register:
    """One list: its columns, who sees it, how much there is, and what stands on a page of it."""

    title: str
    columns: tuple[str, ...]
    by: frozenset[Role]
    count: Callable[[], int]
    rows: Callable[[int], list[Row]]
    """Gives the rows of a page that begins at a place."""
    note: Callable[[], str] = str
    """Says what the list shows as a whole."""


def of_things(
    title: str, kind: type[Thing], columns: tuple[str, ...], row: Make, by: frozenset[Role] = WATCH
) -> Register:
    """Give the list of all things of a kind, with the state of each."""
    return Register(
        title,
        (*columns, N_("State")),
        by,
        lambda: _count(kind),
        lambda start: [Row(row(thing), thing.status, outdated(thing)) for thing in _things(kind, start)],
    )


def of_readings(title: str, plane: Plane, by: frozenset[Role] = WATCH) -> Register:
    """Give the list of a plane's refused readings, with the share of all that was typed by hand."""
    return Register(
        title,
        REFUSED_READINGS,
        by,
        lambda: readings.refused_count(plane),
        lambda start: [Row(_reading(entry)) for entry in readings.refused(plane, start, ON_A_PAGE)],
        lambda: _shares(readings.counted(plane), readings.refused_count(plane)),
    )


@bp.get("/registers/<register>")
def show(register: str) -> str:
    """Show one page of a list."""
    known = REGISTERS.get(register)
    if known is None or person().role not in known.by:
        abort(404)
    total = known.count()
    pages = max(1, -(-total // ON_A_PAGE))
    page = min(max(1, request.args.get("page", 1, type=int)), pages)
    return render_template(
        "registers/show.html",
        name=register,
        register=known,
        rows=known.rows((page - 1) * ON_A_PAGE),
        note=known.note(),
        total=total,
        page=page,
        pages=pages,
    )


def offered() -> list[tuple[str, str]]:
    """Give name and title of each list that this person may see."""
    return [(name, one.title) for name, one in REGISTERS.items() if person().role in one.by]


def _count(kind: type[Thing]) -> int:
    if kind.PLANE is Plane.OPEN:
        return sum(open_store().counts(connection(), kind.KIND).values())
    return len(_sealed(kind))


def _things(kind: type[Thing], start: int) -> list[Thing]:
    """Give a page's things: what is open before what is closed, then as they came to be."""
    if kind.PLANE is Plane.OPEN:
        return open_store().in_order(connection(), kind.KIND, "open", start, ON_A_PAGE)
    return _sealed(kind)[start : start + ON_A_PAGE]


def _sealed(kind: type[Thing]) -> list[Thing]:
    """Give things of the sealed plane, which is asked by state alone, in the order of their codes."""
    store = stores()[Plane.SEALED]
    found = [kept.thing for state in states(kind.KIND) for kept in store.find(connection(), kind.KIND, state)]
    return sorted(found, key=lambda thing: (thing.status != "open", thing.code))


# --- rows -------------------------------------------------------------------------------------


def _code(code: str) -> Cell:
    return _words(words.kind(code)) if code == TRIAL else ((codes.group(code), code),)


def _words(text: str) -> Cell:
    return ((text, ""),)


def _participant(one: Participant) -> tuple[Cell, ...]:
    bags = tuple((codes.group(code), code) for code in one.treatment_bags)
    return ((one.number, one.code),), _words(words.site(door().protocol, one.site)), bags


def _deviation(one: Deviation) -> tuple[Cell, ...]:
    happened = reasons.happened(one, door().protocol)
    what = tuple((text, "") for text in (taken_over.said(one), happened) if text)
    return _code(one.code), what, _code(one.about)


def _person(one: Person) -> tuple[Cell, ...]:
    site = words.site(door().protocol, one.site) if one.site else ""
    return ((one.name, one.code),), _words(words.role(one.role)), _words(site)


def _lot(one: Lot) -> tuple[Cell, ...]:
    expires = showing_here().time(one.expires_at)
    return ((one.code, one.code),), _words(expires), tuple((codes.group(code), code) for code in one.cryobags)


def _reading(entry: dict[str, Any]) -> tuple[Cell, ...]:
    showing, read = showing_here(), entry["payload"]
    said = {name: values.said(entry["step"], name, read, showing) for name in ("raw", "reason", "source", "page")}
    at = showing.time(datetime.fromisoformat(entry["recorded_at"]))
    told = (*(_words(said["raw"]) if said["raw"] else ()), *_words(said["reason"]))
    how = " · ".join(filter(None, (said["source"], read["symbology"])))
    where = ((said["page"] or _("Scan"), ""), *_linked(read["thing"]))
    return _words(at), _words(entry["actor"]["name"]), told, _words(how), where


def _linked(code: str) -> Cell:
    return _code(code) if code else ()


def _shares(of: Mapping[str, int], refused: int) -> str:
    """Say how many of all scans were refused, and how many were typed by hand: labels that are worked around."""
    total = sum(of.values())
    if not total:
        return ""
    shares = {
        name: f"{number} ({round(100 * number / total)}\N{NO-BREAK SPACE}%)"
        for name, number in (("refused", refused), ("typed", of[TYPED]))
    }
    said = _("Of %(total)s scans %(refused)s were refused; %(typed)s were typed by hand.", total=total, **shares)
    return " ".join((said, _("Of a text that is no code only its shape is kept: A for a letter, 9 for a digit.")))


UNBLINDED: Final = frozenset({Role.UNBLINDED_INSPECTOR})
DEVIATIONS: Final = (N_("Code"), N_("What happened"), N_("About"))
REGISTERS: Final[dict[str, Register]] = {
    "participants": of_things(
        N_("All participants"), Participant, (N_("Trial number"), N_("Site"), N_("Treatment bags")), _participant
    ),
    "deviations": of_things(N_("All deviations"), Deviation, DEVIATIONS, _deviation),
    "people": of_things(N_("All people"), Person, (N_("Name"), N_("Role"), N_("Site")), _person, ACCOUNTS),
    "lots": of_things(N_("All lots"), Lot, (N_("Lot"), N_("Expires"), N_("Cryobags")), _lot, UNBLINDED),
    "bench_deviations": of_things(
        N_("All deviations of the bench"), SealedDeviation, DEVIATIONS, _deviation, UNBLINDED
    ),
    "readings": of_readings(N_("Refused scans"), Plane.OPEN),
    "sealed_readings": of_readings(N_("Refused scans, sealed"), Plane.SEALED, UNBLINDED),
}
