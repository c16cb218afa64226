"""What pictures belong to, what looks like them, and finding them by what they show."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Path, Query

from gallery_app.api.answers import Json
from gallery_app.api.deps import PageNumber, Told, UidPath, known_uid
from gallery_app.api.schemas import ErrorOut
from gallery_app.api.schemas_remotes import (
    BesidesOut,
    EntitiesOut,
    EntityWholeOut,
    SmartOut,
    TwinsOut,
)
from gallery_app.api.shapes_remotes import beside_shape, entity_shape, twin_shape
from gallery_app.domain.entities import ENTITY_TYPES, EntityType
from gallery_app.services.entities import MOST_PER_PAGE
from gallery_app.services.gallery import Gallery

_MISSING: Told = {404: {"model": ErrorOut, "description": "There is no such picture."}}
_TYPES = f"{', '.join(ENTITY_TYPES)}."


def add_routes(router: APIRouter, gallery: Gallery) -> None:
    """Put the routes of this file on `router`."""

    @router.get("/entities", summary="List entities", responses={200: {"model": EntitiesOut}})
    def list_entities(  # each is a parameter of the address
        type_: Annotated[EntityType, Query(alias="type", description=_TYPES, examples=["ticket"])],
        q: Annotated[
            str,
            Query(max_length=200, description="Part of a name, or how an id begins.",
                  examples=["471"]),
        ] = "",
        source: Annotated[
            int | None, Query(ge=1, le=2**62, description="Of this source alone.", examples=[3])
        ] = None,
        page: PageNumber = 1,
        per_page: Annotated[
            int, Query(ge=1, le=MOST_PER_PAGE, description="How many on a page.", examples=[50])
        ] = 50,
        sort: Annotated[
            Literal["recent", "name", "count"], Query(description="Order.", examples=["recent"])
        ] = "recent",
    ) -> Json:  # fmt: skip
        """Tickets, companies, articles, products, albums or people that have pictures here."""
        found = gallery.entities.list(
            type_, text=q, source=source, page=page, per_page=per_page, sort=sort
        )
        return Json(
            {
                "items": [entity_shape(one) for one in found.items],
                "total": found.total,
                "page": page,
                "per_page": per_page,
            }
        )

    @router.get(
        "/entities/{type}/{entity_id:path}",
        summary="Show an entity",
        responses={
            200: {"model": EntityWholeOut},
            404: {"model": ErrorOut, "description": "No source tells of it."},
        },
    )
    def show(
        type_: Annotated[EntityType, Path(alias="type", description=_TYPES, examples=["ticket"])],
        entity_id: Annotated[
            str, Path(max_length=500, description="The source's own id.", examples=["4711"])
        ],
    ) -> Json:
        """One of them, once for each source that tells of it."""
        return Json({"items": [entity_shape(e) for e in gallery.entities.get(type_, entity_id)]})

    @router.get(
        "/assets/{uid}/similar",
        summary="List look-alikes",
        responses={200: {"model": TwinsOut}, **_MISSING},
    )
    def similar(uid: UidPath) -> Json:
        """Pictures that look the same or nearly so, with the distance of their hashes."""
        return Json({"items": [twin_shape(t) for t in gallery.similar.of(known_uid(uid))]})

    @router.get(
        "/assets/{uid}/products",
        summary="List the products beside a picture",
        responses={200: {"model": BesidesOut}, **_MISSING},
    )
    def beside(uid: UidPath) -> Json:
        """The products that its ticket or its name tells of, with their pictures."""
        found = gallery.entities.products_beside(known_uid(uid))
        return Json({"items": [beside_shape(one) for one in found]})

    @router.get(
        "/smart",
        summary="Say whether pictures are found by what they show",
        responses={200: {"model": SmartOut}},
    )
    def smart() -> Json:
        """Whether `smart=` works in listings, and who is asked."""
        source = gallery.smart.available()
        return Json(
            {
                "available": source is not None,
                "source": None if source is None else source.id,
                "name": None if source is None else source.name,
            }
        )
