"""Product pictures by article number: asked for by the hundred, listed, shown."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query

from gallery_app.api.answers import Json
from gallery_app.api.deps import PageNumber, PerPage, Told
from gallery_app.api.schemas import ErrorOut
from gallery_app.api.schemas_remotes import PastedOut, ProductsIn, ProductsOut, ProductWholeOut
from gallery_app.api.schemas_sources import JobOut
from gallery_app.api.shapes_remotes import (
    job_shape,
    pasted_shape,
    product_shape,
    product_whole_shape,
)
from gallery_app.services.gallery import Gallery

EanPath = Annotated[
    str,
    Path(max_length=40, description="8, 12, 13 or 14 digits.", examples=["4006381333931"]),
]
NO_SOURCE: Told = {
    409: {"model": ErrorOut, "description": "No source of product pictures is connected."}
}
BAD_EAN: Told = {
    422: {"model": ErrorOut, "description": "No article number; `expected` is the right digit."}
}
_NONE: Told = {404: {"model": ErrorOut, "description": "Nobody asked for this product."}}


def add_routes(router: APIRouter, gallery: Gallery) -> None:
    """Put the routes of this file on `router`."""

    @router.post(
        "/products",
        summary="Ask for product pictures",
        status_code=202,
        responses={
            202: {"model": PastedOut},
            400: {"model": ErrorOut, "description": "No numbers, or too many."},
            **NO_SOURCE,
        },
    )
    def paste(body: ProductsIn) -> Json:
        """Judge every number at once; a job begins for each good one."""
        text = body.codes if isinstance(body.codes, str) else "\n".join(body.codes)
        pasted = gallery.products.paste(text, description=body.description)
        return Json(pasted_shape(pasted), status_code=202)

    @router.get("/products", summary="List products", responses={200: {"model": ProductsOut}})
    def list_products(
        q: Annotated[
            str,
            Query(max_length=200, description="Part of a number, name or description.",
                  examples=["stabilo"]),
        ] = "",
        page: PageNumber = 1,
        per_page: PerPage = 50,
    ) -> Json:  # fmt: skip
        """Products that were asked for, newest first, and what came of each."""
        found, total = gallery.products.list(text=q, page=page, per_page=per_page)
        return Json(
            {
                "items": [product_shape(product) for product in found],
                "total": total,
                "page": page,
                "per_page": per_page,
                "available": gallery.products.available(),
            }
        )

    @router.get(
        "/products/{ean}",
        summary="Show a product",
        responses={200: {"model": ProductWholeOut}, **_NONE, **BAD_EAN},
    )
    def show(ean: EanPath) -> Json:
        """One product with its pictures, the best first, and whom they are owed to."""
        return Json(product_whole_shape(gallery.products.images(ean)))

    @router.post(
        "/products/{ean}/retry",
        summary="Ask for a product again",
        status_code=202,
        responses={202: {"model": JobOut}, **_NONE, **BAD_EAN, **NO_SOURCE},
    )
    def retry(ean: EanPath) -> Json:
        """Look it up anew, whatever is kept of the last answer."""
        return Json(job_shape(gallery.products.retry(ean)), status_code=202)
