"""Sources: their state, their identity, and the one for uploads."""

from __future__ import annotations

import pytest

from gallery_app.domain.model import SourceId
from tests.catalog.shelf import START, Shelf


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
