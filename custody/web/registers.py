"""Lists of all there is of a kind, for those who watch over the trial and hold no code: in the order of the open log.

A list of the open plane is the same in both arms: who is in it, how many, and in which order. Lots and deviations of
the bench are for who may see the arm.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from flask import Blueprint, abort, render_template, request

from custody import codes
from custody.chain.roles import Role
from custody.chain.step import N_
from custody.chain.things import TRIAL, Deviation, Lot, Participant, Person, Plane, SealedDeviation, Thing
from custody.chain.transitions import states
from custody.web import words
from custody.web.offers import outdated
from custody.web.seen import showing_here
from custody.web.who import connection, door, open_store, person, stores

bp = Blueprint("registers", __name__)
ON_A_PAGE: Final = 50
WATCH: Final = frozenset({Role.MONITOR, Role.INSPECTOR, Role.UNBLINDED_INSPECTOR})
Cell = tuple[tuple[str, str], ...]
"""Words, each with the code that it leads to; none where it leads nowhere."""
Make = Callable[[Any], tuple[Cell, ...]]


@dataclass(frozen=True, slots=True)
class Register:
    """One list: what it is of, its columns, and who sees it."""

    title: str
    kind: type[Thing]
    columns: tuple[str, ...]
    row: Make
    by: frozenset[Role] = WATCH


@bp.get("/registers/<register>")
def show(register: str) -> str:
    """Show one page of a list."""
    known = REGISTERS.get(register)
    if known is None or person().role not in known.by:
        abort(404)
    total = _count(known)
    pages = max(1, -(-total // ON_A_PAGE))
    page = min(max(1, request.args.get("page", 1, type=int)), pages)
    things = _things(known, (page - 1) * ON_A_PAGE)
    return render_template(
        "registers/show.html",
        name=register,
        register=known,
        rows=[(known.row(thing), thing.status, outdated(thing)) for thing in things],
        total=total,
        page=page,
        pages=pages,
    )


def offered() -> list[tuple[str, str]]:
    """Give name and title of each list that this person may see."""
    return [(name, one.title) for name, one in REGISTERS.items() if person().role in one.by]


def _count(register: Register) -> int:
    if register.kind.PLANE is Plane.OPEN:
        return sum(open_store().counts(connection(), register.kind.KIND).values())
    return len(_sealed(register))


def _things(register: Register, start: int) -> list[Thing]:
    """Give a page's things: what is open before what is closed, then as they came to be."""
    if register.kind.PLANE is Plane.OPEN:
        return open_store().in_order(connection(), register.kind.KIND, "open", start, ON_A_PAGE)
    return _sealed(register)[start : start + ON_A_PAGE]


def _sealed(register: Register) -> list[Thing]:
    """Give things of the sealed plane, which is asked by state alone, in the order of their codes."""
    store, kind = stores()[Plane.SEALED], register.kind.KIND
    found = [kept.thing for state in states(kind) for kept in store.find(connection(), kind, state)]
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
    return _code(one.code), _words(one.what), _code(one.about)


def _person(one: Person) -> tuple[Cell, ...]:
    site = words.site(door().protocol, one.site) if one.site else ""
    return ((one.name, one.code),), _words(words.role(one.role)), _words(site)


def _lot(one: Lot) -> tuple[Cell, ...]:
    expires = showing_here().time(one.expires_at)
    return ((one.code, one.code),), _words(expires), tuple((codes.group(code), code) for code in one.cryobags)


UNBLINDED: Final = frozenset({Role.UNBLINDED_INSPECTOR})
DEVIATIONS: Final = (N_("Code"), N_("What happened"), N_("About"))
REGISTERS: Final[dict[str, Register]] = {
    "participants": Register(
        N_("All participants"), Participant, (N_("Trial number"), N_("Site"), N_("Treatment bags")), _participant
    ),
    "deviations": Register(N_("All deviations"), Deviation, DEVIATIONS, _deviation),
    "people": Register(N_("All people"), Person, (N_("Name"), N_("Role"), N_("Site")), _person),
    "lots": Register(N_("All lots"), Lot, (N_("Lot"), N_("Expires"), N_("Cryobags")), _lot, UNBLINDED),
    "bench_deviations": Register(N_("All deviations of the bench"), SealedDeviation, DEVIATIONS, _deviation, UNBLINDED),
}
