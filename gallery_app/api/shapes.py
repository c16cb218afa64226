"""How the domain's values look in JSON: plain dictionaries, one function a value.

The promised forms are the models in `schemas.py` and `schemas_more.py`. Everything the outside
sees of a value is decided here, so nothing can slip out by being added to a row.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

from gallery_app.domain.answers import Facets, Label, Timeline
from gallery_app.domain.entities import Attribution, EntityRef
from gallery_app.domain.media import MEDIA_TYPES
from gallery_app.domain.model import Asset, Download, Metadata, Occurrence, Source
from gallery_app.domain.renditions import RENDITIONS
from gallery_app.services.values import Health, LinkView

Plain = dict[str, object]


def asset_shape(asset: Asset) -> Plain:
    """One asset as listings show it."""
    kind = MEDIA_TYPES.get(asset.media_type, MEDIA_TYPES["unknown"])
    meta = asset.metadata
    can_show = asset.status in {"described", "ready"}
    base = f"/api/v1/assets/{asset.uid}"
    return {
        "id": asset.uid,
        "filename": asset.filename,
        "content_type": kind.content_type,
        "type": asset.media_type,
        "width": asset.size.width,
        "height": asset.size.height,
        "size_bytes": asset.size_bytes,
        "taken_at": wall_time(asset.taken_at, meta.offset_minutes),
        "added_at": moment(asset.added_at),
        "camera": meta.camera,
        "lens": meta.lens,
        "gps": _gps(meta.gps),
        "rating": asset.rating,
        "favourite": asset.favourite,
        "title": asset.title,
        "caption": asset.caption,
        "alt_text": asset.alt_text,
        "tags": list(asset.tags),
        "colour": None if asset.colour is None else f"#{asset.colour:06x}",
        "placeholder": _base64(asset.placeholder),
        "sha256": asset.sha256,
        "perceptual_hash": None if asset.phash is None else f"{asset.phash & (1 << 64) - 1:016x}",
        "status": asset.status,
        "reason": None if asset.problem is None else asset.problem.sentence,
        "problem": None
        if asset.problem is None
        else {"code": asset.problem.code, "sentence": asset.problem.sentence},
        "source": _first_source(asset),
        "entities": _entities(asset),
        "private": asset.private,
        "remote": asset.remote,
        "version": asset.version,
        "animated": asset.animated,
        "truncated": asset.truncated,
        "duration_s": asset.duration_s,
        "trashed_at": moment(asset.trashed_at),
        "preview_url": f"{base}/renditions/large?v={asset.version}" if can_show else None,
        **address_shape(asset),
    }


def address_shape(asset: Asset) -> Plain:
    """Where a picture's thumbnail and its original are, for whoever may read the listing."""
    base = f"/api/v1/assets/{asset.uid}"
    can_show = asset.status in {"described", "ready"}
    return {
        "thumbnail_url": f"{base}/renditions/small?v={asset.version}" if can_show else None,
        "full_url": f"{base}/original" if asset.status != "missing" else None,
    }


def asset_whole_shape(asset: Asset, sources: Mapping[int, Source]) -> Plain:
    """One asset with all that is known of it; `sources` by number, those in use."""
    can_show = asset.status in {"described", "ready"}
    return {
        **asset_shape(asset),
        "metadata": _metadata(asset.metadata),
        "occurrences": [_occurrence(o, sources) for o in asset.occurrences],
        "renditions": {
            name: {
                "url": f"/api/v1/assets/{asset.uid}/renditions/{name}?v={asset.version}",
                "content_type": spec.content_type,
                "box_width": spec.box.width,
                "box_height": spec.box.height,
            }
            for name, spec in RENDITIONS.items()
        }
        if can_show
        else {},
    }


def facets_shape(facets: Facets) -> Plain:
    """Counts per filter."""
    return {
        "total": facets.total,
        "facets": {
            name: [{"value": v.value, "label": v.label, "count": v.count} for v in values]
            for name, values in facets.names.items()
        },
    }


def timeline_shape(timeline: Timeline) -> Plain:
    """The buckets in columns; sums of ratios to a thousandth, which no row of tiles can see."""
    return {
        "revision": timeline.revision,
        "total": timeline.total,
        "keys": list(timeline.keys),
        "labels": list(timeline.labels),
        "counts": list(timeline.counts),
        "ratios": [round(ratio, 3) for ratio in timeline.ratios],
        "days": list(timeline.days),
        "stamps": list(timeline.stamps),
    }


def labels_shape(labels: list[Label]) -> Plain:
    """What a screen reader is told, in columns."""
    return {
        "uid": [label.uid for label in labels],
        "name": [label.title or label.filename for label in labels],
        "taken": [label.taken_at.isoformat(timespec="seconds") for label in labels],
        "place": [label.place for label in labels],
        "alt": [label.alt_text for label in labels],
    }


def link_shape(view: LinkView) -> Plain:
    """A link as its owner sees it."""
    link = view.link
    return {
        "id": link.id,
        "url": view.url,
        "state": view.state,
        "rendition": link.rendition,
        "created_at": moment(link.created_at),
        "expires_at": moment(link.expires_at),
        "revoked_at": moment(link.revoked_at),
        "last_used_at": moment(link.last_used_at),
        "hits": link.views,
        "bytes_sent": link.bytes_sent,
        "max_views": link.max_views,
        "note": link.note,
        "assets": [{"uid": uid, "filename": name} for uid, name in view.assets],
        "asset_count": view.asset_count,
    }


def hit_shape(hit: Download, uids: Mapping[int, str]) -> Plain:
    """One opening or refusal of a link; `uids` knows the assets by their inner number."""
    return {
        "at": moment(hit.at),
        "uid": None if hit.asset_id is None else uids.get(hit.asset_id),
        "rendition": hit.rendition,
        "bytes": hit.bytes,
        "client": hit.client,
        "refused": hit.refused,
    }


def health_shape(health: Health, *, details: bool) -> Plain:
    """The health report; strangers learn what works, not the names and sizes behind it."""
    return {
        "status": "ok" if health.ok else "failing",
        "checks": {
            check.name: {
                "ok": check.ok,
                "required": check.required,
                "detail": check.detail if details else "",
                "remedy": check.remedy if details else "",
            }
            for check in health.checks
        },
    }


def _metadata(meta: Metadata) -> Plain:
    return {
        "taken_at": None if meta.taken_at is None else meta.taken_at.isoformat(),
        "taken_from": meta.taken_from,
        "taken_field": meta.taken_field,
        "offset_minutes": meta.offset_minutes,
        "make": meta.make,
        "model": meta.model,
        "lens": meta.lens,
        "iso": meta.iso,
        "f_number": meta.f_number,
        "exposure_s": meta.exposure_s,
        "focal_mm": meta.focal_mm,
        "gps": _gps(meta.gps),
        "altitude_m": meta.altitude_m,
        "orientation": meta.orientation,
        "rating": meta.rating,
        "title": meta.title,
        "caption": meta.caption,
        "keywords": list(meta.keywords),
        "place": meta.place,
        "creator": meta.creator,
        "copyright": meta.copyright,
        "software": meta.software,
    }


def moment(at: datetime | None) -> str | None:
    """A point of time, to the second."""
    return None if at is None else at.isoformat(timespec="seconds")


def attribution_shape(owed: Attribution | None) -> Plain | None:
    """Whom a picture is owed to."""
    if owed is None:
        return None
    return {
        "source": owed.source,
        "page": owed.page,
        "licence": owed.licence,
        "creator": owed.creator,
    }


def _entity(ref: EntityRef, source: int | None) -> Plain:
    return {"type": ref.type, "id": ref.id, "name": ref.name, "url": ref.url, "source": source}


def _entities(asset: Asset) -> list[Plain]:
    """What it belongs to by any source that still offers it, each once a source."""
    found = {
        (ref.type, ref.id, o.source_id): ref
        for o in asset.occurrences
        if o.gone_at is None
        for ref in o.entities
    }
    return [_entity(ref, source) for (_, _, source), ref in found.items()]


def _occurrence(occurrence: Occurrence, sources: Mapping[int, Source]) -> Plain:
    source, facts = sources.get(occurrence.source_id), occurrence.remote
    modified = datetime.fromtimestamp(0, timezone.utc) + timedelta(
        microseconds=occurrence.mtime_ns // 1000
    )
    return {
        "source": occurrence.source_id,
        "source_name": None if source is None else source.name,
        "system": None if source is None else source.kind,
        "key": occurrence.key,
        "page": None if facts is None else facts.page,
        "fetched_at": None if facts is None else moment(facts.fetched_at),
        "private": facts is not None and facts.private,
        "visibility": facts.visibility or None if facts is not None else None,
        "attribution": None if facts is None else attribution_shape(facts.attribution),
        "entities": [_entity(ref, occurrence.source_id) for ref in occurrence.entities],
        "size_bytes": occurrence.size_bytes,
        "modified_at": moment(modified),
        "first_seen": moment(occurrence.first_seen),
        "gone_at": moment(occurrence.gone_at),
    }


def _first_source(asset: Asset) -> int | None:
    for occurrence in asset.occurrences:
        if occurrence.gone_at is None:
            return occurrence.source_id
    return None


def _gps(gps: tuple[float, float] | None) -> Plain | None:
    return None if gps is None else {"lat": gps[0], "lon": gps[1]}


def _base64(data: bytes | None) -> str | None:
    return None if data is None else base64.b64encode(data).decode("ascii")


def wall_time(taken_at: datetime, offset_minutes: int | None) -> str:
    """Local wall time with its zone; +00:00 stands for a zone that nobody knows."""
    zone = timezone(timedelta(minutes=offset_minutes or 0))
    return taken_at.replace(tzinfo=zone).isoformat(timespec="seconds")
