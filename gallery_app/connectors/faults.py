"""What went wrong with a remote, in the house's own errors and in plain words.

An error made of an answer keeps that answer as its cause, so that a connector may read why;
`answer_of` gives it back. No sentence holds an address' query, a header or a secret.
"""

from __future__ import annotations

import math
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import httpx

from gallery_app.connectors.answer import Answer
from gallery_app.connectors.pinned import host_of
from gallery_app.connectors.sockets import UnknownName
from gallery_app.domain.errors import (
    GalleryError,
    NotAllowed,
    Upstream,
    UpstreamGone,
    UpstreamRefused,
    UpstreamThrottled,
    UpstreamTimeout,
)

SEEN_BYTES = 2048


class BadAnswer(Exception):
    """An answer that is an error; hung below the domain's error, never shown."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"the remote answered {answer.status}")
        self.answer = answer


def answer_of(error: BaseException) -> Answer | None:
    """What the remote answered that made this error, its body cut to 2 kB; None: no answer."""
    cause = error.__cause__
    return cause.answer if isinstance(cause, BadAnswer) else None


def bad_answer(
    name: str, answer: Answer, *, secrets: Sequence[str] = (), retry_after_s: float | None = None
) -> GalleryError:
    """The error of an answer that was not expected, its cause already in place."""
    error = _of_status(name, answer, retry_after_s)
    error.__cause__ = BadAnswer(answer.cut(SEEN_BYTES, secrets))
    return error


def _of_status(name: str, answer: Answer, retry_after_s: float | None) -> GalleryError:
    status = answer.status
    if status == 401:
        return UpstreamRefused(
            name, f"{name} does not accept the key. Check it, or make a new one."
        )
    if status == 403:
        return UpstreamRefused(name, f"{name} does not let this key do that.")
    if status in {404, 410}:
        return UpstreamGone(name, f"{name} does not have this any more.")
    if status == 429:
        return UpstreamThrottled(
            name, "", math.ceil(60 if retry_after_s is None else retry_after_s)
        )
    if status in {408, 504}:
        return UpstreamTimeout(name, f"{name} did not answer in time ({status}).")
    if 300 <= status < 400:
        to = answer.redirect_host
        return Upstream(name, f"{name} sends us on to {to}. Is the address the right one?")
    if status >= 500:
        return Upstream(name, f"{name} has a fault of its own ({status}).")
    return Upstream(name, f"{name} answered in a way that was not expected ({status}).")


@contextmanager
def as_ours(name: str) -> Iterator[None]:
    """What httpx raises, as domain errors.

    Raises:
        UpstreamTimeout: it took too long.
        NotAllowed: an address that is none of the web.
        Upstream: anything else that a network can do.
    """
    try:
        yield
    except httpx.TimeoutException as error:
        raise UpstreamTimeout(name, f"{name} did not answer in time.") from error
    except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        raise NotAllowed(verb="fetch") from error
    except (httpx.HTTPError, httpx.StreamError) as error:
        raise Upstream(name, _why(name, error)) from error


def _why(name: str, error: Exception) -> str:
    host = _host_of(error)
    if distrusted(error):
        return f"The certificate of {host} is not trusted; nothing was sent."
    if isinstance(error, httpx.ConnectError):
        if any(isinstance(cause, ConnectionRefusedError) for cause in _causes(error)):
            return f"Nothing answers at {host}. Does {name} run there?"
        if any(isinstance(cause, UnknownName) for cause in _causes(error)):
            return f"The name {host} is not known. Is the address spelled right?"
        return f"{host} cannot be reached."
    return f"{name} broke off in the middle of an answer."


def _host_of(error: Exception) -> str:
    try:
        return host_of(error.request.url) if isinstance(error, httpx.RequestError) else "the host"
    except RuntimeError:
        return "the host"  # raised before there was a request


def distrusted(error: BaseException) -> bool:
    """Whether a certificate was the reason; asking again does not help."""
    return any(isinstance(cause, ssl.SSLCertVerificationError) for cause in _causes(error))


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen = 0
    while error is not None and seen < 10:
        yield error
        error, seen = error.__cause__ or error.__context__, seen + 1
