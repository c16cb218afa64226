"""Scanning one folder source: walk, describe what is new, note what moved and what is gone.

The walk is the truth; events only say where to look. A source that is not there marks nothing:
absence is evidence of deletion only while the root itself is proven present, and a large loss
is asked about instead of believed (reliability.md C30).
"""

from __future__ import annotations

import itertools
import logging
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, field
from datetime import datetime

from gallery_app.catalog.catalog import Catalog
from gallery_app.catalog.values import Known
from gallery_app.connectors.base import FileSeen, RootIdentity
from gallery_app.connectors.folder import FolderConnector
from gallery_app.domain.errors import GalleryError, UpstreamTimeout
from gallery_app.domain.model import Described, NotAPicture, Source
from gallery_app.imaging.workers import WorkerPool
from gallery_app.services.ingest import Ingest, Sighting, Tally
from gallery_app.services.losses import MassLoss, believed
from gallery_app.services.origins import Origins
from gallery_app.services.rendering import DESCRIBING
from gallery_app.services.status import Status

_log = logging.getLogger(__name__)

BATCH_FILES = 24  # described by one worker at a time: short enough to let a viewer in between
BATCH_ROWS = 480  # written in one transaction
FLIGHTS = 6  # describing batches under way at once
# The workers have limits of their own; beyond these something of ours is lost.
ANSWER_S_PER_FILE = 20.0
ANSWER_S = 60.0

Answer = list[Described | NotAPicture | GalleryError]


@dataclass(frozen=True, slots=True)
class Part:
    """A folder of a source to look at: "" is the root; not `recursive`: only its own files."""

    key: str = ""
    recursive: bool = True


@dataclass(slots=True)
class Walk:
    """One scan's context: where it looks, what was known there, what it met."""

    source: Source
    connector: FolderConnector
    parts: Sequence[Part]
    known: dict[str, Known] = field(default_factory=dict)
    before: set[str] = field(default_factory=set)
    met: set[str] = field(default_factory=set)
    tally: Tally = field(default_factory=Tally)

    def files(self) -> Iterator[FileSeen]:
        """Every file of every part; a part that is gone has none."""
        for part in self.parts:
            yield from self.connector.walk(part.key, recursive=part.recursive)


class Scanning:
    """Scans sources, one call at a time per object."""

    def __init__(
        self,
        catalog: Catalog,
        origins: Origins,
        pool: WorkerPool,
        status: Status,
        *,
        now: Callable[[], datetime],
        local_time: Callable[[float], datetime],
        quiet_s: float,
        stop: threading.Event,
    ) -> None:
        self._catalog = catalog
        self._origins = origins
        self._pool = pool
        self._status = status
        self._now = now
        self._local_time = local_time
        self._quiet_s = quiet_s
        self._stop = stop
        # Keys seen while they were still being written: look again when they stood still.
        self.unsettled: Callable[[Source, str], None] = lambda _source, _key: None

    def scan(
        self,
        source: Source,
        parts: Sequence[Part] = (Part(),),
        *,
        believe_loss: bool = False,
        wait_for_quiet: bool = True,
        report: Callable[[Tally], None] = lambda _tally: None,
    ) -> Tally:
        """Bring the catalog in step with a folder, or with some folders of it.

        Args:
            source: a source of kind "folder".
            parts: where to look; moves between parts of one call are recognised as moves.
            believe_loss: the user confirmed that many missing files are really gone.
            wait_for_quiet: leave files alone that changed within the last `quiet_s`.
            report: hears the tally after every batch.

        Returns:
            What was found and done.

        Raises:
            Upstream: the root is not there or cannot be read; nothing was marked.
            FilesLost: more is missing than is believed without a word; nothing was marked.
            NotFound: the source was removed meanwhile; nothing was written of it since.
        """
        parts = distinct(parts)
        walk = Walk(source, self._origins.folder(source), parts)
        root = walk.connector.probe()
        self._status.scan_began()
        try:
            walk.known = self._known(source, parts)
            walk.before = {key for key, value in walk.known.items() if not value.gone}
            fresh = self._fresh(walk, wait_for_quiet=wait_for_quiet)
            if walk.before:
                # Moves are told from losses only when the whole walk is done.
                fresh = iter(list(fresh))
            blind = walk.connector.blind
            vanished = {k for k in walk.before - walk.met if not _is_blind(k, blind)}
            ingest = Ingest(
                self._catalog,
                source.id,
                known=walk.known,
                vanished=vanished,
                now=self._now,
                local_time=self._local_time,
            )
            self._describe(walk, fresh, ingest, report)
            walk.tally.problems.extend(walk.connector.errors)
            walk.tally.passed_over.extend(walk.connector.errors)
            if vanished and not self._stop.is_set():
                self._require_belief(walk, vanished, root, believe_loss=believe_loss)
                ingest.bury(walk.tally)
            if not self._stop.is_set():
                self._catalog.sources.set_identity(source.id, root.device, root.inode)
            report(walk.tally)
        finally:
            self._status.scan_ended()
        return walk.tally

    def _known(self, source: Source, parts: Sequence[Part]) -> dict[str, Known]:
        known: dict[str, Known] = {}
        for part in parts:
            found = self._catalog.occurrences.known(source.id, part.key and part.key + "/")
            depth = part.key.count("/") + 1 if part.key else 0
            known.update(
                (key, value)
                for key, value in found.items()
                if part.recursive or key.count("/") == depth
            )
        return known

    # --- walking ---------------------------------------------------------------------------

    def _fresh(self, walk: Walk, *, wait_for_quiet: bool) -> Iterator[FileSeen]:
        """Files that are new or changed since they were last read."""
        keep = bool(walk.known)
        for seen in walk.files():
            if self._stop.is_set():
                return
            if keep:
                if seen.key in walk.met:
                    continue
                walk.met.add(seen.key)
                was = walk.known.get(seen.key)
                if was is not None and not was.gone and _same(was, seen):
                    walk.tally.unchanged += was.asset_id is not None
                    continue
            if wait_for_quiet and self._is_moving(seen):
                self.unsettled(walk.source, seen.key)
                continue
            walk.tally.found += 1
            yield seen

    def _is_moving(self, seen: FileSeen) -> bool:
        age_s = self._now().timestamp() - seen.mtime_ns / 1e9
        # A time in the future says nothing about now (a NAS with another clock).
        return 0 <= age_s < self._quiet_s

    # --- describing ------------------------------------------------------------------------

    def _describe(
        self,
        walk: Walk,
        fresh: Iterator[FileSeen],
        ingest: Ingest,
        report: Callable[[Tally], None],
    ) -> None:
        """Describe in the workers, write here: several batches in flight, rows in order."""
        flights: deque[tuple[list[FileSeen], Future[Answer]]] = deque()
        ready: list[Sighting] = []
        first = True
        while not self._stop.is_set():
            while len(flights) < FLIGHTS:
                batch = list(itertools.islice(fresh, BATCH_FILES))
                if not batch:
                    break
                self._status.count(found=len(batch))
                paths = [str(walk.connector.path(seen.key)) for seen in batch]
                future = self._pool.describe(paths, priority=DESCRIBING, trusted=True)
                flights.append((batch, future))
            if not flights:
                break
            ready.extend(self._landed(*flights.popleft(), walk.tally))
            # The first pictures appear at once; after that rows are written by the hundred.
            if first or len(ready) >= BATCH_ROWS:
                ingest.take(ready, walk.tally)
                ready, first = [], False
                report(walk.tally)
        if ready and not self._stop.is_set():
            ingest.take(ready, walk.tally)

    def _landed(
        self, batch: list[FileSeen], future: Future[Answer], tally: Tally
    ) -> list[Sighting]:
        try:
            answers = future.result(timeout=ANSWER_S_PER_FILE * len(batch) + ANSWER_S)
        except FutureTimeout:
            # Not described now: the next scan asks again.
            _log.warning("describing %d files got no answer", len(batch))
            tally.problems.extend((seen.key, UpstreamTimeout().public) for seen in batch)
            return []
        except GalleryError as error:
            _log.warning("describing %d files failed: %s", len(batch), error.code)
            return []
        finally:
            self._status.count(described=len(batch))
        sightings = []
        for seen, answer in zip(batch, answers, strict=True):
            if isinstance(answer, GalleryError):
                # Gone or unreadable between the walk and the look: the next scan decides.
                tally.problems.append((seen.key, answer.public))
            else:
                sightings.append(Sighting(seen, answer))
        return sightings

    # --- losses ----------------------------------------------------------------------------

    def _require_belief(
        self, walk: Walk, vanished: set[str], root: RootIdentity, *, believe_loss: bool
    ) -> None:
        """Raise unless this loss may be taken for true.

        It may not when too much is missing at once, nor when another folder stands where the
        known one was and holds nothing that is known: an empty mount point, for example.
        """
        walk.connector.probe()  # still there after the walk, or all of it may be a lost mount
        was = self._catalog.sources.identity(walk.source.id)
        replaced = was is not None and was != tuple(root) and not walk.met & walk.before
        if (len(vanished) > believed(len(walk.before)) or replaced) and not believe_loss:
            raise FilesLost(missing=len(vanished), known=len(walk.before))


class FilesLost(MassLoss):
    """The same of the files of a folder."""

    question = (
        "{missing:,} of {known:,} files are no longer in this folder. Nothing was removed. "
        "Connect the disk and scan again, or confirm that they are really gone."
    )


def distinct(parts: Sequence[Part]) -> list[Part]:
    """The same places to look at, none of them twice."""
    kept: list[Part] = []
    # Above before below, and of one folder the recursive part first.
    for part in sorted(parts, key=lambda p: (p.key, not p.recursive)):
        if not any(
            part.key == k.key or (k.recursive and (not k.key or part.key.startswith(k.key + "/")))
            for k in kept
        ):
            kept.append(part)
    return kept


def _same(was: Known, seen: FileSeen) -> bool:
    """Whether it is the file last read: a program may put another in its place with its time.

    File systems that number their files anew only cost a second look.
    """
    return (was.size_bytes, was.mtime_ns, was.inode) == seen[1:]


def _is_blind(key: str, blind: list[str]) -> bool:
    """Whether `key` lies where the walk could not look."""
    return any(not spot or key == spot or key.startswith(spot + "/") for spot in blind)
