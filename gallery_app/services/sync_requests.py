"""Asking for syncs: jobs that wait for the background, one whole one for a source at most.

What else is remembered of a source's syncs (its facts) is written here as well.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from gallery_app.catalog.catalog import Catalog
from gallery_app.domain.errors import JobRunning
from gallery_app.domain.model import Job, Source, SourceId
from gallery_app.services.facts import ASKS_BELIEF, STOPPED

KIND = "sync"  # of its jobs
CONFIRMED = "confirmed"  # in a job: so many a person has said are gone
FIRST = -1  # priority of what somebody waits for
MOST_HINTS = 20  # of one source that wait at one time


class SyncRequests:
    """Puts sync jobs, and keeps the facts of sources; safe from any thread."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def now(self, source: Source, *, walk: bool = False, believe_loss: bool = False) -> Job:
        """A sync as soon as possible, whatever went wrong before.

        `believe_loss` holds for as many as were asked about, or are known when nobody asked.
        """
        self._catalog.remotes.set_schedule(source.id, failures=0, resume_at=None)
        self.note_facts(source.id, {}, forget=(STOPPED,))
        payload: dict[str, object] = {"source": source.id}
        if walk or believe_loss:
            payload["walk"] = True
        if believe_loss:
            payload["believe_loss"] = True
            asked = source.facts.get(ASKS_BELIEF)
            payload[CONFIRMED] = self._known(source.id) if asked is None else int(asked)
        job = self._catalog.jobs.put(
            KIND,
            sync_key(source.id),
            subject=source.name,
            payload=payload,
            insist=walk or believe_loss,
        )
        if job.state == "ready" and job.run_after is not None:
            with suppress(JobRunning):  # it has begun since, which is what was asked for
                job = self._catalog.jobs.retry(job.id)  # it waited for better times
        return job

    def hint(self, source: Source, parent: str) -> Job:
        """A look at one parent only, ahead of whole syncs; where many wait, a whole sync."""
        key = f"{sync_key(source.id)}:{parent}"
        waiting = self._catalog.jobs.waiting(f"{sync_key(source.id)}:")
        if waiting >= MOST_HINTS and self._catalog.jobs.open(key) is None:
            return self.due(source)  # it finds all that changed
        return self._catalog.jobs.put(
            KIND,
            key,
            subject=f"{source.name}: {parent}",
            payload={"source": source.id, "parent": parent},
            priority=FIRST,
        )

    def due(self, source: Source) -> Job:
        """The sync whose time has come; it forgives nothing."""
        return self._catalog.jobs.put(
            KIND, sync_key(source.id), subject=source.name, payload={"source": source.id}
        )

    def _known(self, source_id: SourceId) -> int:
        counts = self._catalog.remotes.counts(source_id)
        return sum(number for state, number in counts.items() if state != "gone")

    def waiting(self, source_id: SourceId) -> Job | None:
        """The sync that runs or waits, None when there is none."""
        return self._catalog.jobs.open(sync_key(source_id))

    def note_facts(
        self, source_id: SourceId, facts: Mapping[str, str], *, forget: tuple[str, ...] = ()
    ) -> None:
        """Keep facts beside those that are known, and forget some."""
        with self._catalog.write():  # a test and a sync may both have something to tell
            known = self._catalog.remotes.config(source_id).facts
            kept = {name: value for name, value in known.items() if name not in forget}
            if (merged := {**kept, **facts}) != known:
                self._catalog.remotes.set_schedule(source_id, facts=merged)


def sync_key(source_id: int) -> str:
    """The dedup key of a source's sync job."""
    return f"sync:{source_id}"
