"""What becomes of assets: seen, moved, gone, back, rendered, merged."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gallery_app.catalog import Changes, SeenOccurrence
from gallery_app.domain.errors import BadInput, Conflict
from gallery_app.domain.model import AssetId, Location, Metadata, Problem, ShareLink
from gallery_app.domain.query import AssetQuery
from tests.catalog.shelf import START, TAKEN, Shelf, described, processed


def search(shelf: Shelf, text: str) -> list[AssetId]:
    return shelf.catalog.index.ids(AssetQuery.from_params({"q": [text]}))


def add_a_second(shelf: Shelf) -> None:
    with shelf.catalog.write() as writer:
        writer.insert_assets([shelf.new("b")])
        writer.insert_assets([replace(shelf.new("c"), sha256=processed("a").sha256)])


class TestSeeing:
    def test_a_new_asset_is_described_and_found_by_name_and_path(self, shelf: Shelf) -> None:
        asset_id = shelf.put_one("2016/Beach/IMG_0042.jpg")

        asset = shelf.asset(asset_id)
        assert (asset.status, asset.filename, asset.version) == ("described", "IMG_0042.jpg", 0)
        assert [o.key for o in asset.occurrences] == ["2016/Beach/IMG_0042.jpg"]
        assert search(shelf, "0042") == search(shelf, "beach") == [asset_id]

    def test_what_was_inserted_comes_back_whole(self, shelf: Shelf) -> None:
        metadata = Metadata(
            taken_at=TAKEN, taken_from="exif", taken_field="ExifIFD:DateTimeOriginal",
            offset_minutes=-90, make="Canon", model="EOS 6D", lens="50mm", iso=100, f_number=2.8,
            exposure_s=0.01, focal_mm=50.0, gps=(-1.5, 179.25), altitude_m=-3.0, orientation=6,
            rating=0, title="T", caption="C", keywords=("a", "ß\n"), place="P", creator="X",
            copyright="Y", software="Z",
        )  # fmt: skip
        head = described("x", metadata=metadata, duration_s=1.5, animated=True, colour=0x010203)

        with shelf.catalog.write() as writer:
            (asset_id,) = writer.insert_assets([shelf.new("n", taken=TAKEN)])
            writer.redescribe(asset_id, filename="x.jpg", described=head, taken_at=TAKEN)

        asset = shelf.asset(asset_id)
        assert asset.metadata == metadata
        assert (asset.taken_at, asset.added_at) == (TAKEN, START)
        assert (asset.quick_hash, asset.size, asset.size_bytes, asset.colour) == (
            head.quick_hash, head.size, head.size_bytes, 0x010203,
        )  # fmt: skip
        assert (asset.animated, asset.duration_s, asset.rating) == (True, 1.5, 0)
        assert (asset.title, asset.caption, asset.tags) == ("T", "C", ("a", "ß"))

    def test_a_file_that_is_no_picture_is_known_and_not_listed(self, shelf: Shelf) -> None:
        with shelf.catalog.write() as writer:
            writer.put_occurrences(shelf.source.id, [shelf.seen("notes.txt", None)], at=START)

        known = shelf.catalog.occurrences.known(shelf.source.id)
        assert known["notes.txt"].asset_id is None
        assert shelf.catalog.index.page(AssetQuery()).total == 0

    @pytest.mark.parametrize(
        "prefix", ["", "2016/", "2016/July/a.jpg", "2", "2017", "ü", "\U0010ffff"]
    )
    def test_known_gives_exactly_the_keys_with_the_prefix(self, shelf: Shelf, prefix: str) -> None:
        keys = ["2016/July/a.jpg", "2016/b.jpg", "2016.jpg", "3.jpg", "ü/x.jpg", "\U0010ffff.jpg"]
        shelf.put(*keys)

        known = shelf.catalog.occurrences.known(shelf.source.id, prefix)

        assert sorted(known) == sorted(key for key in keys if key.startswith(prefix))

    def test_the_largest_inode_comes_back_as_it_was(self, shelf: Shelf) -> None:
        seen = SeenOccurrence("a", None, 1, 2, (1 << 64) - 1)

        with shelf.catalog.write() as writer:
            writer.put_occurrences(shelf.source.id, [seen], at=START)

        known = shelf.catalog.occurrences.known(shelf.source.id)["a"]
        assert known == (1, 2, (1 << 64) - 1, None, False)

    def test_a_second_asset_with_the_same_sha256_is_refused_and_nothing_is_written(
        self, shelf: Shelf
    ) -> None:
        asset_id = shelf.put_one("a.jpg")
        shelf.render(asset_id, "a")
        revision = shelf.catalog.revision

        with pytest.raises(Conflict):
            add_a_second(shelf)

        assert shelf.catalog.revision == revision
        assert [a.id for a in shelf.all()] == [asset_id]

    def test_a_text_that_cannot_be_stored_is_bad_input(self, shelf: Shelf) -> None:
        asset_id = shelf.put_one("a.jpg")

        with pytest.raises(BadInput), shelf.catalog.write() as writer:
            writer.edit([asset_id], Changes(title="\ud800"))


class TestMovingAndVanishing:
    def test_a_moved_file_keeps_its_asset_and_is_found_under_its_new_name(
        self, shelf: Shelf
    ) -> None:
        asset_id = shelf.put_one("old/a.jpg")
        uid = shelf.asset(asset_id).uid

        with shelf.catalog.write() as writer:
            moved = shelf.seen("new/b.jpg", asset_id)
            writer.move_occurrences(shelf.source.id, [("old/a.jpg", moved)], at=START)

        asset = shelf.asset(asset_id)
        assert (asset.uid, asset.filename, asset.status) == (uid, "b.jpg", "described")
        assert [o.key for o in asset.occurrences] == ["new/b.jpg"]
        assert (search(shelf, "new"), search(shelf, "old")) == ([asset_id], [])

    def test_two_files_that_change_places_both_stay(self, shelf: Shelf) -> None:
        a, b = shelf.put("a.jpg", "b.jpg")

        with shelf.catalog.write() as writer:
            moves = [("a.jpg", shelf.seen("b.jpg", a)), ("b.jpg", shelf.seen("a.jpg", b))]
            writer.move_occurrences(shelf.source.id, moves, at=START)

        assert (shelf.asset(a).filename, shelf.asset(b).filename) == ("b.jpg", "a.jpg")
        assert shelf.catalog.assets.counts()["missing"] == 0

    def test_an_asset_that_no_source_offers_is_missing_and_not_listed(self, shelf: Shelf) -> None:
        asset_id = shelf.put_one("a.jpg")

        count = shelf.lose("a.jpg", "never.jpg")

        assert count == 1
        assert shelf.asset(asset_id).status == "missing"
        assert shelf.catalog.index.page(AssetQuery()).total == 0
        assert shelf.catalog.occurrences.known(shelf.source.id)["a.jpg"].gone

    def test_an_asset_offered_elsewhere_is_not_missing(self, shelf: Shelf) -> None:
        asset_id = shelf.put_one("a.jpg")
        shelf.offer(asset_id, "copy.jpg")

        shelf.lose("a.jpg")

        assert shelf.asset(asset_id).status == "described"

    def test_a_stored_asset_is_not_missing(self, shelf: Shelf) -> None:
        asset_id = shelf.put_one("a.jpg")
        shelf.render(asset_id, "a")
        with shelf.catalog.write() as writer:
            assert writer.add_stored(asset_id, "aa/bb/x", processed("a").sha256)

        shelf.lose("a.jpg")

        assert shelf.asset(asset_id).status == "ready"
        assert shelf.catalog.assets.locations(asset_id) == [Location(stored_key="aa/bb/x")]

    @pytest.mark.parametrize("digit", ["", "b"], ids=["not yet read", "other bytes by now"])
    def test_bytes_are_not_stored_as_those_of_an_asset_that_has_others(
        self, shelf: Shelf, digit: str
    ) -> None:
        asset_id = shelf.put_one("a.jpg")
        if digit:
            shelf.render(asset_id, digit)
        before = shelf.asset(asset_id)

        with shelf.catalog.write() as writer:
            assert not writer.add_stored(asset_id, "aa/bb/x", processed("a").sha256)

        assert shelf.asset(asset_id) == before

    @pytest.mark.parametrize("status", ["described", "ready", "unreadable"])
    def test_a_file_that_comes_back_gives_its_asset_the_state_it_had(
        self, shelf: Shelf, status: str
    ) -> None:
        asset_id = shelf.put_one("a.jpg")
        if status == "ready":
            shelf.render(asset_id)
        if status == "unreadable":
            shelf.fail(asset_id)
        shelf.lose("a.jpg")

        shelf.offer(asset_id, "a.jpg")

        assert shelf.asset(asset_id).status == status
        assert not shelf.catalog.occurrences.known(shelf.source.id)["a.jpg"].gone

    def test_a_removed_source_takes_its_assets_along_and_brings_them_back(
        self, shelf: Shelf
    ) -> None:
        asset_id = shelf.put_one("a.jpg")

        shelf.catalog.sources.remove(shelf.source.id, START)

        assert shelf.asset(asset_id).status == "missing"
        assert shelf.source.id not in [s.id for s in shelf.catalog.sources.list()]
        again = shelf.catalog.sources.add("folder", "Pictures", "/pictures")
        shelf.offer(asset_id, "a.jpg")
        assert again.id == shelf.source.id
        assert shelf.asset(asset_id).status == "described"

    def test_a_key_that_now_holds_another_picture_leaves_the_first_one_missing(
        self, shelf: Shelf
    ) -> None:
        first = shelf.put_one("a.jpg")

        second = shelf.put_one("a.jpg", size_bytes=5)

        assert (shelf.asset(first).status, shelf.asset(second).status) == ("missing", "described")


class TestRendering:
    def test_a_rendered_asset_is_ready_with_all_that_was_found(self, shelf: Shelf) -> None:
        asset_id = shelf.put_one("a.jpg")

        shelf.render(asset_id, "c", sha1="d" * 40, truncated=True)

        asset = shelf.asset(asset_id)
        assert (asset.status, asset.sha256, asset.sha1) == ("ready", "c" * 64, "d" * 40)
        assert (asset.phash, asset.colour, asset.placeholder) == (
            0xF000_0000_0000_0001, 0x336699, b"thumb",
        )  # fmt: skip
        assert (asset.truncated, asset.version) == (True, 1)

    def test_known_bytes_make_two_assets_one_and_the_older_survives(self, shelf: Shelf) -> None:
        older, newer = shelf.put("a.jpg", "b.jpg")
        uid = shelf.asset(newer).uid
        shelf.render(older)
        shelf.render(newer, "b")
        with shelf.catalog.write() as writer:
            writer.edit([newer], Changes(favourite=True, add_tags=["kept"], title="Said"))
            writer.add_stored(newer, "ab/cd/x", processed("b").sha256)
        link = ShareLink("0123456789abcdef", (newer,), "small", START, START)
        shelf.catalog.links.insert(link)

        kept = shelf.render(newer)

        asset = shelf.asset(older)
        assert (kept, shelf.catalog.assets.by_id(newer)) == (older, None)
        assert [o.key for o in asset.occurrences] == ["a.jpg", "b.jpg"]
        assert (asset.favourite, asset.tags, asset.title, asset.stored) == (
            True, ("kept",), "Said", True,
        )  # fmt: skip
        assert shelf.catalog.assets.get(uid) == asset
        serving = shelf.catalog.assets.serving(uid)
        assert serving is not None
        assert serving.id == older
        found = shelf.catalog.links.get("0123456789abcdef")
        assert found is not None
        assert found.assets == (older,)
        assert search(shelf, "b") == search(shelf, "said") == [older]

    def test_the_older_survives_also_when_it_is_rendered_last(self, shelf: Shelf) -> None:
        older, newer = shelf.put("a.jpg", "b.jpg")
        shelf.render(newer)

        kept = shelf.render(older)

        assert kept == older
        assert shelf.asset(older).sha256 == "a" * 64
        assert shelf.catalog.index.page(AssetQuery()).total == 1

    def test_a_copy_of_a_trashed_picture_stays_in_the_trash(self, shelf: Shelf) -> None:
        older, newer = shelf.put("a.jpg", "b.jpg")
        shelf.render(older)
        with shelf.catalog.write() as writer:
            writer.set_trashed([older], START)

        shelf.render(newer)

        assert shelf.asset(older).trashed_at == START
        assert shelf.catalog.assets.counts()["trashed"] == 1

    @pytest.mark.parametrize("trashed", [False, True], ids=["shown", "trashed as well"])
    def test_an_upload_of_a_trashed_picture_brings_it_back_unless_it_is_trashed_as_well(
        self, shelf: Shelf, trashed: bool
    ) -> None:
        older, newer = shelf.put("a.jpg", "b.jpg")
        shelf.render(newer, "a")
        with shelf.catalog.write() as writer:
            writer.add_stored(newer, "aa/bb/x", processed("a").sha256)
            writer.set_trashed([older, newer] if trashed else [older], START)

        shelf.render(older, "a")

        assert shelf.asset(older).trashed_at == (START if trashed else None)
        assert shelf.catalog.assets.counts()["trashed"] == int(trashed)
        assert shelf.asset(older).stored

    def test_a_failed_asset_says_why_until_it_is_queued_again(self, shelf: Shelf) -> None:
        asset_id = shelf.put_one("a.jpg")
        shelf.fail(asset_id)
        assert shelf.asset(asset_id).problem == Problem("unreadable", "The file is damaged.")
        assert shelf.catalog.assets.claim_one(asset_id) is None

        with shelf.catalog.write() as writer:
            writer.requeue([asset_id])

        assert (shelf.asset(asset_id).status, shelf.asset(asset_id).problem) == ("described", None)

    @pytest.mark.parametrize("how", ["render", "fail"])
    def test_no_rendering_brings_a_missing_asset_back(self, shelf: Shelf, how: str) -> None:
        asset_id = shelf.put_one("a.jpg")
        shelf.lose("a.jpg")

        if how == "render":
            shelf.render(asset_id)
        else:
            shelf.fail(asset_id)

        assert shelf.asset(asset_id).status == "missing"

    def test_new_bytes_in_place_keep_the_uid_and_what_the_user_said(self, shelf: Shelf) -> None:
        asset_id = shelf.put_one("a.jpg", metadata=Metadata(title="Old", keywords=("old",)))
        shelf.render(asset_id)
        with shelf.catalog.write() as writer:
            writer.edit([asset_id], Changes(favourite=True, alt_text="A dog", caption="Mine"))
        before = shelf.asset(asset_id)

        with shelf.catalog.write() as writer:
            head = described("new", metadata=Metadata(title="New", keywords=("new",)))
            writer.redescribe(asset_id, filename="a.jpg", described=head, taken_at=TAKEN)

        after = shelf.asset(asset_id)
        assert (after.uid, after.version) == (before.uid, before.version + 1)
        assert (after.sha256, after.phash, after.placeholder) == (None, None, None)
        assert (after.status, after.title, after.tags) == ("described", "New", ("new",))
        assert (after.favourite, after.alt_text, after.caption) == (True, "A dog", "Mine")
        assert (search(shelf, "old"), search(shelf, "new")) == ([], [asset_id])

    def test_newest_is_rendered_first_and_the_trash_last(self, shelf: Shelf) -> None:
        old = shelf.put_one("old.jpg")
        new, trashed = (shelf.put_one(f"{y}.jpg", size_bytes=y) for y in (2017, 2018))
        with shelf.catalog.write() as writer:
            for asset_id, year in ((new, 2017), (trashed, 2018)):
                taken = TAKEN.replace(year=year)
                writer.redescribe(asset_id, filename="x", described=described("x"), taken_at=taken)
            writer.set_trashed([trashed], START)

        pending = shelf.catalog.assets.claim_render(10)

        assert [p.id for p in pending] == [new, old, trashed]
        assert pending[1].locations == (Location(shelf.source.id, "old.jpg"),)

    def test_what_is_excluded_is_not_claimed(self, shelf: Shelf) -> None:
        a, b = shelf.put("a.jpg", "b.jpg")

        assert [p.id for p in shelf.catalog.assets.claim_render(1, exclude={b})] == [a]

    def test_an_asset_is_claimed_three_times_and_then_exhausted(self, shelf: Shelf) -> None:
        asset_id = shelf.put_one("a.jpg")

        attempts = [p.attempts for _ in range(5) for p in shelf.catalog.assets.claim_render(9)]

        assert attempts == [1, 2, 3]
        assert shelf.reopen().assets.exhausted() == [asset_id]

    def test_an_exhausted_asset_is_still_to_be_had_for_who_asks_for_it(self, shelf: Shelf) -> None:
        asset_id = shelf.put_one("a.jpg")
        for _ in range(3):
            shelf.catalog.assets.claim_render(9)

        pending = shelf.catalog.assets.claim_one(asset_id)

        assert pending is not None
        assert pending.attempts == 4
