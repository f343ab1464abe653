"""One log as the door appends to it: its tree's right edge in memory, its head signed at each commit.

Opened, it is verified first: the signature on the stored head, then the tail. The last bundle of entries is hashed
anew, the roots of the tiles left of it too, and the root must be the head's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Final

from sqlalchemy import Connection

from custody.ledger import checkpoint
from custody.ledger.checkpoint import Checkpoint
from custody.ledger.entry import decode, leaf_hash
from custody.ledger.errors import LedgerError
from custody.ledger.keys import Algorithm, Signer
from custody.ledger.proof import TILE_WIDTH, fold
from custody.ledger.tiles import Place, encode_hashes
from custody.ledger.tree import Tile, Tree
from custody.store.plane import Head, PlaneStore, hashes
from custody.store.vault import WrongKey

LAST: Final = 2**63 - 1
"""Beyond every index: an entry that the head does not know is found, however far behind it stands."""
BEGINNING: Final = datetime(1970, 1, 1, tzinfo=UTC)


class TailBroken(LedgerError):
    """A log whose end is not what its signed head says: nothing may be appended to it."""


@dataclass(slots=True)
class Log:
    """A log that can be appended to; not shared between threads, nor kept after a failed commit."""

    origin: str
    store: PlaneStore
    signers: list[Signer]
    tree: Tree
    latest: datetime
    """When the last entry was recorded: ledger time never goes back."""
    note: str

    @classmethod
    def create(cls, origin: str, store: PlaneStore, signers: list[Signer]) -> Log:
        """Give a log without entries."""
        tree = Tree()
        return cls(origin, store, signers, tree, BEGINNING, _sign(origin, tree, signers))

    @classmethod
    def open(cls, origin: str, store: PlaneStore, signers: list[Signer], connection: Connection) -> Log:
        """Read and verify head and tail; raise `TailBroken`, saying where."""
        head = store.head(connection)
        if head is None:
            message = f"{origin}: expected the log's head, found none"
            raise TailBroken(message)
        try:
            _check_head(head, origin, signers)
            tree, last = _reopen(store, connection, head)
            latest = datetime.fromisoformat(decode(last)["recorded_at"]) if head.size else BEGINNING
        except (LedgerError, WrongKey) as wrong:
            message = f"{origin}, {head.size} entries: {wrong}"
            raise TailBroken(message) from wrong
        return cls(origin, store, signers, tree, latest, head.note)

    def draft(self) -> Log:
        """Give a copy to append to, which replaces this one after its commit."""
        return Log(self.origin, self.store, self.signers, self.tree.copy(), self.latest, self.note)

    def append(self, entry: bytes) -> tuple[Tile, ...]:
        """Add an entry's leaf; give the tiles that it filled."""
        return self.tree.append(leaf_hash(entry))

    def sign(self) -> Head:
        """Sign the present tree and give its head: once per commit."""
        self.note = _sign(self.origin, self.tree, self.signers)
        return Head(self.tree.size, self.tree.root(), self.note, self.latest.isoformat())

    def published(self) -> str:
        """Give the checkpoint with both signatures, Ed25519 and ML-DSA-44."""
        return checkpoint.sign(Checkpoint(self.origin, self.tree.size, self.tree.root()), self.signers)


def _fast(signers: list[Signer]) -> list[Signer]:
    """Give the key that signs each commit: 20 µs; the other one's 500 µs are for what is published."""
    return [signer for signer in signers if signer.algorithm is Algorithm.ED25519]


def _sign(origin: str, tree: Tree, signers: list[Signer]) -> str:
    return checkpoint.sign(Checkpoint(origin, tree.size, tree.root()), _fast(signers))


def _check_head(head: Head, origin: str, signers: list[Signer]) -> None:
    signed = checkpoint.open_note(head.note, [signer.verifier for signer in _fast(signers)])
    for name, wanted, found in differing(head, signed, origin):
        message = f"the stored head is not the one that was signed: expected {name} {wanted}, found {found}"
        raise TailBroken(message)


def differing(head: Head, signed: Checkpoint, origin: str) -> Iterator[tuple[str, object, object]]:
    """Yield what a head's row, of a log of this name, says otherwise than its note: (name, as signed, as stored)."""
    if signed.origin != origin:
        yield "origin", signed.origin, origin
    if signed.size != head.size:
        yield "size", signed.size, head.size
    if signed.root != head.root:
        yield "root", signed.root.hex(), head.root.hex()


def _reopen(store: PlaneStore, connection: Connection, head: Head) -> tuple[Tree, bytes]:
    """Rebuild the tree from the last bundle of entries and the tiles left of it; give it and the last entry."""
    start = max(head.size - 1, 0) // TILE_WIDTH * TILE_WIDTH
    entries = list(store.entries(connection, start, LAST))
    if start + len(entries) != head.size:
        message = f"expected {head.size - start} entries from {start} on, found {len(entries)}"
        raise TailBroken(message)
    leaves = [leaf_hash(data) for data in entries]
    if len(leaves) == TILE_WIDTH:
        _check_tile(store, connection, start // TILE_WIDTH, leaves)
        leaves = []
    tree = Tree.reopen(head.size, [leaves, *_above(store, connection, head.size)])
    if tree.root() != head.root:
        message = f"expected root {head.root.hex()}, found {tree.root().hex()}"
        raise TailBroken(message)
    return tree, entries[-1] if entries else b""


def _check_tile(store: PlaneStore, connection: Connection, number: int, leaves: list[bytes]) -> None:
    if store.tile(connection, 0, number) != b"".join(leaves):
        message = f"the last {TILE_WIDTH} entries are not those of tile {number}"
        raise TailBroken(message)


def _above(store: PlaneStore, connection: Connection, size: int) -> Iterator[list[bytes]]:
    """Yield, for each level above the leaves, the roots of the tiles behind its last full tile."""
    level, count = 0, size // TILE_WIDTH
    while count:
        yield [fold(hashes(tile)) for tile in store.tiles(connection, level, count // TILE_WIDTH * TILE_WIDTH)]
        level, count = level + 1, count // TILE_WIDTH


def read_hashes(store: PlaneStore, connection: Connection, place: Place) -> bytes | None:
    """Give the bytes of a tile of hashes, full or partial; None when the log is shorter."""
    level = place.level or 0
    if place.width == TILE_WIDTH:
        return store.tile(connection, level, place.number)
    start = place.number * TILE_WIDTH
    if level == 0:
        found = [leaf_hash(data) for data in store.entries(connection, start, start + place.width)]
    else:
        found = [fold(hashes(tile)) for tile in islice(store.tiles(connection, level - 1, start), place.width)]
    return encode_hashes(found) if len(found) == place.width else None
