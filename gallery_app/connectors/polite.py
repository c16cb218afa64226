"""The HTTP manners that all remotes share: one client for a remote's API, with its key.

A budget, patience as told, tries with growing waits, caps and deadlines, one log line for each
request. The key goes to the remote's own scheme, host and port and nowhere else; redirects are
never followed, see `Answer.location`. Pictures that lie elsewhere are for `downloads.py`, which
has no key. Errors are those of the domain, see `faults.py`.
"""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypedDict, Unpack

import httpx

from gallery_app.connectors import retry
from gallery_app.connectors.answer import Answer
from gallery_app.connectors.asking import TIMEOUTS, Asking, Errand
from gallery_app.connectors.base import Tools
from gallery_app.connectors.faults import as_ours
from gallery_app.connectors.flow import Bounds, stream_of
from gallery_app.connectors.pinned import Pins, host_of, place_of, url_of
from gallery_app.connectors.rate import Rate
from gallery_app.connectors.sockets import PinnedTransport, Resolver, resolve
from gallery_app.domain.errors import BadInput, NotAllowed
from gallery_app.domain.remote import Budget, RemoteStream

BODY_CAP = 32 << 20
ANSWER_WITHIN_S = 90.0
FILE_WITHIN_S = 1800.0
PATIENCE_S = 90.0
STREAM_SLOT_S = 60.0  # for other streams to end: somebody may read one for hours

Query = Mapping[str, str | int | float | bool | Sequence[str]]


class Terms(TypedDict, total=False):
    """How a request is made, where it is not made as usual.

    `expect`: the statuses that are no error. `lane` and `cost`: how the budget counts it, see
    `rate.py`. `patience_s`: all waits between tries together.
    """

    params: Query | None
    expect: Sequence[int]
    lane: str
    cost: int
    patience_s: float


class Polite:
    """A remote's API. Safe to use from several threads.

    Args:
        base_url: paths are below it.
        tools: clock, wait and chance.
        name: what people call the remote; named in errors.
        headers: sent with each request (a key among them, say).
        auth: user name and password of HTTP Basic.
        pins: where it may lie; `Pins.to(base_url)` for what the operator typed.
        rate: the budget; None: unlimited until the remote's answers tell of a limit.
        secrets: never to be seen in an error; keys in `headers` and `auth` are known anyway.
        body_cap: bytes an answer may have, unpacked.
        concurrent: requests at once, and streams at once.
        tries: of one request, the first included.
        resolver: looks up hosts.

    Raises:
        BadInput: the address is none, or a key has what no header can hold.
    """

    def __init__(
        self,
        base_url: str,
        *,
        tools: Tools,
        name: str,
        pins: Pins,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        rate: Rate | None = None,
        secrets: Sequence[str] = (),
        body_cap: int = BODY_CAP,
        concurrent: int = 4,
        tries: int = retry.TRIES,
        resolver: Resolver = resolve,
    ) -> None:
        self._place = place_of(base_url)
        self._base = httpx.URL(base_url.rstrip("/") + "/")
        if self._base.userinfo or self._base.query or self._base.fragment:
            raise BadInput("An address has no user name, no ? and no # in it.")
        self._tools = tools
        self._name = name
        self._rate = rate or Rate()
        self._body_cap = body_cap
        sent = {"user-agent": tools.user_agent, "accept": "application/json"}
        sent.update({key: _sendable(value) for key, value in _lower(headers).items()})
        if auth is not None:
            pair = base64.b64encode(":".join(map(_sendable, auth)).encode()).decode()
            sent["authorization"] = f"Basic {pair}"
        self._headers = sent
        self._transport = PinnedTransport(
            pins,
            resolver=resolver,
            monotonic=tools.monotonic,
            connections=3 * concurrent,  # for questions, streams and small streams
        )
        self._asking = Asking(
            self._transport,
            tools=tools,
            rate=self._rate,
            name=name,
            secrets=tuple(_secrets_of(sent, auth, secrets)),
            tries=tries,
            at_once=concurrent,
        )
        self._streams = threading.BoundedSemaphore(concurrent)
        self._small = threading.BoundedSemaphore(concurrent)

    def __repr__(self) -> str:
        return f"Polite({self._name!r}, {self._place[0]!r})"

    def close(self) -> None:
        """Close the connections that are kept open."""
        self._transport.close()

    def budget(self) -> Budget:
        """What the remote allows, as far as its answers told."""
        return self._rate.budget(self._tools.monotonic())

    # --- asking ----------------------------------------------------------------------------

    def get(self, path_or_url: str, **terms: Unpack[Terms]) -> Answer:
        """Ask for something; `path_or_url` is below the base or a whole address of this remote.

        Raises:
            NotAllowed: the address is not this remote's, or lies where we may not connect.
            UpstreamRefused: 401 or 403. UpstreamGone: 404 or 410.
            UpstreamThrottled: the remote asks for more than `patience_s`.
            UpstreamTimeout, Upstream: everything else, after all tries.
        """
        return self.request("GET", path_or_url, idempotent=True, **terms)

    def post(
        self, path: str, *, json: object = None, idempotent: bool = False, **terms: Unpack[Terms]
    ) -> Answer:
        """Send JSON; tried again only when `idempotent`, or when it was not taken in (429).

        Raises:
            As `get`.
        """
        terms.setdefault("expect", (200, 201))
        return self.request("POST", path, json=json, idempotent=idempotent, **terms)

    def request(
        self,
        method: str,
        path_or_url: str,
        *,
        json: object = None,
        idempotent: bool = False,
        **terms: Unpack[Terms],
    ) -> Answer:
        """Any other method (HEAD, PUT...); JSON is sent unless it is None.

        Raises:
            As `get`.
        """
        url = self._url(path_or_url, terms.get("params"))
        sent = {**self._headers, "accept-encoding": "gzip"}

        @contextmanager
        def build(until: float) -> Iterator[httpx.Request]:
            extensions = {"timeout": TIMEOUTS, "until": until}
            yield httpx.Request(method, url, headers=sent, json=json, extensions=extensions)

        errand = Errand(
            build,
            terms.get("expect", (200,)),
            ANSWER_WITHIN_S,
            idempotent,
            terms.get("patience_s", PATIENCE_S),
            terms.get("lane", ""),
            terms.get("cost", 1),
        )
        return self._whole(errand)

    def post_file(
        self,
        to: str,
        *,
        fields: Mapping[str, str],
        file_field: str,
        path: Path,
        filename: str,
        content_type: str = "application/octet-stream",
        headers: Mapping[str, str] | None = None,
        expect: Sequence[int] = (200, 201),
        idempotent: bool = False,
    ) -> Answer:
        """Hand over a file as multipart/form-data, `fields` first; it is read as it is sent.

        Raises:
            As `get`. OSError: the file cannot be read.
        """
        url = self._url(to, None)
        sent = {**self._headers, "accept-encoding": "gzip", **_lower(headers)}

        @contextmanager
        def build(until: float) -> Iterator[httpx.Request]:
            with path.open("rb") as file:
                part: dict[str, tuple[str, IO[bytes], str]] = {
                    file_field: (filename, file, content_type)
                }
                yield httpx.Request(
                    "POST",
                    url,
                    headers=sent,
                    data=dict(fields),
                    files=part,
                    extensions={"timeout": TIMEOUTS, "until": until},
                )

        return self._whole(Errand(build, expect, FILE_WITHIN_S, idempotent, PATIENCE_S))

    @contextmanager
    def stream(
        self,
        path_or_url: str,
        *,
        cap_bytes: int,
        deadline_s: float,
        params: Query | None = None,
        headers: Mapping[str, str] | None = None,
        small: bool = False,
    ) -> Iterator[RemoteStream]:
        """Bytes as they come, `cap_bytes` of them at most, all within `deadline_s`.

        `small` ones have slots of their own, so that nobody who reads an original slowly holds
        up previews.

        Errors before the first byte are tried again like `get`; later ones come out of
        `chunks` and are the caller's to try again.

        Raises:
            TooLarge: more is announced or comes.
            UpstreamTimeout: as many streams as may be open are, and none ends. Others as `get`.
        """
        url = self._url(path_or_url, params)
        sent = {**self._headers, "accept": "*/*", "accept-encoding": "identity", **_lower(headers)}

        @contextmanager
        def build(until: float) -> Iterator[httpx.Request]:
            extensions = {"timeout": TIMEOUTS, "until": until}
            yield httpx.Request("GET", url, headers=sent, extensions=extensions)

        errand = Errand(build, (200, 206), deadline_s, idempotent=True, patience_s=PATIENCE_S)
        slots, within_s = self._small if small else self._streams, min(deadline_s, STREAM_SLOT_S)
        with self._asking.slot(slots, within_s):
            response = self._asking.open(errand)
            try:
                bounds = Bounds(cap_bytes)
                yield stream_of(response, bounds, name=self._name, monotonic=self._tools.monotonic)
            finally:
                self._asking.finish(response)

    # --- how -------------------------------------------------------------------------------

    def _url(self, path_or_url: str, params: Query | None) -> httpx.URL:
        """The whole address.

        Raises:
            NotAllowed: it is another remote's.
        """
        with as_ours(self._name):
            if "://" in path_or_url:
                url = url_of(path_or_url)
            else:
                url = httpx.URL(str(self._base) + path_or_url.lstrip("/"))
            if params:
                url = url.copy_merge_params(dict(params))
        port = url.port or (443 if url.scheme == "https" else 80)
        ours = url.scheme == self._base.scheme and (host_of(url), port) == self._place
        below = "://" in path_or_url or url.raw_path.startswith(self._base.raw_path)
        if not ours or not below or url.userinfo:
            raise NotAllowed(verb="fetch")
        return url

    def _whole(self, errand: Errand) -> Answer:
        def take(response: httpx.Response) -> Answer:
            try:
                return self._asking.answer(response, cap_bytes=self._body_cap)
            finally:
                response.close()

        return self._asking.run(errand, take)


def _sendable(value: str) -> str:
    """A header's value as it may be sent, without the space that a copied key drags along.

    Raises:
        BadInput: no header can hold it.
    """
    value = value.strip()
    if not (value.isascii() and value.isprintable()):
        raise BadInput("The key has characters that no key has. Copy it anew.")
    return value


def _lower(headers: Mapping[str, str] | None) -> dict[str, str]:
    return {name.lower(): value for name, value in (headers or {}).items()}


def _secrets_of(
    headers: Mapping[str, str], auth: tuple[str, str] | None, named: Sequence[str]
) -> Iterator[str]:
    """What must never be read anywhere: all that proves who we are."""
    yield from (secret for secret in named if secret)
    yield from auth or ()
    for name, value in headers.items():
        if name == "authorization":
            yield value.rpartition(" ")[2]
        elif "key" in name or "token" in name or name == "cookie":
            yield value
