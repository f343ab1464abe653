"""What the signed-in person may see: a code's things, in the planes that are theirs, and how they are shown to them."""

from __future__ import annotations

from flask import abort

from custody import codes, trace
from custody.chain.things import Person, Thing, code_break_code, preparation_code
from custody.web.showing import Showing
from custody.web.who import connection, door, open_store, person, stores


def read_or_404(code: str) -> codes.Scanned:
    """Read a code from an address."""
    try:
        return codes.read(code)
    except codes.CodeError:
        abort(404)


def sight() -> trace.Sight:
    """Give what this person may see."""
    return trace.Sight(connection(), stores())


def look_up(code: str) -> list[Thing]:
    """Give the things of a code in the planes that this person may see."""
    return sight().look_up(code)


def visible(code: str) -> list[Thing]:
    """Give a code's halves, the open one first."""
    return trace.halves(look_up, code)


def versions(code: str) -> str:
    """Give how often each half of a thing changed that this person may see; nothing when there is none."""
    names = (code, preparation_code(code), code_break_code(code))
    found = (store.thing(connection(), name) for store in stores().values() for name in names)
    return ".".join(str(kept.version) for kept in found if kept)


def name_of(code: str) -> str:
    """Name the person of a badge."""
    kept = open_store().thing(connection(), code)
    return kept.thing.name if kept and isinstance(kept.thing, Person) else codes.group(code)


def showing_here() -> Showing:
    """Give what shows things to this person."""
    return Showing(door().protocol, person().site, name_of)
