"""Triggers that keep the log as it was written: entries, mentions and tiles are neither changed, replaced nor deleted.

An INSERT OR REPLACE of SQLite deletes the row that stands in its way, and fires the trigger of that deletion in a
connection with `recursive_triggers` alone, which is whoever writes's to choose: so a row that would stand in place of
another is refused before it is inserted. PostgreSQL has no such way: its ON CONFLICT DO UPDATE fires the trigger of an
update.

They stop mistakes and simple tampering through the database; what they cannot stop (somebody who drops
them, or writes the file itself) the verification finds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from sqlalchemy import Connection

APPEND_ONLY = tuple(f"{plane}_{table}" for plane in ("open", "sealed") for table in ("event", "mention", "tile"))
HEADS = ("open_head", "sealed_head")
MESSAGE = "the ledger is append-only"
KEYS = {
    "open_event": ("place", "event"),
    "open_mention": ("code, number",),
    "open_tile": ("level, number",),
    "sealed_event": ("place", "token"),
    "sealed_mention": ("token, number",),
    "sealed_tile": ("level, number",),
    "ledger": ("id",),
}
"""Of each table that is kept, the columns that no two rows have alike."""


def statements(dialect: str) -> Iterator[str]:
    """Yield the DDL for `sqlite` or `postgresql`."""
    return _sqlite() if dialect == "sqlite" else _postgresql()


def _sqlite() -> Iterator[str]:
    for table in (*APPEND_ONLY, "ledger"):
        for verb in ("UPDATE", "DELETE"):
            yield (
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
            )
    for table, keys in KEYS.items():
        yield _no_replace(table, " OR ".join(f"({key}) = ({_new(key)})" for key in keys))
    for table in HEADS:
        yield (
            f"CREATE TRIGGER {table}_forward BEFORE UPDATE ON {table} WHEN NEW.size < OLD.size "
            f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        )
        yield _no_replace(table, "size > NEW.size")
        yield f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"


def _no_replace(table: str, standing: str) -> str:
    """Refuse a row that would take the place of one that stands there; a head's own may, if it is not behind it."""
    return (
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {standing}) BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
    )


def _new(key: str) -> str:
    return ", ".join(f"NEW.{column}" for column in key.split(", "))


_REFUSAL: Final = f" BEGIN RAISE EXCEPTION '{MESSAGE}'; END "
"""Body of the function that PostgreSQL's triggers call."""


def _postgresql() -> Iterator[str]:
    yield f"CREATE FUNCTION custody_refuse() RETURNS trigger LANGUAGE plpgsql AS $${_REFUSAL}$$"
    for table in (*APPEND_ONLY, "ledger"):
        yield (
            f"CREATE TRIGGER {table}_keep BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION custody_refuse()"
        )
    for table in HEADS:
        yield (
            f"CREATE TRIGGER {table}_forward BEFORE UPDATE ON {table} FOR EACH ROW "
            "WHEN (NEW.size < OLD.size) EXECUTE FUNCTION custody_refuse()"
        )
        yield (
            f"CREATE TRIGGER {table}_keep BEFORE DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION custody_refuse()"
        )


# --- for verification: what there is ----------------------------------------------------------


class Differing(NamedTuple):
    """A trigger that is not as it was made."""

    name: str
    expected: str
    found: str


def differing(connection: Connection) -> Iterator[Differing]:
    """Yield each trigger that is missing, another one, switched off, or too many; on PostgreSQL their function too."""
    made = dict(map(_known, statements(connection.dialect.name)))
    there = dict(_there(connection))
    for name in sorted(made.keys() | there.keys()):
        expected, found = made.get(name, "none"), there.get(name, "none")
        if expected != found:
            yield Differing(name, expected, found)


def _known(statement: str) -> tuple[str, str]:
    """Give name and text of what a statement makes, as `_there` gives them."""
    if found := re.match(r"CREATE (?:FUNCTION|TRIGGER) (\w+)", statement):
        return found[1], _spelt(statement)
    raise ValueError(statement)


def _there(connection: Connection) -> Iterator[tuple[str, str]]:
    query = _SQLITE_THERE if connection.dialect.name == "sqlite" else _POSTGRESQL_THERE
    for name, statement in connection.exec_driver_sql(query):
        yield name, _spelt(statement)


def _spelt(statement: str) -> str:
    """Spell a statement in one way: PostgreSQL gives back the parts of what it was told in an order of its own."""
    text = " ".join(statement.replace("public.", "").split())
    verbs = re.search(r"BEFORE (\w+(?: OR \w+)*) ON", text)
    if verbs:
        text = text.replace(verbs[1], " OR ".join(sorted(verbs[1].split(" OR "))))
    return re.sub(r"\b(new|old)\.", lambda found: found[0].upper(), text).replace("((", "(").replace("))", ")")


_SQLITE_THERE: Final = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
_POSTGRESQL_THERE: Final = """
SELECT tgname, pg_get_triggerdef(pg_trigger.oid)
  || CASE WHEN tgenabled IN ('O', 'A') THEN '' ELSE ', switched off' END
FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid JOIN pg_namespace ON pg_namespace.oid = relnamespace
WHERE NOT tgisinternal AND nspname = 'public'
UNION ALL
SELECT proname, 'CREATE FUNCTION ' || proname || '() RETURNS trigger LANGUAGE plpgsql AS $$' || prosrc || '$$'
FROM pg_proc JOIN pg_namespace ON pg_namespace.oid = pronamespace
WHERE proname = 'custody_refuse' AND nspname = 'public'
"""
