"""The tables of both planes, their triggers, and the roles of PostgreSQL's readers."""

import sqlalchemy as sa
from alembic import op

from custody.store import database, triggers

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

LONG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Create everything."""
    _log("open")
    _log("sealed")
    _open()
    _sealed()
    _beside()
    dialect = op.get_bind().dialect.name
    for statement in triggers.statements(dialect):
        op.execute(statement)
    if dialect == "postgresql":
        for statement in database.grants():
            op.execute(statement)


def _key(name: str, kind: sa.types.TypeEngine[int] = LONG) -> sa.Column[int]:
    return sa.Column(name, kind, autoincrement=False, nullable=False)


def _log(plane: str) -> None:
    op.create_table(
        f"{plane}_tile",
        _key("level", sa.Integer()),
        _key("number"),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "number"),
        sa.CheckConstraint("length(hashes) = 8192"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        f"{plane}_head",
        _key("id", sa.Integer()),
        sa.Column("size", LONG, nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.CheckConstraint("id = 1"),
        sa.CheckConstraint("length(root) = 32"),
    )


def _open() -> None:
    op.create_table(
        "open_event",
        _key("place"),
        sa.Column("event", sa.String(36), nullable=False),
        sa.Column("entry", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("place"),
        sa.UniqueConstraint("event"),
        sa.CheckConstraint("place >= 0"),
    )
    op.create_table(
        "open_mention",
        sa.Column("code", sa.String(80), nullable=False),
        _key("number"),
        sa.Column("place", LONG, nullable=False),
        sa.PrimaryKeyConstraint("code", "number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "open_thing",
        sa.Column("code", sa.String(80), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("site", sa.String(40), nullable=False),
        sa.Column("holder", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("code"),
        sa.CheckConstraint("version >= 1"),
        sqlite_with_rowid=False,
    )
    op.create_index("open_thing_worklist", "open_thing", ["kind", "status", "site"])
    op.create_index("open_thing_holder", "open_thing", ["holder"])


def _sealed() -> None:
    op.create_table(
        "sealed_event",
        _key("place"),
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("box", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("place"),
        sa.UniqueConstraint("token"),
        sa.CheckConstraint("place >= 0"),
    )
    op.create_table(
        "sealed_mention",
        sa.Column("token", sa.LargeBinary(), nullable=False),
        _key("number"),
        sa.Column("box", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("token", "number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sealed_thing",
        sa.Column("token", sa.LargeBinary(), nullable=False),
        sa.Column("heap", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("box", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("token"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_sealed_thing_heap", "sealed_thing", ["heap"])


def _beside() -> None:
    op.create_table(
        "ledger",
        _key("id", sa.Integer()),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("protocol_name", sa.String(), nullable=False),
        sa.Column("protocol", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.CheckConstraint("id = 1"),
    )
    op.create_table(
        "account",
        sa.Column("person", sa.String(40), nullable=False),
        sa.Column("login", sa.String(80), nullable=False),
        sa.Column("secret", sa.String(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("person"),
        sa.UniqueConstraint("login"),
    )
