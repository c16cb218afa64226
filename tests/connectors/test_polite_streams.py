"""Bytes of a remote as they come, counted and held to a pace."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpcore
import httpx
import pytest

from gallery_app.connectors import polite as client
from gallery_app.connectors.flow import Bounds, stream_of
from gallery_app.connectors.polite import Polite
from gallery_app.domain.errors import (
    TooLarge,
    Upstream,
    UpstreamTimeout,
)
from gallery_app.domain.remote import RemoteStream
from tests.connectors.asked import GOOD, HTML, polite, sending_and_closing
from tests.connectors.wire import Time, Wire, answer, drip


def read(api: Polite, path: str = "x", **more: Any) -> bytes:
    more = {"cap_bytes": 1000, "deadline_s": 5, **more}
    with api.stream(path, **more) as stream:
        return b"".join(stream.chunks)


def test_a_part_of_a_stream_says_where_it_lies(serve: Callable[..., Wire], time: Time) -> None:
    part = answer(b"cd", "206 Partial Content", content_range="bytes 2-3/10")
    wire = serve(part)

    with polite(wire, time).stream(
        "x", cap_bytes=99, deadline_s=5, headers={"Range": "bytes=2-3"}
    ) as stream:
        got = (stream.start, stream.size_bytes, stream.total_bytes, b"".join(stream.chunks))

    assert got == (2, 2, 10, b"cd")
    assert (wire.header("range"), wire.header("accept-encoding")) == ("bytes=2-3", "identity")


def test_a_part_that_lies_nowhere_is_taken_for_the_beginning(
    serve: Callable[..., Wire], time: Time
) -> None:
    nowhere = "9" * 5000
    wire = serve(answer(b"cd", "206 Partial Content", content_range=f"bytes {nowhere}-3/10"))

    with polite(wire, time).stream("x", cap_bytes=99, deadline_s=5) as stream:
        assert (stream.start, stream.total_bytes) == (0, 2)


def test_more_than_may_come_is_refused_before_it_comes(
    serve: Callable[..., Wire], time: Time
) -> None:
    wire = serve(sending_and_closing(answer(b"x", content_length="10000000000")))

    with pytest.raises(TooLarge) as error:
        read(polite(wire, time))

    assert error.value.limit_bytes == 1000


def test_more_than_was_announced_is_cut_off(serve: Callable[..., Wire], time: Time) -> None:
    endless = sending_and_closing(b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 5000)

    with pytest.raises(TooLarge):
        read(polite(serve(endless), time))


def test_a_stream_cut_short_is_an_error_to_try_again(
    serve: Callable[..., Wire], time: Time
) -> None:
    wire = serve(sending_and_closing(answer(b"abc", content_length="10")))

    with pytest.raises(Upstream, match="broke off"):
        read(polite(wire, time))


def test_a_stream_that_we_end_is_never_taken_for_whole(
    serve: Callable[..., Wire], time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    def of_no_length(client: socket.socket) -> None:
        client.sendall(b"HTTP/1.1 200 OK\r\n\r\nhalf a pict")
        client.recv(1)

    api = polite(serve(of_no_length), time)
    # Who reads just then sees the end of the connection before it is closed.
    monkeypatch.setattr(httpcore.ConnectionPool, "close", lambda _pool: None)

    with api.stream("x", cap_bytes=1000, deadline_s=5) as stream:
        assert next(stream.chunks) == b"half a pict"
        api.close()
        with pytest.raises(Upstream, match="broke off"):
            next(stream.chunks)


def test_a_stream_begins_again_as_long_as_no_byte_came(
    serve: Callable[..., Wire], time: Time
) -> None:
    wire = serve(HTML, answer(b"picture"))

    assert read(polite(wire, time)) == b"picture"


def test_a_dripping_stream_ends_at_its_deadline(serve: Callable[..., Wire], time: Time) -> None:
    wire = serve(drip(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", b"x", every_s=0.02))

    with pytest.raises(UpstreamTimeout):
        read(polite(wire, time, tools=time.real), deadline_s=0.3)


def test_a_deadline_holds_in_whatever_thread_reads(serve: Callable[..., Wire], time: Time) -> None:
    wire = serve(drip(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", b"x", every_s=0.02))
    api = polite(wire, time, tools=time.real)

    with (
        api.stream("x", cap_bytes=1000, deadline_s=0.3) as stream,
        ThreadPoolExecutor(1) as pool,
        pytest.raises(UpstreamTimeout),
    ):
        pool.submit(b"".join, stream.chunks).result()


class ByteByByte(httpx.SyncByteStream):
    """A remote that takes so long for each of 100 bytes."""

    def __init__(self, time: Time, every_s: float) -> None:
        self._time = time
        self._every_s = every_s

    def __iter__(self) -> Iterator[bytes]:
        for _ in range(100):
            self._time.passed_s += self._every_s
            yield b"x"


def paced(time: Time, every_s: float) -> RemoteStream:
    response = httpx.Response(200, stream=ByteByByte(time, every_s))
    return stream_of(response, Bounds(1000), name="Shop", monotonic=time.tools.monotonic)


def test_a_stream_slower_than_the_slowest_is_given_up(time: Time) -> None:
    with pytest.raises(UpstreamTimeout, match="too slowly"):
        b"".join(paced(time, every_s=10).chunks)


def test_a_slow_reader_makes_no_slow_remote(time: Time) -> None:
    read = 0

    for chunk in paced(time, every_s=0).chunks:
        read += len(chunk)
        time.passed_s += 10  # a film that is watched

    assert read == 100


def test_who_waits_for_streams_that_do_not_end_is_told_so(
    serve: Callable[..., Wire], time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "STREAM_SLOT_S", 0.01)
    wire = serve(answer(b"picture"))
    api = polite(wire, time, concurrent=1)

    with api.stream("x", cap_bytes=1000, deadline_s=3600):
        with pytest.raises(UpstreamTimeout, match="busy"):
            read(api, deadline_s=3600)
        assert read(api, small=True) == b"picture"

    assert read(api) == b"picture"


def test_a_connection_is_used_again(serve: Callable[..., Wire], time: Time) -> None:
    wire = serve(GOOD)
    api = polite(wire, time)

    api.get("x")
    read(api)
    api.get("y")

    assert wire.connections == 1
