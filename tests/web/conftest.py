"""One house for each test that asks for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.web import house as houses
from tests.web.house import House


@pytest.fixture
def house(tmp_path: Path) -> House:
    return houses.build(tmp_path)
