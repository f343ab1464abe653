"""The things as the running transaction has them: read once, changed step by step, written together.

A step that is refused half way leaves nothing: what it staged is dropped. A transaction that fails leaves
nothing either: the whole draft is dropped, and with it the door's memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection

from custody.chain.downtime import HOLDS_NONE_BACK
from custody.chain.scene import Opening, PastRecord
from custody.chain.things import Plane, Thing
from custody.ledger.entry import decode
from custody.record.entries import REFUSED, Entry, opening_of, past_of
from custody.store.plane import Kept, PlaneStore, Row

T = TypeVar("T", bound=Thing)
Memory = dict[tuple[Plane, str], Kept | None]
"""A thing as it stands, or that there is none: each step asks whether the codes are open."""


class Draft:
    """What the rules look at, and what will be written."""

    def __init__(self, connection: Connection, stores: Mapping[Plane, PlaneStore], memory: Memory) -> None:
        """Take the transaction's connection, both planes, and the things that the door remembers."""
        self._connection = connection
        self._stores = stores
        self._memory = memory
        self._staged: dict[tuple[Plane, str], Kept] = {}
        self._unwritten: dict[tuple[Plane, str], Kept] = {}
        self._rows: dict[Plane, list[Row]] = {plane: [] for plane in stores}

    # --- what the rules ask (see `chain.scene.Things`)

    def get(self, kind: type[T], code: str) -> T | None:
        """Give a thing as it stands now, or None."""
        kept = self.kept(kind.PLANE, code)
        return kept.thing if kept and isinstance(kept.thing, kind) else None

    def find(self, kind: type[T], status: str) -> Sequence[T]:
        """Give all things of a kind in a state, in the order of their codes."""
        self.flush()
        found = self._stores[kind.PLANE].find(self._connection, kind.KIND, status)
        return [kept.thing for kept in found if isinstance(kept.thing, kind)]

    def past(self, event: str, plane: Plane) -> PastRecord | None:
        """Give a record of a plane by its event id."""
        self.flush()
        store = self._stores[plane]
        place = store.place_of(self._connection, event)
        if place is None:
            return None
        return past_of(self._entry(store, place), plane, corrected=self._is_corrected(store, event))

    def opening(self, code: str) -> Opening | None:
        """Give what opens the commitment made with a sealed thing: it stands in the entry that made the thing."""
        self.flush()
        store = self._stores[Plane.SEALED]
        for place in store.mentions(self._connection, code):
            entry = self._entry(store, place)
            if entry["things"].get(code) == 1:
                return opening_of(entry)
        return None

    def changed_at(self, plane: Plane, code: str) -> datetime | None:
        """Give when that was done which changed a thing last and which others have to follow, or None."""
        self.flush()
        store = self._stores[plane]
        entries = (self._entry(store, place) for place in reversed(store.mentions(self._connection, code)))
        changed = (entry for entry in entries if code in entry["things"])
        last = next((entry for entry in changed if entry["type"] not in HOLDS_NONE_BACK), None)
        return datetime.fromisoformat(last["occurred_at"]) if last else None

    def _is_corrected(self, store: PlaneStore, event: str) -> bool:
        """Say whether a correction speaks of a record; a refused step may as well, with whatever was scanned."""
        entries = (self._entry(store, place) for place in store.mentions(self._connection, event))
        return any(entry["type"] != REFUSED for entry in entries)

    def _entry(self, store: PlaneStore, place: int) -> Entry:
        return decode(store.entry(self._connection, place))

    # --- what the door does

    def kept(self, plane: Plane, code: str) -> Kept | None:
        """Give a thing with its version, or None."""
        key = plane, code
        if key in self._staged:
            return self._staged[key]
        if key not in self._memory:
            self._memory[key] = self._stores[plane].thing(self._connection, code)
        return self._memory[key]

    def stage(self, plane: Plane, thing: Thing, version: int) -> None:
        """Let a thing stand so for the rest of this step."""
        self._staged[plane, thing.code] = Kept(thing, version)

    def keep(self, rows: Mapping[Plane, Row]) -> None:
        """Take what the step staged, and its entries, for good."""
        self._memory |= self._staged
        self._unwritten |= self._staged
        self._staged = {}
        for plane, row in rows.items():
            self._rows[plane].append(row)

    def drop(self) -> None:
        """Forget what the step staged."""
        self._staged = {}

    def flush(self) -> None:
        """Write all that is kept."""
        for plane, store in self._stores.items():
            store.write(self._connection, self._rows[plane], self._of(plane))
            self._rows[plane] = []
        self._unwritten = {}

    def _of(self, plane: Plane) -> Iterator[Kept]:
        return (kept for (of, _), kept in self._unwritten.items() if of is plane)
