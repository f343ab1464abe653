"""Somebody who has the database in their hands: drops the triggers, and writes what they like."""

from __future__ import annotations

from contextlib import contextmanager

from sqlalchemy import text
from sqlmodel import SQLModel

_TRIGGERS = "SELECT name FROM sqlite_schema WHERE type = 'trigger'"


def unguard(connection):
    """Take all triggers away, for this transaction and after it."""
    if connection.dialect.name == "sqlite":
        for (name,) in connection.execute(text(_TRIGGERS)).all():
            connection.execute(text(f"DROP TRIGGER {name}"))
        return
    for table in SQLModel.metadata.tables:
        connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))


@contextmanager
def tampered(database, *statements):
    """Give a connection that sees the database as it is after some statements, and undo them at the end."""
    with database.writing() as connection:
        unguard(connection)
        for statement, values in statements:
            assert connection.execute(text(statement), values).rowcount, "a statement that changed nothing"
        try:
            yield connection
        finally:
            connection.rollback()


def tamper(database, statement, **values):
    """Change the database for good."""
    with database.writing() as connection:
        unguard(connection)
        assert connection.execute(text(statement), values).rowcount, "a statement that changed nothing"
