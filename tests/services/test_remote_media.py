"""Pictures that only a remote has: shown from here, passed through, and in nobody's way."""

from __future__ import annotations

import contextlib
import threading
from concurrent.futures import Future
from unittest.mock import patch

import pytest

from gallery_app.domain.errors import (
    NotReady,
    OutOfSpace,
    Upstream,
    UpstreamGone,
    UpstreamTimeout,
)
from gallery_app.domain.model import Asset, AssetId, Sha256
from gallery_app.services.deadline import Deadline
from gallery_app.services.media import MOST_WAITING
from gallery_app.services.reach import Paused
from gallery_app.services.values import Bytes, File, Streamed
from tests.services.remote_house import RemoteHouse
from tests.services.remote_world import FakePreviewer, kind, picture, sha1_of

HOUSE = RemoteHouse


@pytest.fixture
def away(house: RemoteHouse) -> Asset:
    """A picture whose original lies at the server alone."""
    house.server.put("a1", picture(1, "2000x1400 jpeg"), preview=picture(1, "1440x1008 jpeg"))
    house.bring("immich")
    return house.only()


class TestPassingThrough:
    def test_an_original_is_passed_through_as_it_comes(
        self, house: RemoteHouse, away: Asset
    ) -> None:
        found = house.media.original(away.uid)

        assert isinstance(found, Streamed)
        assert house.server.opened == []
        with found.open(None, None) as stream:
            assert b"".join(stream.chunks) == house.server.items["a1"].data
        assert found.size_bytes == len(house.server.items["a1"].data)

    def test_a_part_is_asked_for_as_a_part(self, house: RemoteHouse, away: Asset) -> None:
        found = house.media.original(away.uid)
        assert isinstance(found, Streamed)

        with found.open(100, 299) as stream:
            assert b"".join(stream.chunks) == house.server.items["a1"].data[100:300]
            assert stream.start == 100

    def test_its_type_is_the_catalogs_and_never_the_remotes_word(
        self, house: RemoteHouse, away: Asset
    ) -> None:
        found = house.media.original(away.uid)

        assert isinstance(found, Streamed)
        assert found.content_type == "image/jpeg"
        assert found.inline

    def test_another_version_has_another_etag(self, house: RemoteHouse, away: Asset) -> None:
        before = house.media.original(away.uid)
        house.server.put("a1", picture(2), preview=picture(2), version="2")
        house.sync_again()

        after = house.media.original(away.uid)

        assert isinstance(before, Streamed)
        assert isinstance(after, Streamed)
        assert before.etag != after.etag

    def test_a_remote_that_is_off_fails_when_it_is_opened(
        self, house: RemoteHouse, away: Asset
    ) -> None:
        found = house.media.original(away.uid)
        house.server.fails_open = [UpstreamTimeout()]

        assert isinstance(found, Streamed)
        with pytest.raises(UpstreamTimeout), found.open(None, None):
            pass

    def test_of_a_removed_source_nothing_is_asked(self, house: RemoteHouse, away: Asset) -> None:
        house.book.remove(house.source().id, keep=True)

        with pytest.raises(UpstreamGone):
            house.media.original(away.uid)

    def test_a_paused_source_is_left_alone_by_viewers_too(
        self, house: RemoteHouse, away: Asset
    ) -> None:
        found = house.media.original(away.uid)
        asked = (len(house.server.opened), len(house.server.previewed))
        house.book.change(house.source().id, paused=True)

        assert isinstance(found, Streamed)
        with pytest.raises(Paused, match="Resume it first"), found.open(None, None):
            pass
        with pytest.raises(Paused, match="Resume it first"):
            house.media.original(away.uid)
        with pytest.raises(Paused):
            house.media.original_file(away.uid)
        with pytest.raises(Paused):
            house.media.rendition(away.uid, "large")
        assert house.media.rendition(away.uid, "small").data
        assert (len(house.server.opened), len(house.server.previewed)) == asked

        house.book.change(house.source().id, paused=False)
        assert house.media.rendition(away.uid, "large").data

    def test_a_link_to_an_original_of_a_paused_source_spends_no_view(
        self, house: RemoteHouse, away: Asset
    ) -> None:
        made = house.sharing.create([away.uid], rendition="original", max_views=1)
        token = made.url.split("/")[-2]
        house.book.change(house.source().id, paused=True)

        with pytest.raises(Paused):
            house.sharing.open(token, client="192.0.2.1")
        house.book.change(house.source().id, paused=False)

        assert isinstance(house.sharing.open(token, client="192.0.2.1").content, Streamed)

    def test_what_was_not_seen_yet_waits_for_a_paused_source(self, house: RemoteHouse) -> None:
        house.server.put("a1", picture(1), preview=picture(1))
        source = house.connect("immich")
        house.sync()
        house.book.change(source.id, paused=True)

        with pytest.raises(Paused):
            house.media.rendition(house.only().uid, "thumb")

        assert house.server.previewed == house.server.opened == []

    def test_who_waits_for_its_preview_and_a_rendition_has_one_time_for_both(
        self, house: RemoteHouse
    ) -> None:
        house.server.put("a1", picture(1), preview=picture(1))
        house.connect("immich")
        house.sync()
        left: list[float] = []

        class Slow(Future[None]):
            def result(self, timeout: float | None = None) -> None:
                house.fetch()
                house.clock.pass_(seconds=4)

        def make(_id: AssetId, _sha256: Sha256 | None, _spec: object, until: Deadline) -> bytes:
            left.append(until.left_s())
            return b"made"

        with (
            patch.object(house.previews, "hurry", return_value=Slow()),
            patch.object(house.rendering, "make", side_effect=make),
        ):
            made = house.media.rendition(house.only().uid, "screen", wait_s=10)

        assert made.data == b"made"
        assert left == [6]


class TestSpooled:
    def test_an_original_can_be_had_as_a_file(self, house: RemoteHouse, away: Asset) -> None:
        file = house.media.original_file(away.uid)

        assert file.path.read_bytes() == house.server.items["a1"].data
        house.media.original_file(away.uid)
        assert house.server.opened == ["a1"]

    def test_its_file_stays_while_it_is_used_whatever_else_comes(
        self, house: RemoteHouse, away: Asset
    ) -> None:
        used = [
            house.media.original_file(away.uid).path,
            house.origins.fetch(away.id).result(60).path,
        ]
        for thread in threading.enumerate():
            if thread.name == "gallery-errand":
                thread.join(60)  # it holds what it brought until it ends

        def fill(name: str) -> None:
            with house.spool.receive(name * 64, limit_bytes=2_000_000) as passing:
                passing.write(bytes(1_000_000))
                passing.keep()

        fill("1")
        used.pop(0)
        fill("2")
        assert used[0].read_bytes() == house.server.items["a1"].data
        used.clear()
        fill("3")

        assert house.spool.total_bytes() == 1_000_000

    def test_other_bytes_than_announced_are_not_kept(self, house: RemoteHouse) -> None:
        house.server.put("a1", preview=picture(1), sha1=sha1_of(b"other"))
        house.bring("immich")

        with pytest.raises(Upstream, match="other bytes"):
            house.media.original_file(house.only().uid)
        assert house.spool.total_bytes() == 0

    def test_a_full_disk_keeps_its_reserve(self, house: RemoteHouse, away: Asset) -> None:
        house.server.put("a2", picture(3), preview=picture(3))
        house.book.sync_now(house.source().id)
        house.sync()
        house.free = 500_000

        with pytest.raises(OutOfSpace):
            house.media.original_file(away.uid)
        with pytest.raises(OutOfSpace):
            house.media.rendition(house.by_name()["a2.jpg"].uid, "small")
        assert house.spool.total_bytes() == 0

    def test_a_zip_has_it(self, house: RemoteHouse, away: Asset) -> None:
        token = house.downloads.prepare([away.uid])

        assert house.server.items["a1"].data in b"".join(house.downloads.stream(token))

    def test_large_renditions_are_made_of_it_and_stay(
        self, house: RemoteHouse, away: Asset
    ) -> None:
        made = house.media.rendition(away.uid, "large")
        house.server.fails_open = [UpstreamTimeout()] * 9

        assert house.server.opened == ["a1"]
        assert house.media.cached(away.uid, "large") == made

    def test_smaller_ones_are_made_of_the_preview(self, house: RemoteHouse, away: Asset) -> None:
        house.media.rendition(away.uid, "medium")

        assert house.server.opened == []

    def test_a_lost_cache_is_filled_again(self, house: RemoteHouse, away: Asset) -> None:
        for path in list((house.data / "cache").rglob("*")):
            if path.is_file():
                path.unlink()

        assert house.media.rendition(away.uid, "small").data


class TestViewers:
    def test_one_who_looks_at_what_has_not_come_yet_gets_it_first(self, house: RemoteHouse) -> None:
        for number in range(4):
            house.server.put(f"a{number}", picture(number), preview=picture(number))
        house.connect("immich")
        house.sync()
        looked = house.all()[3]

        found = house.media.rendition(looked.uid, "small")

        assert found.data
        assert len(house.server.previewed) == 1

    def test_one_that_was_given_up_is_shown_once_it_can_be(self, house: RemoteHouse) -> None:
        item = house.server.put("a1", preview=b"<html>Log in</html>")
        house.bring("immich")
        assert house.row("a1").state == "refused"
        assert house.jobs.list("failed")[1] == 1
        item.preview = picture(1)

        assert house.media.rendition(house.only().uid, "small").data

        assert house.row("a1").state == "held"
        assert house.jobs.list("failed")[1] == 0

    def test_where_two_remotes_have_it_one_that_is_off_does_not_matter(
        self, house: RemoteHouse
    ) -> None:
        data = picture(1)
        house.kinds["photos"] = kind("photos", house.desk, FakePreviewer, copies=False)
        house.desk.pictures = True
        for remote in (house.desk, house.server):
            remote.put("a1", data, sha1=sha1_of(data), preview=data)
        house.connect("photos")
        house.connect("immich")
        house.sync()
        house.desk.fails_open = [UpstreamTimeout()] * 9

        assert house.media.rendition(house.only().uid, "small").data

    def test_who_waits_for_a_remote_is_one_of_a_few(self, house: RemoteHouse) -> None:
        hang, began = threading.Event(), threading.Semaphore(0)
        for number in range(MOST_WAITING + 1):
            house.server.put(f"a{number}", picture(number), preview=picture(number))
        house.connect("immich")
        house.sync()
        bring = house.previews.bring

        def slow(*given: object, **more: object) -> None:
            began.release()
            hang.wait(60)
            bring(*given, **more)  # type: ignore[arg-type]  # passed on

        house.previews.bring = slow  # type: ignore[method-assign]
        waiting = [
            threading.Thread(target=_look, args=(house, asset)) for asset in house.all()[:-1]
        ]
        for thread in waiting:
            thread.start()
        assert began.acquire(timeout=60)
        while house.media._few._free._value:
            hang.wait(0.01)

        with pytest.raises(NotReady):
            house.media.rendition(house.all()[-1].uid, "small")

        local = house.put("mine.jpg", picture(99))
        house.scan()
        mine = house.by_name()[local.name]
        assert house.media.rendition(mine.uid, "small").data
        hang.set()
        for thread in waiting:
            thread.join(60)


class TestLinks:
    def test_a_link_to_a_copied_picture_opens_with_the_remote_off(self, house: RemoteHouse) -> None:
        house.desk.put("ticket/1/1")
        house.bring()
        house.desk.fails_open = [UpstreamTimeout()] * 50
        link = house.sharing.create([house.only().uid], rendition="original")

        opened = house.sharing.open(_token(link.url), client="c")

        assert isinstance(opened.content, File)

    def test_a_link_to_a_preview_opens_with_the_remote_off(
        self, house: RemoteHouse, away: Asset
    ) -> None:
        link = house.sharing.create([away.uid], rendition="large")
        _settled(house, away)
        house.server.fails_open = [UpstreamTimeout()] * 50

        opened = house.sharing.open(_token(link.url), client="c")

        assert isinstance(opened.content, Bytes)

    def test_a_link_to_an_original_that_lies_there_alone_says_so(
        self, house: RemoteHouse, away: Asset
    ) -> None:

        link = house.sharing.create([away.uid], rendition="original")

        assert any("while the remote does" in warning for warning in link.warnings)

    @pytest.mark.parametrize("rendition", ["large", "original"])
    def test_a_link_to_what_is_for_the_team_only_says_so(
        self, house: RemoteHouse, rendition: str
    ) -> None:
        house.desk.put("ticket/4711/file/1", picture(1), private=True)
        house.desk.put("ticket/4711/file/2", picture(2))
        house.bring("freshdesk")
        private, shown = sorted(house.all(), key=lambda asset: not asset.private)

        def said_of(*assets: Asset) -> str:
            uids = [asset.uid for asset in assets]
            return " ".join(house.sharing.create(uids, rendition=rendition).warnings)

        assert "This picture is for the team only" in said_of(private)
        assert "1 of these pictures is for the team only" in said_of(private, shown)
        assert "team" not in said_of(shown)


def _look(house: RemoteHouse, asset: Asset) -> None:
    with contextlib.suppress(NotReady):  # whoever comes late
        house.media.rendition(asset.uid, "small", wait_s=20)


def _token(url: str) -> str:
    return url.split("/i/")[1].split("/")[0]


def _settled(house: RemoteHouse, asset: Asset) -> None:
    """The rendition that the link began to make is there."""
    pause = threading.Event()
    for _ in range(500):
        if house.media.cached(asset.uid, "large") is not None:
            return
        pause.wait(0.01)
    pytest.fail("it was not made")
