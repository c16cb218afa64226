"""Bytes of one asset as documented routes; in the running program `front.py` answers first.

Both ways end in the same functions of `answers.py`, so a program that mounts the router alone
serves the very same bytes and headers, only slower.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gallery_app.api.deps import Told, UidPath
from gallery_app.api.schemas import ErrorOut
from gallery_app.domain.renditions import RENDITIONS

# An unknown name is a 404 of the service, as in the front: the word is not checked here.
RenditionName = Annotated[str, Path(description=f"{', '.join(RENDITIONS)}.", examples=["small"])]
_BYTES: Told = {
    200: {
        "description": "The bytes.",
        "content": {
            "image/webp": {"example": "(bytes)"},
            "image/jpeg": {"example": "(bytes)"},
        },
    },
    206: {"description": "The range asked for."},
    304: {"description": "The client's copy still holds."},
    416: {"description": "The range lies outside."},
    404: {"model": ErrorOut, "description": "No such picture, or its file is not there."},
    409: {"model": ErrorOut, "description": "A remote alone has it, and is paused."},
}
_MAKING: Told = {
    422: {"model": ErrorOut, "description": "The original cannot be shown; says why."},
    503: {"model": ErrorOut, "description": "Still being made; says when to ask again."},
}


class Passed(Response):
    """A response that is sent by another ASGI app, under another path if one is given."""

    def __init__(self, app: ASGIApp, *, path: str | None = None) -> None:
        super().__init__()
        self._app = app
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request over."""
        if self._path is not None:
            scope = {**scope, "path": self._path, "raw_path": self._path.encode("ascii")}
        await self._app(scope, receive, send)


def add_routes(router: APIRouter, front: ASGIApp) -> None:
    """Put the routes of this file on `router`; `front` sends the bytes."""

    @router.head("/assets/{uid}/renditions/{name}", include_in_schema=False)
    @router.get(
        "/assets/{uid}/renditions/{name}",
        summary="Get a rendition",
        response_class=Response,
        responses={**_BYTES, **_MAKING},
    )
    async def rendition(
        uid: UidPath,
        name: RenditionName,
        v: Annotated[
            str,
            Query(description="The asset's version: then it may be kept.", examples=["1"]),
        ] = "",
    ) -> Response:
        """The picture in a named size, without metadata but sRGB; made if it is not there."""
        return Passed(front)

    @router.head("/assets/{uid}/original", include_in_schema=False)
    @router.get(
        "/assets/{uid}/original",
        summary="Get the original",
        response_class=Response,
        responses=_BYTES,
    )
    async def original(
        uid: UidPath,
        download: Annotated[str, Query(description="`1`: as a file.", examples=["1"])] = "",
    ) -> Response:
        """The bytes as received; types a browser could run are only offered as a file."""
        return Passed(front)
