"""The tables as migrated: what the code declares, and kept by triggers whatever the statement."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import LargeBinary, inspect, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlmodel import AutoString, SQLModel

from custody.store import schema, tables
from custody.store.database import Database
from custody.store.triggers import APPEND_ONLY, HEADS, KEYS, MESSAGE

assert tables.OpenEvent
METADATA = SQLModel.metadata.tables
LENGTHS = {"hashes": 8192, "root": 32}


def row_of(table, number=1):
    """Give values that fit a table; every row with another number differs in each column."""

    def value(column):
        if isinstance(column.type, LargeBinary):
            return bytes([number]) * LENGTHS.get(column.name, 4)
        return f"text {number}" if isinstance(column.type, AutoString) else number

    return {column.name: value(column) for column in METADATA[table].columns} | (
        {"id": 1} if "id" in METADATA[table].columns else {}
    )


def insert(connection, table, **values):
    connection.execute(METADATA[table].insert().values(row_of(table) | values))


@pytest.fixture
def filled(made) -> Database:
    """Give a database with one row in each table."""
    with made.writing() as connection:
        for table in METADATA:
            insert(connection, table)
    return made


def everything(database):
    with database.writing() as connection:
        return {table: connection.execute(METADATA[table].select()).all() for table in METADATA}


def do(database, statement, values=None):
    with database.writing() as connection:
        connection.execute(text(statement) if isinstance(statement, str) else statement, values or {})


def changing(table, dialect):
    """Yield each way to change or remove the row of a table."""
    column = next(c.name for c in METADATA[table].columns if c.name != "id")
    key = ", ".join(c.name for c in METADATA[table].primary_key.columns)
    yield f"UPDATE {table} SET {column} = {column}"
    yield f"DELETE FROM {table}"
    again = f"INSERT INTO {table} SELECT * FROM {table} WHERE true"
    yield f"{again} ON CONFLICT ({key}) DO UPDATE SET {column} = excluded.{column}"
    if dialect == "sqlite":
        yield f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"
        yield f"REPLACE INTO {table} SELECT * FROM {table}"
        yield f"UPDATE OR REPLACE {table} SET {column} = {column}"
        yield f"UPDATE OR IGNORE {table} SET {column} = {column}"
    else:
        yield f"TRUNCATE {table} CASCADE"
        yield f"MERGE INTO {table} USING (SELECT 1) AS x ON true WHEN MATCHED THEN DELETE"
        yield f"WITH gone AS (DELETE FROM {table} RETURNING 1) SELECT * FROM gone"


def test_the_migrations_make_what_the_code_declares(database):
    upgrade(database)
    with database.writing() as connection:
        assert compare_metadata(MigrationContext.configure(connection), SQLModel.metadata) == []


def test_the_newest_migration_is_the_one_that_the_program_needs(database):
    files = ScriptDirectory(schema.__file__.replace("schema.py", "migrations"))
    assert files.get_heads() == [schema.HEAD]
    with database.writing() as connection:
        assert schema.version(connection) is None
        schema.upgrade(connection)
        assert schema.version(connection) == schema.HEAD
        schema.expect(connection)


def test_an_upgrade_of_tables_that_are_up_to_date_changes_nothing(filled):
    before = everything(filled)
    with filled.writing() as connection:
        schema.upgrade(connection)
    assert everything(filled) == before


def test_tables_of_another_version_are_refused(filled):
    for other in ("0000", "9999"):
        do(filled, f"UPDATE alembic_version SET version_num = '{other}'")
        with filled.writing() as connection, pytest.raises(schema.WrongSchema, match=f"{other}.*{schema.HEAD}"):
            schema.expect(connection)


def upgrade(database):
    with database.writing() as connection:
        schema.upgrade(connection)


def test_an_upgrade_that_fails_leaves_no_table(database, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr("custody.store.triggers.statements", lambda _: iter(["SELECT * FROM no_such_table"]))
        with pytest.raises(DBAPIError):
            upgrade(database)
    with database.writing() as connection:
        assert inspect(connection).get_table_names() == []
    upgrade(database)


def test_what_is_written_in_the_log_is_neither_changed_nor_deleted(filled):
    before = everything(filled)
    for table in (*APPEND_ONLY, "ledger"):
        for statement in changing(table, filled.dialect):
            with pytest.raises(DBAPIError, match=MESSAGE):
                do(filled, statement)
    assert everything(filled) == before


def test_no_row_of_the_log_is_replaced_in_a_connection_that_fires_no_trigger_of_a_replaced_row(sqlite, migrated):
    """As somebody writes there by other means: the pragma is the connection's own."""
    database = Database(migrated(sqlite))
    with database.writing() as connection:
        for table in METADATA:
            insert(connection, table)
        for table in HEADS:
            connection.exec_driver_sql(f"UPDATE {table} SET size = 10")
    before = everything(database)
    database.close()
    with closing(sqlite3.connect(database.url.database)) as other:
        assert other.execute("PRAGMA recursive_triggers").fetchone() == (0,)
        for table, keys in KEYS.items():
            for key in keys:
                new = row_of(table, 2) | {name: row_of(table)[name] for name in key.split(", ")}
                for insert_it in ("INSERT OR REPLACE", "REPLACE"):
                    statement = f"{insert_it} INTO {table} VALUES ({', '.join(map(':{}'.format, new))})"
                    with pytest.raises(sqlite3.IntegrityError, match=MESSAGE):
                        other.execute(statement, new)
        for table in HEADS:
            with pytest.raises(sqlite3.IntegrityError, match=MESSAGE):
                other.execute(f"REPLACE INTO {table} SELECT id, 9, root, note, recorded_at FROM {table}")
    assert everything(Database(database.url)) == before


def test_the_keys_by_which_a_row_is_not_replaced_are_those_of_the_tables():
    for table, keys in KEYS.items():
        made = METADATA[table]
        unique = [", ".join(made.primary_key.columns.keys()), *(c.name for c in made.columns if c.unique)]
        assert list(keys) == unique, table
    assert KEYS.keys() == {*APPEND_ONLY, "ledger"}


def test_every_table_of_a_log_is_kept_but_its_head_and_its_things():
    logs = {name for name in METADATA if name.startswith(("open_", "sealed_"))}
    assert logs - set(APPEND_ONLY) - set(HEADS) == {"open_thing", "sealed_thing"}


def test_a_head_moves_forward_only(filled):
    for table in HEADS:
        do(filled, f"UPDATE {table} SET size = 10")
        before = everything(filled)
        lower = f"INTO {table} SELECT id, 9, root, note, recorded_at FROM {table} WHERE true"
        for statement in (
            f"UPDATE {table} SET size = 9",
            f"DELETE FROM {table}",
            f"INSERT {lower} ON CONFLICT (id) DO UPDATE SET size = excluded.size",
            f"REPLACE {lower}" if filled.dialect == "sqlite" else f"TRUNCATE {table}",
        ):
            with pytest.raises(DBAPIError, match=MESSAGE):
                do(filled, statement)
        assert everything(filled) == before
        do(filled, f"UPDATE {table} SET size = 11")


IMPOSSIBLE = (
    ("open_event", {"place": -1}),
    ("open_event", {"event": "text 1"}),
    ("sealed_event", {"place": -1}),
    ("sealed_event", {"token": b"\x01" * 4}),
    ("open_tile", {"hashes": b"\x00" * 8191}),
    ("sealed_tile", {"hashes": b"\x00" * 8193}),
    ("open_head", {"id": 1}),
    ("open_head", {"id": 2}),
    ("sealed_head", {"id": 2}),
    ("ledger", {"id": 2}),
    ("open_thing", {"version": 0}),
    ("account", {"login": "text 1"}),
)


def test_a_row_that_cannot_be_is_refused(filled):
    for table, wrong in IMPOSSIBLE:
        with pytest.raises(IntegrityError):
            do(filled, METADATA[table].insert(), row_of(table, 2) | wrong)
    do(filled, "UPDATE open_head SET root = root")
    with pytest.raises(IntegrityError):
        do(filled, "UPDATE open_head SET root = :root", {"root": b""})
