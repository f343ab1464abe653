"""The schema's version: migrations are run by an explicit act, and a database of another version is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, inspect

HEAD: Final = "0001"
"""The newest migration; `tests/store/test_schema.py` holds it against the files."""


class WrongSchema(RuntimeError):
    """A database whose tables are of another version than this program."""


def upgrade(connection: Connection) -> None:
    """Bring the tables to the newest version, or make them."""
    from alembic import command  # noqa: PLC0415 - half a second and 7 MB that serving does not need
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def version(connection: Connection) -> str | None:
    """Give the version of the tables, None when there are none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    row = connection.exec_driver_sql("SELECT version_num FROM alembic_version").first()
    return row[0] if row else None


def expect(connection: Connection) -> None:
    """Raise `WrongSchema` unless the tables are of this program's version."""
    found = version(connection)
    if found != HEAD:
        message = f"the database's tables are of version {found}, this program needs {HEAD}: run `custody upgrade`"
        raise WrongSchema(message)
