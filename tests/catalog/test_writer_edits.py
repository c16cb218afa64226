"""Editing in the writer: what is said of assets, and that a transaction is all or nothing."""

from __future__ import annotations

import pytest

from gallery_app.catalog import UNSET, Changes
from gallery_app.domain.model import AssetId, Metadata
from gallery_app.domain.query import AssetQuery
from tests.catalog.shelf import START, Shelf


def search(shelf: Shelf, text: str) -> list[AssetId]:
    return shelf.catalog.index.ids(AssetQuery.from_params({"q": [text]}))


def fail_half_way(shelf: Shelf, asset_id: AssetId) -> None:
    with shelf.catalog.write() as writer:
        writer.edit([asset_id], Changes(title="never", add_tags=["never"]))
        shelf.put("2099/b.jpg")
        raise RuntimeError


class TestEditing:
    def test_an_edit_changes_only_what_it_names(self, shelf: Shelf) -> None:
        asset_id = shelf.put_one("a.jpg", metadata=Metadata(title="File", rating=2))
        with shelf.catalog.write() as writer:
            writer.edit([asset_id], Changes(title="Said", alt_text="Alt"))

        with shelf.catalog.write() as writer:
            writer.edit([asset_id], Changes(rating=5, title=UNSET))

        asset = shelf.asset(asset_id)
        assert (asset.title, asset.alt_text, asset.rating) == ("Said", "Alt", 5)

    def test_none_gives_a_field_back_to_the_file_and_empty_text_hides_it(
        self, shelf: Shelf
    ) -> None:
        asset_id = shelf.put_one("a.jpg", metadata=Metadata(title="File", caption="Also"))

        with shelf.catalog.write() as writer:
            writer.edit([asset_id], Changes(title="", caption="Said"))
            writer.edit([asset_id], Changes(caption=None))

        assert (shelf.asset(asset_id).title, shelf.asset(asset_id).caption) == (None, "Also")

    def test_the_new_words_are_found_and_the_old_ones_are_not(self, shelf: Shelf) -> None:
        asset_id = shelf.put_one("a.jpg")
        with shelf.catalog.write() as writer:
            writer.edit([asset_id], Changes(title="sunrise", set_tags=["dawn"]))

        with shelf.catalog.write() as writer:
            writer.edit([asset_id], Changes(title="sunset", set_tags=["dusk"]))

        assert [search(shelf, w) for w in ("sunrise", "dawn")] == [[], []]
        assert [search(shelf, w) for w in ("sunset", "dusk")] == [[asset_id], [asset_id]]

    def test_tags_are_one_whatever_their_case_and_keep_their_first_spelling(
        self, shelf: Shelf
    ) -> None:
        a, b = shelf.put("a.jpg", "b.jpg")

        with shelf.catalog.write() as writer:
            writer.edit([a], Changes(add_tags=["Summer  Beach", "STRASSE"]))
            writer.edit([b], Changes(add_tags=["summer beach", "straße", " "]))

        assert shelf.asset(a).tags == shelf.asset(b).tags == ("STRASSE", "Summer Beach")
        facet = shelf.catalog.index.facets(AssetQuery()).names["tag"]
        assert [(v.value, v.count) for v in facet] == [("STRASSE", 2), ("Summer Beach", 2)]

    def test_a_removed_tag_is_gone_even_if_the_file_has_it_as_a_keyword(self, shelf: Shelf) -> None:
        asset_id = shelf.put_one("a.jpg", metadata=Metadata(keywords=("Beach",)))

        with shelf.catalog.write() as writer:
            writer.edit([asset_id], Changes(remove_tags=["beach"]))

        assert shelf.asset(asset_id).tags == ()

    def test_an_exception_undoes_the_whole_transaction(self, shelf: Shelf) -> None:
        asset_id = shelf.put_one("a.jpg")
        before, revision = shelf.asset(asset_id), shelf.catalog.revision

        with pytest.raises(RuntimeError):
            fail_half_way(shelf, asset_id)

        assert (shelf.asset(asset_id), shelf.catalog.revision) == (before, revision)
        assert search(shelf, "never") == []
        shelf.put("2099/c.jpg")
        with shelf.catalog.write() as writer:
            writer.edit([asset_id], Changes(add_tags=["never"]))
        assert shelf.asset(asset_id).tags == ("never",)

    def test_the_revision_rises_with_what_a_listing_shows_and_survives_a_restart(
        self, shelf: Shelf
    ) -> None:
        seen = [shelf.catalog.revision]
        asset_id = shelf.put_one("a.jpg")
        seen.append(shelf.catalog.revision)
        with shelf.catalog.write() as writer:
            writer.set_trashed([asset_id], START)
        seen.append(shelf.catalog.revision)
        shelf.catalog.assets.claim_render(1)
        shelf.catalog.jobs.put("scan", "x", subject="x")

        assert seen == sorted(set(seen))
        assert shelf.catalog.revision == seen[-1] == shelf.reopen().revision
