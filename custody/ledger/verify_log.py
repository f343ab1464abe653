"""Checks one log: its signed head, every entry, every tile, and that nothing lies beside.

The order of trust: the head's signatures say size and root; from the entries alone all hashes are made
anew; stored tiles and the root must equal them. A bundle that cannot be read, or not whole, is bridged by its
stored leaf hashes, so that the rest of the log is still checked; and so are the entries of it that can be read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
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
from custody.ledger.salvage import runs, salvage
from custody.ledger.source import CHECKPOINT, EntriesLost, Source
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
        head = read_head(self._log, self._source, self._heads, self._report)
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
        except EntriesLost as wrong:
            return self._check_lost(place, wrong)
        except (OSError, ValueError) as wrong:
            if place.path in self._files:  # a missing one is reported by name already
                what = counted(place.width, "entry", "entries")
                self._report.add_wrong(f"{self._log}/{place.path}", "bundle", what, wrong)
            self._asked.rules.skip()
            return self._bridge(place, [])
        entries, end = split_entries(data)
        if (len(entries), end) != (place.width, len(data)):
            return self._check_damaged(place, data)
        self._check_entries(place, dict(enumerate(entries)))
        return self._bridge(place, list(map(leaf_hash, entries)))

    def _check_lost(self, place: Place, wrong: EntriesLost) -> bool:
        """Report each entry that is lost, and check the others: by the stored hashes, where there are any."""
        first = self._tree.size
        for gone in runs(sorted(wrong.lost)):
            where = f"{self._log}/{place.path}, entry {gone.start}"
            which = f" and the {len(gone) - 1} after it" if len(gone) > 1 else ""
            self._report.add_wrong(f"{where}{which}", "bundle", "an entry", wrong.lost[gone.start])
        others, stored = {index - first: data for index, data in wrong.others.items()}, self._stored(place)
        for number, data in others.items():
            if stored and (found := leaf_hash(data)) != stored[number]:
                where = f"{self._log}/{place.path}, entry {first + number}"
                self._report.add(where, "hash", f"{stored[number].hex()}, as in the tile of hashes", found.hex())
        self._check_entries(place, others)
        return self._bridge(place, stored)

    def _check_damaged(self, place: Place, data: bytes) -> bool:
        """Report a bundle that does not come out even, and check what is there of it.

        With its stored hashes each entry is known wherever it stands now; without, the entries up to the damage.
        """
        entries, end = split_entries(data)
        leaves, stored = list(map(leaf_hash, entries)), self._stored(place)
        known = stored if len(stored) == place.width else []
        pairs = enumerate(zip(leaves, known or leaves, strict=False))
        first = next((i for i, (found, there) in pairs if found != there), min(len(leaves), place.width))
        ending = f", the last ending {over:+} bytes from the end of the file" if (over := end - len(data)) else ""
        self._report.add(
            f"{self._log}/{place.path}, entry {self._tree.size + first}",
            "bundle",
            counted(place.width, "entry", "entries"),
            f"{counted(len(leaves), 'entry', 'entries')}{ending}",
        )
        there = salvage(data, known) if known else dict(enumerate(entries[:first]))
        for gone in runs(number for number in range(place.width if known else 0) if number not in there):
            if first not in gone:
                where = f"{self._log}/{place.path}, entry {self._tree.size + gone.start}"
                self._report.add(where, "bundle", f"{counted(len(gone), 'entry', 'entries')} of known hashes", "none")
        self._check_entries(place, there)
        return self._bridge(place, stored)

    def _check_entries(self, place: Place, entries: Mapping[int, bytes]) -> None:
        """Check entries one by one, by their numbers in the bundle, as far as they are not bare bytes."""
        following = 0
        for number, data in sorted(entries.items()):
            index = self._tree.size + number
            where = f"{self._log}/{place.path}, entry {index}"
            if number != following:
                self._asked.rules.skip()
            following = number + 1
            try:
                entry = decode(data)
            except LedgerError as wrong:
                self._report.add_wrong(where, "entry", "canonical JSON (RFC 8785)", wrong)
                self._asked.rules.skip()
                continue
            self.read += 1
            self._asked.rules.check(index, where, entry)
            self._asked.commitments.take(self._log, where, entry)
        if following != place.width:
            self._asked.rules.skip()

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
        for difference in _differences(where, place, expected, found):
            self._report.add(*difference)


def _differences(file: str, place: Place, expected: bytes, found: bytes) -> Iterator[tuple[str, str, str, str]]:
    """Say at each hash, and so from which entry on, a stored tile differs; of one cut short the first that is gone."""
    for at in range(0, len(expected) + 1, HASH_BYTES):
        if _hash(found, at) == _hash(expected, at):
            continue
        first = (place.number * TILE_WIDTH + at // HASH_BYTES) * TILE_WIDTH ** (place.level or 0)
        where = f"{file}, hash {at // HASH_BYTES}, entry {first}{' and those after it' if place.level else ''}"
        wanted = f"{_hash(expected, at).hex()} from the entries" if at < len(expected) else "no more hashes"
        yield where, "tile", wanted, _hash(found, at).hex() or "the end"
        if at >= len(found):
            return


def _hash(tile: bytes, at: int) -> bytes:
    return tile[at : at + HASH_BYTES]


def _width(name: str) -> int:
    """Give the number of entries that a file has by its name, 0 when it is no bundle."""
    try:
        place = parse_path(name)
    except BadPath:
        return 0
    return place.width if place.level is None else 0
