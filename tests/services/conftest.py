"""One house for each test, and remotes to connect to it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services.far import Book, Library
from tests.services.house import House


@pytest.fixture
def house(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[House]:
    """Real machines in a temporary folder; of the class that a test module calls its HOUSE."""
    made: House = getattr(request.module, "HOUSE", House)(tmp_path)
    yield made
    made.close()


@pytest.fixture
def book(house: House) -> Book:
    """Its remotes, connected by tests."""
    return Book(house)


@pytest.fixture
def library() -> Library:
    """An Immich that is nowhere."""
    return Library()
