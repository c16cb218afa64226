"""Smart search: one question to the Immich in three hours, and only pictures of ours."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from gallery_app.domain.errors import BadInput, Conflict, UpstreamTimeout
from gallery_app.domain.model import Source
from gallery_app.services.few import Busy
from gallery_app.services.smart import SmartSearch
from tests.pictures import make_picture
from tests.services.far import Book, Library, Plain, hold, image, list_images
from tests.services.house import House


@pytest.fixture
def source(house: House, book: Book, library: Library) -> Source:
    """An Immich that lists three pictures of ours under k0, k1, k2."""
    source = book.connect("immich", library)
    for number in range(3):
        house.put(f"{number}.jpg", make_picture(f"64x48 jpeg, seed {number}"))
    house.scan()
    house.render_all()
    ids = {asset.filename: asset.id for asset in house.all()}
    for number in range(3):
        list_images(house, source, image(f"k{number}"))
        hold(house, source, f"k{number}", ids[f"{number}.jpg"])
    return source


@pytest.fixture
def smart(house: House, book: Book) -> SmartSearch:
    return SmartSearch(house.catalog, book)


def _names(house: House, uids: list[str]) -> list[str]:
    return [house.browse.get(uid).filename for uid in uids]


@pytest.mark.usefixtures("source")
def test_one_that_hangs_keeps_four_waiting_and_no_more(
    smart: SmartSearch, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside, go_on = threading.Semaphore(0), threading.Event()

    def hangs(text: str, *, limit: int) -> list[str]:
        inside.release()
        assert go_on.wait(60)
        return []

    monkeypatch.setattr(library, "search", hangs)
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(smart.find, f"sunset {number}") for number in range(4)]
        assert all(inside.acquire(timeout=60) for _ in waiting)

        with pytest.raises(Busy):
            smart.find("sunrise")
        assert smart.available() is None

        go_on.set()
        assert [asked.result(60) for asked in waiting] == [[]] * 4
    assert smart.available() is not None


@pytest.mark.usefixtures("source")
class TestFinding:
    def test_answers_come_as_our_pictures_best_first(
        self, house: House, smart: SmartSearch, library: Library
    ) -> None:
        library.answers["sunset"] = ["k2", "unknown", "k0"]

        assert _names(house, list(smart.find("sunset"))) == ["2.jpg", "0.jpg"]

    def test_the_same_question_is_asked_once_in_three_hours(
        self, house: House, smart: SmartSearch, library: Library
    ) -> None:
        library.answers["sunset"] = ["k1"]

        first = smart.find("sunset")
        house.clock.pass_(hours=3, seconds=-1)
        again = smart.find("  SUNSET ", limit=50)

        assert first == again
        assert library.asked == [("sunset", 100)]

    def test_after_three_hours_it_is_asked_anew_and_the_old_answer_deleted(
        self, house: House, smart: SmartSearch, library: Library
    ) -> None:
        smart.find("sunset")
        house.clock.pass_(hours=3, seconds=1)

        assert house.catalog.kept.sweep() == 1
        smart.find("sunset")
        assert len(library.asked) == 2

    def test_a_failure_is_not_kept(
        self, smart: SmartSearch, library: Library, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def hang(text: str, *, limit: int) -> list[str]:
            raise UpstreamTimeout("immich")

        with monkeypatch.context() as patch:
            patch.setattr(library, "search", hang)
            with pytest.raises(UpstreamTimeout):
                smart.find("sunset")
        library.answers["sunset"] = ["k1"]
        assert len(smart.find("sunset")) == 1

    def test_trashed_pictures_are_left_out(
        self, house: House, smart: SmartSearch, library: Library
    ) -> None:
        library.answers["sunset"] = ["k0", "k1"]
        uid = next(asset.uid for asset in house.all() if asset.filename == "0.jpg")
        house.curation.trash(uid)

        assert _names(house, list(smart.find("sunset"))) == ["1.jpg"]

    @pytest.mark.parametrize("text", ["", "   ", "x" * 501])
    def test_nothing_to_find_is_refused(self, smart: SmartSearch, text: str) -> None:
        with pytest.raises(BadInput):
            smart.find(text)


class TestWhoCanSearch:
    def test_nobody_says_what_to_connect(self, smart: SmartSearch) -> None:
        assert smart.available() is None
        with pytest.raises(Conflict, match="Sources page"):
            smart.find("sunset")

    def test_the_first_that_can_is_asked(self, smart: SmartSearch, book: Book) -> None:
        book.connect("immich", Library(searching=False))
        book.connect("immich", Plain())
        able = book.connect("immich", Library())

        found = smart.available()

        assert found is not None
        assert found.id == able.id

    def test_a_paused_one_is_not(self, house: House, smart: SmartSearch, source: Source) -> None:
        house.catalog.remotes.configure(source.id, paused=True)

        assert smart.available() is None
        with pytest.raises(Conflict, match="is paused"):
            smart.find("sunset")

    def test_one_that_does_not_answer_cannot(
        self, smart: SmartSearch, source: Source, library: Library, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def hang() -> bool:
            raise UpstreamTimeout("immich")

        monkeypatch.setattr(library, "can_search", hang)
        assert smart.available() is None
