"""What is new at an Immich: first everything, then little, and nothing ever missed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gallery_app.testing.faults import Faults
from tests.connectors.immich_book import (
    VERSIONS,
    Book,
    connected,
    differences,
    house,
    shrink_pages,
)


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    shrink_pages(monkeypatch)


class TestTheFirstRun:
    @pytest.mark.parametrize("version", VERSIONS)
    def test_lists_every_picture_of_timeline_and_archive_and_nothing_else(
        self, version: str
    ) -> None:
        with house(version, specials=True) as (fake, connector, _):
            book = Book()
            book.sync(connector)

            names = {image.filename for image in book.pictures.values()}
            assert differences(book, fake) == []
            assert {"archived.jpg", "external.jpg", "clip.mp4", "IMG_9001.JPG"} <= names
            assert not {"locked.jpg", "trashed.jpg", "IMG_9001.MOV"} & names
            assert book.walked == 1

    @pytest.mark.parametrize("version", VERSIONS)
    def test_meets_each_picture_once_though_pages_overlap(
        self, version: str, small_pages: None
    ) -> None:
        with house(version, assets=50) as (_, connector, _clock):
            book = Book()
            book.sync(connector)

            assert len(book.seen) == len(set(book.seen)) == 50

    @pytest.mark.parametrize("version", VERSIONS)
    @pytest.mark.parametrize("stop_after", range(1, 12))
    def test_goes_on_where_it_was_broken_off(
        self, version: str, stop_after: int, small_pages: None
    ) -> None:
        with house(version, assets=40, specials=True) as (fake, connector, clock):
            book = Book()
            book.sync(connector, stop_after=stop_after)
            fake.counts.clear()
            again = connected(fake, clock)
            book.sync(again)

            assert differences(book, fake) == []
            if stop_after in {3, 4, 5}:
                assert len(book.seen) < 40  # not from the start
            again.close()

    @pytest.mark.parametrize("version", VERSIONS)
    def test_that_was_broken_off_misses_nothing_that_changed_meanwhile(
        self, version: str, small_pages: None
    ) -> None:
        with house(version, assets=40) as (fake, connector, clock):
            book = Book()
            book.sync(connector, stop_after=3)
            fake.world.change(next(iter(book.pictures)), description="Changed in between")
            clock.pass_minutes(70)
            book.sync(connector)
            clock.pass_minutes(70)
            book.sync(connector)

            assert differences(book, fake) == []

    def test_that_was_broken_off_does_not_claim_to_have_walked(self, small_pages: None) -> None:
        with house(assets=40) as (_, connector, _clock):
            book = Book()
            book.sync(connector, stop_after=3)
            book.sync(connector)

            assert book.walked == 0
            assert not any(listing.walking for listing in book.listings)

    @pytest.mark.parametrize("version", VERSIONS)
    def test_misses_nothing_while_pictures_come_and_go(
        self, version: str, small_pages: None
    ) -> None:
        with house(version, assets=60) as (fake, connector, _):
            book = Book()
            met = set()
            for number, listing in enumerate(connector.changes("")):
                met |= {image.key for image in listing.seen}
                if number < 4:
                    fake.add_asset(f"late{number}.jpg")
                    first = fake.world.newest_first()[5]
                    fake.world.delete(first.id)
                book.cursor = listing.cursor

            old = {a.id for a in fake.shown() if not a.filename.startswith("late")}
            assert old <= met

    @pytest.mark.parametrize("version", VERSIONS)
    def test_lists_pictures_that_were_all_taken_in_the_same_moment(
        self, version: str, small_pages: None
    ) -> None:
        with house(version, assets=40) as (fake, connector, _):
            moment = fake.world.newest_first()[10].taken
            for asset in fake.world.newest_first()[10:35]:
                asset.taken = moment
            fake.world.change(fake.world.newest_first()[0].id)
            book = Book()
            book.sync(connector)

            assert differences(book, fake) == []

    @pytest.mark.slow
    def test_takes_fewer_than_sixty_requests_for_fifty_thousand(self) -> None:
        with house(assets=50_000, albums=2, tags=2) as (fake, connector, _):
            book = Book()
            book.sync(connector)

            assert len(book.pictures) == 50_000
            assert fake.asked < 60
            fake.counts.clear()
            book.sync(connector)
            assert fake.asked <= 3

    @pytest.mark.parametrize("version", VERSIONS)
    def test_comes_through_a_server_that_fails_now_and_then(self, version: str) -> None:
        faults = Faults(seed=3, share=0.25, kinds=("429", "500", "502", "503", "truncated"))
        with house(version, specials=True, faults=faults) as (fake, connector, _):
            book = Book()
            book.sync(connector)

            assert differences(book, fake) == []
            assert faults.seen.total() > 0


class TestALaterRun:
    @pytest.mark.parametrize("version", VERSIONS)
    def test_costs_three_requests_when_nothing_is_new(self, version: str) -> None:
        with house(version) as (fake, connector, clock):
            book = Book()
            book.sync(connector)
            clock.pass_minutes(20)
            fake.counts.clear()
            book.sync(connector)

            assert fake.asked <= 3
            assert book.seen == []
            assert len(book.listings) == 1

    @pytest.mark.parametrize("version", VERSIONS)
    def test_brings_what_changed_and_nothing_else(self, version: str) -> None:
        with house(version, specials=True) as (fake, connector, clock):
            book = Book()
            book.sync(connector)
            clock.pass_minutes(20)
            keys = [a.id for a in fake.shown() if a.visibility == "timeline"]
            fake.world.change(keys[0], favourite=not fake.world.assets[keys[0]].favourite)
            fake.world.change(keys[1], description="By the sea", rating=4)
            fake.world.tag(keys[2], "plants/flower")
            new = fake.add_asset()
            clock.pass_minutes(20)
            book.sync(connector)

            assert set(book.seen) == {*keys[:3], new}
            assert differences(book, fake) == []

    def test_brings_what_was_written_down_late(self) -> None:
        with house() as (fake, connector, clock):
            book = Book()
            book.sync(connector)
            # Begun before that run, and not to be seen before its end.
            new = fake.add_asset(updated=fake.world.now() - timedelta(minutes=4))
            clock.pass_minutes(20)
            book.sync(connector)

            assert book.seen == [new]

    @pytest.mark.parametrize("version", VERSIONS)
    def test_tells_what_was_trashed_and_what_came_back(self, version: str) -> None:
        with house(version) as (fake, connector, clock):
            book = Book()
            book.sync(connector)
            key = fake.shown()[3].id
            clock.pass_minutes(20)
            fake.world.trash(key)
            book.sync(connector)
            trashed = key not in book.pictures
            clock.pass_minutes(20)
            fake.world.restore(key)
            book.sync(connector)

            assert trashed
            assert key in book.pictures

    @pytest.mark.parametrize("version", VERSIONS)
    def test_drops_what_became_part_of_a_live_photo(self, version: str) -> None:
        with house(version) as (fake, connector, clock):
            book = Book()
            book.sync(connector)
            still, moving = (asset.id for asset in fake.shown()[:2])
            clock.pass_minutes(20)
            fake.world.change(moving, visibility="hidden")
            fake.world.change(still, live_video=moving)
            book.sync(connector)

            assert moving not in book.pictures
            assert book.pictures[still].live_video == moving

    def test_notices_the_archive_within_the_hour_where_it_takes_a_pass_of_its_own(self) -> None:
        with house("2.7.0") as (fake, connector, clock):
            book = Book()
            book.sync(connector)
            key = fake.shown()[0].id
            clock.pass_minutes(20)
            fake.world.change(key, visibility="archive")
            book.sync(connector)
            early = book.pictures[key].visibility
            clock.pass_minutes(50)
            book.sync(connector)

            assert early == "timeline"
            assert book.pictures[key].visibility == "archive"

    def test_asks_for_the_last_five_minutes_again(self) -> None:
        with house() as (fake, connector, clock):
            book = Book()
            book.sync(connector)
            key = fake.shown()[0].id
            fake.world.change(key, rating=5)
            clock.pass_minutes(-3)  # the server's clock is behind ours
            fake.world.assets[key].updated = fake.world.now()
            clock.pass_minutes(4)
            book.sync(connector)

            assert key in book.seen

    def test_does_not_take_a_whole_library_for_trashed(self) -> None:
        with house() as (fake, connector, clock):
            book = Book()
            book.sync(connector)
            clock.pass_minutes(20)
            # A server that ignores the question, as all do with a word they do not know.
            fake.searching.page = lambda *_a, **_k: (fake.shown(), None, None)  # type: ignore[method-assign]
            book.sync(connector)

            assert len(book.pictures) == 40

    @pytest.mark.parametrize("version", VERSIONS)
    @pytest.mark.parametrize("stop_after", range(1, 9))
    def test_goes_on_where_it_was_broken_off(
        self, version: str, stop_after: int, small_pages: None
    ) -> None:
        with house(version, assets=60) as (fake, connector, clock):
            book = Book()
            book.sync(connector)
            clock.pass_minutes(20)
            keys = [asset.id for asset in fake.shown()]
            for key in keys[:40]:
                fake.world.change(key, rating=2)
            for key in keys[50:]:
                fake.world.trash(key)
            fake.world.put(next(iter(fake.world.albums)), *keys[:20])
            book.sync(connector, stop_after=stop_after)
            book.sync(connector)

            assert differences(book, fake) == []

    def test_asks_for_the_tags_of_a_changed_picture_once(self) -> None:
        with house() as (fake, connector, clock):
            book = Book()
            book.sync(connector)
            clock.pass_minutes(20)
            fake.world.tag(fake.shown()[0].id, "trip")
            book.sync(connector)
            fake.counts.clear()
            clock.pass_minutes(1)
            book.sync(connector)

            assert book.seen
            assert fake.counts["GET /assets/{id}"] == 0
            assert differences(book, fake) == []

    def test_asks_tag_by_tag_when_much_changed(self) -> None:
        with house(assets=60) as (fake, connector, clock):
            book = Book()
            book.sync(connector)
            clock.pass_minutes(20)
            for asset in fake.shown():
                fake.world.tag(asset.id, "everything/here")
            fake.counts.clear()
            book.sync(connector)

            assert fake.asked < 15
            assert differences(book, fake) == []
