"""The ledger in use: where it is, by arguments or by the environment, and its door."""

# ruff: noqa: PLC0415 - what a command needs is imported when it runs: others start faster

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from custody.cli.failing import Refused, Wrong
from custody.cli.saying import error
from custody.config import Config

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from custody.chain.protocol import Protocol
    from custody.chain.things import Plane, Thing
    from custody.record.door import Door
    from custody.store.database import Database
    from custody.store.plane import PlaneStore
    from custody.trace import Sight

Commands = Any
"""argparse's own class for this has no public name."""


def add_place(command: argparse.ArgumentParser) -> None:
    """Let a command say where its ledger is."""
    place = command.add_argument_group("where the ledger is")
    place.add_argument("--data", metavar="DIR", help="folder of the database and of the keys")
    place.add_argument("--database", metavar="URL", help="sqlite:///FILE or postgresql://USER@HOST/NAME")
    place.add_argument("--keys", metavar="DIR", help="folder of the private keys")


def settings(given: argparse.Namespace) -> Config:
    """Read arguments and environment: arguments count first."""
    names = {"CUSTODY_DATA": "data", "CUSTODY_DATABASE_URL": "database", "CUSTODY_KEYS": "keys"}
    said = {variable: getattr(given, name) for variable, name in names.items() if getattr(given, name, None)}
    return Config.read({**os.environ, **said})


def sqlite_file(url: str) -> Path | None:
    """Give the file of an SQLite URL, None for another database; raise `Wrong` for what is no URL of either."""
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        parsed = make_url(url)
    except ArgumentError as wrong:
        message = f"expected sqlite:///FILE or postgresql://USER@HOST/NAME, found {url!r}"
        raise Wrong(message) from wrong
    backend = parsed.get_backend_name()
    if backend not in {"sqlite", "postgresql"} or (backend == "sqlite" and not parsed.database):
        message = f"expected sqlite:///FILE or postgresql://USER@HOST/NAME, found {url!r}"
        raise Wrong(message)
    return Path(parsed.database or "") if backend == "sqlite" else None


def database_of(config: Config) -> Database:
    """Give the database, which has to be there; nothing is made by looking for it."""
    from custody.store.database import Database

    file = sqlite_file(config.database_url)
    if file is not None and not file.is_file():
        message = f"no ledger at {file}: make one with `custody init`, or name it with --data or --database"
        raise Wrong(message)
    return Database(config.database_url)


def warn_of_readers(config: Config) -> None:
    """Say where others than the owner may look into the folder of the database or of the keys."""
    file = sqlite_file(config.database_url)
    for folder in sorted({*([file.absolute().parent] if file else []), config.keys}):
        mode = folder.stat().st_mode & 0o777
        if mode & 0o077:
            error(f"warning: {folder} is open to others ({mode:04o}): expected 0700, `chmod 700 {folder}`")


def refuse_existing(config: Config) -> None:
    """Raise `Refused` where a ledger's file or keys are."""
    file = sqlite_file(config.database_url)
    if file is not None and file.exists():
        message = f"{file} is there already: a ledger is never overwritten"
        raise Refused(message)
    if config.keys.exists() and any(config.keys.iterdir()):
        message = f"{config.keys} holds keys already: keys are never overwritten"
        raise Refused(message)


@contextmanager
def opened(config: Config) -> Iterator[Door]:
    """Open the door of the ledger in use, and close its database afterwards."""
    from custody.record.create import open_door

    database = database_of(config)
    try:
        yield open_door(database, config.keys)
    finally:
        database.close()


@dataclass(frozen=True, slots=True)
class View:
    """What is seen of a ledger: a connection, and the stores of the planes that it may read."""

    connection: Connection
    stores: Mapping[Plane, PlaneStore]

    def look_up(self, code: str) -> list[Thing]:
        """Give the halves of a code that are seen."""
        return self.sight.look_up(code)

    @property
    def sight(self) -> Sight:
        """Give what a trace sees."""
        from custody.trace import Sight as Traced

        return Traced(self.connection, self.stores)

    @property
    def plane(self) -> Plane:
        """Give the plane that is seen: the open one alone, or the sealed one as well."""
        from custody.chain.things import Plane as Planes

        return Planes.SEALED if Planes.SEALED in self.stores else Planes.OPEN

    @property
    def protocol(self) -> Protocol:
        """Give the trial's protocol."""
        from custody import protocols
        from custody.store import identity

        known = identity.read(self.connection)
        return protocols.loads(known.protocol, known.protocol_name)


def add_as_blinded(command: argparse.ArgumentParser) -> None:
    """Let a command show what a blinded person may see, whatever keys are there."""
    command.add_argument("--as-blinded", action="store_true", help="the open plane alone, as without the keys")


@contextmanager
def viewing(config: Config, *, as_blinded: bool) -> Iterator[View]:
    """Give a view of the ledger in use: of both planes where its keys are, else of the open one, which needs none."""
    from custody.chain.things import Plane as Planes
    from custody.store.open_store import OpenStore

    if not as_blinded and (config.keys / "vault.key").is_file():
        with opened(config) as door, door.database.reading(Planes.SEALED) as connection:
            yield View(connection, door.stores)
        return
    database = database_of(config)
    try:
        with database.reading(Planes.OPEN) as connection:
            yield View(connection, {Planes.OPEN: OpenStore()})
    finally:
        database.close()


def protocol_file(name: str) -> Path:
    """Give the file of a protocol: a path, or the name of one that is shipped."""
    from custody import protocols

    shipped = protocols.builtin()
    path = Path(name)
    if not path.exists() and name in shipped:
        return shipped[name]
    if not path.is_file():
        message = f"no protocol file {name}: expected a file, or one of {', '.join(shipped)}"
        raise Wrong(message)
    return path
