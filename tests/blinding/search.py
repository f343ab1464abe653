"""The bytes on disk, read without the key: what is sealed is not in them, and what links a bag to it neither.

- `needles`: every text that only the sealed plane holds: codes, event ids, salts, values. `found`: those in some bytes.
- `laid_down`: what somebody could count who watches the database, or has copies of it: how many sealed entries were
  written from an order to its release. Were it another number with cells, it would tell the arm; without the fillers
  of the release it is (the control).
"""

from __future__ import annotations

import logging
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from custody import protocols
from custody.chain.things import Allocation, Plane, allocation_code
from custody.clock import SetClock
from custody.ledger.entry import decode
from custody.randomisation import SeededBytes
from custody.record.create import create_ledger
from custody.record.door import Door
from custody.record.entries import FILLER
from custody.record.world import World
from custody.simulate.trial import START, Plan, play_trial
from custody.store.database import Database
from custody.store.plane import run
from tests.blinding.twins import Lines

SHORTEST = 6
"""Characters: shorter texts stand by chance in many megabytes of boxes."""


@dataclass(frozen=True)
class Laid:
    """One order: its arm, and the sealed entries from it to its release."""

    cells: bool
    rows: int


def entries(door: Door, plane: Plane) -> list[dict[str, Any]]:
    with door.database.reading(plane) as connection:
        store = door.stores[plane]
        return [decode(data) for data in store.entries(connection, 0, store.size(connection))]


def needles(door: Door) -> set[str]:
    """Give every text of the sealed log, longer than a few letters, that the open plane and the protocol have not."""
    sealed = {text for entry in entries(door, Plane.SEALED) for text in _texts(entry) if len(text) >= SHORTEST}
    opened = "\n".join(text for entry in entries(door, Plane.OPEN) for text in _texts(entry))
    with door.database.reading(Plane.OPEN) as connection:
        protocol = bytes(run(connection, "SELECT protocol FROM ledger").scalar_one()).decode()
        opened += "\n".join(bytes(body).decode() for (body,) in run(connection, "SELECT body FROM open_thing"))
    return {text for text in sealed if text not in opened and text not in protocol and text not in KNOWN}


KNOWN = frozenset({"sealed", "stratum", "location", "cryobag", "preparation", "allocation", "words", "reasons"})
"""Words that tables and columns are called by."""


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from (key,) if "/" in key or key.isupper() else ()
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str):
        yield value


def found(texts: Iterable[str], data: bytes) -> list[str]:
    return [text for text in texts if text.encode() in data]


def laid_down(door: Door) -> dict[str, list[Laid]]:
    """Count, for each order, the sealed entries up to its release: all of them, and without the fillers."""
    sealed = entries(door, Plane.SEALED)
    opened = entries(door, Plane.OPEN)
    orders = {entry["payload"]["treatment_bag"]: entry for entry in opened if entry["type"] == "bag_ordered"}
    laid: dict[str, list[Laid]] = {"all": [], "without fillers": []}
    with door.database.reading(Plane.SEALED) as connection:
        for entry in opened:
            if entry["type"] != "bag_released":
                continue
            order = orders[entry["payload"]["treatment_bag"]]
            kept = door.stores[Plane.SEALED].thing(connection, allocation_code(order["payload"]["participant"]))
            assert kept
            assert isinstance(kept.thing, Allocation)
            since = [one["type"] for one in sealed if order["recorded_at"] < one["recorded_at"] <= entry["recorded_at"]]
            written = [one for one in since if one != FILLER]
            laid["all"].append(Laid(kept.thing.arm == "MSC", len(since)))
            laid["without fillers"].append(Laid(kept.thing.arm == "MSC", len(written)))
    return laid


def told(laid: list[Laid]) -> float:
    """Give the chance that of two orders, one of each arm, the one with cells has more rows: 0.5 tells nothing."""
    pairs = [(one.rows, other.rows) for one in laid if one.cells for other in laid if not other.cells]
    return sum((more > less) + (more == less) / 2 for more, less in pairs) / len(pairs)


def searched(folder: Path, participants: int = 66) -> dict[str, Any]:
    """Run a whole trial with faults, and search its database, a backup of it, and the log."""
    lines = Lines()
    logging.getLogger().addHandler(lines)
    try:
        door = played(folder, participants)
    finally:
        logging.getLogger().removeHandler(lines)
    texts, laid = needles(door), laid_down(door)
    door.database.close()
    file, backup = folder / "trial.db", folder / "backup.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"VACUUM INTO '{backup}'")
    log = "\n".join(line for of in lines.of.values() for line in of).encode()
    places = {"the database": file.read_bytes(), "a backup": backup.read_bytes(), "the log": log}
    return {
        "needles": len(texts),
        "bytes": {name: len(data) for name, data in places.items()},
        "found": {name: found(texts, data)[:20] for name, data in places.items()},
        "told": {name: told(counted) for name, counted in laid.items()},
    }


def played(folder: Path, participants: int) -> Door:
    """Play a whole trial, with faults."""
    clock = SetClock(START)
    door = create_ledger(
        Database(f"sqlite:///{folder / 'trial.db'}"),
        folder / "keys",
        "custody.example/search",
        protocols.builtin()["chocmsc"],
        World(clock, SeededBytes(1, "search")),
    )
    play_trial(door, clock, Plan(participants, 1, faults=True))
    return door
