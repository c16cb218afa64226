"""The gate: what may reach the program at all, for http and websocket alike, as pure ASGI.

There is no login yet, so being at the machine is the permission. That only holds if nobody can
make the browser of that person, or a proxy, speak in their name: foreign Host (DNS rebinding),
foreign Origin (CSRF, websocket hijacking) and proxied requests are turned away here. Signed
links, frames with their key, calls of webhooks with their token and the health report are for
everybody. Security headers go on every answer.
Source: design/reliability.md, chapter 0 (1), B70 to B76, B93, B94.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gallery_app.api.answers import BrokeOff, Headers, error_body, send_error
from gallery_app.domain.errors import BadInput, GalleryError, NotAllowed, NotFound, TooLarge
from gallery_app.domain.hosts import is_loopback

log = logging.getLogger(__name__)

# Source: generous for any browser; uvicorn itself takes a 100 kB header line (B93).
LONGEST_ADDRESS_BYTES = 8 * 1024
LONGEST_HEADERS_BYTES = 32 * 1024
MOST_HEADERS = 100
LARGEST_BODY_BYTES = 8 * 1024 * 1024  # 100,000 uids of a batch are 3 MB
LARGEST_CALL_BYTES = 64 * 1024  # a webhook names one ticket
# An upload's size is judged by what it is, while it comes in; see `uploads.py`.
_UPLOADS = "/api/v1/uploads/"
_HOOKS = "/hooks/"
_FRAMES = "/frame/"

_DATA_PATHS = frozenset({"/health", "/new-image", "/image", "/cache-status", "/images-info"})

_LOOPBACK = (b"127.0.0.1", b"localhost", b"[::1]")
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_PROXY_HEADERS = frozenset(
    b"forwarded via x-forwarded x-forwarded-for x-forwarded-host x-forwarded-proto "
    b"x-forwarded-port x-forwarded-prefix x-forwarded-server x-forwarded-scheme x-real-ip "
    b"x-original-forwarded-for x-client-ip true-client-ip cf-connecting-ip fastly-client-ip".split()
)
_EVERYWHERE: Headers = [
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"permissions-policy", b"camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
# NiceGUI's page has an inline module script and styles, and Vue compiles templates at run time
# in the browser: 'unsafe-inline' and 'unsafe-eval' cannot be dropped. Nothing foreign loads.
_PAGE_CSP = (
    b"default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    b"style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; media-src 'self' blob:; "
    b"font-src 'self' data:; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; "
    b"form-action 'self'; frame-ancestors 'none'"
)
_SCREEN: Headers = [
    *_EVERYWHERE,
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", _PAGE_CSP),
]
_DATA: Headers = [
    *_EVERYWHERE,
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]
# A signed link may be shown inside a ticket or a shop page: its token is the permission, as its
# key is a frame's. The address is a secret, so it never leaves as a referrer.
_LINK: Headers = [
    *_EVERYWHERE,
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"cross-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
]


class AddressTooLong(BadInput):
    """The address of the request is longer than any of ours."""

    status = 414
    code = "address_too_long"


class HeadersTooLarge(BadInput):
    """The request's headers are more than any browser sends."""

    status = 431
    code = "headers_too_large"


class BodyTooLarge(TooLarge):
    """A body larger than any that is no upload needs to be."""


class Guard:
    """Wraps the whole program; only what `place` allows gets through.

    `public_url` is the address that outsiders reach the gallery by, if there is one: on its
    host, and on anything that came through a proxy, signed links and health alone answer. Then
    a request also has to prove that it is none of a proxy that says nothing of itself: nginx
    as it comes speaks HTTP/1.0, with our own address as Host and without a mark.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        public_url: str | None = None,
        new_id: Callable[[], str] = lambda: secrets.token_hex(4),
    ) -> None:
        self._app = app
        self._new_id = new_id
        self._public_hosts = _hosts_of(public_url)
        self._own_hosts: dict[int, frozenset[bytes]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a refusal, or pass the request on and complete its answer's headers."""
        kind = scope["type"]
        if kind not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(scope)
        if kind == "websocket":
            if refusal is None:
                await self._app(scope, receive, send)
            else:
                await receive()
                await send({"type": "websocket.close", "code": 1008, "reason": refusal.code})
            return
        await self._http(scope, receive, send, refusal)

    async def _http(
        self, scope: Scope, receive: Receive, send: Send, refusal: GalleryError | None
    ) -> None:
        answer = _Answer(send, _headers_for(scope["path"]))
        if refusal is not None:
            await send_error(scope, answer.send, refusal)
            return
        if scope["method"] not in _SAFE and not scope["path"].startswith(_UPLOADS):
            called = scope["path"].startswith(_HOOKS)
            receive = _limited(
                receive, answer, LARGEST_CALL_BYTES if called else LARGEST_BODY_BYTES
            )
        try:
            await self._app(scope, receive, answer.send)
        except BrokeOff as broke_off:
            log.warning("an answer ends short: %s", broke_off)
        except Exception:  # the last net: nothing of it may reach the outside
            if scope.get("gallery.incident") is None and answer.instead is None:
                incident = self._new_id()
                log.exception("incident %s", incident)
                if not answer.started:
                    body = error_body(GalleryError(), incident=incident)
                    await send_error(scope, answer.send, GalleryError(), body=body)
            # An answer that has begun cannot be mended: the server closes the connection
            # short of its length, which tells the client.
        if answer.instead is not None and not answer.started:
            error, answer.instead = answer.instead, None
            await send_error(scope, answer.send, error)

    def _refusal(self, scope: Scope) -> GalleryError | None:
        too_large = _too_large(scope)
        if too_large is not None:
            return too_large
        headers, proxied = _read(scope["headers"])
        host = headers.get(b"host", b"").lower()
        own = host in self._own(scope)
        if not own and host not in self._public_hosts:
            return BadInput("This address is not one of the gallery's.")
        stranger = proxied or not own or (bool(self._public_hosts) and not _is_direct(scope))
        if is_public(scope["path"]):
            # The health report tells a stranger less, and so a page of one; frames want a key.
            scope["gallery.stranger"] = stranger or not _same_origin(scope, host, headers)
            return NotFound() if scope["type"] == "websocket" else None
        if stranger:
            return NotFound()
        return None if _same_origin(scope, host, headers) else NotAllowed(verb="cross-origin")

    def _own(self, scope: Scope) -> frozenset[bytes]:
        server = scope.get("server")
        port = (server[1] if server else None) or (443 if _is_tls(scope) else 80)
        hosts = self._own_hosts.get(port)
        if hosts is None:
            tail = b":%d" % port
            names = [name + tail for name in _LOOPBACK]
            if port == (443 if _is_tls(scope) else 80):
                names.extend(_LOOPBACK)
            hosts = self._own_hosts[port] = frozenset(names)
        return hosts


class _Answer:
    """An answer on its way out: given its headers, or held back for another `instead`."""

    def __init__(self, send: Send, extra: Headers) -> None:
        self._send = send
        self._extra = extra
        self.started = False
        self.instead: GalleryError | None = None

    async def send(self, message: Message) -> None:
        """Pass a message on."""
        if self.instead is not None and not self.started:
            return
        if message["type"] == "http.response.start":
            self.started = True
            own = message.get("headers", [])
            have = {name for name, _ in own}
            headers = [*own, *(pair for pair in self._extra if pair[0] not in have)]
            message = {**message, "headers": headers}
        await self._send(message)


def _limited(receive: Receive, answer: _Answer, limit_bytes: int) -> Receive:
    """The same body, up to its limit; beyond it the answer is 413 whatever the app says."""
    taken = 0

    async def count() -> Message:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit_bytes:
            answer.instead = BodyTooLarge(
                f"At most {limit_bytes >> 10:,} KiB are taken here.", limit_bytes=limit_bytes
            )
            return {"type": "http.disconnect"}
        return message

    return count


def is_public(path: str) -> bool:
    """Whether the path is one that strangers may ask for."""
    return path.startswith(("/i/", "/favicon", _HOOKS, _FRAMES)) or path == "/health"


def _too_large(scope: Scope) -> GalleryError | None:
    headers = scope["headers"]
    if len(headers) > MOST_HEADERS or sum(len(n) + len(v) for n, v in headers) > (
        LONGEST_HEADERS_BYTES
    ):
        return HeadersTooLarge("The request's headers are too large.")
    raw_path = scope.get("raw_path") or scope["path"].encode()
    if len(raw_path) + len(scope["query_string"]) > LONGEST_ADDRESS_BYTES:
        return AddressTooLong("The address is too long.")
    return None


def _read(pairs: Headers) -> tuple[dict[bytes, bytes], bool]:
    """Headers by name, and whether a proxy passed the request on; two Hosts are none."""
    headers: dict[bytes, bytes] = {}
    proxied = False
    for name, value in pairs:
        if name in _PROXY_HEADERS:
            proxied = True
        headers[name] = b"" if name == b"host" and name in headers else value
    return headers, proxied


def _same_origin(scope: Scope, host: bytes, headers: dict[bytes, bytes]) -> bool:
    """Whether the request comes from our own pages, from the address bar, or from no browser.

    A foreign page may link to us (a plain navigation); it may not fetch, embed, post or open a
    websocket. Absent headers mean a program, which needs no protection from itself.
    """
    origin = headers.get(b"origin")
    if origin is not None:
        scheme = b"https://" if _is_tls(scope) else b"http://"
        if origin.lower() != scheme + host:
            return False
    if headers.get(b"sec-fetch-site") in {b"cross-site", b"same-site"}:
        return (
            scope.get("method") in _SAFE
            and headers.get(b"sec-fetch-mode") == b"navigate"
            and headers.get(b"sec-fetch-dest") == b"document"
        )
    return True


def _is_direct(scope: Scope) -> bool:
    """Whether it looks like a browser on this machine: its address, and an HTTP of this century."""
    peer = scope["client"][0] if scope.get("client") else ""
    return is_loopback(peer) and scope.get("http_version") not in {"0.9", "1.0"}


def _is_tls(scope: Scope) -> bool:
    return scope.get("scheme") in {"https", "wss"}


def _hosts_of(public_url: str | None) -> frozenset[bytes]:
    if not public_url:
        return frozenset()
    parts = urlsplit(public_url.lower())
    host = parts.netloc.rpartition("@")[2]
    default = {"https": ":443", "http": ":80"}.get(parts.scheme, "")
    bare = host.removesuffix(default) if default else host
    return frozenset({bare.encode(), (bare + default).encode(), host.encode()})


def _headers_for(path: str) -> Headers:
    if path.startswith(("/i/", _FRAMES)):
        return _LINK
    data = path.startswith(("/api/", _HOOKS)) or path in _DATA_PATHS
    return _DATA if data else _SCREEN


def client_of(scope: Scope) -> str:
    """The address a request came from, for the audit and the throttle; IPv6 as its /64.

    We listen on loopback only, so a proxy is on this machine: what it appended last to
    X-Forwarded-For is the nearest stranger. Anything further left is that stranger's own word.
    """
    peer = scope["client"][0] if scope.get("client") else "unknown"
    for name, value in scope["headers"]:
        if name == b"x-forwarded-for":
            peer = value.rpartition(b",")[2].strip().decode("latin-1") or peer
    return _client(peer)


@lru_cache(4096)
def _client(peer: str) -> str:
    try:
        address = ip_address(peer)
    except ValueError:
        return "unknown"
    if address.version == 6 and not address.is_loopback:
        return f"{ip_address(int(address) >> 64 << 64)}/64"
    return str(address)


class BadLinkThrottle:
    """Counts forged links per client: after `limit` within `window_s` it says how long to wait.

    Keys of frames and tokens of webhooks are counted likewise. The table is bounded: the client
    seen longest ago is forgotten first. Safe from any thread.
    """

    def __init__(
        self,
        *,
        limit: int = 50,
        window_s: float = 60.0,
        most_clients: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = limit
        self._window_s = window_s
        self._most = most_clients
        self._clock = clock
        self._seen: OrderedDict[str, tuple[float, int]] = OrderedDict()  # begun at s, count
        self._lock = threading.Lock()

    def note(self, client: str) -> None:
        """Count one forged link."""
        now = self._clock()
        with self._lock:
            begun, count = self._seen.pop(client, (now, 0))
            if now - begun >= self._window_s:
                begun, count = now, 0
            self._seen[client] = (begun, count + 1)
            if len(self._seen) > self._most:
                self._seen.popitem(last=False)

    def wait_s(self, client: str) -> int:
        """Seconds the client has to wait, rounded up; 0 when it may go on."""
        with self._lock:
            entry = self._seen.get(client)
        if entry is None or entry[1] < self._limit:
            return 0
        left = entry[0] + self._window_s - self._clock()
        return max(0, -int(-left // 1))
