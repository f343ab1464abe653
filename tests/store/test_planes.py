"""What each kind of connection can and cannot touch: every table there is, on both databases."""

from __future__ import annotations

import os
from contextlib import contextmanager

import pytest
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from custody.chain.things import Plane
from custody.store import database as databases
from custody.store import tables
from custody.store.database import ACCOUNTS, MAY_READ, Database, refused

assert tables.OpenEvent
TABLES = sorted({*SQLModel.metadata.tables, "alembic_version"})
READS = (
    "SELECT * FROM {}",
    "SELECT count(*) FROM {}",
    "SELECT 1 WHERE EXISTS (SELECT 1 FROM {})",
    "SELECT (SELECT count(*) FROM {}) FROM ledger",
    "SELECT 1 FROM ledger UNION ALL SELECT 1 FROM {}",
    "WITH x AS (SELECT * FROM {}) SELECT count(*) FROM x",
)
WRITES = ("DELETE FROM {}", "INSERT INTO {} SELECT * FROM {}", "DROP TABLE {}", "CREATE INDEX i ON {} (1)")


@contextmanager
def reader(database, name):
    with database.signing_in() if name == ACCOUNTS else database.reading(Plane(name)) as connection:
        yield connection


def test_every_table_is_the_open_planes_or_the_sealed_ones_or_for_sign_in_alone():
    named = {*MAY_READ[Plane.SEALED], *MAY_READ[ACCOUNTS]}
    assert named == SQLModel.metadata.tables.keys()
    assert set(MAY_READ[Plane.OPEN]) == {name for name in named if name.startswith("open_")} | {"ledger"}


@pytest.mark.parametrize("name", MAY_READ)
def test_a_reader_reads_its_tables_and_no_other(made, name):
    for table in TABLES:
        for read in READS:
            query = text(read.format(table))
            with reader(made, name) as connection:
                if table in MAY_READ[name] and ("ledger" not in read or "ledger" in MAY_READ[name]):
                    connection.execute(query).all()
                    continue
                with pytest.raises(DBAPIError) as caught:
                    connection.execute(query)
                assert refused(caught.value), (table, read, caught.value)


@pytest.mark.parametrize("name", MAY_READ)
@pytest.mark.parametrize("write", WRITES)
def test_a_reader_writes_nothing(made, name, write):
    for table in TABLES:
        with reader(made, name) as connection, pytest.raises(DBAPIError):
            connection.execute(text(write.format(*[table] * write.count("{}"))))


@pytest.mark.parametrize("name", MAY_READ)
def test_a_reader_finds_no_way_around_on_sqlite(sqlite, migrated, name):
    database = databases.Database(migrated(sqlite))
    for around in (
        "PRAGMA query_only=OFF",
        "PRAGMA table_info(sealed_event)",
        "SELECT * FROM pragma_table_info('sealed_event')",
        f"ATTACH '{database.url.database}' AS again",
        "SELECT * FROM dbstat",
        "SELECT * FROM sqlite_schema",
        "CREATE TEMP VIEW v AS SELECT * FROM sealed_event",
        "SELECT load_extension('x')",
        "VACUUM INTO '/dev/null'",
        "REINDEX",
    ):
        with reader(database, name) as connection, pytest.raises(DBAPIError):
            connection.exec_driver_sql(around)
    database.close()


@pytest.mark.parametrize("name", MAY_READ)
def test_a_reader_acts_in_a_role_without_any_other_grant_on_postgresql(postgresql, migrated, name):
    database = databases.Database(migrated(postgresql))
    query = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'v')"
    allowed = set()
    with reader(database, name) as connection:
        for (table,) in connection.execute(text(query)).all():
            for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER"):
                question = text("SELECT has_table_privilege(:table, :right)")
                if connection.execute(question, {"table": table, "right": right}).scalar_one():
                    allowed.add((table, right))
        rights = "rolsuper, rolcreaterole, rolcreatedb, rolbypassrls"
        query = text(f"SELECT rolname, {rights} FROM pg_roles WHERE rolname = current_user")
        role = connection.execute(query).one()
    assert tuple(role) == (databases.ROLES[name], False, False, False, False)
    assert allowed == {(table, "SELECT") for table in MAY_READ[name]}
    database.close()


@pytest.mark.parametrize("plane", Plane)
def test_a_reader_sees_one_state_until_it_is_done(made, plane):
    grow = text("INSERT INTO account VALUES ('p', 'l', 's', 0)")
    ledger = text("INSERT INTO ledger VALUES (1, 'o', 'p', 'x')")
    count = text("SELECT count(*) FROM ledger")
    with made.reading(plane) as connection:
        before = connection.execute(count).scalar_one()
        with made.writing() as writer:
            writer.execute(ledger)
            writer.execute(grow)
        assert connection.execute(count).scalar_one() == before == 0
    with made.reading(plane) as connection:
        assert connection.execute(count).scalar_one() == 1


def test_what_a_writer_did_before_an_error_is_undone(made):
    def fail():
        with made.writing() as connection:
            connection.execute(text("INSERT INTO account VALUES ('p', 'l', 's', 0)"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with made.signing_in() as connection:
        assert connection.execute(text("SELECT count(*) FROM account")).scalar_one() == 0


def test_what_is_committed_outlives_a_power_failure_on_sqlite(sqlite, migrated):
    """No kill of a process shows it: only the disk's own loss does. 2 is FULL."""
    database = Database(migrated(sqlite))
    with database.writing() as connection:
        kept = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("journal_mode", "synchronous")
        }
    database.close()
    assert kept == {"journal_mode": "wal", "synchronous": 2}


def test_what_is_committed_outlives_a_power_failure_on_postgresql_whatever_its_own_setting(postgresql, migrated):
    url = migrated(postgresql)
    postgresql.run(f"ALTER DATABASE {make_url(url).database} SET synchronous_commit = off")
    database = Database(url)
    with database.writing() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "on"
    database.close()
    postgresql.drop(url)


def test_the_files_of_sqlite_are_their_owners_alone_whatever_the_umask(tmp_path):
    file, before = tmp_path / "custody.db", os.umask(0)
    try:
        write_a_table(file, "one")
        file.chmod(0o644)  # as an earlier version left it
        modes = write_a_table(file, "two")
    finally:
        os.umask(before)
    assert modes == {"custody.db": 0o600, "custody.db-wal": 0o600, "custody.db-shm": 0o600}


def write_a_table(file, name):
    """Write to a database, and give the modes of its files while it is open."""
    database = Database(f"sqlite:///{file}")
    with database.writing() as connection:
        connection.execute(text(f"CREATE TABLE {name} (x INTEGER)"))
    modes = {path.name: path.stat().st_mode & 0o777 for path in file.parent.iterdir()}
    database.close()
    return modes
