"""One house for each test that asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.databases import Server
from tests.web import house as houses
from tests.web.house import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """A house on SQLite: what a page shows does not depend on the database (see `either`)."""
    made = houses.build(tmp_path)
    yield made
    made.door.database.close()


@pytest.fixture
def either(tmp_path: Path, server: Server) -> Iterator[House]:
    """A house on each database: for journeys."""
    url = server.fresh()
    made = houses.build(tmp_path, url)
    yield made
    made.door.database.close()
    server.drop(url)
