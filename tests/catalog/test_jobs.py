"""Jobs: handed out once, given back when their worker falls silent, tried three times."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from gallery_app.catalog.database import Row
from gallery_app.domain.errors import Conflict, JobRunning, NotFound
from gallery_app.domain.model import JobId
from tests.catalog.shelf import Shelf


def put(shelf: Shelf, key: str = "scan:1", **more: int) -> JobId:
    return shelf.catalog.jobs.put("scan", key, subject="Pictures", **more).id  # type: ignore[arg-type]  # priority


def test_a_job_comes_back_as_it_was_put(shelf: Shelf) -> None:
    when = shelf.now() + timedelta(hours=1)

    job = shelf.catalog.jobs.put(
        "scan", "k", subject="Sübject", payload={"a": [1]}, priority=3, run_after=when,
        asset_uid="u",
    )  # fmt: skip

    assert shelf.catalog.jobs.get(job.id) == job
    assert (job.state, job.attempts, job.payload, job.run_after) == ("ready", 0, {"a": [1]}, when)
    assert (job.subject, job.priority, job.asset_uid) == ("Sübject", 3, "u")
    assert shelf.catalog.jobs.get(JobId(99)) is None


def test_an_open_job_is_put_once(shelf: Shelf) -> None:
    jobs = shelf.catalog.jobs
    first = put(shelf)

    assert put(shelf) == first
    jobs.claim(["scan"], lease_s=60)
    assert put(shelf) == first
    jobs.done(first)
    assert put(shelf) != first


def test_the_lowest_priority_number_is_claimed_first_and_each_job_once(shelf: Shelf) -> None:
    late, first, second = put(shelf, "a", priority=5), put(shelf, "b"), put(shelf, "c")

    claimed = [shelf.catalog.jobs.claim(["scan"], lease_s=60) for _ in range(4)]

    assert [job and job.id for job in claimed] == [first, second, late, None]
    assert all(job.attempts == 1 and job.state == "running" for job in claimed if job)


def test_only_wanted_kinds_are_claimed_and_not_before_their_time(shelf: Shelf) -> None:
    jobs = shelf.catalog.jobs
    jobs.put("scan", "k", subject="x", run_after=shelf.now() + timedelta(seconds=10))

    assert jobs.claim(["render"], lease_s=60) is None
    assert jobs.claim(["scan"], lease_s=60) is None
    shelf.wait(10)
    assert jobs.claim(["scan", "render"], lease_s=60) is not None


def test_a_hundred_jobs_claimed_by_ten_threads_are_each_claimed_once(shelf: Shelf) -> None:
    wanted = {put(shelf, str(n)) for n in range(100)}

    def work(_: int) -> list[JobId]:
        found = []
        while job := shelf.catalog.jobs.claim(["scan"], lease_s=60):
            found.append(job.id)
        return found

    with ThreadPoolExecutor(10) as pool:
        claimed = [job_id for found in pool.map(work, range(10)) for job_id in found]

    assert (len(claimed), set(claimed)) == (100, wanted)


def test_a_silent_worker_loses_its_job_and_three_silences_fail_it(shelf: Shelf) -> None:
    jobs = shelf.catalog.jobs
    job_id = put(shelf)
    states = []

    for _ in range(3):
        jobs.claim(["scan"], lease_s=60)
        shelf.wait(61)
        assert jobs.reap() == 1
        states.append(jobs.get(job_id).state)  # type: ignore[union-attr]  # it was put above

    assert states == ["ready", "ready", "failed"]
    assert jobs.get(job_id).error == "The work was interrupted three times."  # type: ignore[union-attr]
    assert jobs.reap() == 0


def test_a_beating_worker_keeps_its_job(shelf: Shelf) -> None:
    jobs = shelf.catalog.jobs
    job_id = put(shelf)
    jobs.claim(["scan"], lease_s=60)

    shelf.wait(50)
    jobs.beat(job_id, lease_s=60, progress={"found": 7})
    shelf.wait(50)

    assert jobs.reap() == 0
    job = jobs.get(job_id)
    assert job is not None
    assert (job.state, job.progress) == ("running", {"found": 7})


def test_a_failure_with_a_time_is_tried_again_then(shelf: Shelf) -> None:
    jobs = shelf.catalog.jobs
    job_id = put(shelf)
    jobs.claim(["scan"], lease_s=60)

    jobs.fail(job_id, "Offline.", retry_at=shelf.now() + timedelta(seconds=30))

    assert jobs.claim(["scan"], lease_s=60) is None
    shelf.wait(30)
    again = jobs.claim(["scan"], lease_s=60)
    assert again is not None
    assert (again.id, again.attempts, again.error) == (job_id, 2, "Offline.")


def test_a_failed_job_is_ready_again_when_asked(shelf: Shelf) -> None:
    jobs = shelf.catalog.jobs
    job_id = put(shelf)
    jobs.claim(["scan"], lease_s=60)
    with pytest.raises(JobRunning):
        jobs.retry(job_id)
    jobs.fail(job_id, "Broken.", retry_at=None)

    job = jobs.retry(job_id)

    assert (job.state, job.attempts, job.error) == ("ready", 0, None)
    with pytest.raises(NotFound):
        jobs.retry(JobId(99))


def test_a_failed_job_whose_work_is_queued_anew_is_not_retried_twice(shelf: Shelf) -> None:
    jobs = shelf.catalog.jobs
    job_id = put(shelf)
    jobs.fail(job_id, "Broken.", retry_at=None)
    put(shelf)

    with pytest.raises(Conflict):
        jobs.retry(job_id)


def test_failures_are_one_row_per_thing_until_they_are_closed(shelf: Shelf) -> None:
    jobs = shelf.catalog.jobs
    for error in ("First.", "Second."):
        jobs.record_failure("render", "render:1", subject="a.jpg", error=error, asset_uid="u")
    put(shelf)

    failed, total = jobs.list("failed")
    assert (total, failed[0].error, failed[0].attempts) == (1, "Second.", 2)
    assert jobs.list(limit=1)[1] == 2

    jobs.close_failure("render:1")
    assert jobs.list("failed") == ([], 0)


def test_jobs_are_listed_by_their_newest_change(shelf: Shelf) -> None:
    first, second = put(shelf, "a"), put(shelf, "b")
    shelf.wait(1)
    shelf.catalog.jobs.done(first, {"found": 1})

    listed, _ = shelf.catalog.jobs.list()

    assert [job.id for job in listed] == [first, second]
    assert [job.id for job in shelf.catalog.jobs.list(limit=1, offset=1)[0]] == [second]


class TestInsisting:
    def insist(self, shelf: Shelf, **payload: object) -> JobId:
        job = shelf.catalog.jobs.put("sync", "sync:1", subject="x", payload=payload, insist=True)
        return job.id

    def payload(self, shelf: Shelf, job_id: JobId) -> object:
        job = shelf.catalog.jobs.get(job_id)
        assert job is not None
        return job.payload

    def test_what_was_asked_for_before_stays_asked_for(self, shelf: Shelf) -> None:
        first = self.insist(shelf, source=1, walk=True, believe_loss=True)

        again = self.insist(shelf, source=1, walk=True)
        self.insist(shelf, source=1, believe_loss=False)

        assert again == first
        assert self.payload(shelf, first) == {"source": 1, "walk": True, "believe_loss": True}

    def test_of_other_words_the_later_counts(self, shelf: Shelf) -> None:
        job_id = self.insist(shelf, given="old", kept=1)

        self.insist(shelf, given="new")

        assert self.payload(shelf, job_id) == {"given": "new", "kept": 1}

    def test_what_waits_behind_one_that_runs_takes_over_more(self, shelf: Shelf) -> None:
        running = self.insist(shelf, source=1)
        shelf.catalog.jobs.claim(["sync"], lease_s=60)
        behind = self.insist(shelf, source=1, walk=True)

        again = self.insist(shelf, source=1, walk=True, believe_loss=True)

        assert behind == again != running
        assert self.payload(shelf, behind) == {"source": 1, "walk": True, "believe_loss": True}
        assert self.payload(shelf, running) == {"source": 1}

    def test_when_both_run_a_third_one_waits(self, shelf: Shelf) -> None:
        begun = [self.insist(shelf, source=1)]
        shelf.catalog.jobs.claim(["sync"], lease_s=60)
        begun.append(self.insist(shelf, source=1, walk=True))
        shelf.catalog.jobs.claim(["sync"], lease_s=60)

        waits = self.insist(shelf, source=1, walk=True, believe_loss=True)

        assert waits not in begun
        assert self.insist(shelf, source=1) == begun[0]


class TestThoseThatWait:
    def test_are_counted_by_how_their_keys_begin(self, shelf: Shelf) -> None:
        for key in ("sync:1", "sync:1:ticket/1", "sync:1:ticket/2", "sync:10:ticket/1"):
            put(shelf, key)
        shelf.catalog.jobs.done(put(shelf, "sync:1:ticket/3"))

        assert shelf.catalog.jobs.waiting("sync:1:") == 2
        assert shelf.catalog.jobs.waiting("sync:2:") == 0

    def test_are_found_without_looking_through_all_jobs(
        self, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        asked: list[tuple[str, Sequence[object]]] = []
        database = shelf.catalog.jobs._database
        row = database.row

        def note(sql: str, values: Sequence[object] = ()) -> Row | None:
            asked.append((sql, values))
            return row(sql, values)

        monkeypatch.setattr(database, "row", note)
        shelf.catalog.jobs.waiting("sync:1:")

        ((sql, values),) = asked
        (step,) = database.rows(f"EXPLAIN QUERY PLAN {sql}", values)
        assert "SEARCH job USING INDEX job_open (dedup_key>? AND dedup_key<?)" in str(step)
