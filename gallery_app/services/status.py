"""What the gallery is doing right now, in numbers that the header and the Jobs page show."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from gallery_app.catalog.catalog import Catalog
from gallery_app.domain.answers import KeptStats, Progress

WINDOW_S = 10.0


class Status:
    """Counters since the program started; every method is safe from any thread."""

    def __init__(self, catalog: Catalog, *, monotonic: Callable[[], float]) -> None:
        self._catalog = catalog
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._found = self._described = self._rendered = 0
        self._waiting = 0  # found, not described yet
        self._scans = 0
        self._paused_for: str | None = None
        self._recent: deque[tuple[float, int]] = deque()

    def count(self, *, found: int = 0, described: int = 0, rendered: int = 0) -> None:
        """Add to the counters: how many files were just found, described, rendered."""
        with self._lock:
            self._found += found
            self._described += described
            self._rendered += rendered
            self._waiting = max(0, self._waiting + found - described)
            if described or rendered:
                self._recent.append((self._monotonic(), int(described) + int(rendered)))
                self._forget()

    def scan_began(self) -> None:
        """A scan is under way."""
        with self._lock:
            self._scans += 1

    def scan_ended(self) -> None:
        """A scan is over; what it had found and did not describe waits no longer."""
        with self._lock:
            self._scans -= 1
            if self._scans == 0:
                self._waiting = 0

    def pause(self, reason: str | None) -> None:
        """Say why background work rests (None: it goes on)."""
        with self._lock:
            self._paused_for = reason

    def progress(self) -> Progress:
        """Where the indexing stands.

        `remaining` counts what is still to describe or render here (what a remote has yet to
        send stands at its source), `failed` what cannot be shown now; the others count since the
        program started.
        """
        counts = self._catalog.assets.counts()
        to_render = counts.get("to_render", 0)
        with self._lock:
            self._forget()
            done = sum(number for _, number in self._recent)
            return Progress(
                found=self._found,
                described=self._described,
                rendered=self._rendered,
                failed=counts.get("unreadable", 0),
                remaining=self._waiting + to_render,
                per_second=round(done / WINDOW_S, 1),
                scanning=self._scans > 0,
                paused_for=self._paused_for,
            )

    def revision(self) -> int:
        """The catalog's revision."""
        return self._catalog.revision

    def total(self) -> int:
        """Live assets: those the timeline shows."""
        counts = self._catalog.assets.counts()
        return sum(counts.get(name, 0) for name in ("described", "ready", "unreadable"))

    def kept(self) -> KeptStats:
        """What is kept of remotes' answers, so that they are not asked twice."""
        return self._catalog.kept.stats()

    def _forget(self) -> None:
        oldest = self._monotonic() - WINDOW_S
        while self._recent and self._recent[0][0] < oldest:
            self._recent.popleft()
