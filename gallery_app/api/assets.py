"""Assets: lists, one, edits, the trash and back, many at once."""

from __future__ import annotations

from fastapi import APIRouter, Request

from gallery_app.api.answers import Json
from gallery_app.api.deps import (
    FILTER_PARAMETERS,
    FILTER_REFUSALS,
    PageNumber,
    PerPage,
    Told,
    UidPath,
    asked,
    known_uid,
    paged,
    query_of,
)
from gallery_app.api.schemas import (
    AssetOut,
    AssetPatch,
    AssetWholeOut,
    BatchIn,
    BatchOut,
    ErrorOut,
    PageOut,
    QueryValue,
)
from gallery_app.api.shapes import Plain, asset_shape, asset_whole_shape
from gallery_app.domain.errors import BadInput
from gallery_app.domain.model import Asset
from gallery_app.services import Changes
from gallery_app.services.gallery import Gallery

MOST_IN_A_BATCH = 100_000
_MISSING: Told = {404: {"model": ErrorOut, "description": "There is no such picture."}}


def add_routes(router: APIRouter, gallery: Gallery) -> None:
    """Put the routes of this file on `router`."""

    @router.get(
        "/assets",
        summary="List assets",
        responses={200: {"model": PageOut}, **FILTER_REFUSALS},
        openapi_extra={
            "parameters": [
                *FILTER_PARAMETERS["parameters"],
                {
                    "name": "cursor",
                    "in": "query",
                    "description": "`next_cursor` of the page before; wins over `page`.",
                    "schema": {"type": "string"},
                    "example": "WyItdGFrZW4i",
                },
            ]
        },
    )
    def list_assets(request: Request, page: PageNumber = 1, per_page: PerPage = 20) -> Json:
        """A page of what matches the filters; a page past the end is empty."""
        found = gallery.browse.page(paged(asked(request, gallery), page, per_page))
        return Json(
            {
                "items": [asset_shape(asset) for asset in found.items],
                "total": found.total,
                "page": page,
                "per_page": per_page,
                "next_cursor": found.next_cursor,
            }
        )

    @router.post(
        "/assets/batch",
        summary="Do one thing to many assets",
        responses={200: {"model": BatchOut}, 400: {"model": ErrorOut}},
    )
    def batch(body: BatchIn) -> Json:
        """Favourite, tag, trash or restore the named assets, or all that match a query."""
        result = gallery.curation.batch(_chosen(gallery, body), body.action, tuple(body.tags))
        failed = [
            {"uid": uid, "code": error.code, "message": error.public}
            for uid, error in result.failed
        ]
        return Json({"done": list(result.done), "failed": failed})

    @router.get(
        "/assets/{uid}",
        summary="Show one asset",
        responses={200: {"model": AssetWholeOut}, **_MISSING},
    )
    def show(uid: UidPath) -> Json:
        """Everything known of one asset: metadata, where it lies, its renditions."""
        return Json(whole_of(gallery, gallery.browse.get(known_uid(uid))))

    @router.patch(
        "/assets/{uid}",
        summary="Edit one asset",
        responses={200: {"model": AssetWholeOut}, **_MISSING},
    )
    def edit(uid: UidPath, body: AssetPatch) -> Json:
        """Change what the user says of it; the original is never touched."""
        return Json(whole_of(gallery, gallery.curation.edit(known_uid(uid), _changes(body))))

    @router.delete(
        "/assets/{uid}",
        summary="Move to the trash",
        responses={200: {"model": AssetOut}, **_MISSING},
    )
    def trash(uid: UidPath) -> Json:
        """To the app's trash; a file in a watched folder stays where it is."""
        return Json(asset_shape(gallery.curation.trash(known_uid(uid))))

    @router.post(
        "/assets/{uid}/restore",
        summary="Take back from the trash",
        responses={200: {"model": AssetOut}, **_MISSING},
    )
    def restore(uid: UidPath) -> Json:
        """Back into the timeline."""
        return Json(asset_shape(gallery.curation.restore(known_uid(uid))))


def whole_of(gallery: Gallery, asset: Asset) -> Plain:
    """One asset with all that is known of it, its sources by name. Asks the index."""
    return asset_whole_shape(asset, {s.id: s for s in gallery.sources.list()})


def _changes(body: AssetPatch) -> Changes:
    """Only what the request names; everything else stays as it is."""
    given = {name: getattr(body, name) for name in body.model_fields_set}
    if "tags" in given:
        given["set_tags"] = tuple(given.pop("tags"))
    return Changes(**given)


def _chosen(gallery: Gallery, body: BatchIn) -> list[str]:
    if (body.uids is None) == (body.query is None):
        raise BadInput("Name either uids or a query.")
    if body.query is None:
        return list(body.uids or ())
    query = query_of(
        [(k, text) for k, value in body.query.items() for text in _texts(value)], gallery
    )
    found = gallery.browse.uids(query, MOST_IN_A_BATCH + 1)
    if len(found) > MOST_IN_A_BATCH:
        raise BadInput(f"At most {MOST_IN_A_BATCH:,} pictures at once; narrow the filters.")
    return list(found)


def _texts(value: QueryValue) -> list[str]:
    if isinstance(value, list):
        return value
    if isinstance(value, bool):
        return ["1"] if value else []
    return [str(value)]
