"""What a database is the ledger of: the name of its logs and its trial's protocol, byte for byte."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, Row, text

from custody.store.typed import typed


class Identity(NamedTuple):
    """The name of the ledger, and its protocol file."""

    origin: str
    protocol_name: str
    protocol: bytes


def write(connection: Connection, identity: Identity) -> None:
    """Keep it; a trigger refuses any later change."""
    connection.execute(text("INSERT INTO ledger VALUES (1, :origin, :protocol_name, :protocol)"), identity._asdict())


def read(connection: Connection) -> Identity:
    """Give it; raise `Mistyped`."""
    origin, name, protocol = _row(connection)
    return Identity(
        typed(str, origin, "ledger", 1, "origin"),
        typed(str, name, "ledger", 1, "protocol_name"),
        typed(bytes, protocol, "ledger", 1, "protocol"),
    )


def read_anyhow(connection: Connection) -> Identity:
    """Give it for a verification, which goes on with what was written there: a value of another type as it reads."""
    origin, name, protocol = _row(connection)
    return Identity(_words(origin), _words(name), protocol if isinstance(protocol, bytes) else str(protocol).encode())


def _row(connection: Connection) -> Row[str, str, bytes]:
    return connection.execute(text("SELECT origin, protocol_name, protocol FROM ledger")).one()


def _words(value: object) -> str:
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)
