"""Syncs: everything is listed once, whatever breaks in between, and a loss is doubted."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from gallery_app.domain.errors import (
    BadInput,
    GalleryError,
    OutOfSpace,
    Upstream,
    UpstreamGone,
    UpstreamRefused,
    UpstreamThrottled,
    UpstreamTimeout,
)
from gallery_app.domain.model import Uid
from gallery_app.domain.query import AssetQuery
from gallery_app.domain.remote import EntityRef, Listing
from gallery_app.services.facts import STOPPED
from tests.catalog.shelf import keys_of
from tests.services.remote_house import RemoteHouse
from tests.services.remote_world import picture, sha1_of

HOUSE = RemoteHouse
TICKET = EntityRef("ticket", "4711", "Display cracked", "https://there.example/a/tickets/4711")


class TestListing:
    def test_every_picture_is_wanted_once(self, house: RemoteHouse) -> None:
        keys = house.desk.fill(10)
        source = house.connect()
        house.sync()

        assert keys_of(house.catalog, source.id) == set(keys)
        assert house.source().waiting == 10

    def test_a_second_sync_with_nothing_new_writes_nothing(self, house: RemoteHouse) -> None:
        house.desk.fill(10)
        house.bring()
        revision, listed = house.catalog.revision, house.desk.listed

        house.sync_again()

        assert house.desk.listed == listed + 1
        assert house.catalog.revision == revision

    def test_counts_and_times_stand_at_the_source_and_in_the_job(self, house: RemoteHouse) -> None:
        house.desk.fill(4)
        source = house.bring()

        view = house.book.view(source.id)
        assert view.progress["new"] == 4
        assert view.progress["pictures"] == 4
        assert view.source.state == "online"
        assert view.source.next_sync_at == house.clock.at + timedelta(seconds=600)
        jobs, _ = house.catalog.jobs.list("done")
        assert jobs[0].progress["new"] == 4
        assert view.source.facts["version"] == "1"

    def test_what_a_picture_belongs_to_is_found(self, house: RemoteHouse) -> None:
        house.desk.put("ticket/4711/1", entities=(TICKET,))
        house.bring()

        (found,) = house.browse.page(AssetQuery.from_params({"ticket": ["4711"]})).items
        assert [(e.type, e.id, e.name) for e in found.entities] == [
            ("ticket", "4711", "Display cracked")
        ]

    def test_names_follow_the_remote(self, house: RemoteHouse) -> None:
        house.desk.put("ticket/4711/1", entities=(TICKET,))
        house.bring()
        renamed = EntityRef("ticket", "4711", "Display replaced")
        house.desk.last = [Listing("9", entities=(renamed,))]

        house.sync_again()

        assert house.only().entities[0].name == "Display replaced"

    def test_members_of_an_album_are_told_by_the_album(self, house: RemoteHouse) -> None:
        house.desk.put("ticket/1/1")
        house.bring()
        album = EntityRef("album", "a1", "Holidays")
        house.desk.last = [Listing("9", members=((album, ("ticket/1/1",)),))]

        house.sync_again()

        assert [e.name for e in house.only().entities] == ["Holidays"]

    def test_a_note_is_shown_at_the_source(self, house: RemoteHouse) -> None:
        house.desk.last = [Listing("1", note="Something may be incomplete.")]
        house.connect()

        house.sync()

        assert house.source().error == "Something may be incomplete."
        assert house.source().state == "online"

    def test_a_hint_reads_one_parent_and_keeps_the_cursor(self, house: RemoteHouse) -> None:
        house.desk.fill(3)
        source = house.bring()
        cursor = house.catalog.remotes.config(source.id).cursor
        house.desk.items["ticket/0/77"] = house.desk.put("ticket/0/77", parent="ticket/0")
        house.desk.told.pop()

        house.book.hint(source.id, "ticket/0")
        house.sync()

        assert house.row("ticket/0/77").state == "wanted"
        assert house.catalog.remotes.config(source.id).cursor == cursor

    def test_a_hint_that_is_denied_asks_the_key_and_stops_nothing(self, house: RemoteHouse) -> None:
        house.desk.fill(4)
        source = house.bring()
        house.desk.fails = [UpstreamRefused(reason="This key may not see that ticket.")]

        house.book.hint(source.id, "ticket/99")
        house.sync()

        after = house.source()
        assert after.state == "online"
        assert STOPPED not in after.facts
        assert house.desk.listed > 2  # a whole sync found the key to be good

    def test_a_hint_about_nothing_there_can_be_is_dropped(self, house: RemoteHouse) -> None:
        source = house.bring()
        house.desk.fails = [BadInput("That is neither a ticket nor an article.")]

        job = house.book.hint(source.id, "ticket/4000000000000000000")
        house.sync()

        ended = house.catalog.jobs.get(job.id)
        assert house.source().state == "online"
        assert ended is not None
        assert (ended.state, ended.run_after) == ("failed", None)

    def test_a_revoked_key_is_not_asked_for_hints_either(self, house: RemoteHouse) -> None:
        source = house.bring()
        house.desk.fails = [UpstreamRefused(reason="The key was refused.")]
        house.sync_again()
        listed = house.desk.listed

        house.book.hint(source.id, "ticket/0")
        house.sync()

        assert house.desk.listed == listed
        assert house.source().state == "attention"

    def test_a_resting_remote_is_not_asked_for_hints(self, house: RemoteHouse) -> None:
        source = house.bring()
        house.desk.fails = [UpstreamThrottled("Freshdesk", "", 600)]
        house.sync_again()
        listed = house.desk.listed

        house.book.hint(source.id, "ticket/0")
        house.sync()

        assert house.desk.listed == listed

    def test_a_hint_for_what_was_deleted_since_is_no_trouble(self, house: RemoteHouse) -> None:
        source = house.bring()
        house.desk.fails = [UpstreamGone()]

        house.book.hint(source.id, "ticket/99")
        house.sync()

        assert house.source().state == "online"
        assert house.source().failures == 0


class TestStopping:
    @pytest.mark.parametrize("after", range(1, 9))
    def test_stopped_between_any_two_batches_nothing_is_lost_or_doubled(
        self, tmp_path: Path, after: int
    ) -> None:
        house = RemoteHouse(tmp_path)
        keys = house.desk.fill(12)

        def stop() -> None:
            if house.desk.listed == after:
                house.stop.set()

        house.desk.before_batch = stop
        source = house.connect()
        job = house.catalog.jobs.claim(["sync"], lease_s=120)
        assert job is not None
        house.syncing.run(job)
        house.stop.clear()
        house.desk.before_batch = lambda: None
        house.catalog.jobs.release()
        house.catalog.remotes.release()

        house.sync()
        house.fetch()

        assert keys_of(house.catalog, source.id) == set(keys)
        assert house.catalog.remotes.counts(source.id)["held"] == 12
        assert len(house.all()) == 12
        assert sorted(house.desk.opened) == sorted(keys)
        house.close()

    def test_a_batch_that_could_not_be_written_comes_again(
        self, house: RemoteHouse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        keys = house.desk.fill(6)
        source = house.connect()
        write, calls = house.catalog.write, iter([False, True])

        def full() -> object:
            if next(calls, False):
                raise OutOfSpace
            return write()

        monkeypatch.setattr(house.catalog, "write", full)
        house.sync()
        assert house.source().state == "attention"
        monkeypatch.undo()
        house.clock.pass_(minutes=6)

        house.sync()

        assert keys_of(house.catalog, source.id) == set(keys)
        assert house.source().state == "online"


class TestFaults:
    def test_faults_on_every_third_answer_lose_and_double_nothing(self, house: RemoteHouse) -> None:
        keys = house.desk.fill(40)
        source = house.connect()
        faults: list[GalleryError | None] = [Upstream(), None, None, UpstreamTimeout(), None]
        house.desk.fails = faults * 4

        for _ in range(60):
            house.sync()
            house.clock.pass_(minutes=61)
        house.fetch()

        assert keys_of(house.catalog, source.id) == set(keys)
        assert len(house.all()) == 40

    def test_a_remote_that_does_not_answer_is_offline_and_asked_again_soon(
        self, house: RemoteHouse
    ) -> None:
        source = house.bring()
        house.desk.fails = [UpstreamTimeout(reason="It took too long.")]

        house.sync_again()

        assert house.source().state == "offline"
        assert house.source().error == "It took too long. It is tried again by itself."
        job = house.catalog.jobs.open(f"sync:{source.id}")
        assert job is not None
        assert job.run_after == house.clock.at + timedelta(seconds=20)

    def test_after_five_failures_it_rests_ever_longer(self, house: RemoteHouse) -> None:
        source = house.bring()
        house.desk.fails = [UpstreamTimeout()] * 20
        house.book.sync_now(source.id)
        pauses = []
        for _ in range(9):
            house.sync()
            job = house.catalog.jobs.open(f"sync:{source.id}")
            assert job is not None
            assert job.run_after is not None
            pauses.append((job.run_after - house.clock.at).total_seconds())
            house.clock.at = job.run_after

        assert pauses == [20, 20, 20, 20, 60, 300, 900, 3600, 3600]
        assert house.source().failures == 9

    def test_a_remote_that_asks_for_patience_gets_it_and_no_failure_is_counted(
        self, house: RemoteHouse
    ) -> None:
        source = house.bring()
        house.desk.fails = [UpstreamThrottled(retry_after_s=300)]

        house.sync_again()

        assert house.source().state == "online"
        assert house.source().failures == 0
        assert house.source().resume_at == house.clock.at + timedelta(seconds=300)
        house.clock.pass_(seconds=301)
        house.sync()
        assert house.source().resume_at is None
        assert house.catalog.jobs.open(f"sync:{source.id}") is None

    def test_a_refused_key_stops_everything_until_somebody_acts(self, house: RemoteHouse) -> None:
        house.desk.fill(3)
        source = house.connect()
        house.sync()
        house.desk.fails = [UpstreamRefused(reason="The key was refused.")]
        house.book.sync_now(source.id)
        house.sync()

        assert house.source().state == "attention"
        assert house.source().error == "The key was refused."
        house.clock.pass_(days=3)
        house.remote_background.tick()
        assert house.catalog.jobs.open(f"sync:{source.id}") is None
        assert house.fetch() == 0

    def test_a_fault_of_ours_is_told_and_tried_again(self, house: RemoteHouse) -> None:
        house.bring()

        def burst() -> None:
            raise RuntimeError("boom")

        house.desk.before_batch = burst
        house.sync_again()

        assert house.source().state == "attention"
        assert "fault of the gallery" in str(house.source().error)
        house.desk.before_batch = lambda: None
        house.clock.pass_(minutes=6)
        house.sync()
        assert house.source().state == "online"


class TestTwins:
    def test_a_local_picture_known_by_its_hash_is_not_fetched(self, house: RemoteHouse) -> None:
        data = picture(5)
        house.put("mine.jpg", data)
        house.scan()
        house.render_all()
        house.server.put("a1", data, sha1=sha1_of(data))

        house.bring("immich")

        asset = house.only()
        assert {o.source_id for o in asset.occurrences} == {house.watch().id, house.source().id}
        assert house.server.previewed == []
        assert not asset.remote

    def test_the_other_order_gives_one_picture_too(self, house: RemoteHouse) -> None:
        data = picture(5)
        house.server.put("a1", data, sha1=sha1_of(data), preview=data)
        house.bring("immich")
        uid = house.only().uid

        house.put("mine.jpg", data)
        house.scan()
        house.render_all()

        asset = house.only()
        assert not asset.remote
        assert asset.sha256 is not None
        found = house.browse.get(Uid(uid))
        assert found.id == asset.id

    def test_a_library_from_before_anybody_asked_is_hashed_when_sizes_match(
        self, house: RemoteHouse
    ) -> None:
        data, other = picture(5), picture(6)
        house.put("mine.jpg", data)
        house.put("other.jpg", other + b"\0" * 7)
        house.scan()
        house.render_all()
        house.forget_sha1()
        house.server.put("a1", data, sha1=sha1_of(data))

        house.bring("immich")

        assert sorted(a.filename for a in house.all()) == ["mine.jpg", "other.jpg"]
        assert house.by_name()["mine.jpg"].sha1 == sha1_of(data)
        assert house.by_name()["other.jpg"].sha1 is None

    def test_a_picture_whose_hash_the_remote_does_not_tell_stays_apart(
        self, house: RemoteHouse
    ) -> None:
        data = picture(5)
        house.put("mine.jpg", data)
        house.scan()
        house.render_all()
        house.server.put("a1", data, preview=data)

        house.bring("immich")

        assert len(house.all()) == 2
