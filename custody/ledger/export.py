"""Writes logs as files: the layout of C2SP tlog-tiles, in a folder that verifies without us.

    open/checkpoint, open/tile/...      each log as it would be served over HTTP
    sealed/...                          for those who may see it
    vkeys                               one key a line, as `keys.Verifier.vkey` gives it
    protocol.toml, README.txt

Folders are 0700 and files 0600: entries tell of people's health, those of the sealed log of the arms.
Entries are streamed: memory holds one bundle and the right edge of the tree.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from custody.folders import private
from custody.ledger.checkpoint import Checkpoint, read_unverified
from custody.ledger.entry import leaf_hash
from custody.ledger.errors import LedgerError
from custody.ledger.keys import Verifier
from custody.ledger.proof import TILE_WIDTH
from custody.ledger.readme import README_TXT
from custody.ledger.tiles import Place, encode_entries, encode_hashes
from custody.ledger.tree import Tile, Tree


class ExportError(LedgerError):
    """An export that would not verify, or would overwrite something."""


class Log(NamedTuple):
    """One log to be written: its entries in order, and the signed note over exactly these."""

    entries: Iterable[bytes]
    note: str


def write_ledger(folder: Path, logs: Mapping[str, Log], vkeys: Sequence[str], protocol: bytes) -> None:
    """Write a whole ledger; `logs` by name (`open`, `sealed`), `protocol` the bytes of its TOML file.

    Raises `ExportError` when the folder exists with something in it, or a log does not fit its note;
    `BadKey` for a wrong vkey; `OSError`.
    """
    _claim(folder)
    for vkey in vkeys:
        Verifier.from_vkey(vkey)
    for name, log in logs.items():
        write_log(folder / name, log.entries, log.note)
    _write(folder / "vkeys", "".join(f"{vkey}\n" for vkey in vkeys).encode())
    _write(folder / "protocol.toml", protocol)
    _write(folder / "README.txt", README_TXT.encode())


def write_log(folder: Path, entries: Iterable[bytes], checkpoint_note: str) -> None:
    """Write one log of entries (canonical JSON each); the checkpoint comes last, when all fits.

    Raises `ExportError` when the folder exists with something in it, or when size or root are not
    those of the note; then no checkpoint is written.
    """
    checkpoint, _ = read_unverified(checkpoint_note)
    _claim(folder)
    tree = Tree()
    for number, bundle in enumerate(_bundles(entries)):
        _write_place(folder, Place(None, number, len(bundle)), encode_entries(bundle))
        for entry in bundle:
            _write_tiles(folder, tree.append(leaf_hash(entry)))
    _write_tiles(folder, tree.partial_tiles())
    _expect_head(tree, checkpoint)
    _write(folder / "checkpoint", checkpoint_note.encode())


def _bundles(entries: Iterable[bytes]) -> Iterator[list[bytes]]:
    rest = iter(entries)
    while bundle := list(islice(rest, TILE_WIDTH)):
        yield bundle


def _expect_head(tree: Tree, checkpoint: Checkpoint) -> None:
    if (tree.size, tree.root()) != (checkpoint.size, checkpoint.root):
        message = (
            f"{checkpoint.origin}: expected the {checkpoint.size} entries of root {checkpoint.root.hex()}, "
            f"found {tree.size} of root {tree.root().hex()}"
        )
        raise ExportError(message)


def _write_tiles(folder: Path, tiles: Iterable[Tile]) -> None:
    for tile in tiles:
        _write_place(folder, Place(tile.level, tile.number, tile.width), encode_hashes(tile.hashes))


def _write_place(folder: Path, place: Place, data: bytes) -> None:
    path = folder / place.path
    private(path.parent)
    _write(path, data)


def _claim(folder: Path) -> None:
    private(folder)
    if any(folder.iterdir()):
        message = f"expected an empty folder to write to, found something in {folder}"
        raise ExportError(message)


def _write(path: Path, data: bytes) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(file, "wb") as stream:
        stream.write(data)
