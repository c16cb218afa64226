"""What is new at an Immich: first everything, then little, and nothing ever missed."""

from __future__ import annotations

import random

import pytest

from gallery_app.connectors.immich import requests
from gallery_app.domain.errors import Upstream, UpstreamRefused
from gallery_app.testing.faults import Faults
from gallery_app.testing.immich import READ_ONLY, FakeImmich
from tests.connectors.immich_book import VERSIONS, Book, connected, differences, house


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages of seven, so that a small library has many."""
    monkeypatch.setattr(requests.Search.__init__, "__defaults__", _with_size(7))


def _with_size(size: int) -> tuple[object, ...]:
    defaults = requests.Search.__init__.__defaults__
    assert defaults is not None
    return (*defaults[:-1], size)


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

    @pytest.mark.parametrize("version", ["3.1.0", "3.2.2"])
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


class TestAWalk:
    @pytest.mark.parametrize("version", VERSIONS)
    def test_finds_what_nothing_tells_of(self, version: str) -> None:
        with house(version, specials=True) as (fake, connector, clock):
            book = Book()
            book.sync(connector)
            clock.pass_minutes(20)
            keys = [asset.id for asset in fake.shown()]
            fake.world.delete(keys[0])
            fake.world.assets[keys[1]].visibility = "locked"
            for person in fake.world.people.values():
                person.name = "Grace"
            for tag in fake.world.tags.values():
                tag.value = f"old/{tag.value}"
            book.sync(connector)
            early = differences(book, fake)
            book.sync(connector, walk=True)

            assert early != []
            assert differences(book, fake) == []

    def test_that_is_broken_off_begins_anew_and_loses_nothing(self, small_pages: None) -> None:
        with house(assets=40) as (fake, connector, clock):
            book = Book()
            book.sync(connector)
            before = book.cursor
            clock.pass_minutes(20)
            fake.world.delete(fake.shown()[0].id)
            book.sync(connector, walk=True, stop_after=3)
            kept = book.cursor
            book.sync(connector, walk=True)

            assert kept == before
            assert differences(book, fake) == []
            assert book.walked == 2

    def test_is_no_whole_one_when_the_server_goes_in_circles(self, small_pages: None) -> None:
        with house(assets=40) as (fake, connector, _):
            book = Book()
            book.sync(connector)
            fake.searching.page = lambda *_a, **_k: (fake.shown()[:7], "2", None)  # type: ignore[method-assign]
            book.sync(connector, walk=True)

            assert len(book.pictures) == 40
            assert book.walked == 1
            assert "same page again" in str(book.listings[-1].note)

    def test_is_no_whole_one_when_a_page_fails(self, small_pages: None) -> None:
        faults = Faults()
        with house(assets=40, faults=faults) as (_, connector, _clock):
            book = Book()
            book.sync(connector)
            faults.plan("/search/metadata", *[""] * 8, "not json")

            with pytest.raises(Upstream):
                book.sync(connector, walk=True)

            assert book.walked == 1
            assert len(book.pictures) == 40


class TestAlbums:
    @pytest.mark.parametrize("version", VERSIONS)
    def test_tell_what_was_put_in_and_taken_out(self, version: str) -> None:
        with house(version) as (fake, connector, clock):
            book = Book()
            book.sync(connector)
            album = next(iter(fake.world.albums))
            keys = [asset.id for asset in fake.shown()]
            clock.pass_minutes(20)
            fake.world.put(album, keys[5], keys[6])
            fake.world.take(album, keys[0])
            book.sync(connector)

            assert differences(book, fake) == []
            assert book.seen == []  # the pictures themselves did not change

    def test_are_listed_only_when_they_changed(self) -> None:
        with house(albums=5) as (fake, connector, clock):
            book = Book()
            book.sync(connector)
            clock.pass_minutes(20)
            fake.world.put(next(iter(fake.world.albums)), fake.shown()[7].id)
            fake.counts.clear()
            book.sync(connector)

            assert fake.asked == 4
            assert sum(len(listing.members) for listing in book.listings) == 1

    def test_that_were_deleted_are_empty(self) -> None:
        with house() as (fake, connector, clock):
            book = Book()
            book.sync(connector)
            key = next(iter(fake.world.albums))
            clock.pass_minutes(20)
            del fake.world.albums[key]
            book.sync(connector)

            assert book.albums[key] == set()

    def test_hold_pictures_of_a_new_upload_too(self) -> None:
        with house() as (fake, connector, clock):
            book = Book()
            book.sync(connector)
            clock.pass_minutes(20)
            fake.world.put(next(iter(fake.world.albums)), fake.add_asset())
            book.sync(connector)

            assert differences(book, fake) == []

    def test_are_not_read_from_the_album_itself_which_is_empty_since_version_three(self) -> None:
        with house("3.1.0") as (fake, connector, _):
            Book().sync(connector)

            assert fake.counts["GET /albums/{id}"] == 0

    def test_are_left_out_with_a_word_when_the_key_may_not_see_them(self) -> None:
        some = tuple(p for p in READ_ONLY if p not in {"album.read", "tag.read"})
        with house(permissions=some) as (_, connector, _clock):
            book = Book()
            book.sync(connector)

            note = str(book.listings[-1].note)
            assert len(book.pictures) == 40
            assert "album.read" in note
            assert "tag.read" in note


class TestAServer:
    def test_that_is_too_old_is_told_so(self) -> None:
        with (
            house("1.117.0") as (_, connector, _clock),
            pytest.raises(Upstream, match=r"1\.117\.0"),
        ):
            Book().sync(connector)

    def test_that_does_not_take_filters_is_asked_in_the_older_way(self) -> None:
        with house("3.2.2", specials=True) as (fake, connector, _):
            # As if an early 3.2 refused a condition that this one takes.
            refused = fake.searching._filter
            assert refused is not None
            fake.searching._filter = _no_filter  # type: ignore[method-assign,assignment]
            book = Book()
            book.sync(connector)

            assert differences(book, fake) == []

    def test_whose_mark_is_of_no_use_any_more_is_asked_without_it(self, small_pages: None) -> None:
        with house("3.2.2", assets=40) as (fake, connector, _):
            book = Book()
            book.sync(connector, stop_after=3)
            book.cursor = book.cursor.replace('"WyI', '"!!!')
            book.sync(connector)

            assert differences(book, fake) == []
            assert all("filter" in body for body in fake.bodies)

    def test_that_revoked_the_key_is_an_error(self) -> None:
        with house() as (fake, connector, _):
            fake.keys.clear()

            with pytest.raises(UpstreamRefused):
                Book().sync(connector)

    def test_is_asked_for_its_version_once_a_day(self) -> None:
        with house() as (fake, connector, clock):
            book = Book()
            for _ in range(5):
                book.sync(connector)
                clock.pass_minutes(60)
            few = fake.counts["GET /server/version"]
            clock.pass_minutes(60 * 24)
            book.sync(connector)

            assert few == 1
            assert fake.counts["GET /server/version"] == 2

    def test_that_was_updated_is_asked_in_its_new_words(self) -> None:
        with house("3.1.0", assets=10) as (fake, connector, clock):
            book = Book()
            book.sync(connector)
            clock.pass_minutes(60 * 25)
            with FakeImmich(assets=10, version="3.2.2", clock=clock) as newer:
                fake.version, fake.views, fake.searching = (
                    newer.version,
                    newer.views,
                    newer.searching,
                )
                fake.world, fake.bodies = newer.world, []
                book.sync(connector)

            assert all("filter" in body for body in fake.bodies)

    def test_below_another_path_is_found_where_it_says_it_is(self) -> None:
        with house(root="/elsewhere/api") as (_, connector, _clock):
            book = Book()
            book.sync(connector)

            assert len(book.pictures) == 40


def _no_filter(_conditions: object) -> list[object]:
    from gallery_app.testing.immich_search import Refused

    raise Refused("filter", "Unrecognized key")


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("seed", range(6))
def test_whatever_happens_the_book_says_what_the_server_says(
    version: str, seed: int, small_pages: None
) -> None:
    """Anything people do, in any order, with runs broken off anywhere in between."""
    dice = random.Random(seed)
    with house(version, assets=30, seed=seed, specials=True) as (fake, connector, clock):
        book = Book()
        for _ in range(12):
            for _ in range(dice.randint(0, 4)):
                _happen(fake, dice)
            clock.pass_minutes(dice.choice((1, 7, 70)))
            stop = dice.choice((None, None, 1, 2, 3, 5))
            book.sync(connector, walk=dice.random() < 0.15, stop_after=stop)
        clock.pass_minutes(70)
        book.sync(connector)
        clock.pass_minutes(70)
        book.sync(connector)

        assert differences(book, fake) == []


def _happen(fake: FakeImmich, dice: random.Random) -> None:
    world = fake.world
    shown = [asset.id for asset in fake.shown()]
    key = dice.choice(shown)
    trashed = [asset.id for asset in world.assets.values() if asset.trashed is not None]
    album = dice.choice(list(world.albums))
    deeds = (
        lambda: fake.add_asset(f"n{dice.random()}.jpg"),
        lambda: world.change(key, favourite=dice.random() < 0.5),
        lambda: world.change(key, rating=dice.choice((None, 1, 5))),
        lambda: world.change(key, description=dice.choice(("", "Dusk", "Dawn"))),
        lambda: world.tag(key, dice.choice(("plants", "plants/cactus", "trip"))),
        lambda: world.trash(key),
        lambda: world.restore(dice.choice(trashed)) if trashed else None,
        lambda: world.change(key, visibility="archive"),
        lambda: world.put(album, *dice.sample(shown, min(3, len(shown)))),
        lambda: world.take(album, *list(world.albums[album].members)[:2]),
        lambda: world.album(f"Album {dice.random()}", dice.sample(shown, min(2, len(shown)))),
    )
    dice.choice(deeds)()
