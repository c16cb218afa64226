"""Originals, previews, searches and uploads: what goes over the wire besides lists."""

from __future__ import annotations

import hashlib
import threading
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import pytest

from gallery_app.connectors.base import (
    Connector,
    HasFaces,
    HasPreviews,
    HasSearch,
    Offer,
    Taken,
    TakesUploads,
)
from gallery_app.domain.errors import Upstream, UpstreamGone, UpstreamRefused
from gallery_app.testing.faults import Faults
from gallery_app.testing.immich import READ_ONLY
from tests.connectors.immich_book import VERSIONS, Book, connected, house

UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def offer(tmp_path: Path) -> Offer:
    """A picture to hand over."""
    from gallery_app.testing.pictures import sample_picture

    data = sample_picture(99, width=64, height=48)
    path = tmp_path / "from gallery.bin"
    path.write_bytes(data)
    at = datetime(2026, 5, 4, 3, 2, 1, 987654, tzinfo=UTC)
    digest = hashlib.sha1(data).hexdigest()
    return Offer(path, "../Ünïcödé & co.jpg", digest, len(data), at, at, favourite=True)


def test_it_can_do_all_that_a_remote_can() -> None:
    with house(assets=1) as (_, connector, _clock):
        assert isinstance(connector, Connector)
        assert isinstance(connector, HasPreviews)
        assert isinstance(connector, HasFaces)
        assert isinstance(connector, HasSearch)
        assert isinstance(connector, TakesUploads)


class TestOriginals:
    @pytest.mark.parametrize("version", VERSIONS)
    def test_come_byte_for_byte_with_the_hash_that_was_listed(self, version: str) -> None:
        with house(version, assets=3) as (fake, connector, _):
            book = Book()
            book.sync(connector)
            for key, image in book.pictures.items():
                with connector.open(key) as stream:
                    data = b"".join(stream.chunks)

                assert data == fake.world.original(fake.world.assets[key])
                assert hashlib.sha1(data).hexdigest() == image.sha1
                assert stream.total_bytes == len(data) == image.size_bytes

    @pytest.mark.parametrize(
        ("start", "end", "part"),
        [(10, 19, slice(10, 20)), (100, None, slice(100, None)), (None, 4, slice(0, 5))],
    )
    def test_come_in_part_when_a_part_is_asked_for(
        self, start: int | None, end: int | None, part: slice
    ) -> None:
        with house(assets=1) as (fake, connector, _):
            asset = fake.shown()[0]
            whole = fake.world.original(asset)
            with connector.open(asset.id, start=start, end=end) as stream:
                assert b"".join(stream.chunks) == whole[part]
                assert stream.start == (start or 0)
                assert stream.total_bytes == len(whole)

    @pytest.mark.parametrize("version", VERSIONS)
    def test_that_are_there_no_more_are_gone_whichever_status_says_so(self, version: str) -> None:
        with house(version, assets=1) as (_, connector, _clock):
            with pytest.raises(UpstreamGone), connector.open(UNKNOWN):
                pass
            with pytest.raises(UpstreamGone), connector.preview(UNKNOWN):
                pass

    def test_of_a_disk_that_is_not_there_are_gone(self) -> None:
        with house(assets=1) as (fake, connector, _):
            fake.shown()[0].offline = True

            with pytest.raises(UpstreamGone), connector.open(fake.shown()[0].id):
                pass

    @pytest.mark.parametrize("key", ["../../server/about", "x?y=1", "", UNKNOWN + "/x"])
    def test_of_keys_that_are_no_ids_are_not_even_asked_for(self, key: str) -> None:
        with house(assets=1) as (fake, connector, _):
            with pytest.raises(UpstreamGone), connector.open(key):
                pass

            assert fake.asked == 0

    def test_are_refused_with_a_key_that_may_only_look(self) -> None:
        with (
            house(assets=1, permissions=("asset.read", "asset.view")) as (fake, connector, _),
            pytest.raises(UpstreamRefused),
            connector.open(fake.shown()[0].id),
        ):
            pass

    def test_that_break_off_are_an_error_and_no_short_picture(self) -> None:
        faults = Faults()
        with house(assets=1, faults=faults) as (fake, connector, _):
            faults.plan("/original", "truncated")

            with pytest.raises(Upstream), connector.open(fake.shown()[0].id) as stream:
                b"".join(stream.chunks)

    def test_come_four_at_a_time_at_most(self) -> None:
        with house(assets=12) as (fake, connector, _):
            held: list[int] = []
            most: list[int] = []
            gate = threading.Lock()

            def fetch(key: str) -> None:
                with connector.open(key) as stream:
                    with gate:
                        held.append(1)
                        most.append(len(held))
                    b"".join(stream.chunks)
                    with gate:
                        held.pop()

            threads = [threading.Thread(target=fetch, args=(a.id,)) for a in fake.shown()]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()

            assert len(most) == 12
            assert max(most) <= 4

    def test_send_the_key_in_a_header_and_never_in_an_address(self) -> None:
        with house(assets=1) as (fake, connector, _):
            fake.keys = {"another": ("all",)}

            with pytest.raises(UpstreamRefused) as refused, connector.open(fake.shown()[0].id):
                pass

            assert fake.key not in f"{refused.value} {refused.value!r} {connector!r}"


class TestPreviews:
    def test_are_pictures(self) -> None:
        with (
            house(assets=1) as (fake, connector, _),
            connector.preview(fake.shown()[0].id) as stream,
        ):
            assert stream.content_type == "image/jpeg"
            assert b"".join(stream.chunks).startswith(b"\xff\xd8")

    def test_are_gone_until_the_server_has_made_them(self) -> None:
        with house(assets=1) as (fake, connector, _):
            asset = fake.shown()[0]
            asset.ready = False
            with pytest.raises(UpstreamGone), connector.preview(asset.id):
                pass
            asset.ready = True

            with connector.preview(asset.id) as stream:
                assert b"".join(stream.chunks)


class TestFaces:
    @pytest.mark.parametrize("version", VERSIONS)
    def test_are_told_of_one_picture_at_a_time(self, version: str) -> None:
        with house(version, assets=2, people=0) as (fake, connector, _):
            seen, nobody = fake.shown()
            ada, bob = fake.world.person("Ada"), fake.world.person("")
            seen.faces |= {ada: (0.2, 0.1, 0.4, 0.4), bob: (0.7, 0.5, 0.8, 0.65)}

            assert connector.faces(seen.id) == ((0.2, 0.1, 0.4, 0.4), (0.7, 0.5, 0.8, 0.65))
            assert connector.faces(nobody.id) == ()

    @pytest.mark.parametrize("version", VERSIONS)
    def test_of_a_picture_that_is_there_no_more_are_gone(self, version: str) -> None:
        with (
            house(version, assets=1) as (_, connector, _clock),
            pytest.raises(UpstreamGone),
        ):
            connector.faces(UNKNOWN)

    def test_of_keys_that_are_no_ids_are_not_even_asked_for(self) -> None:
        with house(assets=1) as (fake, connector, _):
            with pytest.raises(UpstreamGone):
                connector.faces("x&id=y")

            assert fake.asked == 0

    def test_are_none_for_a_key_that_may_not_read_them(self) -> None:
        some = tuple(permission for permission in READ_ONLY if permission != "face.read")
        with house(assets=1, permissions=some) as (fake, connector, _):
            assert connector.faces(fake.shown()[0].id) == ()
            assert fake.counts["GET /faces"] == 1

    def test_are_refused_with_a_key_that_is_not_known(self) -> None:
        with house(assets=1) as (fake, connector, _):
            fake.keys = {"another": ("all",)}

            with pytest.raises(UpstreamRefused):
                connector.faces(fake.shown()[0].id)


class TestSearching:
    @pytest.mark.parametrize("version", VERSIONS)
    def test_finds_what_pictures_show_best_first(self, version: str) -> None:
        with house(version, specials=True) as (fake, connector, _):
            first, second = (asset.id for asset in fake.shown()[5:7])
            fake.world.change(first, description="A blue heron")
            fake.world.change(second, description="A blue heron in flight, flight itself")

            assert connector.search("heron in flight", limit=10) == [second, first]
            assert connector.search("heron", limit=1) in ([first], [second])

    def test_finds_nothing_for_no_words(self) -> None:
        with house(assets=3) as (fake, connector, _):
            assert connector.search("  ", limit=10) == []
            assert fake.asked == 0

    def test_is_known_to_be_off_and_asked_about_once_an_hour(self) -> None:
        with house(smart=False) as (fake, connector, clock):
            answers = [connector.can_search(), connector.search("river", limit=5)]
            asked = fake.counts["GET /server/features"]
            clock.pass_minutes(61)
            fake.smart = True

            assert answers == [False, []]
            assert asked == 1
            assert connector.can_search()

    def test_that_was_just_switched_off_finds_nothing_and_is_no_error(self) -> None:
        with house() as (fake, connector, _):
            before = connector.can_search()
            fake.smart = False

            assert before
            assert connector.search("river", limit=5) == []
            assert not connector.can_search()


class TestUploads:
    @pytest.mark.parametrize("version", VERSIONS)
    def test_hand_over_a_picture_with_its_dates(self, version: str, offer: Offer) -> None:
        with house(version, assets=1) as (fake, connector, _):
            taken = connector.upload(offer)

            asset = fake.world.assets[taken.key]
            assert taken.created
            assert asset.data == offer.path.read_bytes()
            assert asset.filename == "Ünïcödé & co.jpg"
            assert asset.taken == datetime(2026, 5, 4, 3, 2, 1, 987000, tzinfo=UTC)
            assert asset.favourite

    @pytest.mark.parametrize("version", VERSIONS)
    def test_send_known_bytes_only_once(self, version: str, offer: Offer) -> None:
        with house(version, assets=1) as (fake, connector, _):
            first = connector.upload(offer)
            second = connector.upload(offer)

            assert (second.key, second.created) == (first.key, False)
            assert fake.counts["POST /assets"] == 1

    def test_of_a_name_in_any_script_can_be_opened(self, offer: Offer) -> None:
        with house(assets=1) as (fake, connector, _):
            key = connector.upload(replace(offer, filename="写真 1.jpg")).key

            assert fake.world.assets[key].filename == "写真 1.jpg"
            with connector.open(key) as stream:
                assert b"".join(stream.chunks) == offer.path.read_bytes()
            with connector.preview(key) as stream:
                assert b"".join(stream.chunks)

    def test_of_what_somebody_else_sent_meanwhile_are_duplicates(self, offer: Offer) -> None:
        with house(assets=1) as (fake, connector, _):
            first = connector.upload(offer)
            connector.known = lambda _sha1s: {}  # type: ignore[method-assign,assignment]
            second = connector.upload(offer)

            assert (second.key, second.created) == (first.key, False)
            assert len(fake.world.assets) == 2

    def test_that_break_off_are_tried_again_without_a_double(self, offer: Offer) -> None:
        faults = Faults()
        with house(assets=1, faults=faults) as (fake, connector, _):
            connector.can_search()
            faults.plan("/api/assets", "", "503", "truncated")
            taken = connector.upload(offer)

            assert taken.key in fake.world.assets
            assert len(fake.world.assets) == 2

    def test_know_what_is_there_by_its_hash(self) -> None:
        with house(assets=5, specials=True) as (fake, connector, _):
            shown = fake.shown()
            wanted = {fake.world.checksum(a).hex(): a.id for a in shown if a.library is None}
            external = next(a for a in shown if a.library is not None)
            content = hashlib.sha1(fake.world.original(external)).hexdigest()

            found = connector.known([*wanted, content, "ab" * 20])

            assert {sha1: one.key for sha1, one in found.items()} == wanted
            assert not any(one.trashed or one.created for one in found.values())

    def test_of_what_lies_in_the_trash_are_told_to_be_there(self, offer: Offer) -> None:
        with house(assets=1) as (fake, connector, _):
            key = connector.upload(offer).key
            fake.world.trash(key)
            before, known = connector.upload(offer), connector.known([offer.sha1])
            with patch.object(connector, "known", side_effect=[{}, known]):
                meanwhile = connector.upload(offer)

            assert before == meanwhile == Taken(key, created=False, trashed=True)

    def test_are_refused_with_a_key_that_may_only_read(self, offer: Offer) -> None:
        with (
            house(permissions=READ_ONLY) as (_, connector, _clock),
            pytest.raises(UpstreamRefused),
        ):
            connector.upload(offer)

    def test_of_a_kind_that_is_not_taken_are_an_error(self, offer: Offer, tmp_path: Path) -> None:
        with house(assets=1) as (_, connector, _clock):
            odd = Offer(
                offer.path, "x.txt", offer.sha1, offer.size_bytes, offer.taken_at, offer.taken_at
            )

            with pytest.raises(Upstream):
                connector.upload(odd)


def test_two_threads_may_use_one_connector_at_once() -> None:
    with house(assets=30) as (_, connector, _clock):
        books = [Book() for _ in range(3)]
        threads = [threading.Thread(target=book.sync, args=(connector,)) for book in books]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert [len(book.pictures) for book in books] == [30, 30, 30]


def test_slow_readers_of_originals_hold_up_no_preview() -> None:
    with house(assets=5) as (fake, connector, _clock), ExitStack() as slow:
        assert isinstance(connector, HasPreviews)
        keys = [asset.id for asset in fake.shown()]
        for key in keys[:4]:  # as many as may be under way at once, and nobody reads on
            slow.enter_context(connector.open(key))
        shown = threading.Event()

        def look() -> None:
            with connector.preview(keys[4]) as stream:
                if b"".join(stream.chunks):
                    shown.set()

        looking = threading.Thread(target=look, daemon=True)
        looking.start()

        assert shown.wait(60)


def test_slow_readers_of_anything_hold_up_no_question() -> None:
    with house(assets=8) as (fake, connector, _clock), ExitStack() as slow:
        keys = [asset.id for asset in fake.shown()]
        for key in keys[:4]:
            slow.enter_context(connector.open(key))
        for key in keys[4:]:
            slow.enter_context(connector.preview(key))
        answered = threading.Event()

        def ask() -> None:
            if connector.can_search():
                answered.set()

        asking = threading.Thread(target=ask, daemon=True)
        asking.start()

        assert answered.wait(60)


def test_a_closed_connector_is_told_apart_by_its_address_alone() -> None:
    with house(assets=1) as (fake, connector, clock):
        other = connected(fake, clock)
        other.close()

        assert repr(other) == repr(connector) == f"Immich('{fake.url}')"
