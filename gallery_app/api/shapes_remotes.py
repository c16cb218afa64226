"""How sources, jobs and what remotes bring look in JSON; the forms are in `schemas_remotes.py`.

No function here is ever handed a key: a view says that there is one.
"""

from __future__ import annotations

from urllib.parse import quote, urlencode

from gallery_app.api.shapes import Plain, asset_shape, attribution_shape, moment, wall_time
from gallery_app.domain.answers import EntityCount
from gallery_app.domain.ean import Ean
from gallery_app.domain.entities import Attribution
from gallery_app.domain.frames import Frame
from gallery_app.domain.model import Asset, Job, Source
from gallery_app.domain.remote import Findings
from gallery_app.services.entities import Beside
from gallery_app.services.products import Pasted, Product, ProductImages
from gallery_app.services.similar import Twin
from gallery_app.services.values import FetchRest, RemoteKind, RemoteView

TOKEN_HEADER = "X-Gallery-Token"  # noqa: S105  # the header's name
_HINT = 4  # characters of a token that are shown in lists


def source_shape(source: Source, view: RemoteView | None = None, *, whole: bool = False) -> Plain:
    """A source as the person at the machine sees it; `whole`: with its webhook's token."""
    budget = None if view is None else view.budget
    return {
        "id": source.id,
        "kind": source.kind,
        "name": source.name,
        "address": source.address,
        "state": source.state,
        "assets": source.assets,
        "problems": source.problems,
        "added_at": moment(source.added_at),
        "last_sync": moment(source.last_scan_at),
        "last_sync_s": source.last_scan_s,
        "error": source.error,
        "paused": source.paused,
        "waiting": source.waiting,
        "held": source.held,
        "refused": source.refused,
        "next_sync": moment(source.next_sync_at),
        "resume_at": moment(source.resume_at),
        "failures": source.failures,
        "resting": None if view is None or view.resting is None else _rest(view.resting),
        "budget": None if budget is None else budget._asdict(),
        "facts": dict(source.facts),
        "options": dict(source.options if view is None else view.options),
        "has_key": view is not None and view.has_key,
        "can_search": view is not None and view.can_search,
        "can_upload": view is not None and view.can_upload,
        "hook": None if view is None else _hook(view, whole=whole),
        "progress": {} if view is None else dict(view.progress),
    }


def _rest(resting: FetchRest) -> Plain:
    return {
        "error": resting.error,
        "until": moment(resting.until),
        "failures": resting.failures,
    }


def _hook(view: RemoteView, *, whole: bool) -> Plain | None:
    if view.hook_url is None or view.hook_token is None:
        return None
    return {
        "url": view.hook_url,
        "header": TOKEN_HEADER,
        "token_hint": f"{view.hook_token[:_HINT]}…",
        "token": view.hook_token if whole else None,
    }


def kind_shape(kind: RemoteKind) -> Plain:
    """A kind of remote with the form that connects it."""
    return {
        "kind": kind.kind,
        "title": kind.title,
        "guide": kind.guide,
        "copies": kind.copies,
        "fields": [
            {
                "name": field.name,
                "label": field.label,
                "help": field.help,
                "kind": field.kind,
                "default": field.default,
                "choices": [list(choice) for choice in field.choices],
                "required": field.required,
                "advanced": field.advanced,
            }
            for field in kind.fields
        ],
    }


def findings_shape(findings: Findings) -> Plain:
    """What a connection test found."""
    return {
        "ok": findings.ok,
        "items": [
            {
                "what": item.what,
                "ok": item.ok,
                "detail": item.detail,
                "remedy": item.remedy,
                "required": item.required,
            }
            for item in findings.items
        ],
        "facts": dict(findings.facts),
    }


def job_shape(job: Job) -> Plain:
    """A job without its payload, which is the program's own business."""
    return {
        "id": job.id,
        "job_id": job.id,
        "kind": job.kind,
        "subject": job.subject,
        "state": job.state,
        "status": status_word(job),
        "attempts": job.attempts,
        "created_at": moment(job.created_at),
        "updated_at": moment(job.updated_at),
        "run_after": moment(job.run_after) if job.state == "ready" else None,
        "progress": dict(job.progress),
        "error": job.error,
        "uid": job.asset_uid,
        "ean_code": _said(job, "given") or _said(job, "gtin"),
    }


def status_word(job: Job) -> str:
    """The state of a job in the words of the brief."""
    if job.state == "ready":
        return "retrying" if job.attempts else "queued"
    return job.state


def _said(job: Job, name: str) -> str | None:
    value = job.payload.get(name) if job.kind == "product" else None
    return value if isinstance(value, str) and value else None


def entity_shape(found: EntityCount) -> Plain:
    """An entity as one source tells of it."""
    ref = found.ref
    return {
        "type": ref.type,
        "id": ref.id,
        "name": ref.name,
        "url": ref.url,
        "source": found.source_id,
        "assets": found.assets,
        "cover": found.cover,
        "cover_url": _cover_url(found.cover),
        "latest": None if found.latest is None else wall_time(found.latest, None),
        "assets_url": f"/api/v1/assets?{urlencode([(ref.type, ref.id)])}",
    }


def twin_shape(twin: Twin) -> Plain:
    """A look-alike."""
    return {"distance": twin.distance, "band": twin.band, "asset": asset_shape(twin.asset)}


def pasted_shape(pasted: Pasted) -> Plain:
    """What became of a text full of article numbers."""
    return {
        "accepted": [{"ean": ean.shown, "job": job_shape(job)} for ean, job in pasted.accepted],
        "invalid": [
            {"code": bad.text, "reason": bad.reason, "expected": bad.expected}
            for bad in pasted.invalid
        ],
    }


def product_shape(product: Product) -> Plain:
    """A product that was asked for."""
    row = product.row
    return {
        "ean": Ean(row.gtin, row.given).shown,
        "gtin": row.gtin,
        "name": row.name,
        "description": row.description,
        "state": product.state,
        "error": product.error,
        "asked_at": moment(row.asked_at),
        "looked_at": moment(row.looked_at),
        "found": row.found,
        "assets": row.assets,
        "cover": row.cover,
        "cover_url": _cover_url(row.cover),
        "job": None if product.job is None else job_shape(product.job),
    }


def product_whole_shape(found: ProductImages) -> Plain:
    """A product with its pictures."""
    return {
        "ean": found.ean.shown,
        "gtin": found.ean.gtin,
        "name": found.name,
        "description": found.description,
        "product": None if found.product is None else product_shape(found.product),
        "images": [
            {**asset_shape(asset), "attribution": attribution_shape(owed_for(asset))}
            for asset in found.assets
        ],
    }


def beside_shape(beside: Beside) -> Plain:
    """A product that a picture tells of."""
    return {
        "ean": beside.ean.shown,
        "gtin": beside.ean.gtin,
        "name": beside.name,
        "said_by": beside.said_by,
        "images": [asset_shape(asset) for asset in beside.assets],
    }


def frame_shape(frame: Frame) -> Plain:
    """A frame with the address that is typed into a screen."""
    return {
        "name": frame.name,
        "query": frame.query,
        "width": frame.size.width,
        "height": frame.size.height,
        "interval_s": frame.interval_s,
        "created_at": moment(frame.created_at),
        "url": f"/frame/{quote(frame.name, safe='')}?{urlencode({'key': frame.key})}",
    }


def owed_for(asset: Asset) -> Attribution | None:
    """Whom a picture is owed to: as the first place that offers it and says so."""
    for occurrence in asset.occurrences:
        if occurrence.gone_at is None and occurrence.remote and occurrence.remote.attribution:
            return occurrence.remote.attribution
    return None


def _cover_url(uid: str | None) -> str | None:
    return None if uid is None else f"/api/v1/assets/{uid}/renditions/small"
