"""Which hosts are this machine."""

from __future__ import annotations

import pytest

from gallery_app.domain.hosts import is_loopback, is_this_machine


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1"])
def test_loopback_addresses_are_this_machine(host: str) -> None:
    assert is_loopback(host)
    assert is_this_machine(host)


def test_its_own_name_is_this_machine_but_no_address() -> None:
    assert is_this_machine("localhost")
    assert not is_loopback("localhost")


@pytest.mark.parametrize(
    "host", ["", "127.example.org", "localhost.example.org", "10.0.0.1", "0.0.0.0", "::", "[::1]"]
)
def test_nothing_else_is(host: str) -> None:
    assert not is_this_machine(host)
