"""What the index answers with: pages, facets, the grid's timeline, places and counts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from gallery_app.domain.entities import EntityRef
from gallery_app.domain.model import Asset, SourceId, Uid


@dataclass(frozen=True, slots=True)
class Page:
    """Some assets in the query's order; `total` counts all that match."""

    items: tuple[Asset, ...]
    total: int
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value a filter can take, and how many of the matching assets have it."""

    value: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class Facets:
    """Counts per filter, each counted as if that filter itself were not set.

    `names` in order: type, camera, year, source, tag, orientation, size, rating, then the types
    of entities, whose values are their ids.
    """

    total: int
    names: dict[str, tuple[FacetValue, ...]]


@dataclass(frozen=True, slots=True)
class Timeline:
    """The columns of the grid's buckets, in the query's order.

    For sort by taken a bucket is a month ("2016-07"), a big one is split in parts
    ("2016-07~1"); for other sorts a run of at most 2,000 ("p0", "p1", ...) with a label.
    `ratios` are sums of width/height; `days` how many distinct days a month has; `stamps`
    (u32) differ when anything a tile shows has changed.
    """

    revision: int
    total: int
    keys: tuple[str, ...]
    labels: tuple[str, ...]
    counts: tuple[int, ...]
    ratios: tuple[float, ...]
    days: tuple[int, ...]
    stamps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Coming:
    """How many of a remote's pictures are yet to be fetched, and how many are here.

    `state`: coming, resting (left alone for now, as it does not answer), or stopped until a
    person says otherwise.
    """

    source_id: SourceId
    waiting: int
    held: int
    state: Literal["coming", "resting", "stopped"] = "coming"


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the indexing stands, over all sources.

    `failed` is how many pictures cannot be shown now, `remaining` what is still to do; the other
    counts are since the program started.
    """

    found: int = 0
    described: int = 0
    rendered: int = 0
    failed: int = 0
    remaining: int = 0
    per_second: float = 0.0
    scanning: bool = False
    paused_for: str | None = None  # e.g. a full disk, as a sentence


@dataclass(frozen=True, slots=True)
class Label:
    """What a screen reader is told of one tile of a bucket."""

    uid: Uid
    filename: str
    taken_at: datetime
    place: str | None
    title: str | None
    alt_text: str | None


@dataclass(frozen=True, slots=True)
class Located:
    """Where an asset stands in a query's answer: its bucket, index there, position over all."""

    bucket: str
    index: int
    position: int


@dataclass(frozen=True, slots=True)
class FolderEntry:
    """One folder below another: `path` from the source's root, counts of what lies below it."""

    path: str
    name: str
    assets: int  # live assets in it and everywhere below
    folders: int  # folders directly in it


@dataclass(frozen=True, slots=True)
class EntityCount:
    """One entity of one source, with what the timeline has of it."""

    source_id: SourceId
    ref: EntityRef
    assets: int
    cover: Uid | None = None  # its newest picture
    latest: datetime | None = None  # when that one was taken, naive local


@dataclass(frozen=True, slots=True)
class KeptStats:
    """What is kept of remotes' answers; hits and misses are since the program started."""

    entries: int
    bytes: int
    hits: int
    misses: int
    oldest: datetime | None = None
    next_expiry: datetime | None = None


@dataclass(frozen=True, slots=True)
class ProductRow:
    """One article number somebody asked for, and what was found."""

    gtin: str  # 14 digits
    given: str  # as it was typed
    name: str
    description: str
    asked_at: datetime
    looked_at: datetime | None  # when the databases were last asked to an end; None: not yet
    found: int  # pictures they had then
    partial: bool = False  # one of them had not answered: there may be more
    assets: int = 0  # live assets of this product, whatever source says so
    cover: Uid | None = None
