"""The tree against the recursion of RFC 6962 and the vectors of its reference implementation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as some

from custody.ledger.entry import leaf_hash
from custody.ledger.tree import (
    EMPTY_ROOT,
    BadTile,
    OutsideTree,
    ProofError,
    RootMismatch,
    Tile,
    Tree,
    WrongEdge,
    WrongProofLength,
    consistency_proof,
    inclusion_proof,
    verify_consistency,
    verify_inclusion,
)

REFERENCE_LEAVES = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
REFERENCE_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [leaf_hash(b"%d" % number) for number in range(70_000)]


def naive(leaves: Sequence[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, word by word."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + naive(leaves[:k]) + naive(leaves[k:])).digest()


@cache
def naive_root(size: int) -> bytes:
    return naive(LEAVES[:size])


def grown(size: int) -> tuple[Tree, dict[tuple[int, int], Tile]]:
    tree, tiles = Tree(), {}
    for leaf in LEAVES[:size]:
        for tile in tree.append(leaf):
            tiles[tile.level, tile.number] = tile
    return tree, tiles


def reader(size: int) -> Callable[[int, int, int], list[bytes]]:
    tree, tiles = grown(size)
    tiles |= {(tile.level, tile.number): tile for tile in tree.partial_tiles()}

    def read(level: int, number: int, width: int) -> list[bytes]:
        assert tiles[level, number].width == width
        return list(tiles[level, number].hashes)

    return read


def test_the_roots_are_those_of_the_reference_implementation() -> None:
    tree = Tree()
    assert tree.root() == EMPTY_ROOT == sha256().digest()
    for leaf, root in zip(REFERENCE_LEAVES, REFERENCE_ROOTS, strict=True):
        tree.append(leaf_hash(bytes.fromhex(leaf)))
        assert tree.root().hex() == root


@given(some.lists(some.binary(max_size=3), max_size=300))
def test_any_tree_has_the_naive_root(entries: list[bytes]) -> None:
    tree, leaves = Tree(), [leaf_hash(data) for data in entries]
    for leaf in leaves:
        tree.append(leaf)
    assert tree.root() == naive(leaves)


@pytest.mark.parametrize("size", [255, 256, 257, 511, 512, 513, 65_535, 65_536, 65_537, 70_000])
def test_large_trees_have_the_naive_root(size: int) -> None:
    assert grown(size)[0].root() == naive_root(size)


def test_full_tiles_hold_the_roots_of_256_tiles_each() -> None:
    tree, tiles = grown(70_000)
    assert sorted(tiles) == [(0, number) for number in range(273)] + [(1, 0)]
    assert all(tile.width == 256 for tile in tiles.values())
    assert tiles[0, 5].hashes == tuple(LEAVES[5 * 256 : 6 * 256])
    assert tiles[1, 0].hashes[5] == naive(LEAVES[5 * 256 : 6 * 256])
    partial = [(tile.level, tile.number, tile.width) for tile in tree.partial_tiles()]
    assert partial == [(0, 273, 112), (1, 1, 17), (2, 0, 1)]  # the example of C2SP tlog-tiles
    assert tree.partial_tiles()[2].hashes == (naive(LEAVES[:65_536]),)


def test_the_filling_leaf_gives_all_tiles_that_it_fills() -> None:
    tree, _ = grown(65_535)
    assert [(tile.level, tile.number) for tile in tree.append(LEAVES[65_535])] == [(0, 255), (1, 0)]


def test_a_tree_reopens_at_every_size() -> None:
    tree = Tree()
    for size in range(601):
        again = Tree.reopen(size, tree.edge())
        assert (again.size, again.root(), again.partial_tiles()) == (size, naive_root(size), tree.partial_tiles())
        tree.append(LEAVES[size])
        again.append(LEAVES[size])
        assert again.root() == tree.root()


def test_a_large_tree_reopens_and_grows_on() -> None:
    tree, _ = grown(69_000)
    again = Tree.reopen(69_000, tree.edge())
    for leaf in LEAVES[69_000:]:
        assert tree.append(leaf) == again.append(leaf)
    assert again.root() == naive_root(70_000)


def test_a_copy_grows_alone() -> None:
    tree, _ = grown(300)
    twin = tree.copy()
    twin.append(LEAVES[300])
    assert (tree.root(), twin.root()) == (naive_root(300), naive_root(301))


@pytest.mark.parametrize(
    ("size", "edge"),
    [(3, [LEAVES[:2]]), (0, [LEAVES[:1]]), (256, [LEAVES[:256]]), (256, [[]]), (256, [[], []]), (1, []), (1, [[b"x"]])],
)
def test_an_edge_of_another_size_is_refused(size: int, edge: list[list[bytes]]) -> None:
    with pytest.raises(WrongEdge):
        Tree.reopen(size, edge)


def test_every_inclusion_proof_holds_and_fits_nothing_else() -> None:
    for size in range(1, 71):
        for index in range(size):
            proof = inclusion_proof(index, size, reader(size))
            verify_inclusion(LEAVES[index], index, size, proof, naive_root(size))
            with pytest.raises(RootMismatch):
                verify_inclusion(LEAVES[index + 1], index, size, proof, naive_root(size))
            with pytest.raises(WrongProofLength):
                verify_inclusion(LEAVES[index], index, size, [*proof, LEAVES[0]], naive_root(size))
            for other in set(range(size)) - {index}:
                with pytest.raises(ProofError):
                    verify_inclusion(LEAVES[index], other, size, proof, naive_root(size))


def test_every_consistency_proof_holds_and_fits_nothing_else() -> None:
    for new in range(71):
        for old in range(new + 1):
            proof = consistency_proof(old, new, reader(new))
            verify_consistency(old, new, naive_root(old), naive_root(new), proof)
            with pytest.raises(WrongProofLength):
                verify_consistency(old, new, naive_root(old), naive_root(new), [*proof, LEAVES[0]])
            with pytest.raises(RootMismatch):
                verify_consistency(old, new, LEAVES[0] if old != 1 else LEAVES[1], naive_root(new), proof)
            if proof:
                with pytest.raises(RootMismatch):
                    verify_consistency(old, new, naive_root(old), LEAVES[0], proof)
                with pytest.raises(ProofError):
                    verify_consistency(old, new, naive_root(old), naive_root(new), [*proof[:-1], LEAVES[-1]])


@pytest.mark.parametrize("index", [0, 255, 256, 65_535, 65_536, 69_888, 69_999])
def test_proofs_reach_through_all_tile_levels(index: int) -> None:
    read = reader(70_000)
    proof = inclusion_proof(index, 70_000, read)
    verify_inclusion(LEAVES[index], index, 70_000, proof, naive_root(70_000))
    old = consistency_proof(index + 1, 70_000, read)
    verify_consistency(index + 1, 70_000, naive_root(index + 1), naive_root(70_000), old)


def test_a_proof_outside_the_tree_is_refused() -> None:
    for index, size in [(-1, 4), (4, 4), (0, 0)]:
        with pytest.raises(OutsideTree):
            inclusion_proof(index, size, reader(size))
        with pytest.raises(OutsideTree):
            verify_inclusion(LEAVES[0], index, size, [], naive_root(size))
    with pytest.raises(OutsideTree, match="at most 4, found 5"):
        consistency_proof(5, 4, reader(4))


def test_a_tile_of_another_width_is_refused() -> None:
    with pytest.raises(BadTile, match="expected 4 hashes of 32 bytes, found 3"):
        inclusion_proof(0, 4, lambda _level, _number, _width: LEAVES[:3])
