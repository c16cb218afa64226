"""Named frames: one picture an interval, an address of their own, nothing private on the wall."""

from __future__ import annotations

import io
from datetime import timedelta
from unittest.mock import Mock

import pytest
from PIL import Image

from gallery_app.domain.errors import (
    BadInput,
    BadQuery,
    Conflict,
    GalleryError,
    NotFound,
    UpstreamTimeout,
)
from gallery_app.domain.geometry import Size
from gallery_app.services.frames import FrameBook
from gallery_app.services.reach import Paused
from tests.services.far import Book, Library
from tests.services.house import House
from tests.services.wall import SCREEN, fill, frames_of, immich_of, put_far


@pytest.fixture
def frames(house: House, book: Book) -> FrameBook:
    return frames_of(house, book)


class TestNamedFrames:
    def test_one_shows_the_same_all_through_an_interval(
        self, house: House, frames: FrameBook
    ) -> None:
        fill(house, 6)
        frame = frames.put("kitchen", size=SCREEN, interval_s=600)
        start = house.clock.at

        shown = [frames.picture_for(frame, start + timedelta(seconds=s)) for s in (0, 300, 599)]

        assert len({uid for uid, _ in shown}) == 1
        assert len({made.data for _, made in shown}) == 1
        assert Image.open(io.BytesIO(shown[0][1].data)).size == SCREEN

    def test_nothing_comes_twice_in_an_hour_before_all_were_shown(
        self, house: House, frames: FrameBook
    ) -> None:
        fill(house, 6)
        frame = frames.put("kitchen", size=SCREEN, interval_s=600)

        shown = [
            frames.picture_for(frame, house.clock.at + timedelta(seconds=600 * n))[0]
            for n in range(6)
        ]

        assert len(set(shown)) == 6

    def test_the_order_changes_with_the_hour(self, house: House, frames: FrameBook) -> None:
        fill(house, 6)
        frame = frames.put("kitchen", size=SCREEN, interval_s=600)

        hours = {
            tuple(
                frames.picture_for(frame, house.clock.at + timedelta(hours=h, seconds=600 * n))[0]
                for n in range(6)
            )
            for h in range(4)
        }

        assert len(hours) > 1

    def test_its_query_is_heeded(self, house: House, frames: FrameBook) -> None:
        uids = fill(house)
        frame = frames.put("kitchen", query="beach2", size=SCREEN)

        assert frames.picture_for(frame)[0] == uids["beach2.jpg"]

    def test_a_smart_query_asks_immich(
        self, house: House, frames: FrameBook, book: Book, library: Library
    ) -> None:
        uids = fill(house)
        immich_of(house, book, library, k="beach1.jpg")
        library.answers["dunes"] = ["k"]
        frame = frames.put("kitchen", query="smart:dunes", size=SCREEN)

        assert frames.picture_for(frame)[0] == uids["beach1.jpg"]

    def test_a_smart_query_that_is_not_answered_in_time_is_read_as_words(
        self,
        house: House,
        frames: FrameBook,
        book: Book,
        library: Library,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        uids = fill(house)
        immich_of(house, book, library, k="beach1.jpg")
        monkeypatch.setattr(library, "search", Mock(side_effect=UpstreamTimeout("Family")))
        frame = frames.put("kitchen", query="smart:beach2", size=SCREEN)

        assert frames.picture_for(frame)[0] == uids["beach2.jpg"]

    def test_where_no_words_fit_either_it_shows_any_the_same_all_through_an_interval(
        self, house: House, frames: FrameBook
    ) -> None:
        uids = fill(house)
        frame = frames.put("kitchen", query="smart:dunes", size=SCREEN)

        shown = {frames.picture_for(frame)[0] for _ in range(5)}

        assert len(shown) == 1
        assert shown <= set(uids.values())

    @pytest.mark.parametrize("error", [UpstreamTimeout(), Paused()], ids=["away", "paused"])
    def test_while_a_remote_does_not_give_what_it_shows_another_is_shown(
        self,
        house: House,
        frames: FrameBook,
        book: Book,
        library: Library,
        monkeypatch: pytest.MonkeyPatch,
        error: GalleryError,
    ) -> None:
        uids = fill(house)
        put_far(house, book, library, "walk.jpg")
        monkeypatch.setattr(house.media, "_from_remote", Mock(side_effect=error))
        frame = frames.put("kitchen", query="walk", size=SCREEN)

        shown = {frames.picture_for(frame)[0] for _ in range(5)}

        assert len(shown) == 1
        assert shown <= set(uids.values())

    def test_nothing_to_show_is_not_found(self, house: House, frames: FrameBook) -> None:
        fill(house, 1)
        frame = frames.put("kitchen", query="nothing-like-it", size=SCREEN)

        with pytest.raises(NotFound):
            frames.picture_for(frame)

    def test_the_time_left_counts_down(self, house: House, frames: FrameBook) -> None:
        frame = frames.put("kitchen", interval_s=600)
        start = house.clock.at  # twelve o'clock

        assert frames.seconds_left(frame, start) == 600
        assert frames.seconds_left(frame, start + timedelta(seconds=599)) == 1

    def test_a_change_keeps_the_key_unless_a_new_one_is_asked(self, frames: FrameBook) -> None:
        first = frames.put("kitchen")
        changed = frames.put("kitchen", query="beach")
        renewed = frames.put("kitchen", new_key=True)

        assert first.key == changed.key != renewed.key
        assert frames.opens(changed, first.key)
        assert not frames.opens(renewed, first.key)
        assert not frames.opens(renewed, "é")
        assert first.key not in repr(first)

    def test_they_are_listed_and_deleted(self, frames: FrameBook) -> None:
        frames.put("kitchen")
        frames.put("hall")
        assert [frame.name for frame in frames.list()] == ["hall", "kitchen"]

        frames.delete("hall")

        assert [frame.name for frame in frames.list()] == ["kitchen"]
        with pytest.raises(NotFound):
            frames.delete("hall")
        with pytest.raises(NotFound):
            frames.get("hall")

    def test_a_deleted_one_comes_back_with_its_address(self, frames: FrameBook) -> None:
        kitchen = frames.put("kitchen", query="beach", size=SCREEN, interval_s=600)
        frames.delete("kitchen")

        frames.restore(kitchen)

        assert frames.list() == [kitchen]
        assert frames.opens(frames.get("kitchen"), kitchen.key)

    def test_it_stays_away_when_its_name_is_taken_by_now(self, frames: FrameBook) -> None:
        kitchen = frames.put("kitchen")
        frames.delete("kitchen")
        newer = frames.put("kitchen", query="beach")

        with pytest.raises(Conflict):
            frames.restore(kitchen)

        assert frames.list() == [newer]

    @pytest.mark.parametrize("name", ["", "-", "Kitchen", "a/b", "-a", "a-", "x" * 41, "../a"])
    def test_a_name_that_is_no_address_is_refused(self, frames: FrameBook, name: str) -> None:
        with pytest.raises(BadInput):
            frames.put(name)

    def test_blanks_around_its_query_do_not_count(self, frames: FrameBook) -> None:
        assert frames.put("kitchen", query=" smart:dunes ").query == "smart:dunes"

    def test_what_cannot_be_shown_is_refused(self, frames: FrameBook) -> None:
        with pytest.raises(BadInput):
            frames.put("kitchen", size=Size(63, 720))
        with pytest.raises(BadInput):
            frames.put("kitchen", size=Size(7681, 720))
        with pytest.raises(BadInput):
            frames.put("kitchen", interval_s=9)
        with pytest.raises(BadQuery):
            frames.put("kitchen", query="nofilter:x")
