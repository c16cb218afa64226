"""The values everyone speaks in. Read this first.

An **asset** is one picture whatever its copies; its **original** is the bytes as received;
an **occurrence** is where a source offers it. Times are UTC-aware, except `Metadata.taken_at`,
which is the camera's local wall time. Sizes are px after orientation; bytes are bytes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Literal, NewType

from gallery_app.domain.entities import EntityRef, RemoteFacts
from gallery_app.domain.geometry import Size

AssetId = NewType("AssetId", int)
SourceId = NewType("SourceId", int)
JobId = NewType("JobId", int)
# 26 Crockford base32 digits of 128 random bits: the only id the outside ever sees.
Uid = NewType("Uid", str)
Sha256 = NewType("Sha256", str)  # 64 hex digits
QuickHash = NewType("QuickHash", str)  # 32 hex digits: BLAKE2b-128 of size, first and last 64 KiB

_BASE32 = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford, lower case
_PAIRS = [a + b for a in _BASE32 for b in _BASE32]  # two digits a step: a listing has 100 of them
_SHIFTS = tuple(range(120, -1, -10))
_BASE32_VALUE = {digit: value for value, digit in enumerate(_BASE32)}


@lru_cache(8192)
def uid_from_bytes(raw: bytes) -> Uid:
    """The Uid of 16 random bytes: 26 digits, most significant first.

    Source: Crockford's Base 32, as ULID writes 128 bits.
    """
    number = int.from_bytes(raw, "big")
    return Uid("".join([_PAIRS[(number >> shift) & 1023] for shift in _SHIFTS]))


@lru_cache(8192)
def uid_to_bytes(uid: str) -> bytes | None:
    """The 16 bytes of a Uid, or None when the text is not exactly one that we write."""
    if len(uid) != 26:
        return None
    number = 0
    for digit in uid:
        value = _BASE32_VALUE.get(digit)
        if value is None:
            return None
        number = number << 5 | value
    return number.to_bytes(16, "big") if number < 1 << 128 else None


# --- what a file says of itself -----------------------------------------------------------

# Which field gave the date, best first; "file" is the file's own modification time.
TakenFrom = Literal["exif", "xmp", "iptc", "png", "container", "gps", "name", "remote", "file"]


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the gallery keeps of EXIF, XMP and IPTC, normalised. Absent means unknown.

    `taken_at` is naive local wall time; `offset_minutes` east of UTC when known. `taken_field`
    is the exact tag ("ExifIFD:DateTimeOriginal") and `taken_from` its family.
    """

    taken_at: datetime | None = None
    taken_from: TakenFrom | None = None
    taken_field: str | None = None
    offset_minutes: int | None = None
    make: str | None = None
    model: str | None = None
    lens: str | None = None
    iso: int | None = None
    f_number: float | None = None
    exposure_s: float | None = None
    focal_mm: float | None = None
    gps: tuple[float, float] | None = None  # degrees north, degrees east
    altitude_m: float | None = None
    orientation: int = 1  # as stored, 1..8
    rating: int | None = None  # 0..5
    title: str | None = None
    caption: str | None = None
    keywords: tuple[str, ...] = ()
    place: str | None = None  # "Sublocation, City, Region, Country" as far as the file says
    creator: str | None = None
    copyright: str | None = None
    software: str | None = None

    @property
    def own_date(self) -> datetime | None:
        """`taken_at` if the picture itself tells it: not its file's name or time, nor a remote."""
        return None if self.taken_from in {None, "file", "name", "remote"} else self.taken_at

    @property
    def camera(self) -> str | None:
        """Make and model as one name, the make not said twice ("Canon EOS 6D")."""
        make, model = (self.make or "").strip(), (self.model or "").strip()
        if not model:
            return make or None
        if not make or model.casefold().startswith(make.casefold().split()[0]):
            return model
        return f"{make} {model}"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an original cannot be shown (or only in part): a stable code and a sentence.

    Codes: unsupported, unreadable, truncated, too_large, too_many_pixels, denied, timeout,
    crashed, out_of_memory, missing.
    """

    code: str
    sentence: str


@dataclass(frozen=True, slots=True)
class Described:
    """What a file's head tells: enough to stand in the timeline at once.

    `size` is px after orientation, (0, 0) when unknown. `colour` is 0xRRGGBB from an embedded
    thumbnail, None without one. `problem` set: it can be listed and downloaded, not shown.
    """

    media_type: str  # a code of domain.media.MEDIA_TYPES
    size: Size
    size_bytes: int
    mtime_ns: int
    quick_hash: QuickHash
    metadata: Metadata
    colour: int | None = None
    animated: bool = False
    duration_s: float | None = None
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class NotAPicture:
    """A file that is no picture by content and does not claim to be one by name."""

    size_bytes: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Processed:
    """What one read and one decode of a whole original give.

    `renditions` maps spec name to encoded bytes. `phash` is 64 bit, unsigned. `placeholder`
    is a ThumbHash of at most 25 bytes. `truncated`: shown as far as the file goes.
    """

    sha256: Sha256
    size_bytes: int
    mtime_ns: int
    size: Size
    phash: int
    colour: int
    placeholder: bytes
    renditions: dict[str, bytes]
    sha1: str | None = None
    truncated: bool = False
    animated: bool = False


# --- assets -------------------------------------------------------------------------------

# described: in the timeline, renditions to come. ready: first renditions made.
# unreadable: listed with its reason, offered for download. missing: no original to be found.
Status = Literal["described", "ready", "unreadable", "missing"]


@dataclass(frozen=True, slots=True)
class Location:
    """Where the bytes of an original lie, in exactly one of two forms.

    In place: `source_id` and `key` of an occurrence. Stored: `stored_key` in `originals/`.
    """

    source_id: SourceId | None = None
    key: str | None = None
    stored_key: str | None = None


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Where a source offers an asset.

    `key` is the source's own name for it: for a folder the relative path with `/`; for uploads
    the file name it arrived under. `remote` is None unless the source is a remote; `entities` are
    what the picture belongs to, as this source says or as was found in its name or the picture.
    """

    source_id: SourceId
    key: str
    size_bytes: int
    mtime_ns: int
    inode: int
    first_seen: datetime
    gone_at: datetime | None = None
    remote: RemoteFacts | None = None
    entities: tuple[EntityRef, ...] = ()


@dataclass(frozen=True, slots=True)
class Asset:
    """One picture, whole: the original's facts, what the file says, what the user said.

    `title`, `caption`, `rating`, `tags`, `alt_text`, `favourite` are effective values: the
    user's where there is one, else the file's.
    """

    id: AssetId
    uid: Uid
    filename: str
    media_type: str
    size: Size
    size_bytes: int
    status: Status
    metadata: Metadata
    taken_at: datetime  # naive local; from the file's time where nothing else says
    added_at: datetime  # UTC
    quick_hash: QuickHash
    sha256: Sha256 | None = None
    sha1: str | None = None
    phash: int | None = None
    colour: int | None = None
    placeholder: bytes | None = None
    animated: bool = False
    duration_s: float | None = None
    truncated: bool = False
    version: int = 0  # raised whenever the picture itself changes
    problem: Problem | None = None
    title: str | None = None
    caption: str | None = None
    alt_text: str | None = None
    rating: int | None = None
    favourite: bool = False
    tags: tuple[str, ...] = ()
    trashed_at: datetime | None = None
    occurrences: tuple[Occurrence, ...] = ()
    stored: bool = False  # the bytes also lie in our own `originals/`
    entities: tuple[EntityRef, ...] = ()  # of its live occurrences, each once per source
    remote: bool = False  # only remotes have its bytes

    @property
    def live(self) -> bool:
        """Whether it belongs in the timeline: not trashed and not missing."""
        return self.trashed_at is None and self.status != "missing"

    @property
    def private(self) -> bool:
        """Whether only the team may see it: all that offer it say so, or did when they last did."""
        live = [o for o in self.occurrences if o.gone_at is None]
        offers = [o.remote for o in live or self.occurrences]
        return bool(offers) and all(facts is not None and facts.private for facts in offers)


# --- sources, jobs, links ------------------------------------------------------------------

SourceState = Literal["online", "scanning", "offline", "attention"]
SourceKind = Literal["folder", "uploads", "immich", "freshdesk", "products"]


@dataclass(frozen=True, slots=True)
class Source:
    """A configured origin. `address` is a folder's absolute path, "" for uploads, else a URL.

    `waiting`, `held` and `refused` count a remote's pictures: still to be fetched, here, and not
    to be had.
    """

    id: SourceId
    kind: SourceKind
    name: str
    address: str
    state: SourceState
    added_at: datetime
    last_scan_at: datetime | None = None
    last_scan_s: float | None = None
    error: str | None = None  # a sentence with the remedy
    removed_at: datetime | None = None
    assets: int = 0
    problems: int = 0
    paused: bool = False
    next_sync_at: datetime | None = None
    resume_at: datetime | None = None  # not asked before
    failures: int = 0  # of syncs, in a row
    options: Mapping[str, str] = field(default_factory=dict)  # never a secret
    facts: Mapping[str, str] = field(default_factory=dict)  # version, plan...
    waiting: int = 0
    refused: int = 0
    held: int = 0


JobState = Literal["ready", "running", "done", "failed"]


@dataclass(frozen=True, slots=True)
class Job:
    """A stored unit of work. `subject` says in words what it is about (a path, a file name)."""

    id: JobId
    kind: str  # scan, render, sync, product, push, fetch (one picture's failure)
    dedup_key: str
    subject: str
    state: JobState
    attempts: int
    created_at: datetime
    updated_at: datetime
    run_after: datetime | None = None
    lease_until: datetime | None = None
    priority: int = 0
    payload: dict[str, object] = field(default_factory=dict)
    progress: dict[str, int] = field(default_factory=dict)
    error: str | None = None
    asset_uid: Uid | None = None


@dataclass(frozen=True, slots=True)
class ShareLink:
    """A stored, revocable grant that issues signed links for fixed assets and one rendition."""

    id: str  # 16 Crockford base32 digits of 80 random bits
    assets: tuple[AssetId, ...]
    rendition: str  # a spec name, or "original"
    created_at: datetime
    expires_at: datetime
    note: str = ""
    max_views: int | None = None
    views: int = 0
    bytes_sent: int = 0
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None
    expiry_seen: bool = False  # once seen expired it stays so, even if the clock goes back

    def state(self, now: datetime) -> Literal["active", "expired", "revoked", "spent"]:
        """What the link is worth at `now` (UTC)."""
        if self.revoked_at is not None:
            return "revoked"
        if self.expiry_seen or now >= self.expires_at:
            return "expired"
        if self.max_views is not None and self.views >= self.max_views:
            return "spent"
        return "active"


@dataclass(frozen=True, slots=True)
class Download:
    """An audited act of bytes leaving by a link, or of them not leaving (`refused`)."""

    at: datetime
    link_id: str | None
    asset_id: AssetId | None
    rendition: str
    bytes: int
    client: str
    refused: str | None = None  # the error code of a refusal


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. The person at a loopback address without accounts is the administrator."""

    kind: Literal["administrator", "link", "system"]
    link_id: str | None = None
