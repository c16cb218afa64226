"""The drawn tree of everything that can go wrong, and nothing else.

    GalleryError 500
    |- BadInput 400      UnsupportedType 415, TooLarge 413, TooManyPixels 422, Unreadable 422,
    |                    BadCursor 400, BadQuery 400, BadDigest 422, Incomplete 400, BadEan 422
    |- NotSignedIn 401, NotAllowed 403
    |- NotFound 404      LinkTampered 404 (says nothing more, on purpose)
    |- Conflict 409      JobRunning, StoreInUse
    |- Gone 410          LinkExpired, LinkRevoked, LinkSpent
    |- Throttled 429
    |- OutOfSpace 507
    |- NotReady 503      a rendition that could not be made in the time a request may wait
    |- Upstream 502      UpstreamTimeout 504, UpstreamGone 404, UpstreamRefused 502,
    |                    UpstreamThrottled 503
    `- Misconfigured     at start only, names the setting

Each leaf has a status, a stable `code`, one public sentence and typed data (`data()`); the
cause is chained with `raise ... from` and never shown to the outside.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import ClassVar


@dataclass(eq=False)
class GalleryError(Exception):
    """Anything the gallery refuses or fails at; `str()` is the public sentence."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal"
    sentence: ClassVar[str] = "Something went wrong."

    def __post_init__(self) -> None:
        super().__init__(self.public)

    @property
    def public(self) -> str:
        """The sentence a stranger may read: no path, no secret, no library name."""
        return self.sentence

    def __str__(self) -> str:
        return self.public

    def __reduce__(self) -> tuple[type[GalleryError], tuple[object, ...]]:
        # Errors cross from worker processes; Exception's own way would pass the sentence as
        # the first field.
        return type(self), tuple(getattr(self, f.name) for f in fields(self))

    def data(self) -> dict[str, object]:
        """Typed facts of this error for a machine reader, by field name."""
        return {f.name: getattr(self, f.name) for f in fields(self)}


@dataclass(eq=False)
class BadInput(GalleryError):
    """The request itself is at fault; `reason` says how to mend it."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad_input"
    reason: str = "The request cannot be understood."

    @property
    def public(self) -> str:
        """The sentence, with this case's facts."""
        return self.reason

    def data(self) -> dict[str, object]:
        """Typed facts; the sentence is not one of them."""
        return {k: v for k, v in super().data().items() if k != "reason"}


@dataclass(eq=False)
class UnsupportedType(BadInput):
    """The content is of a type the gallery does not take or cannot show."""

    status: ClassVar[int] = 415
    code: ClassVar[str] = "unsupported_type"
    found: str = "unknown"


@dataclass(eq=False)
class TooLarge(BadInput):
    """More bytes than `limit_bytes`."""

    status: ClassVar[int] = 413
    code: ClassVar[str] = "too_large"
    limit_bytes: int = 0


@dataclass(eq=False)
class TooManyPixels(BadInput):
    """More pixels, or a longer side, than `limit_px` for this format."""

    status: ClassVar[int] = 422
    code: ClassVar[str] = "too_many_pixels"
    limit_px: int = 0


@dataclass(eq=False)
class Unreadable(BadInput):
    """The bytes claim to be a picture and cannot be decoded."""

    status: ClassVar[int] = 422
    code: ClassVar[str] = "unreadable"


@dataclass(eq=False)
class Incomplete(BadInput):
    """Fewer bytes arrived than were announced."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "incomplete"


@dataclass(eq=False)
class BadDigest(BadInput):
    """The bytes are not the ones whose hash was announced."""

    status: ClassVar[int] = 422
    code: ClassVar[str] = "bad_digest"


@dataclass(eq=False)
class BadCursor(BadInput):
    """A cursor that this gallery never gave out."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad_cursor"
    reason: str = "This page marker is not valid; start again from the first page."


@dataclass(eq=False)
class BadQuery(BadInput):
    """A search that cannot be understood; `at` is the offending word."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad_query"
    at: str = ""


@dataclass(eq=False)
class BadEan(BadInput):
    """No article number: `expected` is the check digit it should end with, if that is all."""

    status: ClassVar[int] = 422
    code: ClassVar[str] = "bad_ean"
    expected: str = ""


@dataclass(eq=False)
class NotSignedIn(GalleryError):
    """Nobody is signed in and this needs somebody."""

    status: ClassVar[int] = 401
    code: ClassVar[str] = "not_signed_in"
    sentence: ClassVar[str] = "Sign in first."


@dataclass(eq=False)
class NotAllowed(GalleryError):
    """This actor may not do `verb` here."""

    status: ClassVar[int] = 403
    code: ClassVar[str] = "not_allowed"
    sentence: ClassVar[str] = "This is not allowed from here."
    verb: str = ""


@dataclass(eq=False)
class NotFound(GalleryError):
    """No such thing, or none that this actor may know of."""

    status: ClassVar[int] = 404
    code: ClassVar[str] = "not_found"
    what: str = "page"

    @property
    def public(self) -> str:
        """The sentence, with this case's facts."""
        return f"There is no such {self.what}."


@dataclass(eq=False)
class LinkTampered(NotFound):
    """A link this gallery never signed; answers exactly like any unknown link."""

    what: str = "link"


@dataclass(eq=False)
class Conflict(GalleryError):
    """The thing is not in a state where this can be done."""

    status: ClassVar[int] = 409
    code: ClassVar[str] = "conflict"
    reason: str = "This cannot be done now."

    @property
    def public(self) -> str:
        """The sentence, with this case's facts."""
        return self.reason

    def data(self) -> dict[str, object]:
        """Typed facts; the sentence is not one of them."""
        return {}


@dataclass(eq=False)
class JobRunning(Conflict):
    """The job is being worked on already."""

    code: ClassVar[str] = "job_running"
    reason: str = "This job is running already."


@dataclass(eq=False)
class StoreInUse(Conflict):
    """Another process holds the data folder."""

    code: ClassVar[str] = "store_in_use"


@dataclass(eq=False)
class Gone(GalleryError):
    """It was here and is no more."""

    status: ClassVar[int] = 410
    code: ClassVar[str] = "gone"
    sentence: ClassVar[str] = "This is no longer available."


@dataclass(eq=False)
class LinkExpired(Gone):
    """The link's time is over since `at` (UTC)."""

    code: ClassVar[str] = "link_expired"
    at: datetime | None = None

    @property
    def public(self) -> str:
        """The sentence, with this case's facts."""
        when = f" on {self.at:%Y-%m-%d %H:%M} UTC" if self.at else ""
        return f"This link expired{when}. Ask the person who sent it for a new one."


@dataclass(eq=False)
class LinkRevoked(Gone):
    """The link was withdrawn by its owner."""

    code: ClassVar[str] = "link_revoked"
    sentence: ClassVar[str] = "This link was withdrawn by the person who made it."


@dataclass(eq=False)
class LinkSpent(Gone):
    """The link was opened as often as it may be."""

    code: ClassVar[str] = "link_spent"
    limit: int = 0

    @property
    def public(self) -> str:
        """The sentence, with this case's facts."""
        return f"This link could be opened {self.limit} times and has been."


@dataclass(eq=False)
class Throttled(GalleryError):
    """Too many requests from one client; ask again after `retry_after_s`."""

    status: ClassVar[int] = 429
    code: ClassVar[str] = "throttled"
    retry_after_s: int = 60

    @property
    def public(self) -> str:
        """The sentence, with this case's facts."""
        return f"Too many requests. Try again in {self.retry_after_s} seconds."


@dataclass(eq=False)
class OutOfSpace(GalleryError):
    """The data folder's disk is full (or too full to take more)."""

    status: ClassVar[int] = 507
    code: ClassVar[str] = "out_of_space"
    sentence: ClassVar[str] = "The gallery's disk is full. Free some space and try again."


@dataclass(eq=False)
class NotReady(GalleryError):
    """The rendition is queued but was not made in the time a request may wait."""

    status: ClassVar[int] = 503
    code: ClassVar[str] = "not_ready"
    sentence: ClassVar[str] = "The picture is still being prepared. Try again in a moment."
    retry_after_s: int = 1


@dataclass(eq=False)
class Upstream(GalleryError):
    """A source failed to answer as it should."""

    status: ClassVar[int] = 502
    code: ClassVar[str] = "upstream"
    sentence: ClassVar[str] = "The source of this picture did not answer as expected."
    source: str = ""
    reason: str = ""

    @property
    def public(self) -> str:
        """The sentence of this case, or that of its kind."""
        return self.reason or self.sentence

    def data(self) -> dict[str, object]:
        """Typed facts; the sentence is not one of them."""
        return {"source": self.source}


@dataclass(eq=False)
class UpstreamTimeout(Upstream):
    """A source took too long."""

    status: ClassVar[int] = 504
    code: ClassVar[str] = "upstream_timeout"
    sentence: ClassVar[str] = "The source of this picture did not answer in time."


@dataclass(eq=False)
class UpstreamGone(Upstream):
    """The source is present but no longer offers this original."""

    status: ClassVar[int] = 404
    code: ClassVar[str] = "original_missing"
    sentence: ClassVar[str] = (
        "The original file is not where it was. Is the disk or share connected?"
    )


@dataclass(eq=False)
class UpstreamRefused(Upstream):
    """A source refused our key, or the key may not do this; somebody has to act."""

    code: ClassVar[str] = "upstream_refused"
    sentence: ClassVar[str] = "The source refused the key. Check it on the Sources page."


@dataclass(eq=False)
class UpstreamThrottled(Upstream):
    """A source asked us to wait; ask again after `retry_after_s`."""

    status: ClassVar[int] = 503
    code: ClassVar[str] = "upstream_throttled"
    sentence: ClassVar[str] = "The source asks us to wait. It is tried again by itself."
    retry_after_s: int = 60

    def data(self) -> dict[str, object]:
        """Typed facts; the sentence is not one of them."""
        return {"source": self.source, "retry_after_s": self.retry_after_s}


@dataclass(eq=False)
class Misconfigured(GalleryError):
    """The program cannot start with this setting; names it and the remedy."""

    code: ClassVar[str] = "misconfigured"
    setting: str = ""
    reason: str = ""

    @property
    def public(self) -> str:
        """The sentence, with this case's facts."""
        return f"{self.setting}: {self.reason}"
