"""The bytes of what remotes listed: each wanted row is fetched once and taken in as an upload is.

The rows are the queue. A thread claims one, and whatever comes of it is written: held, gone,
refused with a sentence, or wanted again later. A remote's file name is only ever shown, its word
for the type or the size never believed (reliability.md C52).
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from gallery_app.catalog.catalog import Catalog
from gallery_app.catalog.values import SeenOccurrence
from gallery_app.catalog.writer import Writer
from gallery_app.connectors.base import Connector, HasHints, HasPreviews
from gallery_app.domain.errors import (
    BadInput,
    Conflict,
    GalleryError,
    Incomplete,
    NotFound,
    NotReady,
    OutOfSpace,
    UnsupportedType,
    Upstream,
    UpstreamGone,
    UpstreamRefused,
    UpstreamThrottled,
)
from gallery_app.domain.media import MEDIA_TYPES
from gallery_app.domain.model import AssetId, Described, Sha256, Source, SourceId
from gallery_app.domain.remote import Wanted
from gallery_app.services.door import LAST_NS, Dated, Door
from gallery_app.services.failures import FETCH, fetch_key
from gallery_app.services.fetch_turns import Turns
from gallery_app.services.judging import PAGE, CutOff, TooSlow, display_name
from gallery_app.services.passing import require_all, require_size
from gallery_app.services.previews import Previews
from gallery_app.services.remotes import RemoteBook

_log = logging.getLogger(__name__)

LEASE_S = 6 * 3600.0  # more than any connector takes for one; a start takes all leases back
FETCHING = 15  # priority of decoding: behind viewers and new files, ahead of the backlog
BACKOFF_S = (60.0, 300.0, 900.0, 3600.0)
MOST_ATTEMPTS = 8
MOST_REFUSALS = 3  # of one picture while the key itself is good, or the picture listed
PREVIEWS_BEFORE_ORIGINAL = 3  # a remote makes its previews late
SPACE_AGAIN_S = 60.0
SOON_S = 5.0
_CHANGED = "The source was changed while this picture came; it is fetched again."
_PAGE_CAME = (
    "The remote sent a web page instead of the picture. Its key may not be allowed to see it."
)


class Unwanted(BadInput):
    """A picture that the source's options leave out."""


class NoPreview(Upstream):
    """The remote answers, but has no preview (yet)."""


class NoBytes(Upstream):
    """The remote lists the picture, but does not have its bytes (yet)."""

    sentence = "The remote lists this picture, but does not have its file."


class SourceLeft(GalleryError):
    """Its source was removed or paused meanwhile, which says nothing of the picture."""

    sentence = "The source was removed or paused while this picture came."


@dataclass(frozen=True, slots=True)
class _Later:
    """Wanted again in a while; `counted`: as one of a limited number of tries."""

    in_s: float
    error: str
    counted: bool = True


class Fetching:
    """Fetches wanted pictures; `once` is called by several threads."""

    def __init__(
        self,
        catalog: Catalog,
        book: RemoteBook,
        door: Door,
        previews: Previews,
        *,
        threads: int,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
        stop: threading.Event,
        look: Callable[[AssetId, SourceId, str], object] = lambda _a, _s, _k: None,
    ) -> None:
        """Prepare.

        Args:
            catalog: the rows.
            book: gives connectors.
            door: where originals come in.
            previews: where previews come in.
            threads: how many call `once`.
            now: UTC clock.
            monotonic: seconds.
            stop: set when the program ends.
            look: told of each picture that came in, to recognise what it shows.
        """
        self._catalog = catalog
        self._book = book
        self._door = door
        self._previews = previews
        self._now = now
        self._stop = stop
        self._look = look
        self.turns = Turns(catalog, book, threads=threads, now=now, monotonic=monotonic)

    def once(self) -> bool:
        """Fetch one picture; False when nothing can be fetched now."""
        if self._door.originals.free_bytes() < self._door.min_free_bytes:
            return False
        taken = self.turns.take(lease_s=LEASE_S)
        if taken is None:
            return False
        source, wanted = taken
        try:
            self.fetch(source, wanted)
        finally:
            self.turns.give_back(source.id)
        return True

    def fetch(self, source: Source, wanted: Wanted) -> None:
        """Fetch one claimed picture, and write what became of it."""
        connector: Connector | None = None
        try:
            connector = self._book.connector(source.id)
            self._bring(source, wanted, connector)
        except GalleryError as error:
            found = self._doubted(source, wanted, connector, error)  # may ask the remote: first
            if self._stop.is_set():
                return  # its lease ends with the program
            if self._was_left(source, connector, found):
                self._put_off(source, wanted, _Later(SOON_S, _CHANGED, counted=False))
            else:
                self._failed(source, wanted, found)
        except Exception:  # noqa: BLE001  # whatever it was, the next picture must come
            _log.exception("fetching from source %d failed", source.id)
            self._put_off(source, wanted, _Later(_backoff_s(wanted), FetchBrokeOff().public))
        else:
            self.turns.worked(source.id)
            self._catalog.jobs.close_failure(fetch_key(source.id, wanted.key))

    def _was_left(self, source: Source, connector: Connector | None, error: GalleryError) -> bool:
        """Whether it was removed, paused or changed meanwhile, which says nothing of a picture."""
        if connector is None:
            return isinstance(error, NotFound)
        if isinstance(error, SourceLeft):
            return True  # before its line was hung up
        return not self._book.is_current(source.id, connector)

    def _bring(self, source: Source, wanted: Wanted, connector: Connector) -> None:
        now = self._catalog.sources.get(source.id, counted=False)
        if now is not None and now.paused:
            raise SourceLeft  # after this was claimed
        copies = self._book.kind_of(source).copies or source.options.get("mirror") == "1"
        if wanted.asset_id is not None and not copies and isinstance(connector, HasPreviews):
            self._preview(source, wanted, wanted.asset_id)
        else:
            self._original(source, wanted, connector)

    # --- the two ways ----------------------------------------------------------------------

    def _preview(self, source: Source, wanted: Wanted, asset_id: AssetId) -> None:
        bring = self._previews.bring
        try:
            bring(source.id, wanted.key, asset_id, priority=FETCHING)
        except UpstreamGone as error:
            asset = self._catalog.assets.by_id(asset_id)
            if asset is None:
                raise
            if wanted.attempts < PREVIEWS_BEFORE_ORIGINAL:
                raise NoPreview(reason="The remote has not made a preview yet.") from error
            if MEDIA_TYPES[asset.media_type].video:
                raise NoPreview(reason="The remote has no preview of this video.") from error
            bring(source.id, wanted.key, asset_id, priority=FETCHING, form="original")

    def _original(self, source: Source, wanted: Wanted, connector: Connector) -> None:
        door = self._door
        sha1 = hashlib.sha1(usedforsecurity=False)
        with door.enter(_name(wanted), priority=FETCHING) as entrance:
            with connector.open(wanted.key) as stream:
                require_size(stream.size_bytes, door.largest_bytes)
                for chunk in stream.chunks:
                    if self._stop.is_set():
                        raise NotReady
                    entrance.write(chunk)
                    sha1.update(chunk)
                require_all(entrance.size_bytes, stream.size_bytes)
            # A type is refused for what it is, before it is found too short or too long.
            entrance.judge()
            require_all(entrance.size_bytes, wanted.size_bytes)
            if wanted.sha1 not in {None, sha1.hexdigest()}:
                raise Incomplete("Other bytes came than the remote had announced.")
            received = entrance.finish(
                _Plate(self, source, wanted), _dated(wanted, self._now()), check=_smallest(source)
            )
        self._look(received.asset.id, source.id, wanted.key)

    def note(
        self,
        writer: Writer,
        source: Source,
        wanted: Wanted,
        occurrence: SeenOccurrence,
        asset_id: AssetId,
    ) -> AssetId:
        """Write that a picture came, unless it is offered no more by now.

        Raises:
            SourceLeft: its source is not there any more.
            UpstreamGone: it is not.
        """
        row = self._catalog.remotes.row(source.id, wanted.key)
        now = self._catalog.sources.get(source.id, counted=False)
        if now is None or now.removed_at is not None:
            raise SourceLeft
        if row is None or row.state == "gone":
            raise UpstreamGone
        return writer.hold_remote(
            source.id, wanted.key, asset_id,
            occurrence=occurrence, at=self._now(), version=wanted.version,
        )  # fmt: skip

    # --- what went wrong -------------------------------------------------------------------

    def _doubted(
        self, source: Source, wanted: Wanted, connector: Connector | None, error: GalleryError
    ) -> GalleryError:
        """What to make of an error: bytes that are missing are not a picture that is gone.

        Only the remote's own listing says that it is, where it can be asked for it.
        """
        row = self._catalog.remotes.row(source.id, wanted.key)
        if not isinstance(error, UpstreamGone) or row is None or not row.parent:
            return error
        if row.state == "gone" or not isinstance(connector, HasHints):
            return error
        try:
            listed = (image.key for part in connector.read(row.parent) for image in part.seen)
            return NoBytes() if wanted.key in listed else error
        except GalleryError as other:
            return other

    def _failed(self, source: Source, wanted: Wanted, error: GalleryError) -> None:
        match error:
            case UpstreamGone() | NotFound():
                with self._catalog.write() as writer:
                    writer.lose_remote(source.id, [wanted.key], at=self._now())
                self.turns.worked(source.id)
            case UpstreamThrottled():
                self.turns.rest(source.id, error.retry_after_s, error.public)
                self._put_off(
                    source, wanted, _Later(error.retry_after_s, error.public, counted=False)
                )
            case UpstreamRefused():
                self._denied(source, wanted, error)
            case OutOfSpace():
                self.turns.rest(source.id, SPACE_AGAIN_S, error.public)
                self._put_off(source, wanted, _Later(SPACE_AGAIN_S, error.public, counted=False))
            case NotReady() | Conflict():
                self._put_off(source, wanted, _Later(SOON_S, error.public, counted=False))
            case _:
                self._at_fault(source, wanted, error)

    def _at_fault(self, source: Source, wanted: Wanted, error: GalleryError) -> None:
        """The picture, or what was sent in its place, cannot be taken in."""
        match error:
            case Unwanted():
                self._catalog.remotes.refuse(source.id, wanted.key, error.public)
                self.turns.worked(source.id)
            case CutOff() if wanted.size_bytes is not None:
                self._refuse(source, wanted, error.public)  # all of it came: it is so there
            case Incomplete() | CutOff() | TooSlow():
                self._try_again(source, wanted, error)
            case BadInput():
                page = isinstance(error, UnsupportedType) and error.found == PAGE
                self._refuse(source, wanted, _PAGE_CAME if page else error.public)
                self.turns.worked(source.id)
            case NoBytes() if wanted.attempts >= MOST_REFUSALS:
                self._refuse(source, wanted, error.public)
                self.turns.worked(source.id)
            case NoPreview() | NoBytes():
                self._try_again(source, wanted, error)
                self.turns.worked(source.id)
            case Upstream():
                silent = self.turns.failed(source.id, error.public)
                self._try_again(source, wanted, error, for_ever=silent)
            case _:
                _log.warning("fetching from source %d failed: %s", source.id, error.code)
                self._try_again(source, wanted, error)

    def _denied(self, source: Source, wanted: Wanted, error: UpstreamRefused) -> None:
        """The picture is denied, or the key is: a sync finds out which, and stops if it is."""
        if wanted.attempts >= MOST_REFUSALS:
            self._refuse(source, wanted, error.public)
            return
        self._book.requests.due(source)
        self._book.changed()
        self._put_off(source, wanted, _Later(_backoff_s(wanted), error.public))

    def _try_again(
        self, source: Source, wanted: Wanted, error: GalleryError, *, for_ever: bool = False
    ) -> None:
        """Later, and `for_ever` while it is the remote that is silent, not the picture at fault."""
        if wanted.attempts >= MOST_ATTEMPTS and not for_ever:
            self._refuse(source, wanted, error.public)
        else:
            self._put_off(source, wanted, _Later(_backoff_s(wanted), error.public))

    def _put_off(self, source: Source, wanted: Wanted, later: _Later) -> None:
        self._catalog.remotes.postpone(
            source.id,
            wanted.key,
            run_after=self._now() + timedelta(seconds=later.in_s),
            error=later.error,
            counted=later.counted,
        )

    def _refuse(self, source: Source, wanted: Wanted, error: str) -> None:
        with self._catalog.write():  # it may have come for a viewer meanwhile: then all is well
            if self._catalog.remotes.refuse(source.id, wanted.key, error):
                self._catalog.jobs.record_failure(
                    FETCH,
                    fetch_key(source.id, wanted.key),
                    subject=f"{source.name}: {wanted.filename}",
                    error=error,
                )


class FetchBrokeOff(GalleryError):
    """A fetch ended by a fault of the gallery's own."""

    sentence = "Fetching broke off by a fault of the gallery; it is tried again by itself."


@dataclass(frozen=True, slots=True)
class _Plate:
    """Notes a fetched picture where the remote offers it."""

    fetching: Fetching
    source: Source
    wanted: Wanted

    def __call__(
        self, writer: Writer, asset_id: AssetId, sha256: Sha256, *, size_bytes: int, mtime_ns: int
    ) -> AssetId:
        """Write it."""
        occurrence = SeenOccurrence(self.wanted.key, asset_id, size_bytes, mtime_ns, inode=0)
        return self.fetching.note(writer, self.source, self.wanted, occurrence, asset_id)


def _backoff_s(wanted: Wanted) -> float:
    return BACKOFF_S[min(max(wanted.attempts, 1), len(BACKOFF_S)) - 1]


def _name(wanted: Wanted) -> str:
    try:
        return display_name(wanted.filename)
    except BadInput:
        return "picture"


def _dated(wanted: Wanted, now: datetime) -> Dated:
    at = wanted.created_at or wanted.modified_at or now
    return Dated(min(max(0, int(at.timestamp() * 1000) * 1_000_000), LAST_NS), "remote", "sent")


def _smallest(source: Source) -> Callable[[Described], None]:
    """Refuses pictures smaller than the source's option `min_px`: signatures, tracking pixels."""
    option = source.options.get("min_px", "")
    least = int(option) if option.isdecimal() else 0

    def check(described: Described) -> None:
        if 0 < max(described.size) < least:
            raise Unwanted(f"Smaller than {least} pixels: left out by this source's settings.")

    return check
