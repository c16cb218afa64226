"""Where the fake Freshdesk's pictures lie: the inline host, and a bucket like S3.

An address with a signature works until it expires and never together with an Authorization
header; a public file needs none. A token leads on to a signed address.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable
from datetime import datetime, timezone
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from gallery_app.testing.freshdesk_world import File, World, s3_path, token_of

_XML = '<?xml version="1.0" encoding="UTF-8"?><Error><Code>{}</Code><Message>{}</Message></Error>'
_LOGIN = b"<!doctype html><title>Log in</title><form>Password</form>"
_SECRET = b"of the bucket"


class Bucket:
    """Signs addresses and answers them.

    `life_s`: how long an address works. `needs_login`: inline pictures answer with a page to
    log in at, as accounts with private inline pictures do.
    """

    def __init__(self, world: World, base: Callable[[], str], *, life_s: int) -> None:
        self.world = world
        self.life_s = life_s
        self.needs_login = False
        self.leaks: list[str] = []  # paths that came with an Authorization header
        self.served = 0
        self._base = base

    def sign(self, file: File) -> str:
        """An address of that file that works for a while from now on."""
        date = datetime.fromtimestamp(int(self.world.clock()), timezone.utc)
        return self._signed(file, f"{date:%Y%m%dT%H%M%SZ}", self.life_s)

    def _signed(self, file: File, date: str, life_s: int) -> str:
        query = (
            f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Date={date}&X-Amz-Expires={life_s}"
            f"&X-Amz-SignedHeaders=host&X-Amz-Signature={self._signature(file, date, life_s)}"
        )
        return f"{self._base()}{s3_path(file)}?{query}"

    def _signature(self, file: File, date: str, life_s: int) -> str:
        text = f"{file.id} {date} {life_s}".encode()
        return hmac.new(_SECRET, text, hashlib.sha256).hexdigest()

    def routes(self) -> list[Route]:
        """The bucket's and the inline host's."""
        bucket = "/{bucket}/data/helpdesk/attachments/production/{id:int}/{which}/{name:path}"
        return [Route("/inline/attachment", self.inline), Route(bucket, self.object)]

    def inline(self, request: Request) -> Response:
        """A token's picture: leads on to the bucket."""
        self._note(request)
        if self.needs_login:
            return Response(_LOGIN, 200, media_type="text/html; charset=utf-8")
        token = request.query_params.get("token", "")
        for number, file in list(self.world.files.items()):
            if token_of(number) == token:
                return RedirectResponse(self.sign(file), 302)
        return Response(b"", 404)

    def portal(self, request: Request) -> Response:
        """A file by its number, as links of the portal have it: leads on to the bucket."""
        file = self.world.files.get(request.path_params["id"])
        return Response(b"", 404) if file is None else RedirectResponse(self.sign(file), 302)

    def object(self, request: Request) -> Response:
        """The bytes, or an error in XML."""
        self._note(request)
        if "authorization" in request.headers:
            return _error(400, "InvalidArgument", "Only one auth mechanism allowed")
        file = self.world.files.get(request.path_params["id"])
        if file is None or unquote(request.path_params["name"]) != file.name:
            return _error(403, "AccessDenied", "Access Denied")
        if not file.public and (refusal := self._refusal(request, file)):
            return _error(403, "AccessDenied", refusal)
        self.served += 1
        return _part(file.data(), request.headers.get("range"), file.content_type)

    def _refusal(self, request: Request, file: File) -> str:
        asked = request.query_params
        date, life = asked.get("X-Amz-Date", ""), asked.get("X-Amz-Expires", "")
        if not life.isdigit() or not re.fullmatch(r"\d{8}T\d{6}Z", date):
            return "Access Denied"
        if asked.get("X-Amz-Signature") != self._signature(file, date, int(life)):
            return "The request signature we calculated does not match"
        signed = datetime.strptime(date, "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
        expired = self.world.clock() > signed.timestamp() + int(life)
        return "Request has expired" if expired else ""

    def _note(self, request: Request) -> None:
        if "authorization" in request.headers or "cookie" in request.headers:
            self.leaks.append(request.url.path)


def _error(status: int, code: str, message: str) -> Response:
    return Response(_XML.format(code, message).encode(), status, media_type="application/xml")


def _part(data: bytes, wanted: str | None, kind: str) -> Response:
    etag = {"ETag": f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'}
    match = re.fullmatch(r"bytes=(\d+)-(\d*)", wanted or "")
    if match is None:
        return Response(data, 200, etag, kind)
    start = int(match[1])
    end = min(int(match[2]) if match[2] else len(data) - 1, len(data) - 1)
    if start > end:
        return Response(b"", 416)
    span = {"Content-Range": f"bytes {start}-{end}/{len(data)}", **etag}
    return Response(data[start : end + 1], 206, span, kind)
