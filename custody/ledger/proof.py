"""Merkle tree proofs: RFC 6962, section 2.1 (hashes, shapes), RFC 9162, section 2.1 (checking).

A log of `size` entries is read through a `TileReader`: `read_tile(level, number, width)` gives the
`width` hashes (32 bytes each) of a tile; `level` counts in steps of eight tree levels, `width` is
256 or what the tree's right edge holds (C2SP tlog-tiles). Proofs are lists of 32-byte hashes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Final

from custody.ledger.errors import LedgerError

TILE_HEIGHT: Final = 8
TILE_WIDTH: Final = 256
HASH_BYTES: Final = 32
EMPTY_ROOT: Final = sha256().digest()

TileReader = Callable[[int, int, int], Sequence[bytes]]


class ProofError(LedgerError):
    """A proof that does not hold, or cannot be made."""


class OutsideTree(ProofError):
    """An index or a size that the tree does not have."""


class WrongProofLength(ProofError):
    """A proof with too few or too many hashes."""


class RootMismatch(ProofError):
    """A proof that leads to another root than the one expected."""


class BadTile(ProofError):
    """A tile that has not the hashes asked for."""


def node_hash(left: bytes, right: bytes) -> bytes:
    """Give the hash of an inner node: SHA-256(0x01 || left || right)."""
    return sha256(b"\x01" + left + right).digest()


# --- making -----------------------------------------------------------------------------------


def inclusion_proof(index: int, size: int, read_tile: TileReader) -> list[bytes]:
    """Give the audit path of one leaf in a tree of `size` leaves, from the leaf's sibling up.

    Raises `OutsideTree`, or `BadTile` when the reader gives a tile of another shape.
    """
    _expect(0 <= index < size, f"an index below {size}", index)
    tree, path, low, high = _Hashes(size, read_tile), [], 0, size
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            path.append(tree.root(middle, high))
            high = middle
        else:
            path.append(tree.root(low, middle))
            low = middle
    return path[::-1]


def consistency_proof(old: int, new: int, read_tile: TileReader) -> list[bytes]:
    """Give the proof that the first `old` leaves of a tree of `new` leaves are the older tree.

    Empty when `old` is 0 or `new`. Raises `OutsideTree` or `BadTile`.
    """
    _expect(0 <= old <= new, f"an older size of at most {new}", old)
    if old in {0, new}:
        return []
    tree, path, low, high, whole = _Hashes(new, read_tile), [], 0, new, True
    while old != high:
        middle = low + _split(high - low)
        if old <= middle:
            path.append(tree.root(middle, high))
            high = middle
        else:
            path.append(tree.root(low, middle))
            low, whole = middle, False
    return ([] if whole else [tree.root(low, high)]) + path[::-1]


class _Hashes:
    """The subtree hashes of a tree of `size` leaves, from its tiles, each read once."""

    def __init__(self, size: int, read_tile: TileReader) -> None:
        self._size = size
        self._read = read_tile
        self._known: dict[tuple[int, int], Sequence[bytes]] = {}

    def root(self, low: int, high: int) -> bytes:
        """Give MTH(D[low:high]) for a range that the RFC's splitting reaches."""
        count = high - low
        height = count.bit_length() - 1
        if count == 1 << height:
            return self._complete(height, low >> height)
        middle = low + _split(count)
        return node_hash(self.root(low, middle), self.root(middle, high))

    def _complete(self, height: int, number: int) -> bytes:
        """Give the root of the `number`-th complete subtree of a height."""
        level, inside = divmod(height, TILE_HEIGHT)
        tile, offset = divmod(number << inside, TILE_WIDTH)
        return fold(self._tile(level, tile)[offset : offset + (1 << inside)])

    def _tile(self, level: int, number: int) -> Sequence[bytes]:
        if (level, number) not in self._known:
            width = min(TILE_WIDTH, (self._size >> TILE_HEIGHT * level) - number * TILE_WIDTH)
            tile = self._read(level, number, width)
            if len(tile) != width or any(len(item) != HASH_BYTES for item in tile):
                message = f"tile {level}/{number}: expected {width} hashes of 32 bytes, found {len(tile)}"
                raise BadTile(message)
            self._known[level, number] = tile
        return self._known[level, number]


def fold(hashes: Sequence[bytes]) -> bytes:
    """Give the root of a complete subtree from its 2^n leaves' hashes."""
    while len(hashes) > 1:
        hashes = list(map(node_hash, hashes[::2], hashes[1::2]))
    return hashes[0]


def _split(count: int) -> int:
    """Give the largest power of two below `count` (RFC 6962's k); `count` is at least 2."""
    return 1 << (count - 1).bit_length() - 1


# --- checking ---------------------------------------------------------------------------------


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Check that a leaf hash stands at `index` under a root (RFC 9162, section 2.1.3.2).

    Raises `OutsideTree`, `WrongProofLength` or `RootMismatch`.
    """
    _expect(0 <= index < size, f"an index below {size}", index)
    inner = (index ^ (size - 1)).bit_length()
    _expect_length(proof, inner + (index >> inner).bit_count())
    found = leaf
    for height, sibling in enumerate(proof):
        is_left = height < inner and not index >> height & 1
        found = node_hash(found, sibling) if is_left else node_hash(sibling, found)
    _expect_root(found, root, f"of size {size}, from the entry at {index}")


def verify_consistency(old: int, new: int, old_root: bytes, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Check that a tree only grew from `old` to `new` leaves (RFC 9162, section 2.1.4.2).

    Raises `OutsideTree`, `WrongProofLength` or `RootMismatch`.
    """
    _expect(0 <= old <= new, f"an older size of at most {new}", old)
    if old in {0, new}:
        _expect_length(proof, 0)
        _expect_root(old_root, new_root if old else EMPTY_ROOT, f"of size {old}")
        return
    path = [old_root, *proof] if old.bit_count() == 1 else list(proof)
    _expect_length(proof, _consistency_length(old, new))
    older, newer = _both_roots(old - 1, new - 1, path)
    _expect_root(older, old_root, f"of size {old}")
    _expect_root(newer, new_root, f"of size {new}, grown from {old}")


def _both_roots(old: int, new: int, path: list[bytes]) -> tuple[bytes, bytes]:
    """Walk up from the last leaf of the older tree (`old`) and of the newer one (`new`)."""
    shift = (~old & old + 1).bit_length() - 1
    old, new = old >> shift, new >> shift
    older = newer = path[0]
    for sibling in path[1:]:
        if old & 1 or old == new:
            older, newer = node_hash(sibling, older), node_hash(sibling, newer)
            skip = (old & -old).bit_length() - 1 if old else 0
            old, new = old >> skip, new >> skip
        else:
            newer = node_hash(newer, sibling)
        old, new = old >> 1, new >> 1
    return older, newer


def _consistency_length(old: int, new: int) -> int:
    """Count the hashes of the proof: the inclusion path from the older tree's last full subtree."""
    shift = (old & -old).bit_length() - 1
    index, last = (old - 1) >> shift, (new - 1) >> shift
    inner = (index ^ last).bit_length()
    return inner + (index >> inner).bit_count() + (old != 1 << shift)


def _expect(holds: bool, expected: str, found: int) -> None:
    if not holds:
        message = f"expected {expected}, found {found}"
        raise OutsideTree(message)


def _expect_length(proof: Sequence[bytes], expected: int) -> None:
    if len(proof) != expected or any(len(item) != HASH_BYTES for item in proof):
        message = f"expected a proof of {expected} hashes of 32 bytes, found {len(proof)}"
        raise WrongProofLength(message)


def _expect_root(found: bytes, expected: bytes, which: str) -> None:
    if found != expected:
        message = f"root {which}: expected {expected.hex()}, found {found.hex()}"
        raise RootMismatch(message)
