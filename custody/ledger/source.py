"""Where a log is read from when it is verified: a folder of files, or rows that are read as such files.

A verifier asks two things only: which files there are, and the bytes of one. Names and bytes are those of
C2SP tlog-tiles: `checkpoint`, `tile/entries/<N>[.p/<W>]`, `tile/<L>/<N>[.p/<W>]`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final, Protocol

from custody.ledger.entry import LONGEST_ENTRY, leaf_hash
from custody.ledger.errors import LedgerError
from custody.ledger.proof import TILE_WIDTH, fold
from custody.ledger.tiles import Place, decode_hashes, encode_entries, encode_hashes, parse_path, places, tile_path

CHECKPOINT: Final = "checkpoint"
LARGEST_FILE: Final = TILE_WIDTH * (2 + LONGEST_ENTRY)
"""Bytes: no file of a log is larger than a bundle of the longest entries."""


class EntriesLost(LedgerError):
    """Entries of a bundle that are not there, or cannot be opened, and the others, all by their indices in the log."""

    def __init__(self, lost: Mapping[int, Exception], others: Mapping[int, bytes]) -> None:
        """Take the reasons, and the entries that are there."""
        super().__init__("; ".join(f"entry {index}: {why}" for index, why in lost.items()))
        self.lost = lost
        self.others = others


class Source(Protocol):
    """One log, as files."""

    def names(self) -> set[str]:
        """Name all the files there are, with slashes: those that ought not to be there as well."""

    def read(self, path: str) -> bytes:
        """Give the bytes of a file; raise `OSError` or `ValueError` when it is missing or cannot be read."""


# --- files ------------------------------------------------------------------------------------


class FolderSource:
    """A log in a folder. Links are not followed: they are in `odd`, and so is all that is no file."""

    def __init__(self, folder: Path) -> None:
        """List the folder, once."""
        self._files: dict[str, Path] = {}
        self.odd: dict[str, str] = {}
        for parent, folders, names in os.walk(folder):
            for name in [*folders, *names]:
                self._list(Path(parent) / name, folder)
            if not folders and not names:
                self.odd[Path(parent).relative_to(folder).as_posix()] = "an empty folder"

    def names(self) -> set[str]:
        """Name all regular files."""
        return set(self._files)

    def read(self, path: str) -> bytes:
        """Give the bytes of a listed file; raise `OSError`, or `ValueError` for one of more than 17 MB."""
        if path not in self._files:
            message = f"expected a file {path}, found {self.odd.get(path, 'none')}"
            raise FileNotFoundError(message)
        with self._files[path].open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
        if len(data) > LARGEST_FILE:
            message = f"expected at most {LARGEST_FILE} bytes in {path}, found more"
            raise ValueError(message)
        return data

    def _list(self, item: Path, folder: Path) -> None:
        name = item.relative_to(folder).as_posix()
        if item.is_symlink():
            self.odd[name] = "a link"
        elif item.is_file():
            self._files[name] = item
        elif not item.is_dir():
            self.odd[name] = "something that is neither file nor folder"


# --- rows -------------------------------------------------------------------------------------


class Rows(Protocol):
    """What a database keeps of one log, read within one transaction.

    An entry that cannot be opened is raised as `OSError` or `ValueError`, and so is a missing tile.
    """

    def note(self) -> str:
        """Give the signed checkpoint as stored."""

    def size(self) -> int:
        """Give the number of entries by their rows (the highest index and one), not by the checkpoint."""

    def entries(self, start: int, stop: int) -> Iterable[bytes]:
        """Give the entries of an interval of at most 256, in order; those of a sealed log deciphered."""

    def tiles(self) -> Iterable[tuple[int, int]]:
        """Give level and number of every full tile that is stored."""

    def tile(self, level: int, number: int) -> bytes:
        """Give the hashes of a stored full tile."""


class RowsSource:
    """A log in a database, as files: bundles and the tiles at the right edge are made when they are read."""

    def __init__(self, rows: Rows) -> None:
        """Take the rows."""
        self._rows = rows

    def names(self) -> set[str]:
        """Name what the rows amount to: a full tile only when it is stored."""
        made = (place.path for place in places(self._rows.size()) if place.level is None or place.width < TILE_WIDTH)
        return {CHECKPOINT, *made, *(tile_path(level, number) for level, number in self._rows.tiles())}

    def read(self, path: str) -> bytes:
        """Give the bytes of a file; raise `OSError` or `ValueError`."""
        if path == CHECKPOINT:
            return self._rows.note().encode()
        place = parse_path(path)
        if place.level is None:
            return encode_entries(self._entries(place))
        if place.width == TILE_WIDTH:
            return self._rows.tile(place.level, place.number)
        return encode_hashes(self._edge(place.level, place))

    def _entries(self, place: Place) -> list[bytes]:
        start = place.number * TILE_WIDTH
        stop = start + place.width
        try:
            found = list(self._rows.entries(start, stop))
        except (OSError, ValueError):
            found = []
        if len(found) != place.width or max(map(len, found)) > LONGEST_ENTRY:
            raise self._lost(start, stop)
        return found

    def _lost(self, start: int, stop: int) -> EntriesLost:
        """Find the entries by which an interval did not come out even, reading them one by one."""
        lost: dict[int, Exception] = {}
        others: dict[int, bytes] = {}
        for index in range(start, stop):
            try:
                others[index] = self._one(index)
            except (OSError, ValueError) as wrong:
                lost[index] = wrong
        uneven = LedgerError(f"expected {stop - start} rows, found another number, but each alone")
        return EntriesLost(lost or {start: uneven}, others)

    def _one(self, index: int) -> bytes:
        """Give one entry; raise `OSError` or `ValueError`."""
        found = list(self._rows.entries(index, index + 1))
        if len(found) != 1 or len(found[0]) > LONGEST_ENTRY:
            lengths = [len(data) for data in found]
            message = f"expected one row of at most {LONGEST_ENTRY} bytes, found {lengths}"
            raise LedgerError(message)
        return found[0]

    def _edge(self, level: int, place: Place) -> list[bytes]:
        if level == 0:
            return [leaf_hash(data) for data in self._entries(place)]
        start = place.number * TILE_WIDTH
        below = (self._rows.tile(level - 1, number) for number in range(start, start + place.width))
        return [fold(decode_hashes(tile)) for tile in below]
