"""Whose turn it is to be fetched from: every source gets its share, none waits for a slow one.

A source that fails five times in a row rests 1, 5, 15, then 60 minutes (`breaker.py`); one that
is paused, stopped or asks for patience is passed over.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from gallery_app.catalog.catalog import Catalog
from gallery_app.domain.model import Source, SourceId
from gallery_app.domain.remote import Wanted
from gallery_app.services.breaker import next_pause_s
from gallery_app.services.facts import STOPPED
from gallery_app.services.remotes import RemoteBook
from gallery_app.services.values import FetchRest

FRESH_S = 10.0  # how long the list of sources is good, unless something changes
IDLE_S = 5.0  # before a source that wanted nothing is asked again


class Turns:
    """Deals out claimed pictures to threads, fairly."""

    def __init__(
        self,
        catalog: Catalog,
        book: RemoteBook,
        *,
        threads: int,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self._catalog = catalog
        self._book = book
        self._threads = threads
        self._now = now
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._sources: list[Source] = []
        self._listed_s = float("-inf")
        self._flying: dict[SourceId, int] = {}
        self._failures: dict[SourceId, int] = {}
        self._rest_until_s: dict[SourceId, float] = {}
        self._why: dict[SourceId, tuple[str, int]] = {}  # it rests: error, failures in a row
        self._idle_until_s: dict[SourceId, float] = {}
        self._last: SourceId | None = None
        self._hastened = 0  # how often

    def take(self, *, lease_s: float) -> tuple[Source, Wanted] | None:
        """A claimed picture of the source whose turn it is; give the turn back when done."""
        self._refresh()
        passed: set[SourceId] = set()
        while True:
            with self._lock:
                source = self._next(passed)
                if source is None:
                    return None
                hastened = self._hastened
                self._flying[source.id] = self._flying.get(source.id, 0) + 1
            passed.add(source.id)
            try:
                claimed = self._catalog.remotes.claim([source.id], 1, lease_s=lease_s)
            except BaseException:
                self.give_back(source.id)
                raise
            if claimed:
                with self._lock:
                    self._last = source.id
                return source, claimed[0]
            self.give_back(source.id)
            with self._lock:
                if hastened == self._hastened:  # else something may have come since
                    self._idle_until_s[source.id] = self._monotonic() + IDLE_S

    def give_back(self, source_id: SourceId) -> None:
        """A thread is done with the source's picture."""
        with self._lock:
            self._flying[source_id] -= 1

    def worked(self, source_id: SourceId) -> None:
        """The source answered."""
        with self._lock:
            self._failures.pop(source_id, None)

    def failed(self, source_id: SourceId, error: str) -> bool:
        """The source did not answer as it should; True when it does not at all by now.

        What was under way when its rest began counts no more: one silence is one failure.
        """
        with self._lock:
            now_s = self._monotonic()
            rests = self._rest_until_s.get(source_id, 0.0) > now_s
            failures = self._failures.get(source_id, 0) + (not rests)
            self._failures[source_id] = failures
            pause_s = next_pause_s(failures)
            if pause_s is not None and not rests:
                self._rest_until_s[source_id] = now_s + pause_s
                self._why[source_id] = (error, failures)
            return pause_s is not None

    def rest(self, source_id: SourceId, seconds: float, error: str) -> None:
        """Leave the source alone for so long, since it says so or nothing could be kept."""
        with self._lock:
            self._rest_until_s[source_id] = self._monotonic() + seconds
            self._why[source_id] = (error, 0)

    def resting(self, source_id: SourceId) -> FetchRest | None:
        """Why the source is left alone now, if it is."""
        with self._lock:
            left_s = self._rest_until_s.get(source_id, 0.0) - self._monotonic()
            if left_s <= 0:
                return None
            error, failures = self._why[source_id]
        return FetchRest(error, self._now() + timedelta(seconds=left_s), failures)

    def hasten(self, source_id: SourceId | None = None) -> None:
        """There may be something to fetch; of that source, forget what went wrong, too."""
        with self._lock:
            self._hastened += 1
            self._listed_s = float("-inf")
            self._idle_until_s.clear()
            if source_id is not None:
                self._failures.pop(source_id, None)
                self._rest_until_s.pop(source_id, None)

    def _refresh(self) -> None:
        """The list of sources is no older than it may be."""
        now_s = self._monotonic()
        if now_s - self._listed_s < FRESH_S:
            return
        with self._lock:
            hastened = self._hastened
        sources = self._book.list()
        with self._lock:
            self._sources = sources
            if hastened == self._hastened:
                self._listed_s = now_s

    def _next(self, passed: set[SourceId]) -> Source | None:
        """The next in turn that may be asked now and has a thread to spare; the lock is held."""
        now_s = self._monotonic()
        usable = [s for s in self._sources if self._may_be_asked(s, now_s)]
        asked = [s for s in usable if self._idle_until_s.get(s.id, 0.0) <= now_s]
        # Its part of the threads, and one is left to each that may want something any moment.
        share = min(self._threads // max(1, len(asked)), self._threads - len(usable) + 1)
        free = [s for s in asked if self._flying.get(s.id, 0) < max(1, share)]
        free = [s for s in free if s.id not in passed]
        after = [s for s in free if self._last is not None and s.id > self._last]
        return next(iter(after + free), None)

    def _may_be_asked(self, source: Source, now_s: float) -> bool:
        resting = self._rest_until_s.get(source.id, 0.0) > now_s
        waits = source.resume_at is not None and source.resume_at > self._now()
        return not (resting or waits or source.paused or STOPPED in source.facts)
