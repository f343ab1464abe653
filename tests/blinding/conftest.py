"""One ledger to copy for each process and database."""

from __future__ import annotations

import pytest

from tests.blinding.ground import Ground, lay


@pytest.fixture(scope="session")
def sqlite_ground(sqlite, tmp_path_factory) -> Ground:
    return lay(sqlite, tmp_path_factory.mktemp("ground-sqlite"))


@pytest.fixture(scope="session")
def postgresql_ground(postgresql, tmp_path_factory) -> Ground:
    return lay(postgresql, tmp_path_factory.mktemp("ground-postgresql"))
