"""Frames: what a screen on the wall shows, and its address.

`/frame/{name}` is a page for a browser and the picture itself for everything else. Whoever has
its key may ask for it from outside; the person at the machine needs none. Pictures are made in
threads of their own, so that screens that wait for one hold up nobody else.
"""

from __future__ import annotations

from typing import Annotated

import anyio.to_thread
from anyio import CapacityLimiter
from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gallery_app.api.answers import Headers, Json, send_bytes
from gallery_app.api.deps import Told
from gallery_app.api.guards import BadLinkThrottle, client_of
from gallery_app.api.pages import FRAME_CSP, FRAME_SCRIPT, frame_page
from gallery_app.api.schemas import ErrorOut
from gallery_app.api.schemas_remotes import FrameIn, FrameOut, FramesOut
from gallery_app.api.shapes_remotes import frame_shape
from gallery_app.domain.errors import NotFound, Throttled
from gallery_app.domain.frames import Frame
from gallery_app.domain.geometry import Size
from gallery_app.services.gallery import Gallery
from gallery_app.services.values import Bytes

NamePath = Annotated[str, Path(max_length=100, description="Its name.", examples=["kitchen"])]
MOST_MAKING = 8  # pictures that are waited for at one time, each for up to half a minute
_NONE: Told = {404: {"model": ErrorOut, "description": "There is no such frame."}}


class Picture(Response):
    """A rendition as an answer, with ETag, ranges and 304."""

    def __init__(self, found: Bytes, headers: Headers) -> None:
        super().__init__()
        self._found = found
        self._own = headers

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send it, or the part of it that is asked for."""
        await send_bytes(scope, send, self._found, self._own)


def add_routes(router: APIRouter, gallery: Gallery) -> None:
    """Put the routes that administer frames on `router`."""

    @router.get("/frames", summary="List frames", responses={200: {"model": FramesOut}})
    def list_frames() -> Json:
        """All frames with their addresses, by name."""
        return Json({"items": [frame_shape(frame) for frame in gallery.frames.list()]})

    @router.get(
        "/frames/{name}", summary="Show a frame", responses={200: {"model": FrameOut}, **_NONE}
    )
    def show(name: NamePath) -> Json:
        """One frame with its address."""
        return Json(frame_shape(gallery.frames.get(name)))

    @router.put(
        "/frames/{name}",
        summary="Make or change a frame",
        responses={
            200: {"model": FrameOut},
            400: {"model": ErrorOut, "description": "A name, query or size that cannot be."},
        },
    )
    def put(name: NamePath, body: FrameIn) -> Json:
        """What it shows, how large and how long; its address stays unless a new key is asked."""
        frame = gallery.frames.put(
            name,
            query=body.query,
            size=Size(body.width, body.height),
            interval_s=body.interval_s,
            new_key=body.new_key,
        )
        return Json(frame_shape(frame))

    @router.delete(
        "/frames/{name}",
        summary="Delete a frame",
        status_code=204,
        response_class=Response,
        responses={204: {"description": "Its address no longer opens."}, **_NONE},
    )
    def delete(name: NamePath) -> Response:
        """Its address no longer opens; no picture is lost."""
        gallery.frames.delete(name)
        return Response(status_code=204)


def add_screens(router: APIRouter, gallery: Gallery) -> None:
    """Put what screens ask for on `router`, beside the API."""
    forged = BadLinkThrottle()
    limiter = CapacityLimiter(MOST_MAKING)

    @router.get("/frame/-/show.js", include_in_schema=False)
    def script() -> Response:
        """What changes the picture on the page."""
        headers = {"cache-control": "public, max-age=3600"}
        return Response(FRAME_SCRIPT, headers=headers, media_type="text/javascript")

    async def show(
        request: Request,
        name: NamePath,
        key: Annotated[
            str, Query(max_length=200, description="Its secret part.", examples=["k3j9m2p5"])
        ] = "",
        t: Annotated[
            str, Query(max_length=40, description="Anything: asks past a cache.", examples=["1"])
        ] = "",
    ) -> Response:
        """The page for a browser, else the picture of this moment."""
        return await anyio.to_thread.run_sync(answered, request, name, key, limiter=limiter)

    def answered(request: Request, name: str, key: str) -> Response:
        frame = _opened(gallery, forged, request, name, key)
        left_s = gallery.frames.seconds_left(frame)
        if "text/html" in request.headers.get("accept", ""):
            page = frame_page(frame, key=key, left_s=left_s)
            headers = {
                "content-security-policy": FRAME_CSP,
                "cache-control": "private, no-store",
                "vary": "accept",
                "x-robots-tag": "noindex, nofollow",
            }
            return Response(page, headers=headers, media_type="text/html; charset=utf-8")
        _, found = gallery.frames.picture_for(frame)
        return Picture(
            found,
            [
                (b"cache-control", b"private, max-age=%d" % left_s),
                (b"vary", b"accept"),
                (b"x-robots-tag", b"noindex, nofollow"),
            ],
        )

    router.add_api_route(
        "/frame/{name}",
        show,
        methods=["GET"],
        tags=["frames"],
        summary="Show what a screen shows now",
        response_class=Response,
        responses={
            200: {
                "description": "The picture; to a browser a page that changes it.",
                "content": {"image/jpeg": {"example": "(bytes)"}},
            },
            304: {"description": "The client's copy still holds."},
            **_NONE,
            429: {"model": ErrorOut, "description": "Too many wrong keys."},
            503: {"model": ErrorOut, "description": "Still being made; says when to ask again."},
        },
    )
    router.add_api_route("/frame/{name}", show, methods=["HEAD"], include_in_schema=False)


def _opened(
    gallery: Gallery, forged: BadLinkThrottle, request: Request, name: str, key: str
) -> Frame:
    """The frame, if this client may see it.

    Raises:
        NotFound: no such frame, or another key: nobody learns which.
        Throttled: too many wrong ones.
    """
    if not request.scope.get("gallery.stranger") and not key:
        return gallery.frames.get(name)
    client = client_of(request.scope)
    wait_s = forged.wait_s(client)
    if wait_s:
        raise Throttled(wait_s)
    try:
        frame = gallery.frames.get(name)
        if gallery.frames.opens(frame, key):
            return frame
    except NotFound:
        pass
    forged.note(client)
    raise NotFound("frame")
