"""Sources: their state, their identity, and the one for uploads."""

from __future__ import annotations

import pytest

from gallery_app.domain.errors import NotFound
from gallery_app.domain.model import SourceId
from tests.catalog.shelf import SHA1, START, Shelf, attachment, image


def test_there_is_one_source_of_uploads_from_the_beginning(shelf: Shelf) -> None:
    first = shelf.catalog.sources.uploads()

    assert (first.kind, first.address) == ("uploads", "")
    assert shelf.reopen().sources.uploads().id == first.id
    assert [s.kind for s in shelf.catalog.sources.list()] == ["uploads", "folder"]


def test_adding_the_same_folder_again_is_the_same_source(shelf: Shelf) -> None:
    assert shelf.catalog.sources.add("folder", "Other", "/pictures").id == shelf.source.id


def test_a_state_and_its_sentence_are_kept_until_the_next(shelf: Shelf) -> None:
    sources = shelf.catalog.sources
    sources.set_state(shelf.source.id, "offline", "Is the disk connected?")
    found = sources.get(shelf.source.id)
    assert found is not None
    assert (found.state, found.error) == ("offline", "Is the disk connected?")

    sources.set_state(shelf.source.id, "online")
    sources.finish_scan(shelf.source.id, START, 1.5)

    found = shelf.reopen().sources.get(shelf.source.id)
    assert found is not None
    assert (found.state, found.error) == ("online", None)
    assert (found.last_scan_at, found.last_scan_s) == (START, 1.5)


@pytest.mark.parametrize("number", [1, (1 << 63) - 1, 1 << 63, (1 << 64) - 1])
def test_a_roots_identity_comes_back_as_it_was(shelf: Shelf, number: int) -> None:
    assert shelf.catalog.sources.identity(shelf.source.id) is None

    shelf.catalog.sources.set_identity(shelf.source.id, number, number)

    assert shelf.catalog.sources.identity(shelf.source.id) == (number, number)


def test_a_removed_source_is_still_there_to_be_asked_about(shelf: Shelf) -> None:
    shelf.catalog.sources.remove(shelf.source.id, START)

    found = shelf.catalog.sources.get(shelf.source.id)
    assert found is not None
    assert found.removed_at == START
    assert shelf.catalog.sources.get(SourceId(99)) is None


class TestRemovingARemote:
    def test_and_keeping_its_pictures_leaves_those_that_were_copied(self, shelf: Shelf) -> None:
        desk = shelf.desk()
        asset_id = shelf.fetch(desk, attachment())

        shelf.catalog.sources.remove(desk, START, keep=True)

        asset = shelf.asset(asset_id)
        assert (asset.status, asset.trashed_at) == ("ready", None)
        assert asset.occurrences[0].gone_at == START
        assert shelf.find() == [asset_id]

    def test_and_dropping_its_pictures_trashes_what_nobody_else_offers(self, shelf: Shelf) -> None:
        desk, other = shelf.desk(), shelf.photos()
        only = shelf.fetch(desk, attachment())
        shared = shelf.fetch(desk, attachment("ticket/1/attachment/2"), "b")
        shelf.hear(other, image("two", sha1="b" * 40))
        in_folder = shelf.fetch(desk, attachment("ticket/1/attachment/3"), "c")
        shelf.offer(in_folder, "c.jpg")

        shelf.catalog.sources.remove(desk, START, keep=False)

        assert shelf.asset(only).trashed_at == START
        assert shelf.find() == [shared, in_folder]

    @pytest.mark.parametrize("keep", [True, False])
    def test_pictures_whose_bytes_only_it_had_are_missing(self, shelf: Shelf, keep: bool) -> None:
        photos = shelf.photos()
        asset_id = shelf.heard(photos, image("one"))

        shelf.catalog.sources.remove(photos, START, keep=keep)

        asset = shelf.asset(asset_id)
        assert (asset.status, asset.trashed_at) == ("missing", None)

    @pytest.mark.parametrize("keep", [True, False])
    def test_is_undone_whole(self, shelf: Shelf, keep: bool) -> None:
        desk, photos = shelf.desk(), shelf.photos()
        shelf.fetch(desk, attachment())
        gone = shelf.fetch(desk, attachment("ticket/1/attachment/2"), "b")
        shelf.preview(shelf.heard(photos, image("one")))
        with shelf.catalog.write() as writer:
            writer.lose_remote(desk, ["ticket/1/attachment/2"], at=START)
        before = shelf.all()
        shelf.wait(60)

        for source in (desk, photos):
            shelf.catalog.sources.remove(source, shelf.now(), keep=keep)
        assert shelf.find() == ([1, gone] if keep else [gone])
        shelf.wait(60)
        restored = [shelf.catalog.sources.restore(source) for source in (desk, photos)]

        assert shelf.all() == before
        assert [source.removed_at for source in restored] == [None, None]
        assert shelf.catalog.remotes.row(photos, "one") is not None

    def test_what_was_trashed_before_stays_in_the_trash(self, shelf: Shelf) -> None:
        desk = shelf.desk()
        asset_id = shelf.fetch(desk, attachment())
        with shelf.catalog.write() as writer:
            writer.set_trashed([asset_id], START)
        shelf.wait(60)

        shelf.catalog.sources.remove(desk, shelf.now(), keep=False)
        shelf.catalog.sources.restore(desk)

        assert shelf.asset(asset_id).trashed_at == START

    def test_adding_its_address_again_restores_it(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        asset_id = shelf.heard(photos, image("one"))
        shelf.catalog.sources.remove(photos, START)

        assert shelf.photos() == photos

        assert shelf.asset(asset_id).live
        assert shelf.row(photos, "one").state == "wanted"

    def test_a_listing_brings_back_what_a_removal_took(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        shelf.render(shelf.put_one("a.jpg"), sha1=SHA1)
        shelf.hear(photos, image("one", sha1=SHA1))
        with shelf.catalog.write() as writer:
            writer.mark_gone(photos, ["one"], at=START)

        shelf.hear(photos, image("one", sha1=SHA1))

        assert shelf.all()[0].occurrences[1].gone_at is None

    def test_restoring_what_never_was_is_refused(self, shelf: Shelf) -> None:
        with pytest.raises(NotFound):
            shelf.catalog.sources.restore(SourceId(99))

    def test_restoring_what_was_not_removed_changes_nothing(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        shelf.heard(photos, image("one"))
        before, revision = shelf.all(), shelf.catalog.revision

        shelf.catalog.sources.restore(photos)

        assert (shelf.all(), shelf.catalog.revision) == (before, revision)
