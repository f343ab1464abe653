"""Connections: one that writes, for the door; readers of either plane, which can do nothing else.

- SQLite: WAL, `synchronous=FULL`, `BEGIN IMMEDIATE` for the writer. A reader of the open plane has an
  authorizer that refuses sealed tables; readers are `query_only`.
- PostgreSQL: the writer takes an advisory lock; readers are read-only, those of the open plane act in a role
  that has no grant on sealed tables.

A blinded page that asks for a sealed table so gets an error, not a leak.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError

from custody.chain.things import Plane

WRITER_LOCK: Final = 0x637573746F6479
"""The advisory lock of PostgreSQL under which the one writer commits ("custody" in ASCII)."""
BLINDED_ROLE: Final = "custody_blinded"
SECRET_TABLES: Final = ("account",)
"""Neither plane's: read by sign-in alone."""
ACCOUNTS: Final = "accounts"
POOL: Final = 16
WAIT_S: Final = 30

Raw = Any


class Database:
    """The database of one ledger, by its URL (`sqlite:///...` or `postgresql://...`)."""

    def __init__(self, url: str) -> None:
        """Prepare the engines; nothing is opened yet."""
        parsed = make_url(url)
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.url = parsed
        self.dialect = parsed.get_backend_name()
        setups = _SQLITE if self.dialect == "sqlite" else _POSTGRESQL
        self._writer = self._engine(setups["writer"], 4)
        self._readers = {name: self._engine(setups[name], POOL) for name in (*Plane, ACCOUNTS)}

    def _engine(self, setup: Callable[[Raw], None], size: int) -> Engine:
        extra = {"connect_args": {"check_same_thread": False, "timeout": WAIT_S}} if self.dialect == "sqlite" else {}
        engine = create_engine(self.url, pool_size=size, max_overflow=size, pool_timeout=WAIT_S, **extra)

        @event.listens_for(engine, "connect")
        def connected(raw: Raw, _record: object) -> None:
            setup(raw)

        return engine

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give the one writing connection, in a transaction that commits at the end."""
        with self._writer.connect() as connection:
            if self.dialect == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            else:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")
            try:
                yield connection
            except BaseException:
                connection.rollback()
                raise
            connection.commit()

    @contextmanager
    def reading(self, plane: Plane) -> Iterator[Connection]:
        """Give a connection that reads one consistent state of what this plane may see."""
        with self._readers[plane].connect() as connection:
            if self.dialect == "sqlite":
                connection.exec_driver_sql("BEGIN")
            try:
                yield connection
            finally:
                connection.rollback()

    @contextmanager
    def signing_in(self) -> Iterator[Connection]:
        """Give a connection that reads accounts and nothing else."""
        with self._readers[ACCOUNTS].connect() as connection:
            yield connection

    def close(self) -> None:
        """Close all connections."""
        for engine in (self._writer, *self._readers.values()):
            engine.dispose()


def refused(error: DBAPIError) -> bool:
    """Say whether the database refused a connection what its plane may not see."""
    text = str(error.orig)
    return "prohibited" in text or "not authorized" in text or "permission denied" in text


# --- SQLite -----------------------------------------------------------------------------------


def _sqlite_writer(raw: sqlite3.Connection) -> None:
    raw.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        "recursive_triggers=ON",
        "cache_size=-32000",
    ):
        raw.execute(f"PRAGMA {pragma}")


def _sqlite_sealed(raw: sqlite3.Connection) -> None:
    raw.isolation_level = None
    raw.execute("PRAGMA query_only=ON")
    raw.set_authorizer(_authorize_sealed)


def _sqlite_open(raw: sqlite3.Connection) -> None:
    raw.isolation_level = None
    raw.execute("PRAGMA query_only=ON")
    raw.set_authorizer(_authorize_open)


def _authorize_open(action: int, table: str | None, *_: str | None) -> int:
    """Refuse a blinded connection every sealed table, and all that could lead around this."""
    if action in {sqlite3.SQLITE_PRAGMA, sqlite3.SQLITE_ATTACH}:
        return sqlite3.SQLITE_DENY
    if table and (table.startswith("sealed_") or table in SECRET_TABLES):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _authorize_sealed(action: int, table: str | None, *_: str | None) -> int:
    if action in {sqlite3.SQLITE_PRAGMA, sqlite3.SQLITE_ATTACH} or table in SECRET_TABLES:
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _sqlite_accounts(raw: sqlite3.Connection) -> None:
    raw.isolation_level = None
    raw.execute("PRAGMA query_only=ON")
    raw.set_authorizer(_authorize_accounts)


def _authorize_accounts(action: int, table: str | None, *_: str | None) -> int:
    if action == sqlite3.SQLITE_SELECT or (action == sqlite3.SQLITE_READ and table in SECRET_TABLES):
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


_SQLITE: Final[dict[str, Callable[[Raw], None]]] = {
    "writer": _sqlite_writer,
    ACCOUNTS: _sqlite_accounts,
    Plane.OPEN: _sqlite_open,
    Plane.SEALED: _sqlite_sealed,
}


# --- PostgreSQL -------------------------------------------------------------------------------


def _postgresql_reader(raw: Raw) -> None:
    raw.execute("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    raw.commit()


def _postgresql_open(raw: Raw) -> None:
    _postgresql_reader(raw)
    raw.execute(f"SET ROLE {BLINDED_ROLE}")
    raw.commit()


_POSTGRESQL: Final[dict[str, Callable[[Raw], None]]] = {
    "writer": lambda _: None,
    ACCOUNTS: _postgresql_reader,
    Plane.OPEN: _postgresql_open,
    Plane.SEALED: _postgresql_reader,
}


def grants() -> Iterator[str]:
    """Yield what gives PostgreSQL's blinded role the open plane and nothing else."""
    yield (
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{BLINDED_ROLE}') "
        f"THEN CREATE ROLE {BLINDED_ROLE} NOLOGIN; END IF; END $$"
    )
    yield f"GRANT {BLINDED_ROLE} TO CURRENT_USER"
    yield f"GRANT USAGE ON SCHEMA public TO {BLINDED_ROLE}"
    for table in ("open_event", "open_mention", "open_tile", "open_head", "open_thing", "ledger"):
        yield f"GRANT SELECT ON {table} TO {BLINDED_ROLE}"
