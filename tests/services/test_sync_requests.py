"""Asking for syncs: what waits serves for all who ask, and nobody makes more wait than is kept."""

from __future__ import annotations

import threading

import pytest

from gallery_app.domain.errors import UpstreamRefused, UpstreamTimeout
from gallery_app.domain.model import Job, SourceId
from gallery_app.domain.remote import RemoteState
from gallery_app.services.facts import WALK_BEGAN
from gallery_app.services.sync_requests import MOST_HINTS
from tests.services.remote_house import RemoteHouse

HOUSE = RemoteHouse


def _waiting(house: RemoteHouse) -> list[Job]:
    return house.catalog.jobs.list("ready")[0]


class TestHints:
    def test_above_so_many_one_whole_sync_takes_their_place(self, house: RemoteHouse) -> None:
        source = house.bring()

        jobs = [house.book.hint(source.id, f"ticket/{n}") for n in range(MOST_HINTS + 500)]

        assert len(_waiting(house)) == MOST_HINTS + 1
        assert {job.dedup_key for job in jobs[MOST_HINTS:]} == {f"sync:{source.id}"}

    def test_one_that_waits_already_is_not_one_more(self, house: RemoteHouse) -> None:
        source = house.bring()
        jobs = [house.book.hint(source.id, f"ticket/{n}") for n in range(MOST_HINTS)]

        again = house.book.hint(source.id, "ticket/0")

        assert again.id == jobs[0].id
        assert len(_waiting(house)) == MOST_HINTS

    def test_those_of_one_source_are_not_counted_against_another(self, house: RemoteHouse) -> None:
        desk, server = house.bring(), house.connect("immich")
        house.sync()
        for number in range(MOST_HINTS):
            house.book.hint(desk.id, f"ticket/{number}")

        job = house.book.hint(server.id, "album/1")

        assert job.dedup_key == f"sync:{server.id}:album/1"

    def test_they_are_counted_however_much_else_waits(self, house: RemoteHouse) -> None:
        source = house.bring()
        for number in range(MOST_HINTS):
            house.book.hint(source.id, f"ticket/{number}")
        house.clock.pass_(minutes=1)
        for number in range(300):
            house.catalog.jobs.put("product", f"product:{number}", subject="x")

        job = house.book.hint(source.id, "ticket/more")

        assert job.dedup_key == f"sync:{source.id}"

    def test_while_a_sync_is_under_way_they_come_back_ever_more_seldom(
        self, house: RemoteHouse
    ) -> None:
        source = house.bring()
        pauses = []

        def try_a_hint() -> None:
            house.desk.before_batch = lambda: None
            hint = house.book.hint(source.id, "ticket/0")
            for _ in range(7):
                job = house.catalog.jobs.claim(["sync"], lease_s=120)
                assert job is not None
                house.syncing.run(job)
                waits = house.jobs.get(hint.id)
                assert waits.run_after is not None
                pauses.append((waits.run_after - house.clock.at).total_seconds())
                house.clock.at = waits.run_after

        house.desk.before_batch = try_a_hint
        house.book.sync_now(source.id)
        house.sync()

        assert pauses == [2, 4, 8, 16, 32, 64, 64]


class TestNow:
    def test_a_persons_word_outlasts_a_walk_asked_for_after_it(self, house: RemoteHouse) -> None:
        source = house.bring()
        house.book.sync_now(source.id, believe_loss=True)

        job = house.book.sync_now(source.id, walk=True)

        assert job.payload["walk"] is job.payload["believe_loss"] is True

    def test_one_that_begins_while_it_is_asked_for_is_the_one(
        self, house: RemoteHouse, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        source = house.bring()
        house.desk.fails = [UpstreamTimeout()]
        house.sync_again()  # it waits for better times
        put = house.catalog.jobs.put

        def put_and_begin(*given: object, **more: object) -> Job:
            job = put(*given, **more)  # type: ignore[arg-type]  # passed on
            house.clock.pass_(minutes=1)
            assert house.catalog.jobs.claim(["sync"], lease_s=120) is not None
            return job

        monkeypatch.setattr(house.catalog.jobs, "put", put_and_begin)

        job = house.book.sync_now(source.id)

        assert house.jobs.get(job.id).state == "running"


class TestFailures:
    def test_those_of_earlier_syncs_are_over_when_one_succeeds(self, house: RemoteHouse) -> None:
        house.bring()
        for _ in range(2):
            house.desk.fails = [UpstreamRefused(reason="The key was refused.")]
            house.sync_again()
        assert house.jobs.list("failed")[1] == 2

        house.sync_again()

        assert house.jobs.list("failed")[1] == 0

    def test_two_of_the_same_are_retried_as_one(self, house: RemoteHouse) -> None:
        house.bring()
        for _ in range(2):
            house.desk.fails = [UpstreamRefused(reason="The key was refused.")]
            house.sync_again()

        house.jobs.retry_all()

        assert house.jobs.list("failed")[1] == 0
        assert len(_waiting(house)) == 1

    def test_one_of_a_source_that_was_removed_is_retried_to_its_end(
        self, house: RemoteHouse
    ) -> None:
        source = house.bring()
        house.desk.fails = [UpstreamRefused(reason="The key was refused.")]
        house.sync_again()
        house.book.remove(source.id, keep=True)

        house.jobs.retry_all()
        house.sync()

        assert house.jobs.list("failed")[1] == 0


def test_facts_that_two_tell_at_once_are_both_kept(
    house: RemoteHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = house.bring()
    config, requests = house.catalog.remotes.config, house.book.requests
    other = threading.Thread(target=requests.note_facts, args=(source.id, {"plan": "Growth"}))

    def read_while_another_writes(source_id: SourceId) -> RemoteState:
        read = config(source_id)
        if other.ident is None:
            other.start()
            other.join(0.3)  # long enough to write, if nothing kept it from doing so
        return read

    monkeypatch.setattr(house.catalog.remotes, "config", read_while_another_writes)
    requests.note_facts(source.id, {WALK_BEGAN: "2026-01-01T00:00:00+00:00"})
    other.join(60)

    facts = config(source.id).facts
    assert facts["plan"] == "Growth"
    assert WALK_BEGAN in facts
