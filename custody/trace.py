"""What a thing came from, and what became of it: both ways along the chain.

    lot -> cryobag -> treatment bag -> participant
    albumin vial ---^      |
                           +-- shipper (carried in)

The links are the things' own fields, so a trace shows what the plane that is asked knows, and no more: in the open
plane a treatment bag came from nothing. One is not among them: an unpacked shipper is empty, so what it carried
is read from the entries that packed it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from custody.chain.things import Shipper, Thing, code_break_code, preparation_code
from custody.ledger.entry import decode
from custody.store.open_store import OpenStore

LookUp = Callable[[str], list[Thing]]
"""Gives the halves of a code that may be seen: one in each plane at most."""

UP: Final[Mapping[str, tuple[str, ...]]] = {
    "cryobag": ("lot",),
    "preparation": ("cryobags", "vials"),
    "participant": ("treatment_bags",),
    "shipper": ("bags",),
    "handoff": ("item",),
    "deviation": ("about",),
    "sealed_deviation": ("about",),
}
"""Per kind, the fields that name what it came from."""
DOWN: Final[Mapping[str, tuple[str, ...]]] = {
    "lot": ("cryobags",),
    "cryobag": ("treatment_bag",),
    "albumin_vial": ("treatment_bag",),
    "treatment_bag": ("participant",),
    "preparation": ("participant",),
    "location": ("cryobag",),
}
"""Per kind, the fields that name what became of it."""


@dataclass(frozen=True, slots=True)
class Link:
    """One step along the chain."""

    depth: int
    kind: str
    code: str
    status: str
    via: str
    """Code of the thing through which it was reached."""


def origins(look_up: LookUp, code: str, carried: Iterable[str] = ()) -> list[Link]:
    """Give everything that a code came from, nearest first; `carried`: what a shipper held before."""
    return list(_walk(look_up, code, UP, carried))


def carried_by(store: OpenStore, connection: Connection, code: str) -> list[str]:
    """Give the bags that were ever packed into a shipper, oldest first; none for any other code."""
    kept = store.thing(connection, code)
    if kept is None or not isinstance(kept.thing, Shipper):
        return []
    entries = (decode(store.entry(connection, place)) for place in store.mentions(connection, code))
    packed = (entry["payload"]["bags"] for entry in entries if entry["type"] == "packed")
    return list(dict.fromkeys(bag for bags in packed for bag in bags))


def outcomes(look_up: LookUp, code: str) -> list[Link]:
    """Give everything that became of a code, nearest first."""
    return list(_walk(look_up, code, DOWN))


def halves(look_up: LookUp, code: str) -> list[Thing]:
    """Give a code's things: a treatment bag's preparation, a participant's code break, where they may be seen."""
    return [*look_up(code), *look_up(preparation_code(code)), *look_up(code_break_code(code))]


def _walk(
    look_up: LookUp, start: str, fields: Mapping[str, tuple[str, ...]], besides: Iterable[str] = ()
) -> Iterator[Link]:
    seen, ring, depth = {start}, [start], 0
    while ring:
        depth += 1
        following: list[str] = []
        for via in ring:
            for code in (*_named(look_up, via, fields), *(besides if via == start else ())):
                if code not in seen:
                    seen.add(code)
                    following.append(code)
                    yield from (_link(depth, thing, via) for thing in look_up(code)[:1])
        ring = following


def _named(look_up: LookUp, code: str, fields: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    for thing in halves(look_up, code):
        for name in fields.get(thing.KIND, ()):
            value = getattr(thing, name)
            yield from (value,) if isinstance(value, str) and value else value or ()


def _link(depth: int, thing: Thing, via: str) -> Link:
    return Link(depth, thing.KIND, thing.code, thing.status, via)
