"""What there is, against what the code declares: which tables, and of which type each of their values is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Connection, Integer, LargeBinary, Table
from sqlmodel import SQLModel

import custody.store.tables  # noqa: F401 - declares them
from custody.store.typed import Mistyped, place

TABLES: Final = SQLModel.metadata.sorted_tables
MIGRATED: Final = "alembic_version"
TYPES: Final[dict[str, type]] = {"blob": bytes, "integer": int, "text": str, "real": float, "null": type(None)}
"""By what SQLite calls them."""


def differing_tables(connection: Connection) -> Iterator[tuple[str, str, str]]:
    """Yield each table or view that is missing or not ours: (name, expected, found)."""
    query = _SQLITE_THERE if connection.dialect.name == "sqlite" else _POSTGRESQL_THERE
    there = {name for (name,) in connection.exec_driver_sql(query)}
    ours = {MIGRATED, *(table.name for table in TABLES)}
    for name in sorted(ours - there):
        yield name, "a table", "none"
    for name in sorted(there - ours):
        yield name, "nothing of this name", "a table or view"


def mistyped(connection: Connection) -> Iterator[Mistyped]:
    """Yield each value of another type than its column's; PostgreSQL has none."""
    if connection.dialect.name == "sqlite":
        for table in TABLES:
            yield from _mistyped(connection, table)


def _mistyped(connection: Connection, table: Table) -> Iterator[Mistyped]:
    kinds = {column.name: _kind(column.type) for column in table.columns}
    names = {kind: name for name, kind in TYPES.items()}
    wrong = " OR ".join(f"typeof({column}) <> '{names[kind]}'" for column, kind in kinds.items())
    keys = [column.name for column in table.primary_key.columns]
    asked = ", ".join([*keys, *(f"typeof({column})" for column in kinds)])
    for row in connection.exec_driver_sql(f"SELECT {asked} FROM {table.name} WHERE {wrong}"):
        for (column, kind), name in zip(kinds.items(), row[len(keys) :], strict=True):
            if (found := TYPES[name]) is not kind:
                yield Mistyped(place(table.name, tuple(row[: len(keys)])), column, kind, found)


def _kind(declared: Any) -> type:
    if isinstance(declared, LargeBinary):
        return bytes
    return int if isinstance(declared, Integer) else str


_SQLITE_THERE: Final = (
    "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
)
_POSTGRESQL_THERE: Final = """
SELECT relname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE nspname = 'public' AND relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT EXISTS (
  SELECT FROM pg_depend WHERE classid = 'pg_class'::regclass AND objid = pg_class.oid AND deptype = 'e')
"""
"""But what an extension brought."""
