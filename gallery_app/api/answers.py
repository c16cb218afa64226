"""Answers below the framework: bytes, files in pieces, ranges, 304s and errors as plain ASGI.

Used by `front.py` (the fast path) and by `media.py` (the documented routes). Never blocks the
event loop: a file is read in a thread, piece by piece, and no further once the reader has gone.
"""

from __future__ import annotations

import contextlib
import json
import os
import stat
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import BinaryIO
from urllib.parse import quote

import anyio
import anyio.to_thread
from anyio import CapacityLimiter
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gallery_app.domain.errors import (
    GalleryError,
    NotReady,
    Throttled,
    UpstreamGone,
    UpstreamThrottled,
)
from gallery_app.services.values import Bytes, File

Headers = list[tuple[bytes, bytes]]

PIECE_BYTES = 256 * 1024
# Source: design/reliability.md B55: stored bytes never run, embed or load anything.
STORED_CSP = (
    b"sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'; "
    b"frame-ancestors 'none'"
)
_JSON = b"application/json"


def dumps(value: object) -> bytes:
    """JSON of plain values; dates in ISO 8601."""
    return _dumps(value)


try:
    import orjson
except ImportError:  # NiceGUI leaves it out on PyPy and 32-bit machines

    def _dumps(value: object) -> bytes:
        return json.dumps(
            value, default=_plain, ensure_ascii=False, separators=(",", ":"), allow_nan=False
        ).encode("utf-8", "replace")

else:

    def _dumps(value: object) -> bytes:
        return orjson.dumps(value, default=_plain, option=orjson.OPT_NON_STR_KEYS)


def _plain(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, tuple | set | frozenset):
        return list(value)
    raise TypeError(f"{type(value).__name__} is no JSON value")


class Json(Response):
    """A JSON answer from plain values, without a model in between."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        """The body."""
        return dumps(content)


# --- conditions and ranges ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Asked:
    """The request headers that decide which part of a thing is sent, if any."""

    if_none_match: bytes = b""
    range: bytes = b""
    if_range: bytes = b""
    accept: bytes = b""

    @classmethod
    def of(cls, scope: Scope) -> Asked:
        """Read from the request; a header that stands twice is joined as HTTP says."""
        found = {b"if-none-match": b"", b"range": b"", b"if-range": b"", b"accept": b""}
        for name, value in scope["headers"]:
            if name in found:
                found[name] = found[name] + b", " + value if found[name] else value
        return cls(found[b"if-none-match"], found[b"range"], found[b"if-range"], found[b"accept"])


def is_unchanged(if_none_match: bytes, etag: bytes) -> bool:
    """Whether the client holds this very version (weak comparison, `*` means any).

    Source: RFC 9110, section 13.1.2.
    """
    if not if_none_match:
        return False
    if if_none_match == etag or if_none_match.strip() == b"*":
        return True
    held = (part.strip().removeprefix(b"W/") for part in if_none_match.split(b","))
    return etag.removeprefix(b"W/") in held


def parse_range(text: bytes, size: int) -> tuple[int, int] | bool | None:
    """(start, stop) of the single range asked for, None for the whole, False for none such.

    Several ranges, another unit and bad syntax give the whole file, as RFC 9110 (14.2) allows:
    a client that asks for 5,000 pieces gets one answer, once.
    """
    unit, equals, spec = text.partition(b"=")
    if unit.strip().lower() != b"bytes" or not equals or b"," in spec:
        return None
    first, dash, last = (part.strip() for part in spec.partition(b"-"))
    if not dash or not (first.isdigit() or last.isdigit()):
        return None
    if (first and not first.isdigit()) or (last and not last.isdigit()):
        return None
    if len(first) > 18 or len(last) > 18:
        return None
    if not first:
        wanted = min(int(last), size)
        return (size - wanted, size) if wanted else False
    start = int(first)
    if last and int(last) < start:
        return None
    if start >= size:
        return False
    return start, min(int(last) + 1 if last else size, size)


@dataclass(frozen=True, slots=True)
class Part:
    """What of a thing of `size` bytes is sent, and under which status."""

    status: int
    start: int
    stop: int
    headers: Headers


def part_asked(scope: Scope, etag: str, size: int) -> Part:
    """What of `size` bytes under `etag` the request is to be sent."""
    asked, tag = Asked.of(scope), etag.encode("latin-1")
    if is_unchanged(asked.if_none_match, tag):
        return Part(304, 0, 0, [])
    length = [(b"content-length", b"%d" % size)]
    if not asked.range or (asked.if_range and asked.if_range != tag):
        return Part(200, 0, size, length)
    span = parse_range(asked.range, size)
    if isinstance(span, bool):
        empty = [(b"content-range", b"bytes */%d" % size), (b"content-length", b"0")]
        return Part(416, 0, 0, empty)
    if span is None:
        return Part(200, 0, size, length)
    start, stop = span
    headers = [
        (b"content-range", b"bytes %d-%d/%d" % (start, stop - 1, size)),
        (b"content-length", b"%d" % (stop - start)),
    ]
    return Part(206, start, stop, headers)


# --- sending --------------------------------------------------------------------------------


async def send_bytes(scope: Scope, send: Send, found: Bytes, headers: Headers) -> None:
    """Send a rendition, a range of it, or 304 when the client has it."""
    part = part_asked(scope, found.etag, len(found.data))
    full = [
        (b"content-type", found.content_type.encode("latin-1")),
        (b"etag", found.etag.encode("latin-1")),
        (b"accept-ranges", b"bytes"),
        *headers,
        *part.headers,
    ]
    await send({"type": "http.response.start", "status": part.status, "headers": full})
    body = b"" if scope["method"] == "HEAD" else found.data[part.start : part.stop]
    await send({"type": "http.response.body", "body": body})


async def send_file(  # the ASGI triple counts for three
    scope: Scope,
    receive: Receive,
    send: Send,
    found: File,
    headers: Headers,
    *,
    limiter: CapacityLimiter,
    attachment: bool = False,
) -> None:
    """Send an original, or a range of it, in pieces read by a thread.

    Raises:
        UpstreamGone: it is not there any more, or is no regular file.
    """
    source = await anyio.to_thread.run_sync(_open, found, limiter=limiter)
    try:
        # The size of the file that is open, not of the one described a moment ago.
        size = os.fstat(source.fileno()).st_size
        part = part_asked(scope, found.etag, size)
        full = [
            (b"content-type", found.content_type.encode("latin-1")),
            (
                b"content-disposition",
                disposition(found.filename, inline=_inline(found, attachment)),
            ),
            (b"content-security-policy", STORED_CSP),
            (b"etag", found.etag.encode("latin-1")),
            (b"accept-ranges", b"bytes"),
            *headers,
            *part.headers,
        ]
        await send({"type": "http.response.start", "status": part.status, "headers": full})
        if scope["method"] == "HEAD" or part.start == part.stop:
            await send({"type": "http.response.body", "body": b""})
            return
        await _send_pieces(receive, send, source, part.start, part.stop, limiter)
    finally:
        source.close()


def _inline(found: File, attachment: bool) -> bool:  # noqa: FBT001  # one caller, above
    return found.inline and not attachment


def _open(found: File) -> BinaryIO:
    try:
        number = os.open(found.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise UpstreamGone from error
    if not stat.S_ISREG(os.fstat(number).st_mode):
        os.close(number)
        raise UpstreamGone
    return os.fdopen(number, "rb", buffering=0)


async def _send_pieces(  # private, one caller
    receive: Receive,
    send: Send,
    source: BinaryIO,
    start: int,
    stop: int,
    limiter: CapacityLimiter,
) -> None:
    """Send bytes start to stop."""
    source.seek(start)
    async with while_there(receive):
        left = stop - start
        while left:
            wanted = min(PIECE_BYTES, left)
            piece = await anyio.to_thread.run_sync(source.read, wanted, limiter=limiter)
            if not piece:
                # Cut while it was read: the connection has to end short of its length, so
                # that the client knows.
                raise OSError("the original became shorter while it was sent")
            left -= len(piece)
            await send({"type": "http.response.body", "body": piece, "more_body": bool(left)})


@contextlib.asynccontextmanager
async def while_there(receive: Receive) -> AsyncIterator[None]:
    """Ends the block early when the client goes; uvicorn's `send` does not say so.

    What the block raises comes out in an ExceptionGroup.
    """

    async def watch(scope: anyio.CancelScope) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        scope.cancel()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(watch, tasks.cancel_scope)
        yield
        tasks.cancel_scope.cancel()


def disposition(filename: str, *, inline: bool) -> bytes:
    """Content-Disposition with an ASCII name and the true one.

    Source: RFC 6266, appendix D; RFC 8187.
    """
    kind = "inline" if inline else "attachment"
    clean = "".join(c for c in filename if c.isprintable() and c not in '"\\/') or "picture"
    plain = clean.encode("ascii", "replace").decode("ascii").replace("?", "_").replace("%", "_")
    exact = quote(clean.encode("utf-8", "replace"), safe="")
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{exact}".encode("ascii")


# --- errors ---------------------------------------------------------------------------------


class BrokeOff(OSError):
    """An answer that had begun and cannot be ended, through no fault of ours; says why."""


def error_body(error: GalleryError, **more: object) -> bytes:
    """The one shape of every error: code, sentence, status, and the error's typed facts."""
    facts = {k: v for k, v in error.data().items() if v not in ("", None)}
    told = {"code": error.code, "message": error.public, "status": error.status}
    return dumps({"error": {**facts, **more, **told}})


def error_headers(error: GalleryError) -> Headers:
    """Headers an error brings along: when to ask again, and that it is not to be kept."""
    headers: Headers = [(b"cache-control", b"no-store")]
    if isinstance(error, Throttled | NotReady | UpstreamThrottled):
        headers.append((b"retry-after", b"%d" % error.retry_after_s))
    return headers


async def send_page(scope: Scope, send: Send, status: int, body: bytes, headers: Headers) -> None:
    """Send an HTML document of ours; a HEAD gets no body."""
    full = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
        *headers,
    ]
    await send({"type": "http.response.start", "status": status, "headers": full})
    sent = b"" if scope["method"] == "HEAD" else body
    await send({"type": "http.response.body", "body": sent})


async def send_error(
    scope: Scope,
    send: Send,
    error: GalleryError,
    *,
    body: bytes | None = None,
    content_type: bytes = _JSON,
    headers: Headers | None = None,
) -> None:
    """Send an error, as JSON unless another body is given; a HEAD gets no body."""
    body = error_body(error) if body is None else body
    full = [
        (b"content-type", content_type),
        (b"content-length", b"%d" % len(body)),
        *error_headers(error),
        *(headers or []),
    ]
    await send({"type": "http.response.start", "status": error.status, "headers": full})
    sent = b"" if scope["method"] == "HEAD" else body
    await send({"type": "http.response.body", "body": sent})
