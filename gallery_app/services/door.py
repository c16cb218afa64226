"""The one door for bytes of others: streamed in, looked at, kept by content hash, then a row.

Order is what makes an answer trustworthy: temp file, fsync, decode in a fenced worker, rename,
fsync of the folder, then the row, then the answer. Whatever fails leaves no original and no row.
Uploads (`uploads.py`) and pictures of remotes (`fetching.py`) both come in here; they differ in
the place they are noted at, which a `Doorplate` writes within the same transaction.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import TimeoutError as FutureTimeout
from dataclasses import dataclass, replace
from datetime import datetime
from types import TracebackType
from typing import Protocol

from gallery_app.catalog.catalog import Catalog
from gallery_app.catalog.values import NewAsset
from gallery_app.catalog.writer import Writer
from gallery_app.domain.errors import (
    BadDigest,
    GalleryError,
    Incomplete,
    NotFound,
    OutOfSpace,
    Unreadable,
    UnsupportedType,
)
from gallery_app.domain.model import Asset, AssetId, Described, Processed, Sha256, TakenFrom
from gallery_app.domain.policy import UploadLimits
from gallery_app.domain.renditions import EAGER, RENDITIONS, RenditionSpec
from gallery_app.imaging.workers import WorkerPool
from gallery_app.services.ingest import dated_by
from gallery_app.services.judging import HEAD_BYTES, CutOff, TooSlow, limit_of, told_by, too_large
from gallery_app.services.values import Received
from gallery_app.storage.local import Cache, Incoming, Originals

_log = logging.getLogger(__name__)

WORKER_WAIT_S = 60.0
LAST_NS = (1 << 63) - 1  # what a column can hold, in the year 2262


class Doorplate(Protocol):
    """How what came in is noted: called in the transaction that writes its row."""

    def __call__(
        self, writer: Writer, asset_id: AssetId, sha256: Sha256, *, size_bytes: int, mtime_ns: int
    ) -> AssetId:
        """Write where this asset is offered; the asset that has it all then."""


@dataclass(frozen=True, slots=True)
class Dated:
    """When the file was last changed where it comes from, and what that is called in the info."""

    mtime_ns: int
    taken_from: TakenFrom = "file"
    called: str = "file modified"


class Door:
    """Takes files in, one `Entrance` each."""

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

    def enter(
        self, filename: str, *, length: int | None = None, sha256: str | None = None, priority: int
    ) -> Entrance:
        """Open the door for one file; nothing is written before its first chunk.

        Args:
            filename: to show; made with `judging.display_name`.
            length: announced size in bytes.
            sha256: announced hash, 64 hex digits.
            priority: of its decoding; lower goes first.

        Raises:
            TooLarge: more is announced than any type may have.
            OutOfSpace: the disk cannot take it and keep its reserve.
        """
        if length is not None:
            self.require_room(length)
        return Entrance(self, filename, length=length, sha256=sha256, priority=priority)

    def require_room(self, length: int) -> None:
        """Return only while so many bytes may still come in.

        Raises:
            TooLarge, OutOfSpace: they may not.
        """
        if length > self.largest_bytes:
            raise too_large(length, self.largest_bytes)
        if self.originals.free_bytes() - length < self.min_free_bytes:
            raise OutOfSpace

    @property
    def largest_bytes(self) -> int:
        """More than this no file may have, whatever its type."""
        return max(self.limits.image_bytes, self.limits.video_bytes)

    def process(
        self, path: str, specs: Sequence[RenditionSpec], *, priority: int
    ) -> tuple[Described, Processed]:
        """Describe and decode a file in a fenced worker.

        Raises:
            UnsupportedType, TooLarge, TooManyPixels, Unreadable: it cannot be shown.
            CutOff: it can be shown in part only.
        """
        try:
            head = self.pool.describe([path], priority=priority, trusted=False)
            (described,) = head.result(WORKER_WAIT_S)
            if isinstance(described, GalleryError):
                raise described
            if not isinstance(described, Described):
                raise UnsupportedType("This is not a picture or video the gallery knows.")
            if described.problem is not None:
                raise told_by(described.problem)
            whole = self.pool.process(path, specs, priority=priority, trusted=False, sha1=True)
            processed = whole.result(WORKER_WAIT_S)
        except FutureTimeout as error:
            raise TooSlow("The file took too long to decode.") from error
        if processed.truncated:
            raise CutOff("The file is cut off: it ends before the picture does.")
        return described, processed

    def keep_renditions(self, name: Sha256, processed: Processed) -> None:
        """Put what was rendered into the cache, as renditions of the original called `name`."""
        for spec, data in processed.renditions.items():
            try:
                self.cache.put(RENDITIONS[spec].key(name), data)
            except GalleryError as error:
                # It is made again when somebody looks at it; the original is what counts.
                _log.warning("rendition %s is not kept: %s", spec, error.code)

    def reread(self, asset_id: AssetId) -> Asset:
        """The asset as it is now.

        Raises:
            NotFound: it is no more.
        """
        asset = self.catalog.assets.by_id(asset_id)
        if asset is None:
            raise NotFound("picture")
        return asset


class Entrance:
    """One file on its way in: `write` each chunk, then `finish`; or `abort`."""

    def __init__(
        self,
        door: Door,
        filename: str,
        *,
        length: int | None,
        sha256: str | None,
        priority: int,
    ) -> None:
        self._door = door
        self._filename = filename
        self._length = length
        self._sha256 = sha256
        self._priority = priority
        self._incoming: Incoming | None = None
        self._head = b""
        self._limit: int | None = None

    def __enter__(self) -> Entrance:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.abort()

    @property
    def size_bytes(self) -> int:
        """How much came so far."""
        return 0 if self._incoming is None else self._incoming.size_bytes

    def write(self, chunk: bytes) -> None:
        """Take the next bytes; refuses as soon as they can be judged.

        Raises:
            UnsupportedType: the content is of no type we show.
            TooLarge: more bytes than this type may have.
            OutOfSpace: the disk is full.
        """
        if not chunk:
            return
        door = self._door
        if self._incoming is None:
            self._incoming = door.originals.receive()
        if self._limit is None:
            self._head += chunk[: HEAD_BYTES - len(self._head)]
            if len(self._head) >= HEAD_BYTES:
                self._limit = limit_of(self._head, self._door.limits)
        size = self._incoming.size_bytes + len(chunk)
        most = self._limit or door.largest_bytes
        if size > most:
            raise too_large(max(size, self._length or 0), most)
        if door.originals.free_bytes() - len(chunk) < door.min_free_bytes:
            raise OutOfSpace
        self._incoming.write(chunk)

    def judge(self) -> None:
        """Refuse now what its first bytes show to be no picture.

        Raises:
            Unreadable: there are none.
            UnsupportedType: the content is of no type we show.
            TooLarge: more bytes than its type may have.
        """
        if self._incoming is None:
            raise Unreadable("The file is empty.")
        if self._limit is None:
            self._limit = limit_of(self._head, self._door.limits)
            if self.size_bytes > self._limit:
                raise too_large(self.size_bytes, self._limit)

    def finish(
        self,
        plate: Doorplate,
        dated: Dated,
        *,
        check: Callable[[Described], None] = lambda _described: None,
    ) -> Received:
        """Look at the whole file, keep it and give its asset.

        Args:
            plate: notes where it is offered.
            dated: the file's own time at its sender.
            check: may refuse what was described.

        Returns:
            The asset, and False when these very bytes were here already.

        Raises:
            Incomplete, BadDigest: not the bytes that were announced.
            UnsupportedType, TooLarge, TooManyPixels, Unreadable: refused, with the reason.
            OutOfSpace: the disk is full.
        """
        incoming = self._whole()
        sha256 = incoming.seal()
        if self._sha256 is not None and sha256 != self._sha256:
            raise BadDigest("The bytes that arrived are not the ones announced. Send them again.")
        try:
            found = self._here_already(incoming, sha256, plate, dated)
            return found or self._keep(incoming, sha256, plate, dated, check)
        except BaseException:
            self._take_back(incoming, sha256)
            raise

    def abort(self) -> None:
        """Forget the file and leave nothing behind; does no harm after `finish`."""
        if self._incoming is not None:
            self._incoming.discard()

    # --- steps -----------------------------------------------------------------------------

    def _whole(self) -> Incoming:
        """The file, when all of it came and it is of a type we take."""
        incoming = self._incoming
        if incoming is None:
            raise Unreadable("The file is empty.")
        if self._length is not None and incoming.size_bytes != self._length:
            raise Incomplete(
                f"{incoming.size_bytes:,} of {self._length:,} bytes arrived. Send the file again."
            )
        self.judge()
        return incoming

    def _here_already(
        self, incoming: Incoming, sha256: Sha256, plate: Doorplate, dated: Dated
    ) -> Received | None:
        """Known bytes: keep our own copy all the same, it must survive its twin.

        None when nobody has these bytes, or a scan finds other ones in their place meanwhile.
        """
        door = self._door
        known = door.catalog.assets.by_sha256(sha256)
        if known is None:
            return None
        with door.placing:
            # Also when the row says it is stored: that file may be lost or damaged by now.
            stored_key = incoming.commit()
            with door.catalog.write() as writer:
                if not writer.add_stored(known.id, stored_key, sha256):
                    return None
                noted = plate(
                    writer, known.id, sha256,
                    size_bytes=incoming.size_bytes, mtime_ns=dated.mtime_ns,
                )  # fmt: skip
        return Received(door.reread(noted), created=False)

    def _keep(
        self,
        incoming: Incoming,
        sha256: Sha256,
        plate: Doorplate,
        dated: Dated,
        check: Callable[[Described], None],
    ) -> Received:
        door = self._door
        specs = [RENDITIONS[name] for name in EAGER]
        described, processed = door.process(str(incoming.place), specs, priority=self._priority)
        check(described)
        door.keep_renditions(sha256, processed)
        new = self._new(described, dated)
        with door.placing:
            new = replace(new, stored_key=incoming.commit())
            with door.catalog.write() as writer:
                (asset_id,) = writer.insert_assets([new])
                noted = plate(
                    writer, asset_id, sha256,
                    size_bytes=incoming.size_bytes, mtime_ns=dated.mtime_ns,
                )  # fmt: skip
                # Two who bring the same new bytes at once meet here and become one.
                survivor = writer.finish_render(noted, processed)
        return Received(door.reread(survivor), created=survivor == asset_id)

    def _new(self, described: Described, dated: Dated) -> NewAsset:
        door = self._door
        described = replace(described, mtime_ns=dated.mtime_ns)
        whole, taken_at = dated_by(
            described, door.local_time, taken_from=dated.taken_from, taken_field=dated.called
        )
        return NewAsset(
            filename=self._filename, described=whole, taken_at=taken_at, added_at=door.now()
        )

    def _take_back(self, incoming: Incoming, sha256: Sha256) -> None:
        """Set the original aside when it was put there just now and no row names it."""
        door = self._door
        if incoming.placed is None:
            return
        try:
            with door.placing:
                known = door.catalog.assets.by_sha256(sha256)
                if known is None or not known.stored:
                    door.originals.set_aside(incoming.placed)
        except (GalleryError, OSError):
            _log.warning("original %s has no row; the next start sweeps it", sha256[:12])
