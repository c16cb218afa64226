"""Whole galleries: one for a journey that leaves traces, one for all that leave none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.whole import Whole


@pytest.fixture
def whole(tmp_path: Path) -> Iterator[Whole]:
    """A running gallery in a temporary folder."""
    made = Whole(tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="module")
def common(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    """A running gallery that the tests of one module share."""
    made = Whole(tmp_path_factory.mktemp("common"))
    yield made
    made.close()
