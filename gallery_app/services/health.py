"""Whether the parts work, each in a line with its remedy; answers within a second.

Every check runs in a thread of its own: one that hangs (a dead network mount) is reported as
hanging, and the rest still answer. No remote is asked: what its last sync met is told, and
whether it or its pictures rest.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, ThreadPoolExecutor, wait
from concurrent.futures import TimeoutError as FutureTimeout
from datetime import datetime
from pathlib import Path
from typing import Any

from gallery_app.catalog.catalog import Catalog
from gallery_app.domain.errors import GalleryError
from gallery_app.domain.model import Source, SourceId
from gallery_app.services import machine
from gallery_app.services.values import Check, FetchRest, Health

PATIENCE_S = 0.6


class HealthChecks:
    """Asks each part how it is."""

    def __init__(
        self,
        catalog: Catalog,
        *,
        data_dir: Path,
        min_free_bytes: int,
        alive_workers: Callable[[], int],
        wanted_workers: int,
        watch_warning: Callable[[], str | None],
        resting: Callable[[SourceId], FetchRest | None] = lambda _source_id: None,
    ) -> None:
        self._catalog = catalog
        self._data_dir = data_dir
        self._min_free_bytes = min_free_bytes
        self._alive_workers = alive_workers
        self._wanted_workers = wanted_workers
        self._watch_warning = watch_warning
        self._resting = resting
        self._threads = ThreadPoolExecutor(max_workers=8, thread_name_prefix="gallery-health")

    def ask(self) -> Health:
        """The state of every part; `ok` when all required ones work."""
        asked = [
            ("index", self._threads.submit(self._index)),
            ("disk", self._threads.submit(self._disk)),
            ("workers", self._threads.submit(self._workers)),
            ("sources", self._threads.submit(self._sources)),
            ("watching", self._threads.submit(self._watching)),
            ("memory", self._threads.submit(machine.memory)),
            ("cpu", self._threads.submit(machine.processor)),
        ]
        remotes = self._threads.submit(self._remotes)
        checks = []
        futures: list[Future[Any]] = [*(future for _, future in asked), remotes]
        wait(futures, timeout=PATIENCE_S)
        for future in futures:
            future.cancel()  # not begun, since others hang: nobody will look at it later
        for name, future in asked:
            try:
                checks.append(future.result(0))
            except (FutureTimeout, CancelledError):
                required = name in {"index", "disk"}
                checks.append(
                    Check(name, ok=False, required=required, detail="does not answer in time")
                )
        if remotes.done() and not remotes.cancelled():
            checks += remotes.result()
        return Health(all(c.ok for c in checks if c.required), tuple(checks))

    def close(self) -> None:
        """End the threads; one that hangs is left behind."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _index(self) -> Check:
        try:
            counts = self._catalog.assets.counts()
            self._catalog.sources.list()
        except GalleryError as error:
            return Check("index", ok=False, required=True, detail=error.public)
        total = sum(counts.get(name, 0) for name in ("described", "ready", "unreadable"))
        return Check("index", ok=True, required=True, detail=f"{total:,} pictures")

    def _disk(self) -> Check:
        try:
            usage = shutil.disk_usage(self._data_dir)
        except OSError:
            return Check(
                "disk",
                ok=False,
                required=True,
                detail="the data folder cannot be read",
                remedy="Connect its disk, or start with another --data folder.",
            )
        ok = usage.free >= self._min_free_bytes
        return Check(
            "disk",
            ok=ok,
            required=True,
            detail=f"{usage.free / 1e9:.1f} GB free",
            remedy="" if ok else "Free some space; new pictures wait until then.",
        )

    def _workers(self) -> Check:
        alive = self._alive_workers()
        return Check(
            "workers",
            ok=alive > 0,
            required=False,
            detail=f"{alive} of {self._wanted_workers} running",
            remedy="" if alive else "Restart the gallery.",
        )

    def _sources(self) -> Check:
        troubled = [
            s
            for s in self._catalog.sources.list()
            if s.removed_at is None and s.state in {"offline", "attention"}
        ]
        detail = "all online" if not troubled else ", ".join(s.name for s in troubled)
        return Check(
            "sources",
            ok=not troubled,
            required=False,
            detail=detail,
            remedy="" if not troubled else "See the Sources page.",
        )

    def _remotes(self) -> list[Check]:
        """A line for each connected remote."""
        try:
            listed = self._catalog.sources.list()
        except GalleryError:
            return []  # the index has its own line
        remotes = (s for s in listed if s.kind not in {"folder", "uploads"})
        return [_remote(source, self._resting(source.id)) for source in remotes]

    def _watching(self) -> Check:
        warning = self._watch_warning()
        return Check(
            "watching",
            ok=warning is None,
            required=False,
            detail=warning or "changes are seen at once",
            remedy="" if warning is None else "Folders are still looked through every 15 minutes.",
        )


def _remote(source: Source, rest: FetchRest | None) -> Check:
    """How a remote was when it was last asked; strangers read the name, so it tells no more."""
    name = f"{source.kind}-{source.id}"
    last = source.last_scan_at
    synced = f"last synced {_when(last)}" if last else "not synced yet"
    if source.paused:
        return Check(name, ok=True, required=False, detail=f"{source.name}: paused, {synced}")
    told, failures = source.error or source.state, 0
    if source.resume_at is not None:
        failures = source.failures
        told = f"{_sentence(told)} It rests until {_when(source.resume_at)}{_after(failures)}."
    elif rest is not None:
        failures = rest.failures
        told = (
            f"{_sentence(told)} Pictures do not come: {_sentence(rest.error)} "
            f"They rest until {_when(rest.until)}{_after(failures)}."
        )
    link = " It was " if told.endswith(".") else ", "
    detail = f"{source.name}: {told}{link}{synced}"
    ok = source.state not in {"offline", "attention"} and not failures
    remedy = "" if ok else "See the Sources page; it is tried again by itself unless it says so."
    return Check(name, ok=ok, required=False, detail=detail, remedy=remedy)


def _after(failures: int) -> str:
    """Why it rests, where nobody asked for patience."""
    return f" after {failures:,} failures in a row" if failures else ""


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def _when(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
