"""What a database is the ledger of: the name of its logs and its trial's protocol, byte for byte."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, text


class Identity(NamedTuple):
    """The name of the ledger, and its protocol file."""

    origin: str
    protocol_name: str
    protocol: bytes


def write(connection: Connection, identity: Identity) -> None:
    """Keep it; a trigger refuses any later change."""
    connection.execute(text("INSERT INTO ledger VALUES (1, :origin, :protocol_name, :protocol)"), identity._asdict())


def read(connection: Connection) -> Identity:
    """Give it."""
    row = connection.execute(text("SELECT origin, protocol_name, protocol FROM ledger")).one()
    return Identity(row[0], row[1], bytes(row[2]))
