"""Uploads: a body streamed straight to the store, judged while it comes in.

Nothing is collected in memory beyond one buffer, nothing goes through a temporary folder, and
whoever goes away half-way leaves nothing behind (design/reliability.md, B41, B42).
"""

from __future__ import annotations

import logging
from datetime import datetime, timezone
from typing import Annotated

import anyio
import anyio.to_thread
from anyio import CapacityLimiter
from fastapi import APIRouter, Header, Path, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gallery_app.api.answers import Json, error_body, error_headers
from gallery_app.api.assets import whole_of
from gallery_app.api.deps import Told
from gallery_app.api.errors import answer
from gallery_app.api.schemas import AssetWholeOut, ErrorOut
from gallery_app.domain.dates import http_date
from gallery_app.domain.errors import BadInput, GalleryError, Incomplete
from gallery_app.services.gallery import Gallery
from gallery_app.services.uploads import Upload

log = logging.getLogger(__name__)

BUFFER_BYTES = 1 << 20
STALL_S = 30.0  # a sender that is silent for so long has gone
# After a refusal the rest of the body is read and dropped for a moment: closing at once would
# reset the connection, and the sender would see that instead of the answer.
LINGER_S = 2.0
LINGER_BYTES = 64 * 1024 * 1024
MOST_AT_ONCE = 16

_REFUSALS: Told = {
    400: {"model": ErrorOut, "description": "Fewer bytes than announced, or a bad header."},
    413: {"model": ErrorOut, "description": "Too many bytes; `limit_bytes` says how many may be."},
    415: {"model": ErrorOut, "description": "No picture or video the gallery knows."},
    422: {"model": ErrorOut, "description": "It cannot be decoded, or is not what was announced."},
    507: {"model": ErrorOut, "description": "The gallery's disk is full."},
}


def add_routes(router: APIRouter, gallery: Gallery) -> None:
    """Put the routes of this file on `router`."""
    limiter = CapacityLimiter(MOST_AT_ONCE)

    @router.put(
        "/uploads/{filename:path}",
        summary="Upload a picture",
        status_code=201,
        responses={
            201: {"model": AssetWholeOut, "description": "Taken in."},
            200: {"model": AssetWholeOut, "description": "These bytes were here already."},
            **_REFUSALS,
        },
        openapi_extra={
            "requestBody": {
                "required": True,
                "description": "The file, as it is.",
                "content": {"application/octet-stream": {"example": "(bytes)"}},
            }
        },
    )
    async def upload(
        request: Request,
        filename: Annotated[
            str, Path(description="Its name; of a path the last part.", examples=["lake.jpg"])
        ],
        x_last_modified: Annotated[
            str | None,
            Header(
                description="The file's own time: ms since 1970, or an HTTP date.",
                examples=["1469966602000"],
            ),
        ] = None,
        x_sha256: Annotated[
            str | None, Header(description="Hash to hold the bytes against.", examples=[""])
        ] = None,
    ) -> Response:
        """Stream one file in; limits are checked while it comes."""

        def begin() -> Upload:
            return gallery.uploads.begin(
                filename,
                length=_announced(request),
                modified_ms=_modified_ms(x_last_modified),
                sha256=x_sha256 or None,
            )

        try:
            incoming = await anyio.to_thread.run_sync(begin, limiter=limiter)
        except GalleryError as error:
            return _Refusal(error)
        whole = False
        try:
            await _receive(request, incoming, limiter)
            whole = True
            received = await anyio.to_thread.run_sync(incoming.finish, limiter=limiter)
        except ClientDisconnect:
            # Nobody is left to read an answer; what came so far is dropped below.
            return Response(status_code=400)
        except GalleryError as error:
            # Only who is still sending needs time to notice that nobody listens.
            return answer(error) if whole else _Refusal(error)
        finally:
            with anyio.CancelScope(shield=True):
                await anyio.to_thread.run_sync(incoming.abort, limiter=limiter)
        body = await anyio.to_thread.run_sync(whole_of, gallery, received.asset, limiter=limiter)
        return Json(body, status_code=201 if received.created else 200)


async def _receive(request: Request, incoming: Upload, limiter: CapacityLimiter) -> None:
    """Write the body as it comes, a buffer at a time.

    Raises:
        Incomplete: the sender fell silent.
        ClientDisconnect: the sender went away.
    """
    chunks = request.stream().__aiter__()
    buffer = bytearray()
    while True:
        try:
            with anyio.fail_after(STALL_S):
                chunk = await anext(chunks, None)
        except TimeoutError as error:
            raise Incomplete(f"Nothing came for {STALL_S:.0f} seconds. Send it again.") from error
        if chunk is None:
            break
        buffer += chunk
        if len(buffer) >= BUFFER_BYTES:
            await anyio.to_thread.run_sync(incoming.write, bytes(buffer), limiter=limiter)
            buffer.clear()
    if buffer:
        await anyio.to_thread.run_sync(incoming.write, bytes(buffer), limiter=limiter)


def _announced(request: Request) -> int | None:
    """The body's length as announced; the server refuses contradictions before us."""
    text = request.headers.get("content-length")
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise BadInput("Content-Length is not a number.")
    return int(text)


def _modified_ms(text: str | None) -> int | None:
    """Milliseconds since 1970 of a number or an HTTP date.

    Raises:
        BadInput: neither.
    """
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) <= 15:
        return int(text)
    moment = http_date(text)
    if moment is None:
        raise BadInput("X-Last-Modified is neither milliseconds nor an HTTP date.")
    return int((moment - datetime.fromtimestamp(0, timezone.utc)).total_seconds() * 1000)


class _Refusal(Response):
    """An error that is sent whole before the sender has finished, and read past for a moment."""

    def __init__(self, error: GalleryError) -> None:
        super().__init__(error_body(error), error.status, media_type="application/json")
        for name, value in error_headers(error):
            self.headers[name.decode()] = value.decode()
        self.headers["connection"] = "close"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the answer, then let the sender notice."""
        head = {
            "type": "http.response.start",
            "status": self.status_code,
            "headers": self.raw_headers,
        }
        await send(head)
        await send({"type": "http.response.body", "body": bytes(self.body), "more_body": True})
        dropped = 0
        with anyio.move_on_after(LINGER_S):
            while dropped < LINGER_BYTES:
                message = await receive()
                if message["type"] == "http.disconnect" or not message.get("more_body", False):
                    break
                dropped += len(message.get("body", b""))
        await send({"type": "http.response.body", "body": b""})
