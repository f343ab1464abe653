"""The ledger from which both copies are made: everybody of a trial, and released lots in the tank. No list yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from custody import protocols
from custody.clock import SetClock
from custody.people import passwords
from custody.randomisation import SeededBytes
from custody.record.create import create_ledger
from custody.record.world import World
from custody.simulate import supply
from custody.simulate.asking import Asker
from custody.simulate.cast import Cast
from custody.simulate.play import Play
from custody.simulate.trial import START
from custody.store import accounts
from custody.store.database import Database
from tests.databases import Server

PASSWORD = "a long demonstration"
ARMS = ("MSC", "PLACEBO")
LOTS = 2
PLACES = 22
"""Places of each site's list, which is one block: together as many as the trial takes people."""


@dataclass(frozen=True)
class Ground:
    """A ledger that nobody has open, to be copied."""

    server: Server
    url: str
    keys: Path
    cast: Cast
    now: datetime
    """When its last record was made."""


def lay(server: Server, folder: Path) -> Ground:
    """Make it."""
    url, keys, clock = server.fresh(), folder / "keys", SetClock(START)
    database = Database(url)
    random_bytes = SeededBytes(1, "ground")
    door = create_ledger(
        database, keys, "custody.example/blinding", protocols.builtin()["chocmsc"], World(clock, random_bytes)
    )
    asker = Asker(door, random_bytes)
    play = Play(asker, supply.people(asker, door.protocol), random_bytes)
    secret = passwords.keep(PASSWORD)
    with database.writing() as connection:
        for person in play.cast.people:
            accounts.keep(connection, person.code, person.login, secret)
    for serial in range(1, LOTS + 1):
        for until in supply.lot(play, serial):
            clock.set(until)
    database.close()
    return Ground(server, url, keys, play.cast, clock.now())
