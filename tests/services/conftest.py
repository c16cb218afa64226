"""One house for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.house import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Real machines in a temporary folder."""
    made = House(tmp_path)
    yield made
    made.close()
