"""The right edge of an append-only Merkle tree (RFC 6962, section 2.1), and the tiles it completes.

Two views of the edge are kept, and nothing else of the tree:

- the roots of the complete subtrees from left to right, one per set bit of the size: for the root;
- per tile level the hashes behind the last full tile: for tiles, and for reopening.

A tile of level L holds 256 hashes, each the root of 256^L entries (C2SP tlog-tiles). Full tiles never
change, so a database can store them insert-only; with 70,000 entries the edge is 112 leaf hashes,
17 hashes of level 1 and 1 of level 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from hashlib import sha256
from typing import Final

from custody.ledger.errors import LedgerError
from custody.ledger.proof import (
    EMPTY_ROOT,
    HASH_BYTES,
    TILE_HEIGHT,
    TILE_WIDTH,
    BadTile,
    OutsideTree,
    ProofError,
    RootMismatch,
    TileReader,
    WrongProofLength,
    consistency_proof,
    inclusion_proof,
    node_hash,
    verify_consistency,
    verify_inclusion,
)

__all__ = [
    "EMPTY_ROOT",
    "BadTile",
    "OutsideTree",
    "ProofError",
    "RootMismatch",
    "Tile",
    "TileReader",
    "Tree",
    "WrongEdge",
    "WrongProofLength",
    "consistency_proof",
    "inclusion_proof",
    "node_hash",
    "verify_consistency",
    "verify_inclusion",
]


class WrongEdge(LedgerError):
    """Stored hashes that cannot be the right edge of a tree of that size."""


@dataclass(frozen=True, slots=True)
class Tile:
    """Up to 256 neighbouring hashes of one tile level; full tiles are immutable for ever."""

    level: int
    number: int
    hashes: tuple[bytes, ...]

    @property
    def width(self) -> int:
        """Give the number of hashes, 1 to 256."""
        return len(self.hashes)


_NO_TILES: Final[tuple[Tile, ...]] = ()


class Tree:
    """A tree that can grow. Not safe for two threads at once: work on a `copy` and swap."""

    __slots__ = ("_edge", "_roots", "size")

    def __init__(self) -> None:
        """Start an empty tree."""
        self.size = 0
        self._roots: list[bytes] = []
        self._edge: list[list[bytes]] = [[]]

    @classmethod
    def reopen(cls, size: int, last_partial: Sequence[Sequence[bytes]]) -> Tree:
        """Rebuild a tree from its right edge.

        `last_partial[0]` holds the leaf hashes behind the last full tile, `last_partial[L]` the roots
        of the full tiles of level L-1 behind the last full tile of level L; empty levels at the top may
        be left out. Raises `WrongEdge` unless each level has (size // 256^L) % 256 hashes. Compare
        `root()` with the stored checkpoint afterwards. At most 255 hashes per level are made.
        """
        tree = cls()
        tree.size = size
        tree._edge = [list(level) for level in last_partial] or [[]]
        tree._check_edge()
        for level in reversed(tree._edge):
            for count, item in enumerate(level):
                tree._carry(item, count)
        return tree

    def append(self, leaf_hash: bytes) -> tuple[Tile, ...]:
        """Add one leaf hash (32 bytes); give the tiles that this filled, lowest level first."""
        edge = self._edge[0]
        edge.append(leaf_hash)
        size = self.size
        self.size = size + 1
        if len(edge) == TILE_WIDTH:
            return self._fill(leaf_hash, size)
        self._carry(leaf_hash, size)
        return _NO_TILES

    def root(self) -> bytes:
        """Give the root hash, 32 bytes; SHA-256 of nothing for the empty tree."""
        if not self._roots:
            return EMPTY_ROOT
        return reduce(_under, reversed(self._roots))

    def partial_tiles(self) -> list[Tile]:
        """Give the tiles of 1 to 255 hashes at the right edge, lowest level first."""
        numbered = ((level, self.size >> TILE_HEIGHT * (level + 1), edge) for level, edge in enumerate(self._edge))
        return [Tile(level, number, tuple(edge)) for level, number, edge in numbered if edge]

    def edge(self) -> list[list[bytes]]:
        """Give the hashes that `reopen` needs, per tile level."""
        return [list(level) for level in self._edge]

    def copy(self) -> Tree:
        """Give an independent tree of the same state, to be thrown away when a transaction fails."""
        twin = Tree()
        twin.size = self.size
        twin._roots = self._roots.copy()
        twin._edge = self.edge()
        return twin

    def _carry(self, item: bytes, count: int) -> bytes:
        """Merge a new hash with the complete subtrees left of it, as a binary counter carries."""
        roots = self._roots
        while count & 1:
            item = sha256(b"\x01" + roots.pop() + item).digest()
            count >>= 1
        roots.append(item)
        return item

    def _fill(self, leaf_hash: bytes, size: int) -> tuple[Tile, ...]:
        """Close the full tile of level 0, and those above that are full in turn."""
        tiles, item, count, level = [], leaf_hash, size, 0
        while len(self._edge[level]) == TILE_WIDTH:
            tiles.append(Tile(level, count >> TILE_HEIGHT, tuple(self._edge[level])))
            self._edge[level] = []
            item = self._carry(item, count & TILE_WIDTH - 1)
            self._roots.pop()
            level, count = level + 1, count >> TILE_HEIGHT
            if level == len(self._edge):
                self._edge.append([])
            self._edge[level].append(item)
        self._carry(item, count & TILE_WIDTH - 1)
        return tuple(tiles)

    def _check_edge(self) -> None:
        expected = [self.size >> TILE_HEIGHT * level & TILE_WIDTH - 1 for level in range(len(self._edge))]
        found = [len(level) for level in self._edge]
        right = self.size >> TILE_HEIGHT * len(self._edge) == 0
        if expected != found or not right:
            message = f"the edge of a tree of {self.size} has {expected} hashes per level, found {found}"
            raise WrongEdge(message)
        if any(len(item) != HASH_BYTES for level in self._edge for item in level):
            message = f"each hash at the edge has {HASH_BYTES} bytes"
            raise WrongEdge(message)


def _under(right: bytes, left: bytes) -> bytes:
    return node_hash(left, right)
