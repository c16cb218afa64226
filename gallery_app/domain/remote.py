"""What a remote offers, as plain values: a connector makes them, a sync writes them down.

A **connector** lists `RemoteImage`s in batches (`Listing`), each batch with the cursor from
which a later run goes on. An **entity** is the outside thing a picture belongs to (a ticket, a
company, an article, a product, an album, a person). Times are UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from gallery_app.domain.entities import ENTITY_TYPES as ENTITY_TYPES
from gallery_app.domain.entities import Attribution as Attribution
from gallery_app.domain.entities import EntityRef as EntityRef
from gallery_app.domain.entities import EntityType as EntityType
from gallery_app.domain.entities import RemoteFacts as RemoteFacts
from gallery_app.domain.model import AssetId, Described, SourceId


@dataclass(frozen=True, slots=True)
class Said:
    """What people said of a picture at the remote; None: nothing is said there.

    A sync hands on what changed since the last one, so that the gallery's own edits stay.
    """

    favourite: bool | None = None
    rating: int | None = None  # 1..5
    caption: str | None = None
    tags: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class RemoteImage:
    """One picture as a remote lists it; nothing of its bytes was read.

    `key` is unique within the source and stays the same for ever; its grammar is told by the
    connector's docstring. `parent` is what it was listed under ("ticket/4711"). `version`
    changes when the bytes do. `picture` has facts enough to show it in the timeline before a
    byte came (its quick hash is replaced by the sync); None: only its bytes tell what it is.
    """

    key: str
    filename: str
    parent: str = ""
    content_type: str | None = None  # as the remote claims
    size_bytes: int | None = None
    created_at: datetime | None = None
    modified_at: datetime | None = None
    version: str = ""
    page: str | None = None  # where people find it at the remote
    sha1: str | None = None  # 40 hex digits of the bytes, when the remote knows them
    private: bool = False  # for the team only, never for customers
    visibility: str = ""  # who may see it at the remote, in its words
    entities: tuple[EntityRef, ...] = ()
    said: Said | None = None
    picture: Described | None = None
    placeholder: bytes | None = None  # ThumbHash
    focus: tuple[float, float] | None = None  # where the subject is, 0..1 from left and top
    attribution: Attribution | None = None
    live_video: str | None = None  # key of the moving part of a live photo


# Types whose pictures are told by `Listing.members`: a picture's own `entities` say nothing of
# them.
TOLD_BY_MEMBERS: frozenset[EntityType] = frozenset({"album"})


@dataclass(frozen=True, slots=True)
class Listing:
    """One batch of a sync; its cursor is written in one transaction with the last of it.

    `whole` names parents that were listed completely: what is known below them and is not in
    `seen` is gone. `gone_parents` are offered no more, nor anything below them. `entities`
    brings names up to date. `walked`: this ends a complete walk; what it did not meet is gone.
    `members`: exactly these keys belong to that entity now (of them, those that are known);
    entities of the types in `TOLD_BY_MEMBERS` are told so alone, and `seen` leaves them as they
    are. Keys in `gone` and `members` need not be known.
    """

    cursor: str
    seen: tuple[RemoteImage, ...] = ()
    gone: tuple[str, ...] = ()
    whole: tuple[str, ...] = ()
    gone_parents: tuple[str, ...] = ()
    entities: tuple[EntityRef, ...] = ()
    members: tuple[tuple[EntityRef, tuple[str, ...]], ...] = ()
    walking: bool = False  # `seen` is part of a complete walk
    walked: bool = False
    progress: Mapping[str, int] = field(default_factory=dict)  # counts so far, by plain words
    note: str | None = None  # a sentence for the Sources page: something may be incomplete


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a connection test, in plain words; `remedy` when it is not ok.

    `required`: without it the source cannot work; else something is only missing.
    """

    what: str
    ok: bool
    detail: str
    remedy: str = ""
    required: bool = True


@dataclass(frozen=True, slots=True)
class Findings:
    """What a connection test found; `facts` are kept with the source (version, plan...)."""

    items: tuple[Finding, ...]
    facts: Mapping[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether the source can work at all."""
        return all(item.ok for item in self.items if item.required)


class Budget(NamedTuple):
    """How much a remote lets us ask within `window_s`, as its answers tell; None: unknown."""

    limit: int | None
    remaining: int | None
    ours: int | None  # the part we allow ourselves
    window_s: int = 60  # a minute, or an hour


@dataclass(frozen=True, slots=True)
class RemoteStream:
    """Bytes on their way: `size_bytes` of what comes when announced, `total_bytes` of the whole.

    `start` is the offset of the first byte when a part was asked for.
    """

    chunks: Iterator[bytes]
    content_type: str
    size_bytes: int | None = None
    total_bytes: int | None = None
    start: int = 0


@dataclass(frozen=True, slots=True)
class RemoteConfig:
    """How a remote is reached. `secret` is never shown, logged or put into an error."""

    address: str
    secret: str = field(default="", repr=False)
    options: Mapping[str, str] = field(default_factory=dict)


# --- what the catalog remembers of it ------------------------------------------------------

# wanted: its bytes (or a preview) are still to be fetched. held: they came, or an asset had them.
# refused: they cannot be had or shown, `error` says why. gone: the remote offers it no more.
RowState = Literal["wanted", "held", "refused", "gone"]


@dataclass(frozen=True, slots=True)
class RemoteState:
    """How a source is reached and where its sync stands. `sealed` is the key, encrypted."""

    options: Mapping[str, str] = field(default_factory=dict)
    sealed: bytes | None = field(default=None, repr=False)
    cursor: str = ""
    paused: bool = False
    next_sync_at: datetime | None = None
    walked_at: datetime | None = None  # end of the last complete walk
    failures: int = 0  # in a row
    resume_at: datetime | None = None  # not asked before: the breaker is open
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RemoteRow:
    """One picture as the remote last listed it, and what became of it here."""

    source_id: SourceId
    key: str
    parent: str
    state: RowState
    filename: str
    content_type: str | None
    size_bytes: int | None
    created_at: datetime | None
    modified_at: datetime | None
    version: str
    page: str | None
    sha1: str | None
    private: bool
    visibility: str
    said: Said | None
    attribution: Attribution | None
    live_video: str | None
    focus: tuple[float, float] | None
    asset_id: AssetId | None
    listed_at: datetime  # last time the remote told of it
    fetched_at: datetime | None
    attempts: int
    run_after: datetime | None
    error: str | None  # a sentence


@dataclass(frozen=True, slots=True)
class Wanted:
    """A picture claimed for fetching; `attempts` counts the one just begun.

    `asset_id` set: the asset stands in the timeline already and waits for its preview.
    """

    source_id: SourceId
    key: str
    filename: str
    size_bytes: int | None
    created_at: datetime | None
    modified_at: datetime | None
    version: str
    sha1: str | None
    asset_id: AssetId | None
    attempts: int


class RemoteTally(NamedTuple):
    """What one batch brought: rows that were new (or back), changed, and as before."""

    new: int
    changed: int
    same: int
