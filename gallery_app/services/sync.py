"""One sync: what a remote lists becomes rows, the cursor with the last of each batch.

Stop it between any two transactions and the next run goes on from the last cursor: nothing is
lost, nothing doubled. A remote that does not answer marks nothing as gone, and a loss too large
to be believed is asked about (`losses.py`; reliability.md C30, C51).
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from gallery_app.catalog.catalog import Catalog
from gallery_app.connectors.base import Connector, HasHints, HasSearch
from gallery_app.domain.errors import (
    BadInput,
    GalleryError,
    NotFound,
    Upstream,
    UpstreamGone,
    UpstreamRefused,
    UpstreamThrottled,
)
from gallery_app.domain.model import Job, Source
from gallery_app.domain.remote import Listing
from gallery_app.services.breaker import next_pause_s
from gallery_app.services.facts import ASKS_BELIEF, CAN_SEARCH, COUNTS, STOPPED, WALK_BEGAN
from gallery_app.services.hashing import Hashing
from gallery_app.services.remotes import RemoteBook
from gallery_app.services.sync_batches import Batches, Run
from gallery_app.services.sync_requests import CONFIRMED, sync_key

_log = logging.getLogger(__name__)

LEASE_S = 120.0
AGAIN_S = 20.0  # after a failure, while the breaker is closed
FAULT_AGAIN_S = 300.0  # after a fault of ours, or a full disk
BUSY_AGAIN_S = 2.0  # when another sync of the source is under way; doubled with every try
MOST_DOUBLED = 5
ASKED_AGAIN_S = 3600.0  # when much is missing and nobody has said whether it is gone
FAR_S = 366 * 86_400.0


class Sync:
    """Runs sync jobs; several at once, one for each source."""

    def __init__(
        self,
        catalog: Catalog,
        book: RemoteBook,
        hashing: Hashing,
        *,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        stop: threading.Event,
    ) -> None:
        self._catalog = catalog
        self._book = book
        self._hashing = hashing
        self._batches = Batches(catalog, now=now)
        self._now = now
        self._monotonic = monotonic
        self._stop = stop
        self._busy: dict[int, threading.Lock] = {}
        # Hears that there are pictures to fetch, or none any more.
        self.wanted: Callable[[], None] = lambda: None

    def run(self, job: Job) -> None:
        """Do a claimed job of kind "sync" and end it: done, failed, or to be tried again.

        Never raises for what the remote does. Left running when the program stops.
        """
        try:
            source = self._book.get(int(str(job.payload["source"])))
        except NotFound:
            self._catalog.jobs.done(job.id)  # it was removed: there is nothing to do
            return
        if source.paused:
            self._end_for_now(job, source)
            return
        if job.payload.get("parent") and self._rests(source):
            self._catalog.jobs.done(job.id)  # the next whole sync finds it as well
            return
        lock = self._busy.setdefault(source.id, threading.Lock())
        if not lock.acquire(blocking=False):
            in_s = BUSY_AGAIN_S * 2 ** min(job.attempts - 1, MOST_DOUBLED)
            self._again(job, in_s, "Another sync of this source is under way.")
            return
        try:
            self._run(job, source)
        finally:
            lock.release()

    def _rests(self, source: Source) -> bool:
        """Whether the remote is to be left alone: by its breaker, its wish, or a refused key."""
        resting = source.resume_at is not None and source.resume_at > self._now()
        return resting or STOPPED in source.facts

    def _run(self, job: Job, source: Source) -> None:
        began = self._monotonic()
        connector: Connector | None = None
        try:
            connector = self._book.connector(source.id)
            now = self._catalog.sources.get(source.id, counted=False)
            if now is None or now.paused:  # since the job was claimed
                self._leave(job, source)
                return
            run = self._begin(job, source, connector)
            for listing in self._listings(run):
                run.left = not self._take(run, listing)
                if run.left or self._stop.is_set():
                    break
            self._end(run, seconds=self._monotonic() - began)
        except GalleryError as error:
            self._failed(job, source, connector, error)
        except Exception:  # noqa: BLE001  # whatever it was, the other sources must go on
            _log.exception("the sync of source %d broke off", source.id)
            self._failed(job, source, connector, SyncBrokeOff())

    def _begin(self, job: Job, source: Source, connector: Connector) -> Run:
        state = self._catalog.remotes.config(source.id)
        kind = self._book.kind_of(source)
        walked_at, now = state.walked_at, self._now()
        due = walked_at is None or (now - walked_at).total_seconds() >= kind.walk_every_s
        began = state.facts.get(WALK_BEGAN)
        self._catalog.sources.set_state(source.id, "scanning")
        return Run(
            job,
            source,
            kind,
            connector,
            copies=kind.copies or state.options.get("mirror") == "1",
            walk=bool(job.payload.get("walk")) or due,
            confirmed=int(str(job.payload.get(CONFIRMED) or 0)),
            parent=str(job.payload.get("parent") or ""),
            walk_began=datetime.fromisoformat(began) if began else None,
        )

    def _listings(self, run: Run) -> Iterator[Listing]:
        if run.parent:
            if isinstance(run.connector, HasHints):
                return run.connector.read(run.parent)
            return iter(())
        cursor = self._catalog.remotes.config(run.source.id).cursor
        return run.connector.changes(cursor, walk=run.walk)

    # --- one batch -------------------------------------------------------------------------

    def _take(self, run: Run, listing: Listing) -> bool:
        """Write one batch; False when the source is to be left alone from now on."""
        if listing.walking and run.walk_began is None and not run.parent:
            # Before its first row is written: a walk that is cut off began then all the same.
            now = self._now()
            run.walk_began = now.replace(microsecond=now.microsecond // 1000 * 1000)
            self._book.requests.note_facts(run.source.id, {WALK_BEGAN: run.walk_began.isoformat()})
        self._hashing.prepare(listing.seen)
        writes = self._batches.writes(run, listing)
        for number, write in enumerate(writes, start=1):
            with self._catalog.write() as writer:
                if not self._is_wanted(run):
                    return False
                write(writer)
                if number == len(writes):  # cut off before, all of it comes again
                    self._batches.follow(run, listing, writer)
        run.counts.update(listing.progress)
        if listing.note:
            run.notes.append(listing.note)
        self._catalog.jobs.beat(run.job.id, lease_s=LEASE_S, progress=run.counts)
        if listing.seen:
            self.wanted()
        return True

    def _is_wanted(self, run: Run) -> bool:
        """Whether the source is still there, not paused, and reached as this run reaches it.

        Asked while nobody else can write, so that nothing is written after a removal.
        """
        source = self._catalog.sources.get(run.source.id, counted=False)
        return (
            source is not None
            and source.removed_at is None
            and not source.paused
            and self._book.is_current(run.source.id, run.connector)
        )

    # --- the end ---------------------------------------------------------------------------

    def _end(self, run: Run, *, seconds: float) -> None:
        if self._stop.is_set():
            return  # left running: the next start takes it up
        if run.left or not self._book.is_current(run.source.id, run.connector):
            self._leave(run.job, run.source)
        elif run.parent:
            self._rest(run.source)
            self._catalog.jobs.done(run.job.id, run.counts)
        else:
            self._end_whole(run, seconds=seconds)

    def _end_whole(self, run: Run, *, seconds: float) -> None:
        source_id, now = run.source.id, self._now()
        every_s = min(run.kind.every_s, FAR_S)
        facts = {COUNTS: json.dumps(run.counts)}
        if isinstance(run.connector, HasSearch):
            facts[CAN_SEARCH] = "1" if _can_search(run.connector) else "0"
        forget: tuple[str, ...] = (STOPPED, WALK_BEGAN)  # one that broke off is not gone on with
        if run.lost is not None:
            facts[ASKS_BELIEF] = str(run.lost.missing)
        elif run.walk:
            forget += (ASKS_BELIEF,)
        self._book.requests.note_facts(source_id, facts, forget=forget)
        self._catalog.remotes.set_schedule(
            source_id, next_sync_at=now + timedelta(seconds=every_s), failures=0, resume_at=None
        )
        if run.walk:
            # What is missing may be away for a while only: it is looked for again in an hour.
            whole_s = min(run.kind.walk_every_s, FAR_S)
            early_s = 0.0 if run.lost is None else max(0.0, whole_s - ASKED_AGAIN_S)
            walked_at = now - timedelta(seconds=early_s)
            self._catalog.remotes.set_schedule(source_id, walked_at=walked_at)
        self._catalog.sources.finish_scan(source_id, now, seconds)
        if run.source.failures:
            self._book.hastened(source_id)  # it answers again: its pictures need not rest on
        if run.lost is not None:
            self._catalog.sources.set_state(source_id, "attention", run.lost.public)
            self._catalog.jobs.fail(run.job.id, run.lost.public, retry_at=None)
            return
        if run.walk:
            self._book.test_saved(source_id)  # its facts may have changed: version, plan
        if not self._still_asks(run):
            note = "; ".join(dict.fromkeys(run.notes)) or None
            self._catalog.sources.set_state(source_id, "online", note)
            for key in {sync_key(source_id), run.job.dedup_key}:
                self._catalog.jobs.close_failure(key)  # of earlier syncs
        # The job last: whoever sees it done finds its source as it is.
        self._catalog.jobs.done(run.job.id, run.counts)

    def _still_asks(self, run: Run) -> bool:
        """A question of an earlier walk stays until a walk or a person answers it."""
        facts = self._catalog.remotes.config(run.source.id).facts
        if ASKS_BELIEF not in facts:
            return False
        self._rest(run.source)
        return True

    def _rest(self, source: Source) -> None:
        """The state as it was before the run, unless somebody has set another one since."""
        now = self._catalog.sources.get(source.id, counted=False)
        if now is not None and now.state == "scanning":
            state = "online" if source.state == "scanning" else source.state
            self._catalog.sources.set_state(source.id, state, source.error)

    def _leave(self, job: Job, source: Source) -> None:
        """It was paused, changed or removed meanwhile: what is to be done now is asked anew."""
        self._rest(source)
        self._book.requests.note_facts(source.id, {}, forget=(WALK_BEGAN,))  # another begins anew
        self._end_for_now(job, source)

    def _end_for_now(self, job: Job, source: Source) -> None:
        """End the job; its source may go on by now, which was asked of this one as it still ran."""
        self._catalog.jobs.done(job.id)
        now = self._catalog.sources.get(source.id, counted=False)
        if now is None or now.removed_at is not None or now.paused:
            return
        if job.payload.get("walk"):
            believe_loss = bool(job.payload.get("believe_loss"))
            self._book.requests.now(now, walk=True, believe_loss=believe_loss)
        else:
            self._book.requests.due(now)

    def _failed(
        self, job: Job, source: Source, connector: Connector | None, error: GalleryError
    ) -> None:
        if self._stop.is_set():
            return  # left running: the next start takes it up
        if connector is not None and not self._book.is_current(source.id, connector):
            self._leave(job, source)
            return
        match error:
            case UpstreamGone() if job.payload.get("parent"):
                self._rest(source)
                self._catalog.jobs.done(job.id)  # it was deleted since; the next sync tells
            case UpstreamRefused() | BadInput() if job.payload.get("parent"):
                # That one thing is denied, or the key is: a whole sync finds out which.
                self._rest(source)
                if isinstance(error, UpstreamRefused):
                    self._book.requests.due(source)
                self._catalog.jobs.fail(job.id, error.public, retry_at=None)
            case UpstreamRefused():
                # Only a person can help: nothing is asked until the settings change.
                self._book.requests.note_facts(source.id, {STOPPED: "refused"})
                self._catalog.sources.set_state(source.id, "attention", error.public)
                self._catalog.jobs.fail(job.id, error.public, retry_at=None)
                self.wanted()
            case UpstreamThrottled():
                until = self._now() + timedelta(seconds=error.retry_after_s)
                self._catalog.remotes.set_schedule(source.id, resume_at=until)
                self._catalog.sources.set_state(source.id, "online", error.public)
                self._catalog.jobs.fail(job.id, error.public, retry_at=until)
            case Upstream():
                self._rest_after(job, source, error)
            case _:
                _log.warning("the sync of source %d failed: %s", source.id, error.code)
                self._catalog.sources.set_state(source.id, "attention", error.public)
                self._again(job, FAULT_AGAIN_S, error.public)

    def _rest_after(self, job: Job, source: Source, error: Upstream) -> None:
        """A remote that does not answer is asked again soon, and ever more seldom."""
        failures = self._catalog.remotes.config(source.id).failures + 1
        pause_s = next_pause_s(failures)
        until = self._now() + timedelta(seconds=pause_s or AGAIN_S)
        self._catalog.remotes.set_schedule(
            source.id, failures=failures, resume_at=until if pause_s else None
        )
        sentence = f"{error.public} It is tried again by itself."
        self._catalog.sources.set_state(source.id, "offline", sentence)
        self._catalog.jobs.fail(job.id, error.public, retry_at=until)

    def _again(self, job: Job, in_s: float, sentence: str) -> None:
        self._catalog.jobs.fail(job.id, sentence, retry_at=self._now() + timedelta(seconds=in_s))


class SyncBrokeOff(GalleryError):
    """A sync ended by a fault of the gallery's own."""

    sentence = "The sync broke off by a fault of the gallery; it is tried again by itself."


def _can_search(connector: HasSearch) -> bool:
    try:
        return connector.can_search()
    except GalleryError:
        return False  # asked again with the next sync
