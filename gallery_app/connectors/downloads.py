"""Pictures at addresses that a remote names: fetched without our key, from where we may.

No authorisation, no cookies, no referrer. Each redirect is judged like the first address:
scheme, no user name, an allowed host, a pinned public address. What fails before its first byte
is tried once more; everything else is the caller's, since an address of this kind expires.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import httpx

from gallery_app.connectors.asking import TIMEOUTS, Asking, Errand
from gallery_app.connectors.base import Tools
from gallery_app.connectors.faults import as_ours
from gallery_app.connectors.flow import Bounds, stream_of
from gallery_app.connectors.pinned import Pins, host_of, url_of
from gallery_app.connectors.rate import Rate
from gallery_app.connectors.sockets import PinnedTransport, Resolver, resolve
from gallery_app.domain.errors import NotAllowed, Upstream
from gallery_app.domain.remote import RemoteStream

HOPS = 3
TRIES = 2
PATIENCE_S = 3.0
_BYTES = (200, 206)
_REDIRECTS = (301, 302, 303, 307, 308)


def _anywhere(_url: str) -> bool:
    return True


class Downloads:
    """Fetches what a remote points to. Safe to use from several threads.

    Args:
        tools: clock.
        pins: addresses that may be reached.
        hosts: whether a host (small letters, no dot at the end) may be asked; asked per hop.
        name: of the remote, for errors.
        urls: whether that whole address may be asked (a bucket's path, say); asked per hop.
        concurrent: downloads at once; another one waits.
        resolver: looks up hosts.
    """

    def __init__(
        self,
        tools: Tools,
        pins: Pins,
        hosts: Callable[[str], bool],
        name: str,
        *,
        urls: Callable[[str], bool] = _anywhere,
        concurrent: int = 4,
        resolver: Resolver = resolve,
    ) -> None:
        self._tools = tools
        self._hosts = hosts
        self._urls = urls
        self._name = name
        self._slots = threading.BoundedSemaphore(concurrent)
        self._transport = PinnedTransport(
            pins, resolver=resolver, monotonic=tools.monotonic, connections=concurrent
        )

    def __repr__(self) -> str:
        return f"Downloads({self._name!r})"

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._transport.close()

    @contextmanager
    def open(
        self,
        url: str,
        *,
        cap_bytes: int,
        deadline_s: float,
        expect_size: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[RemoteStream]:
        """The bytes at `url`, `cap_bytes` of them at most, all within `deadline_s`.

        Raises:
            NotAllowed: the address, or one it redirects to, is not for us to ask.
            UpstreamRefused: 401, 403 (expired, mostly: ask for a new address once).
            UpstreamGone: 404, 410.
            TooLarge: more is announced or comes.
            UpstreamThrottled, UpstreamTimeout, Upstream: it may work later; also out of `chunks`.
        """
        until = self._tools.monotonic() + deadline_s
        asked = Asking(
            self._transport, tools=self._tools, rate=Rate(), name=self._name, tries=TRIES
        )
        with asked.slot(self._slots, deadline_s):
            response = self._followed(asked, url, until, dict(headers or {}))
            try:
                bounds = Bounds(cap_bytes, expect_size)
                yield stream_of(response, bounds, name=self._name, monotonic=self._tools.monotonic)
            finally:
                asked.finish(response)

    def _followed(
        self, asking: Asking, url: str, until: float, headers: dict[str, str]
    ) -> httpx.Response:
        for _ in range(HOPS + 1):
            target = self._judged(url)
            response = asking.open(self._errand(target, until, headers))
            if response.status_code in _BYTES:
                return response
            asking.finish(response)
            to = response.headers.get("location")
            if to is None:
                raise Upstream(self._name, f"{self._name} sends us on without saying where.")
            with as_ours(self._name):
                url = str(target.join(to))
        raise Upstream(self._name, f"{self._name} sends us round in circles.")

    def _judged(self, url: str) -> httpx.URL:
        """The address, if we may ask there at all; where it lies is judged when connecting."""
        with as_ours(self._name):
            target = url_of(url)
        host = host_of(target)
        allowed = (
            target.scheme in {"http", "https"}
            and bool(host)
            and not target.userinfo
            and self._hosts(host)
            and self._urls(str(target))
        )
        if not allowed:
            raise NotAllowed(verb="fetch")
        return target.copy_with(fragment=None)

    def _errand(self, target: httpx.URL, until: float, headers: dict[str, str]) -> Errand:
        sent = {
            "user-agent": self._tools.user_agent,
            "accept": "image/*,video/*;q=0.9,*/*;q=0.5",
            **{name.lower(): value for name, value in headers.items()},
            "accept-encoding": "identity",
        }

        @contextmanager
        def build(latest: float) -> Iterator[httpx.Request]:
            extensions = {"timeout": TIMEOUTS, "until": min(latest, until)}
            yield httpx.Request("GET", target, headers=sent, extensions=extensions)

        return Errand(
            build,
            expect=(*_BYTES, *_REDIRECTS),
            within_s=until - self._tools.monotonic(),
            idempotent=True,
            patience_s=PATIENCE_S,
        )
