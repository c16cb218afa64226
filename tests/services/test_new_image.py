"""`new_image`: exactly the screen's size, another picture each time, nothing private."""

from __future__ import annotations

import io
import threading
from unittest.mock import patch

import numpy as np
import pytest
from PIL import Image

from gallery_app.domain.errors import BadInput, Conflict, NotFound, NotReady
from gallery_app.domain.geometry import Box
from gallery_app.domain.renditions import RenditionSpec
from gallery_app.services.frames import FrameBook
from gallery_app.services.values import Bytes
from tests.catalog.shelf import image as listed
from tests.services.far import Book, Desk, Library, hold, image, list_images
from tests.services.house import House
from tests.services.wall import SCREEN, fill, frames_of, immich_of, put_far


@pytest.fixture
def frames(house: House, book: Book) -> FrameBook:
    return frames_of(house, book)


class TestNewImage:
    def test_it_is_a_4k_picture_of_the_gallery(self, house: House, frames: FrameBook) -> None:
        uids = fill(house)

        made = frames.new_image()

        assert Image.open(io.BytesIO(made.bytes.data)).size == (3840, 2160)
        assert made.uid in uids.values()
        assert made.found_by == "any"

    def test_repeated_calls_differ(self, house: House, frames: FrameBook) -> None:
        fill(house)
        shown = []

        for _ in range(4):
            house.clock.pass_(seconds=1)
            shown.append(frames.new_image().uid)

        assert len(set(shown)) == 4

    def test_the_smart_search_goes_first_and_the_range_limits(
        self, house: House, frames: FrameBook, book: Book, library: Library
    ) -> None:
        uids = fill(house)
        immich_of(house, book, library, k0="beach0.jpg", k1="beach1.jpg", k2="beach2.jpg")
        library.answers["dunes"] = ["k2", "k0", "k1"]

        shown = set()
        for _ in range(4):
            house.clock.pass_(seconds=1)
            made = frames.new_image("dunes", most=2)
            assert made.found_by == "smart"
            shown.add(made.uid)

        assert shown == {uids["beach2.jpg"], uids["beach0.jpg"]}

    def test_without_it_the_search_language_is_read(self, house: House, frames: FrameBook) -> None:
        uids = fill(house)

        made = frames.new_image("beach3")

        assert (made.uid, made.found_by) == (uids["beach3.jpg"], "search")

    @pytest.mark.parametrize("query", ["nothing-like-it", "nofilter:x"])
    def test_when_nothing_fits_it_is_any(self, house: House, frames: FrameBook, query: str) -> None:
        fill(house)

        assert frames.new_image(query).found_by == "any"

    def test_a_customer_s_picture_is_shown_only_when_asked_for(
        self, house: House, book: Book, frames: FrameBook
    ) -> None:
        uids = fill(house, 2)
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
        house.catalog.sources.remove(desk.id, house.clock(), keep=True)
        assert {frames.new_image().uid for _ in range(4)} == {uids["beach1.jpg"]}

    def test_nobody_s_query_is_the_default_one(self, house: House, book: Book) -> None:
        uids = fill(house)

        made = frames_of(house, book, default_query="beach1").new_image()

        assert (made.query, made.uid) == ("beach1", uids["beach1.jpg"])

    def test_one_whose_file_is_away_is_passed_over(self, house: House, frames: FrameBook) -> None:
        uids = fill(house, 2)
        (house.pictures / "beach0.jpg").unlink()

        for _ in range(3):
            house.clock.pass_(seconds=1)
            assert frames.new_image().uid == uids["beach1.jpg"]

    def test_while_a_remote_is_away_another_picture_is_shown(
        self, house: House, frames: FrameBook, book: Book, library: Library
    ) -> None:
        uids = fill(house, 1)
        put_far(house, book, library, *(f"walk{number}.jpg" for number in range(9)))

        with patch.object(house.media, "rendition", wraps=house.media.rendition) as asked:
            for _ in range(4):
                house.clock.pass_(seconds=1)
                made = frames.new_image("walk")

                assert (made.uid, made.found_by) == (uids["beach0.jpg"], "any")
        assert asked.call_count == 2 * 4  # one remote picture each time, and none in its stead

    def test_who_asks_waits_no_longer_than_asked_though_another_is_tried(
        self, house: House, frames: FrameBook
    ) -> None:
        fill(house, 6)
        waits: list[float] = []

        def late(_uid: str, _spec: object, *, wait_s: float) -> None:
            waits.append(wait_s)
            house.clock.pass_(seconds=wait_s)
            raise NotReady

        with (
            patch.object(house.media, "rendition", side_effect=late),
            pytest.raises(NotReady),
        ):
            frames.new_image(wait_s=30)

        assert waits == [30, 0]  # of the second only what is there already is of use

    def test_a_search_that_hangs_is_not_waited_for(
        self,
        house: House,
        frames: FrameBook,
        book: Book,
        library: Library,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        uids = fill(house)
        immich_of(house, book, library, k0="beach0.jpg")
        go_on = threading.Event()

        def hangs(_text: str, *, limit: int) -> list[str]:
            assert go_on.wait(60)
            return []

        monkeypatch.setattr(library, "search", hangs)
        monkeypatch.setattr("gallery_app.services.frames.FOR_SEARCH", 0)

        made = frames.new_image("beach3")
        go_on.set()
        for thread in threading.enumerate():
            if thread.name == "gallery-errand":
                thread.join(60)

        assert (made.uid, made.found_by) == (uids["beach3.jpg"], "search")

    def test_of_the_time_a_part_is_left_for_one_that_lies_here(
        self, house: House, frames: FrameBook, book: Book, library: Library
    ) -> None:
        uids = fill(house, 1)
        source = book.connect("immich", library)
        with house.catalog.write() as writer:
            writer.list_remote(
                source.id, [listed("far", filename="walk.jpg")], at=house.clock(), copies=False
            )
        waits: dict[str, float] = {}
        make = house.media.rendition

        def slow(uid: str, spec: RenditionSpec, *, wait_s: float) -> Bytes:
            waits["here" if uid in uids.values() else "far"] = wait_s
            if uid in uids.values():
                return make(uid, spec, wait_s=wait_s)
            house.clock.pass_(seconds=wait_s)
            raise NotReady

        with patch.object(house.media, "rendition", side_effect=slow):
            made = frames.new_image("walk", wait_s=30)

        assert made.uid == uids["beach0.jpg"]
        assert waits == {"far": pytest.approx(20), "here": pytest.approx(10)}

    def test_one_that_takes_too_long_is_waited_for_once(
        self, house: House, frames: FrameBook
    ) -> None:
        fill(house, 6)
        frame = frames.put("kitchen", size=SCREEN)
        waits: list[float] = []

        def late(_uid: str, _spec: object, *, wait_s: float) -> None:
            waits.append(wait_s)
            house.clock.pass_(seconds=wait_s)
            raise NotReady

        with patch.object(house.media, "rendition", side_effect=late), pytest.raises(NotReady):
            frames.picture_for(frame, wait_s=20)

        assert waits == [20, 0]  # of the second only what is there already is of use

    def test_private_pictures_are_never_shown(
        self, house: House, frames: FrameBook, book: Book, library: Library
    ) -> None:
        uids = fill(house, 2)
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
        fill(house)
        for _ in range(3):
            house.clock.pass_(seconds=1)
            made = frames.new_image()

        assert frames.latest().data == made.bytes.data
        assert frames_of(house, book).latest().data == made.bytes.data

    def test_the_picture_shown_again_is_the_latest(self, house: House, frames: FrameBook) -> None:
        fill(house, 2)
        for _ in range(3):
            house.clock.pass_(seconds=1)
            made = frames.new_image()

        assert frames.latest().data == made.bytes.data

    def test_what_was_made_is_told(self, house: House, frames: FrameBook) -> None:
        assert frames.info().count == 0
        fill(house, 2)
        made = frames.new_image()

        info = frames.info()

        assert (info.count, info.bytes) == (1, len(made.bytes.data))
        assert info.names == (f"{made.uid}.jpg",)
        assert info.newest == house.clock.at
