"""The law: the index answers every query as `AssetQuery.matches` says, in the query's order."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gallery_app.catalog import Changes, NewAsset, SeenOccurrence
from gallery_app.domain.model import Asset, AssetId, Described
from gallery_app.domain.query import SORTS, AssetQuery, Sort, Term
from gallery_app.domain.text import search_text
from tests.catalog.shelf import START, Shelf, image, processed
from tests.catalog.strategies import FILTERS, VALUES, Kept, Told, changes, kept, queries

LAW = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)

KEYS: dict[str, Callable[[Asset], Any]] = {
    "taken": lambda a: (a.taken_at, a.id),
    "added": lambda a: (a.added_at, a.id),
    "name": lambda a: (a.filename.casefold(), a.id),
    "size": lambda a: (a.size_bytes, a.id),
}


def expected(query: AssetQuery, assets: Sequence[Asset]) -> list[AssetId]:
    """What the domain says: who matches, in which order."""
    ordered = sorted(assets, key=KEYS[query.sort.lstrip("-")], reverse=query.sort.startswith("-"))
    return [asset.id for asset in ordered if query.matches(asset)]


def fill(shelf: Shelf, items: Sequence[Kept]) -> list[AssetId]:
    """Put generated assets on the shelf through the writer's verbs."""
    catalog = shelf.catalog
    second = catalog.sources.add("folder", "Second", "/second")
    sources = (catalog.sources.uploads(), shelf.source, second)
    ids: list[AssetId] = []
    for number, item in enumerate(items):
        assert isinstance(item.described, Described)
        added = START + timedelta(seconds=item.added_s)
        with catalog.write() as writer:
            new = NewAsset(item.filename, item.described, item.taken, added)
            (asset_id,) = writer.insert_assets([new])
            for source, key, _ in item.keys:
                seen = SeenOccurrence(key, asset_id, 1, 1, number)
                writer.put_occurrences(sources[source].id, [seen], at=added)
        with catalog.write() as writer:
            writer.edit([asset_id], item.changes)
            if item.rendered and item.described.problem is None:
                digit = "0123456789abcdef"[number % 16]
                facts = item.described
                whole = processed(
                    digit, size=facts.size, size_bytes=facts.size_bytes, sha1=item.sha1
                )
                asset_id = writer.finish_render(asset_id, replace(whole, animated=facts.animated))
            for source, key, gone in item.keys:
                if gone:
                    writer.mark_gone(sources[source].id, [key], at=added)
            if item.trashed:
                writer.set_trashed([asset_id], added)
        for at_remote in item.told:
            hear(shelf, item, at_remote, number)
        ids.append(asset_id)
    return ids


def hear(shelf: Shelf, item: Kept, told: Told, number: int) -> None:
    """Have a remote tell of an asset, and perhaps its bytes or its going."""
    remote = (shelf.photos(), shelf.desk())[told.remote]
    assert isinstance(item.described, Described)
    # Fewer keys than items, so that rows are told otherwise and change their bytes.
    key = f"{told.key}-{number % 8}"
    listed = image(
        key, filename=item.filename, picture=item.described, private=told.private,
        entities=told.entities, sha1=item.sha1, version=f"v{number % 2}",
    )  # fmt: skip
    shelf.hear(remote, listed, copies=told.copied)
    with shelf.catalog.write() as writer:
        for ref in told.members:
            writer.set_members(remote, ref, [key, "later"], among=[key, "later"])
    if told.copied and shelf.row(remote, key).state == "wanted":
        shelf.arrive(remote, key, "0123456789abcdef"[number % 16])
    if told.gone:
        with shelf.catalog.write() as writer:
            writer.lose_remote(remote, [key], at=START)


@LAW
@given(items=st.lists(kept, max_size=12), asked=st.lists(queries, min_size=1, max_size=12))
def test_the_index_answers_as_the_domain_says(items: list[Kept], asked: list[AssetQuery]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder))
        fill(shelf, items)
        assets = shelf.all()

        for query in asked:
            assert shelf.catalog.index.ids(query) == expected(query, assets)
            page = shelf.catalog.index.page(query)
            assert page.total == len(expected(query, assets))
            assert [a.id for a in page.items] == expected(query, assets)[: query.limit]

        reopened = shelf.reopen()
        for query in asked:
            assert reopened.index.ids(query) == expected(query, assets)
        assert shelf.all() == assets
        reopened.close()


@LAW
@given(
    items=st.lists(kept, max_size=8),
    later=st.lists(kept, max_size=4),
    asked=st.lists(queries, min_size=1, max_size=8),
    edited=changes,
)
def test_answers_given_before_stay_right_through_changes(
    items: list[Kept], later: list[Kept], asked: list[AssetQuery], edited: Changes
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder))
        ids = fill(shelf, items)
        for query in asked:
            shelf.catalog.index.page(query)
            shelf.catalog.index.timeline(query)

        fill(shelf, later)
        # Some have become part of others since.
        ids = [asset.id for asset in shelf.catalog.assets.many(ids)]
        with shelf.catalog.write() as writer:
            writer.edit(ids[:3], edited)
            writer.set_trashed(ids[2:4], None)

        assets = shelf.all()
        for query in asked:
            assert shelf.catalog.index.ids(query) == expected(query, assets)
            assert shelf.catalog.index.timeline(query).total == len(expected(query, assets))
        timelines = [shelf.catalog.index.timeline(query) for query in asked]
        assert [shelf.reopen().index.timeline(query) for query in asked] == timelines
        shelf.catalog.close()


@pytest.mark.parametrize("name", FILTERS)
def test_every_filter_obeys_the_law_in_every_order(name: str, tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)

    @settings(max_examples=12, deadline=None, database=None, derandomize=True)
    @given(items=st.lists(kept, min_size=10, max_size=10))
    def fill_once(items: list[Kept]) -> None:
        fill(shelf, items)

    fill_once()
    assets = shelf.all()
    matched = 0

    @settings(max_examples=25, deadline=None, database=None, derandomize=True)
    @given(value=VALUES[name], negated=st.booleans(), sort=st.sampled_from(SORTS))
    def ask(value: str, negated: bool, sort: Sort) -> None:
        nonlocal matched
        query = AssetQuery(terms=(Term(name, (value,), negated),), sort=sort)
        assert shelf.catalog.index.ids(query) == expected(query, assets)
        matched += len(expected(query, assets))

    ask()
    assert matched
    shelf.catalog.close()


@LAW
@given(items=st.lists(kept, max_size=8))
def test_the_indexed_words_are_the_domains_search_text(items: list[Kept]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder))
        fill(shelf, items)

        rows = shelf.catalog._database.rows("SELECT asset_id, words FROM asset_text")

        assert {i: set(text.split()) for i, text in rows} == {
            a.id: set(search_text(a).split()) for a in shelf.all()
        }
        shelf.catalog.close()


@LAW
@given(
    items=st.lists(kept, min_size=1, max_size=10),
    later=st.lists(kept, max_size=6),
    query=queries,
    pause=st.integers(0, 4),
)
def test_a_cursor_visits_each_asset_once_while_others_arrive(
    items: list[Kept], later: list[Kept], query: AssetQuery, pause: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder))
        fill(shelf, [replace(item, trashed=False, keys=()) for item in items])
        query = AssetQuery(sort=query.sort, limit=query.limit)
        there = set(shelf.catalog.index.ids(query))
        place = KEYS[query.sort.removeprefix("-")]
        before = {asset.id: place(asset) for asset in shelf.all()}
        visited: list[AssetId] = []
        cursor, pages = None, 0

        while True:
            page = shelf.catalog.index.page(replace(query, cursor=cursor))
            visited += [asset.id for asset in page.items]
            cursor, pages = page.next_cursor, pages + 1
            if pages == pause + 1:
                fill(shelf, [replace(item, trashed=False, keys=()) for item in later])
            if cursor is None:
                break

        # A twin that arrives lends its date, and a remote may tell other facts of a picture: that
        # one moves, rightly, to where the cursor was or will be.
        moved = {a.id for a in shelf.all() if before.get(a.id, place(a)) != place(a)}
        stayed = [asset_id for asset_id in visited if asset_id not in moved]
        assert len(stayed) == len(set(stayed))
        assert there - moved - set(visited) <= there - set(shelf.catalog.index.ids(query))
        shelf.catalog.close()
