"""A catalog in a fresh folder, with a clock that moves when told and counted randomness."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.catalog.shelf import Shelf


@pytest.fixture
def shelf(tmp_path: Path) -> Iterator[Shelf]:
    """An empty catalog and short verbs to fill it."""
    made = Shelf(tmp_path)
    yield made
    made.catalog.close()
