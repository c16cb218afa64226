"""An asset as Immich lists it -> the picture the gallery keeps. Pure.

Start at `picture_of`. What a version does not tell stays unknown; nothing here raises.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from gallery_app.connectors.immich.models import AssetSeen, Exif
from gallery_app.domain.entities import EntityRef
from gallery_app.domain.geometry import Size, middle_of
from gallery_app.domain.media import MEDIA_TYPES
from gallery_app.domain.model import Described, Metadata, QuickHash
from gallery_app.domain.remote import RemoteImage, Said

_PLACEHOLDER_BYTES = 25  # of a ThumbHash, at most
_FARTHEST = timedelta(hours=16)  # of a wall clock from UTC
_TURNED = range(5, 9)  # orientations that exchange width and height

_BY_MIME = {media.content_type: code for code, media in MEDIA_TYPES.items()} | {
    "image/jpg": "jpeg",
    "image/pjpeg": "jpeg",
    "image/heif": "heic",
    "image/heic-sequence": "heic",
    "image/heif-sequence": "heic",
    "image/avif-sequence": "avif",
    "image/tif": "tiff",
    "image/x-ms-bmp": "bmp",
    "image/x-icon": "ico",
    "image/jpx": "jp2",
    "image/jpm": "jp2",
    "image/jj2": "jp2",
    "image/psd": "psd",
    "image/x-photoshop": "psd",
    "image/svg": "svg",
}
_BY_EXTENSION = {media.extension: code for code, media in MEDIA_TYPES.items()} | {
    **dict.fromkeys("jpeg jpe jfif mpo".split(), "jpeg"),
    **dict.fromkeys("heif heics heifs hif".split(), "heic"),
    **dict.fromkeys("tif".split(), "tiff"),
    **dict.fromkeys(
        "mov m4v avi mkv webm 3gp 3gpp mpg mpeg mts m2ts wmv flv insv mp".split(), "video"
    ),
    **dict.fromkeys(
        "dng cr2 cr3 crw nef nrw arw sr2 srf raf rw2 rwl orf ori pef srw x3f erf fff iiq 3fr dcr "
        "k25 kdc mrw cap ari cin".split(),
        "raw",
    ),
    "insp": "jpeg",
    "psb": "psd",
    "j2k": "jp2",
    "svgz": "svg",
    "dib": "bmp",
}
# Immich calls raw pictures image/ARW, image/x-canon-cr2, image/dng...: whatever follows is the
# maker's own extension.
_RAW_EXTENSIONS = frozenset(e for e, code in _BY_EXTENSION.items() if code == "raw")


@dataclass(frozen=True, slots=True)
class Site:
    """Where people find things at this server."""

    base: str  # "https://photos.example.org", without "/api"

    def asset(self, key: str) -> str:
        """A picture's page."""
        return f"{self.base}/photos/{key}"

    def album(self, key: str) -> str:
        """An album's page."""
        return f"{self.base}/albums/{key}"

    def person(self, key: str) -> str:
        """A person's page."""
        return f"{self.base}/people/{key}"


def is_picture(asset: AssetSeen) -> bool:
    """Whether it is a picture or a video (Immich also knows AUDIO and OTHER)."""
    return asset.type in {"IMAGE", "VIDEO", ""}


def is_shown(asset: AssetSeen) -> bool:
    """Whether it belongs in a gallery: neither part of another, nor locked away, nor trashed."""
    return asset.visibility in {"timeline", "archive"} and asset.trashed is not True


def picture_of(asset: AssetSeen, site: Site, *, tags: Sequence[str] | None = None) -> RemoteImage:
    """The picture of that asset.

    Args:
        asset: as listed.
        site: of the server.
        tags: of the asset; None: nothing is known of them.
    """
    exif = asset.exif
    code = media_code(asset)
    filename = asset.filename or f"{asset.id}.{MEDIA_TYPES[code].extension}"
    faces = [face for person in asset.people for face in person.faces]
    return RemoteImage(
        key=asset.id,
        filename=filename,
        content_type=asset.mime,
        size_bytes=exif.size_bytes,
        created_at=asset.created_at,
        modified_at=asset.modified_at,
        version=f"{asset.checksum}:{asset.thumbhash}:{'edited' if asset.edited else ''}",
        page=site.asset(asset.id),
        sha1=sha1_of(asset),
        visibility=asset.visibility,
        entities=tuple(
            EntityRef("person", person.id, person.name, site.person(person.id))
            for person in asset.people
            if person.id and person.name and not person.hidden
        ),
        said=Said(
            favourite=asset.favourite,
            rating=exif.rating,
            caption=exif.description,
            tags=asset.tags if tags is None else tuple(tags),
        ),
        picture=_described(asset, code),
        placeholder=placeholder_of(asset.thumbhash),
        focus=middle_of(faces),
        live_video=asset.live_video,
    )


def sha1_of(asset: AssetSeen) -> str | None:
    """The SHA-1 of the bytes; None when what Immich has is only that of a path.

    Files of external libraries have sha1("path:" + path) as their checksum.
    """
    if asset.library is not None:
        return None
    raw = _base64(asset.checksum)
    return raw.hex() if raw is not None and len(raw) == 20 else None


def placeholder_of(thumbhash: str) -> bytes | None:
    """The ThumbHash's bytes; None when it is none."""
    raw = _base64(thumbhash) if thumbhash else None
    return raw if raw is not None and 5 <= len(raw) <= _PLACEHOLDER_BYTES else None


def media_code(asset: AssetSeen) -> str:
    """The gallery's word for its type, by what Immich says and else by the name."""
    mime = (asset.mime or "").partition(";")[0].strip().lower()
    if mime.startswith("video/") or asset.type == "VIDEO":
        return "video"
    code = _BY_MIME.get(mime)
    if code is None:
        tail = mime.rpartition("/")[2].rpartition("-")[2]
        code = "raw" if tail in _RAW_EXTENSIONS else None
    if code is None or code == "unknown":
        code = _BY_EXTENSION.get(asset.filename.rpartition(".")[2].lower(), "unknown")
    return code


def offset_minutes(asset: AssetSeen) -> int | None:
    """How far the camera's clock was east of UTC; None when nobody knows.

    Immich writes the wall time as if it were UTC: the difference is the offset. Without a zone
    in the file both are the same, which says nothing.
    """
    if asset.taken_at is None or asset.local_time is None or asset.taken_at.tzinfo is None:
        return None
    utc = asset.taken_at.replace(tzinfo=None) - (asset.taken_at.utcoffset() or timedelta())
    apart = asset.local_time - utc
    if abs(apart) > _FARTHEST or apart % timedelta(minutes=1):
        return None
    minutes = round(apart.total_seconds() / 60)
    return minutes if minutes or asset.exif.time_zone is not None else None


def _described(asset: AssetSeen, code: str) -> Described:
    exif = asset.exif
    moment = asset.modified_at or asset.taken_at or asset.created_at
    return Described(
        media_type=code,
        size=_size(asset),
        size_bytes=exif.size_bytes or 0,
        mtime_ns=0 if moment is None else _ns(moment),
        quick_hash=QuickHash(""),
        metadata=_metadata(asset, exif),
        animated=code in {"gif", "webp", "png", "avif"} and asset.duration_s is not None,
        duration_s=asset.duration_s if code == "video" else None,
    )


def _metadata(asset: AssetSeen, exif: Exif) -> Metadata:
    taken, told_by = asset.local_time, "localDateTime"
    if taken is None and asset.taken_at is not None:
        taken, told_by = asset.taken_at.replace(tzinfo=None), "fileCreatedAt"
    place = ", ".join(part for part in (exif.city, exif.state, exif.country) if part)
    gps = None
    if exif.latitude is not None and exif.longitude is not None:
        gps = (exif.latitude, exif.longitude)
    return Metadata(
        taken_at=taken,
        taken_from="remote" if taken is not None else None,
        taken_field=told_by if taken is not None else None,
        offset_minutes=offset_minutes(asset),
        make=exif.make,
        model=exif.model,
        lens=exif.lens,
        iso=exif.iso,
        f_number=exif.f_number,
        exposure_s=exif.exposure_s,
        focal_mm=exif.focal_mm,
        gps=gps,
        orientation=exif.orientation,
        place=place or None,
    )


def _size(asset: AssetSeen) -> Size:
    """Size as shown: from the asset (2.5 and above), else from EXIF, which is as stored."""
    if asset.width and asset.height:
        return Size(asset.width, asset.height)
    exif = asset.exif
    if not exif.width or not exif.height:
        return Size(0, 0)
    if exif.orientation in _TURNED:
        return Size(exif.height, exif.width)
    return Size(exif.width, exif.height)


def _ns(moment: datetime) -> int:
    return max(0, int(moment.timestamp() * 1000)) * 1_000_000


def _base64(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True) if text else None
    except (binascii.Error, ValueError):
        return None
