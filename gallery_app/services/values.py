"""What services answer with, where the domain has no word for it: bytes, files, verdicts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from gallery_app.domain.errors import GalleryError
from gallery_app.domain.model import Asset, ShareLink, Uid


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

    content: Bytes | File | LinkPage
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
