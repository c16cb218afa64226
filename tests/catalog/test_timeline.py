"""Buckets: their sums, their bytes, their stamps, and finding a picture in them."""

from __future__ import annotations

import struct
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gallery_app.catalog import Changes, NewAsset
from gallery_app.domain.answers import Facets, Timeline
from gallery_app.domain.entities import ENTITY_TYPES
from gallery_app.domain.errors import BadCursor, NotFound
from gallery_app.domain.geometry import Size
from gallery_app.domain.model import AssetId, uid_from_bytes
from gallery_app.domain.query import AssetQuery, Cursor, Sort
from tests.catalog.shelf import START, TAKEN, Shelf, described
from tests.catalog.strategies import Kept, kept, queries
from tests.catalog.test_law import LAW, fill


@dataclass(frozen=True)
class Tiles:
    """A bucket's binary columns, parsed as the browser does."""

    stamp: int
    uids: list[str]
    aspects: tuple[int, ...]
    colours: tuple[int, ...]
    days: bytes
    flags: bytes
    versions: bytes


def parse(raw: bytes) -> Tiles:
    n, stamp = struct.unpack_from("<II", raw)
    assert len(raw) == 8 + n * (16 + 2 + 2 + 1 + 1 + 1)
    at = 8 + 16 * n
    return Tiles(
        stamp,
        [uid_from_bytes(raw[8 + 16 * i : 24 + 16 * i]) for i in range(n)],
        struct.unpack_from(f"<{n}H", raw, at),
        struct.unpack_from(f"<{n}H", raw, at + 2 * n),
        raw[at + 4 * n : at + 5 * n],
        raw[at + 5 * n : at + 6 * n],
        raw[at + 6 * n :],
    )


@LAW
@given(items=st.lists(kept, max_size=10), query=queries)
def test_buckets_are_the_answer_cut_in_pieces(items: list[Kept], query: AssetQuery) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder))
        fill(shelf, items)
        index = shelf.catalog.index
        assets = shelf.catalog.assets.many(index.ids(query))

        timeline = index.timeline(query)

        assert timeline.total == sum(timeline.counts) == len(assets)
        assert timeline.revision == shelf.catalog.revision
        tiles = [parse(index.bucket(query, key)) for key in timeline.keys]
        assert [uid for tile in tiles for uid in tile.uids] == [a.uid for a in assets]
        for key, count, ratio, stamp, tile in zip(
            timeline.keys, timeline.counts, timeline.ratios, timeline.stamps, tiles, strict=True
        ):
            assert (len(tile.uids), tile.stamp) == (count, stamp)
            assert ratio == pytest.approx(sum(tile.aspects) / 4096)
            if query.sort.lstrip("-") == "taken":
                shown = [a for a in assets if f"{a.taken_at:%Y-%m}" == key]
                assert list(tile.days) == [a.taken_at.day for a in shown]
                assert timeline.days[timeline.keys.index(key)] == len(set(tile.days))
        for position, asset in enumerate(assets):
            located = index.locate(query, asset.uid)
            assert located.position == position
            bucket = tiles[timeline.keys.index(located.bucket)]
            assert bucket.uids[located.index] == asset.uid
        shelf.catalog.close()


@LAW
@given(items=st.lists(kept, max_size=10), query=queries)
def test_each_facet_counts_what_its_value_would_give(items: list[Kept], query: AssetQuery) -> None:
    with tempfile.TemporaryDirectory() as folder:
        shelf = Shelf(Path(folder))
        fill(shelf, items)
        index = shelf.catalog.index

        found: Facets = index.facets(query)

        assert found.total == len(index.ids(query))
        assert tuple(found.names) == (
            "type", "camera", "year", "source", "tag", "orientation", "size", "rating",
            *ENTITY_TYPES,
        )  # fmt: skip
        for name, values in found.names.items():
            field = "min_rating" if name == "rating" else name
            for value in values:
                others = query.without(field)
                if field in ENTITY_TYPES:  # whose filter takes a name as well
                    assets = shelf.catalog.assets.many(index.ids(others))
                    ids = [[r.id for r in a.entities if r.type == field] for a in assets]
                    assert value.count == sum(value.value in have for have in ids) > 0
                    continue
                (term,) = AssetQuery.from_params({field: [value.value]}).terms
                asked = replace(others, terms=(*others.terms, term))
                assert value.count == len(index.ids(asked)) > 0
        shelf.catalog.close()


def many(shelf: Shelf, count: int) -> list[AssetId]:
    head = described("a")
    news = [NewAsset(f"{n:05d}.jpg", head, TAKEN, START) for n in range(count)]
    with shelf.catalog.write() as writer:
        return writer.insert_assets(news)


def test_a_big_month_is_split_in_parts_that_together_are_the_month(shelf: Shelf) -> None:
    ids = many(shelf, 4_500)

    timeline = shelf.catalog.index.timeline(AssetQuery(sort="taken"))

    assert timeline.keys == ("2016-07~1", "2016-07~2")
    assert timeline.labels == ("July 2016", "July 2016")
    assert (timeline.counts, timeline.days) == ((4_000, 500), (1, 1))
    tiles = parse(shelf.catalog.index.bucket(AssetQuery(sort="taken"), "2016-07~2"))
    assert tiles.uids[-1] == shelf.asset(ids[-1]).uid


@pytest.mark.parametrize(
    ("sort", "labels"),
    [("name", ("00", "02")), ("-size", ("3 MB", "3 MB")), ("added", ("2026-03-01",) * 2)],
)
def test_other_orders_come_in_runs_with_a_label(
    shelf: Shelf, sort: Sort, labels: tuple[str, ...]
) -> None:
    many(shelf, 2_001)

    timeline = shelf.catalog.index.timeline(AssetQuery(sort=sort))

    assert timeline.keys == ("p0", "p1")
    assert (timeline.counts, timeline.days) == ((2_000, 1), (0, 0))
    assert timeline.labels == labels


def test_a_tile_says_what_there_is_to_show(shelf: Shelf) -> None:
    asset_id = shelf.put_one("a.gif", media_type="video", animated=True, size=Size(2000, 1000))
    shelf.render(asset_id, size=Size(2000, 1000), animated=True, truncated=True, colour=0xFF8040)
    with shelf.catalog.write() as writer:
        writer.edit([asset_id], Changes(favourite=True))

    tiles = parse(shelf.catalog.index.bucket(AssetQuery(), "2016-07"))

    assert tiles.flags[0] == 1 | 2 | 4 | 16 | 32
    assert (tiles.aspects, tiles.colours) == (
        (8192,),
        (0xFF >> 3 << 11 | 0x80 >> 2 << 5 | 0x40 >> 3,),
    )
    assert (tiles.versions[0], tiles.days[0]) == (1, 14)


@pytest.mark.parametrize(
    ("size", "aspect"),
    [(Size(0, 0), 4096), (Size(1, 1000), 205), (Size(60_000, 1), 65_535)],
    ids=["unknown", "very tall", "very wide"],
)
def test_an_aspect_stays_within_what_two_bytes_and_a_layout_can_take(
    shelf: Shelf, size: Size, aspect: int
) -> None:
    shelf.put("a.jpg", size=size)

    assert parse(shelf.catalog.index.bucket(AssetQuery(), "2016-07")).aspects == (aspect,)


def stamp_of(timeline: Timeline) -> int:
    (stamp,) = timeline.stamps
    return stamp


@pytest.mark.parametrize("change", ["render", "fail", "favourite", "trash", "redescribe"])
def test_a_stamp_differs_when_anything_a_tile_shows_has_changed(shelf: Shelf, change: str) -> None:
    a, b = shelf.put("a.jpg", "b.jpg")
    before = stamp_of(shelf.catalog.index.timeline(AssetQuery()))

    if change == "render":
        shelf.render(a)
    elif change == "fail":
        shelf.fail(a)
    else:
        with shelf.catalog.write() as writer:
            if change == "favourite":
                writer.edit([a], Changes(favourite=True))
            elif change == "trash":
                writer.set_trashed([b], START)
            else:
                head = described("z")
                writer.redescribe(a, filename="a.jpg", described=head, taken_at=TAKEN)

    assert stamp_of(shelf.catalog.index.timeline(AssetQuery())) != before


def test_a_stamp_is_the_same_after_a_restart(shelf: Shelf) -> None:
    shelf.put("a.jpg", "b.jpg", metadata=described().metadata)
    before = shelf.catalog.index.timeline(AssetQuery())

    assert shelf.reopen().index.timeline(AssetQuery()) == before


def test_labels_tell_what_the_tiles_are(shelf: Shelf) -> None:
    a, b = shelf.put("a.jpg", "b.jpg")
    with shelf.catalog.write() as writer:
        writer.edit([a], Changes(alt_text="A dog", title="Rex"))

    labels = shelf.catalog.index.labels(AssetQuery(sort="name"), "p0", 0, 9)

    assert [(x.filename, x.title, x.alt_text) for x in labels] == [
        ("a.jpg", "Rex", "A dog"),
        ("b.jpg", None, None),
    ]
    assert shelf.catalog.index.labels(AssetQuery(sort="name"), "p0", 1, 2)[0].uid == (
        shelf.asset(b).uid
    )


def test_what_is_not_in_the_answer_is_not_found(shelf: Shelf) -> None:
    asset_id = shelf.put_one("a.jpg")
    uid = shelf.asset(asset_id).uid
    index = shelf.catalog.index

    with pytest.raises(NotFound):
        index.bucket(AssetQuery(), "2016-08")
    with pytest.raises(NotFound):
        index.locate(AssetQuery(trashed=True), uid)
    with pytest.raises(NotFound):
        index.locate(AssetQuery(), "x")
    cursor = Cursor("-taken", 0, "0" * 26).encode()
    with pytest.raises(BadCursor):
        index.page(AssetQuery(cursor=cursor))


def test_a_page_past_the_end_is_empty_with_the_right_total(shelf: Shelf) -> None:
    shelf.put("a.jpg", "b.jpg", "c.jpg")

    page = shelf.catalog.index.page(AssetQuery(page=7, limit=2))

    assert (page.items, page.total, page.next_cursor) == ((), 3, None)


def test_folders_count_what_lies_below_them(shelf: Shelf) -> None:
    a, *_ = shelf.put("x/1/a.jpg", "x/1/b.jpg", "x/2/c.jpg", "y/d.jpg", "e.jpg", "gone/f.jpg")
    shelf.offer(a, "y/copy.jpg")
    shelf.lose("gone/f.jpg")

    top = shelf.catalog.index.folders(shelf.source.id, "")
    inner = shelf.catalog.index.folders(shelf.source.id, "x")

    assert [(f.path, f.assets, f.folders) for f in top] == [("x", 3, 2), ("y", 2, 0)]
    assert [(f.path, f.name, f.assets) for f in inner] == [("x/1", "1", 2), ("x/2", "2", 1)]


def test_a_sources_counts_are_of_what_is_shown(shelf: Shelf) -> None:
    a, b, c = shelf.put("a.jpg", "b.jpg", "c.jpg")
    shelf.offer(a, "copy.jpg")
    shelf.fail(b)
    with shelf.catalog.write() as writer:
        writer.set_trashed([c], START)

    (source,) = [s for s in shelf.catalog.sources.list() if s.kind == "folder"]

    assert (source.assets, source.problems) == (2, 1)
