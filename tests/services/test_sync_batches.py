"""What one batch writes: in pieces that let others write, and read for before anybody waits."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection
from typing import Any

import pytest

from gallery_app.domain.entities import EntityRef
from gallery_app.domain.model import SourceId
from gallery_app.domain.remote import Listing
from gallery_app.services.sync_batches import MOST_IN_ONE
from tests.services.remote_house import RemoteHouse

HOUSE = RemoteHouse
MANY = 250
ALBUM = EntityRef("album", "a1", "Holidays")


@pytest.fixture
def listed(house: RemoteHouse) -> SourceId:
    """A source that listed many pictures, which stand in the timeline."""
    data = b"not looked at"
    for number in range(MANY):
        house.server.put(f"p{number}", data)
    source = house.connect("immich")
    house.sync()
    house.clock.pass_(minutes=1)
    return source.id


@pytest.fixture
def touched(house: RemoteHouse, listed: SourceId, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many pictures each transaction changed."""
    counts: list[int] = []
    columns = house.catalog._columns
    read = columns.read

    def note(connection: Any, ids: Collection[int], **more: Any) -> object:
        counts.append(len(ids))
        return read(connection, ids, **more)

    monkeypatch.setattr(columns, "read", note)
    return counts


def _in_album(house: RemoteHouse) -> int:
    (album,) = house.catalog.remotes.entity("album", ALBUM.id)
    return album.assets


def test_members_of_a_large_album_come_and_go_in_pieces(
    house: RemoteHouse, touched: list[int]
) -> None:
    keys = tuple(f"p{number}" for number in range(MANY))
    house.server.last = [Listing("m1", members=((ALBUM, keys),))]
    house.sync_again()
    assert _in_album(house) == MANY

    house.server.last = [Listing("m2", members=((ALBUM, keys[:20]),))]
    house.sync_again()

    assert _in_album(house) == 20
    assert max(touched) <= MOST_IN_ONE
    assert sum(touched) == MANY + MANY - 20


def test_an_album_is_known_also_without_pictures(house: RemoteHouse, listed: SourceId) -> None:
    house.server.last = [Listing("m1", members=((ALBUM, ()),))]

    house.sync_again()

    assert [found.ref for found in house.catalog.remotes.entity("album", "a1")] == [ALBUM]


def test_what_is_gone_is_marked_in_pieces(
    house: RemoteHouse, listed: SourceId, touched: list[int]
) -> None:
    house.server.last = [Listing("m1", gone=tuple(f"p{number}" for number in range(MANY)))]

    house.sync_again()

    assert house.catalog.remotes.counts(listed)["gone"] == MANY
    assert max(touched) <= MOST_IN_ONE


def test_all_is_read_before_anybody_must_wait(
    house: RemoteHouse, listed: SourceId, monkeypatch: pytest.MonkeyPatch
) -> None:
    remotes, database = house.catalog.remotes, house.catalog._database
    asked: list[tuple[str, bool]] = []

    def noted(name: str, ask: Callable[..., object], *given: object) -> object:
        asked.append((name, database.nested))
        return ask(*given)

    for name in ("unlisted_since", "below", "counts", "members"):
        ask = getattr(remotes, name)
        monkeypatch.setattr(remotes, name, functools.partial(noted, name, ask))
    last = house.server.listing()[-1]
    house.server.last = [
        Listing("m", seen=(last,), members=((ALBUM, ("p1",)),), gone_parents=("t",), walked=True)
    ]

    house.book.sync_now(listed, walk=True, believe_loss=True)
    house.sync()

    assert remotes.counts(listed)["gone"] == MANY - 1
    assert {name for name, _ in asked} == {"unlisted_since", "below", "counts", "members"}
    assert not any(within for _, within in asked)
