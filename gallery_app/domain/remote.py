"""What a remote offers, as plain values: a connector makes them, a sync writes them down.

A **connector** lists `RemoteImage`s in batches (`Listing`), each batch with the cursor from
which a later run goes on. An **entity** is the outside thing a picture belongs to (a ticket, a
company, an article, a product, an album, a person). Times are UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple, get_args

from gallery_app.domain.model import Described

EntityType = Literal["ticket", "company", "requester", "article", "product", "album", "person"]
ENTITY_TYPES: tuple[EntityType, ...] = get_args(EntityType)


@dataclass(frozen=True, slots=True)
class EntityRef:
    """One outside thing: `id` is the remote's own, `name` what people call it.

    `url` is its page for people, where the remote has one. A product's id is its GTIN as 14
    digits.
    """

    type: EntityType
    id: str
    name: str = ""
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Attribution:
    """Whom a picture is owed to: shown wherever it is shown."""

    source: str  # "Open Food Facts"
    page: str | None = None
    licence: str | None = None  # "CC BY-SA 3.0"; None: unknown
    creator: str | None = None


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
    """One batch of a sync, to be written in one transaction together with its cursor.

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
    """How much a remote lets us ask, per minute, as learned from its answers; None: unknown."""

    limit: int | None
    remaining: int | None
    ours: int | None  # the part we allow ourselves


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
