"""Bodies as they come: counted, held to a size and a pace, unpacked without being blown up."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import httpx

from gallery_app.connectors.faults import as_ours
from gallery_app.domain.errors import TooLarge, Upstream, UpstreamTimeout
from gallery_app.domain.remote import RemoteStream

GRACE_S = 20.0  # Open Food Facts needs that long for a first byte at times
SLOWEST_BYTES_S = 1024.0
PIECE = 65_536
_RANGE = re.compile(r"bytes ([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18}|\*)")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a body may be. `expect_size`: exactly so many bytes, as the remote's list says."""

    cap_bytes: int
    expect_size: int | None = None
    grace_s: float = GRACE_S
    slowest_bytes_s: float = SLOWEST_BYTES_S


def stream_of(
    response: httpx.Response, bounds: Bounds, *, name: str, monotonic: Callable[[], float]
) -> RemoteStream:
    """The body of an answer, whose bytes are only read as they are asked for.

    Raises:
        TooLarge: more is announced than may come.
        Upstream: it is packed though we asked for it plain, or another size is announced than
            the remote's list says.
    """
    headers = response.headers
    packed = headers.get("content-encoding", "identity").strip().lower()
    if packed not in {"", "identity"}:
        raise Upstream(name, f"{name} sent a picture packed ({packed[:20]}).")
    size = announced(headers)
    start, total = 0, size
    if response.status_code == 206 and (told := _RANGE.match(headers.get("content-range", ""))):
        start, total = int(told[1]), None if told[2] == "*" else int(told[2])
    if size is not None and size > bounds.cap_bytes:
        raise TooLarge("The picture is larger than may be fetched.", bounds.cap_bytes)
    if size is not None and bounds.expect_size is not None and size != bounds.expect_size:
        raise Upstream(name, f"{name} offers {size} bytes where {bounds.expect_size} were listed.")
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    chunks = _counted(response, bounds, name, monotonic)
    return RemoteStream(chunks, kind, size, total, start)


def _counted(
    response: httpx.Response, bounds: Bounds, name: str, monotonic: Callable[[], float]
) -> Iterator[bytes]:
    pieces, count, waited_s = response.iter_raw(), 0, 0.0
    with as_ours(name):
        while True:
            # Only what the remote takes is its pace, not what the reader does in between.
            began_s = monotonic()
            chunk = next(pieces, None)
            waited_s += monotonic() - began_s
            if chunk is None:
                break
            count += len(chunk)
            if count > bounds.cap_bytes:
                raise TooLarge("The picture is larger than may be fetched.", bounds.cap_bytes)
            if waited_s > bounds.grace_s and count < waited_s * bounds.slowest_bytes_s:
                raise UpstreamTimeout(name, f"{name} sends too slowly; it is tried again later.")
            yield chunk
    if bounds.expect_size is not None and count != bounds.expect_size:
        raise Upstream(name, f"{name} sent {count} bytes of {bounds.expect_size}.")


def announced(headers: httpx.Headers) -> int | None:
    """How many bytes are to come; None when that is not said."""
    said = headers.get("content-length", "")
    return int(said) if said.isascii() and said.isdigit() else None


def whole_body(response: httpx.Response, *, cap_bytes: int, name: str, cut: bool = False) -> bytes:
    """The whole body, unpacked, never more than `cap_bytes` of it in memory.

    Args:
        response: its head was read.
        cap_bytes: the most it may have.
        name: of the remote.
        cut: of more, the beginning is enough.

    Raises:
        Upstream: it is larger, or packed in a way we did not ask for.
        httpx.RemoteProtocolError: it ends in the middle.
    """
    packed = response.headers.get("content-encoding", "").strip().lower()
    pieces: Iterable[bytes] = response.iter_raw()
    if packed in {"gzip", "x-gzip"}:
        pieces = _unpacked(pieces, name)
    elif packed not in {"", "identity"}:
        raise Upstream(name, f"{name} sent its answer packed in a way we did not ask for.")
    body = bytearray()
    for piece in pieces:
        body += piece
        if len(body) > cap_bytes:
            if cut:
                break
            raise Upstream(name, f"{name} sent an answer of more than {cap_bytes >> 20} MiB.")
    return bytes(body[:cap_bytes])


def _unpacked(pieces: Iterable[bytes], name: str) -> Iterator[bytes]:
    """What gzip packed, in pieces of at most 64 KiB, however much they were squeezed."""
    unpack = zlib.decompressobj(wbits=31)
    empty = True  # the body of a HEAD, or of an error that says nothing, is no gzip
    try:
        for piece in pieces:
            waiting, empty = piece, empty and not piece
            while waiting and not unpack.eof:
                yield unpack.decompress(waiting, PIECE)
                waiting = unpack.unconsumed_tail
    except zlib.error as error:
        raise Upstream(name, f"{name} sent data that cannot be unpacked.") from error
    if not unpack.eof and not empty:
        raise httpx.RemoteProtocolError("the packed body ends in the middle")
