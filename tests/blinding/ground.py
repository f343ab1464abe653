"""The ledger from which both copies are made: everybody of a trial, and released lots in the tank. No list yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from custody import protocols
from custody.app import create_app
from custody.chain.things import Person
from custody.clock import SetClock
from custody.config import Config
from custody.people import passwords
from custody.randomisation import SeededBytes
from custody.record.create import create_ledger
from custody.record.door import Door
from custody.record.world import World
from custody.simulate import supply
from custody.simulate.asking import Asker
from custody.simulate.cast import Cast
from custody.simulate.play import Play
from custody.simulate.trial import START
from custody.store import accounts
from custody.store.database import Database
from tests.databases import Server
from tests.web.house import TOKEN

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


def give_accounts(database: Database, *people: Person) -> None:
    """Let some people sign in; one hash serves all: to make them takes long."""
    secret = passwords.keep(PASSWORD)
    with database.writing() as connection:
        for person in people:
            accounts.keep(connection, person.code, person.login, secret)


def pages_of(door: Door, folder: Path) -> Flask:
    """Give the pages of a ledger whose keys are in a folder."""
    config = Config(folder, "", folder / "keys", "", "https://custody.example", secure_cookies=False)
    return create_app(door, config, b"x" * 32)


def signed_in(app: Flask, login: str) -> tuple[FlaskClient, str]:
    """Give the browser of somebody, and the token that its forms carry: signed in, unless the account was closed."""
    client = app.test_client()
    token = token_of(client.get("/sign-in").text)
    client.post("/sign-in", data={"name": login, "password": PASSWORD, "csrf_token": token})
    return client, token_of(client.get("/nowhere").text) or token  # the shortest page that has one


def token_of(page: str) -> str:
    return next((a or b for a, b in TOKEN.findall(page)), "")


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
    give_accounts(database, *play.cast.people)
    for serial in range(1, LOTS + 1):
        for until in supply.lot(play, serial):
            clock.set(until)
    database.close()
    return Ground(server, url, keys, play.cast, clock.now())
