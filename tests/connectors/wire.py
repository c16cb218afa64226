"""A server of raw sockets that says exactly what a test tells it to, and counts who comes.

Real HTTP servers refuse to lie; remotes do not: here a body may be shorter than announced, drip,
stall, or be no HTTP at all. Beside it the clock of these tests, which moves when told.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Protocol, TypeVar

from gallery_app.connectors.base import Tools

Reply = bytes | Callable[[socket.socket], object]
AGENT = "Gallery/test"
BEGAN = datetime(2026, 11, 26, 12, 0, tzinfo=UTC)


class Closes(Protocol):
    """What a test has to close."""

    def close(self) -> None: ...


T = TypeVar("T", bound=Closes)
_kept: list[Closes] = []


def kept(thing: T) -> T:
    """The same, to be closed by `close_all` when the test is over."""
    _kept.append(thing)
    return thing


def close_all() -> None:
    while _kept:
        _kept.pop().close()


class Time:
    """Clock, wait and chance of a test; waits are noted and pass at once."""

    def __init__(self, *, chance: float = 0.5, stop_after: int | None = None) -> None:
        self.passed_s = 0.0
        self.waits: list[float] = []
        self.chance = chance
        self._stop_after = stop_after

    def wait(self, seconds: float) -> bool:
        self.waits.append(seconds)
        self.passed_s += seconds
        return self._stop_after is not None and len(self.waits) >= self._stop_after

    @property
    def tools(self) -> Tools:
        return Tools(
            now=lambda: BEGAN + timedelta(seconds=self.passed_s),
            monotonic=lambda: 1000.0 + self.passed_s,
            wait=self.wait,
            chance=lambda: self.chance,
            user_agent=AGENT,
        )

    @property
    def real(self) -> Tools:
        """The same with a monotonic clock that runs: for deadlines of real sockets."""
        return Tools(
            now=lambda: datetime.now(UTC),
            monotonic=time.monotonic,
            wait=self.wait,
            chance=lambda: self.chance,
            user_agent=AGENT,
        )


def answer(body: bytes = b"", status: str = "200 OK", **headers: str) -> bytes:
    """One HTTP answer; its length is announced unless a test announces another one."""
    lines = {"content_type": "application/json", "content_length": str(len(body)), **headers}
    told = "".join(
        f"{name.replace('_', '-')}: {value}\r\n" for name, value in lines.items() if value
    )
    return f"HTTP/1.1 {status}\r\n{told}\r\n".encode() + body


def drip(head: bytes, piece: bytes, *, every_s: float) -> Callable[[socket.socket], None]:
    """A head, then for ever one piece after the other."""

    def send(client: socket.socket) -> None:
        client.sendall(head)
        with suppress(OSError):
            while True:
                client.sendall(piece)
                time.sleep(every_s)

    return send


class Wire:
    """Answers the n-th request with the n-th reply, the last one for ever."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.connections = 0
        self.requests: list[bytes] = []
        self._lock = threading.Lock()
        self._open: list[socket.socket] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    def __enter__(self) -> Wire:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for client in self._open:
            with suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
            client.close()
        self._thread.join(5)

    @property
    def paths(self) -> list[str]:
        return [request.split(b" ", 2)[1].decode() for request in self.requests]

    def header(self, name: str, request: int = -1) -> str | None:
        for line in self.requests[request].split(b"\r\n\r\n")[0].split(b"\r\n")[1:]:
            key, _, value = line.decode().partition(":")
            if key.lower() == name:
                return value.strip()
        return None

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                self._open.append(client)
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            while request := _request(client):
                with self._lock:
                    reply = self.replies[min(len(self.requests), len(self.replies) - 1)]
                    self.requests.append(request)
                if not isinstance(reply, bytes):
                    reply(client)
                    return
                client.sendall(reply)
                if b"content-length" not in reply.lower():
                    return


def _request(client: socket.socket) -> bytes:
    seen = b""
    while b"\r\n\r\n" not in seen:
        more = client.recv(65_536)
        if not more:
            return b""
        seen += more
    head, _, body = seen.partition(b"\r\n\r\n")
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            while len(body) < int(line.partition(b":")[2]):
                body += client.recv(65_536)
    return head + b"\r\n\r\n" + body
