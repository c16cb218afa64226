"""The background: three threads that scan, follow hints and render, until they are told to stop.

Nothing here is remembered that the catalog does not know: what is to be rendered are the
described assets, what is to be scanned are jobs. So a `kill -9` at any point costs at most the
work in hand.
"""

from __future__ import annotations

import logging
import queue
import stat
import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Protocol

from gallery_app.catalog.catalog import Catalog
from gallery_app.connectors.settle import Settler
from gallery_app.domain.errors import GalleryError, NotFound, OutOfSpace, Upstream
from gallery_app.domain.model import AssetId, Job, Source, SourceId, SourceState
from gallery_app.services.ingest import Tally
from gallery_app.services.rendering import Made, Rendering
from gallery_app.services.scanning import FilesLost, Part, Scanning
from gallery_app.services.sources import SourceBook
from gallery_app.services.status import Status

_log = logging.getLogger(__name__)

LEASE_S = 120.0
TICK_S = 0.25
IDLE_S = 2.0  # how long the render thread rests when there is nothing to do
RECORD_AT_ONCE = 48
RECORD_EVERY_S = 0.2
RESTING_S = 5.0
PARKED_S = 60.0  # before an original that could not be had is tried again
END_WITHIN_S = 8.0
QUIETS_BEFORE_AGAIN = 4  # after a failed look at what changed; 8 s by default


class FolderEvents(Protocol):
    """What the background needs of a watch over folders."""

    def watch(self, root: Path) -> None:
        """Begin to hear of changes below `root`."""

    def unwatch(self, root: Path) -> None:
        """Hear no more of `root`."""

    def close(self) -> None:
        """Hear no more of anything."""

    @property
    def degraded(self) -> str | None:
        """Why some changes are not heard of, with the remedy."""


class Background:
    """Owns the threads; `start` and `close` are all that others call."""

    def __init__(
        self,
        catalog: Catalog,
        sources: SourceBook,
        scanning: Scanning,
        rendering: Rendering,
        status: Status,
        *,
        watch: Callable[[Callable[[Path], None]], FolderEvents],
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        free_bytes: Callable[[], int],
        min_free_bytes: int,
        rescan_s: float,
        quiet_s: float,
        flights: int,
        stop: threading.Event,
    ) -> None:
        self._catalog = catalog
        self._sources = sources
        self._scanning = scanning
        self._rendering = rendering
        self._status = status
        self._open_watch = watch
        self._now = now
        self._monotonic = monotonic
        self._free_bytes = free_bytes
        self._min_free_bytes = min_free_bytes
        self._rescan_s = rescan_s
        self._flights = flights
        self._stop = stop
        self._settler: Settler[tuple[SourceId, str]] = Settler(quiet_s=quiet_s)
        self._settler_lock = threading.Lock()
        self._again_s = QUIETS_BEFORE_AGAIN * quiet_s
        self._wake = threading.Event()
        self._made: queue.SimpleQueue[Made | None] = queue.SimpleQueue()
        self._in_flight = 0
        self._flight_lock = threading.Lock()
        self._parked: dict[AssetId, float] = {}
        self._busy: dict[SourceId, threading.Lock] = {}
        self._next_round_s = monotonic() + rescan_s
        self._rest_until_s = 0.0
        self._watch: FolderEvents | None = None
        self._watched: dict[Path, SourceId] = {}
        self._roots: dict[Path, tuple[int, int] | None] = {}  # as watched; None: it is away
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin: scan everything once, then follow hints, and render what is described."""
        self._sources.changed = self._wake.set
        self._scanning.unsettled = self._note_key
        self._rendering.on_first = self._made.put
        self._catalog.jobs.release()  # leases of a process that is gone
        self._watch = self._open_watch(self._note_path)
        self._follow_sources()
        self._sources.scan_all()
        for name, loop in (
            ("scan", self._scan_once),
            ("hints", self._hint_once),
            ("render", self._render_once),
        ):
            thread = threading.Thread(
                target=self._repeat, args=(loop,), name=f"gallery-{name}", daemon=True
            )
            thread.start()
            self._threads.append(thread)

    def close(self) -> None:
        """Stop all threads; rows written stay, work in hand is dropped and remade later."""
        self._stop.set()
        self._wake.set()
        self._made.put(None)
        if self._watch is not None:
            self._watch.close()
        deadline = self._monotonic() + END_WITHIN_S
        for thread in self._threads:
            thread.join(max(0.1, deadline - self._monotonic()))
        try:
            self._rendering.abandon()
        except GalleryError as error:
            _log.warning("attempts in hand stay counted: %s", error.code)  # a full disk, say

    def _repeat(self, once: Callable[[], None]) -> None:
        """Run one thread's step again and again; no single failure ends the thread."""
        while not self._stop.is_set():
            try:
                once()
            except Exception:  # noqa: BLE001  # whatever it was, the next step must come
                _log.exception("background work failed; it goes on")
                self._stop.wait(IDLE_S)

    @property
    def watch_warning(self) -> str | None:
        """Why some changes are only found by the periodic scan; None while all are seen."""
        return self._watch.degraded if self._watch is not None else None

    # --- scans -----------------------------------------------------------------------------

    def _scan_once(self) -> None:
        if self._monotonic() >= self._next_round_s:
            self._next_round_s = self._monotonic() + self._rescan_s
            self._sources.scan_all()
        # A scan whose end could not be written (a full disk) comes back when its lease is over.
        self._catalog.jobs.reap()
        job = self._catalog.jobs.claim(["scan"], lease_s=LEASE_S)
        if job is not None:
            self.run_scan(job)
            return
        self._follow_sources()
        self._wake.wait(min(30.0, max(0.1, self._next_round_s - self._monotonic())))
        self._wake.clear()

    def run_scan(self, job: Job) -> Tally:
        """Do one scan job to its end and record the outcome in its row and its source."""
        tally = Tally()
        try:
            source = self._sources.get(int(str(job.payload["source"])))
        except NotFound as error:
            self._catalog.jobs.fail(job.id, error.public, retry_at=None)
            return tally
        began = self._monotonic()

        def report(so_far: Tally) -> None:
            self._catalog.jobs.beat(job.id, lease_s=LEASE_S, progress=so_far.as_progress())

        try:
            self._catalog.sources.set_state(source.id, "scanning")
            with self._lock_of(source.id):
                tally = self._scanning.scan(
                    source, believe_loss=bool(job.payload.get("believe_loss")), report=report
                )
            if not self._stop.is_set():
                # The job last: whoever sees it done finds its source as it is.
                self._catalog.sources.finish_scan(source.id, self._now(), self._monotonic() - began)
                self._catalog.sources.set_state(source.id, "online", tally.passed_over_sentence())
                self._catalog.jobs.done(job.id, tally.as_progress())
        except FilesLost as error:
            self._end_scan(job, source, "attention", error)
        except NotFound as error:  # removed meanwhile
            self._catalog.jobs.fail(job.id, error.public, retry_at=None)
        except Upstream as error:
            self._end_scan(job, source, "offline", error)
        except GalleryError as error:
            self._end_scan(job, source, "attention", error)
        except Exception:  # noqa: BLE001  # left running it keeps every later scan from being put
            _log.exception("the scan of source %d broke off", source.id)
            self._end_scan(job, source, "attention", ScanBrokeOff())
        return tally

    def _end_scan(self, job: Job, source: Source, state: SourceState, error: GalleryError) -> None:
        self._catalog.sources.set_state(source.id, state, error.public)
        self._catalog.jobs.fail(job.id, error.public, retry_at=None)

    def _lock_of(self, source_id: SourceId) -> threading.Lock:
        return self._busy.setdefault(source_id, threading.Lock())

    # --- hints -----------------------------------------------------------------------------

    def _follow_sources(self) -> None:
        """Watch what is a source now, and nothing else."""
        if self._watch is None:
            return
        wanted = {Path(s.address): s.id for s in self._sources.list() if s.kind == "folder"}
        for root in set(self._roots) - set(wanted):
            self._unwatch(root)
            del self._roots[root]
        for root, source_id in wanted.items():
            stands = _identity(root)
            known = root in self._roots
            if known and self._roots[root] == stands:
                continue
            # A watch of a root that left (a disk was unplugged) never speaks again.
            self._unwatch(root)
            self._roots[root] = stands
            if stands is not None:
                self._watch.watch(root)
                self._watched[root] = source_id
                if known:
                    self._sources.scan(source_id)  # nothing was heard in the meantime

    def _unwatch(self, root: Path) -> None:
        if self._watch is not None and self._watched.pop(root, None) is not None:
            self._watch.unwatch(root)

    def _note_path(self, path: Path) -> None:
        """A folder in which something happened; called from the watch's thread."""
        for root, source_id in tuple(self._watched.items()):
            if path == root or path.is_relative_to(root):
                key = "" if path == root else path.relative_to(root).as_posix()
                with self._settler_lock:
                    self._settler.note((source_id, key), self._monotonic())
                return

    def _note_key(self, source: Source, key: str) -> None:
        """A file that was still being written when the scan met it."""
        with self._settler_lock:
            self._settler.note((source.id, key.rpartition("/")[0]), self._monotonic())

    def _hint_once(self) -> None:
        self._stop.wait(TICK_S)
        with self._settler_lock:
            due = self._settler.due(self._monotonic(), together=lambda place: place[0])
        by_source: dict[SourceId, list[str]] = {}
        for source_id, key in due:
            by_source.setdefault(source_id, []).append(key)
        for source_id, keys in by_source.items():
            self._follow_hints(source_id, keys)

    def _follow_hints(self, source_id: SourceId, keys: list[str]) -> None:
        lock = self._lock_of(source_id)
        if not lock.acquire(blocking=False):
            # A full scan is under way; it may have passed these folders already.
            self._note_again(source_id, keys, in_s=0.0)
            return
        try:
            source = self._sources.get(source_id)
            self._scanning.scan(source, self._parts(source, keys))
            if source.state == "offline":
                self._sources.scan(source_id)  # it is back: what else changed meanwhile?
        except NotFound:
            return  # removed meanwhile
        except FilesLost:
            self._sources.scan(source_id)  # the full scan asks the question where it is seen
        except Upstream as error:
            self._catalog.sources.set_state(source_id, "offline", error.public)
        except GalleryError as error:
            _log.warning("following changes in source %d failed: %s", source_id, error.code)
            self._note_again(source_id, keys, in_s=self._again_s)
        except Exception:  # noqa: BLE001  # what was heard once is not heard again
            _log.exception("following changes in source %d broke off", source_id)
            self._note_again(source_id, keys, in_s=self._again_s)
        finally:
            lock.release()

    def _note_again(self, source_id: SourceId, keys: list[str], *, in_s: float) -> None:
        """Keys that could not be looked at; they settle after `in_s` and the usual quiet."""
        with self._settler_lock:
            for key in keys:
                self._settler.note((source_id, key), self._monotonic() + in_s)

    def _parts(self, source: Source, keys: list[str]) -> list[Part]:
        """Where to look: a folder we never saw, or that is gone, is looked at as a whole."""
        root = Path(source.address)
        parts = []
        for key in sorted(set(keys)):
            there = not key or (root / key).is_dir()
            known = there and bool(self._catalog.occurrences.known(source.id, key + "/"))
            parts.append(Part(key, recursive=not (there and (known or not key))))
        return parts

    # --- rendering -------------------------------------------------------------------------

    def _render_once(self) -> None:
        began = self._monotonic() >= self._rest_until_s and self._fill()
        idle = not began and self._flying() == 0
        outcomes = self._collect(IDLE_S if idle else TICK_S)
        if outcomes:
            self._record(outcomes)

    def _fill(self) -> bool:
        """Keep the workers busy; False when nothing waits to be rendered."""
        if self._free_bytes() < self._min_free_bytes:
            self._status.pause("The disk is almost full; preparing pictures waits for space.")
            return False
        self._status.pause(None)
        if self._catalog.assets.counts().get("to_render", 0) == 0:
            return False
        self._unpark()
        room = self._flights - self._flying()
        if room <= self._flights // 2:
            return True
        claimed = self._rendering.claim(room, parked=self._parked)
        alone = False
        if not claimed and self._flying() == 0:
            claimed = [i for i in self._rendering.exhausted() if i not in self._parked][:1]
            alone = True
        for asset_id in claimed:
            with self._flight_lock:
                self._in_flight += 1
            self._rendering.start(asset_id, done=self._landed, isolated=alone)
        return bool(claimed)

    def _flying(self) -> int:
        with self._flight_lock:
            return self._in_flight

    def _landed(self, made: Made) -> None:
        with self._flight_lock:
            self._in_flight -= 1
        self._made.put(made)

    def _unpark(self) -> None:
        now_s = self._monotonic()
        self._parked = {i: until for i, until in self._parked.items() if until > now_s}

    def _collect(self, wait_s: float) -> list[Made]:
        """What has landed: waits for a first one, then takes what comes within a moment."""
        landed: list[Made] = []
        until = self._monotonic() + wait_s
        try:
            while len(landed) < RECORD_AT_ONCE:
                made = self._made.get(timeout=max(0.0, until - self._monotonic()))
                if made is None:
                    break  # the end
                if not landed:
                    until = self._monotonic() + RECORD_EVERY_S
                landed.append(made)
        except queue.Empty:
            pass  # nothing more for now
        return landed

    def _record(self, outcomes: list[Made]) -> None:
        try:
            later = self._rendering.record(outcomes)
        except OutOfSpace as error:
            # Nothing was written: the assets stay described and are rendered again later.
            self._status.pause(error.public)
            self._stop.wait(IDLE_S)
            return
        until = self._monotonic() + PARKED_S
        self._parked.update((asset_id, until) for asset_id in later)
        if len(later) == len(outcomes):
            # A whole round could not be had (a disk is away): no use to hurry on.
            self._rest_until_s = self._monotonic() + RESTING_S


class ScanBrokeOff(GalleryError):
    """A scan ended by a fault of the gallery's own."""

    sentence = "The scan broke off by a fault of the gallery; it is tried again with the next one."


def _identity(root: Path) -> tuple[int, int] | None:
    """Which folder stands there: file system and inode; None when there is no folder."""
    try:
        found = root.stat()
    except OSError:
        return None
    return (found.st_dev, found.st_ino) if stat.S_ISDIR(found.st_mode) else None
