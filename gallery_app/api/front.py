"""The fast path: renditions, originals and signed links, answered before the framework.

A grid asks for a hundred renditions a screen; through routing, middleware and response objects
each costs ten times what it costs here (design/pipeline.md, section 10). Cached renditions are
read inline, everything slower goes to a thread. All other requests go to the parent app.
"""

from __future__ import annotations

import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime, timezone

import anyio.to_thread
from anyio import CapacityLimiter
from starlette.types import ASGIApp, Receive, Scope, Send

from gallery_app.api.answers import (
    STORED_CSP,
    Asked,
    Headers,
    part_asked,
    send_bytes,
    send_error,
    send_file,
    send_page,
)
from gallery_app.api.errors import MethodNotAllowed
from gallery_app.api.guards import BadLinkThrottle, client_of
from gallery_app.api.pages import PAGE_CSP, link_page, refusal_page
from gallery_app.domain.errors import GalleryError, LinkTampered, Throttled
from gallery_app.services.gallery import Gallery
from gallery_app.services.sharing import Grant
from gallery_app.services.values import Bytes, File, LinkPage

# Small enough to be read inline from the page cache (22 us for 15 kB; pipeline.md, section 10).
_READ_INLINE = frozenset({"thumb", "small", "medium"})
_ASSETS = "/api/v1/assets/"
_LINKS = "/i/"
# Exactly what a token is made of; an escaped or otherwise spelt one is a different address.
_LINK_PATH = re.compile(rb"/i/([A-Za-z0-9_-]{1,120}\.[A-Za-z0-9_-]{43})/[^/]{1,400}\Z")
_PAGE_POLICY = (b"content-security-policy", PAGE_CSP)
_NOT_FOR_ROBOTS = (b"x-robots-tag", b"noindex, nofollow")


class Front:
    """Answers pictures itself and hands everything else to `parent`.

    Args:
        parent: the app with the routes, the pages and the sockets.
        gallery: the services.
        throttle: counts forged links per client.
        now: the clock, UTC, for how long a linked picture may be kept.
        most_waiting: requests that may wait for a rendition or a disk at one time.
    """

    def __init__(
        self,
        parent: ASGIApp,
        gallery: Gallery,
        *,
        throttle: BadLinkThrottle | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
        most_waiting: int = 32,
    ) -> None:
        self._parent = parent
        self._gallery = gallery
        self._throttle = throttle or BadLinkThrottle()
        self._views = Views()
        self._now = now
        self._limiter = CapacityLimiter(most_waiting)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            path: str = scope["path"]
            if path.startswith(_LINKS):
                await self._link(scope, receive, send)
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
            await send_file(
                scope, receive, send, found,
                [(b"cache-control", b"private, no-cache")],
                limiter=self._limiter,
                attachment=b"download=1" in scope["query_string"].split(b"&"),
            )  # fmt: skip
        except GalleryError as error:
            await send_error(scope, send, error)

    # --- signed links -----------------------------------------------------------------------

    async def _link(self, scope: Scope, receive: Receive, send: Send) -> None:
        client = client_of(scope)
        try:
            if scope["method"] not in {"GET", "HEAD"}:
                raise MethodNotAllowed
            wait_s = self._throttle.wait_s(client)
            if wait_s:
                raise Throttled(wait_s)
            form = _LINK_PATH.match(scope.get("raw_path") or scope["path"].encode())
            if form is None:
                raise LinkTampered
            token = form[1].decode("ascii")
            grant, found = await anyio.to_thread.run_sync(
                self._open, scope, token, client, limiter=self._limiter
            )
            await self._send_found(scope, receive, send, grant, found)
        except GalleryError as error:
            if isinstance(error, LinkTampered):
                self._throttle.note(client)
            await _send_link_error(scope, send, error)

    def _open(self, scope: Scope, token: str, client: str) -> tuple[Grant, Bytes | File | LinkPage]:
        """Check the token and put the view on record, before any byte leaves.

        A HEAD and a 304 send nothing and are no view. A further part of a file is part of the
        view that the same client began with it a moment ago.
        """
        sharing = self._gallery.sharing
        grant = sharing.check(token, client=client)
        found = sharing.content(grant)
        if scope["method"] == "HEAD":
            return grant, found
        if not isinstance(found, LinkPage):
            size = len(found.data) if isinstance(found, Bytes) else found.size_bytes
            part = part_asked(scope, found.etag, size)
            if part.status in {304, 416}:
                return grant, found
            if part.start > 0 and self._views.has(client, token):
                return grant, found
        sharing.begin(grant, found, client=client)
        self._views.note(client, token)
        return grant, found

    async def _send_found(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        grant: Grant,
        found: Bytes | File | LinkPage,
    ) -> None:
        if isinstance(found, LinkPage):
            fixed = [(b"cache-control", b"private, no-store"), _NOT_FOR_ROBOTS, _PAGE_POLICY]
            await send_page(scope, send, 200, link_page(found), fixed)
            return
        left_s = max(0, int((grant.expires_at - self._now()).total_seconds()))
        headers: Headers = [(b"cache-control", b"private, max-age=%d" % left_s), _NOT_FOR_ROBOTS]
        if isinstance(found, Bytes):
            headers.append((b"content-security-policy", STORED_CSP))
            await send_bytes(scope, send, found, headers)
        else:
            await send_file(scope, receive, send, found, headers, limiter=self._limiter)


class Views:
    """Remembers for a while which client began a view of which token; bounded, thread-safe."""

    def __init__(
        self,
        *,
        kept_s: float = 600.0,
        most: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._kept_s = kept_s
        self._most = most
        self._clock = clock
        self._lock = threading.Lock()
        self._begun: OrderedDict[tuple[str, str], float] = OrderedDict()

    def note(self, client: str, token: str) -> None:
        """A view began now."""
        with self._lock:
            self._begun.pop((client, token), None)
            self._begun[(client, token)] = self._clock()
            if len(self._begun) > self._most:
                self._begun.popitem(last=False)

    def has(self, client: str, token: str) -> bool:
        """Whether one began a moment ago."""
        with self._lock:
            begun = self._begun.get((client, token))
        return begun is not None and self._clock() - begun < self._kept_s


async def _send_link_error(scope: Scope, send: Send, error: GalleryError) -> None:
    """Refuse a link: a page for a person's browser, JSON for everything else."""
    headers: Headers = [_NOT_FOR_ROBOTS]
    if isinstance(error, MethodNotAllowed):
        headers.append((b"allow", b"GET, HEAD"))
    accept = Asked.of(scope).accept
    if b"text/html" not in accept:
        await send_error(scope, send, error, headers=headers)
        return
    await send_error(
        scope,
        send,
        error,
        body=refusal_page(error),
        content_type=b"text/html; charset=utf-8",
        headers=[*headers, _PAGE_POLICY],
    )


def rendition_headers(scope: Scope, found: Bytes) -> Headers:
    """How long a rendition may be kept: for ever under its version's address, else ask again."""
    current = b"v=%d" % found.version
    if current in scope["query_string"].split(b"&"):
        return [(b"cache-control", b"private, max-age=31536000, immutable")]
    return [(b"cache-control", b"private, no-cache")]
