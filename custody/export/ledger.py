"""A ledger as a folder: what the door's logs hold at this moment, with their checkpoints, keys and protocol."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from sqlalchemy import Connection

from custody.chain.things import Plane
from custody.ledger.checkpoint import read_unverified
from custody.ledger.export import Log, write_ledger
from custody.ledger.proof import TILE_WIDTH
from custody.record.door import Door
from custody.record.keyring import origin_of
from custody.store import identity
from custody.store.plane import PlaneStore

OPEN_ALONE: Final = (Plane.OPEN,)
BOTH: Final = (Plane.OPEN, Plane.SEALED)


def export_ledger(
    door: Door, folder: Path, vkeys: Sequence[str], planes: Sequence[Plane] = OPEN_ALONE
) -> dict[str, int]:
    """Write the logs of some planes into an empty folder; give their numbers of entries.

    The checkpoint of the open log is taken first: whatever it committed to, the sealed log then opens. Raises
    `ExportError` for a folder with something in it.
    """
    with ExitStack() as stack:
        logs, sizes = {}, {}
        for plane in planes:
            note = door.checkpoint(plane)
            sizes[str(plane)] = read_unverified(note)[0].size
            reader = stack.enter_context(door.database.reading(plane))
            logs[str(plane)] = Log(_entries(reader, door.stores[plane], sizes[str(plane)]), note)
        with door.database.reading(Plane.OPEN) as connection:
            known = identity.read(connection)
        write_ledger(folder, logs, keys_of(known.origin, vkeys, planes), known.protocol)
    return sizes


def keys_of(ledger: str, vkeys: Sequence[str], planes: Sequence[Plane] = OPEN_ALONE) -> list[str]:
    """Give the public keys of some logs of a ledger, of all its keys."""
    origins = [origin_of(ledger, plane) for plane in planes]
    return [vkey for vkey in vkeys if vkey.partition("+")[0] in origins]


def _entries(connection: Connection, store: PlaneStore, size: int) -> Iterator[bytes]:
    """Yield the first entries of a log, bundle by bundle."""
    for start in range(0, size, TILE_WIDTH):
        yield from list(store.entries(connection, start, min(start + TILE_WIDTH, size)))
