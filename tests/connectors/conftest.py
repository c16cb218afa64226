"""A server of raw sockets and a clock that moves when told, for each test its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from gallery_app.testing.products import FakeProducts
from tests.connectors.wire import Reply, Time, Wire, close_all


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def serve() -> Iterator[Callable[..., Wire]]:
    """Starts a server that gives these replies."""
    wires: list[Wire] = []

    def start(*replies: Reply) -> Wire:
        wires.append(Wire(*replies))
        return wires[-1]

    yield start
    close_all()
    for wire in wires:
        wire.__exit__(None, None, None)


@pytest.fixture(autouse=True)
def closing() -> Iterator[None]:
    yield
    close_all()


@pytest.fixture(scope="module")
def served_products() -> Iterator[FakeProducts]:
    with FakeProducts() as fake:
        yield fake


@pytest.fixture
def fake(served_products: FakeProducts) -> FakeProducts:
    served_products.forget()
    return served_products
