"""Links: views are counted and audited at once, and what is over stays over."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from gallery_app.domain.model import AssetId, Download, ShareLink
from tests.catalog.shelf import START, Shelf

ID = "0123456789abcdef"


def link(shelf: Shelf, name: str = ID, **changes: object) -> ShareLink:
    ids = [a.id for a in shelf.all()] or shelf.put("a.jpg", "b.jpg", "c.jpg")
    ids *= 3
    plain = ShareLink(
        name, (ids[2], ids[0]), "small", shelf.now(), START + timedelta(days=1), note="für Anna"
    )
    made = replace(plain, **changes)  # type: ignore[arg-type]  # field names as given
    shelf.catalog.links.insert(made)
    return made


def hit(size: int = 100, refused: str | None = None) -> Download:
    return Download(START, ID, AssetId(1), "small", size, "192.0.2.1", refused)


def view(shelf: Shelf, download: Download) -> bool:
    (counted,) = shelf.catalog.links.begin_views([download])
    return counted


def test_a_link_comes_back_as_it_was_made_with_its_assets_in_order(shelf: Shelf) -> None:
    made = link(shelf, max_views=3)

    assert shelf.catalog.links.get(ID) == made
    assert shelf.catalog.links.get("nothing") is None


def test_links_are_listed_newest_first(shelf: Shelf) -> None:
    first = link(shelf, "a" * 16)
    shelf.wait(1)
    second = link(shelf, "9" * 16)

    assert shelf.catalog.links.list() == [second, first]


def test_a_view_is_counted_and_audited(shelf: Shelf) -> None:
    link(shelf)

    assert view(shelf, hit(100))
    assert view(shelf, hit(23))

    found = shelf.catalog.links.get(ID)
    assert found is not None
    assert (found.views, found.bytes_sent, found.last_used_at) == (2, 123, START)
    assert shelf.catalog.links.hits(ID, 9) == [hit(23), hit(100)]


def test_of_fifty_at_once_only_as_many_as_allowed_get_through(shelf: Shelf) -> None:
    link(shelf, max_views=7)

    with ThreadPoolExecutor(50) as pool:
        through = list(pool.map(lambda _: view(shelf, hit()), range(50)))

    found = shelf.catalog.links.get(ID)
    assert found is not None
    assert (sum(through), found.views, len(shelf.catalog.links.hits(ID, 99))) == (7, 7, 7)


def test_a_view_is_there_after_a_restart(shelf: Shelf) -> None:
    link(shelf)
    view(shelf, hit())

    assert shelf.reopen().links.hits(ID, 9) == [hit()]


def test_a_refusal_is_audited_and_not_counted(shelf: Shelf) -> None:
    link(shelf)

    shelf.catalog.links.refuse(hit(0, "link_expired"))

    found = shelf.catalog.links.get(ID)
    assert found is not None
    assert found.views == 0
    assert shelf.catalog.links.hits(ID, 9)[0].refused == "link_expired"


def test_a_withdrawn_link_is_not_viewed_and_stays_withdrawn_since_then(shelf: Shelf) -> None:
    link(shelf)

    shelf.catalog.links.revoke(ID, START)
    shelf.catalog.links.revoke(ID, START + timedelta(days=1))

    found = shelf.catalog.links.get(ID)
    assert found is not None
    assert found.revoked_at == START
    assert not view(shelf, hit())


def test_all_links_are_withdrawn_at_once(shelf: Shelf) -> None:
    link(shelf)
    link(shelf, "b" * 16)
    shelf.catalog.links.revoke(ID, START)

    assert shelf.catalog.links.revoke_all(START) == 1
    assert {found.state(START) for found in shelf.catalog.links.list()} == {"revoked"}


def test_a_link_seen_expired_stays_expired_when_the_clock_goes_back(shelf: Shelf) -> None:
    link(shelf)

    shelf.catalog.links.mark_expired(ID)

    found = shelf.catalog.links.get(ID)
    assert found is not None
    assert found.state(START) == "expired"


def test_a_link_kept_in_memory_follows_its_asset_when_that_is_merged(shelf: Shelf) -> None:
    older, newer = shelf.put("a.jpg", "b.jpg")
    shelf.render(older)
    link(shelf, assets=(newer,))
    recent = shelf.catalog.links.recent(ID)
    assert recent is not None
    assert recent.assets == (newer,)

    shelf.render(newer)

    recent = shelf.catalog.links.recent(ID)
    assert recent is not None
    assert recent.assets == (older,)


@pytest.mark.parametrize("end", ["revoke", "revoke_all", "mark_expired", "forget_recent"])
def test_what_ended_while_a_link_was_being_read_is_not_remembered_as_open(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch, end: str
) -> None:
    link(shelf)
    links = shelf.catalog.links
    ends = {
        "revoke": lambda: links.revoke(ID, START),
        "revoke_all": lambda: links.revoke_all(START),
        "mark_expired": lambda: links.mark_expired(ID),
        "forget_recent": links.forget_recent,
    }
    read = links.get

    def read_just_before_the_end(link_id: str) -> ShareLink | None:
        found = read(link_id)
        ends[end]()
        return found

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(links, "get", read_just_before_the_end)
        links.recent(ID)
    if end == "forget_recent":  # of which the row itself knows nothing
        monkeypatch.setattr(links, "get", lambda _id: None)

    assert links.recent(ID) == links.get(ID)
