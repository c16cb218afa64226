"""Many originals as one zip: prepared by a POST, fetched by the browser as any file."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import StreamingResponse

from gallery_app.api.answers import Json, disposition
from gallery_app.api.schemas import ErrorOut
from gallery_app.api.schemas_more import DownloadIn, DownloadOut
from gallery_app.services.gallery import Gallery


def add_routes(router: APIRouter, gallery: Gallery) -> None:
    """Put the routes of this file on `router`."""

    @router.post(
        "/downloads",
        summary="Prepare a zip",
        status_code=201,
        responses={201: {"model": DownloadOut}, 404: {"model": ErrorOut}},
    )
    def prepare(body: DownloadIn) -> Json:
        """An address under which these originals can be fetched for ten minutes."""
        token = gallery.downloads.prepare(body.uids, name=body.name)
        return Json({"url": f"/api/v1/downloads/{token}"}, status_code=201)

    @router.get(
        "/downloads/{token}",
        summary="Fetch a zip",
        response_class=StreamingResponse,
        responses={
            200: {"content": {"application/zip": {"example": "(bytes)"}}, "description": "A zip."},
            404: {"model": ErrorOut, "description": "Never prepared, or waited too long."},
        },
    )
    def fetch(
        token: Annotated[
            str, Path(max_length=100, description="As prepared.", examples=["k3j9m2"])
        ],
    ) -> StreamingResponse:
        """Streamed as it is packed: nothing is collected first."""
        name = gallery.downloads.name(token)
        pieces = (piece for piece in gallery.downloads.stream(token) if piece)
        headers = {
            "content-disposition": disposition(name, inline=False).decode("ascii"),
            "cache-control": "private, no-store",
        }
        return StreamingResponse(pieces, headers=headers, media_type="application/zip")
