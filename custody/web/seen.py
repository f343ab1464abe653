"""What the signed-in person may see: a code's things, in the planes that are theirs, and how they are shown to them."""

from __future__ import annotations

from flask import abort

from custody import codes, trace
from custody.chain.bedside import check_lapsed
from custody.chain.things import Location, Participant, Person, Thing, TreatmentBag, code_break_code, preparation_code
from custody.store.plane import Kept
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
    """Give how often each half of a thing changed that this person may see, and its participant; nothing for none."""
    kept = open_store().thing(connection(), code)
    names = (code, getattr(kept and kept.thing, "participant", ""), preparation_code(code), code_break_code(code))
    found = [kept for store in stores().values() for name in names if (kept := store.thing(connection(), name))]
    return ".".join(str(kept.version) for kept in found) + ("r" if any(map(_is_due, found)) else "")


def _is_due(kept: Kept) -> bool:
    """Say whether a bag may be released, or has to be checked again, since its page was made: nothing of it changed."""
    bag, now = kept.thing, door().world.clock.now()
    ready = isinstance(bag, TreatmentBag) and bag.status == "ordered" and bag.ready_at <= now
    return ready or check_lapsed(bag, door().protocol, now)


def name_of(code: str) -> str:
    """Name the person of a badge, or a place to those who may know of it."""
    named = next((thing for thing in look_up(code) if isinstance(thing, Person | Location)), None)
    return named.name if named else codes.group(code)


def showing_here() -> Showing:
    """Give what shows things to this person."""
    return Showing(door().protocol, person().site, name_of, number_of)


def number_of(code: str) -> str:
    """Give the trial number of the participant whose wristband, bag or emergency sheet it is; nothing for others."""
    kept = open_store().thing(connection(), code)
    of = getattr(kept.thing, "participant", "") if kept else ""
    found = open_store().thing(connection(), of) if of else kept
    return found.thing.number if found and isinstance(found.thing, Participant) else ""
