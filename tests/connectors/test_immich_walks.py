"""Walks, albums and servers that change: what a delta alone would never tell."""

from __future__ import annotations

import random

import pytest

from gallery_app.domain.errors import Upstream, UpstreamRefused
from gallery_app.testing.faults import Faults
from gallery_app.testing.immich import READ_ONLY, FakeImmich
from tests.connectors.immich_book import VERSIONS, Book, differences, house, shrink_pages


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    shrink_pages(monkeypatch)


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

    @pytest.mark.parametrize("walk", [False, True], ids=["in a delta", "in a walk"])
    def test_that_were_deleted_are_empty(self, *, walk: bool) -> None:
        with house() as (fake, connector, clock):
            book = Book()
            book.sync(connector)
            key = next(iter(fake.world.albums))
            clock.pass_minutes(20)
            del fake.world.albums[key]
            book.sync(connector, walk=walk)
            emptied = set(book.albums[key])
            book.sync(connector)

            assert emptied == set()
            assert not any(listing.members for listing in book.listings)  # it is told once

    def test_stay_as_they_were_while_the_server_goes_in_circles(self, small_pages: None) -> None:
        with house() as (fake, connector, _):
            book = Book()
            book.sync(connector)
            key, before = next(iter(fake.world.albums)), dict(book.albums)
            fake.world.take(key, *fake.world.albums[key].members)
            page = fake.searching.page
            fake.searching.page = lambda *_a, **_k: (fake.shown()[:7], "2", None)  # type: ignore[method-assign]
            book.sync(connector, walk=True)
            halved = dict(book.albums)
            fake.searching.page = page  # type: ignore[method-assign]
            book.sync(connector)

            assert halved == before
            assert not book.albums[key]  # it is asked again

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

    def test_that_is_tested_while_it_refuses_a_filter_is_listed_all_the_same(self) -> None:
        with house("3.2.2", assets=5) as (fake, connector, _):

            def refusing(conditions: object) -> list[object]:
                connector._api.refresh()  # as the test of a connection does
                return _no_filter(conditions)

            fake.searching._filter = refusing  # type: ignore[method-assign,assignment]
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
