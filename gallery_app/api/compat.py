"""The addresses of the programs before us, each an alias of a verb of ours; no logic lives here.

| address | verb |
|---|---|
| GET /api/v1/image_gallery | gallery.tickets.page |
| POST /api/v1/fetch-image | gallery.products.ask |
| GET /api/v1/images/{ean} | gallery.products.images, the original as front.py sends it |
| GET /new-image, /image | gallery.frames.new_image, gallery.frames.latest |
| GET /images-info, /cache-status | gallery.frames.info, gallery.status.kept |

`GET /api/v1/jobs` and `/health` are ours already and say what the brief asks of them.
"""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Annotated

import anyio.to_thread
from anyio import CapacityLimiter
from fastapi import APIRouter, Query, Request
from starlette.responses import Response
from starlette.types import ASGIApp

from gallery_app.api.answers import Json
from gallery_app.api.deps import PageNumber, Told
from gallery_app.api.errors import Absent, Invalid
from gallery_app.api.frames import MOST_MAKING, Picture
from gallery_app.api.media import Passed
from gallery_app.api.products import BAD_EAN, NO_SOURCE, EanPath
from gallery_app.api.schemas import ErrorOut
from gallery_app.api.schemas_compat import (
    CacheStatusOut,
    EanImagesOut,
    FetchIn,
    FetchOut,
    ImageGalleryOut,
    ImagesInfoOut,
)
from gallery_app.api.shapes_compat import (
    ean_images_shape,
    fetch_shape,
    gallery_shape,
    info_shape,
    kept_shape,
)
from gallery_app.domain.errors import Conflict
from gallery_app.services.frames import FrameImage
from gallery_app.services.gallery import Gallery
from gallery_app.services.ticket_gallery import MOST_PER_PAGE

_JPEG: Told = {
    200: {"description": "3840 x 2160 px.", "content": {"image/jpeg": {"example": "(bytes)"}}}
}
_NOT_KEPT = (b"cache-control", b"no-store")
Id = Annotated[int | None, Query(ge=1, le=2**62, examples=[4711])]
AtLeastBytes = Annotated[int | None, Query(ge=0, le=10**14, examples=[1000])]
Day = Annotated[date | None, Query(examples=["2026-07-01"])]


def add_routes(router: APIRouter, gallery: Gallery, front: ASGIApp) -> None:
    """Put the aliases below /api/v1 on `router`; `front` sends originals."""
    _add_tickets(router, gallery)
    _add_images(router, gallery, front)


def _add_tickets(router: APIRouter, gallery: Gallery) -> None:
    @router.get(
        "/image_gallery",
        summary="List the pictures of a ticket",
        responses={
            200: {"model": ImageGalleryOut},
            400: {"model": ErrorOut, "description": "A filter that cannot be."},
            404: {"model": ErrorOut, "description": "No such ticket, or not this company's."},
        },
    )
    def image_gallery(
        ticket_id: Annotated[Id, Query(description="Of this ticket.")] = None,
        company_id: Annotated[Id, Query(description="What this company may see.")] = None,
        article_id: Annotated[Id, Query(description="Of this article.")] = None,
        page: PageNumber = 1,
        per_page: Annotated[
            int, Query(ge=1, le=MOST_PER_PAGE, description="How many on a page.", examples=[20])
        ] = 20,
        type_: Annotated[
            str, Query(alias="type", max_length=20, description="jpeg, png…", examples=["png"])
        ] = "",
        min_bytes: Annotated[AtLeastBytes, Query(description="At least so many.")] = None,
        max_bytes: Annotated[AtLeastBytes, Query(description="At most so many.")] = None,
        from_: Annotated[
            Day,
            Query(
                alias="from",
                description="Taken on this day or later; attached, if it does not say.",
            ),
        ] = None,
        to: Annotated[
            Day, Query(description="Taken on this day or earlier; attached, if it does not say.")
        ] = None,
        q: Annotated[
            str, Query(max_length=500, description="Words and filters.", examples=["camera:canon"])
        ] = "",
    ) -> Json:
        """The pictures of a ticket, an article or a company, from the index."""
        if ticket_id is None and article_id is None and company_id is None:
            raise Invalid("ticket_id: name a ticket, an article or a company.")
        given: dict[str, object] = {
            "type": type_,
            "min_bytes": min_bytes,
            "max_bytes": max_bytes,
            "from": from_,
            "to": to,
            "q": q,
        }
        found = gallery.tickets.page(
            ticket_id=None if ticket_id is None else str(ticket_id),
            article_id=None if article_id is None else str(article_id),
            company_id=None if company_id is None else str(company_id),
            page=page,
            per_page=per_page,
            filters={name: [str(v)] for name, v in given.items() if v not in {None, ""}},
        )
        return Json(gallery_shape(found))


def _add_images(router: APIRouter, gallery: Gallery, front: ASGIApp) -> None:
    @router.post(
        "/fetch-image",
        summary="Fetch a product's pictures",
        status_code=202,
        responses={202: {"model": FetchOut}, **BAD_EAN, **NO_SOURCE},
    )
    def fetch_image(body: FetchIn) -> Json:
        """Begin a job that looks the product up and brings its pictures."""
        job = gallery.products.ask(body.ean_code, description=body.description)
        return Json(fetch_shape(job, body.ean_code, body.description), status_code=202)

    @router.head("/images/{ean}", include_in_schema=False)
    @router.get(
        "/images/{ean}",
        summary="Show a product's picture",
        response_class=Response,
        responses={
            200: {
                "model": EanImagesOut,
                "description": "The best picture; with `list=1` or `Accept: application/json` "
                "what there is.",
                "content": {"image/jpeg": {"example": "(bytes)"}},
            },
            404: {"model": ErrorOut, "description": "No such product, or no picture (yet)."},
            **BAD_EAN,
        },
    )
    def images(
        request: Request,
        ean: EanPath,
        *,
        list_: Annotated[
            bool, Query(alias="list", description="`1`: what there is.", examples=[True])
        ] = False,
    ) -> Response:
        """The bytes of a product's best picture, or the list of all."""
        found = gallery.products.images(ean)
        if list_ or "application/json" in request.headers.get("accept", ""):
            return Json(ean_images_shape(found), headers={"vary": "accept"})
        if found.primary is None:
            raise Absent(
                reason=f"There is no picture of {found.ean.shown} yet. POST /api/v1/fetch-image "
                "asks for one; its job says what was found."
            )
        return Passed(front, path=f"/api/v1/assets/{found.primary.uid}/original")


def add_bare(router: APIRouter, gallery: Gallery) -> None:
    """Put the aliases outside of /api on `router`."""
    limiter = CapacityLimiter(MOST_MAKING)

    @router.get(
        "/new-image",
        tags=["frames"],
        summary="Make a new picture for a frame",
        response_class=Response,
        responses={
            **_JPEG,
            404: {"model": ErrorOut, "description": "There is no picture to show."},
            503: {"model": ErrorOut, "description": "It takes longer; ask again."},
        },
    )
    async def new_image(
        query: Annotated[
            str, Query(max_length=500, description="What it should show.", examples=["mountains"])
        ] = "",
        most: Annotated[
            int,
            Query(alias="range", ge=1, le=1000, description="One of the best so many.",
                  examples=[50]),
        ] = 100,
    ) -> Response:  # fmt: skip
        """Another picture than the last ones, exactly 3840 x 2160, its subject not cut."""
        make = partial(gallery.frames.new_image, query or None, most=most)
        made = await anyio.to_thread.run_sync(make, limiter=limiter)
        return Picture(made.bytes, [_NOT_KEPT, *_names(made)])

    @router.head("/image", include_in_schema=False)
    @router.get(
        "/image",
        tags=["frames"],
        summary="Show the last picture made for a frame",
        response_class=Response,
        responses={
            **_JPEG,
            304: {"description": "The client's copy still holds."},
            404: {"model": ErrorOut, "description": "None was made yet; says how."},
        },
    )
    def image() -> Response:
        """The bytes of the last new-image."""
        try:
            return Picture(gallery.frames.latest(), [(b"cache-control", b"private, no-cache")])
        except Conflict as error:
            raise Absent(reason=error.public) from error

    @router.get(
        "/cache-status",
        tags=["status"],
        summary="Say what is kept of remotes' answers",
        responses={200: {"model": CacheStatusOut}},
    )
    def cache_status() -> Json:
        """How many answers are kept, how often they served, and when they end."""
        return Json(kept_shape(gallery.status.kept()), headers={"cache-control": "no-store"})

    @router.get(
        "/images-info",
        tags=["frames"],
        summary="Say what was made for frames",
        responses={200: {"model": ImagesInfoOut}},
    )
    def images_info() -> Json:
        """How many pictures were made and are kept, their names, and when the last was."""
        return Json(info_shape(gallery.frames.info()), headers={"cache-control": "no-store"})


def _names(made: FrameImage) -> list[tuple[bytes, bytes]]:
    return [
        (b"x-gallery-asset", made.uid.encode("ascii")),
        (b"x-gallery-found-by", made.found_by.encode("ascii", "replace")),
    ]
