"""Replay: all things anew from the logs alone, by the live code, held against the tables that pages read.

`custody verify --replay`: whatever a page shows is exactly what the ledger holds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from sqlalchemy import Connection

from custody.chain.apply import apply
from custody.chain.things import Plane, Thing
from custody.ledger.entry import decode
from custody.ledger.report import Finding
from custody.record.differing import differing
from custody.record.entries import fact_of
from custody.store.body import BadBody
from custody.store.plane import Kept, PlaneStore
from custody.store.typed import Mistyped
from custody.store.vault import WrongKey

T = TypeVar("T", bound=Thing)
CHUNK: Final = 1000

Progress = Callable[[str, int, int], None]


@dataclass(slots=True)
class Memory:
    """The things of one plane, as a replay made them."""

    plane: Plane
    kept: dict[str, Kept] = field(default_factory=dict)

    def get(self, kind: type[T], code: str) -> T | None:
        """Give a thing, or None: what `apply` asks for."""
        found = self.kept.get(code)
        return found.thing if found and isinstance(found.thing, kind) else None

    def take(self, data: bytes) -> None:
        """Let one entry change the things."""
        entry = decode(data)
        for thing in list(apply(self, fact_of(entry, self.plane))):
            self.kept[thing.code] = Kept(thing, entry["things"][thing.code])


def replay(
    connection: Connection, stores: Mapping[Plane, PlaneStore], progress: Progress | None = None
) -> Iterator[Finding]:
    """Yield every difference between what the logs say and what the tables show."""
    for plane, store in stores.items():
        memory = Memory(plane)
        head = store.head(connection)
        size = head.size if head else 0
        for start in range(0, size, CHUNK):
            for data in store.entries(connection, start, min(start + CHUNK, size)):
                memory.take(data)
            if progress:
                progress(plane, min(start + CHUNK, size), size)
        yield from _check_rows(connection, store, memory.kept)


def _check_rows(connection: Connection, store: PlaneStore, expected: dict[str, Kept]) -> Iterator[Finding]:
    where = f"{store.plane}_thing"
    try:
        shown = {kept.thing.code: kept for kept in store.everything(connection)}
        misfiled = list(store.misfiled(connection))
    except BadBody as wrong:
        yield Finding(f"{where}, {wrong.code}" if wrong.code else where, "row", wrong.expected, wrong.found)
        return
    except Mistyped as wrong:
        yield Finding(wrong.where, wrong.column, wrong.expected, wrong.found)
        return
    except WrongKey as wrong:
        yield Finding(where, "row", "rows that can be read", f"one that cannot: {wrong}")
        return
    yield from _compare(store.plane, expected, shown)
    for code, columns in misfiled:
        names = ", ".join(columns)
        yield Finding(f"{where}, {code}", "row", f"{names} as the log makes it", "something else in that column")


def _compare(plane: Plane, expected: dict[str, Kept], found: dict[str, Kept]) -> Iterator[Finding]:
    for code in sorted(expected.keys() | found.keys()):
        there, shown = expected.get(code), found.get(code)
        if there != shown:
            yield from differing(f"{plane}_thing, {code}", there, shown)
