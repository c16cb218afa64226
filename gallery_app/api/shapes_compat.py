"""How our values look to programs written before us; the forms are in `schemas_compat.py`."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from urllib.parse import quote

from gallery_app.api.shapes import Plain, address_shape, asset_shape, attribution_shape, moment
from gallery_app.api.shapes_remotes import owed_for, status_word
from gallery_app.domain.answers import KeptStats
from gallery_app.domain.entities import EntityRef
from gallery_app.domain.media import MEDIA_TYPES
from gallery_app.domain.model import Asset, Job, Metadata, Occurrence
from gallery_app.services.frames import FrameInfo
from gallery_app.services.products import ProductImages
from gallery_app.services.smart import KEPT_S
from gallery_app.services.ticket_gallery import TicketImage, TicketPage


def gallery_shape(found: TicketPage) -> Plain:
    """The pictures of a ticket, an article or a company."""
    return {
        "images": [_image(item) for item in found.items],
        "total": found.total,
        "page": found.page,
        "per_page": found.per_page,
        "waiting": found.waiting,
    }


def _image(item: TicketImage) -> Plain:
    facts = item.occurrence.remote
    origin = item.ticket or item.article
    return {
        "id": item.asset.uid,
        "ticket_id": _number(item.ticket),
        "article_id": _number(item.article),
        "company_id": _number(item.company),
        "origin": "" if origin is None else f"{origin.type} {origin.id}",
        "filename": item.filename,
        "content_type": MEDIA_TYPES.get(item.asset.media_type, MEDIA_TYPES["unknown"]).content_type,
        "created_at": _attached_at(item.occurrence),
        **address_shape(item.asset),
        "private": facts is not None and facts.private,
        "metadata": {
            "width": item.asset.size.width,
            "height": item.asset.size.height,
            "format": item.asset.media_type.upper(),
            "size_bytes": item.asset.size_bytes,
            "exif": exif(item.asset.metadata),
        },
    }


def _number(ref: EntityRef | None) -> int | None:
    """A remote's number; what is none stays out of a field that promises one."""
    return int(ref.id) if ref is not None and ref.id.isascii() and ref.id.isdigit() else None


def _attached_at(occurrence: Occurrence) -> str | None:
    if occurrence.mtime_ns <= 0:
        return moment(occurrence.first_seen)
    epoch = datetime.fromtimestamp(0, timezone.utc)
    return moment(epoch + timedelta(microseconds=occurrence.mtime_ns // 1000))


def exif(meta: Metadata) -> dict[str, str]:
    """What the picture says, by EXIF's own names and in words.

    Source: EXIF 2.32, tags of IFD0 and the Exif IFD; brief S0.
    """
    taken = None if meta.own_date is None else f"{meta.own_date:%Y:%m:%d %H:%M:%S}"
    said: dict[str, object] = {
        "DateTimeOriginal": taken,
        "Make": meta.make,
        "Model": meta.model,
        "LensModel": meta.lens,
        "ISOSpeedRatings": meta.iso,
        "FNumber": meta.f_number,
        "ExposureTime": meta.exposure_s,
        "FocalLength": meta.focal_mm,
        "Orientation": meta.orientation if meta.orientation != 1 else None,
        "Artist": meta.creator,
        "Copyright": meta.copyright,
        "Software": meta.software,
        "GPSLatitude": None if meta.gps is None else meta.gps[0],
        "GPSLongitude": None if meta.gps is None else meta.gps[1],
    }
    return {name: str(value) for name, value in said.items() if value is not None}


def fetch_shape(job: Job, ean_code: str, description: str) -> Plain:
    """The job that fetches a product's pictures."""
    return {
        "job_id": job.id,
        "status": status_word(job),
        "ean_code": ean_code,
        "description": description,
        "created_at": moment(job.created_at),
        "job_url": f"/api/v1/jobs/{job.id}",
        "image_url": f"/api/v1/images/{quote(ean_code, safe='')}",
    }


def ean_images_shape(found: ProductImages) -> Plain:
    """The pictures of a product."""
    images = [_ean_image(asset) for asset in found.assets]
    return {
        "ean_code": found.ean.shown,
        "name": found.name,
        "description": found.description,
        "primary": images[0] if images else None,
        "images": images,
    }


def _ean_image(asset: Asset) -> Plain:
    shape = asset_shape(asset)
    return {
        "id": asset.uid,
        "filename": asset.filename,
        "content_type": shape["content_type"],
        "width": asset.size.width,
        "height": asset.size.height,
        "size_bytes": asset.size_bytes,
        "url": f"/api/v1/assets/{asset.uid}/original",
        "thumbnail_url": shape["thumbnail_url"],
        "attribution": attribution_shape(owed_for(asset)),
    }


def kept_shape(kept: KeptStats) -> Plain:
    """What is kept of remotes' answers."""
    return {
        "entries": kept.entries,
        "bytes": kept.bytes,
        "hits": kept.hits,
        "misses": kept.misses,
        "oldest": moment(kept.oldest),
        "next_expiry": moment(kept.next_expiry),
        "expires_after_s": int(KEPT_S),
    }


def info_shape(info: FrameInfo) -> Plain:
    """What was made for frames."""
    return {
        "count": info.count,
        "total_bytes": info.bytes,
        "images": list(info.names),
        "newest": moment(info.newest),
    }
