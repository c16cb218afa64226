"""One request and its tries: the budget, the wait as told, the growing waits, the log line.

`polite.py` says what is asked; here it is asked until an answer is had or patience ends.
"""

from __future__ import annotations

import logging
import math
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import TypeVar

import httpx

from gallery_app.connectors import retry
from gallery_app.connectors.answer import Answer, hide
from gallery_app.connectors.base import Tools
from gallery_app.connectors.faults import as_ours, bad_answer, distrusted
from gallery_app.connectors.flow import whole_body
from gallery_app.connectors.pinned import host_of
from gallery_app.connectors.rate import STOPPING, Rate
from gallery_app.domain.errors import (
    GalleryError,
    NotAllowed,
    Upstream,
    UpstreamThrottled,
    UpstreamTimeout,
)

ERROR_BODY_CAP = 65_536
TIMEOUTS = httpx.Timeout(connect=5.0, read=30.0, write=30.0, pool=30.0).as_dict()
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
_OURS = (httpx.LocalProtocolError, httpx.UnsupportedProtocol)  # the same the second time
_WHOLLY_AGAIN = frozenset({429, 503})

T = TypeVar("T")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Errand:
    """One thing to ask: `build` makes the request anew for each try, given its deadline."""

    build: Callable[[float], AbstractContextManager[httpx.Request]]
    expect: Sequence[int]
    within_s: float  # of one try, the body included
    idempotent: bool
    patience_s: float  # all waits together
    lane: str = ""
    cost: int = 1
    streams: bool = False  # the body is read later, then `finish`ed


class _Failed(Exception):
    """A try that may be followed by another one."""

    def __init__(
        self, error: GalleryError, *, status: int = 0, told_s: float | None = None
    ) -> None:
        super().__init__()
        self.error = error
        self.status = status
        self.told_s = told_s


class Asking:
    """How one remote is asked, from any thread."""

    def __init__(
        self,
        transport: httpx.BaseTransport,
        *,
        tools: Tools,
        rate: Rate,
        name: str,
        secrets: Sequence[str] = (),
        tries: int = retry.TRIES,
        at_once: int = 4,
    ) -> None:
        self._transport = transport
        self._tools = tools
        self._rate = rate
        self._name = name
        self._secrets = tuple(secrets)
        self._tries = tries
        self._slots = threading.BoundedSemaphore(at_once)

    def open(self, errand: Errand) -> httpx.Response:
        """The first answer that was expected, its body still to come: `finish` it.

        Raises:
            As `run`.
        """
        return self.run(replace(errand, streams=True), lambda response: response)

    def finish(self, response: httpx.Response) -> None:
        """Close an answer that was opened, and log it."""
        try:
            with as_ours(self._name):
                response.close()
        finally:
            note = response.extensions.pop("note", None)
            if isinstance(note, _Note):
                note.count = response.num_bytes_downloaded
                note.write(self._tools.monotonic())

    def run(self, errand: Errand, take: Callable[[httpx.Response], T]) -> T:
        """What `take` makes of the first answer that was expected. It closes the answer.

        Raises:
            UpstreamRefused, UpstreamGone, UpstreamThrottled, UpstreamTimeout, Upstream: the
                last try's reason. NotAllowed: we may not connect there.
        """
        failed, waited_s = 0, 0.0
        while True:
            self._rate.acquire(
                errand.lane,
                errand.cost,
                tools=self._tools,
                patience_s=errand.patience_s - waited_s,
                source=self._name,
            )
            try:
                return self._once(errand, take)
            except _Failed as failure:
                failed += 1
                wait_s = self._wait_s(failure, failed, errand.patience_s - waited_s)
            if self._tools.wait(wait_s):
                raise Upstream(self._name, STOPPING)
            waited_s += wait_s

    def _wait_s(self, failure: _Failed, failed: int, patience_s: float) -> float:
        """Seconds until the next try; raises the failure when there is to be none."""
        told_s = failure.told_s
        if told_s is not None:
            spent = failure.status == 429
            self._rate.rest(told_s, self._tools.monotonic(), spent=spent)
        if told_s is not None and told_s > patience_s:
            cause = failure.error.__cause__
            raise UpstreamThrottled(self._name, "", math.ceil(told_s)) from cause
        chance = self._tools.chance()
        wait_s = max(retry.backoff_s(failed, chance), (told_s or 0.0) + chance)
        if failed >= self._tries or wait_s > patience_s:
            raise failure.error from failure.error.__cause__
        return wait_s

    def _once(self, errand: Errand, take: Callable[[httpx.Response], T]) -> T:
        with self.slot(self._slots, errand.within_s), as_ours(self._name):
            began_s = self._tools.monotonic()
            with errand.build(began_s + errand.within_s) as request:
                note = _Note(request, began_s, self._secrets)
                try:
                    return self._sent(errand, request, take, note)
                except httpx.TransportError as error:
                    note.outcome = type(error).__name__
                    self._give_up_or_again(errand, error)
                    raise
                except NotAllowed:
                    note.outcome = "forbidden"
                    raise
                finally:
                    if not note.later:
                        note.write(self._tools.monotonic())

    def _sent(
        self,
        errand: Errand,
        request: httpx.Request,
        take: Callable[[httpx.Response], T],
        note: _Note,
    ) -> T:
        response = self._transport.handle_request(request)
        note.outcome = str(response.status_code)
        self._rate.learn(response.headers, self._tools.monotonic())
        if response.status_code in errand.expect:
            if errand.streams:
                response.extensions["note"], note.later = note, True
            taken = take(response)
            note.count = response.num_bytes_downloaded
            return taken
        try:
            answer = self.answer(response, cap_bytes=ERROR_BODY_CAP, cut=True)
        finally:
            note.count = response.num_bytes_downloaded
            response.close()
        told_s = None
        if answer.status in _WHOLLY_AGAIN:
            told_s = retry.told_s(answer.headers, self._tools.now())
        error = bad_answer(self._name, answer, secrets=self._secrets, retry_after_s=told_s)
        if answer.status == 429 or (retry.worth_another(answer.status) and errand.idempotent):
            raise _Failed(error, status=answer.status, told_s=told_s)
        raise error

    def _give_up_or_again(self, errand: Errand, error: httpx.TransportError) -> None:
        """Raises `_Failed` when the request may be sent once more."""
        if isinstance(error, _OURS) or distrusted(error):
            return
        if errand.idempotent or isinstance(error, _NEVER_SENT):
            try:
                with as_ours(self._name):
                    raise error
            except Upstream as ours:
                raise _Failed(ours) from error

    def answer(self, response: httpx.Response, *, cap_bytes: int, cut: bool = False) -> Answer:
        """The whole of an answer; `cut`: of a longer body the beginning, instead of an error."""
        body = whole_body(response, cap_bytes=cap_bytes, cut=cut, name=self._name)
        headers = {key.lower(): value for key, value in response.headers.items()}
        url = str(response.request.url)
        return Answer(response.status_code, headers, url, body, self._name)

    @contextmanager
    def slot(self, slots: threading.BoundedSemaphore, within_s: float) -> Iterator[None]:
        """One of the requests that may run at once.

        Raises:
            UpstreamTimeout: none became free in time.
        """
        if not slots.acquire(timeout=within_s):
            raise UpstreamTimeout(self._name, f"{self._name} is busy with other requests of ours.")
        try:
            yield
        finally:
            slots.release()


class _Note:
    """The log line of a try: never a query, a header or a secret."""

    def __init__(self, request: httpx.Request, began_s: float, secrets: Sequence[str]) -> None:
        self._method = request.method
        self._host = host_of(request.url)
        path = request.url.raw_path.partition(b"?")[0].decode("ascii", errors="replace")
        self._path = hide(path, secrets)
        self._began_s = began_s
        self.outcome = "failed"
        self.later = False
        self.count = 0

    def write(self, now_s: float) -> None:
        """Log it."""
        took_ms = round((now_s - self._began_s) * 1000)
        _log.info(
            "%s %s%s %s %d ms %d bytes",
            self._method,
            self._host,
            self._path,
            self.outcome,
            took_ms,
            self.count,
        )
