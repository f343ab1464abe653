"""Alembic's entry: runs the migrations on the connection that `custody.store.schema` hands over."""

from alembic import context
from sqlmodel import SQLModel

from custody.store import tables  # noqa: F401 - fills the metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=context.config.attributes["connection"].dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()
