"""What every request to the fake Freshdesk passes: counting, the minute's budget, the key.

A request that is refused counts as well, as in the real one. Answers carry the rate-limit
headers; `odd_headers` writes them as some accounts do (`X-Ratelimit-Total: 100.0`).
"""

from __future__ import annotations

import base64
import json
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

UNLIMITED = 100_000
DENIED = {"code": "access_denied", "message": "You are not authorized to perform this action."}
NO_LOGIN = {
    "code": "invalid_credentials",
    "message": "You have to be logged in to perform this action.",
}


class Refused(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, body: object = None) -> None:
        super().__init__(str(status))
        self.status = status
        self.body = body


def invalid(field_name: str, message: str) -> Refused:
    """The 400 of Freshdesk, which names the field."""
    error = {"field": field_name, "message": message, "code": "invalid_value"}
    return Refused(400, {"description": "Validation failed", "errors": [error]})


@dataclass
class Gate:
    """Budget, key and counts of one account.

    `refuse` maps a route's name (or "*") to a status and a code, e.g. `("companies", (403,
    "access_denied"))`.
    """

    key: str
    clock: Callable[[], float]
    per_minute: int | None = None
    lists_per_minute: int | None = None
    odd_headers: bool = False
    refuse: dict[str, tuple[int, str]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    calls: list[str] = field(default_factory=list)  # path and query, in order
    credits: int = 0  # spent in all
    throttled: int = 0
    most_in_a_minute: int = 0
    watch: Callable[[str], None] = lambda _route: None  # told of each request before its answer
    _minute: int = -1
    _spent: int = 0
    _lists: int = 0
    _lock: Any = field(default_factory=threading.Lock)

    def enter(self, request: Request, route: str, cost: int) -> None:
        """Count a request and let it pass.

        Raises:
            Refused: the budget is spent, the key is wrong, the route is closed.
        """
        with self._lock:
            self.counts[route] += 1
            query = request.url.query
            self.calls.append(request.url.path + (f"?{query}" if query else ""))
            self._count(route, cost)
        self.watch(route)
        self._check_accept(request)
        self._check_key(request)
        for name in (route, "*"):
            if name in self.refuse:
                status, code = self.refuse[name]
                raise Refused(status, {**DENIED, "code": code} if code else None)

    def _count(self, route: str, cost: int) -> None:
        minute = int(self.clock() // 60)
        if minute != self._minute:
            self._minute, self._spent, self._lists = minute, 0, 0
        limit = self.per_minute
        over = limit is not None and self._spent + cost > limit
        if route == "tickets" and self.lists_per_minute is not None:
            over = over or self._lists >= self.lists_per_minute
            self._lists += 1
        if over:
            self.throttled += 1
            message = "You have exceeded the limit of requests per minute"
            raise Refused(429, {"message": message})
        self._spent += cost
        self.credits += cost
        self.most_in_a_minute = max(self.most_in_a_minute, self._spent)

    def _check_accept(self, request: Request) -> None:
        accept = request.headers.get("accept", "*/*")
        if not any(kind in accept for kind in ("application/json", "*/*")):
            raise Refused(406)

    def _check_key(self, request: Request) -> None:
        scheme, _, packed = request.headers.get("authorization", "").partition(" ")
        try:
            user = base64.b64decode(packed).decode().partition(":")[0]
        except ValueError:
            user = ""
        if scheme.lower() != "basic" or user != self.key:
            raise Refused(401, NO_LOGIN)

    def headers(self, cost: int) -> dict[str, str]:
        """The rate-limit headers of an answer now."""
        total = UNLIMITED if self.per_minute is None else self.per_minute
        left = max(0, total - self._spent)
        if self.odd_headers:
            return {"X-Ratelimit-Total": f"{total}.0", "X-Ratelimit-Remaining": f"{left}.0"}
        return {
            "X-RateLimit-Total": str(total),
            "X-RateLimit-Remaining": str(left),
            "X-RateLimit-Used-CurrentRequest": str(cost),
            "X-Freshdesk-API-Version": "latest=v2; requested=v2",
        }

    def answer_refused(self, refused: Refused, cost: int) -> Response:
        """The answer of a refusal; a 404 has an empty body."""
        headers = self.headers(cost)
        if refused.status == 429:
            headers["Retry-After"] = str(60 - int(self.clock() % 60))
        body = b"" if refused.body is None else json.dumps(refused.body).encode()
        kind = "application/json; charset=utf-8" if body else "text/html"
        return Response(body, refused.status, headers, kind)
