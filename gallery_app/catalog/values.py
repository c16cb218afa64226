"""What goes into the catalog and what comes out beside the domain's own values.

Small frozen values only; the room's `__init__` offers them to the services.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final, NamedTuple

from gallery_app.domain.model import AssetId, Described, Location, Sha256, Status, Uid


class Unset(Enum):
    """The type of UNSET: a field nobody spoke about, as opposed to one set to nothing."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET


@dataclass(frozen=True, slots=True)
class NewAsset:
    """An asset to insert: what `describe` found, under the name and time to show."""

    filename: str
    described: Described
    taken_at: datetime  # naive local
    added_at: datetime  # UTC
    stored_key: str | None = None
    sha256: Sha256 | None = None
    sha1: str | None = None
    placeholder: bytes | None = None
    remote: bool = False  # only a remote has its bytes


@dataclass(frozen=True, slots=True)
class SeenOccurrence:
    """A file as a source offers it now; `asset_id` None: looked at, not a picture."""

    key: str
    asset_id: AssetId | None
    size_bytes: int
    mtime_ns: int
    inode: int


@dataclass(frozen=True, slots=True)
class Changes:
    """What the user says about assets; UNSET leaves a field, None gives it back to the file."""

    title: str | Unset | None = UNSET
    caption: str | Unset | None = UNSET
    alt_text: str | Unset | None = UNSET
    rating: int | Unset | None = UNSET
    favourite: bool | Unset = UNSET
    add_tags: Sequence[str] = ()
    remove_tags: Sequence[str] = ()
    set_tags: Sequence[str] | Unset = UNSET


class Known(NamedTuple):
    """What the catalog remembers of one file of a source, to tell whether it changed."""

    size_bytes: int
    mtime_ns: int
    inode: int
    asset_id: AssetId | None
    gone: bool


class Serving(NamedTuple):
    """What answering a request for an asset's bytes needs to know, and no more.

    `sha256` names its renditions; of a remote's asset it is the stand-in given to its preview.
    """

    id: AssetId
    sha256: Sha256 | None
    version: int
    status: Status
    media_type: str
    filename: str
    trashed: bool
    remote: bool = False  # only remotes have its bytes


@dataclass(frozen=True, slots=True)
class Pending:
    """An asset waiting for its first renditions; `attempts` counts the one just begun."""

    id: AssetId
    uid: Uid
    filename: str
    attempts: int
    media_type: str
    locations: tuple[Location, ...]
