"""Where a help desk offers the pictures of a ticket: all that stands there now."""

from __future__ import annotations

import pytest

from gallery_app.catalog import Changes, offered
from gallery_app.catalog.offered import Asked
from gallery_app.domain.entities import EntityRef
from gallery_app.domain.model import AssetId
from tests.catalog.shelf import START, Shelf, attachment


class TestAnAttachment:
    @pytest.mark.parametrize("refused", [False, True], ids=["on its way", "refused"])
    def test_of_a_new_version_is_offered_as_it_was_until_that_came(
        self, shelf: Shelf, refused: bool
    ) -> None:
        desk, ticket = shelf.desk(), EntityRef("ticket", "4711")
        asset_id = shelf.fetch(desk, attachment(entities=(ticket,)))
        shelf.hear(desk, attachment(entities=(ticket,), version="v2"), copies=True)
        if refused:
            shelf.catalog.remotes.refuse(desk, attachment().key, "It is no picture.")

        for private in (True, False):
            asked = Asked("freshdesk", ticket="4711", private=private)
            assert shelf.catalog.offered.at(asked).assets.tolist() == [asset_id]

    def test_that_comes_back_as_another_is_not_offered_as_it_was(self, shelf: Shelf) -> None:
        desk, ticket = shelf.desk(), EntityRef("ticket", "4711")
        shelf.fetch(desk, attachment(entities=(ticket,)))
        with shelf.catalog.write() as writer:
            writer.lose_remote(desk, [attachment().key], at=START)

        shelf.hear(desk, attachment(entities=(ticket,), version="v2"), copies=True)

        for private in (True, False):
            asked = Asked("freshdesk", ticket="4711", private=private)
            assert shelf.catalog.offered.at(asked).assets.tolist() == []

    @pytest.mark.parametrize("private", [True, False], ids=["told as private", "as public"])
    def test_that_comes_back_as_another_tells_of_what_stood_there(
        self, shelf: Shelf, private: bool
    ) -> None:
        desk = shelf.desk()
        asset_id = shelf.fetch(desk, attachment(private=not private))
        with shelf.catalog.write() as writer:
            writer.lose_remote(desk, [attachment().key], at=START)

        shelf.hear(desk, attachment(private=private, version="v2"), copies=True)

        assert shelf.asset(asset_id).private == private
        assert shelf.find(**{"is": "private"}) == [asset_id] * private

    def test_is_read_where_it_is_asked_for_not_where_the_same_picture_stands_too(
        self, shelf: Shelf
    ) -> None:
        desk, ticket = shelf.desk(), EntityRef("ticket", "4711")
        keys = [f"ticket/4711/attachment/{number}" for number in (4, 3, 2, 1)]
        for key, digit in zip(keys, "aaba", strict=True):
            shelf.fetch(desk, attachment(key, entities=(ticket,)), digit)
        asked = Asked("freshdesk", ticket="4711")
        places = shelf.catalog.offered.at(asked)

        for positions in ([0, 2], [1, 3], [2], [0, 1, 2, 3]):
            found = shelf.catalog.offered.read(asked, places, positions)
            assert {at: place.occurrence.key for at, place in found.items()} == {
                at: keys[at] for at in positions
            }


def _ticket(shelf: Shelf, number: int, digits: str) -> Asked:
    """A ticket with a picture for each digit of its bytes."""
    desk, refs = shelf.desk(), (EntityRef("ticket", str(number)),)
    for place, digit in enumerate(digits):
        key = f"ticket/{number}/attachment/{place}"
        shelf.fetch(desk, attachment(key, entities=refs), digit)
    return Asked("freshdesk", ticket=str(number))


class TestWhatIsTold:
    def test_is_told_whole_while_others_forget_what_was_touched(self, shelf: Shelf) -> None:
        asked, book = _ticket(shelf, 1, "abc"), shelf.catalog.offered
        list(book.told(asked, book.at(asked), [0, 1, 2]))  # kept from now on
        places = book.at(asked)

        telling = book.told(asked, places, [0, 1, 2])
        first = next(telling)
        with shelf.catalog.write() as writer:
            writer.edit([AssetId(int(places.assets[2]))], Changes(favourite=True))
        book.at(asked)

        assert [at for at, _ in [first, *telling]] == [0, 1, 2]

    def test_is_kept_of_what_was_asked_last_and_no_more_than_fits(
        self, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(offered, "_MOST_TOLD", 3)
        book = shelf.catalog.offered
        asked = [_ticket(shelf, 1, "ab"), _ticket(shelf, 2, "cd"), _ticket(shelf, 3, "abcd")]

        for one in asked[:2]:
            assert len(list(book.told(one, book.at(one), [0, 1]))) == 2
        assert [len(book.at(one).told) for one in asked[:2]] == [0, 2]
        assert len(list(book.told(asked[2], book.at(asked[2]), [0, 1, 2, 3]))) == 4
        assert len(book.at(asked[2]).told) == 0  # more than fits at all
