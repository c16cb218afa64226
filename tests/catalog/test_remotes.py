"""Remote sources: what is set, where the sync stands, which rows there are; what hangs beside."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from gallery_app.domain.answers import Coming
from gallery_app.domain.ean import Ean
from gallery_app.domain.entities import Attribution, EntityRef
from gallery_app.domain.errors import NotFound
from gallery_app.domain.frames import Frame
from gallery_app.domain.geometry import Size
from gallery_app.domain.model import AssetId, SourceId
from gallery_app.domain.remote import RemoteState
from tests.catalog.shelf import SHA1, START, Shelf, attachment, image, keys_of, processed

SOON = START + timedelta(minutes=10)
PEN = Ean.parse("4006381333931")


class TestASource:
    def test_knows_nothing_of_its_remote_at_first(self, shelf: Shelf) -> None:
        assert shelf.catalog.remotes.config(shelf.photos()) == RemoteState()

    def test_keeps_what_a_person_sets_field_by_field(self, shelf: Shelf) -> None:
        photos, remotes = shelf.photos(), shelf.catalog.remotes
        remotes.configure(photos, name="Family", options={"mirror": "1"}, sealed=b"s", paused=True)

        remotes.configure(photos, sealed=None)
        remotes.configure(photos)

        assert remotes.config(photos) == RemoteState({"mirror": "1"}, None, paused=True)
        source = shelf.reopen().sources.get(photos)
        assert source is not None
        assert (source.name, source.options, source.paused) == ("Family", {"mirror": "1"}, True)

    def test_a_new_name_is_told_to_who_looks(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        shelf.heard(photos, image("one"))
        before = shelf.catalog.revision

        shelf.catalog.remotes.configure(photos, name="Family")

        assert shelf.catalog.revision > before

    def test_keeps_where_its_sync_stands_and_no_listing_changes(self, shelf: Shelf) -> None:
        photos, remotes = shelf.photos(), shelf.catalog.remotes
        revision = shelf.catalog.revision
        remotes.set_schedule(photos, next_sync_at=SOON, walked_at=START, failures=2)
        remotes.set_schedule(photos, resume_at=SOON, facts={"version": "3.1.0"})
        with shelf.catalog.write() as writer:
            writer.set_cursor(photos, "2026")

        expected = RemoteState(
            cursor="2026", next_sync_at=SOON, walked_at=START, failures=2, resume_at=SOON,
            facts={"version": "3.1.0"},
        )  # fmt: skip
        assert remotes.config(photos) == expected
        remotes.set_schedule(photos, next_sync_at=None, resume_at=None)
        assert remotes.config(photos).next_sync_at is None
        source = shelf.catalog.sources.get(photos)
        assert source is not None
        assert (source.failures, source.facts, source.resume_at) == (2, {"version": "3.1.0"}, None)
        assert shelf.catalog.revision == revision

    def test_that_never_was_is_not_found(self, shelf: Shelf) -> None:
        remotes = shelf.catalog.remotes

        with pytest.raises(NotFound):
            remotes.config(SourceId(99))
        with pytest.raises(NotFound):
            remotes.configure(SourceId(99), paused=True)
        with pytest.raises(NotFound):
            remotes.set_schedule(SourceId(99), failures=1)

    def test_shows_no_key_in_its_repr(self) -> None:
        assert "secret" not in repr(RemoteState(sealed=b"secret"))

    def test_counts_what_waits_is_here_and_cannot_be_had(self, shelf: Shelf) -> None:
        desk = shelf.desk()
        shelf.fetch(desk, attachment())
        others = [attachment(f"ticket/4711/attachment/{n}") for n in (2, 3, 4)]
        shelf.hear(desk, *others, copies=True)
        shelf.catalog.remotes.refuse(desk, others[0].key, "It is no picture.")

        source = shelf.reopen().sources.get(desk)

        assert source is not None
        assert (source.waiting, source.held, source.refused, source.assets) == (2, 1, 1, 1)
        bare = shelf.catalog.sources.get(desk, counted=False)
        assert bare == replace(source, assets=0)
        assert shelf.catalog.sources.coming() == [Coming(desk, 2, 1)]

    def test_tells_of_each_remote_whether_its_pictures_come(self, shelf: Shelf) -> None:
        desk = shelf.desk()
        shelf.hear(desk, attachment(), copies=True)
        coming = shelf.catalog.sources.coming
        photos = shelf.photos()
        idle = Coming(photos, 0, 0)
        assert coming() == [Coming(desk, 1, 0), idle]

        shelf.catalog.remotes.configure(desk, paused=True)
        assert coming() == [Coming(desk, 1, 0, "stopped"), idle]
        shelf.catalog.remotes.configure(desk, paused=False)
        shelf.catalog.sources.set_state(desk, "offline", "It does not answer.")
        assert coming() == [Coming(desk, 1, 0, "resting"), idle]
        shelf.catalog.sources.set_state(desk, "attention", "Its key is refused.")
        assert coming() == [Coming(desk, 1, 0, "stopped"), idle]
        shelf.catalog.sources.remove(desk, START)
        assert coming() == [idle]


class TestRows:
    def test_are_known_by_key_also_when_gone(self, shelf: Shelf) -> None:
        photos, remotes = shelf.photos(), shelf.catalog.remotes
        shelf.hear(photos, image("one"), image("two"))
        with shelf.catalog.write() as writer:
            writer.lose_remote(photos, ["two"], at=START)

        assert keys_of(shelf.catalog, photos) == {"one"}
        known = remotes.known(photos, ["one", "two", "three"])
        assert {key: row.state for key, row in known.items()} == {"one": "wanted", "two": "gone"}
        assert remotes.row(photos, "three") is None

    def test_below_a_parent_are_those_listed_under_it_or_deeper(self, shelf: Shelf) -> None:
        desk = shelf.desk()
        for parent in ("article/1", "article/1/de", "article/12", "article/1-x", "article"):
            shelf.hear(desk, attachment(f"{parent}#1", parent=parent), copies=True)

        assert shelf.catalog.remotes.below(desk, "article/1") == ["article/1#1", "article/1/de#1"]

    def test_below_a_parent_are_found_without_reading_the_others(self, shelf: Shelf) -> None:
        desk = shelf.desk()
        for count in (1, 500):
            many = [attachment(f"ticket/{n}/attachment/1") for n in range(count)]
            shelf.hear(desk, *many, copies=True)

        assert shelf.steps_of(lambda: shelf.catalog.remotes.below(desk, "ticket/7")) < 200
        assert shelf.steps_of(lambda: keys_of(shelf.catalog, desk)) > 2_000

    def test_not_listed_since_a_walk_began_are_named(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        shelf.hear(photos, image("one"), image("two"), image("three"))
        shelf.wait(60)
        walk = shelf.now()

        shelf.hear(photos, image("two"), image("three", filename="new.jpg"))

        assert shelf.catalog.remotes.unlisted_since(photos, walk) == ["one"]

    def test_of_an_asset_are_where_it_is_offered(self, shelf: Shelf) -> None:
        first, second = shelf.photos(), shelf.photos("https://other.example")
        asset_id = shelf.heard(first, image("one", sha1=SHA1))
        shelf.hear(second, image("two", sha1=SHA1, focus=(0.1, 0.9)))

        found = shelf.catalog.remotes.of_asset(asset_id)

        assert [(row.source_id, row.key) for row in found] == [(first, "one"), (second, "two")]
        assert shelf.catalog.remotes.focus_of(asset_id) == (0.1, 0.9)
        assert shelf.catalog.remotes.focus_of(AssetId(99)) is None

    def test_tell_whom_a_picture_is_owed_to(self, shelf: Shelf) -> None:
        desk = shelf.desk()
        owed = Attribution("Open Food Facts", "https://off.example/1", "CC BY-SA 3.0", "somebody")

        asset_id = shelf.fetch(desk, attachment(attribution=owed))

        (occurrence,) = shelf.asset(asset_id).occurrences
        assert occurrence.remote is not None
        assert occurrence.remote.attribution == owed
        assert shelf.row(desk, attachment().key).attribution == owed


class TestKeptAnswers:
    def test_are_given_until_their_time_is_over(self, shelf: Shelf) -> None:
        kept = shelf.catalog.kept
        kept.put("a", "old", 5)
        kept.put("a", "ü", 10)

        assert kept.get("a") == "ü"
        shelf.wait(10)
        assert (kept.get("a"), kept.get("b")) == (None, None)
        stats = kept.stats()
        assert (stats.entries, stats.hits, stats.misses, stats.oldest) == (0, 1, 2, None)
        assert (kept.sweep(), kept.sweep()) == (1, 0)

    def test_are_counted(self, shelf: Shelf) -> None:
        shelf.catalog.kept.put("a", "ü", 10)
        shelf.wait(1)
        shelf.catalog.kept.put("b", "xyz", 20)

        stats = shelf.catalog.kept.stats()

        assert (stats.entries, stats.bytes) == (2, 5)
        assert (stats.oldest, stats.next_expiry) == (START, START + timedelta(seconds=10))


class TestProducts:
    def test_are_remembered_as_asked_for(self, shelf: Shelf) -> None:
        row = shelf.catalog.products.ask(PEN, "A pen")

        assert row == shelf.catalog.products.get(PEN.gtin)
        assert (row.given, row.description, row.asked_at) == ("4006381333931", "A pen", START)
        assert (row.looked_at, row.found, row.assets, row.cover) == (None, 0, 0, None)
        assert shelf.catalog.products.get("0" * 14) is None

    def test_asked_again_keep_their_description(self, shelf: Shelf) -> None:
        shelf.catalog.products.ask(PEN, "A pen")
        shelf.wait(5)

        again = shelf.catalog.products.ask(PEN)

        assert (again.description, again.asked_at) == ("A pen", shelf.now())

    def test_say_what_was_found_and_keep_a_name(self, shelf: Shelf) -> None:
        products = shelf.catalog.products
        products.ask(PEN)
        products.found(PEN.gtin, name="Pen", count=3, at=START)
        products.found(PEN.gtin, name="", count=0, at=SOON)

        row = products.get(PEN.gtin)

        assert row is not None
        assert (row.name, row.found, row.looked_at) == ("Pen", 0, SOON)

    def test_count_pictures_of_every_source(self, shelf: Shelf) -> None:
        shelf.catalog.products.ask(PEN)
        ref = EntityRef("product", PEN.gtin)
        asset_id = shelf.fetch(shelf.desk(), attachment(entities=(ref,)))

        row = shelf.catalog.products.get(PEN.gtin)

        assert row is not None
        assert (row.assets, row.cover) == (1, shelf.asset(asset_id).uid)

    def test_are_shown_by_a_database_s_picture_before_a_customer_s(self, shelf: Shelf) -> None:
        pen = EntityRef("product", PEN.gtin)
        shop = shelf.catalog.sources.add("products", "Shop", "shop.example").id
        front = shelf.fetch(shop, attachment("gtin/1/off/front", entities=(pen,)), "a")
        later = {"parent": "ticket/1", "modified_at": SOON, "created_at": SOON}
        shelf.fetch(shelf.desk(), attachment("ticket/1/file/1", entities=(pen,), **later), "b")
        shelf.catalog.products.ask(PEN)

        row = shelf.catalog.products.get(PEN.gtin)

        assert row is not None
        assert (row.assets, row.cover) == (2, shelf.asset(front).uid)

    def test_are_listed_last_asked_first(self, shelf: Shelf) -> None:
        products = shelf.catalog.products
        for code, words in (("4006381333931", "A Pen"), ("96385074", "Gum")):
            products.ask(Ean.parse(code), words)
            shelf.wait(1)

        assert [row.given for row in products.list()[0]] == ["96385074", "4006381333931"]
        found, total = products.list(text="pen", limit=1)
        assert ([row.given for row in found], total) == (["4006381333931"], 1)
        assert [row.given for row in products.list(text="9638")[0]] == ["96385074"]
        assert products.list(limit=1, offset=1)[1] == 2

    @pytest.mark.parametrize("text", ["äpfel", "ÄPFEL", "Äpfel", "straße", "STRASSE"])
    def test_are_found_whatever_the_case_of_letters_of_any_alphabet(
        self, shelf: Shelf, text: str
    ) -> None:
        shelf.catalog.products.ask(PEN, "Äpfel, Hohe Straße")

        assert shelf.catalog.products.list(text=text)[1] == 1
        assert shelf.catalog.products.list(text="Birnen") == ([], 0)


def test_frames_are_kept_by_name(shelf: Shelf) -> None:
    frames = shelf.catalog.frames
    hall = Frame("hall", "smart:dog", Size(3840, 2160), 60, "secret", START)
    kitchen = Frame("kitchen", "tag:food", Size(1920, 1080), 30, "other", START)
    for frame in (kitchen, hall):
        frames.put(frame)

    assert shelf.reopen().frames.list() == [hall, kitchen]
    frames = shelf.catalog.frames
    frames.put(Frame("hall", "cat", Size(100, 100), 5, "new", START))
    found = frames.get("hall")
    assert found is not None
    assert (found.query, found.key) == ("cat", "new")
    assert (frames.delete("hall"), frames.delete("hall"), frames.get("hall")) == (True, False, None)
    assert "secret" not in repr(hall)


class TestLookAlikes:
    def put(self, shelf: Shelf, *hashes: int) -> list[AssetId]:
        ids = shelf.put(*(f"{n}.jpg" for n in range(len(hashes))))
        for asset_id, digit, phash in zip(ids, "0123456789abcdef", hashes, strict=False):
            if phash:
                with shelf.catalog.write() as writer:
                    writer.finish_render(asset_id, processed(digit, phash=phash))
        return ids

    def test_are_those_within_so_many_bits_nearest_first(self, shelf: Shelf) -> None:
        top = 1 << 63
        a, b, c, *_ = self.put(shelf, top | 7, top | 1, top | 7 | 8, 0xFFFF_FFFF_FFFF, 0)

        assert shelf.catalog.similar.near(a) == [(c, 1), (b, 2)]
        assert shelf.catalog.similar.near(a, within=1) == [(c, 1)]
        assert shelf.catalog.similar.near(a, limit=1) == [(c, 1)]
        assert shelf.reopen().similar.near(a) == [(c, 1), (b, 2)]

    def test_are_live_only(self, shelf: Shelf) -> None:
        a, b, c = self.put(shelf, 7, 3, 1)
        with shelf.catalog.write() as writer:
            writer.set_trashed([b], START)
        shelf.lose("2.jpg")

        assert c
        assert shelf.catalog.similar.near(a) == []

    def test_of_what_has_no_hash_are_none(self, shelf: Shelf) -> None:
        (a, b) = self.put(shelf, 0, 1)

        assert shelf.catalog.similar.near(a) == shelf.catalog.similar.near(AssetId(99)) == []
        assert shelf.catalog.similar.near(b) == []
