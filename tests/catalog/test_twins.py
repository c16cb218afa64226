"""One picture here and at a remote: which asset stays, and what it takes over from the other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gallery_app.catalog import Changes
from gallery_app.catalog.merging import merge
from gallery_app.domain.model import Location, Metadata
from tests.catalog.shelf import SHA1, TAKEN, Shelf, described, image

LATER = TAKEN + timedelta(days=900)


class TestWhereTheBytesAre:
    def test_a_file_takes_over_from_its_remote_twin(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        twin = shelf.heard(photos, image("one", sha1=SHA1))
        uid = shelf.asset(twin).uid
        shelf.preview(twin)
        with shelf.catalog.write() as writer:
            writer.edit([twin], Changes(title="Said"))
        file = shelf.put_one("a.jpg")

        kept = shelf.render(file, "c", sha1=SHA1)

        asset = shelf.asset(file)
        assert (kept, shelf.catalog.assets.by_id(twin)) == (file, None)
        assert (asset.remote, asset.status, asset.sha256) == (False, "ready", "c" * 64)
        assert (asset.title, asset.filename) == ("Said", "a.jpg")
        assert [o.key for o in asset.occurrences] == ["a.jpg", "one"]
        assert shelf.catalog.assets.get(uid) == asset
        assert shelf.row(photos, "one").asset_id == file

    def test_a_file_without_a_date_takes_the_one_its_twin_knows(self, shelf: Shelf) -> None:
        twin = shelf.heard(shelf.photos(), image("one", sha1=SHA1))
        known = shelf.asset(twin)
        assert known.metadata.taken_from == "remote"
        file = shelf.put_one(
            "a.jpg", taken=LATER, metadata=Metadata(taken_at=LATER, taken_from="file")
        )

        shelf.render(file, "c", sha1=SHA1)

        asset = shelf.asset(file)
        assert (asset.taken_at, asset.metadata.taken_from) == (known.taken_at, "remote")

    def test_a_known_file_without_a_date_takes_it_from_a_listing(self, shelf: Shelf) -> None:
        file = shelf.put_one(
            "a.jpg", taken=LATER, metadata=Metadata(taken_at=LATER, taken_from="file")
        )
        shelf.render(file, "c", sha1=SHA1)

        shelf.hear(shelf.photos(), image("one", sha1=SHA1))

        assert shelf.asset(file).taken_at == TAKEN
        assert shelf.find(year=str(TAKEN.year)) == [file]

    def test_a_file_that_knows_its_date_keeps_it(self, shelf: Shelf) -> None:
        shelf.heard(shelf.photos(), image("one", sha1=SHA1))
        file = shelf.put_one(
            "a.jpg", taken=LATER, metadata=Metadata(taken_at=LATER, taken_from="exif")
        )
        before = shelf.asset(file).taken_at

        shelf.render(file, "c", sha1=SHA1)

        assert shelf.asset(file).taken_at == before

    def test_it_is_found_by_its_name_there_too(self, shelf: Shelf) -> None:
        shelf.heard(shelf.photos(), image("one", sha1=SHA1, filename="Sunset.HEIC"))
        file = shelf.put_one("a.jpg")

        shelf.render(file, "c", sha1=SHA1)

        assert shelf.find(q="sunset") == [file]

    def test_a_twin_that_was_still_wanted_is_held(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        shelf.heard(photos, image("one", sha1=SHA1))

        shelf.render(shelf.put_one("a.jpg"), "c", sha1=SHA1)

        assert shelf.row(photos, "one").state == "held"

    def test_an_asset_hashed_later_takes_its_twin_in(self, shelf: Shelf) -> None:
        file = shelf.put_one("a.jpg")
        shelf.render(file)
        assert shelf.catalog.assets.unhashed([3_000_000, 5]) == [file]
        twin = shelf.heard(shelf.photos(), image("one", sha1=SHA1))

        with shelf.catalog.write() as writer:
            writer.set_sha1(file, SHA1)

        assert shelf.catalog.assets.by_id(twin) is None
        assert shelf.asset(file).sha1 == SHA1
        assert shelf.catalog.assets.unhashed([3_000_000]) == []

    @pytest.mark.parametrize("meanwhile", ["other bytes", "merged"])
    def test_an_asset_that_changed_while_it_was_hashed_takes_none_in(
        self, shelf: Shelf, meanwhile: str
    ) -> None:
        file = shelf.put_one("a.jpg")
        shelf.render(file)
        twin = shelf.heard(shelf.photos(), image("one", sha1=SHA1))
        if meanwhile == "merged":
            older = shelf.put_one("b.jpg")
            with shelf.catalog.write() as writer:
                merge(writer._transaction, older, file)
        else:
            with shelf.catalog.write() as writer:
                head = described("b")
                writer.redescribe(file, filename="a.jpg", described=head, taken_at=TAKEN)

        with shelf.catalog.write() as writer:
            writer.set_sha1(file, SHA1)

        assert shelf.asset(twin).remote
        left = shelf.catalog.assets.by_id(file)
        assert left is None or left.sha1 is None

    def test_what_only_remotes_have_is_not_to_be_hashed(self, shelf: Shelf) -> None:
        shelf.preview(shelf.heard(shelf.photos(), image("one", sha1=None)))

        assert shelf.catalog.assets.unhashed([3_000_000]) == []

    def test_a_vanished_file_leaves_its_picture_to_the_remote(self, shelf: Shelf) -> None:
        file = shelf.put_one("a.jpg")
        shelf.render(file, sha1=SHA1)
        photos = shelf.photos()
        shelf.hear(photos, image("one", sha1=SHA1))

        shelf.lose("a.jpg")

        asset = shelf.asset(file)
        assert (asset.status, asset.remote) == ("ready", True)
        assert shelf.find(**{"is": "remote"}) == [file]
        assert shelf.row(photos, "one").state == "held"
        assert shelf.catalog.assets.locations(file) == [Location(photos, "one")]

    def test_a_file_that_vanished_unread_has_the_remote_asked(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        asset_id = shelf.heard(photos, image("one"))
        shelf.offer(asset_id, "a.jpg")
        assert shelf.row(photos, "one").state == "held"

        shelf.lose("a.jpg")

        assert shelf.asset(asset_id).remote
        assert shelf.row(photos, "one").state == "wanted"

    def test_a_file_that_comes_to_a_remotes_picture_is_rendered(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        asset_id = shelf.heard(photos, image("one"))
        shelf.preview(asset_id)

        shelf.offer(asset_id, "a.jpg")

        asset = shelf.asset(asset_id)
        assert (asset.remote, asset.status) == (False, "described")
        assert [p.id for p in shelf.catalog.assets.claim_render(9)] == [asset_id]

    def test_a_preview_that_failed_is_forgotten_when_the_file_comes(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        asset_id = shelf.heard(photos, image("one"))
        shelf.fail(asset_id)
        shelf.catalog.remotes.refuse(photos, "one", "It cannot be had.")

        shelf.offer(asset_id, "a.jpg")

        asset = shelf.asset(asset_id)
        assert (asset.status, asset.problem) == ("described", None)
        assert shelf.row(photos, "one").state == "held"

    def test_of_two_with_the_same_bytes_the_one_with_a_file_survives(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        older = shelf.put_one("a.jpg")
        shelf.render(older, "c", sha1=SHA1)
        shelf.hear(photos, image("one", sha1=SHA1))
        shelf.lose("a.jpg")  # from now on only the remote has it
        newer = shelf.put_one("b.jpg")

        kept = shelf.render(newer, "c", sha1=SHA1)

        assert kept == newer
        assert shelf.asset(newer).remote is False
        assert shelf.row(photos, "one").asset_id == newer
