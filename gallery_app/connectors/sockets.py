"""Connections that go where they may and nowhere else.

A name is resolved once, **every** address it has must be allowed, and the connection is made to
one of exactly these addresses: a name server that answers differently the second time wins
nothing. TLS still names and verifies the host. No proxy of the environment is asked, since it
would connect in our place. Each read also ends at the request's own deadline, because a read
timeout alone never stops a sender of one byte at a time.
"""

from __future__ import annotations

import functools
import logging
import socket
import ssl
import threading
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress

import certifi
import httpcore
import httpx

from gallery_app.connectors.pinned import Pins
from gallery_app.domain.errors import NotAllowed

MOST_ADDRESSES = 8  # of one name that are tried; a stranger's name server may tell thousands
Resolver = Callable[[str, int], Sequence[str]]  # host and port -> addresses; raises OSError

# httpcore's own debug lines hold header values (a Location with its signature, say).
logging.getLogger("httpcore").setLevel(logging.INFO)


def resolve(host: str, port: int) -> list[str]:
    """All addresses of a host, as the system knows them."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


@functools.cache
def trusted() -> ssl.SSLContext:
    """Certificates of the system (the operator's own among them) and of the web at large."""
    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


class UnknownName(httpcore.ConnectError):
    """Nobody knows an address for the host's name."""


class _Now(threading.local):
    """The deadline of the request that this thread is sending."""

    sending = False
    until: float | None = None


class _Living:
    """The connections that somebody may be waiting on; safe from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._streams: weakref.WeakSet[PinnedStream] = weakref.WeakSet()
        self._ended = False

    def add(self, stream: PinnedStream) -> bool:
        """Remember one; False when all were ended meanwhile."""
        with self._lock:
            self._streams.add(stream)
            return not self._ended

    def end(self) -> None:
        """End them all, and whatever comes later."""
        with self._lock:
            self._ended = True
            streams = list(self._streams)
        for stream in streams:
            stream.end()


class PinnedStream(httpcore.NetworkStream):
    """A socket that stops at a deadline: that of the answer being read, `until`."""

    def __init__(
        self,
        inner: httpcore.NetworkStream,
        now: _Now,
        monotonic: Callable[[], float],
        living: _Living,
    ) -> None:
        self._inner = inner
        self._now = now
        self._monotonic = monotonic
        self._living = living
        self.until: float | None = None
        self._ended = False
        if not living.add(self):
            self.end()

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What has come, `max_bytes` of it at most."""
        data = self._inner.read(max_bytes, self._left(timeout, httpcore.ReadTimeout))
        if not data and self._ended:  # else a body without a length would pass as whole
            raise httpcore.ReadError("the connection was ended")
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of it."""
        self._inner.write(buffer, self._left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        """Let go of the socket."""
        self._inner.close()

    def end(self) -> None:
        """Wake whoever reads or writes now, in any thread: closing alone would not."""
        self._ended = True
        found = self._inner.get_extra_info("socket")
        if isinstance(found, socket.socket):
            with suppress(OSError):
                socket.socket.shutdown(found, socket.SHUT_RDWR)

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """The same, encrypted; the certificate is that of the host, not of the address."""
        left = self._left(timeout, httpcore.ConnectTimeout)
        inner = self._inner.start_tls(ssl_context, server_hostname, left)
        return PinnedStream(inner, self._now, self._monotonic, self._living)

    def get_extra_info(self, info: str) -> object:
        """What httpcore asks of the socket."""
        return self._inner.get_extra_info(info)

    def _left(self, timeout: float | None, late: type[Exception]) -> float | None:
        until = self._now.until if self._now.sending else self.until
        if until is None:
            return timeout
        return _left_of(until, self._monotonic(), timeout, late)


def _left_of(
    until: float, now_s: float, timeout: float | None, late: type[Exception]
) -> float | None:
    left = until - now_s
    if left <= 0:
        raise late("the deadline of the request is over")
    return left if timeout is None else min(timeout, left)


class Pinned(httpcore.NetworkBackend):
    """Resolves, checks and connects; anything forbidden raises before a packet is sent."""

    def __init__(
        self,
        pins: Pins,
        *,
        resolver: Resolver = resolve,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pins = pins
        self._resolver = resolver
        self._monotonic = monotonic
        self._inner = httpcore.SyncBackend()
        self._now = _Now()
        self._living = _Living()

    def end(self) -> None:
        """End every connection, those too that are just being made."""
        self._living.end()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to an address of `host`.

        Raises:
            NotAllowed: one of its addresses, or the port, is forbidden.
        """
        try:
            addresses = list(dict.fromkeys(self._resolver(host.strip("[]"), port)))
        except (OSError, UnicodeError) as error:
            raise UnknownName from error
        if not addresses:
            raise UnknownName
        if not all(self._pins.permits(host, port, address) for address in addresses):
            raise NotAllowed(verb="fetch")
        options = None if socket_options is None else list(socket_options)
        return self._connect(addresses[:MOST_ADDRESSES], port, timeout, local_address, options)

    def _connect(
        self,
        addresses: list[str],
        port: int,
        timeout: float | None,
        local_address: str | None,
        options: list[httpcore.SOCKET_OPTION] | None,
    ) -> httpcore.NetworkStream:
        failure: Exception | None = None
        for address in addresses:
            left = timeout
            try:
                if self._now.until is not None:
                    now_s = self._monotonic()
                    left = _left_of(self._now.until, now_s, timeout, httpcore.ConnectTimeout)
                inner = self._inner.connect_tcp(address, port, left, local_address, options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = failure or error
            else:
                return PinnedStream(inner, self._now, self._monotonic, self._living)
        assert failure is not None  # noqa: S101  # there is an address, and it failed
        raise failure

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Never: no remote is a file.

        Raises:
            NotAllowed: always.
        """
        raise NotAllowed(verb="fetch")

    def sleep(self, seconds: float) -> None:
        """What httpcore rests by between its own retries; we let it have none."""
        self._inner.sleep(seconds)

    @contextmanager
    def sending(self, until: float | None) -> Iterator[None]:
        """All that this thread sends and reads inside ends at `until` (monotonic)."""
        self._now.sending, self._now.until = True, until
        try:
            yield
        finally:
            self._now.sending, self._now.until = False, None


class PinnedTransport(httpx.BaseTransport):
    """httpx over pinned connections. `request.extensions["until"]` is the answer's deadline."""

    def __init__(
        self,
        pins: Pins,
        *,
        resolver: Resolver = resolve,
        monotonic: Callable[[], float] = time.monotonic,
        connections: int = 10,
    ) -> None:
        self._closed = False
        self._backend = Pinned(pins, resolver=resolver, monotonic=monotonic)
        self._pool = httpcore.ConnectionPool(
            ssl_context=trusted(),
            max_connections=connections,
            max_keepalive_connections=min(5, connections),
            keepalive_expiry=5.0,
            retries=0,
            network_backend=self._backend,
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send, and read the head of the answer; its body is read by whoever iterates it."""
        if self._closed:
            raise httpx.LocalProtocolError("closed", request=request)
        until = request.extensions.get("until")
        asked = httpcore.Request(
            method=request.method,
            url=httpcore.URL(
                scheme=request.url.raw_scheme,
                host=request.url.raw_host,
                port=request.url.port,
                target=request.url.raw_path,
            ),
            headers=request.headers.raw,
            content=request.stream,
            extensions=request.extensions,
        )
        with _as_httpx(request), self._backend.sending(until):
            answer = self._pool.handle_request(asked)
        stream = answer.extensions.get("network_stream")
        if isinstance(stream, PinnedStream):
            stream.until = until
        return httpx.Response(
            answer.status, headers=answer.headers, stream=_Body(answer, request), request=request
        )

    def close(self) -> None:
        """Close what is open; who waits for an answer waits no longer."""
        self._closed = True
        self._backend.end()
        self._pool.close()


class _Body(httpx.SyncByteStream):
    """The body as it comes off the wire, still packed if it was."""

    def __init__(self, answer: httpcore.Response, request: httpx.Request) -> None:
        self._answer = answer
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        with _as_httpx(self._request):
            yield from self._answer.iter_stream()

    def close(self) -> None:
        with _as_httpx(self._request):
            self._answer.close()


@contextmanager
def _as_httpx(request: httpx.Request) -> Iterator[None]:
    """What httpcore raises, under httpx's names, which are the same."""
    try:
        yield
    except tuple(_NAMES) as error:
        ours = next(name for kind, name in _NAMES.items() if isinstance(error, kind))
        raise ours(str(error), request=request) from error


_NAMES: dict[type[Exception], type[httpx.TransportError]] = {
    httpcore.ConnectTimeout: httpx.ConnectTimeout,
    httpcore.ReadTimeout: httpx.ReadTimeout,
    httpcore.WriteTimeout: httpx.WriteTimeout,
    httpcore.PoolTimeout: httpx.PoolTimeout,
    httpcore.ConnectError: httpx.ConnectError,
    httpcore.ReadError: httpx.ReadError,
    httpcore.WriteError: httpx.WriteError,
    httpcore.LocalProtocolError: httpx.LocalProtocolError,
    httpcore.RemoteProtocolError: httpx.RemoteProtocolError,
    httpcore.UnsupportedProtocol: httpx.UnsupportedProtocol,
}
