"""What services answer with, where the domain has no word for it: bytes, files, verdicts."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal

from gallery_app.connectors.base import Field
from gallery_app.domain.errors import GalleryError
from gallery_app.domain.model import Asset, Job, ShareLink, Source, Uid
from gallery_app.domain.remote import Budget, RemoteStream


@dataclass(frozen=True, slots=True)
class Bytes:
    """A rendition, whole in memory. `version` is the asset's: addresses with it never change."""

    data: bytes
    content_type: str
    etag: str
    version: int


@dataclass(frozen=True, slots=True)
class File:
    """An original on disk, to be read in pieces. `inline`: a browser may show it itself."""

    path: Path
    size_bytes: int
    content_type: str
    filename: str
    inline: bool
    etag: str


@dataclass(frozen=True, slots=True)
class Streamed:
    """An original that lies at a remote: its bytes are passed through as they come.

    `open(start, end)` asks for it, or for a part of it (both inclusive, None: to its end), and
    gives a context whose stream must be read within it, in a thread. `size_bytes` None: not
    known before it comes. `content_type` is the catalog's, never the remote's word.
    """

    open: Callable[[int | None, int | None], AbstractContextManager[RemoteStream]]
    size_bytes: int | None
    content_type: str
    filename: str
    inline: bool
    etag: str


@dataclass(frozen=True, slots=True)
class PageItem:
    """One picture of a link's page: its own signed address, and that of its preview."""

    url: str
    preview_url: str
    width: int
    height: int
    number: int


@dataclass(frozen=True, slots=True)
class LinkPage:
    """The page of a link over several pictures; it names no file and no place."""

    link: ShareLink
    items: tuple[PageItem, ...]


@dataclass(frozen=True, slots=True)
class Opened:
    """What a signed link led to, and when it ends (UTC)."""

    content: Bytes | File | Streamed | LinkPage
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class NewLink:
    """A link just made: its address, and plain warnings about what it does not do."""

    link: ShareLink
    url: str
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LinkView:
    """A link as its owner sees it: address, state and the pictures it names."""

    link: ShareLink
    url: str
    state: Literal["active", "expired", "revoked", "spent"]
    assets: tuple[tuple[Uid, str], ...]  # uid and file name, at most the first 12
    asset_count: int


@dataclass(frozen=True, slots=True)
class Received:
    """The verdict on an upload: the asset, and whether these bytes were new."""

    asset: Asset
    created: bool


@dataclass(frozen=True, slots=True)
class RemoteKind:
    """One kind of remote that can be connected, and the form that connects it.

    `fields` are a form's lines in order: "address" and "key" are what `RemoteBook.add` takes
    under these names, every other one is an option. `copies`: originals are copied to the store.
    """

    kind: str
    title: str
    fields: tuple[Field, ...]
    copies: bool
    guide: str


@dataclass(frozen=True, slots=True)
class FetchRest:
    """Why no pictures are fetched from a remote for now, and until when (UTC).

    `failures`: so many in a row; 0: patience was asked for.
    """

    error: str
    until: datetime
    failures: int


@dataclass(frozen=True, slots=True)
class RemoteView:
    """A connected remote as its card shows it; no secret is in here but the hook's token.

    `options` hold every field's value (the default where nothing was said) but secret ones,
    which are named in `secrets_set` when there is one. `progress` are the counts of the sync
    under way, or of the last one.
    """

    source: Source
    kind: RemoteKind
    options: Mapping[str, str] = field(default_factory=dict)
    has_key: bool = False
    secrets_set: tuple[str, ...] = ()
    budget: Budget | None = None
    can_search: bool = False
    can_upload: bool = False
    hook_url: str | None = None
    hook_token: str | None = field(default=None, repr=False)
    job: Job | None = None  # the sync that runs or waits
    progress: Mapping[str, int] = field(default_factory=dict)
    resting: FetchRest | None = None
    asks_belief: bool = False  # much is missing: `sync_now(believe_loss=True)` confirms


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What a batch did: each uid is in exactly one of the two."""

    done: tuple[Uid, ...]
    failed: tuple[tuple[str, GalleryError], ...]


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a health report: `remedy` says what to do when it is not ok."""

    name: str
    ok: bool
    required: bool
    detail: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Health:
    """Whether every required part works, and each part's line."""

    ok: bool
    checks: tuple[Check, ...]
