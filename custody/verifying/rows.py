"""One log as its tables keep it, read as the files that a verification asks for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection

from custody.store.plane import PlaneStore


@dataclass(frozen=True, slots=True)
class StoredRows:
    """One log's rows, as `ledger.source` reads them."""

    store: PlaneStore
    connection: Connection

    def note(self) -> str:
        """Give the head as it was signed at the last commit."""
        note = self.store.note(self.connection)
        if note is None:
            message = f"the {self.store.plane} log has no head"
            raise FileNotFoundError(message)
        return note

    def size(self) -> int:
        """Give the number of entries by their rows."""
        return self.store.size(self.connection)

    def entries(self, start: int, stop: int) -> Iterable[bytes]:
        """Give the entries of an interval, in order; raise `ValueError` for a row that holds no bytes."""
        return self.store.entries(self.connection, start, stop)

    def tiles(self) -> Iterable[tuple[int, int]]:
        """Give level and number of every full tile; of a row that has none, what it has is found by its type."""
        places = self.store.tile_places(self.connection)
        return [(level, number) for level, number in places if isinstance(level, int) and isinstance(number, int)]

    def tile(self, level: int, number: int) -> bytes:
        """Give the hashes of a full tile."""
        found = self.store.tile(self.connection, level, number)
        if found is None:
            message = f"tile {number} of level {level} of the {self.store.plane} log"
            raise FileNotFoundError(message)
        return found
