"""The bytes on disk, read without the key: what is sealed is not in them, and what links a bag to it neither.

- `needles`: every text that only the sealed plane holds: codes, event ids, salts, values. `found`: those in some bytes.
- `laid_down`: what somebody could count who watches the database, or has copies of it: how many sealed entries were
  written from an order to its release. Were it another number with cells, it would tell the arm; without the fillers
  of the release it is (the control).
"""

from __future__ import annotations

import logging
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
from flask.testing import FlaskClient

from custody import protocols
from custody.chain.roles import Role
from custody.chain.things import Allocation, Plane, allocation_code
from custody.clock import SetClock
from custody.ledger.entry import decode
from custody.randomisation import SeededBytes
from custody.record.create import create_ledger
from custody.record.door import Door
from custody.record.entries import FILLER
from custody.record.world import World
from custody.simulate.play import Play
from custody.simulate.trial import START, Plan, play_trial
from custody.store.database import Database
from custody.store.plane import run
from custody.web import thing
from tests.blinding.ground import give_accounts, pages_of, signed_in, token_of
from tests.blinding.guess import area
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


def counted(participants: int, seed: int) -> dict[str, list[Laid]]:
    """Play a trial, and count."""
    with tempfile.TemporaryDirectory(prefix="custody-search-") as folder:
        play = played(Path(folder), participants, seed)
        try:
            return laid_down(play.door)
        finally:
            play.door.database.close()


def told(trials: Sequence[list[Laid]]) -> dict[str, float]:
    """Say how well the arm is guessed from the number of rows, and the 95 % interval over trials."""
    rows = np.array([(one.cells, one.rows, number) for number, laid in enumerate(trials) for one in laid])
    auc, low, high = area(*rows.T)
    return {"auc": auc, "low": low, "high": high, "trials": len(trials), "orders": len(rows)}


def searched(folder: Path, participants: int = 66) -> dict[str, Any]:
    """Run a whole trial with faults, and search its database, a backup of it, and the log."""
    lines = Lines()
    with logged(lines):
        play = played(folder, participants)
        use(play, folder)
    door = play.door
    texts = needles(door)
    door.database.close()
    file, backup = folder / "trial.db", folder / "backup.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"VACUUM INTO '{backup}'")
    log = "\n".join(line for of in lines.of.values() for line in of)
    log = f"{log}\n{log.upper()}".encode()  # codes that stand there in small letters too
    places = {"the database": file.read_bytes(), "a backup": backup.read_bytes(), "the log": log}
    return {
        "needles": len(texts),
        "bytes": {name: len(data) for name, data in places.items()},
        "found": {name: found(texts, data)[:20] for name, data in places.items()},
    }


@contextmanager
def logged(lines: Lines) -> Iterator[None]:
    """Keep all that is logged, at whatever level."""
    root = logging.getLogger()
    level = root.level
    root.addHandler(lines)
    root.setLevel(logging.DEBUG)
    try:
        yield
    finally:
        root.setLevel(level)
        root.removeHandler(lines)


def use(play: Play, folder: Path) -> None:
    """Use the pages of a trial as people do, and let them break: what a server logs of it is searched too.

    Everybody scans what is sealed where a login is asked for, mistypes a password, looks at things of both planes, and
    meets errors whose messages hold sealed texts.
    """
    door, people = play.door, [play.cast.one(role) for role in Role if play.cast.all(role)]
    give_accounts(door.database, *people)
    app = pages_of(door, folder)
    sealed, opened = (sorted(_codes(door, plane))[:EACH] for plane in (Plane.SEALED, Plane.OPEN))
    for number, one in enumerate(people):
        client, token = signed_in(app, one.login)
        for name in (one.login, sealed[number]):  # each once: who tries often has to wait
            _mistyped(app.test_client(), name)
        for code in (*sealed, *opened):
            client.get(f"/s/{code}")
            client.post("/scan", data={"raw": code, "source": "wedge", "csrf_token": token})
        for step in ("thaw", "start_infusion"):
            client.post(f"/s/{sealed[0]}/do/{step}", data={"csrf_token": token, "event": sealed[0]})
        with mock.patch.object(thing, "visible", side_effect=LookupError(sealed[0])):
            client.get(f"/s/{sealed[0]}")
    with mock.patch.object(door, "tail", side_effect=LookupError(sealed[0])):
        app.test_client().get("/readyz")


EACH = 20
"""Codes of each plane that everybody looks at."""


def _codes(door: Door, plane: Plane) -> Iterator[str]:
    with door.database.reading(plane) as connection:
        yield from (kept.thing.code for kept in door.stores[plane].everything(connection))


def _mistyped(client: FlaskClient, name: str) -> None:
    token = token_of(client.get("/sign-in").text)
    assert client.post("/sign-in", data={"name": name, "password": "wrong", "csrf_token": token}).status_code == 422


def played(folder: Path, participants: int, seed: int = 1) -> Play:
    """Play a whole trial, with faults."""
    clock = SetClock(START)
    door = create_ledger(
        Database(f"sqlite:///{folder / 'trial.db'}"),
        folder / "keys",
        "custody.example/search",
        protocols.builtin()["chocmsc"],
        World(clock, SeededBytes(seed, "search")),
    )
    return play_trial(door, clock, Plan(participants, seed, faults=True))
