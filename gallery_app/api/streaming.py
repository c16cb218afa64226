"""Originals that lie at a remote, passed on as they come: nothing is kept, nothing waits.

Each piece is read in a thread, from a small pool of its own, so that a remote that hangs holds
up neither the event loop nor our own pictures. A range is asked of the remote as the client
asked it; a client that goes away, or reads nothing for minutes, ends the remote's answer too: it
asks for the rest of a paused film by itself.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, suppress

import anyio
import anyio.to_thread
from anyio import CapacityLimiter
from starlette.types import Message, Receive, Scope, Send

from gallery_app.api.answers import (
    STORED_CSP,
    BrokeOff,
    Headers,
    Part,
    disposition,
    part_asked,
    while_there,
)
from gallery_app.domain.errors import GalleryError
from gallery_app.domain.remote import RemoteStream
from gallery_app.services.values import Streamed

CLIENT_READS_WITHIN_S = 120.0  # a remote gives few streams at once


async def send_streamed(  # the ASGI triple counts for three
    scope: Scope,
    receive: Receive,
    send: Send,
    found: Streamed,
    headers: Headers,
    *,
    limiter: CapacityLimiter,
    attachment: bool = False,
    granted: Callable[[], Awaitable[None]] | None = None,
    reads_within_s: float = CLIENT_READS_WITHIN_S,
) -> None:
    """Send a remote's original, or the range of it that is asked for.

    `granted` is awaited once the remote began to answer, before the first byte; it may raise.

    Raises:
        GalleryError: the remote did not begin to answer, or `granted` says no; nothing was sent.
        BrokeOff: the remote did, or the client reads no more; the answer ends short of its length.
    """
    size = found.size_bytes
    # Of what size it is, is not known before it comes: then it is sent whole.
    part = part_asked(scope, found.etag, size) if size else Part(200, 0, 0, [])
    full: Headers = [
        (b"content-type", found.content_type.encode("latin-1")),
        (
            b"content-disposition",
            disposition(found.filename, inline=found.inline and not attachment),
        ),
        (b"content-security-policy", STORED_CSP),
        (b"etag", found.etag.encode("latin-1")),
        *([(b"accept-ranges", b"bytes")] if size else []),
        *headers,
        *part.headers,
    ]
    start = {"type": "http.response.start", "status": part.status, "headers": full}
    if scope["method"] == "HEAD" or part.status in {304, 416}:
        await send(start)
        await send({"type": "http.response.body", "body": b""})
        return
    span = (part.start, part.stop - 1) if part.status == 206 else (None, None)
    opened = found.open(*span)
    stream = await anyio.to_thread.run_sync(opened.__enter__, limiter=limiter)
    try:
        if granted is not None:
            await granted()
        await send(start)
        pieces = _cut(stream, part, size)
        await _pass_on(receive, send, pieces, limiter, reads_within_s=reads_within_s)
    finally:
        with anyio.CancelScope(shield=True):
            await anyio.to_thread.run_sync(_end, opened, limiter=limiter)


async def _pass_on(
    receive: Receive,
    send: Send,
    pieces: Iterator[bytes],
    limiter: CapacityLimiter,
    *,
    reads_within_s: float,
) -> None:
    broke_off: BrokeOff | None = None
    async with while_there(receive):
        try:
            while True:
                piece = await anyio.to_thread.run_sync(_next, pieces, limiter=limiter)
                if piece is None:
                    break
                message = {"type": "http.response.body", "body": piece, "more_body": True}
                await _send_within(reads_within_s, send, message)
            await send({"type": "http.response.body", "body": b""})
        except BrokeOff as error:  # out here, or it would come in a group
            broke_off = error
    if broke_off is not None:
        raise broke_off


async def _send_within(seconds: float, send: Send, message: Message) -> None:
    with anyio.move_on_after(seconds) as patience:
        await send(message)
    if patience.cancelled_caught:
        raise BrokeOff("the client reads no more of a remote's original")


def _cut(stream: RemoteStream, part: Part, size: int | None) -> Iterator[bytes]:
    """The pieces of the part asked for, also of a remote that sends more than it was asked."""
    before = part.start - stream.start if part.status == 206 else 0
    left = part.stop - part.start if size else None
    if before < 0:
        raise BrokeOff("the remote sent another part than it was asked for")
    for chunk in stream.chunks:
        piece = chunk
        if before > 0:
            before, piece = before - len(piece), piece[before:]
        if left is not None:
            piece = piece[:left]
            left -= len(piece)
        if piece:
            yield piece
        if left == 0:
            return
    if left:
        raise BrokeOff("the remote's original is shorter than it said")


def _next(pieces: Iterator[bytes]) -> bytes | None:
    try:
        return next(pieces, None)
    except GalleryError as error:
        # The answer has begun: the connection ends short, so that the client knows.
        raise BrokeOff(error.public) from error


def _end(opened: AbstractContextManager[RemoteStream]) -> None:
    with suppress(GalleryError):  # by now the answer is sent, or has ended short
        opened.__exit__(None, None, None)
