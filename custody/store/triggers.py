"""Triggers that keep the log as it was written: entries, mentions and tiles are neither changed nor deleted.

They stop mistakes and simple tampering through the database; what they cannot stop (somebody who drops
them, or writes the file itself) the verification finds.
"""

from __future__ import annotations

from collections.abc import Iterator

APPEND_ONLY = tuple(f"{plane}_{table}" for plane in ("open", "sealed") for table in ("event", "mention", "tile"))
HEADS = ("open_head", "sealed_head")
MESSAGE = "the ledger is append-only"


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
    for table in HEADS:
        yield (
            f"CREATE TRIGGER {table}_forward BEFORE UPDATE ON {table} WHEN NEW.size < OLD.size "
            f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
        )
        yield f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"


def _postgresql() -> Iterator[str]:
    yield (
        "CREATE FUNCTION custody_refuse() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{MESSAGE}'; END $$"
    )
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
