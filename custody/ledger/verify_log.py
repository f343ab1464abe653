"""Checks one log: its signed head, every entry, every tile, and that nothing lies beside.

The order of trust: the head's signatures say size and root; from the entries alone all hashes are made
anew; stored tiles and the root must equal them. A bundle that cannot be read is bridged by its stored
leaf hashes, so that the rest of the log is still checked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from custody.ledger.checkpoint import Checkpoint
from custody.ledger.entry import decode, leaf_hash
from custody.ledger.errors import LedgerError
from custody.ledger.heads import Heads, read_head
from custody.ledger.openings import Commitments
from custody.ledger.proof import HASH_BYTES, TILE_WIDTH
from custody.ledger.report import Report, counted
from custody.ledger.rules import EntryRules
from custody.ledger.source import CHECKPOINT, EntryLost, Source
from custody.ledger.tiles import BadPath, Place, decode_hashes, encode_hashes, parse_path, places, split_entries
from custody.ledger.tree import Tile, Tree

MOST_MISSING: Final = 1_000_000
"""Entries: a head that promises more than this beyond the files is not walked file by file."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Asked:
    """What the entries are held against."""

    rules: EntryRules
    commitments: Commitments


class LogCheck:
    """One pass over one log; everything wrong goes to the report."""

    def __init__(self, log: str, source: Source, heads: Heads, asked: Asked, report: Report) -> None:
        """Take the log's name and files, what to check against, and where to report."""
        self._log = log
        self._source = source
        self._files = source.names()
        self._heads = heads
        self._asked = asked
        self._report = report
        self._tree = Tree()
        self.read = 0
        """Entries that could be read, so far."""
        self._older: dict[int, list[Checkpoint]] = {}
        for older in heads.older:
            self._older.setdefault(older.size, []).append(older)

    def run(self, progress: Progress | None = None) -> Checkpoint | None:
        """Check everything; give the head as written, or None when it cannot be read."""
        head = read_head(self._log, self._source, self._heads.verifiers, self._report)
        size = self._size(head)
        self._check_names(size)
        for number in range(-(-size // TILE_WIDTH)):
            width = min(TILE_WIDTH, size - number * TILE_WIDTH)
            if not self._check_bundle(Place(None, number, width)):
                break
            if progress:
                progress(self._log, self._tree.size, size)
        for tile in self._tree.partial_tiles():
            self._check_tile(tile)
        self._check_root(head)
        self._check_older(head)
        return head

    # --- head and names

    def _size(self, head: Checkpoint | None) -> int:
        """Give the number of entries to look for: the head's, unless there is none or it is out of proportion."""
        listed = sum(map(_width, self._files))
        if head is None or head.size > listed + MOST_MISSING:
            expected = f"{head.size} by the checkpoint" if head else "as many as a checkpoint says"
            found = f"{listed} by the names of the bundles"
            self._report.add(f"{self._log}/tile/entries", "entries", expected, found)
            return listed
        return head.size

    def _check_names(self, size: int) -> None:
        expected = {CHECKPOINT, *(place.path for place in places(size))}
        for name in sorted(expected - self._files):
            self._report.add(f"{self._log}/{name}", "file", f"a file, for {counted(size, 'entry', 'entries')}", "none")
        for name in sorted(self._files - expected):
            wanted = f"nothing of this name, for {counted(size, 'entry', 'entries')}"
            self._report.add(f"{self._log}/{name}", "file", wanted, "a file")

    def _check_root(self, head: Checkpoint | None) -> None:
        if head is None:
            return
        where = f"{self._log}/{CHECKPOINT}"
        if self._tree.size != head.size:
            self._report.add(where, "size", f"{head.size} entries", f"{self._tree.size} that could be read")
        elif self._tree.root() != head.root:
            self._report.add(where, "root", head.root.hex(), f"{self._tree.root().hex()} from the entries")

    def _check_older(self, head: Checkpoint | None) -> None:
        for older in self._heads.older:
            if head and head.size < older.size:
                where = f"{self._log}/{CHECKPOINT}"
                self._report.add(where, "cut", f"the {older.size} entries of the older checkpoint", f"{head.size}")

    # --- entries and tiles

    def _check_bundle(self, place: Place) -> bool:
        """Check a bundle and grow the tree by it; False when neither entries nor leaf hashes are there."""
        try:
            data = self._source.read(place.path)
        except (OSError, ValueError) as wrong:
            self._report_unread(place, wrong)
            self._asked.rules.skip()
            return self._bridge(place, [])
        entries, end = split_entries(data)
        leaves = list(map(leaf_hash, entries))
        whole = (len(entries), end) == (place.width, len(data))
        sound = place.width if whole else self._report_damage(place, leaves, end - len(data))
        self._check_entries(f"{self._log}/{place.path}", entries[:sound])
        if not whole:
            self._asked.rules.skip()
        return self._bridge(place, leaves if whole else [])

    def _report_unread(self, place: Place, wrong: Exception) -> None:
        """Report a bundle that is there but cannot be read; a missing one is reported by name already."""
        where, what = f"{self._log}/{place.path}", counted(place.width, "entry", "entries")
        if isinstance(wrong, EntryLost):
            self._report.add_wrong(f"{where}, entry {wrong.index}", "bundle", what, wrong)
        elif place.path in self._files:
            self._report.add_wrong(where, "bundle", what, wrong)

    def _report_damage(self, place: Place, leaves: list[bytes], over: int) -> int:
        """Report a bundle that does not come out even; give the number of entries before the damage."""
        pairs = zip(leaves, self._stored(place) or leaves, strict=False)
        sound = next((i for i, (found, stored) in enumerate(pairs) if found != stored), min(len(leaves), place.width))
        where = f"{self._log}/{place.path}, entry {self._tree.size + sound}"
        ending = f", the last ending {over:+} bytes from the end of the file" if over else ""
        found = f"{counted(len(leaves), 'entry', 'entries')}{ending}"
        self._report.add(where, "bundle", counted(place.width, "entry", "entries"), found)
        return sound

    def _check_entries(self, file: str, entries: Sequence[bytes]) -> None:
        """Check entries one by one, as far as they are not bare bytes."""
        for index, data in enumerate(entries, self._tree.size):
            where = f"{file}, entry {index}"
            try:
                entry = decode(data)
            except LedgerError as wrong:
                self._report.add_wrong(where, "entry", "canonical JSON (RFC 8785)", wrong)
                self._asked.rules.skip()
                continue
            self.read += 1
            self._asked.rules.check(index, where, entry)
            self._asked.commitments.take(self._log, where, entry)

    def _grow(self, leaf: bytes) -> None:
        for tile in self._tree.append(leaf):
            self._check_tile(tile)
        for older in self._older.get(self._tree.size, ()):
            if self._tree.root() != older.root:
                where = f"{self._log}, entries 0 to {older.size - 1}"
                found = f"{self._tree.root().hex()}: entries were rewritten"
                self._report.add(where, "older checkpoint", f"root {older.root.hex()}", found)

    def _bridge(self, place: Place, leaves: list[bytes]) -> bool:
        """Grow the tree by the leaves of a bundle, by the stored ones when it gave none; say whether by all."""
        leaves = leaves or self._stored(place)
        for leaf in leaves:
            self._grow(leaf)
        return len(leaves) == place.width

    def _stored(self, place: Place) -> list[bytes]:
        """Give the stored leaf hashes of a bundle, none when they cannot be read."""
        try:
            return decode_hashes(self._source.read(place._replace(level=0).path))
        except (OSError, ValueError):
            return []

    def _check_tile(self, tile: Tile) -> None:
        place, expected = Place(tile.level, tile.number, tile.width), encode_hashes(tile.hashes)
        where = f"{self._log}/{place.path}"
        if place.path not in self._files:
            return  # reported by name already
        try:
            found = self._source.read(place.path)
        except (OSError, ValueError) as wrong:
            self._report.add_wrong(where, "tile", counted(place.width, "hash", "hashes"), wrong)
            return
        if found != expected:
            self._report.add(*_difference(where, place, expected, found))


def _difference(file: str, place: Place, expected: bytes, found: bytes) -> tuple[str, str, str, str]:
    """Say at which hash, and so from which entry on, a stored tile differs."""
    at = next(i for i in range(0, len(expected) + 1, HASH_BYTES) if _hash(found, i) != _hash(expected, i))
    first = (place.number * TILE_WIDTH + at // HASH_BYTES) * TILE_WIDTH ** (place.level or 0)
    where = f"{file}, hash {at // HASH_BYTES}, entry {first}{' and those after it' if place.level else ''}"
    wanted = f"{_hash(expected, at).hex()} from the entries" if at < len(expected) else "no more hashes"
    return where, "tile", wanted, _hash(found, at).hex() or "the end"


def _hash(tile: bytes, at: int) -> bytes:
    return tile[at : at + HASH_BYTES]


def _width(name: str) -> int:
    """Give the number of entries that a file has by its name, 0 when it is no bundle."""
    try:
        place = parse_path(name)
    except BadPath:
        return 0
    return place.width if place.level is None else 0
