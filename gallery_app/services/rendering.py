"""Making renditions: once per asset and spec, whoever asks, however often.

Two roads lead here. The backlog renders every described asset, newest first, and records what
one read and one decode tell (`claim`, `start`, `record`). A viewer who waits goes first (`make`).
Both share one table of flights, so that a picture is never decoded twice at a time.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, field
from typing import NamedTuple

from gallery_app.catalog.catalog import Catalog
from gallery_app.domain.errors import (
    Conflict,
    GalleryError,
    NotReady,
    OutOfSpace,
    TooLarge,
    TooManyPixels,
    Unreadable,
    UnsupportedType,
    UpstreamGone,
)
from gallery_app.domain.media import MEDIA_TYPES
from gallery_app.domain.model import Asset, AssetId, Problem, Processed, Sha256
from gallery_app.domain.renditions import EAGER, RENDITIONS, RenditionSpec
from gallery_app.imaging.wire import Rendered
from gallery_app.imaging.workers import WorkerPool
from gallery_app.services.deadline import Deadline
from gallery_app.services.failures import note_failures
from gallery_app.services.origins import Origin, Origins
from gallery_app.services.passing import form_for
from gallery_app.services.status import Status
from gallery_app.storage.local import Cache

_log = logging.getLogger(__name__)

VIEWER_WAITS, DESCRIBING, BACKLOG = 0, 10, 20
ATTEMPTS = 3  # as in catalog.assets.claim_render


@dataclass(eq=False, slots=True)
class Flight:
    """One rendering under way; `version` is the asset's before its original was opened."""

    asset_id: AssetId
    future: Future[Processed] = field(default_factory=Future)
    version: int | None = None


class Made(NamedTuple):
    """What became of a flight."""

    flight: Flight
    outcome: Processed | GalleryError


class Rendering:
    """The single road from an original to its renditions."""

    def __init__(
        self, catalog: Catalog, cache: Cache, origins: Origins, pool: WorkerPool, status: Status
    ) -> None:
        self._catalog = catalog
        self._cache = cache
        self._origins = origins
        self._pool = pool
        self._status = status
        self._lock = threading.Lock()
        self._processing: dict[AssetId, Flight] = {}
        self._claimed: set[AssetId] = set()  # begun by us, and nothing written of it yet
        self._making: dict[tuple[Sha256, str], Future[bytes]] = {}
        # Hears what a viewer's own making told; the background puts its queue here.
        self.on_first: Callable[[Made], None] = self._record_one

    # --- the backlog ----------------------------------------------------------------------

    def claim(self, limit: int, *, parked: Collection[AssetId] = ()) -> list[AssetId]:
        """Up to `limit` described assets to render, newest first, none in flight or parked."""
        with self._lock:
            busy = frozenset(self._processing)
        pending = self._catalog.assets.claim_render(limit, exclude=busy | frozenset(parked))
        claimed = [item.id for item in pending]
        with self._lock:
            self._claimed.update(claimed)
        return claimed

    def start(
        self, asset_id: AssetId, *, done: Callable[[Made], None], isolated: bool = False
    ) -> None:
        """Begin to process one asset; `done` hears the outcome, from another thread.

        `isolated` fences the decode off even if the original is the owner's own.
        """
        flight, mine = self._reserve(asset_id)
        if mine:
            self._fly(flight, BACKLOG, isolated=isolated)
        flight.future.add_done_callback(lambda landed: done(Made(flight, _outcome(landed))))

    def record(self, outcomes: Sequence[Made]) -> list[AssetId]:
        """Write what became of some assets in one transaction, and count it.

        Returns:
            Those whose outcome says nothing about the picture (its disk is away, ours is
            full, other bytes were described meanwhile): they deserve another try later.
        """
        with self._lock:
            # Two who share a flight tell its outcome twice; it is written once.
            made = {
                each.flight.asset_id: each
                for each in outcomes
                if self._processing.get(each.flight.asset_id) is each.flight
            }
        try:
            problems, later = self._write(made)
            with self._lock:
                self._claimed -= made.keys()
        finally:
            # A flight ends when its outcome is written, so that nobody begins it again before.
            with self._lock:
                for asset_id in made:
                    self._processing.pop(asset_id, None)
        failed = [asset_id for asset_id, problem in problems.items() if problem is not None]
        self._status.count(rendered=len(problems) - len(failed))
        if failed:
            note_failures(self._catalog, failed)
        return later

    def _write(
        self, made: Mapping[AssetId, Made]
    ) -> tuple[dict[AssetId, Problem | None], list[AssetId]]:
        problems: dict[AssetId, Problem | None] = {}
        later: list[AssetId] = []
        with self._catalog.write() as writer:
            # Read while nobody else can write: what is recorded is of the bytes described.
            assets = {asset.id: asset for asset in self._catalog.assets.many(list(made))}
            for asset_id, (flight, outcome) in made.items():
                asset = assets.get(asset_id)
                if asset is None:
                    continue  # merged into another meanwhile
                if not _is_of(asset, flight, outcome):
                    later.append(asset_id)
                elif isinstance(outcome, Processed):
                    writer.finish_render(asset_id, outcome)
                    problems[asset_id] = None
                elif (problem := problem_of(outcome)) is None:
                    later.append(asset_id)
                else:
                    writer.fail_render(asset_id, problem)
                    problems[asset_id] = problem
            if later:
                writer.forgive(later)
        return problems, later

    def exhausted(self) -> list[AssetId]:
        """Described assets that were begun ATTEMPTS times and never ended: try them alone."""
        return self._catalog.assets.exhausted()

    def abandon(self) -> None:
        """Count no attempt for what was begun and is not recorded; called at a polite stop.

        Attempts are counted when a picture is begun, for those that take the program down with
        them; a program that is asked to stop was not taken down.
        """
        with self._lock:
            claimed, self._claimed = self._claimed, set()
        if claimed:
            with self._catalog.write() as writer:
                writer.forgive(sorted(claimed))

    # --- a viewer waits -------------------------------------------------------------------

    def make(
        self, asset_id: AssetId, sha256: Sha256 | None, name: str | RenditionSpec, until: Deadline
    ) -> bytes:
        """One rendition, made now and kept, ahead of everything in the background.

        Args:
            asset_id: whose original to render.
            sha256: of the original when it is known; the first rendering finds it out.
            name: a name of RENDITIONS, or a spec of the caller's own.
            until: how long this caller will wait; the making goes on after that.

        Raises:
            NotReady: it is not made yet.
            Unreadable, TooManyPixels, UnsupportedType: the original cannot be shown.
            UpstreamGone: the original is nowhere to be found.
            OutOfSpace: the cache cannot take it.
        """
        spec = name if isinstance(name, RenditionSpec) else RENDITIONS[name]
        try:
            if sha256 is None:
                first = self._first(asset_id)
                if first is None:
                    sha256 = self._known_hash(asset_id)
                else:
                    processed = first.result(until.left_s())
                    if spec in _eager():
                        return processed.renditions[spec.name]
                    sha256 = processed.sha256
            return self.begin(asset_id, sha256, spec).result(until.left_s())
        except FutureTimeout as error:
            raise NotReady from error

    def _known_hash(self, asset_id: AssetId) -> Sha256:
        asset = self._catalog.assets.by_id(asset_id)
        if asset is None or asset.sha256 is None:
            raise NotReady
        return asset.sha256

    def _first(self, asset_id: AssetId) -> Future[Processed] | None:
        """The first rendering, begun now if it is not under way; None when it was just done."""
        flight, mine = self._reserve(asset_id)
        if not mine:
            return flight.future
        claimed = None
        try:
            claimed = self._catalog.assets.claim_one(asset_id)
        finally:
            if claimed is None:
                with self._lock:
                    self._processing.pop(asset_id, None)
                flight.future.set_exception(NotReady())
        if claimed is None:
            return None
        with self._lock:
            self._claimed.add(asset_id)
        # What was begun too often may be what took the program down: it goes into a fork.
        self._fly(flight, VIEWER_WAITS, isolated=claimed.attempts > ATTEMPTS)
        flight.future.add_done_callback(lambda done: self.on_first(Made(flight, _outcome(done))))
        return flight.future

    def _record_one(self, made: Made) -> None:
        self.record([made])

    def _reserve(self, asset_id: AssetId) -> tuple[Flight, bool]:
        """The one flight of an asset, and whether the caller is to begin it."""
        with self._lock:
            flying = self._processing.get(asset_id)
            if flying is not None:
                return flying, False
            flight = self._processing[asset_id] = Flight(asset_id)
            return flight, True

    def _fly(self, flight: Flight, priority: int, *, isolated: bool = False) -> None:
        specs, future = _eager(), flight.future

        def land(inner: Future[Processed]) -> None:
            try:
                processed = inner.result()
                for spec in specs:
                    self._cache.put(spec.key(processed.sha256), processed.renditions[spec.name])
            except Exception as error:  # noqa: BLE001  # a flight must land
                future.set_exception(_domain(error))
            else:
                future.set_result(processed)

        try:
            # Before the original is opened: what is described after this is of later bytes.
            flight.version = self._catalog.assets.version(flight.asset_id)
            origin = self._origins.find(flight.asset_id)
            inner = self._pool.process(
                str(origin.path),
                specs,
                priority=priority,
                trusted=origin.trusted and not isolated,
                sha1=True,
            )
        except Exception as error:  # noqa: BLE001  # a flight must land
            future.set_exception(_domain(error))
        else:
            inner.add_done_callback(land)

    def begin(self, asset_id: AssetId, sha256: Sha256, spec: RenditionSpec) -> Future[bytes]:
        """One rendition, begun now and kept; two who begin it share the making."""
        key = (sha256, spec.fingerprint)
        with self._lock:
            flying = self._making.get(key)
            if flying is not None:
                return flying
            outer: Future[bytes] = Future()
            self._making[key] = outer

        def fail(error: BaseException) -> None:
            with self._lock:
                self._making.pop(key, None)
            outer.set_exception(_domain(error))

        def render(origin: Origin) -> None:
            try:
                inner = self._pool.render(
                    str(origin.path), [spec], priority=VIEWER_WAITS, trusted=origin.trusted
                )
            except Exception as error:  # noqa: BLE001  # a flight must land
                fail(error)
            else:
                inner.add_done_callback(lambda done: land(done, origin))

        def land(inner: Future[Rendered], origin: Origin) -> None:
            try:
                rendered = inner.result()
                if rendered.sha256 != sha256 and not origin.borrowed:
                    # Edited in place: the next scan describes the new picture.
                    raise NotReady  # noqa: TRY301  # fails as the decoder does, below
                data = rendered.renditions[spec.name]
                self._cache.put(spec.key(sha256), data)
            except Exception as error:  # noqa: BLE001  # a flight must land
                fail(error)
            else:
                with self._lock:
                    self._making.pop(key, None)
                outer.set_result(data)

        self._reach_origin(asset_id, spec, render, fail)
        return outer

    def _reach_origin(
        self,
        asset_id: AssetId,
        spec: RenditionSpec,
        found: Callable[[Origin], None],
        failed: Callable[[BaseException], None],
    ) -> None:
        """Tell `found` of the original: now, or when the remote that alone has it gave it."""

        def came(done: Future[Origin]) -> None:
            if (error := done.exception()) is not None:
                failed(error)
            else:
                found(done.result())

        try:
            asset = self._catalog.assets.by_id(asset_id)
            if asset is None or not asset.remote:
                found(self._origins.find(asset_id))
                return
            form = form_for(max(spec.box), video=MEDIA_TYPES[asset.media_type].video)
            self._origins.fetch(asset_id, form).add_done_callback(came)
        except Exception as error:  # noqa: BLE001  # a flight must land
            failed(error)


def _eager() -> tuple[RenditionSpec, ...]:
    return tuple(RENDITIONS[name] for name in EAGER)


def _outcome(future: Future[Processed]) -> Processed | GalleryError:
    error = future.exception()
    return future.result() if error is None else _domain(error)


def _domain(error: BaseException) -> GalleryError:
    """The error to tell; one that nobody foresaw is logged and says nothing of the picture."""
    if isinstance(error, GalleryError):
        return error
    _log.error("rendering failed for a reason nobody foresaw", exc_info=error)
    return NotReady()


def _is_of(asset: Asset, flight: Flight, outcome: Processed | GalleryError) -> bool:
    """Whether the bytes that were read are those that are described, and still offered."""
    if asset.version != flight.version or asset.status == "missing":
        return False
    if not isinstance(outcome, Processed):
        return True
    if asset.stored:
        return outcome.size_bytes == asset.size_bytes
    return any(
        (o.size_bytes, o.mtime_ns) == (outcome.size_bytes, outcome.mtime_ns)
        for o in asset.occurrences
        if o.gone_at is None
    )


def problem_of(error: GalleryError) -> Problem | None:
    """What to remember of a failed rendering; None when it says nothing about the picture.

    A vanished original, a full disk or a pool that is closing are no fault of the file: it
    stays described and is tried again.
    """
    match error:
        case UnsupportedType():
            return Problem("unsupported", error.public)
        case TooManyPixels():
            return Problem("too_many_pixels", error.public)
        case TooLarge():
            return Problem("too_large", error.public)
        case Unreadable():
            return Problem("unreadable", error.public)
        case UpstreamGone() | OutOfSpace() | Conflict() | NotReady():
            return None
        case _:
            _log.warning("rendering failed: %s", error.code)
            return None
