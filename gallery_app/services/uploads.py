"""Uploads: files that a person hands over, through the one door for bytes of others.

What is special about them: the sender may announce size, time and hash, and an upload of a
picture that lies in the trash brings it back.
"""

from __future__ import annotations

from types import TracebackType

from gallery_app.catalog.values import SeenOccurrence
from gallery_app.catalog.writer import Writer
from gallery_app.domain.errors import BadInput
from gallery_app.domain.model import AssetId, Sha256
from gallery_app.services.door import LAST_NS, Dated, Door, Entrance
from gallery_app.services.judging import display_name
from gallery_app.services.rendering import VIEWER_WAITS
from gallery_app.services.values import Received

_LAST_MS = 253_402_300_800_000  # the year 10000


class Uploads:
    """Begins uploads; each `Upload` is one file on its way in."""

    def __init__(self, door: Door) -> None:
        self._door = door

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
        digest = sha256.lower() if sha256 else None
        if digest is not None and (len(digest) != 64 or set(digest) - set("0123456789abcdef")):
            raise BadInput("X-Sha256 is 64 hexadecimal digits.")
        name = display_name(filename)
        entrance = self._door.enter(name, length=length, sha256=digest, priority=VIEWER_WAITS)
        return Upload(self._door, entrance, name, modified_ms=modified_ms)


class Upload:
    """One file on its way in: `write` each chunk, then `finish`; or `abort`."""

    def __init__(
        self, door: Door, entrance: Entrance, filename: str, *, modified_ms: int | None
    ) -> None:
        self._door = door
        self._entrance = entrance
        self.filename = filename
        self._modified_ms = modified_ms

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
        self._entrance.write(chunk)

    def finish(self) -> Received:
        """Look at the whole file, keep it and give its asset.

        Returns:
            The asset, and False when these very bytes were here already.

        Raises:
            Incomplete, BadDigest: not the bytes that were announced.
            UnsupportedType, TooLarge, TooManyPixels, Unreadable: refused, with the reason.
            OutOfSpace: the disk is full.
        """
        return self._entrance.finish(self._note, Dated(self._modified_ns()))

    def abort(self) -> None:
        """Forget the upload and leave nothing behind; does no harm after `finish`."""
        self._entrance.abort()

    def _note(
        self, writer: Writer, asset_id: AssetId, sha256: Sha256, *, size_bytes: int, mtime_ns: int
    ) -> AssetId:
        source = self._door.catalog.sources.uploads()
        occurrence = SeenOccurrence(
            key=f"{sha256[:16]}/{self.filename}",
            asset_id=asset_id,
            size_bytes=size_bytes,
            mtime_ns=mtime_ns,
            inode=0,
        )
        writer.put_occurrences(source.id, [occurrence], at=self._door.now())
        writer.set_trashed([asset_id], None)
        return asset_id

    def _modified_ns(self) -> int:
        if self._modified_ms is not None and 0 <= self._modified_ms < _LAST_MS:
            return min(self._modified_ms * 1_000_000, LAST_NS)
        return int(self._door.now().timestamp() * 1e9)
