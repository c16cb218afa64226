"""Who may do what, and the limits of what comes in. Pure decisions, no lookups."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, NamedTuple, Protocol

from gallery_app.domain.model import Actor, AssetId, ShareLink

Verb = Literal["view", "download", "edit", "share", "upload", "configure"]

# Source: design/reliability.md, section 4, "Pixel policy": peak bytes per pixel differ by
# format, so one limit for all would either refuse good JPEGs or admit deadly WebPs.
PIXEL_LIMITS: dict[str, int] = {
    "jpeg": 250_000_000,
    "webp": 60_000_000,
    "png": 100_000_000,
    "gif": 100_000_000,
    "tiff": 100_000_000,
    "bmp": 100_000_000,
    "avif": 100_000_000,
    "heic": 100_000_000,
    "video": 100_000_000,
}
LONGEST_SIDE_PX = 65_500
IMAGE_LIMIT_BYTES = 200_000_000
VIDEO_LIMIT_BYTES = 500_000_000
SHORTEST_LINK = timedelta(minutes=1)
LONGEST_LINK = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """What an upload may weigh, in bytes, before and after its type is known."""

    image_bytes: int = IMAGE_LIMIT_BYTES
    video_bytes: int = VIDEO_LIMIT_BYTES


class Subject(NamedTuple):
    """What a decision needs to know of an asset; an Asset itself will do as well."""

    id: AssetId
    live: bool


class _HasSubject(Protocol):
    @property
    def id(self) -> AssetId: ...

    @property
    def live(self) -> bool: ...


def may(actor: Actor, verb: Verb, asset: _HasSubject, link: ShareLink | None = None) -> bool:
    """Whether `actor` may do `verb` with `asset`.

    The administrator and the system may do everything. A link may be used to view an asset
    that it names, as long as the asset is neither in the trash nor missing.
    """
    if actor.kind in {"administrator", "system"}:
        return True
    return (
        verb in {"view", "download"}
        and link is not None
        and link.id == actor.link_id
        and asset.id in link.assets
        and asset.live
    )
