"""The tables, in two planes. `open_*` may be read by everybody with the right, `sealed_*` by the unblinded.

Each plane has the same five tables:

- `event`: the log. One row an entry, in its order; never changed, never deleted (see `triggers`).
- `mention`: which entries speak of a code: its versions (number 1, 2, ...) and, below zero, refused steps.
- `tile`: the full tiles of the Merkle tree, 256 hashes each; never changed.
- `head`: size, root and signed checkpoint of the log; moves forward only.
- `thing`: each thing as it stands now. Derived: a replay of the log gives the same rows.

In the sealed plane what is looked up stands as a keyed hash (`token`), all else in a box (see `vault`). What remains
in clear: how many rows there are, and how often a thing changed (`version`, `sealed_mention.number`). So whoever
reads the live database, or compares two backups of it, counts the bench's records without any key; from an order to
its release there are more of them where cells are prepared, which tells the arm. PostgreSQL's own row versions
(`xmin`) show which rows came in one transaction, and its statistics count rows as well. Therefore the files are their
owner's alone (see `database`), and a copy of them is kept as a list of the arms is.

Beside the planes: `ledger` (the trial's protocol, as bytes) and `account` (how a person signs in).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, CheckConstraint, Integer, LargeBinary
from sqlmodel import Column, Field, Index, SQLModel

LONG = BigInteger().with_variant(Integer, "sqlite")
"""64 bits; SQLite's integers have them anyway, and only its `INTEGER` is the row's own key."""


class OpenEvent(SQLModel, table=True):
    """One entry of the open log."""

    __tablename__ = "open_event"
    __table_args__ = (CheckConstraint("place >= 0"),)
    place: int = Field(primary_key=True, sa_type=LONG, sa_column_kwargs={"autoincrement": False})
    """Index in the log, from 0."""
    event: str = Field(unique=True, max_length=36)
    entry: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """Canonical JSON."""


class OpenMention(SQLModel, table=True):
    """One entry that speaks of a code."""

    __tablename__ = "open_mention"
    __table_args__ = ({"sqlite_with_rowid": False},)
    code: str = Field(primary_key=True, max_length=80)
    number: int = Field(primary_key=True, sa_type=LONG, sa_column_kwargs={"autoincrement": False})
    """The thing's version, from 1; below zero for an entry that changed nothing."""
    place: int = Field(sa_type=LONG)


class OpenTile(SQLModel, table=True):
    """One full tile of the open log's tree."""

    __tablename__ = "open_tile"
    __table_args__ = (CheckConstraint("length(hashes) = 8192"), {"sqlite_with_rowid": False})
    level: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    number: int = Field(primary_key=True, sa_type=LONG, sa_column_kwargs={"autoincrement": False})
    hashes: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class OpenHead(SQLModel, table=True):
    """The open log's head: one row."""

    __tablename__ = "open_head"
    __table_args__ = (CheckConstraint("id = 1"), CheckConstraint("length(root) = 32"))
    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    size: int = Field(sa_type=LONG)
    root: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    note: str
    """The checkpoint, signed with Ed25519 (the second signature is made when it is published)."""
    recorded_at: str
    """Time of the last entry: ledger time never goes back."""


class OpenThing(SQLModel, table=True):
    """A thing of the open plane as it stands."""

    __tablename__ = "open_thing"
    __table_args__ = (
        Index("open_thing_worklist", "kind", "status", "site"),
        Index("open_thing_holder", "holder"),
        CheckConstraint("version >= 1"),
        {"sqlite_with_rowid": False},
    )
    code: str = Field(primary_key=True, max_length=80)
    kind: str = Field(max_length=40)
    status: str = Field(max_length=40)
    site: str = Field(max_length=40)
    holder: str = Field(max_length=40)
    """The custodian's badge code, or empty."""
    version: int
    body: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """All its fields as JSON."""


class SealedEvent(SQLModel, table=True):
    """One entry of the sealed log, in its box."""

    __tablename__ = "sealed_event"
    __table_args__ = (CheckConstraint("place >= 0"),)
    place: int = Field(primary_key=True, sa_type=LONG, sa_column_kwargs={"autoincrement": False})
    token: bytes = Field(sa_column=Column(LargeBinary, nullable=False, unique=True))
    """Keyed hash of the event id."""
    box: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class SealedMention(SQLModel, table=True):
    """One sealed entry that speaks of a code; where it stands is in the box."""

    __tablename__ = "sealed_mention"
    __table_args__ = ({"sqlite_with_rowid": False},)
    token: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    number: int = Field(primary_key=True, sa_type=LONG, sa_column_kwargs={"autoincrement": False})
    box: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class SealedTile(SQLModel, table=True):
    """One full tile of the sealed log's tree: hashes of salted entries, which tell nothing."""

    __tablename__ = "sealed_tile"
    __table_args__ = (CheckConstraint("length(hashes) = 8192"), {"sqlite_with_rowid": False})
    level: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    number: int = Field(primary_key=True, sa_type=LONG, sa_column_kwargs={"autoincrement": False})
    hashes: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class SealedHead(SQLModel, table=True):
    """The sealed log's head: one row."""

    __tablename__ = "sealed_head"
    __table_args__ = (CheckConstraint("id = 1"), CheckConstraint("length(root) = 32"))
    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    size: int = Field(sa_type=LONG)
    root: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    note: str
    recorded_at: str
    """Empty: when the bench last did something is nobody's to read."""


class SealedThing(SQLModel, table=True):
    """A thing of the sealed plane as it stands, in its box."""

    __tablename__ = "sealed_thing"
    __table_args__ = ({"sqlite_with_rowid": False},)
    token: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    heap: bytes = Field(sa_column=Column(LargeBinary, nullable=False, index=True))
    """Keyed hash of kind and status: what is looked up together."""
    version: int
    box: bytes = Field(sa_column=Column(LargeBinary, nullable=False))


class Ledger(SQLModel, table=True):
    """What this database is the ledger of: one row, made by `custody init`."""

    __tablename__ = "ledger"
    __table_args__ = (CheckConstraint("id = 1"),)
    id: int = Field(default=1, primary_key=True, sa_column_kwargs={"autoincrement": False})
    origin: str
    """Name of the logs, `<origin>/open` and `<origin>/sealed`."""
    protocol_name: str
    protocol: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    """The protocol file, byte for byte."""


class Account(SQLModel, table=True):
    """How a person signs in: no part of the record, and never shown."""

    __tablename__ = "account"
    person: str = Field(primary_key=True, max_length=40)
    """Badge code."""
    login: str = Field(unique=True, max_length=80)
    secret: str
    """Argon2id hash of the password."""
    epoch: int = Field(default=0)
    """Raised when the password changes: sessions of an older epoch end."""
