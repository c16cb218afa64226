"""The fast path: renditions, originals and signed links, answered before the framework.

A grid asks for a hundred renditions a screen; through routing, middleware and response objects
each costs ten times what it costs here (design/pipeline.md, section 10). Cached renditions are
read inline, everything slower goes to a thread. All other requests go to the parent app.
"""

from __future__ import annotations

import anyio.to_thread
from anyio import CapacityLimiter
from starlette.types import ASGIApp, Receive, Scope, Send

from gallery_app.api.answers import (
    Headers,
    send_bytes,
    send_error,
    send_file,
)
from gallery_app.api.guards import BadLinkThrottle
from gallery_app.api.opening import LinkDoor
from gallery_app.api.streaming import send_streamed
from gallery_app.domain.errors import GalleryError
from gallery_app.services.gallery import Gallery
from gallery_app.services.values import Bytes, Streamed

# Small enough to be read inline from the page cache (22 us for 15 kB; pipeline.md, section 10).
_READ_INLINE = frozenset({"thumb", "small", "medium"})
_ASSETS = "/api/v1/assets/"
_LINKS = "/i/"


class Front:
    """Answers pictures itself and hands everything else to `parent`.

    Args:
        parent: the app with the routes, the pages and the sockets.
        gallery: the services.
        throttle: counts forged links per client.
        most_waiting: requests that may wait for a rendition or a disk at one time.
    """

    def __init__(
        self,
        parent: ASGIApp,
        gallery: Gallery,
        *,
        throttle: BadLinkThrottle | None = None,
        most_waiting: int = 32,
    ) -> None:
        self._parent = parent
        self._gallery = gallery
        self._limiter = CapacityLimiter(most_waiting)
        # Remotes have a pool of their own: one that hangs holds up no picture of ours.
        self._remote = CapacityLimiter(most_waiting)
        self._links = LinkDoor(
            gallery, throttle or BadLinkThrottle(), self._limiter, remote=self._remote
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            path: str = scope["path"]
            if path.startswith(_LINKS):
                await self._links(scope, receive, send)
                return
            if path.startswith(_ASSETS) and scope["method"] in {"GET", "HEAD"}:
                uid, _, rest = path[len(_ASSETS) :].partition("/")
                if rest.startswith("renditions/"):
                    await self._picture(scope, send, uid, rest[11:])
                    return
                if rest == "original":
                    await self._original(scope, receive, send, uid)
                    return
        await self._parent(scope, receive, send)

    async def _picture(self, scope: Scope, send: Send, uid: str, name: str) -> None:
        try:
            found = self._gallery.media.cached(uid, name) if name in _READ_INLINE else None
            if found is None:
                found = await anyio.to_thread.run_sync(
                    self._gallery.media.rendition, uid, name, limiter=self._limiter
                )
        except GalleryError as error:
            await send_error(scope, send, error)
            return
        await send_bytes(scope, send, found, rendition_headers(scope, found))

    async def _original(self, scope: Scope, receive: Receive, send: Send, uid: str) -> None:
        try:
            found = await anyio.to_thread.run_sync(
                self._gallery.media.original, uid, limiter=self._limiter
            )
            headers: Headers = [(b"cache-control", b"private, no-cache")]
            attachment = b"download=1" in scope["query_string"].split(b"&")
            if isinstance(found, Streamed):
                await send_streamed(
                    scope, receive, send, found, headers,
                    limiter=self._remote, attachment=attachment,
                )  # fmt: skip
                return
            await send_file(
                scope, receive, send, found, headers,
                limiter=self._limiter, attachment=attachment,
            )  # fmt: skip
        except GalleryError as error:
            await send_error(scope, send, error)


def rendition_headers(scope: Scope, found: Bytes) -> Headers:
    """How long a rendition may be kept: for ever under its version's address, else ask again."""
    current = b"v=%d" % found.version
    if current in scope["query_string"].split(b"&"):
        return [(b"cache-control", b"private, max-age=31536000, immutable")]
    return [(b"cache-control", b"private, no-cache")]
