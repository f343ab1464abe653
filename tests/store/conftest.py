"""Databases with empty tables: made once on each server, copied for each test."""

from __future__ import annotations

import pytest

from custody.store import schema
from custody.store.database import Database


@pytest.fixture(scope="session")
def migrated(tmp_path_factory):
    """Give what copies a database with all its tables."""
    made = {}

    def copy(server):
        if server not in made:
            made[server] = server.fresh()
            database = Database(made[server])
            with database.writing() as connection:
                schema.upgrade(connection)
            database.close()
        return server.copy(made[server])

    return copy


@pytest.fixture
def made(server, migrated):
    url = migrated(server)
    database = Database(url)
    yield database
    database.close()
    server.drop(url)
