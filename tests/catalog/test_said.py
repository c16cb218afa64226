"""What people said at a remote: at first sight, and when it changes there or here."""

from __future__ import annotations

import pytest

from gallery_app.catalog import Changes
from gallery_app.domain.model import Asset, Metadata
from gallery_app.domain.remote import Said
from tests.catalog.shelf import SHA1, TAKEN, Shelf, attachment, described, image

WORDS = Said(favourite=True, rating=4, caption="At the lake", tags=("Lake", "2016"))


def words_of(asset: Asset) -> tuple[object, ...]:
    return asset.favourite, asset.rating, asset.caption, asset.tags


class TestAtFirstSight:
    def test_it_is_the_pictures_own(self, shelf: Shelf) -> None:
        asset_id = shelf.heard(shelf.photos(), image("one", said=WORDS))

        assert words_of(shelf.asset(asset_id)) == (True, 4, "At the lake", ("2016", "Lake"))
        assert shelf.find(q="lake") == shelf.find(tag="lake") == [asset_id]

    def test_it_fills_what_a_file_says_nothing_of(self, shelf: Shelf) -> None:
        asset_id = shelf.put_one("a.jpg")
        shelf.render(asset_id, sha1=SHA1)

        shelf.hear(shelf.photos(), image("one", sha1=SHA1, said=WORDS))

        assert words_of(shelf.asset(asset_id)) == (True, 4, "At the lake", ("2016", "Lake"))

    def test_it_leaves_what_is_said_here_and_in_the_file(self, shelf: Shelf) -> None:
        metadata = Metadata(rating=2, keywords=("file",))
        asset_id = shelf.put_one("a.jpg", metadata=metadata)
        shelf.render(asset_id, sha1=SHA1)
        with shelf.catalog.write() as writer:
            writer.edit([asset_id], Changes(caption="Mine"))

        shelf.hear(shelf.photos(), image("one", sha1=SHA1, said=WORDS))

        assert words_of(shelf.asset(asset_id)) == (True, 2, "Mine", ("file",))

    def test_it_leaves_what_was_emptied_here(self, shelf: Shelf) -> None:
        metadata = Metadata(rating=2, caption="Scan 17", keywords=("file",))
        asset_id = shelf.put_one("a.jpg", metadata=metadata)
        shelf.render(asset_id, sha1=SHA1)
        with shelf.catalog.write() as writer:
            writer.edit([asset_id], Changes(rating=0, caption="", set_tags=()))

        shelf.hear(shelf.photos(), image("one", sha1=SHA1, said=WORDS))

        assert words_of(shelf.asset(asset_id)) == (True, 0, None, ())

    def test_it_waits_for_the_bytes_where_they_are_to_be_copied(self, shelf: Shelf) -> None:
        asset_id = shelf.fetch(shelf.desk(), attachment(said=WORDS))

        assert words_of(shelf.asset(asset_id)) == (True, 4, "At the lake", ("2016", "Lake"))

    @pytest.mark.parametrize("said", [None, Said()], ids=["nothing known", "nothing said"])
    def test_nothing_said_changes_nothing(self, shelf: Shelf, said: Said | None) -> None:
        photos = shelf.photos()

        asset_id = shelf.heard(photos, image("one", said=said))

        assert words_of(shelf.asset(asset_id)) == (False, None, None, ())
        assert shelf.row(photos, "one").said is None


class TestLater:
    def test_what_was_said_here_stays_while_the_remote_says_the_same(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        asset_id = shelf.heard(photos, image("one", said=WORDS))
        with shelf.catalog.write() as writer:
            edits = Changes(favourite=False, rating=1, caption="Mine", set_tags=("mine",))
            writer.edit([asset_id], edits)

        shelf.hear(photos, image("one", said=WORDS, filename="new.jpg"))

        assert words_of(shelf.asset(asset_id)) == (False, 1, "Mine", ("mine",))

    def test_what_changes_at_the_remote_outweighs_what_was_said_here(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        asset_id = shelf.heard(photos, image("one", said=WORDS))
        with shelf.catalog.write() as writer:
            edits = Changes(favourite=True, rating=1, caption="Mine", add_tags=("mine",))
            writer.edit([asset_id], edits)

        changed = Said(favourite=False, rating=5, caption="Theirs", tags=("lake", "Boat"))
        shelf.hear(photos, image("one", said=changed))

        asset = shelf.asset(asset_id)
        assert words_of(asset) == (False, 5, "Theirs", ("Boat", "Lake", "mine"))
        assert shelf.find(q="theirs") == shelf.find(tag="boat") == [asset_id]
        assert shelf.find(tag="2016") == []

    def test_only_what_changed_there_is_written_here(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        asset_id = shelf.heard(photos, image("one", said=WORDS))
        with shelf.catalog.write() as writer:
            writer.edit([asset_id], Changes(rating=1, caption="Mine", set_tags=("mine",)))

        changed = Said(favourite=False, rating=4, caption="At the lake", tags=("Lake", "2016"))
        shelf.hear(photos, image("one", said=changed))

        assert words_of(shelf.asset(asset_id)) == (False, 1, "Mine", ("mine",))

    def test_what_is_taken_back_there_is_taken_back_here(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        asset_id = shelf.heard(photos, image("one", said=WORDS))

        shelf.hear(photos, image("one", said=Said(favourite=False, caption="", tags=())))

        assert words_of(shelf.asset(asset_id)) == (False, None, None, ())

    def test_what_the_remote_no_longer_tells_of_stays(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        asset_id = shelf.heard(photos, image("one", said=Said(favourite=True, tags=("Lake",))))

        shelf.hear(photos, image("one", said=None))

        assert words_of(shelf.asset(asset_id)) == (True, None, None, ("Lake",))

    def test_a_picture_taken_in_keeps_what_was_said_of_it_here(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        stood = shelf.heard(photos, image("one", said=Said(favourite=True)))
        with shelf.catalog.write() as writer:
            writer.edit([stood], Changes(favourite=False))

        kept = shelf.fetch(photos, image("one", said=Said(favourite=True)))

        assert shelf.asset(kept).favourite is False

    def test_a_files_keywords_are_followed_until_somebody_speaks(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        asset_id = shelf.heard(photos, image("one"))
        told = described("one", metadata=Metadata(keywords=("told",), taken_at=TAKEN))

        shelf.hear(photos, image("one", picture=told))

        assert shelf.asset(asset_id).tags == ("told",)


def test_the_row_remembers_what_was_said(shelf: Shelf) -> None:
    photos = shelf.photos()

    shelf.hear(photos, image("one", said=WORDS))

    assert shelf.row(photos, "one").said == WORDS
