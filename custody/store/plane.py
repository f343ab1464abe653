"""One plane's tables as the door and the pages use them: the same five questions, in clear or in boxes.

`OpenStore` and `SealedStore` answer alike, so nothing above needs to know which of the two it talks to;
that a blinded connection cannot read the sealed one is the database's work (see `database`).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, CursorResult, Dialect, text

from custody.chain.things import Plane, Thing
from custody.ledger.proof import HASH_BYTES, TILE_WIDTH
from custody.ledger.tree import Tile
from custody.store.typed import typed

AT_ONCE: Final = 1000
"""Entries that are read together."""


class Kept(NamedTuple):
    """A thing as it stands, and how many records made it so."""

    thing: Thing
    version: int


@dataclass(frozen=True, slots=True)
class Row:
    """One entry to be written: where, its event id, its bytes, and whom it speaks of."""

    place: int
    event: str
    entry: bytes
    versions: dict[str, int]
    """Per changed thing, its new version."""
    about: tuple[str, ...]
    """Codes it speaks of without changing them."""


class Head(NamedTuple):
    """A log's head as stored."""

    size: int
    root: bytes
    note: str
    recorded_at: str


class PlaneStore(ABC):
    """The tables of one plane, over a connection that is given with each call."""

    plane: Plane

    # --- what differs between the planes

    @abstractmethod
    def write(self, connection: Connection, rows: list[Row], things: Iterable[Kept]) -> None:
        """Write entries, who they speak of, and the things as they stand after them."""

    @abstractmethod
    def thing(self, connection: Connection, code: str) -> Kept | None:
        """Give a thing as it stands, or None."""

    @abstractmethod
    def find(self, connection: Connection, kind: str, status: str) -> list[Kept]:
        """Give all things of a kind in a state, in the order of their codes."""

    @abstractmethod
    def everything(self, connection: Connection) -> Iterator[Kept]:
        """Give all things, in no order."""

    @abstractmethod
    def misfiled(self, connection: Connection) -> Iterator[tuple[str, list[str]]]:
        """Give the codes of things whose columns say something else than their fields, and those columns."""

    @abstractmethod
    def places_of(self, connection: Connection, events: Sequence[str]) -> dict[str, int]:
        """Give the index of each of some events that is in the log: one question for all of them."""

    @abstractmethod
    def entries(self, connection: Connection, start: int, stop: int) -> Iterator[bytes]:
        """Give the entries of an interval of the log, in order."""

    @abstractmethod
    def mention_rows(self, connection: Connection, code: str, *, changed: bool = True) -> Iterator[tuple[int, int]]:
        """Yield place and number of each row of `mentions`, in no order."""

    # --- what is alike

    def place_of(self, connection: Connection, event: str) -> int | None:
        """Give the index of an event in the log, or None."""
        return self.places_of(connection, [event]).get(event)

    def mentions(self, connection: Connection, code: str, *, changed: bool = True) -> list[int]:
        """Give the indices of all entries that speak of a code, in order; not `changed`: that only speak of it."""
        return sorted(place for place, _number in self.mention_rows(connection, code, changed=changed))

    def entry(self, connection: Connection, place: int) -> bytes:
        """Give one entry; raise `IndexError` when the log has none there."""
        for data in self.entries(connection, place, place + 1):
            return data
        message = f"the {self.plane} log has no entry {place}"
        raise IndexError(message)

    def naming(self, connection: Connection, text: bytes) -> Iterator[bytes]:
        """Yield every entry in which some bytes stand, in one pass over the log: for what has no index."""
        for start in range(0, self.size(connection), AT_ONCE):
            yield from (data for data in self.entries(connection, start, start + AT_ONCE) if text in data)

    def head(self, connection: Connection) -> Head | None:
        """Give the log's head, None before the ledger is made; raise `Mistyped`."""
        table = f"{self.plane}_head"
        row = run(connection, f"SELECT size, root, note, recorded_at FROM {table}").first()
        if row is None:
            return None
        return Head(
            typed(int, row[0], table, 1, "size"),
            typed(bytes, row[1], table, 1, "root"),
            typed(str, row[2], table, 1, "note"),
            typed(str, row[3], table, 1, "recorded_at"),
        )

    def note(self, connection: Connection) -> str | None:
        """Give the log's signed head alone, None before the ledger is made; raise `Mistyped`."""
        row = run(connection, f"SELECT note FROM {self.plane}_head").first()
        return typed(str, row[0], f"{self.plane}_head", 1, "note") if row else None

    def write_head(self, connection: Connection, head: Head) -> None:
        """Move the head forward."""
        at = head.recorded_at if self.plane is Plane.OPEN else ""
        values = {"size": head.size, "root": head.root, "note": head.note, "at": at}
        run(connection, _HEAD.format(plane=self.plane), values)

    def write_tiles(self, connection: Connection, tiles: Iterable[Tile]) -> None:
        """Keep tiles that are full."""
        rows = [{"level": t.level, "number": t.number, "hashes": b"".join(t.hashes)} for t in tiles]
        write(connection, f"INSERT INTO {self.plane}_tile VALUES (:level, :number, :hashes)", rows)

    def tile(self, connection: Connection, level: int, number: int) -> bytes | None:
        """Give the hashes of a full tile, or None."""
        query = f"SELECT hashes FROM {self.plane}_tile WHERE level = :level AND number = :number"
        row = run(connection, query, {"level": level, "number": number}).first()
        return typed(bytes, row[0], f"{self.plane}_tile", (level, number), "hashes") if row else None

    def tiles(self, connection: Connection, level: int, start: int) -> Iterator[bytes]:
        """Give the full tiles of a level from a number on, in order."""
        table = f"{self.plane}_tile"
        query = f"SELECT number, hashes FROM {table} WHERE level = :level AND number >= :start ORDER BY number"
        for number, tile in run(connection, query, {"level": level, "start": start}):
            yield typed(bytes, tile, table, (level, number), "hashes")

    # --- for verification: what the rows say by themselves

    def size(self, connection: Connection) -> int:
        """Give the number of entries by their rows, whatever the head says."""
        row = run(connection, f"SELECT max(place) FROM {self.plane}_event").one()
        return 0 if row[0] is None else int(row[0]) + 1

    def tile_places(self, connection: Connection) -> list[tuple[int, int]]:
        """Give level and number of every full tile."""
        rows = run(connection, f"SELECT level, number FROM {self.plane}_tile")
        return [(level, number) for level, number in rows]

    def mention_count(self, connection: Connection) -> int:
        """Give how many rows say which entry speaks of what."""
        return int(run(connection, f"SELECT count(*) FROM {self.plane}_mention").scalar_one())


def hashes(tile: bytes) -> list[bytes]:
    """Take a full tile apart."""
    return [tile[i : i + HASH_BYTES] for i in range(0, TILE_WIDTH * HASH_BYTES, HASH_BYTES)]


def notes(connection: Connection) -> dict[Plane, str]:
    """Give the signed heads of both logs, none before the ledger is made."""
    row = run(connection, "SELECT o.note, s.note FROM open_head AS o, sealed_head AS s").first()
    return dict(zip((Plane.OPEN, Plane.SEALED), row, strict=True)) if row else {}


def write(connection: Connection, query: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Run a statement for each of some rows; for one row without the cost of many."""
    if rows:
        run(connection, query, list(rows) if len(rows) > 1 else rows[0])


def run(connection: Connection, query: str, values: Any = None) -> CursorResult[*tuple[Any, ...]]:
    """Run a statement with its `:named` values; with a list of them, once for each.

    It goes to the driver as it is: to be read and rendered by SQLAlchemy each time costs more than it takes SQLite.
    """
    return connection.exec_driver_sql(_spelt(query, connection.dialect), values)


def listed(values: Sequence[Any]) -> tuple[str, dict[str, Any]]:
    """Give the names of a list's values as `IN (...)` takes them, and the values by name."""
    named = {f"value{number}": value for number, value in enumerate(values)}
    return ", ".join(f":{name}" for name in named), named


@lru_cache(1024)  # a bound, because each database that is opened brings its own dialect
def _spelt(query: str, dialect: Dialect) -> str:
    """Spell a statement as the database's driver wants its names."""
    return str(text(query).compile(dialect=dialect))


_HEAD = (
    "INSERT INTO {plane}_head VALUES (1, :size, :root, :note, :at) ON CONFLICT (id) DO UPDATE SET "
    "size = excluded.size, root = excluded.root, note = excluded.note, recorded_at = excluded.recorded_at"
)
