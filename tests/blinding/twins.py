"""Two copies of the service in lock step: one clock, one stream of randomness, and two randomisation lists.

Everything asked of one is asked of the other, in the same words, at the same instant, with the same random bytes
to come; whatever comes back has to be the same bytes. Two things are assumed, and nothing else:

- A commitment hides what it commits to: SHA-256 over 32 secret random bytes and the value. It stands here as the hash
  of its salt alone; that the salt is fresh, and as long as it has to be, is looked at each time.
- A signature with ML-DSA-44 is random by itself, in the library: here its bytes follow from what is signed.
"""

from __future__ import annotations

import io
import logging
import os
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from hashlib import sha256, shake_256
from http import HTTPStatus
from typing import NamedTuple
from unittest import mock
from uuid import UUID

import time_machine
from flask import Flask
from flask.testing import FlaskClient

from custody.app import create_app
from custody.chain.administration import LoadRandomisation
from custody.chain.roles import Role, sees_arm
from custody.chain.things import Plane, Thing
from custody.config import Config
from custody.ledger.commitment import SALT_BYTES
from custody.ledger.keys import SIGNATURE_BYTES, Algorithm, Signer
from custody.people import passwords
from custody.people.telling import Tellings
from custody.people.tries import Tries
from custody.randomisation import SeededBytes
from custody.record.create import open_door
from custody.record.door import Door
from custody.simulate.asking import Asker
from custody.simulate.play import Play
from custody.store.database import OPEN_TABLES, Database
from custody.store.plane import run
from custody.web.metrics import answers
from tests.blinding.ground import Ground, signed_in, token_of


class Difference(AssertionError):
    """Something a blinded person can obtain is not the same in both arms."""


class Got(NamedTuple):
    """One response as it went over the wire."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


class Stream:
    """The one source of randomness while a copy works: begun anew for each thing that is asked."""

    def __init__(self) -> None:
        self.begin("start")

    def begin(self, *key: object) -> None:
        self._bytes = SeededBytes("/".join(str(part) for part in key), "blinding")

    def __call__(self, count: int) -> bytes:
        return self._bytes(count)


class Lines(logging.Handler):
    """Keeps what is logged, by the copy that works."""

    def __init__(self) -> None:
        super().__init__()
        self.of: dict[str, list[str]] = {}
        self.current = ""

    def emit(self, record: logging.LogRecord) -> None:
        text = f"{record.created:.6f} {record.levelname} {record.name}: {record.getMessage()}"
        wrong = record.exc_info[1] if record.exc_info else None
        self.of.setdefault(self.current, []).append(f"{text} {wrong!r}" if wrong else text)


class Twin:
    """One copy: its database, its door, its pages, and who is signed in there."""

    def __init__(self, name: str, ground: Ground) -> None:
        self.name = name
        self.server, self.keys = ground.server, ground.keys
        self.url = ground.server.copy(ground.url)
        self.database = Database(self.url)
        self.door = open_door(self.database, ground.keys)
        config = Config(ground.keys.parent, "", ground.keys, "", "https://custody.example", secure_cookies=False)
        self.app = _app(name, self.door, config)
        self.clients: dict[str, tuple[FlaskClient, str]] = {}
        self.random_bytes = SeededBytes(name, "bench")
        self.play = Play(Asker(self.door, self.random_bytes), ground.cast, self.random_bytes)

    def things(self, plane: Plane = Plane.OPEN) -> list[Thing]:
        with self.database.reading(plane) as connection:
            found = [kept.thing for kept in self.door.stores[plane].everything(connection)]
        return sorted(found, key=lambda thing: (thing.KIND, thing.code))

    def client(self, login: str) -> tuple[FlaskClient, str]:
        """Give somebody's browser and the token that its forms carry."""
        if login not in self.clients:
            self.clients[login] = signed_in(self.app, login) if login else self._nobody()
        return self.clients[login]

    def _nobody(self) -> tuple[FlaskClient, str]:
        client = self.app.test_client()
        return client, token_of(client.get("/sign-in").text)

    def fetch(self, login: str, method: str, path: str, **more: object) -> Got:
        client, token = self.client(login)
        if method == "POST":
            sent = {
                name: (io.BytesIO(value), f"{name}.png") if isinstance(value, bytes) else value
                for name, value in more.get("data", {}).items()
            }
            more["data"] = {**sent, "csrf_token": token}
        answer = client.open(path, method=method, **more)
        got = Got(answer.status_code, tuple(answer.headers), answer.get_data())
        answer.close()
        return got

    def tables(self) -> dict[str, list[tuple[object, ...]]]:
        """Give all that a blinded connection can read, in the order in which it stands."""
        with self.database.reading(Plane.OPEN) as connection:
            return {name: [tuple(row) for row in run(connection, f"SELECT * FROM {name}")] for name in OPEN_TABLES}

    def close(self) -> None:
        self.database.close()
        self.server.drop(self.url)


_apps: dict[str, Flask] = {}


def _app(name: str, door: Door, config: Config) -> Flask:
    """Give the pages over a door; they are put together once, and go on from one run to the next."""
    if name not in _apps:
        _apps[name] = create_app(door, config, b"x" * 32)
    _apps[name].extensions |= {
        "door": door,
        "config": config,
        "tries": Tries(),
        "tellings": Tellings(),
        "answers": answers(),
    }
    return _apps[name]


SHIFT = timedelta(hours=11)
"""After how long everybody signs in again, whoever was asked in between: an hour before their sign-ins end."""


@dataclass
class Twins:
    """Both copies, and what was compared so far."""

    seed: object
    ground: Ground
    pair: tuple[Twin, Twin]
    stream: Stream
    lines: Lines
    clock: time_machine.Traveller
    shift: datetime
    trouble: list[str]
    """What was found wrong deep inside, where an error would be taken for the product's own."""
    told: set[tuple[str, str]] = field(default_factory=set)
    """(login, path) of the answers to code breaks: one investigator's, and nobody else's."""
    asked: int = 0
    responses: int = 0
    bytes: int = 0
    routes: set[str] = field(default_factory=set)
    roles: set[str] = field(default_factory=set)

    # --- asking

    def both(self, login: str, method: str, path: str, **more: object) -> Got:
        """Ask both; raise `Difference` unless a blinded person got the same, and the open plane is the same."""
        self.asked += 1
        got = []
        for twin in self.pair:
            self.turn(twin, "ask", self.asked)
            got.append(twin.fetch(login, method, path, **more))
        self._no_trouble()
        if (login, path) in self.told:
            self._told(*got)
        elif self.blinded(login):
            self._compare(login, method, path, *got)
        self._answered(login, method, path, *got)
        return got[0]

    def _answered(self, login: str, method: str, path: str, *got: Got) -> None:
        """Raise for an answer that broke, though it broke in both: what is wrong in the product is not walked past."""
        for one in got:
            if one.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                message = f"{method} {path} as {login or 'nobody'} was answered {one.status}"
                raise Difference(message)

    def each(self, what: Callable[[Twin], None]) -> None:
        """Let the bench of each copy do something of its own; no log line may tell of it."""
        self.asked += 1
        for twin in self.pair:
            self.turn(twin, "bench", twin.name, self.asked)
            before = self.lines.of.setdefault(twin.name, [])[:]
            what(twin)
            self._no_trouble()
            if self.lines.of[twin.name] != before:
                message = f"the bench left a line in the log: {self.lines.of[twin.name][-1]}"
                raise Difference(message)

    def _told(self, one: Got, other: Got) -> None:
        """Make sure that who broke a code is told an arm: what is left out of the comparison is nothing else."""
        for got in (one, other):
            said = got.body.decode()
            if got.status != HTTPStatus.OK or dict(got.headers)["Cache-Control"] != "no-store" or "arm" not in said:
                self.trouble.append(f"a code break was answered {got.status}: {said[:200]}")
        self._no_trouble()

    def _no_trouble(self) -> None:
        if self.trouble:
            raise Difference(self.trouble[0])

    def turn(self, twin: Twin, *key: object) -> None:
        self.stream.begin(self.seed, *key)
        self.lines.current = twin.name

    def event(self, number: int) -> str:
        """Give an event id that both copies are asked with."""
        return str(UUID(bytes=SeededBytes(f"{self.seed}/{number}", "events")(16), version=4))

    def role(self, login: str) -> str:
        return next((str(one.role) for one in self.ground.cast.people if one.login == login), "nobody")

    def blinded(self, login: str) -> bool:
        return not sees_arm(self.role(login))

    def wait(self, **amount: float) -> None:
        """Let time pass; before a sign-in ends everybody signs in again."""
        self.clock.shift(timedelta(**amount))
        if self.now - self.shift > SHIFT:
            self.shift = self.now
            for twin in self.pair:
                twin.clients.clear()

    def forget(self, login: str) -> None:
        """Let somebody sign in again when next they ask."""
        for twin in self.pair:
            twin.clients.pop(login, None)

    def seen(self, path: str) -> str:
        """Give what an open page of a thing says that it has seen: the thing's version."""
        code = path.split("/")[2]
        with self.pair[0].database.reading(Plane.OPEN) as connection:
            kept = self.pair[0].door.stores[Plane.OPEN].thing(connection, code)
        return str(kept.version) if kept else ""

    @property
    def size(self) -> int:
        """Give the number of entries of the open log."""
        with self.pair[0].database.reading(Plane.OPEN) as connection:
            return self.pair[0].door.stores[Plane.OPEN].size(connection)

    @property
    def now(self):
        return self.pair[0].door.world.clock.now()

    # --- comparing

    def _compare(self, login: str, method: str, path: str, one: Got, other: Got) -> None:
        self.responses += 1
        self.bytes += len(one.body)
        self.roles.add(self.role(login))
        if one == other:
            return
        for name in Got._fields:
            if getattr(one, name) != getattr(other, name):
                message = f"{method} {path} as {login or 'nobody'}: {name}: {_first(one, other, name)}"
                raise Difference(message)

    def compare_open(self) -> None:
        """Raise `Difference` unless all that a blinded connection can read, and all log lines, are the same."""
        one, other = (twin.tables() for twin in self.pair)
        for name, rows in one.items():
            if rows != other[name]:
                pairs = zip(rows, other[name], strict=False)
                where = next((pair for pair in pairs if pair[0] != pair[1]), (len(rows), len(other[name])))
                message = f"table {name}: {str(where[0])[:400]} / {str(where[1])[:400]}"
                raise Difference(message)
        one, other = (self.lines.of.get(twin.name, []) for twin in self.pair)
        if one != other:
            message = f"log: {one[-1:]} / {other[-1:]}"
            raise Difference(message)


def _first(one: Got, other: Got, name: str) -> str:
    """Show where two responses differ."""
    if name != "body":
        return f"{getattr(one, name)} / {getattr(other, name)}"
    at = next((n for n, pair in enumerate(zip(one.body, other.body, strict=False)) if pair[0] != pair[1]), -1)
    return f"byte {at}: {one.body[max(at - 60, 0) : at + 60]!r} / {other.body[max(at - 60, 0) : at + 60]!r}"


# --- the world around both ----------------------------------------------------------------------


@contextmanager
def begun(ground: Ground, lists: Sequence[dict[str, tuple[str, ...]]], seed: object = 0) -> Iterator[Twins]:
    """Give both copies, each with its lists: by site, arms of as many places."""
    stream, lines, trouble = Stream(), Lines(), []
    with ExitStack() as stack:
        clock = time_machine.travel(ground.now, tick=False)
        traveller = stack.enter_context(clock)
        for patch in _assumed(stream, lines, trouble):
            stack.enter_context(patch)
        root = logging.getLogger()
        level = root.level
        root.addHandler(lines)
        root.setLevel(logging.INFO)
        stack.callback(root.setLevel, level)
        stack.callback(root.removeHandler, lines)
        pair = Twin("one", ground), Twin("other", ground)
        for twin in pair:
            stack.callback(twin.close)
        twins = Twins(seed, ground, pair, stream, lines, traveller, ground.now, trouble)
        for twin, arms in zip(pair, lists, strict=True):
            twins.turn(twin, "lists")
            statistician, asker = ground.cast.one(Role.STATISTICIAN), Asker(twin.door, stream)
            for site, places in arms.items():
                asker.ask(
                    statistician, LoadRandomisation(site=site, arms=places, blocks=(str(len(places)),), short=True)
                )
        twins.compare_open()
        yield twins


def _assumed(stream: Stream, lines: Lines, trouble: list[str]) -> Iterator[object]:
    """Yield what stands in for randomness, for commitments and for ML-DSA: see above."""
    yield mock.patch.object(os, "urandom", stream)
    yield mock.patch.object(random, "_urandom", stream)
    yield mock.patch("custody.record.work.commit", _hiding(lines, trouble))
    yield mock.patch.object(Signer, "sign", _sign)
    yield mock.patch("custody.people.passwords.fits", lru_cache(passwords.fits))  # the same few hundred times


def _hiding(lines: Lines, trouble: list[str]) -> Callable[[bytes, object], str]:
    """Give what stands for `commit`: it tells of a salt that is short, poor, or not new."""
    used: set[tuple[str, bytes]] = set()

    def commit(salt: bytes, value: object) -> str:
        del value
        if len(salt) != SALT_BYTES or len(set(salt)) < SALT_BYTES // 4 or (lines.current, salt) in used:
            trouble.append(f"a commitment hides nothing under the salt {salt.hex()}")
        used.add((lines.current, salt))
        return sha256(salt).hexdigest()

    return commit


_real_sign = Signer.sign


def _sign(self: Signer, message: bytes) -> bytes:
    if self.algorithm is Algorithm.ED25519:
        return _real_sign(self, message)
    return shake_256(message).digest(SIGNATURE_BYTES[Algorithm.ML_DSA_44])
