"""One house for all that is tried on it: nothing that is scanned there changes it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.scanner.ground import Ground, build


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    made = build(tmp_path_factory.mktemp("scanner"))
    yield made
    made.house.door.database.close()
