"""The door for bytes from outside: streamed in, looked at, kept by content hash, then a row.

Order is what makes an answer trustworthy: temp file, fsync, decode in a fenced worker, rename,
fsync of the folder, then the row, then the answer. Whatever fails leaves no original and no row.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import replace
from datetime import datetime
from types import TracebackType

from gallery_app.catalog.catalog import Catalog
from gallery_app.catalog.values import NewAsset, SeenOccurrence
from gallery_app.domain.errors import (
    BadDigest,
    BadInput,
    GalleryError,
    Incomplete,
    NotFound,
    OutOfSpace,
    TooLarge,
    Unreadable,
    UnsupportedType,
)
from gallery_app.domain.media import MEDIA_TYPES
from gallery_app.domain.model import Asset, AssetId, Described, Processed, Sha256
from gallery_app.domain.policy import UploadLimits
from gallery_app.domain.renditions import EAGER, RENDITIONS
from gallery_app.imaging.sniff import sniff
from gallery_app.imaging.workers import WorkerPool
from gallery_app.services.ingest import dated_by
from gallery_app.services.rendering import VIEWER_WAITS
from gallery_app.services.values import Received
from gallery_app.storage.local import Cache, Incoming, Originals

_log = logging.getLogger(__name__)

HEAD_BYTES = 4096  # enough to tell every type we know
LONGEST_NAME = 255
_WORKER_WAIT_S = 60.0
_LAST_NS = (1 << 63) - 1  # what a column can hold, in the year 2262


class Uploads:
    """Begins uploads; each `Upload` is one file on its way in."""

    def __init__(
        self,
        catalog: Catalog,
        originals: Originals,
        cache: Cache,
        pool: WorkerPool,
        *,
        limits: UploadLimits,
        min_free_bytes: int,
        now: Callable[[], datetime],
        local_time: Callable[[float], datetime],
    ) -> None:
        self.catalog = catalog
        self.originals = originals
        self.cache = cache
        self.pool = pool
        self.limits = limits
        self.min_free_bytes = min_free_bytes
        self.now = now
        self.local_time = local_time
        # From the file's rename to its row: nobody takes a file back that another's row needs.
        self.placing = threading.Lock()

    def begin(
        self,
        filename: str,
        *,
        length: int | None = None,
        modified_ms: int | None = None,
        sha256: str | None = None,
    ) -> Upload:
        """Open one upload; nothing is written before its first chunk.

        Args:
            filename: as the sender names it; a path is cut to its last part.
            length: announced size in bytes.
            modified_ms: the file's own time at the sender, ms since the epoch.
            sha256: announced hash, 64 hex digits.

        Raises:
            BadInput: an unusable name or hash.
            TooLarge: more is announced than any type may have.
            OutOfSpace: the disk cannot take it and keep its reserve.
        """
        if length is not None:
            self._require_room(length)
        digest = sha256.lower() if sha256 else None
        if digest is not None and (len(digest) != 64 or set(digest) - set("0123456789abcdef")):
            raise BadInput("X-Sha256 is 64 hexadecimal digits.")
        return Upload(
            self, _display_name(filename), length=length, modified_ms=modified_ms, sha256=digest
        )

    def _require_room(self, length: int) -> None:
        most = max(self.limits.image_bytes, self.limits.video_bytes)
        if length > most:
            raise _too_large(length, most)
        if self.originals.free_bytes() - length < self.min_free_bytes:
            raise OutOfSpace


class Upload:
    """One file on its way in: `write` each chunk, then `finish`; or `abort`."""

    def __init__(
        self,
        uploads: Uploads,
        filename: str,
        *,
        length: int | None,
        modified_ms: int | None,
        sha256: str | None,
    ) -> None:
        self._uploads = uploads
        self.filename = filename
        self._length = length
        self._modified_ms = modified_ms
        self._sha256 = sha256
        self._incoming: Incoming | None = None
        self._head = b""
        self._limit: int | None = None

    def __enter__(self) -> Upload:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.abort()

    def write(self, chunk: bytes) -> None:
        """Take the next bytes; refuses as soon as they can be judged.

        Raises:
            UnsupportedType: the content is of no type we show.
            TooLarge: more bytes than this type may have.
            OutOfSpace: the disk is full.
        """
        if not chunk:
            return
        if self._incoming is None:
            self._incoming = self._uploads.originals.receive()
        if self._limit is None:
            self._head += chunk[: HEAD_BYTES - len(self._head)]
            if len(self._head) >= HEAD_BYTES:
                self._limit = self._judge()
        size = self._incoming.size_bytes + len(chunk)
        most = self._limit or max(
            self._uploads.limits.image_bytes, self._uploads.limits.video_bytes
        )
        if size > most:
            raise _too_large(max(size, self._length or 0), most)
        if self._uploads.originals.free_bytes() - len(chunk) < self._uploads.min_free_bytes:
            raise OutOfSpace
        self._incoming.write(chunk)

    def finish(self) -> Received:
        """Look at the whole file, keep it and give its asset.

        Returns:
            The asset, and False when these very bytes were here already.

        Raises:
            Incomplete, BadDigest: not the bytes that were announced.
            UnsupportedType, TooLarge, TooManyPixels, Unreadable: refused, with the reason.
            OutOfSpace: the disk is full.
        """
        incoming = self._incoming
        if incoming is None:
            raise Unreadable("The file is empty.")
        if self._length is not None and incoming.size_bytes != self._length:
            raise Incomplete(
                f"{incoming.size_bytes:,} of {self._length:,} bytes arrived. Send the file again."
            )
        if self._limit is None:
            self._limit = self._judge()
            if incoming.size_bytes > self._limit:
                raise _too_large(incoming.size_bytes, self._limit)
        sha256 = incoming.seal()
        if self._sha256 is not None and sha256 != self._sha256:
            raise BadDigest("The bytes that arrived are not the ones announced. Send them again.")
        try:
            return self._here_already(incoming, sha256) or self._keep(incoming, sha256)
        except BaseException:
            self._take_back(incoming, sha256)
            raise

    def abort(self) -> None:
        """Forget the upload and leave nothing behind; does no harm after `finish`."""
        if self._incoming is not None:
            self._incoming.discard()

    # --- steps -----------------------------------------------------------------------------

    def _judge(self) -> int:
        """The limit of the type that the head shows, in bytes."""
        code = sniff(self._head)
        kind = MEDIA_TYPES.get(code)
        if kind is None:
            raise UnsupportedType(
                "This is not a picture or video the gallery knows.", found=code or "unknown"
            )
        if not kind.shown:
            raise UnsupportedType(
                f"Files of type {code.upper()} cannot be shown here, so they are not taken.",
                found=code,
            )
        limits = self._uploads.limits
        return limits.video_bytes if kind.video else limits.image_bytes

    def _here_already(self, incoming: Incoming, sha256: Sha256) -> Received | None:
        """Known bytes: keep our own copy all the same, an upload must survive its twin.

        None when nobody has these bytes, or a scan finds other ones in their place meanwhile.
        """
        uploads = self._uploads
        known = uploads.catalog.assets.by_sha256(sha256)
        if known is None:
            return None
        source = uploads.catalog.sources.uploads()
        with uploads.placing:
            # Also when the row says it is stored: that file may be lost or damaged by now.
            stored_key = incoming.commit()
            with uploads.catalog.write() as writer:
                if not writer.add_stored(known.id, stored_key, sha256):
                    return None
                occurrence = self._occurrence(known.id, sha256, self._modified_ns())
                writer.put_occurrences(source.id, [occurrence], at=uploads.now())
                writer.set_trashed([known.id], None)
        return Received(self._reread(known.id), created=False)

    def _keep(self, incoming: Incoming, sha256: Sha256) -> Received:
        uploads = self._uploads
        described, processed = self._look(str(incoming.place))
        for name, data in processed.renditions.items():
            try:
                uploads.cache.put(RENDITIONS[name].key(sha256), data)
            except GalleryError as error:
                # It is made again when somebody looks at it; the original is what counts.
                _log.warning("rendition %s of an upload is not kept: %s", name, error.code)
        described = replace(described, mtime_ns=self._modified_ns())
        dated, taken_at = dated_by(described, uploads.local_time)
        source = uploads.catalog.sources.uploads()
        at = uploads.now()
        new = NewAsset(filename=self.filename, described=dated, taken_at=taken_at, added_at=at)
        with uploads.placing:
            new = replace(new, stored_key=incoming.commit())
            with uploads.catalog.write() as writer:
                (asset_id,) = writer.insert_assets([new])
                occurrence = self._occurrence(asset_id, sha256, described.mtime_ns)
                writer.put_occurrences(source.id, [occurrence], at=at)
                # Two uploads of the same new bytes at once meet here and become one.
                survivor = writer.finish_render(asset_id, processed)
        return Received(self._reread(survivor), created=survivor == asset_id)

    def _take_back(self, incoming: Incoming, sha256: Sha256) -> None:
        """Set the original aside when this upload put it there and no row names it."""
        uploads = self._uploads
        if incoming.placed is None:
            return
        try:
            with uploads.placing:
                known = uploads.catalog.assets.by_sha256(sha256)
                if known is None or not known.stored:
                    uploads.originals.set_aside(incoming.placed)
        except (GalleryError, OSError):
            _log.warning("original %s has no row; the next start sweeps it", sha256[:12])

    def _look(self, path: str) -> tuple[Described, Processed]:
        """Describe and decode in a fenced worker, so that the verdict comes with the answer."""
        pool = self._uploads.pool
        specs = [RENDITIONS[name] for name in EAGER]
        try:
            head = pool.describe([path], priority=VIEWER_WAITS, trusted=False)
            (described,) = head.result(_WORKER_WAIT_S)
            if isinstance(described, GalleryError):
                raise described
            if not isinstance(described, Described):
                raise UnsupportedType("This is not a picture or video the gallery knows.")
            if described.problem is not None:
                raise Unreadable(described.problem.sentence)
            whole = pool.process(path, specs, priority=VIEWER_WAITS, trusted=False)
            processed = whole.result(_WORKER_WAIT_S)
        except FutureTimeout as error:
            raise Unreadable("The file took too long to decode.") from error
        if processed.truncated:
            raise Unreadable("The file is cut off: it ends before the picture does.")
        return described, processed

    def _occurrence(self, asset_id: AssetId, sha256: Sha256, mtime_ns: int) -> SeenOccurrence:
        size = self._incoming.size_bytes if self._incoming is not None else 0
        return SeenOccurrence(
            key=f"{sha256[:16]}/{self.filename}",
            asset_id=asset_id,
            size_bytes=size,
            mtime_ns=mtime_ns,
            inode=0,
        )

    def _modified_ns(self) -> int:
        if self._modified_ms is not None and 0 <= self._modified_ms < 253_402_300_800_000:
            return min(self._modified_ms * 1_000_000, _LAST_NS)
        return int(self._uploads.now().timestamp() * 1e9)

    def _reread(self, asset_id: AssetId) -> Asset:
        asset = self._uploads.catalog.assets.by_id(asset_id)
        if asset is None:
            raise NotFound("picture")
        return asset


def _too_large(size: int, limit: int) -> TooLarge:
    return TooLarge(
        f"The file has {size / 1e6:,.1f} MB; at most {limit / 1e6:,.0f} MB are accepted.",
        limit_bytes=limit,
    )


def _display_name(filename: str) -> str:
    """The last part of a name, safe to show and to offer as a download, never empty."""
    last = filename.replace("\\", "/").rpartition("/")[2]
    clean = "".join(c for c in last if c.isprintable()).strip()
    while len(clean.encode("utf-8", "surrogatepass")) > LONGEST_NAME:
        clean = clean[1:]
    clean = clean.encode("utf-8", "ignore").decode("utf-8")
    if not clean.strip("."):
        raise BadInput("The upload needs a file name.")
    return clean
