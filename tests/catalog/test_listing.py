"""What a remote lists: rows, assets that stand in the timeline at once, matches by SHA-1."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gallery_app.domain.geometry import Size
from gallery_app.domain.model import Metadata
from gallery_app.domain.query import AssetQuery
from gallery_app.domain.remote import RemoteTally
from tests.catalog.shelf import SHA1, START, TAKEN, Shelf, attachment, described, image, keys_of


class TestAPictureWithFacts:
    def test_stands_in_the_timeline_before_a_byte_came(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        listed = image("one", sha1=SHA1, placeholder=b"hash", visibility="timeline")

        asset = shelf.asset(shelf.heard(photos, listed))

        assert (asset.status, asset.remote, asset.sha256) == ("described", True, None)
        assert (asset.sha1, asset.placeholder, asset.taken_at) == (SHA1, b"hash", TAKEN)
        assert shelf.find() == [asset.id]
        (occurrence,) = asset.occurrences
        assert (occurrence.source_id, occurrence.key) == (photos, "one")
        assert occurrence.remote is not None
        assert occurrence.remote.page == "https://photos.example/one"
        assert occurrence.remote.visibility == "timeline"
        assert shelf.row(photos, "one").state == "wanted"

    def test_is_found_by_no_files_quick_hash(self, shelf: Shelf) -> None:
        listed = image("one")
        assert listed.picture is not None

        shelf.heard(shelf.photos(), listed)

        assert shelf.catalog.assets.by_quick_hash([listed.picture.quick_hash]) == {}

    def test_without_a_date_has_the_one_it_was_made_at_the_remote(self, shelf: Shelf) -> None:
        listed = image("one", picture=described("one"), created_at=START)

        asset = shelf.asset(shelf.heard(shelf.photos(), listed))

        assert asset.taken_at == START.replace(tzinfo=None)
        assert asset.metadata.taken_from == "remote"

    def test_listed_twice_is_one_and_nothing_changes(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        shelf.heard(photos, image("one"))
        before, revision = shelf.all(), shelf.catalog.revision

        tally = shelf.hear(photos, image("one"))

        assert tally == RemoteTally(0, 0, 1)
        assert (shelf.all(), shelf.catalog.revision) == (before, revision)

    def test_listed_twice_in_one_batch_counts_as_told_last(self, shelf: Shelf) -> None:
        photos = shelf.photos()

        tally = shelf.hear(photos, image("one"), image("one", page="https://new.example"))

        assert tally == RemoteTally(1, 0, 0)
        assert shelf.row(photos, "one").page == "https://new.example"

    def test_told_otherwise_keeps_its_renditions(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        asset_id = shelf.heard(photos, image("one"))
        shelf.preview(asset_id)
        told = described("one", size=Size(30, 20), metadata=Metadata(title="New", taken_at=TAKEN))

        tally = shelf.hear(photos, image("one", filename="new.jpg", picture=told))

        asset = shelf.asset(asset_id)
        assert tally == RemoteTally(0, 1, 0)
        assert (asset.status, asset.title, asset.filename) == ("ready", "New", "new.jpg")
        assert (asset.size, asset.phash is None) == (Size(30, 20), False)
        assert shelf.row(photos, "one").state == "held"
        assert shelf.find(q="new") == [asset_id]

    def test_of_other_bytes_is_a_new_picture_under_the_old_uid(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        asset_id = shelf.heard(photos, image("one", sha1=SHA1))
        shelf.preview(asset_id)
        before = shelf.asset(asset_id)

        shelf.hear(photos, image("one", version="v2", sha1="6" * 40))

        after = shelf.asset(asset_id)
        assert (after.uid, after.status, after.sha1) == (before.uid, "described", "6" * 40)
        assert after.version > before.version
        assert shelf.row(photos, "one").state == "wanted"
        serving = shelf.catalog.assets.serving(after.uid)
        assert serving is not None
        assert serving.sha256 is None

    def test_of_another_version_and_the_same_sha1_is_not_fetched_again(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        shelf.preview(shelf.heard(photos, image("one", sha1=SHA1)))

        shelf.hear(photos, image("one", sha1=SHA1, version="v2"))

        assert shelf.row(photos, "one").state == "held"
        assert shelf.row(photos, "one").version == "v2"

    def test_that_another_server_has_too_is_one_asset_of_two_occurrences(
        self, shelf: Shelf
    ) -> None:
        first, second = shelf.photos(), shelf.photos("https://other.example")
        asset_id = shelf.heard(first, image("one", sha1=SHA1))

        shelf.hear(second, image("two", sha1=SHA1))

        assert shelf.row(second, "two").asset_id == asset_id
        assert [o.key for o in shelf.asset(asset_id).occurrences] == ["one", "two"]
        assert len(shelf.all()) == 1

    def test_twice_in_one_batch_by_its_sha1_is_one_asset(self, shelf: Shelf) -> None:
        photos = shelf.photos()

        shelf.hear(photos, image("one", sha1=SHA1), image("two", sha1=SHA1))

        assert len(shelf.all()) == 1
        assert [o.key for o in shelf.all()[0].occurrences] == ["one", "two"]

    def test_of_other_bytes_takes_in_another_of_the_same_batch(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        asset_id = shelf.heard(photos, image("one", sha1=SHA1))

        other = {"sha1": "6" * 40, "version": "v2"}
        shelf.hear(photos, image("one", **other), image("two", **other))

        assert [asset.id for asset in shelf.all()] == [asset_id]
        assert [o.key for o in shelf.asset(asset_id).occurrences] == ["one", "two"]

    def test_of_other_bytes_leaves_an_asset_that_others_offer(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        shelf.hear(photos, image("one", sha1=SHA1), image("two", sha1=SHA1))
        shared = shelf.row(photos, "one").asset_id

        shelf.hear(photos, image("one", sha1="6" * 40, version="v2"))

        assert shelf.row(photos, "one").asset_id != shared
        assert shelf.row(photos, "two").asset_id == shared
        assert len(shelf.find()) == 2

    def test_stays_one_row_when_its_originals_are_to_be_copied(self, shelf: Shelf) -> None:
        photos = shelf.photos()

        shelf.hear(photos, image("one"), copies=True)

        assert shelf.all() == []
        assert shelf.row(photos, "one").state == "wanted"

    def test_seen_by_its_preview_is_wanted_once_originals_are_to_be_copied(
        self, shelf: Shelf
    ) -> None:
        photos = shelf.photos()
        shelf.preview(shelf.heard(photos, image("one")))

        shelf.hear(photos, image("one"), copies=True)

        assert shelf.row(photos, "one").state == "wanted"

    def test_only_waiting_for_bytes_is_shown_once_previews_are_enough(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        shelf.hear(photos, image("one"), copies=True)

        asset_id = shelf.heard(photos, image("one"))

        assert shelf.find() == [asset_id]


class TestAPictureThatAFolderHas:
    def test_becomes_an_occurrence_of_its_asset(self, shelf: Shelf) -> None:
        asset_id = shelf.put_one("a.jpg")
        shelf.render(asset_id, sha1=SHA1)
        photos = shelf.photos()

        shelf.hear(photos, image("one", sha1=SHA1))

        asset = shelf.asset(asset_id)
        assert [o.key for o in asset.occurrences] == ["a.jpg", "one"]
        assert (asset.remote, asset.filename, len(shelf.all())) == (False, "a.jpg", 1)
        assert shelf.row(photos, "one").state == "held"

    def test_is_no_match_without_a_sha1(self, shelf: Shelf) -> None:
        shelf.render(shelf.put_one("a.jpg"), sha1=SHA1)

        shelf.hear(shelf.photos(), image("one", sha1=None))

        assert len(shelf.all()) == 2

    def test_keeps_the_facts_of_the_file(self, shelf: Shelf) -> None:
        asset_id = shelf.put_one("a.jpg")
        shelf.render(asset_id, sha1=SHA1)
        photos = shelf.photos()
        shelf.hear(photos, image("one", sha1=SHA1))

        told = described("x", metadata=Metadata(title="Told"))
        shelf.hear(photos, image("one", sha1=SHA1, filename="b.jpg", picture=told))

        asset = shelf.asset(asset_id)
        assert (asset.filename, asset.title) == ("a.jpg", None)

    def test_brings_a_missing_one_back_as_a_remotes(self, shelf: Shelf) -> None:
        asset_id = shelf.put_one("a.jpg")
        shelf.render(asset_id, sha1=SHA1)
        shelf.lose("a.jpg")
        photos = shelf.photos()

        shelf.hear(photos, image("one", sha1=SHA1))

        asset = shelf.asset(asset_id)
        assert (asset.status, asset.remote) == ("ready", True)
        assert shelf.row(photos, "one").state == "held"

    def test_is_matched_later_when_the_file_comes_first_to_be_known(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        shelf.hear(photos, image("one", sha1=SHA1), copies=True)
        asset_id = shelf.put_one("a.jpg")
        shelf.render(asset_id, sha1=SHA1)

        tally = shelf.hear(photos, image("one", sha1=SHA1), copies=True)

        assert tally == RemoteTally(0, 1, 0)
        assert shelf.row(photos, "one").asset_id == asset_id


class TestAnAttachment:
    def test_is_a_row_that_waits_for_its_bytes(self, shelf: Shelf) -> None:
        desk = shelf.desk()

        tally = shelf.hear(desk, attachment(), copies=True)

        row = shelf.row(desk, "ticket/4711/attachment/1")
        assert tally == RemoteTally(1, 0, 0)
        assert (row.state, row.parent, row.asset_id) == ("wanted", "ticket/4711", None)
        assert shelf.all() == []

    def test_has_all_of_its_listing_in_its_row(self, shelf: Shelf) -> None:
        desk = shelf.desk()
        listed = attachment(
            created_at=START, focus=(0.25, 0.75), live_video="v", private=True, visibility="note"
        )

        shelf.hear(desk, listed, copies=True)

        row = shelf.row(desk, listed.key)
        assert (row.filename, row.content_type, row.size_bytes) == (
            listed.filename, "image/jpeg", 3_000_000,
        )  # fmt: skip
        assert (row.created_at, row.modified_at, row.listed_at) == (START, START, START)
        assert (row.version, row.page, row.focus, row.live_video) == (
            "v1", listed.page, (0.25, 0.75), "v",
        )  # fmt: skip
        assert (row.private, row.visibility, row.attempts, row.error) == (True, "note", 0, None)

    def test_for_the_team_only_is_so_until_others_offer_it_too(self, shelf: Shelf) -> None:
        desk = shelf.desk()
        asset_id = shelf.fetch(desk, attachment(private=True))
        shelf.fetch(desk, attachment("ticket/4712/attachment/2", private=True))
        assert shelf.find(**{"is": "private"}) == [asset_id]
        assert shelf.reopen().index.ids(AssetQuery.from_params({"is": ["private"]})) == [asset_id]

        shelf.offer(asset_id, "a.jpg")

        assert (shelf.asset(asset_id).private, shelf.find(**{"is": "private"})) == (False, [])
        shelf.lose("a.jpg")
        assert (shelf.asset(asset_id).private, shelf.find(**{"is": "private"})) == (
            True, [asset_id],
        )  # fmt: skip

    def test_of_a_new_version_is_wanted_again_and_what_was_there_stays(self, shelf: Shelf) -> None:
        desk = shelf.desk()
        asset_id = shelf.fetch(desk, attachment())

        shelf.hear(desk, attachment(version="v2"), copies=True)

        assert shelf.row(desk, "ticket/4711/attachment/1").state == "wanted"
        assert shelf.asset(asset_id).live

    def test_told_otherwise_is_not_fetched_again(self, shelf: Shelf) -> None:
        desk = shelf.desk()
        asset_id = shelf.fetch(desk, attachment())

        shelf.hear(desk, attachment(private=True, page="https://desk.example/x"), copies=True)

        asset = shelf.asset(asset_id)
        assert shelf.row(desk, "ticket/4711/attachment/1").state == "held"
        assert asset.private
        assert shelf.find(**{"is": "private"}) == [asset_id]

    @pytest.mark.parametrize("version", ["v1", "v2"], ids=["same bytes", "new bytes"])
    def test_that_was_refused_stays_so_until_it_has_new_bytes(
        self, shelf: Shelf, version: str
    ) -> None:
        desk = shelf.desk()
        shelf.hear(desk, attachment(), copies=True)
        shelf.catalog.remotes.refuse(desk, attachment().key, "It is no picture.")

        shelf.hear(desk, attachment(version=version, page="https://x.example"), copies=True)

        row = shelf.row(desk, attachment().key)
        assert row.state == ("refused" if version == "v1" else "wanted")
        assert row.error == ("It is no picture." if version == "v1" else None)


class TestVanishing:
    def test_a_row_is_gone_and_its_copied_picture_stays(self, shelf: Shelf) -> None:
        desk = shelf.desk()
        asset_id = shelf.fetch(desk, attachment())

        with shelf.catalog.write() as writer:
            lost = writer.lose_remote(desk, [attachment().key, "never"], at=START)

        assert lost == 1
        assert shelf.row(desk, attachment().key).state == "gone"
        assert shelf.asset(asset_id).live
        assert shelf.asset(asset_id).occurrences[0].gone_at == START

    def test_what_nobody_else_has_is_missing_and_not_deleted(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        asset_id = shelf.heard(photos, image("one"))

        with shelf.catalog.write() as writer:
            writer.lose_remote(photos, ["one"], at=START)

        assert shelf.asset(asset_id).status == "missing"

    @pytest.mark.parametrize("previewed", [False, True], ids=["unseen", "seen"])
    def test_a_row_that_comes_back_has_the_asset_it_had(
        self, shelf: Shelf, previewed: bool
    ) -> None:
        photos = shelf.photos()
        asset_id = shelf.heard(photos, image("one"))
        if previewed:
            shelf.preview(asset_id)
        with shelf.catalog.write() as writer:
            writer.lose_remote(photos, ["one"], at=START)

        tally = shelf.hear(photos, image("one"))

        assert tally == RemoteTally(1, 0, 0)
        assert shelf.row(photos, "one").state == ("held" if previewed else "wanted")
        assert shelf.asset(asset_id).status == ("ready" if previewed else "described")

    def test_a_copied_picture_that_comes_back_is_not_fetched_again(self, shelf: Shelf) -> None:
        desk = shelf.desk()
        asset_id = shelf.fetch(desk, attachment())
        with shelf.catalog.write() as writer:
            writer.lose_remote(desk, [attachment().key], at=START)

        shelf.hear(desk, attachment(), copies=True)

        assert shelf.row(desk, attachment().key).state == "held"
        assert shelf.asset(asset_id).occurrences[0].gone_at is None

    def test_nothing_is_gone_because_it_was_not_listed(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        shelf.hear(photos, image("one"), image("two"))

        shelf.hear(photos, image("one"))

        assert keys_of(shelf.catalog, photos) == {"one", "two"}


def test_a_listing_and_its_cursor_are_one_transaction(shelf: Shelf) -> None:
    photos = shelf.photos()

    def stop_half_way() -> None:
        with shelf.catalog.write() as writer:
            writer.list_remote(photos, [image("one")], at=START, copies=False)
            writer.set_cursor(photos, "after one")
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stop_half_way()

    assert shelf.catalog.remotes.config(photos).cursor == ""
    assert (shelf.all(), keys_of(shelf.catalog, photos)) == ([], set())


def test_a_listing_of_more_than_one_block_is_whole(shelf: Shelf) -> None:
    photos = shelf.photos()
    listed = [image(f"{n:04d}", sha1=f"{n:040x}") for n in range(1_201)]

    assert shelf.hear(photos, *listed) == RemoteTally(1_201, 0, 0)
    assert shelf.hear(photos, *listed) == RemoteTally(0, 0, 1_201)
    changed = [replace(i, filename="x.jpg") for i in listed[::2]]
    assert shelf.hear(photos, *changed) == RemoteTally(0, 601, 0)
    assert len(shelf.find()) == 1_201
