"""Checks one log's folder: its signed head, every entry, every tile, and that nothing lies beside.

The order of trust: the head's signatures say size and root; from the entries alone all hashes are made
anew; stored tiles and the root must equal them. A bundle that cannot be read is bridged by its stored
leaf hashes, so that the rest of the log is still checked.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from custody.ledger.checkpoint import Checkpoint, NoteError, open_note, read_unverified
from custody.ledger.entry import decode, leaf_hash
from custody.ledger.errors import LedgerError
from custody.ledger.keys import Verifier
from custody.ledger.proof import HASH_BYTES, TILE_WIDTH
from custody.ledger.report import Report
from custody.ledger.rules import Commitments, EntryRules
from custody.ledger.tiles import BadPath, Place, decode_entries, decode_hashes, encode_hashes, parse_path, places
from custody.ledger.tree import Tile, Tree

CHECKPOINT: Final = "checkpoint"
MOST_MISSING: Final = 1_000_000
"""Entries: a head that promises more than this beyond the files is not walked file by file."""

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Heads:
    """What a log's head is held against: trusted keys, and an older head of the same log if there is one."""

    verifiers: Sequence[Verifier]
    older: Checkpoint | None = None


class LogCheck:
    """One pass over one log; everything wrong goes to the report."""

    def __init__(self, folder: Path, heads: Heads, rules: EntryRules, commitments: Commitments, report: Report) -> None:
        """Take the folder (its name is the log's), what to check against, and where to report."""
        self._folder = folder
        self._log = folder.name
        self._heads = heads
        self._rules = rules
        self._commitments = commitments
        self._report = report
        self._tree = Tree()

    def run(self, progress: Progress | None = None) -> Checkpoint | None:
        """Check everything; give the head as written, or None when it cannot be read."""
        files = set(list_files(self._folder, self._report))
        head = self._head()
        size = self._size(head, files)
        self._check_names(size, files)
        for number in range(-(-size // TILE_WIDTH)):
            width = min(TILE_WIDTH, size - number * TILE_WIDTH)
            if not self._check_bundle(Place(None, number, width), files):
                break
            if progress:
                progress(self._log, self._tree.size, size)
        for tile in self._tree.partial_tiles():
            self._check_tile(tile)
        self._check_root(head)
        self._check_older(head)
        return head

    # --- head

    def _head(self) -> Checkpoint | None:
        where = f"{self._log}/{CHECKPOINT}"
        try:
            note = (self._folder / CHECKPOINT).read_bytes().decode()
            head, lines = read_unverified(note)
        except (OSError, ValueError) as wrong:
            self._report.add(where, "checkpoint", "a signed note", wrong)
            return None
        wanted = keys_of(head.origin, self._heads.verifiers)
        known = {(key.name, key.key_id) for key in self._heads.verifiers}
        try:
            open_note(note, wanted)
        except NoteError as wrong:
            self._report.add(where, "signature", "a checkpoint signed by every key of the log", wrong)
        others = [line for line in lines if (line.name, line.key_id) not in known]
        if others:
            names = ", ".join(f"{line.name} {line.key_id.hex()}" for line in others)
            self._report.not_covered.append(f"{where}: signatures by keys that are not known here: {names}.")
        return head

    def _size(self, head: Checkpoint | None, files: set[str]) -> int:
        """Give the number of entries to look for: the head's, unless there is none or it is out of proportion."""
        listed = sum(map(_width, files))
        if head is None or head.size > listed + MOST_MISSING:
            found = f"{listed} by the names of the bundles"
            self._report.add(f"{self._log}/tile/entries", "entries", head.size if head else "a checkpoint", found)
            return listed
        return head.size

    def _check_names(self, size: int, files: set[str]) -> None:
        expected = {CHECKPOINT, *(place.path for place in places(size))}
        for name in sorted(expected - files):
            self._report.add(f"{self._log}/{name}", "file", f"there, for {size} entries", "missing")
        for name in sorted(files - expected):
            self._report.add(f"{self._log}/{name}", "file", f"nothing of this name, for {size} entries", "a file")

    def _check_root(self, head: Checkpoint | None) -> None:
        if head is None:
            return
        where = f"{self._log}/{CHECKPOINT}"
        if self._tree.size != head.size:
            self._report.add(where, "size", f"{head.size} entries", f"{self._tree.size} that could be read")
        elif self._tree.root() != head.root:
            self._report.add(where, "root", head.root.hex(), f"{self._tree.root().hex()} from the entries")

    def _check_older(self, head: Checkpoint | None) -> None:
        older = self._heads.older
        if older and head and head.size < older.size:
            where = f"{self._log}/{CHECKPOINT}"
            self._report.add(where, "cut", f"the {older.size} entries of the older checkpoint", f"{head.size}")

    # --- entries and tiles

    def _check_bundle(self, place: Place, files: set[str]) -> bool:
        """Check a bundle and grow the tree by it; False when neither entries nor leaf hashes are there."""
        start = self._tree.size
        try:
            entries = decode_entries((self._folder / place.path).read_bytes())
        except (OSError, LedgerError) as wrong:
            if place.path in files:
                self._report.add(f"{self._log}/{place.path}", "bundle", f"{place.width} entries", wrong)
            return self._bridge(place)
        if len(entries) != place.width:
            self._report.add(f"{self._log}/{place.path}", "bundle", f"{place.width} entries", f"{len(entries)}")
        for index, data in enumerate(entries, start):
            self._check_entry(f"{self._log}/{place.path}, entry {index}", data)
            self._grow(leaf_hash(data))
        return len(entries) == place.width

    def _check_entry(self, where: str, data: bytes) -> None:
        try:
            entry = decode(data)
        except LedgerError as wrong:
            self._report.add(where, "entry", "canonical JSON (RFC 8785)", wrong)
            return
        self._rules.check(where, entry)
        self._commitments.take(self._log, where, entry)

    def _grow(self, leaf: bytes) -> None:
        for tile in self._tree.append(leaf):
            self._check_tile(tile)
        older = self._heads.older
        if older and self._tree.size == older.size and self._tree.root() != older.root:
            where = f"{self._log}, entries 0 to {older.size - 1}"
            found = f"{self._tree.root().hex()}: they were rewritten"
            self._report.add(where, "older checkpoint", f"root {older.root.hex()}", found)

    def _bridge(self, place: Place) -> bool:
        """Grow the tree by the stored leaf hashes of an unreadable bundle."""
        try:
            leaves = decode_hashes((self._folder / place._replace(level=0).path).read_bytes())
        except (OSError, LedgerError):
            return False
        for leaf in leaves[: place.width]:
            self._grow(leaf)
        return len(leaves) == place.width

    def _check_tile(self, tile: Tile) -> None:
        place, expected = Place(tile.level, tile.number, tile.width), encode_hashes(tile.hashes)
        try:
            found = (self._folder / place.path).read_bytes()
        except OSError:
            return  # reported by name already
        if found != expected:
            self._report.add(*_difference(f"{self._log}/{place.path}", place, expected, found))


def _difference(file: str, place: Place, expected: bytes, found: bytes) -> tuple[str, str, str, str]:
    """Say at which hash, and so from which entry on, a stored tile differs."""
    if len(expected) != len(found):
        return file, "tile", f"{len(expected)} bytes", f"{len(found)}"
    at = next(i for i in range(0, len(found), HASH_BYTES) if found[i : i + HASH_BYTES] != expected[i : i + HASH_BYTES])
    first = (place.number * TILE_WIDTH + at // HASH_BYTES) * TILE_WIDTH ** (place.level or 0)
    where = f"{file}, hash {at // HASH_BYTES}, entry {first}{' and those after it' if place.level else ''}"
    return where, "tile", f"{expected[at : at + HASH_BYTES].hex()} from the entries", found[at : at + HASH_BYTES].hex()


def keys_of(origin: str, verifiers: Sequence[Verifier]) -> Sequence[Verifier]:
    """Give the keys that must sign a log: those that bear its origin as name; all, when none does."""
    return [key for key in verifiers if key.name == origin] or verifiers


def _width(name: str) -> int:
    """Give the number of entries that a file has by its name, 0 when it is no bundle."""
    try:
        place = parse_path(name)
    except BadPath:
        return 0
    return place.width if place.level is None else 0


def list_files(folder: Path, report: Report) -> Iterator[str]:
    """List the files under a folder by relative path with slashes; links are reported, not followed."""
    for parent, folders, names in os.walk(folder):
        for link in _links(Path(parent), [*folders, *names]):
            report.add(f"{folder.name}/{link.relative_to(folder).as_posix()}", "file", "no link", "a link")
        for name in names:
            yield (Path(parent) / name).relative_to(folder).as_posix()


def _links(parent: Path, names: Iterable[str]) -> Iterable[Path]:
    return (parent / name for name in names if (parent / name).is_symlink())
