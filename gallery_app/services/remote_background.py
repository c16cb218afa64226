"""The background for remotes: threads that sync, fetch and do other jobs, and one that keeps time.

Nothing here is remembered that the catalog does not know: what is to be synced are jobs, what is
to be fetched are wanted rows. A slow remote holds up nobody: threads are enough for several
syncs at once, and every source has its share of those that fetch (`fetch_turns.py`).
"""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NamedTuple

from gallery_app.catalog.catalog import Catalog
from gallery_app.domain.errors import GalleryError
from gallery_app.domain.model import Job, JobId, Source
from gallery_app.services.facts import STOPPED
from gallery_app.services.fetching import Fetching
from gallery_app.services.remotes import RemoteBook

_log = logging.getLogger(__name__)

FETCH_THREADS = 4
LEASE_S = 120.0
BEAT_S = 30.0
TICK_S = 5.0  # how often due syncs are looked for
IDLE_S = 5.0  # before a thread with nothing to do looks again
END_WITHIN_S = 5.0
SWEEP_S = 600.0


class Runner(NamedTuple):
    """Who does the jobs of a kind, and how many at once."""

    kind: str
    run: Callable[[Job], None]
    threads: int = 1


class RemoteBackground:
    """Owns the threads; `start` and `close` are all that others call."""

    def __init__(
        self,
        catalog: Catalog,
        book: RemoteBook,
        fetching: Fetching,
        runners: Sequence[Runner],
        *,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        stop: threading.Event,
        chores: Sequence[Callable[[], object]] = (),
    ) -> None:
        """Prepare.

        Args:
            catalog: jobs and rows.
            book: the remotes.
            fetching: gets wanted pictures.
            runners: who does which jobs; each ends its job itself.
            now: UTC clock.
            monotonic: seconds.
            stop: set when the program ends; shared with everybody who waits.
            chores: called every ten minutes.
        """
        self._catalog = catalog
        self._book = book
        self._fetching = fetching
        self._runners = runners
        self._now = now
        self._monotonic = monotonic
        self._stop = stop
        self._chores = chores
        self._bells: list[threading.Event] = []
        self._running: dict[JobId, Job] = {}
        self._running_lock = threading.Lock()
        self._beat_s = self._chore_s = monotonic()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin: take up what an earlier run left, then keep time."""
        self._catalog.remotes.release()
        self._book.changed = self.wake
        self._book.hastened = self._fetching.turns.hasten
        self._book.resting = self._fetching.turns.resting
        self._spawn("unfinished", self._catalog.catch_up)
        self._spawn("remotes", self._keep_time)
        for runner in self._runners:
            for number in range(runner.threads):
                self._spawn(f"{runner.kind}-{number}", functools.partial(self._work, runner))
        for number in range(FETCH_THREADS):
            self._spawn(f"fetch-{number}", self._fetching.once)

    def wake(self) -> None:
        """There may be something to do at once."""
        self._fetching.turns.hasten()
        self.ring()

    def close(self) -> None:
        """Stop all threads within seconds; what was written stays, the rest is done again."""
        self._stop.set()
        self.ring()
        self._book.close()  # who waits for a remote waits no longer
        deadline = self._monotonic() + END_WITHIN_S
        for thread in self._threads:
            thread.join(max(0.1, deadline - self._monotonic()))

    # --- threads ---------------------------------------------------------------------------

    def _spawn(self, name: str, once: Callable[[], bool]) -> None:
        bell = threading.Event()
        self._bells.append(bell)
        thread = threading.Thread(
            target=self._repeat, args=(once, bell), name=f"gallery-{name}", daemon=True
        )
        thread.start()
        self._threads.append(thread)

    def _repeat(self, once: Callable[[], bool], bell: threading.Event) -> None:
        """Run one thread's step again and again; no single failure ends the thread."""
        while not self._stop.is_set():
            bell.clear()
            try:
                worked = once()
            except Exception:  # noqa: BLE001  # whatever it was, the next step must come
                _log.exception("work for remotes failed; it goes on")
                worked = False
            if not worked:
                bell.wait(IDLE_S)

    def _work(self, runner: Runner) -> bool:
        """Do one job, if one waits."""
        job = self._catalog.jobs.claim([runner.kind], lease_s=LEASE_S)
        if job is None:
            return False
        with self._running_lock:
            self._running[job.id] = job
        try:
            runner.run(job)
        finally:
            with self._running_lock:
                del self._running[job.id]
        return True

    # --- time ------------------------------------------------------------------------------

    def _keep_time(self) -> bool:
        self._stop.wait(TICK_S)
        self.tick()
        return True

    def tick(self) -> None:
        """Put the syncs that are due, and hold the leases of jobs that take long."""
        if self._stop.is_set():
            return
        for source in self._book.list():
            if self._is_due(source):
                self._book.requests.due(source)
                self.ring()
        if self._monotonic() - self._beat_s >= BEAT_S:
            self._beat_s = self._monotonic()
            self._hold()
        if self._monotonic() - self._chore_s >= SWEEP_S:
            self._chore_s = self._monotonic()
            for chore in self._chores:
                chore()

    def ring(self) -> None:
        """Have idle threads look for jobs."""
        for bell in self._bells:
            bell.set()

    def _is_due(self, source: Source) -> bool:
        now = self._now()
        if source.paused or STOPPED in source.facts:
            return False
        if source.resume_at is not None and source.resume_at > now:
            return False
        if source.next_sync_at is not None and source.next_sync_at > now:
            return False
        return self._book.requests.waiting(source.id) is None

    def _hold(self) -> None:
        """A connector may wait long for a remote between two batches."""
        with self._running_lock:
            running = list(self._running)
        for job_id in running:
            job = self._catalog.jobs.get(job_id)
            if job is not None and job.state == "running":
                try:
                    self._catalog.jobs.beat(job_id, lease_s=LEASE_S, progress=job.progress)
                except GalleryError as error:
                    _log.warning("a lease could not be held: %s", error.code)
