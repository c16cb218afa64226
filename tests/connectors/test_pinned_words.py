"""Networks and places as people write them."""

from __future__ import annotations

import pytest

from gallery_app.connectors.pinned import parse_allowed, place_of
from gallery_app.domain.errors import BadInput


def test_networks_are_read_with_and_without_ports() -> None:
    allowed = parse_allowed("127.0.0.0/8:8481, 10.0.0.0/8  192.168.1.7,[fd00::/8]:443 fd01::/16")

    assert [(str(one.network), one.port) for one in allowed] == [
        ("127.0.0.0/8", 8481),
        ("10.0.0.0/8", None),
        ("192.168.1.7/32", None),
        ("fd00::/8", 443),
        ("fd01::/16", None),
    ]


def test_nothing_allows_nothing() -> None:
    assert parse_allowed(" ") == ()


@pytest.mark.parametrize(
    "text", ["localhost", "10.0.0.0/33", "10.0.0.1:0", "10.0.0.1:99999", "a:b"]
)
def test_what_is_no_network_is_said(text: str) -> None:
    with pytest.raises(BadInput, match="is no network"):
        parse_allowed(text)


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("https://Photos.Example.", ("photos.example", 443)),
        ("http://nas:2283/api", ("nas", 2283)),
        ("http://[::1]:80/", ("::1", 80)),
        ("https://photos.bücher.example", ("photos.xn--bcher-kva.example", 443)),
    ],
)
def test_an_address_names_a_place(url: str, place: tuple[str, int]) -> None:
    assert place_of(url) == place


@pytest.mark.parametrize(
    "url", ["photos.example", "ftp://x", "http://", "http://x:y/", "http://[x", "http://xn--a/"]
)
def test_what_is_no_address_is_said(url: str) -> None:
    with pytest.raises(BadInput, match="address"):
        place_of(url)
