"""Connections: one that writes, for the door; readers of either plane, which can do nothing else.

- SQLite: its files are their owner's alone (0600), whatever umask and folder. WAL, `synchronous=FULL`,
  `BEGIN IMMEDIATE` for the writer, who commits to no file that is not in its place any more. Readers are `query_only`,
  and each has an authorizer that allows to read the tables of its plane and refuses all else.
- PostgreSQL: the writer takes an advisory lock. Readers are read-only, and each acts in a role that is granted the
  tables of its plane.

A blinded page that asks for a sealed table so gets an error, not a leak.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from custody.chain.things import Plane

WRITER_LOCK: Final = 0x637573746F6479
"""The advisory lock of PostgreSQL under which the one writer commits ("custody" in ASCII)."""
ACCOUNTS: Final = "accounts"
OPEN_TABLES: Final = ("open_event", "open_mention", "open_tile", "open_head", "open_thing", "ledger")
SEALED_TABLES: Final = ("sealed_event", "sealed_mention", "sealed_tile", "sealed_head", "sealed_thing")
MAY_READ: Final = {
    Plane.OPEN: OPEN_TABLES,
    Plane.SEALED: OPEN_TABLES + SEALED_TABLES,
    ACCOUNTS: ("account", "open_thing"),
}
"""What each kind of reader may read; a table that is not named is nobody's. `account` is for sign-in alone."""
ROLES: Final = {Plane.OPEN: "custody_blinded", Plane.SEALED: "custody_unblinded", ACCOUNTS: "custody_sign_in"}
"""The readers' roles on PostgreSQL."""
POOL: Final = 16
WAIT_S: Final = 30

WRITTEN_AHEAD: Final = "written ahead"
"""Under this name a connection knows which file its write-ahead log is."""

Raw = Any
Identity = tuple[int, int]
"""Device and number: a file keeps them when it is renamed, and another file has others."""


class NotInPlace(RuntimeError):
    """The database's file is gone, or another: what is written to the one that is open would be lost."""


class Database:
    """The database of one ledger, by its URL (`sqlite:///...` or `postgresql://...`)."""

    def __init__(self, url: str) -> None:
        """Prepare the engines; nothing is opened yet."""
        parsed = make_url(url)
        if parsed.drivername == "postgresql":
            parsed = parsed.set(drivername="postgresql+psycopg")
        self.url = parsed
        self.dialect = parsed.get_backend_name()
        self._place = _Place(file) if (file := _file(parsed)) else None
        writer, reader = _SETUPS[self.dialect]
        self._writer = self._engine(writer, 4)
        self._readers = {name: self._engine(reader(name), POOL) for name in MAY_READ}
        self._afresh = self._engine(reader(ACCOUNTS), 0) if self._place else self._readers[ACCOUNTS]

    def _engine(self, setup: Callable[[Raw], None], size: int) -> Engine:
        """Give an engine that keeps so many connections open; with none, each is a new one."""
        pool: dict[str, Any] = {"pool_size": size, "max_overflow": size, "pool_timeout": WAIT_S}
        extra: dict[str, Any] = {"pool_pre_ping": True}  # a server that was started anew is simply connected to again
        if self.dialect == "sqlite":
            extra = {"connect_args": {"check_same_thread": False, "timeout": WAIT_S}, "paramstyle": "named"}
        engine = create_engine(self.url, **(pool if size else {"poolclass": NullPool}), **extra)

        if place := self._place:
            event.listen(engine, "do_connect", lambda *_: place.opening())
            event.listen(engine, "connect", lambda *_: place.opened())

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
                if self._place:
                    self._place.writing(connection.info)
                yield connection
                if self._place:
                    self._place.writing(connection.info)
                connection.commit()
            except BaseException:
                connection.invalidate()  # closed, not pooled: no later commit can revive what this one left
                raise

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
    def inspecting(self) -> Iterator[Connection]:
        """Give a connection that reads the schema as well, for a verification; it takes no lock and commits nothing."""
        with self._writer.connect() as connection:
            if self.dialect == "sqlite":
                connection.exec_driver_sql("BEGIN")
            try:
                yield connection
            finally:
                connection.rollback()

    def in_place(self) -> None:
        """Raise `NotInPlace` unless an SQLite database's file is the one that was opened."""
        if self._place:
            self._place.check()

    @contextmanager
    def afresh(self) -> Iterator[Connection]:
        """Give a connection as for sign-in; of an SQLite file a new one: others remember pages that may be ruined."""
        with self._afresh.connect() as connection:
            yield connection

    @contextmanager
    def signing_in(self) -> Iterator[Connection]:
        """Give a connection that reads accounts and nothing else."""
        with self._readers[ACCOUNTS].connect() as connection:
            yield connection

    def close(self) -> None:
        """Close all connections."""
        for engine in (self._writer, *self._readers.values(), self._afresh):
            engine.dispose()


def refused(error: DBAPIError) -> bool:
    """Say whether the database refused a connection what its plane may not see."""
    text = str(error.orig)
    return "prohibited" in text or "not authorized" in text or "permission denied" in text


# --- SQLite -----------------------------------------------------------------------------------


def _file(url: URL) -> Path | None:
    """Give the file of an SQLite database; None for one in memory, and for PostgreSQL."""
    name = url.database or ":memory:"
    return None if url.get_backend_name() != "sqlite" or name.startswith((":", "file:")) else Path(name)


class _Place:
    """Where an SQLite database's file stands, and which file stood there when it was first opened."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._first: Identity | None = None
        self._lost = ""

    def opening(self) -> None:
        """Have the file before SQLite opens it; once it was there, none is made in its stead."""
        if self._first is not None:
            self.check()
        _keep_private(self._file)

    def opened(self) -> None:
        """Remember which file it is: once it is open, for some file systems copy it when it is opened to be written."""
        self._first = self._first or self._now()

    def writing(self, connection: dict[str, Any]) -> None:
        """Raise `NotInPlace` unless a connection writes to the files that stand here; `connection` is what it knows.

        What is committed stands in the write-ahead log first. As long as a connection is open, SQLite keeps that file.
        """
        self.check()
        file = self._file.resolve()  # SQLite writes beside the file itself, wherever a link to it stands
        log = _identity(file.with_name(f"{file.name}-wal"))
        if connection.setdefault(WRITTEN_AHEAD, log) not in {None, log}:
            self._lost = (
                f"{self._file}-wal was taken away while it was written to: stop the service, and look at a copy"
            )
            self.check()

    def check(self) -> None:
        if self._lost:
            raise NotInPlace(self._lost)
        if self._first is not None and self._first != self._now():
            message = f"expected {self._file} as it was opened, found {'another file' if self._now() else 'none'}"
            raise NotInPlace(message)

    def _now(self) -> Identity | None:
        return _identity(self._file)


def _identity(file: Path) -> Identity | None:
    try:
        found = file.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _keep_private(file: Path) -> None:
    """Have the file for its owner alone before SQLite opens it; SQLite gives its companions the same mode.

    A file that is there is not opened: to close it would drop the locks that SQLite holds on it in this process.
    """
    with suppress(FileExistsError):
        os.close(os.open(file, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        return
    for one in (file, *(file.with_name(f"{file.name}-{suffix}") for suffix in ("wal", "shm"))):
        with suppress(FileNotFoundError, PermissionError):  # not there, or another user's, who alone can change it
            if one.stat().st_mode & 0o077:
                one.chmod(0o600)


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


_HARMLESS: Final = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_TRANSACTION})
"""What a reader does besides reading a table."""


def _sqlite_reader(name: str) -> Callable[[Raw], None]:
    tables = frozenset(MAY_READ[name])

    def authorize(action: int, table: str | None, *_: str | None) -> int:
        allowed = table in tables if action == sqlite3.SQLITE_READ else action in _HARMLESS
        return sqlite3.SQLITE_OK if allowed else sqlite3.SQLITE_DENY

    def setup(raw: sqlite3.Connection) -> None:
        raw.isolation_level = None
        raw.execute("PRAGMA query_only=ON")
        raw.set_authorizer(authorize)

    return setup


# --- PostgreSQL -------------------------------------------------------------------------------


def _postgresql_writer(raw: Raw) -> None:
    """Make sure of what the door relies on, whatever the server's own settings are."""
    raw.execute("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED")
    raw.execute("SET synchronous_commit = on")
    raw.commit()


def _postgresql_reader(name: str) -> Callable[[Raw], None]:
    def setup(raw: Raw) -> None:
        raw.execute("SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        raw.execute(f"SET ROLE {ROLES[name]}")
        raw.commit()

    return setup


_SETUPS: Final = {
    "sqlite": (_sqlite_writer, _sqlite_reader),
    "postgresql": (_postgresql_writer, _postgresql_reader),
}
"""What prepares a connection of the writer, and of each kind of reader."""


def grants() -> Iterator[str]:
    """Yield what gives each of PostgreSQL's roles its tables and nothing else."""
    for name, role in ROLES.items():
        yield (
            f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') "
            f"THEN CREATE ROLE {role} NOLOGIN; END IF; END $$"
        )
        yield f"GRANT {role} TO CURRENT_USER"
        yield f"GRANT USAGE ON SCHEMA public TO {role}"
        yield f"GRANT SELECT ON {', '.join(MAY_READ[name])} TO {role}"
