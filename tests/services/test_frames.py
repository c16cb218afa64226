"""Frames: exactly the screen's size, another picture each time, nothing private on the wall."""

from __future__ import annotations

import io
import random
from datetime import timedelta
from unittest.mock import patch

import numpy as np
import pytest
from PIL import Image

from gallery_app.domain.errors import BadInput, BadQuery, Conflict, NotFound, NotReady
from gallery_app.domain.geometry import Box, Size
from gallery_app.domain.model import Source
from gallery_app.services.errands import Errands
from gallery_app.services.frames import FrameBook
from gallery_app.services.smart import SmartSearch
from gallery_app.services.subjects import Subjects
from gallery_app.storage.shelf import Shelf
from tests.catalog.shelf import image as listed
from tests.catalog.shelf import processed
from tests.pictures import make_picture
from tests.services.far import Book, Desk, Library, hold, image, list_images
from tests.services.house import House

SCREEN = Size(128, 72)


@pytest.fixture
def library() -> Library:
    return Library()


@pytest.fixture
def book(house: House) -> Book:
    return Book(house)


def _frames(house: House, book: Book, *, default_query: str = "") -> FrameBook:
    chance = random.Random(4)
    return FrameBook(
        house.catalog,
        house.browse,
        house.media,
        SmartSearch(house.catalog, book),
        Subjects(house.catalog, book, Errands()),
        Shelf(house.data / "frames", most=50),
        now=house.clock,
        chance=chance.random,
        random_bytes=chance.randbytes,
        default_query=default_query,
    )


@pytest.fixture
def frames(house: House, book: Book) -> FrameBook:
    return _frames(house, book)


def _fill(house: House, count: int = 4) -> dict[str, str]:
    """`count` pictures; uid by file name."""
    for number in range(count):
        house.put(f"beach{number}.jpg", make_picture(f"64x48 jpeg, seed {number}"))
    house.scan()
    house.render_all()
    return {asset.filename: asset.uid for asset in house.all()}


def _immich(house: House, book: Book, library: Library, **keys: str) -> Source:
    """An Immich that lists pictures of ours: key to file name."""
    source = book.connect("immich", library)
    ids = {asset.filename: asset.id for asset in house.all()}
    for key, name in keys.items():
        list_images(house, source, image(key))
        hold(house, source, key, ids[name])
    return source


class TestNewImage:
    def test_it_is_a_4k_picture_of_the_gallery(self, house: House, frames: FrameBook) -> None:
        uids = _fill(house)

        made = frames.new_image()

        assert Image.open(io.BytesIO(made.bytes.data)).size == (3840, 2160)
        assert made.uid in uids.values()
        assert made.found_by == "any"

    def test_repeated_calls_differ(self, house: House, frames: FrameBook) -> None:
        _fill(house)
        shown = []

        for _ in range(4):
            house.clock.pass_(seconds=1)
            shown.append(frames.new_image().uid)

        assert len(set(shown)) == 4

    def test_the_smart_search_goes_first_and_the_range_limits(
        self, house: House, frames: FrameBook, book: Book, library: Library
    ) -> None:
        uids = _fill(house)
        _immich(house, book, library, k0="beach0.jpg", k1="beach1.jpg", k2="beach2.jpg")
        library.answers["dunes"] = ["k2", "k0", "k1"]

        shown = set()
        for _ in range(4):
            house.clock.pass_(seconds=1)
            made = frames.new_image("dunes", most=2)
            assert made.found_by == "smart"
            shown.add(made.uid)

        assert shown == {uids["beach2.jpg"], uids["beach0.jpg"]}

    def test_without_it_the_search_language_is_read(self, house: House, frames: FrameBook) -> None:
        uids = _fill(house)

        made = frames.new_image("beach3")

        assert (made.uid, made.found_by) == (uids["beach3.jpg"], "search")

    @pytest.mark.parametrize("query", ["nothing-like-it", "nofilter:x"])
    def test_when_nothing_fits_it_is_any(self, house: House, frames: FrameBook, query: str) -> None:
        _fill(house)

        assert frames.new_image(query).found_by == "any"

    def test_a_customer_s_picture_is_shown_only_when_asked_for(
        self, house: House, book: Book, frames: FrameBook
    ) -> None:
        uids = _fill(house, 2)
        desk = book.connect("freshdesk", Desk())
        list_images(house, desk, image("ticket/7/attachment/1"))
        sent = next(asset for asset in house.all() if asset.uid == uids["beach0.jpg"])
        hold(house, desk, "ticket/7/attachment/1", sent.id)
        wall = frames.put("wall", size=SCREEN)
        asked = frames.put("desk", query="beach0", size=SCREEN)

        assert {frames.new_image().uid for _ in range(4)} == {uids["beach1.jpg"]}
        assert frames.picture_for(wall)[0] == uids["beach1.jpg"]
        assert frames.new_image("beach0").uid == uids["beach0.jpg"]
        assert frames.picture_for(asked)[0] == uids["beach0.jpg"]

    def test_nobody_s_query_is_the_default_one(self, house: House, book: Book) -> None:
        uids = _fill(house)

        made = _frames(house, book, default_query="beach1").new_image()

        assert (made.query, made.uid) == ("beach1", uids["beach1.jpg"])

    def test_one_whose_file_is_away_is_passed_over(self, house: House, frames: FrameBook) -> None:
        uids = _fill(house, 2)
        (house.pictures / "beach0.jpg").unlink()

        for _ in range(3):
            house.clock.pass_(seconds=1)
            assert frames.new_image().uid == uids["beach1.jpg"]

    def test_while_a_remote_is_away_another_picture_is_shown(
        self, house: House, frames: FrameBook, book: Book, library: Library
    ) -> None:
        uids = _fill(house, 1)
        source = book.connect("immich", library)
        far = [listed(f"far{number}", filename=f"walk{number}.jpg") for number in range(9)]
        with house.catalog.write() as writer:
            writer.list_remote(source.id, far, at=house.clock(), copies=False)
        remote = [asset.id for asset in house.all() if asset.remote]
        with house.catalog.write() as writer:
            for asset_id in remote:
                writer.finish_preview(asset_id, processed(), "e" * 64, at=house.clock())

        with patch.object(house.media, "rendition", wraps=house.media.rendition) as asked:
            for _ in range(4):
                house.clock.pass_(seconds=1)
                made = frames.new_image("walk")

                assert (made.uid, made.found_by) == (uids["beach0.jpg"], "any")
        assert asked.call_count == 2 * 4  # one remote picture each time, and none in its stead

    def test_one_that_takes_too_long_is_waited_for_once(
        self, house: House, frames: FrameBook
    ) -> None:
        _fill(house, 6)
        frame = frames.put("kitchen", size=SCREEN)

        with (
            patch.object(house.media, "rendition", side_effect=NotReady) as asked,
            pytest.raises(NotReady),
        ):
            frames.picture_for(frame)
        assert asked.call_count == 1

    def test_private_pictures_are_never_shown(
        self, house: House, frames: FrameBook, book: Book, library: Library
    ) -> None:
        uids = _fill(house, 2)
        desk = book.connect("freshdesk", library)
        asset = house.browse.get(uids["beach0.jpg"])
        list_images(house, desk, image("ticket/1/attachment/2", private=True))
        hold(house, desk, "ticket/1/attachment/2", asset.id)
        (house.pictures / "beach0.jpg").unlink()
        house.scan()

        for query in (None, "beach0", "beach"):
            house.clock.pass_(seconds=1)
            assert frames.new_image(query).uid == uids["beach1.jpg"]

    @pytest.mark.parametrize("told", ["in the list", "when asked"])
    def test_a_known_subject_is_kept_in_the_picture(
        self, house: House, frames: FrameBook, book: Book, library: Library, told: str
    ) -> None:
        tall = Image.new("RGB", (300, 900), (90, 120, 140))
        tall.paste((250, 0, 0), (120, 760, 180, 820))
        target = io.BytesIO()
        tall.save(target, "JPEG", quality=95)
        house.put("tall.jpg", target.getvalue())
        house.scan()
        house.render_all()
        source = book.connect("immich", library)
        library.seen["k"] = (Box(0.4, 0.84, 0.6, 0.92),)
        listed_at = (0.5, 0.88) if told == "in the list" else None
        list_images(house, source, image("k", focus=listed_at))
        hold(house, source, "k", house.only().id)

        made = Image.open(io.BytesIO(frames.new_image().bytes.data)).convert("RGB")

        small = np.asarray(made.resize((384, 216))).astype(int)
        red = ((small[:, :, 0] > 200) & (small[:, :, 1:].max(axis=2) < 60)).sum()
        assert red == pytest.approx((60 * 384 / 300) ** 2, rel=0.1)
        assert library.looked == ([] if told == "in the list" else ["k"])

    def test_an_empty_gallery_says_so(self, frames: FrameBook) -> None:
        with pytest.raises(NotFound):
            frames.new_image()

    @pytest.mark.parametrize("most", [0, -1, 1001])
    def test_a_range_that_cannot_be_is_refused(self, frames: FrameBook, most: int) -> None:
        with pytest.raises(BadInput):
            frames.new_image(most=most)


class TestLatest:
    def test_before_the_first_it_says_how(self, frames: FrameBook) -> None:
        with pytest.raises(Conflict, match="new-image"):
            frames.latest()

    def test_it_is_the_last_one_byte_for_byte_also_after_a_restart(
        self, house: House, frames: FrameBook, book: Book
    ) -> None:
        _fill(house)
        for _ in range(3):
            house.clock.pass_(seconds=1)
            made = frames.new_image()

        assert frames.latest().data == made.bytes.data
        assert _frames(house, book).latest().data == made.bytes.data

    def test_the_picture_shown_again_is_the_latest(self, house: House, frames: FrameBook) -> None:
        _fill(house, 2)
        for _ in range(3):
            house.clock.pass_(seconds=1)
            made = frames.new_image()

        assert frames.latest().data == made.bytes.data

    def test_what_was_made_is_told(self, house: House, frames: FrameBook) -> None:
        assert frames.info().count == 0
        _fill(house, 2)
        made = frames.new_image()

        info = frames.info()

        assert (info.count, info.bytes) == (1, len(made.bytes.data))
        assert info.names == (f"{made.uid}.jpg",)
        assert info.newest == house.clock.at


class TestNamedFrames:
    def test_one_shows_the_same_all_through_an_interval(
        self, house: House, frames: FrameBook
    ) -> None:
        _fill(house, 6)
        frame = frames.put("kitchen", size=SCREEN, interval_s=600)
        start = house.clock.at

        shown = [frames.picture_for(frame, start + timedelta(seconds=s)) for s in (0, 300, 599)]

        assert len({uid for uid, _ in shown}) == 1
        assert len({made.data for _, made in shown}) == 1
        assert Image.open(io.BytesIO(shown[0][1].data)).size == SCREEN

    def test_nothing_comes_twice_in_an_hour_before_all_were_shown(
        self, house: House, frames: FrameBook
    ) -> None:
        _fill(house, 6)
        frame = frames.put("kitchen", size=SCREEN, interval_s=600)

        shown = [
            frames.picture_for(frame, house.clock.at + timedelta(seconds=600 * n))[0]
            for n in range(6)
        ]

        assert len(set(shown)) == 6

    def test_the_order_changes_with_the_hour(self, house: House, frames: FrameBook) -> None:
        _fill(house, 6)
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
        uids = _fill(house)
        frame = frames.put("kitchen", query="beach2", size=SCREEN)

        assert frames.picture_for(frame)[0] == uids["beach2.jpg"]

    def test_a_smart_query_asks_the_immich(
        self, house: House, frames: FrameBook, book: Book, library: Library
    ) -> None:
        uids = _fill(house)
        _immich(house, book, library, k="beach1.jpg")
        library.answers["dunes"] = ["k"]
        frame = frames.put("kitchen", query="smart:dunes", size=SCREEN)

        assert frames.picture_for(frame)[0] == uids["beach1.jpg"]

    def test_nothing_to_show_is_not_found(self, house: House, frames: FrameBook) -> None:
        _fill(house, 1)
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

    def test_what_cannot_be_shown_is_refused(self, frames: FrameBook) -> None:
        with pytest.raises(BadInput):
            frames.put("kitchen", size=Size(63, 720))
        with pytest.raises(BadInput):
            frames.put("kitchen", size=Size(7681, 720))
        with pytest.raises(BadInput):
            frames.put("kitchen", interval_s=9)
        with pytest.raises(BadQuery):
            frames.put("kitchen", query="nofilter:x")
