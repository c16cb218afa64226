"""Pictures that stay at a remote: its own preview is fetched and rendered once, then served here.

The preview is a loan; what is kept are the renditions made of it, under a stand-in for the hash
that nobody knows (services/fetching.py calls this for the queue, a viewer for what he looks at).
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from datetime import datetime

from gallery_app.catalog.catalog import Catalog
from gallery_app.domain.errors import (
    GalleryError,
    Incomplete,
    NotReady,
    UpstreamGone,
)
from gallery_app.domain.model import AssetId, Processed, Sha256, SourceId
from gallery_app.domain.remote import RemoteRow
from gallery_app.domain.renditions import EAGER, RENDITIONS
from gallery_app.imaging.workers import WorkerPool
from gallery_app.services.door import WORKER_WAIT_S, Door
from gallery_app.services.errands import Errands
from gallery_app.services.failures import fetch_key
from gallery_app.services.judging import TooSlow
from gallery_app.services.passing import (
    PREVIEW_LIMIT_BYTES,
    Form,
    Passing,
    first_given,
    opened,
    require_all,
    require_size,
)
from gallery_app.services.rendering import VIEWER_WAITS
from gallery_app.storage.local import Incoming


class Previews:
    """Makes remote assets ready from previews."""

    def __init__(
        self,
        catalog: Catalog,
        door: Door,
        pool: WorkerPool,
        passing: Passing,
        errands: Errands,
        *,
        now: Callable[[], datetime],
        stop: threading.Event,
    ) -> None:
        self._catalog = catalog
        self._door = door
        self._pool = pool
        self._passing = passing
        self._errands = errands
        self._now = now
        self._stop = stop

    def hurry(self, asset_id: AssetId) -> Future[None]:
        """The same as `bring` for a viewer who waits, ahead of the queue."""
        try:
            rows = self._passing.offers(asset_id)
        except GalleryError as error:
            future: Future[None] = Future()
            future.set_exception(error)
            return future

        def bring(row: RemoteRow) -> None:
            self.bring(row.source_id, row.key, asset_id, priority=VIEWER_WAITS)

        return self._errands.run(
            (asset_id, "first"),
            rows[0].source_id,
            lambda: first_given(rows, bring, what="preview"),
        )

    def bring(
        self,
        source_id: SourceId,
        key: str,
        asset_id: AssetId,
        *,
        priority: int,
        form: Form = "preview",
    ) -> None:
        """Fetch a preview (or the original in its place), render it, and have the asset ready.

        Raises:
            UpstreamGone: there is no preview (yet).
            NotFound, Paused: its remote is not to be asked (any more).
            UpstreamRefused, UpstreamThrottled, Upstream, Incomplete: it did not come.
            UnsupportedType, TooLarge, TooManyPixels, Unreadable: it cannot be shown.
            OutOfSpace: the disk is full.
        """
        row = self._catalog.remotes.row(source_id, key)
        if row is None:
            raise UpstreamGone
        limit = PREVIEW_LIMIT_BYTES if form == "preview" else self._door.largest_bytes
        stand_in = stand_in_of(source_id, key, row.version)
        with self._door.originals.receive() as incoming:
            self._receive(incoming, source_id, key, form, limit)
            incoming.seal()
            processed = self._process(incoming, priority)
        self._door.keep_renditions(stand_in, processed)
        with self._catalog.write() as writer:
            writer.finish_preview(
                asset_id, processed, stand_in, at=self._now(), version=row.version
            )
        for offer in self._catalog.remotes.of_asset(asset_id):
            if offer.state == "held":  # it may have been given up, and has come all the same
                self._catalog.jobs.close_failure(fetch_key(offer.source_id, offer.key))

    def _receive(
        self, incoming: Incoming, source_id: SourceId, key: str, form: Form, limit: int
    ) -> None:
        with opened(self._passing.line(source_id), key, form) as stream:
            require_size(stream.size_bytes, limit)
            self._door.require_room(stream.size_bytes or 0)
            for chunk in stream.chunks:
                if self._stop.is_set():
                    raise NotReady
                incoming.write(chunk)
                require_size(incoming.size_bytes, limit)
            require_all(incoming.size_bytes, stream.size_bytes)

    def _process(self, incoming: Incoming, priority: int) -> Processed:
        specs = [RENDITIONS[name] for name in EAGER]
        future = self._pool.process(str(incoming.place), specs, priority=priority, trusted=False)
        try:
            processed = future.result(WORKER_WAIT_S)
        except FutureTimeout as error:
            raise TooSlow("The preview took too long to decode.") from error
        if processed.truncated:
            raise Incomplete("The preview is cut off.")
        return processed


def stand_in_of(source_id: SourceId, key: str, version: str) -> Sha256:
    """What names the renditions of a picture whose hash nobody knows; another per version."""
    text = f"stand-in\0{source_id}\0{key}\0{version}"
    return Sha256(hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest())
