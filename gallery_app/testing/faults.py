"""Answers that go wrong: now and then by a seed, or exactly when a test says so.

`Faults(seed=1, share=0.1)` spoils a tenth of all answers; `plan("/tickets/1", "429", "500")`
spoils the next two answers whose path holds those words. `faults.around(app)` is the ASGI app
with them in it. What only one service knows (an expired address) it asks for itself with
`pending`.
"""

from __future__ import annotations

import asyncio
import gzip
import random
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

# What chance may bring. Others come only when planned: those of `_FIXED`, "drop", "stall" and
# "gzip bomb".
COMMON = ("429", "500", "502", "503", "truncated", "slow")
_HTML = b"<!doctype html><title>Sorry</title><h1>We're sorry, but something went wrong.</h1>"
_EXPIRED = (
    b'<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code>'
    b"<Message>Request has expired</Message></Error>"
)
_DENIED = b'{"code":"access_denied","message":"You are not authorized."}'
_PAGE = "text/html; charset=utf-8"
_FIXED = {
    **{status: (int(status), _HTML, _PAGE) for status in ("500", "502", "503")},
    **{status: (int(status), _DENIED, "application/json") for status in ("401", "403")},
    "404": (404, b"", "text/plain"),
    "empty 404": (404, b"", "text/plain"),
    "not json": (200, _HTML, _PAGE),
    "expired": (403, _EXPIRED, "application/xml"),
}
_SLOW_S = 0.03
_STALL_S = 2.0
_IN_A_ROW = 3


class Faults:
    """Decides for each request whether its answer goes wrong, and how.

    The same request never goes wrong more than three times in a row by chance, so that a client
    with five tries always comes through.

    Args:
        seed: of the chance.
        share: of the answers that go wrong, 0 to 1.
        kinds: what may come by chance.
        retry_after: the values that a 429 names, in turn by chance.
    """

    def __init__(
        self,
        seed: int = 0,
        share: float = 0.0,
        *,
        kinds: tuple[str, ...] = COMMON,
        retry_after: tuple[str, ...] = ("0",),
    ) -> None:
        self.share = share
        self.kinds = kinds
        self.retry_after = retry_after
        self.seen: Counter[str] = Counter()  # how many of each kind were dealt out
        self._dice = random.Random(seed)  # noqa: S311 - chance for tests
        self._plans: list[tuple[str, list[str]]] = []
        self._row: Counter[str] = Counter()
        self._always = ""
        self._lock = threading.Lock()

    def plan(self, path_holds: str, *kinds: str) -> None:
        """Let the next answers to requests whose path holds these words go wrong so, in order.

        "" in `kinds` lets one through. A kind such as "429:7" names the seconds to wait.
        """
        with self._lock:
            self._plans.append((path_holds, list(kinds)))

    def always(self, kind: str) -> None:
        """From now on every answer goes wrong so; "" ends it."""
        with self._lock:
            self._always = kind

    def pending(self, path: str, *kinds: str) -> str | None:
        """The next planned fault for that path if it is one of `kinds`; it is used up."""
        with self._lock:
            for words, plan in self._plans:
                if words in path and plan and plan[0] in kinds:
                    self.seen[plan[0]] += 1
                    return plan.pop(0)
        return None

    def decide(self, path: str, *, request: str = "", kinds: tuple[str, ...] = ()) -> str | None:
        """What goes wrong with this request; None: nothing.

        Args:
            path: looked up in the plans.
            request: what makes it the same request as another (path and query).
            kinds: what chance may bring, instead of the usual.
        """
        with self._lock:
            if self._always:
                self.seen[self._always] += 1
                return self._always
            for words, plan in self._plans:
                if words in path and plan:
                    kind = plan.pop(0)
                    self.seen[kind] += 1
                    return kind or None
            request = request or path
            if self._dice.random() >= self.share or self._row[request] >= _IN_A_ROW:
                self._row.pop(request, None)
                return None
            self._row[request] += 1
            kind = self._dice.choice(kinds or self.kinds)
            self.seen[kind] += 1
            return kind

    def around(
        self,
        app: App,
        *,
        kinds: tuple[str, ...] = (),
        spare: Callable[[str], bool] = lambda _path: False,
    ) -> App:
        """That app with these faults in it; paths that `spare` names stay whole.

        `kinds`: what may come by chance here, instead of the usual.
        """

        async def spoiled(scope: Scope, receive: Receive, send: Send) -> None:
            path = str(scope.get("path", ""))
            if scope["type"] != "http" or spare(path):
                await app(scope, receive, send)
                return
            query = bytes(scope.get("query_string", b"")).decode("latin-1")
            kind = self.decide(path, request=f"{path}?{query}", kinds=kinds)
            await self._answer(kind, app, scope, receive, send)

        return spoiled

    async def _answer(
        self, kind: str | None, app: App, scope: Scope, receive: Receive, send: Send
    ) -> None:
        if kind is None:
            await app(scope, receive, send)
        elif kind.startswith("429"):
            await self._too_many(kind, send)
        elif kind in _FIXED:
            status, body, content_type = _FIXED[kind]
            await _reply(send, status, body, content_type)
        elif kind == "gzip bomb":
            await _reply(send, 200, _bomb(), "application/json", encoding="gzip")
        elif kind == "truncated":
            await app(scope, receive, _shortened(send))
        elif kind == "drop":
            raise ConnectionAbortedError("planned")  # uvicorn answers 500 and closes
        else:
            await asyncio.sleep(_SLOW_S if kind == "slow" else _STALL_S)
            await app(scope, receive, send)

    async def _too_many(self, kind: str, send: Send) -> None:
        _, _, wait = kind.partition(":")
        with self._lock:
            wait = wait or self._dice.choice(self.retry_after)
        body = b'{"message":"You have exceeded the limit of requests per minute"}'
        await _reply(send, 429, body, "application/json", extra=[(b"retry-after", wait.encode())])


async def _reply(
    send: Send,
    status: int,
    body: bytes,
    content_type: str,
    *,
    encoding: str = "",
    extra: list[tuple[bytes, bytes]] | None = None,
) -> None:
    headers = [
        (b"content-type", content_type.encode()),
        (b"content-length", str(len(body)).encode()),
        *(extra or []),
    ]
    if encoding:
        headers.append((b"content-encoding", encoding.encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _shortened(send: Send) -> Send:
    """Announces the whole body, sends half of it and breaks off."""
    left = {"bytes": 0}

    async def shorter(message: Message) -> None:
        if message["type"] == "http.response.start":
            length = [int(v) for k, v in message["headers"] if k.lower() == b"content-length"]
            left["bytes"] = (length[0] if length else 2) // 2
            headers = [(k, v) for k, v in message["headers"] if k.lower() != b"content-length"]
            headers.append((b"content-length", str(max(2, left["bytes"] * 2 + 1)).encode()))
            await send({**message, "headers": headers})
            return
        body = bytes(message.get("body", b""))[: left["bytes"]]
        left["bytes"] -= len(body)
        await send({"type": "http.response.body", "body": body, "more_body": left["bytes"] > 0})

    return shorter


def _bomb() -> bytes:
    return gzip.compress(b" " * 64 * 1024 * 1024, 1)
