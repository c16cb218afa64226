"""The HTTP face: routes, the fast path before them, the gate around everything.

Wiring, outermost first: `Guard(Front(app, gallery))`, where `app` is a FastAPI made with
`FastAPI(**ABOUT)`, given `install_errors(app)` and `install_routes(app, gallery)` before anything
is mounted at `/`. Start reading at `front.py` and `assets.py`.
"""

from __future__ import annotations

import secrets
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import Receive, Scope, Send

from gallery_app import __version__
from gallery_app.api import (
    assets,
    compat,
    docs,
    downloads,
    entities,
    frames,
    hooks,
    jobs,
    media,
    ops,
    products,
    shares,
    sources,
    timeline,
    uploads,
)
from gallery_app.api.answers import send_error
from gallery_app.api.deps import Told
from gallery_app.api.errors import MethodNotAllowed, answer, install_errors
from gallery_app.api.front import Front
from gallery_app.api.guards import BadLinkThrottle, Guard
from gallery_app.api.schemas import ErrorOut
from gallery_app.domain.errors import NotFound
from gallery_app.services.gallery import Gallery

__all__ = ["ABOUT", "BadLinkThrottle", "Front", "Guard", "install_errors", "install_routes"]

PREFIX = "/api/v1"
TAGS = (
    "assets", "looking", "uploads", "links", "sources", "products", "jobs", "downloads", "frames",
    "compatible", "status",
)  # fmt: skip
_INVALID: Told = {422: {"model": ErrorOut, "description": "A parameter or body of the wrong form."}}
# Addresses outside of /api/ that are never a page of the screen.
_OURS = (
    "/api", "/health", "/new-image", "/image", "/cache-status", "/images-info", "/frame", "/hooks",
)  # fmt: skip
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
# For FastAPI's constructor: its own documentation pages load from foreign hosts, ours do not.
ABOUT: dict[str, Any] = {
    "title": "Gallery",
    "version": __version__,
    "description": "A self-hosted picture gallery. Errors all have one shape; ids are the "
    "assets' uids; times are ISO 8601 with zone.",
    "openapi_url": "/api/openapi.json",
    "docs_url": None,
    "redoc_url": None,
}


def install_routes(app: FastAPI, gallery: Gallery, *, start: str | None = None) -> None:
    """Put every route of the API, /health and the documentation on `app`.

    Side by side: FastAPI looks through a router in a router twice for each request.

    Args:
        app: that answers.
        gallery: the services.
        start: names this start of the program in ETags; drawn at random when not given.
    """
    rooms = {tag: APIRouter(prefix=PREFIX, tags=[tag], responses=_INVALID) for tag in TAGS}
    assets.add_routes(rooms["assets"], gallery)
    front = Front(_nothing_else, gallery)
    media.add_routes(rooms["assets"], front)
    timeline.add_routes(rooms["looking"], gallery, start=start or secrets.token_hex(4))
    entities.add_routes(rooms["looking"], gallery)
    uploads.add_routes(rooms["uploads"], gallery)
    shares.add_routes(rooms["links"], gallery)
    sources.add_routes(rooms["sources"], gallery)
    products.add_routes(rooms["products"], gallery)
    jobs.add_routes(rooms["jobs"], gallery)
    downloads.add_routes(rooms["downloads"], gallery)
    frames.add_routes(rooms["frames"], gallery)
    compat.add_routes(rooms["compatible"], gallery, front)
    ops.add_routes(rooms["status"], gallery)
    router = APIRouter(responses=_INVALID)
    ops.add_health(router, gallery)
    frames.add_screens(router, gallery)
    hooks.add_routes(router, gallery)
    compat.add_bare(router, gallery)
    docs.add_routes(router)
    routes = [route for room in (*rooms.values(), router) for route in room.routes]
    app.router.routes.extend(routes)
    _close(app, routes)


def _close(app: FastAPI, routes: list[BaseRoute]) -> None:
    """Answer for our addresses whatever no route answers: 405 with Allow, or 404, never a page."""
    known = [(r.path_regex, r.methods or set()) for r in routes if isinstance(r, Route)]

    def nothing(request: Request) -> Response:
        path = request.url.path
        allowed = sorted({m for regex, methods in known if regex.match(path) for m in methods})
        if not allowed:
            return answer(NotFound())
        response = answer(MethodNotAllowed())
        response.headers["allow"] = ", ".join(allowed)
        return response

    for path in (*_OURS, "/api/{rest:path}", "/hooks/{rest:path}", "/frame/{rest:path}"):
        app.add_route(path, nothing, methods=_METHODS, include_in_schema=False)


async def _nothing_else(scope: Scope, receive: Receive, send: Send) -> None:
    await send_error(scope, send, NotFound())
