"""Where a subject is: as the remote lists it, else asked for once, and never waited for long."""

from __future__ import annotations

import threading

import pytest

from gallery_app.domain.errors import Upstream
from gallery_app.domain.geometry import Box
from gallery_app.domain.model import AssetId, Source
from gallery_app.services.errands import Errands
from gallery_app.services.subjects import Subjects
from tests.pictures import make_picture
from tests.services.far import Book, Desk, Library, hold, image, list_images
from tests.services.house import House


@pytest.fixture
def library() -> Library:
    return Library(seen={"k": (Box(0.6, 0.1, 0.8, 0.3),)})


@pytest.fixture
def photos(book: Book, library: Library) -> Source:
    return book.connect("immich", library)


@pytest.fixture
def subjects(house: House, book: Book) -> Subjects:
    return Subjects(house.catalog, book, Errands())


@pytest.fixture
def picture(house: House, photos: Source) -> AssetId:
    """Of a folder, and of Immich under the key "k"."""
    house.put("a.jpg", make_picture("64x48 jpeg, seed 1"))
    house.scan()
    list_images(house, photos, image("k"))
    hold(house, photos, "k", house.only().id)
    return house.only().id


class TestASubject:
    def test_is_asked_for_once(
        self, subjects: Subjects, picture: AssetId, library: Library
    ) -> None:
        found = [subjects.of(picture) for _ in range(3)]

        assert found == [pytest.approx((0.7, 0.2))] * 3
        assert library.looked == ["k"]

    def test_is_not_asked_for_where_the_list_tells(
        self, house: House, subjects: Subjects, photos: Source, picture: AssetId, library: Library
    ) -> None:
        list_images(house, photos, image("k", focus=(0.25, 0.5)))

        assert subjects.of(picture) == (0.25, 0.5)
        assert library.looked == []

    def test_that_is_not_there_is_asked_for_again_the_next_day(
        self, house: House, subjects: Subjects, picture: AssetId, library: Library
    ) -> None:
        library.seen.clear()
        assert [subjects.of(picture) for _ in range(2)] == [None, None]
        assert library.looked == ["k"]

        house.clock.pass_(seconds=86_401)
        subjects.of(picture)

        assert library.looked == ["k", "k"]

    def test_is_asked_for_again_after_a_failure(
        self, subjects: Subjects, picture: AssetId, library: Library
    ) -> None:
        def fails(key: str) -> None:
            raise Upstream("Photos", "Nothing answers.")

        library.before_look = fails
        assert subjects.of(picture) is None

        library.before_look = lambda key: None
        assert subjects.of(picture) == pytest.approx((0.7, 0.2))

    def test_is_not_asked_of_a_remote_that_is_away(
        self, house: House, subjects: Subjects, photos: Source, picture: AssetId, library: Library
    ) -> None:
        house.catalog.sources.set_state(photos.id, "offline", "Nothing answers.")

        assert subjects.of(picture) is None
        assert library.looked == []

    def test_is_not_waited_for_long_and_kept_when_it_comes(
        self, house: House, book: Book, picture: AssetId, library: Library
    ) -> None:
        go_on = threading.Event()

        def hangs(key: str) -> None:
            assert go_on.wait(60)

        library.before_look = hangs
        hasty = Subjects(house.catalog, book, Errands(), within_s=0)

        assert hasty.of(picture) is None

        go_on.set()
        for thread in threading.enumerate():
            if thread.name == "gallery-errand":
                thread.join(60)
        assert hasty.of(picture) == pytest.approx((0.7, 0.2))
        assert library.looked == ["k"]

    def test_is_not_asked_of_who_knows_no_faces(
        self, house: House, subjects: Subjects, book: Book
    ) -> None:
        house.put("b.jpg", make_picture("64x48 jpeg, seed 2"))
        house.scan()
        desk = book.connect("freshdesk", Desk())
        list_images(house, desk, image("ticket/1/attachment/2"))
        hold(house, desk, "ticket/1/attachment/2", house.only().id)

        assert subjects.of(house.only().id) is None
