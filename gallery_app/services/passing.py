"""Originals that lie at a remote alone: passed through, or spooled to be read as a file.

A spooled file is a loan: it makes large renditions and zips, is checked against the remote's
own hash, and leaves when others need the room. Nothing of it is recorded.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Literal, TypeVar

from gallery_app.catalog.catalog import Catalog
from gallery_app.connectors.base import Connector, HasPreviews
from gallery_app.domain.errors import GalleryError, Incomplete, TooLarge, Upstream, UpstreamGone
from gallery_app.domain.media import MEDIA_TYPES, full_name
from gallery_app.domain.model import Asset, AssetId, SourceId
from gallery_app.domain.remote import RemoteRow, RemoteStream
from gallery_app.services.errands import Errands
from gallery_app.services.reach import Reach, why_paused
from gallery_app.services.values import Streamed
from gallery_app.storage.spool import LentPath, Spool

_log = logging.getLogger(__name__)

T = TypeVar("T")
Form = Literal["preview", "original"]
PREVIEW_PX = 1440  # long edge of what a remote's own preview serves for
PREVIEW_LIMIT_BYTES = 64 << 20


class Passing:
    """Brings the bytes of pictures that only a remote has."""

    def __init__(
        self,
        catalog: Catalog,
        reach: Reach,
        spool: Spool,
        errands: Errands,
        *,
        limit_bytes: int,
        require_room: Callable[[int], None],
    ) -> None:
        """Prepare.

        Args:
            catalog: which remotes offer what.
            reach: opens connectors.
            spool: where files pass through.
            errands: runs what waits for a remote.
            limit_bytes: more than this no original may have.
            require_room: raises when so many bytes would not leave the disk its reserve.
        """
        self._catalog = catalog
        self._reach = reach
        self._spool = spool
        self._errands = errands
        self._limit_bytes = limit_bytes
        self._require_room = require_room

    def streamed(self, asset: Asset) -> Streamed:
        """The original as it comes from a remote; nothing is asked before it is opened.

        Raises:
            UpstreamGone: no remote in use offers it.
            Paused: those that do are left alone.
        """
        rows = self.offers(asset.id)
        kind = MEDIA_TYPES.get(asset.media_type, MEDIA_TYPES["unknown"])

        def opened(start: int | None, end: int | None) -> AbstractContextManager[RemoteStream]:
            return self._open_first(rows, start, end)

        first = rows[0]
        return Streamed(
            open=opened,
            size_bytes=first.size_bytes or asset.size_bytes or None,
            content_type=kind.content_type,
            filename=full_name(asset.filename, kind.code),
            inline=kind.inline,
            etag=f'"{passing_name(first, "original")[:40]}"',
        )

    def fetch(self, asset_id: AssetId, form: Form) -> Future[Path]:
        """Where the picture's file lies once it was fetched; two who ask get one fetching.

        The file stays for as long as that very path is held (`LentPath`).
        """
        try:
            rows = self.offers(asset_id)
        except GalleryError as error:
            future: Future[Path] = Future()
            future.set_exception(error)
            return future
        return self._errands.run(
            (asset_id, form),
            rows[0].source_id,
            lambda: first_given(rows, lambda row: self._bring(row, form), what=form),
        )

    def offers(self, asset_id: AssetId) -> list[RemoteRow]:
        """Where remotes in use offer the asset, at least one.

        Raises:
            UpstreamGone: none does.
            Paused: those that do are left alone.
        """
        failed: GalleryError = UpstreamGone()
        rows: list[RemoteRow] = []
        for row in self._catalog.remotes.of_asset(asset_id):
            source = self._catalog.sources.get(row.source_id, counted=False)
            if source is None or source.removed_at is not None:
                continue
            if source.paused:
                failed = why_paused(source)
            else:
                rows.append(row)
        if not rows:
            raise failed
        return rows

    def line(self, source_id: SourceId) -> Connector:
        """The open connector of a remote, to look at a picture there.

        Raises:
            NotFound: there is no such remote any more.
            UpstreamRefused: its key cannot be read any more.
            Paused: it is left alone, for viewers too.
        """
        connector = self._reach.connector(source_id)
        source = self._catalog.sources.get(source_id, counted=False)
        if source is not None and source.paused:  # asked after it was opened: no pause is missed
            raise why_paused(source)
        return connector

    # --- through ---------------------------------------------------------------------------

    @contextmanager
    def _open_first(
        self, rows: list[RemoteRow], start: int | None, end: int | None
    ) -> Iterator[RemoteStream]:
        """The first offer that can be opened."""

        def enter(row: RemoteRow) -> RemoteStream:
            connector = self.line(row.source_id)
            return stack.enter_context(connector.open(row.key, start=start, end=end))

        with ExitStack() as stack:
            yield first_given(rows, enter, what="original")

    # --- spooled ---------------------------------------------------------------------------

    def _bring(self, row: RemoteRow, form: Form) -> LentPath:
        connector = self.line(row.source_id)
        if form == "preview" and not isinstance(connector, HasPreviews):
            form = "original"
        name = passing_name(row, form)
        found = self._spool.find(name)
        if found is not None:
            return found
        limit = PREVIEW_LIMIT_BYTES if form == "preview" else self._limit_bytes
        sha1 = hashlib.sha1(usedforsecurity=False)
        with (
            opened(connector, row.key, form) as stream,
            self._spool.receive(name, limit_bytes=limit) as passing,
        ):
            require_size(stream.size_bytes, limit)
            self._require_room(stream.size_bytes or 0)
            for chunk in stream.chunks:
                sha1.update(chunk)
                passing.write(chunk)
            require_all(passing.size_bytes, stream.size_bytes)
            if form == "original" and row.sha1 not in {None, sha1.hexdigest()}:
                raise Upstream(reason="The remote sent other bytes than it had announced.")
            return passing.keep()


def first_given(rows: Sequence[RemoteRow], ask: Callable[[RemoteRow], T], *, what: str) -> T:
    """What the first of these offers gives that gives anything.

    Raises:
        GalleryError: none does; the last one's reason.
    """
    failed: GalleryError = UpstreamGone()
    for row in rows:
        try:
            return ask(row)
        except GalleryError as error:
            _log.info("%s not from source %d: %s", what, row.source_id, error.code)
            failed = error
    raise failed


def form_for(box_px: int, *, video: bool) -> Form:
    """What a rendition of that long edge is made from; a film is never fetched for its poster."""
    return "preview" if video or box_px <= PREVIEW_PX else "original"


def opened(connector: Connector, key: str, form: Form) -> AbstractContextManager[RemoteStream]:
    """The bytes in that form; the connector of a preview must have them."""
    if form == "preview" and isinstance(connector, HasPreviews):
        return connector.preview(key)
    return connector.open(key)


def require_size(announced: int | None, limit_bytes: int) -> None:
    """Return only when no more is announced than may come.

    Raises:
        TooLarge: more is.
    """
    if announced is not None and announced > limit_bytes:
        text = f"{announced / 1e6:,.0f} MB are announced; at most {limit_bytes / 1e6:,.0f} come in."
        raise TooLarge(text, limit_bytes=limit_bytes)


def require_all(came: int, announced: int | None) -> None:
    """Return only when all that was announced came.

    Raises:
        Incomplete: it did not.
    """
    if announced is not None and came != announced:
        raise Incomplete(f"{came:,} of {announced:,} bytes arrived.")


def passing_name(row: RemoteRow, form: Form) -> str:
    """The name of a file that passes through: another one for each version at the remote."""
    text = f"{form}\0{row.source_id}\0{row.key}\0{row.version}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
