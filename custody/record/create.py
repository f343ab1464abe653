"""Makes a ledger, and opens one: two acts that are never confused. Making refuses to overwrite."""

from __future__ import annotations

from datetime import UTC
from pathlib import Path
from uuid import UUID

from sqlalchemy import Connection

from custody import protocols
from custody.chain.administration import StartTrial
from custody.chain.things import Plane
from custody.record import keyring
from custody.record.door import Door
from custody.record.log import Log
from custody.record.request import Request
from custody.record.work import SYSTEM
from custody.record.world import World
from custody.store import identity, schema
from custody.store.database import Database
from custody.store.identity import Identity
from custody.store.open_store import OpenStore
from custody.store.plane import PlaneStore
from custody.store.sealed_store import SealedStore


class LedgerExists(FileExistsError):
    """A database or a key folder that already holds a ledger."""


class NoLedger(FileNotFoundError):
    """A database without a ledger."""


def create_ledger(database: Database, keys: Path, origin: str, protocol_file: Path, world: World | None = None) -> Door:
    """Make tables, keys and both logs, record the start of the trial, and give the door.

    Raises `LedgerExists`, or `custody.protocols.ProtocolError` before anything is made.
    """
    world = world or World()
    data = protocol_file.read_bytes()
    protocols.loads(data, protocol_file.name)
    with database.writing() as connection:
        if schema.version(connection) is not None:
            message = f"{database.url!r} already holds a ledger"
            raise LedgerExists(message)
        if keys.exists() and any(keys.iterdir()):
            message = f"{keys} already holds keys"
            raise LedgerExists(message)
        schema.upgrade(connection)
        ring = keyring.create(keys, origin)
        identity.write(connection, Identity(origin, protocol_file.name, data))
        for plane, store in stores_of(ring).items():
            log = Log.create(keyring.origin_of(origin, plane), store, ring.signers[plane])
            store.write_head(connection, log.sign())
    return open_door(database, keys, world)


def open_door(database: Database, keys: Path, world: World | None = None) -> Door:
    """Open the ledger of a database: read its protocol and keys, and verify the tails of both logs.

    A ledger without any entry is a new one: its trial starts.
    Raises `NoLedger`, `WrongSchema`, `KeysMissing`, `TailBroken`.
    """
    with database.writing() as connection:
        if schema.version(connection) is None:
            message = f"{database.url!r} holds no ledger: make one with `custody init`"
            raise NoLedger(message)
        schema.expect(connection)
        known = identity.read(connection)
    origin, protocol = known.origin, protocols.loads(known.protocol, known.protocol_name)
    ring = keyring.load(keys, origin)
    stores = stores_of(ring)

    def open_log(plane: Plane, connection: Connection) -> Log:
        return Log.open(keyring.origin_of(origin, plane), stores[plane], ring.signers[plane], connection)

    door = Door(database, open_log, stores, protocol, world or World())
    door.start()
    with database.reading(Plane.OPEN) as connection:
        head = stores[Plane.OPEN].head(connection)
    if head is not None and head.size == 0:
        _start(door, origin)
    return door


def stores_of(ring: keyring.Keyring) -> dict[Plane, PlaneStore]:
    """Give both planes' stores."""
    return {Plane.OPEN: OpenStore(), Plane.SEALED: SealedStore(ring.vault)}


def _start(door: Door, origin: str) -> None:
    now = door.world.clock.now().astimezone(UTC)
    event = str(UUID(bytes=door.world.random_bytes(16), version=4))
    command = StartTrial(origin=origin)
    door.submit(
        Request(event=event, step="start_trial", actor=SYSTEM.code, command=command, occurred_at=now, received_at=now)
    )
