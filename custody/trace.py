"""What a thing came from, and what became of it, both ways along the chain; and what a person put on record.

    lot -> cryobag -> treatment bag -> participant -> emergency sheet
    albumin vial ---^      |
                           +-- shipper (carried in), handoff (changed hands by), deviation (about any of them)

Two kinds of links: the things' own fields, and the entries that speak of a thing, which its index of mentions gives:
what a shipper ever carried and which handoffs moved a bag is in no field. So a step costs what its thing's own
entries cost, however long the record is.

A trace shows what the planes that are asked know, and no more: in the open plane a treatment bag came from nothing.
A shipper carries many bags, one after the other: reached from one of them, or from a handoff, it leads no further.

Badges have no index of mentions: what a person did or signed is found by one pass over the logs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection

from custody.chain.labels import PrintLabels
from custody.chain.reading import NAMES, READ
from custody.chain.things import (
    AlbuminVial,
    CodeSheet,
    Cryobag,
    Deviation,
    Handoff,
    Location,
    Lot,
    Participant,
    Person,
    Plane,
    Preparation,
    SealedDeviation,
    Shipper,
    Thing,
    TreatmentBag,
    code_break_code,
    preparation_code,
    printing_code,
    sealed_printing_code,
)
from custody.ledger.entry import decode
from custody.record.entries import FILLER, REFUSED
from custody.store.open_store import OpenStore
from custody.store.plane import PlaneStore

LookUp = Callable[[str], list[Thing]]
"""Gives the halves of a code that may be seen: one in each plane at most."""


@dataclass(frozen=True, slots=True)
class Way:
    """One direction: per kind, how it leads on."""

    fields: Mapping[str, tuple[str, ...]]
    """Its own fields that name codes."""
    entries: Mapping[str, frozenset[str]]
    """Kinds of things that the entries which speak of it changed."""


DEVIATIONS: Final = frozenset({Deviation.KIND, SealedDeviation.KIND})
UP: Final = Way(
    {
        Cryobag.KIND: ("lot",),
        Preparation.KIND: ("cryobags", "vials"),
        Participant.KIND: ("treatment_bags",),
        CodeSheet.KIND: ("participant",),
        Handoff.KIND: ("item",),
        Deviation.KIND: ("about",),
        SealedDeviation.KIND: ("about",),
    },
    {Shipper.KIND: frozenset({TreatmentBag.KIND}), Handoff.KIND: frozenset({TreatmentBag.KIND})},
)
"""What it came from."""
DOWN: Final = Way(
    {
        Lot.KIND: ("cryobags",),
        Cryobag.KIND: ("treatment_bag",),
        AlbuminVial.KIND: ("treatment_bag",),
        TreatmentBag.KIND: ("participant",),
        Preparation.KIND: ("participant",),
        Participant.KIND: ("code_sheet",),
        Location.KIND: ("cryobag",),
    },
    {
        TreatmentBag.KIND: frozenset({Shipper.KIND, Handoff.KIND}) | DEVIATIONS,
        Shipper.KIND: frozenset({Handoff.KIND}) | DEVIATIONS,
    },
)
"""What became of it. Deviations are about anything."""
OF_MANY: Final = frozenset({Shipper.KIND})
"""Kinds that lead on only where a trace begins with them."""


@dataclass(frozen=True, slots=True)
class Sight:
    """What is seen: a connection, and the stores of the planes that it may read."""

    connection: Connection
    stores: Mapping[Plane, PlaneStore]

    def look_up(self, code: str) -> list[Thing]:
        """Give the things of a code."""
        found = (store.thing(self.connection, code) for store in self.stores.values())
        return [kept.thing for kept in found if kept]

    def speaking_of(self, *codes: str, changed: bool = True) -> Iterator[tuple[dict[str, Any], Plane, int]]:
        """Yield the entries that speak of some codes, with plane and place; not `changed`: that only speak of them."""
        for plane, store in self.stores.items():
            found = (store.mentions(self.connection, code, changed=changed) for code in dict.fromkeys(codes))
            for place in sorted({place for places in found for place in places}):
                yield decode(store.entry(self.connection, place)), plane, place


@dataclass(frozen=True, slots=True)
class Link:
    """One step along the chain."""

    depth: int
    kind: str
    code: str
    status: str
    via: str
    """Code of the thing through which it was reached."""
    number: str = ""
    """Trial number of the participant that it is, or is for."""
    site: str = ""
    """Their site: whom to call."""


def origins(sight: Sight, code: str) -> list[Link]:
    """Give everything that a code came from, kind by kind, the nearest first."""
    return _by_kind(_walk(sight, code, UP))


def outcomes(sight: Sight, code: str) -> list[Link]:
    """Give everything that became of a code, kind by kind, the nearest first; of a person what they hold now."""
    return _by_kind(_walk(sight, code, DOWN))


def _by_kind(links: Iterable[Link]) -> list[Link]:
    """Put together what is of one kind, the kinds in the order of their nearest; wards by their names, and numbers."""
    found = list(links)
    kinds = list(dict.fromkeys(link.kind for link in found))
    return sorted(found, key=lambda link: (kinds.index(link.kind), link.site, link.number))


def halves(look_up: LookUp, code: str) -> list[Thing]:
    """Give a code's things: a treatment bag's preparation, a participant's code break, where they may be seen."""
    return [*look_up(code), *look_up(preparation_code(code)), *look_up(code_break_code(code))]


def _walk(sight: Sight, start: str, way: Way) -> Iterator[Link]:
    seen, ring, depth = {start}, [start], 0
    while ring:
        depth += 1
        following: list[str] = []
        for via in ring:
            for code in _named(sight, via, way, first=via == start):
                if code in seen:
                    continue
                seen.add(code)
                following.append(code)
                yield from (_link(sight, depth, thing, via) for thing in sight.look_up(code)[:1])
        ring = [] if _is_person(sight, start) else following  # what became of the things that somebody holds is theirs


def _link(sight: Sight, depth: int, thing: Thing, via: str) -> Link:
    """Give the step that leads to a thing; a participant, and what is for one, with number and site."""
    of = sight.look_up(thing.participant)[:1] if isinstance(thing, TreatmentBag | CodeSheet) else [thing]
    number, site = next(((one.number, one.site) for one in of if isinstance(one, Participant)), ("", ""))
    return Link(depth, thing.KIND, thing.code, thing.status, via, number, site)


def _is_person(sight: Sight, code: str) -> bool:
    return any(isinstance(thing, Person) for thing in sight.look_up(code))


def _named(sight: Sight, code: str, way: Way, *, first: bool) -> Iterator[str]:
    """Yield the codes to which a thing leads in one direction."""
    things = halves(sight.look_up, code)
    if not things or (things[0].KIND in OF_MANY and not first):
        return
    for thing in things:
        for name in way.fields.get(thing.KIND, ()):
            value = getattr(thing, name)
            yield from (value,) if isinstance(value, str) and value else value or ()
    about = things[0].treatment_bags if first and isinstance(things[0], Participant) else ()
    yield from _by_entries(sight, [code, *(thing.code for thing in things), *about], things[0].KIND, way)
    store = sight.stores[Plane.OPEN]
    if way is DOWN and isinstance(things[0], Person) and isinstance(store, OpenStore):
        yield from (thing.code for thing in store.held_by(sight.connection, code))


def _by_entries(sight: Sight, names: list[str], kind: str, way: Way) -> Iterator[str]:
    """Yield the codes of the wanted kinds that the entries about a thing changed, oldest first."""
    kinds = way.entries.get(kind, DEVIATIONS if way is DOWN else frozenset[str]())
    if not kinds:
        return
    known = set[str]()
    for entry, _plane, _place in sight.speaking_of(*names, changed=kinds != DEVIATIONS):
        for other in entry["things"]:
            if other not in known and other not in names:
                known.add(other)
                yield from (thing.code for thing in sight.look_up(other)[:1] if thing.KIND in kinds)


# --- a person ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Record:
    """One record that a person made, or signed as the second."""

    at: str
    """When it was recorded."""
    step: str
    refused: bool
    second: bool
    things: tuple[str, ...]
    """Codes that it changed, or speaks of where it changed none."""
    plane: Plane
    event: str


def records(sight: Sight, person: str) -> list[Record]:
    """Give all records that a badge made or signed, the newest first.

    Of labels that were printed to those alone who see the arm: how often one was is no blinded person's to know.
    """
    found = []
    left_out = set() if Plane.SEALED in sight.stores else {PrintLabels.SPEC.name}
    for plane, store in sight.stores.items():
        for data in store.naming(sight.connection, person.encode()):
            entry = decode(data)
            did = entry["actor"]["person"] == person
            told = entry["type"] != FILLER and entry["step"] not in left_out and not _is_accepted_reading(entry)
            if told and (did or person in _signers(entry)):
                found.append(_record(entry, plane, second=not did))
    return sorted(found, key=lambda one: (one.at, one.event), reverse=True)


def is_refused_reading(entry: Mapping[str, Any]) -> bool:
    """Say whether an entry is of a scan that was not taken."""
    return entry["type"] == READ and bool(entry["payload"]["reason"])


def _is_accepted_reading(entry: Mapping[str, Any]) -> bool:
    """Say whether an entry is of a scan that was taken: the step that followed tells it."""
    return entry["type"] == READ and not entry["payload"]["reason"]


def _signers(entry: Mapping[str, Any]) -> set[str]:
    return {entry["second"], *(signature["person"] for signature in entry["signatures"])}


def _record(entry: Mapping[str, Any], plane: Plane, *, second: bool) -> Record:
    return Record(
        at=entry["recorded_at"],
        step=entry["step"],
        refused=entry["type"] == REFUSED or is_refused_reading(entry),
        second=second,
        things=tuple(dict.fromkeys(map(whole, entry["things"] or named(entry)))),
        plane=plane,
        event=entry["event"],
    )


HALVES: Final = (preparation_code, code_break_code, printing_code, sealed_printing_code)
"""What makes the code of something that is kept beside a scanned code."""


def named(entry: Mapping[str, Any]) -> list[str]:
    """Give the codes that an entry speaks of without changing them; not the names under which readings are found."""
    return [code for code in entry["about"] if code not in NAMES]


def whole(code: str) -> str:
    """Give the code that is scanned of a thing, from that of its sealed half; any other as it is."""
    scanned = code.rpartition("/")[2]
    return scanned if code in {make(scanned) for make in HALVES} else code
