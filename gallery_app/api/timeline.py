"""Looking over everything: facets, timeline buckets, one bucket's columns, places."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from gallery_app.api.answers import Json
from gallery_app.api.deps import (
    FILTER_PARAMETERS,
    FILTER_REFUSALS,
    Fresh,
    Told,
    UidPath,
    asked,
    known_uid,
)
from gallery_app.api.schemas import ErrorOut, FacetsOut, LabelsOut, LocatedOut, TimelineOut
from gallery_app.api.shapes import facets_shape, labels_shape, timeline_shape
from gallery_app.domain.errors import BadInput
from gallery_app.services.gallery import Gallery

MOST_LABELS = 2000
BucketPath = Annotated[
    str, Path(max_length=40, description="A key of the timeline.", examples=["2016-07"])
]
_NONE: Told = {404: {"model": ErrorOut, "description": "The answer has no such bucket or picture."}}
_SAME: Told = {304: {"description": "The client's copy still holds."}}


def add_routes(router: APIRouter, gallery: Gallery, *, start: str) -> None:
    """Put the routes of this file on `router`; `start` names this start of the program."""
    fresh = Fresh(gallery, start)

    @router.get(
        "/facets",
        summary="Count per filter",
        responses={200: {"model": FacetsOut}, **_SAME, **FILTER_REFUSALS},
        openapi_extra=FILTER_PARAMETERS,
    )
    def facets(request: Request) -> Response:
        """What the filters could be set to, with counts, each as if it were not set."""
        query = asked(request, gallery)
        etag = fresh.etag_of(query)
        if fresh.unchanged(request, etag):
            return _unchanged(etag)
        return _kept(Json(facets_shape(gallery.browse.facets(query))), etag)

    @router.get(
        "/timeline",
        summary="List the timeline's buckets",
        responses={200: {"model": TimelineOut}, **_SAME, **FILTER_REFUSALS},
        openapi_extra=FILTER_PARAMETERS,
    )
    def timeline(request: Request) -> Response:
        """The buckets of the answer in columns: a month each, big ones in parts."""
        query = asked(request, gallery)
        etag = fresh.etag_of(query)
        if fresh.unchanged(request, etag):
            return _unchanged(etag)
        return _kept(Json(timeline_shape(gallery.browse.timeline(query))), etag)

    @router.get(
        "/timeline/locate/{uid}",
        summary="Find an asset's place",
        responses={200: {"model": LocatedOut}, **_NONE, **FILTER_REFUSALS},
        openapi_extra=FILTER_PARAMETERS,
    )
    def locate(request: Request, uid: UidPath) -> Json:
        """Where an asset stands in the answer."""
        place = gallery.browse.locate(asked(request, gallery), known_uid(uid))
        return Json({"bucket": place.bucket, "index": place.index, "position": place.position})

    @router.get(
        "/timeline/{bucket}",
        summary="Read one bucket",
        responses={
            200: {
                "model": LabelsOut,
                "description": "Binary columns, little endian: u32 n, u32 stamp, n×16 byte uid, "
                "n×u16 width/height×4096, n×u16 RGB565, n×u8 day, n×u8 flags, n×u8 version. With "
                "`Accept: application/json` names, dates and places of some tiles.",
                "content": {"application/octet-stream": {"example": "(binary)"}},
            },
            **_SAME,
            **_NONE,
            **FILTER_REFUSALS,
        },
        openapi_extra=FILTER_PARAMETERS,
    )
    def bucket(
        request: Request,
        bucket: BucketPath,
        from_index: Annotated[
            int, Query(ge=0, le=10**9, description="First label.", examples=[0])
        ] = 0,
        to_index: Annotated[
            int, Query(ge=0, le=10**9, description="Label to stop before.", examples=[100])
        ] = MOST_LABELS,
    ) -> Response:
        """One bucket: binary columns for the grid, or JSON labels for those who cannot see."""
        wants_json = "application/json" in request.headers.get("accept", "")
        query = asked(request, gallery)
        etag = fresh.etag_of(query, "j" if wants_json else "b")
        if fresh.unchanged(request, etag):
            return _unchanged(etag)
        if not wants_json:
            columns = gallery.browse.bucket(query, bucket)
            return _kept(Response(columns, media_type="application/octet-stream"), etag)
        if to_index - from_index > MOST_LABELS:
            raise BadInput(f"At most {MOST_LABELS:,} labels at once.")
        labels = gallery.browse.labels(query, bucket, from_index, to_index)
        return _kept(Json(labels_shape(labels)), etag)


def _kept(response: Response, etag: str) -> Response:
    """The answer, to be asked for again each time and mostly answered by 304."""
    response.headers["etag"] = etag
    response.headers["cache-control"] = "private, no-cache"
    response.headers["vary"] = "accept"
    return response


def _unchanged(etag: str) -> Response:
    return _kept(Response(status_code=304), etag)
