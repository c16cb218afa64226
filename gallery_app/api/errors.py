"""How everything that goes wrong looks from outside: one JSON shape, never a stack or a path.

`install_errors(app)` maps domain errors, the framework's refusals and the unforeseen onto it.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from gallery_app.api.answers import error_body, error_headers
from gallery_app.domain.errors import BadInput, GalleryError, NotFound

log = logging.getLogger(__name__)


class Invalid(BadInput):
    """A parameter or body of the wrong form; `fields` says which and why."""

    status: ClassVar[int] = 422
    code: ClassVar[str] = "invalid"


@dataclass(eq=False)
class Absent(NotFound):
    """There is nothing at this address yet; `reason` says how there will be."""

    reason: str = ""

    @property
    def public(self) -> str:
        """The sentence of this case."""
        return self.reason

    def data(self) -> dict[str, object]:
        """Typed facts; the sentence is not one of them."""
        return {}


class MethodNotAllowed(GalleryError):
    """The address exists, but not for this method."""

    status: ClassVar[int] = 405
    code: ClassVar[str] = "method_not_allowed"
    sentence: ClassVar[str] = "This address does not take that method."


def answer(error: GalleryError, **more: object) -> Response:
    """The error as a response of the framework."""
    headers = {k.decode(): v.decode() for k, v in error_headers(error)}
    return Response(error_body(error, **more), error.status, headers, media_type="application/json")


def install_errors(
    app: FastAPI, *, new_id: Callable[[], str] = lambda: secrets.token_hex(4)
) -> None:
    """Give every failure of `app`'s routes the one shape; the unforeseen is logged by an id."""

    def refused(_: Request, error: Exception) -> Response:
        assert isinstance(error, GalleryError)  # noqa: S101  # registered for it, below
        return answer(error)

    def invalid(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101  # registered for it
        return validation_answer(error)

    def framework(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101  # registered for it
        response = answer(_translate(error))
        response.headers.update(error.headers or {})
        return response

    def unforeseen(request: Request, error: Exception) -> Response:
        incident = new_id()
        # The guard, outermost, sees the same exception again and need not log it twice.
        request.scope["gallery.incident"] = incident
        log.error("incident %s", incident, exc_info=error)
        return answer(GalleryError(), incident=incident)

    app.add_exception_handler(GalleryError, refused)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, framework)
    app.add_exception_handler(Exception, unforeseen)


def validation_answer(error: RequestValidationError) -> Response:
    """422 with a sentence a person can act on, and each field's fault. The input is not echoed."""
    fields = [
        {"at": ".".join(str(part) for part in fault["loc"]), "message": str(fault["msg"])}
        for fault in error.errors()
    ]
    first = fields[0] if fields else {"at": "request", "message": "not understood"}
    name = first["at"].partition(".")[2] or first["at"]
    return answer(Invalid(f"{name}: {first['message']}."), fields=fields)


def _translate(error: HTTPException) -> GalleryError:
    if error.status_code == 404:
        return NotFound()
    if error.status_code == 405:
        return MethodNotAllowed()
    if 400 <= error.status_code < 500:
        return BadInput()
    return GalleryError()
