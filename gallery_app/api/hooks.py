"""Webhooks: a remote tells that a ticket changed. Believed only as a reason to look sooner.

Reachable from outside, as signed links are: the token is the permission, and whoever has none
learns nothing, not even which sources there are.
"""

from __future__ import annotations

from typing import Annotated

import anyio
import anyio.to_thread
from anyio import CapacityLimiter
from fastapi import APIRouter, Header, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from gallery_app.api.answers import Json
from gallery_app.api.deps import NumberPath
from gallery_app.api.guards import BadLinkThrottle, client_of
from gallery_app.api.schemas import ErrorOut
from gallery_app.api.schemas_compat import HeardOut
from gallery_app.domain.errors import Incomplete, NotFound, Throttled
from gallery_app.services.gallery import Gallery

STALL_S = 10.0  # of the whole body, which is at most 64 KiB (guards.py)


def add_routes(router: APIRouter, gallery: Gallery) -> None:
    """Put the routes of this file on `router`."""
    forged = BadLinkThrottle()
    limiter = CapacityLimiter(8)

    @router.post(
        "/hooks/freshdesk/{number}",
        tags=["sources"],
        summary="Hear of a changed ticket",
        status_code=202,
        responses={
            202: {"model": HeardOut, "description": "It is looked at soon."},
            400: {"model": ErrorOut, "description": "The body names no ticket."},
            404: {"model": ErrorOut, "description": "No such source, or another token."},
            413: {"model": ErrorOut, "description": "More than 64 KiB."},
            429: {"model": ErrorOut, "description": "Too many wrong tokens."},
        },
        openapi_extra={
            "requestBody": {
                "required": True,
                "description": "JSON with `ticket_id`.",
                "content": {"application/json": {"example": {"ticket_id": 4711}}},
            }
        },
    )
    async def heard(
        request: Request,
        number: NumberPath,
        x_gallery_token: Annotated[
            str,
            Header(max_length=200, description="The source's token.", examples=["k3j9m2p5r8t1"]),
        ] = "",
    ) -> Response:
        """Take the hint and answer at once; the ticket is read in the background."""
        client = client_of(request.scope)
        wait_s = forged.wait_s(client)
        if wait_s:
            raise Throttled(wait_s)
        try:
            with anyio.fail_after(STALL_S):
                body = await request.body()
        except TimeoutError as error:
            raise Incomplete(f"Nothing came for {STALL_S:.0f} seconds.") from error
        except ClientDisconnect:
            return Response(status_code=400)  # gone, or too large: then the guard answers
        try:
            await anyio.to_thread.run_sync(
                gallery.hooks.heard, number, x_gallery_token, body, limiter=limiter
            )
        except NotFound:
            forged.note(client)
            raise
        return Json({"status": "accepted"}, status_code=202)
