"""Signed links, answered before the framework: check, take the bytes, put on record, send.

The record is committed before the first byte leaves, once there are bytes to send. Committing
costs a sync to disk, so views that arrive together are committed together (`Recorder`); nobody
waits longer than for the one transaction under way.
"""

from __future__ import annotations

import asyncio
import logging
import re
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace

import anyio.to_thread
from anyio import CapacityLimiter
from starlette.types import Receive, Scope, Send

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
from gallery_app.api.streaming import send_streamed
from gallery_app.domain.errors import Conflict, GalleryError, LinkTampered, Throttled, Upstream
from gallery_app.services.gallery import Gallery
from gallery_app.services.sharing import View
from gallery_app.services.values import Bytes, File, LinkPage, Streamed

Content = Bytes | File | Streamed | LinkPage

_log = logging.getLogger(__name__)

# Small enough to be read between other requests, as in `front.py`; a large one is a megabyte.
_READ_INLINE = frozenset({"thumb", "small", "medium"})
# Exactly what a token is made of; an escaped or otherwise spelt one is a different address.
_LINK_PATH = re.compile(rb"/i/([A-Za-z0-9_-]{1,120}\.[A-Za-z0-9_-]{43})/[^/]{1,400}\Z")
_ELSEWHERE = "This picture cannot be had just now. Try later, or ask who sent you the link."
_PAGE_POLICY = (b"content-security-policy", PAGE_CSP)
_NOT_FOR_ROBOTS = (b"x-robots-tag", b"noindex, nofollow")
# A browser may keep the picture but asks each time, so that withdrawing a link acts at once.
_ASK_AGAIN = (b"cache-control", b"private, no-cache")
_FOR_BYTES: Headers = [_ASK_AGAIN, _NOT_FOR_ROBOTS, (b"content-security-policy", STORED_CSP)]
_FOR_FILES: Headers = [_ASK_AGAIN, _NOT_FOR_ROBOTS]
_FOR_PAGES: Headers = [(b"cache-control", b"private, no-store"), _NOT_FOR_ROBOTS, _PAGE_POLICY]


class LinkDoor:
    """Opens signed links, for whoever has one.

    Args:
        gallery: the services.
        throttle: counts forged links per client.
        limiter: how many requests may wait in threads at one time.
        remote: how many may wait for a remote.
    """

    def __init__(
        self,
        gallery: Gallery,
        throttle: BadLinkThrottle,
        limiter: CapacityLimiter,
        *,
        remote: CapacityLimiter,
    ) -> None:
        self._gallery = gallery
        self._throttle = throttle
        self._limiter = limiter
        self._remote = remote
        self._begun = Begun()
        self._recorder = Recorder(self._begin)

    def _begin(self, views: Sequence[View]) -> Sequence[GalleryError | None]:
        return self._gallery.sharing.begin(views)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request below /i/."""
        client = client_of(scope)
        token = ""
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
            await self._open(scope, receive, send, token, client)
        except GalleryError as error:
            await self._refuse(scope, send, error, token, client)

    async def _open(
        self, scope: Scope, receive: Receive, send: Send, token: str, client: str
    ) -> None:
        grant = self._gallery.sharing.check(token)
        found: Content | None = None
        if grant.link.rendition in _READ_INLINE:
            found = self._gallery.sharing.ready(grant)
        if found is None:
            found = await anyio.to_thread.run_sync(
                self._gallery.sharing.content, grant, limiter=self._limiter
            )
        content = found

        async def on_record() -> None:
            if self._is_view(scope, content, token, client):
                await self._recorder.record(View(grant, content, client))
                if isinstance(content, File | Streamed):
                    self._begun.note(client, token)

        if isinstance(found, Streamed):
            # A remote that is away costs nobody a view: it has to answer first.
            await send_streamed(
                scope, receive, send, found, _FOR_FILES, limiter=self._remote, granted=on_record
            )
            return
        await on_record()
        if isinstance(found, Bytes):
            await send_bytes(scope, send, found, _FOR_BYTES)
        elif isinstance(found, File):
            await send_file(scope, receive, send, found, _FOR_FILES, limiter=self._limiter)
        else:
            await send_page(scope, send, 200, link_page(found), _FOR_PAGES)

    def _is_view(self, scope: Scope, found: Content, token: str, client: str) -> bool:
        """Whether this is a view of its own.

        A HEAD and a 304 send nothing. A further part of a file belongs to the view that the
        same client began with it a moment ago.
        """
        if scope["method"] == "HEAD":
            return False
        if isinstance(found, LinkPage):
            return True
        size = len(found.data) if isinstance(found, Bytes) else found.size_bytes
        if size is None:
            return True  # sent whole, whatever part is asked for
        part = part_asked(scope, found.etag, size)
        if part.status in {304, 416}:
            return False
        return not (part.start > 0 and self._begun.has(client, token))

    async def _refuse(
        self, scope: Scope, send: Send, error: GalleryError, token: str, client: str
    ) -> None:
        if isinstance(error, LinkTampered):
            self._throttle.note(client)
        elif token and not isinstance(error, Throttled):
            await anyio.to_thread.run_sync(
                lambda: self._gallery.sharing.note_refusal(token, error, client=client),
                limiter=self._limiter,
            )
        await _send_link_error(scope, send, _for_strangers(error))


class Recorder:
    """Commits views in groups: whatever came while one group was written is the next."""

    def __init__(self, begin: Callable[[Sequence[View]], Sequence[GalleryError | None]]) -> None:
        self._begin = begin
        self._waiting: list[tuple[View, asyncio.Future[GalleryError | None]]] = []
        self._writing: asyncio.Task[None] | None = None

    async def record(self, view: View) -> None:
        """Return once the view is committed.

        Raises:
            GalleryError: it may not be served after all.
        """
        answer: asyncio.Future[GalleryError | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((view, answer))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        refusal = await answer
        if refusal is not None:
            raise refusal

    async def _write(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting, []
            try:
                refusals = await anyio.to_thread.run_sync(self._begin, [view for view, _ in group])
            except GalleryError as error:
                # The disk is full, say: nobody's view is on record, so nobody is served.
                refusals = [error] * len(group)
            except Exception:  # noqa: BLE001  # whatever it was, all who wait must be answered
                _log.exception("views could not be put on record")
                refusals = [GalleryError()] * len(group)
            for (_, answer), refusal in zip(group, refusals, strict=True):
                if not answer.done():  # the client may have gone meanwhile
                    answer.set_result(refusal)


class Begun:
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


def _for_strangers(error: GalleryError) -> GalleryError:
    """What who holds a link is told: neither which remote is meant nor what its owner has to do."""
    if isinstance(error, Upstream):
        return replace(error, source="", reason=_ELSEWHERE)
    if isinstance(error, Conflict):
        return replace(error, reason=_ELSEWHERE)
    return error


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
