"""What a database finds wrong with itself: SQLite looks through its own file; PostgreSQL has a tool beside it."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection
from sqlalchemy.exc import DatabaseError


class Looked(NamedTuple):
    """What a database was asked, and the damages that it told, one line each."""

    name: str
    damages: list[str]


def look_through(connection: Connection, *, thorough: bool) -> Looked | None:
    """Let SQLite look through its file, and when `thorough` hold indexes against tables; None for another database."""
    if connection.dialect.name != "sqlite":
        return None
    name = "integrity_check" if thorough else "quick_check"
    try:
        told = [str(line) for (line,) in connection.exec_driver_sql(f"PRAGMA {name}")]
    except DatabaseError as wrong:  # so much damaged that not even this can be answered
        told = [str(wrong.orig)]
    return Looked(name, [" ".join(line.split()) for line in told if line != "ok"])
