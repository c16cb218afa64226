"""A stand-in for UPCitemdb, for the shops its pictures lie at, and for Open Library's covers.

See `products.py`, which puts all product databases together.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from gallery_app.testing.faults import App, Faults, Receive, Scope, Send
from gallery_app.testing.pictures import sample_picture
from gallery_app.testing.server import Served


class FakeUpcItemDb:
    """UPCitemdb, the shops its pictures lie at, and Open Library's covers, on one port.

    Args:
        faults: what goes wrong.
        per_day: look-ups without a key.
        key: what is taken at /prod/v1.
        clock: seconds of the epoch; the day begins anew at `reset_at`.
    """

    def __init__(
        self,
        *,
        faults: Faults | None = None,
        per_day: int = 100,
        key: str = "upc-demo-key-0123456789",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.key = key
        self._per_day = per_day
        self._clock = clock
        self._served: Served | None = None
        self.forget(faults or Faults())

    def forget(self, faults: Faults) -> None:
        """Be as new, while it goes on listening."""
        self.faults = faults
        self.per_day = self._per_day
        self.reset_at = int(self._clock()) + 3600
        self.items: dict[str, dict[str, Any]] = {}
        self.covers: set[str] = set()
        self.counts: Counter[str] = Counter()  # lookup, shop, cover
        self.agents: list[str] = []  # of shops

    def add(self, code: str, title: str, images: list[str], **more: Any) -> None:
        """An item; an image without a host lies at this fake's own shop."""
        whole = [url if "://" in url else f"{self.url}/shop/{url}" for url in images]
        self.items[normal(code)] = {
            "ean": code.zfill(13),
            "title": title,
            "upc": code.removeprefix("0"),
            "images": whole,
            "offers": [],
            **more,
        }

    def serve(self) -> FakeUpcItemDb:
        """Listen."""
        self._served = Served(spoiled(self.app, lambda: self.faults))
        return self

    def close(self) -> None:
        """Stop."""
        if self._served is not None:
            self._served.close()

    @property
    def url(self) -> str:
        """Where it listens."""
        return self._served.url if self._served is not None else "http://127.0.0.1:9"

    @property
    def app(self) -> Starlette:
        """The ASGI app."""
        return Starlette(
            routes=[
                Route("/prod/{plan}/lookup", self._lookup),
                Route("/shop/{name}", self._shop),
                Route("/b/isbn/{isbn}-L.jpg", self._cover, methods=["GET", "HEAD"]),
            ]
        )

    async def _lookup(self, request: Request) -> Response:
        self.counts["lookup"] += 1
        plan = request.path_params["plan"]
        if plan == "v1" and request.headers.get("user_key") != self.key:
            return _told(401, "AUTH_ERR", "invalid key", {})
        left = self.per_day - self.counts["lookup"]
        rate = {
            "X-RateLimit-Limit": str(self.per_day),
            "X-RateLimit-Remaining": str(max(0, left)),
            "X-RateLimit-Reset": str(self.reset_at),
        }
        if left < 0:
            return _told(429, "EXCEED_LIMIT", "too many requests", rate)
        code = request.query_params.get("upc", "")
        if not code.isdigit():
            return _told(400, "INVALID_QUERY", "upc is missing", rate)
        if len(code) not in {8, 12, 13, 14}:
            return _told(400, "INVALID_UPC", "not a valid UPC", rate)
        item = self.items.get(normal(code))
        if item is None:
            return _told(404, "NOT_FOUND", "no match", rate)
        body = {"code": "OK", "total": 1, "offset": 0, "items": [item]}
        return JSONResponse(body, headers=rate)

    def _shop(self, request: Request) -> Response:
        self.counts["shop"] += 1
        self.agents.append(request.headers.get("user-agent", ""))
        name = request.path_params["name"]
        if name.startswith("dead"):
            return Response("gone", 404)
        if name.startswith("page"):
            return Response("<html>buy now</html>", media_type="image/jpeg")
        if name.startswith("away"):
            return RedirectResponse("http://169.254.169.254/latest/meta-data/")
        return Response(sample_picture(len(name) + ord(name[0])), media_type="image/jpeg")

    def _cover(self, request: Request) -> Response:
        self.counts["cover"] += 1
        isbn = request.path_params["isbn"]
        if isbn not in self.covers:
            return Response("not found", 404)
        return RedirectResponse(f"{self.url}/shop/cover{isbn}.jpg", 302)


def spoiled(app: App, faults: Callable[[], Faults]) -> App:
    """The app with whatever faults there are at the moment."""

    async def now(scope: Scope, receive: Receive, send: Send) -> None:
        await faults().around(app)(scope, receive, send)

    return now


def normal(code: str) -> str:
    """A number without the zeros that one writes and another does not."""
    return code.lstrip("0")


def _told(status: int, code: str, message: str, headers: dict[str, str]) -> Response:
    return JSONResponse({"code": code, "message": message}, status, headers=headers)
