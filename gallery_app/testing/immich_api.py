"""The routes of an Immich below `/api`, with the permission each one needs."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Awaitable, Callable
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gallery_app.testing.immich_search import Elevated, Refused
from gallery_app.testing.immich_world import Asset

if TYPE_CHECKING:
    from gallery_app.testing.immich import FakeImmich

Answering = Callable[["FakeImmich", Request], Awaitable[Response]]

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.I)
_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_SIZES = ("original", "fullsize", "preview", "thumbnail")
_KEEP = "private, max-age=86400, no-transform"
_TYPES = {
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".gif": "image/gif",
    ".webp": "image/webp",
    ".heic": "image/heic",
    ".tif": "image/tiff",
    ".mp4": "video/mp4",
    ".mov": "video/quicktime",
}


class Failed(Exception):
    """An answer that is no success."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status, self.message = status, message


def routes(fake: FakeImmich) -> list[Route]:
    """All routes of that fake."""
    return [_route(fake, *row) for row in _TABLE if fake.version >= row[4]]


def _route(
    fake: FakeImmich,
    method: str,
    path: str,
    permission: str | None,
    answering: Answering,
    _since: tuple[int, int, int],
) -> Route:
    name = f"{method} {path}"

    async def endpoint(request: Request) -> Response:
        fake.counts[name] += 1
        try:
            if permission is not None:
                _admit(fake, request, permission)
            return await answering(fake, request)
        except Elevated:
            return JSONResponse(fake.views.error(401, "Elevated permission is required"), 401)
        except Refused as refused:
            return JSONResponse(fake.views.invalid(refused.path, refused.message), 400)
        except Failed as failed:
            body = fake.views.error(failed.status, failed.message)
            return JSONResponse(body, failed.status)

    return Route(f"{fake.root}{path}", endpoint, methods=[method])


def _key(request: Request) -> str | None:
    return request.headers.get("x-api-key") or request.query_params.get("apiKey")


def _admit(fake: FakeImmich, request: Request, permission: str) -> None:
    key = _key(request)
    if key is None:
        raise Failed(401, "Authentication required")
    granted = fake.keys.get(key)
    if granted is None:
        raise Failed(401, "Invalid API key")
    if permission and permission not in granted and "all" not in granted:
        raise Failed(403, f"Missing required permission: {permission}")


async def _body(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body() or b"{}")
    except ValueError as error:
        raise Failed(400, f"{error}") from error
    if not isinstance(body, dict):
        raise Failed(400, "Expected an object")
    return body


def _asset(fake: FakeImmich, request: Request, permission: str) -> Asset:
    key = request.path_params.get("id") or request.query_params.get("id", "")
    if not _UUID.fullmatch(key):
        raise Refused("id", "Invalid UUID")
    asset = fake.world.assets.get(key)
    if asset is None or asset.visibility == "locked":
        status = 400 if fake.version >= (3, 0, 0) else 404
        raise Failed(status, f"Not found or no {permission} access")
    return asset


# --- the server ----------------------------------------------------------------------------


async def _ping(_fake: FakeImmich, _request: Request) -> Response:
    return JSONResponse({"res": "pong"})


async def _version(fake: FakeImmich, _request: Request) -> Response:
    major, minor, patch = fake.version
    return JSONResponse({"major": major, "minor": minor, "patch": patch, "prerelease": None})


async def _features(fake: FakeImmich, _request: Request) -> Response:
    return JSONResponse({"smartSearch": fake.smart, "facialRecognition": fake.smart, "trash": True})


async def _me(fake: FakeImmich, request: Request) -> Response:
    granted = fake.keys[_key(request) or ""]
    return JSONResponse(
        {
            "id": fake.world.owner,
            "name": "gallery",
            "createdAt": "2026-01-01T00:00:00.000Z",
            "updatedAt": "2026-01-01T00:00:00.000Z",
            "permissions": list(granted),
        }
    )


async def _user(fake: FakeImmich, _request: Request) -> Response:
    return JSONResponse({"id": fake.world.owner, "email": "fake@example.com", "name": "Fake"})


# --- searches ------------------------------------------------------------------------------


async def _metadata(fake: FakeImmich, request: Request) -> Response:
    body = await _body(request)
    fake.bodies.append(body)
    assets, page, cursor = fake.searching.page(body)
    return _found(fake, body, assets, page, cursor)


async def _smart(fake: FakeImmich, request: Request) -> Response:
    body = await _body(request)
    if not fake.smart:
        raise Failed(400, "Smart search is not enabled")
    words = str(body.get("query") or "").casefold().split()
    if not words:
        raise Failed(400, "Either `query` or `queryAssetId` must be set")
    body = {key: value for key, value in body.items() if key != "query"}
    size = int(body.pop("size", 100))
    assets, _, _ = fake.searching.page({**body, "size": 1000})
    ranked = sorted(assets, key=lambda a: -_hits(fake, a, words))
    best = [a for a in ranked if _hits(fake, a, words)]
    return _found(fake, body, best[:size], None, None)


def _hits(fake: FakeImmich, asset: Asset, words: list[str]) -> int:
    tags = " ".join(fake.world.tags[key].value for key in asset.tags)
    text = f"{asset.description} {tags} {asset.filename}".casefold()
    return sum(word in text for word in words)


async def _statistics(fake: FakeImmich, request: Request) -> Response:
    tests = fake.searching.tests(await _body(request))
    found = [a for a in fake.world.newest_first() if all(test(a) for test in tests)]
    return JSONResponse({"total": len(found)})


def _found(
    fake: FakeImmich,
    body: dict[str, Any],
    assets: list[Asset],
    page: str | None,
    cursor: str | None,
) -> Response:
    exif, people = body.get("withExif") is True, body.get("withPeople") is True
    items = [fake.views.asset(asset, exif=exif, people=people) for asset in assets]
    found = {"total": len(items), "count": len(items), "items": items, "facets": []}
    found["nextPage"] = page
    if fake.version >= (3, 2, 0):
        found["nextCursor"] = cursor
    empty = {"total": 0, "count": 0, "items": [], "facets": []}
    return JSONResponse({"albums": empty, "assets": found})


# --- lists ---------------------------------------------------------------------------------


async def _albums(fake: FakeImmich, _request: Request) -> Response:
    return JSONResponse([fake.views.album(album) for album in fake.world.albums.values()])


async def _album(fake: FakeImmich, request: Request) -> Response:
    album = fake.world.albums.get(request.path_params["id"])
    if album is None:
        raise Failed(400, "Not found or no album.read access")
    bare = request.query_params.get("withoutAssets") == "true"
    return JSONResponse(fake.views.album(album, whole=not bare))


async def _tags(fake: FakeImmich, _request: Request) -> Response:
    return JSONResponse([fake.views.tag(tag) for tag in fake.world.tags.values()])


async def _people(fake: FakeImmich, _request: Request) -> Response:
    people = [fake.views.person(p) for p in fake.world.people.values() if not p.hidden]
    return JSONResponse({"people": people, "hasNextPage": False, "total": len(people), "hidden": 0})


# --- one asset -----------------------------------------------------------------------------


async def _one(fake: FakeImmich, request: Request) -> Response:
    return JSONResponse(fake.views.asset(_asset(fake, request, "asset.read"), whole=True))


async def _faces(fake: FakeImmich, request: Request) -> Response:
    return JSONResponse(fake.views.faces(_asset(fake, request, "asset.read")))


async def _thumbnail(fake: FakeImmich, request: Request) -> Response:
    asset = _asset(fake, request, "asset.view")
    size = request.query_params.get("size", "thumbnail")
    if size not in _SIZES:
        raise Refused("size", "Invalid option: expected one of " + "|".join(_SIZES))
    if not asset.ready or asset.visibility == "hidden":
        raise Failed(404, "Asset media not found")
    if size in {"original", "fullsize"}:
        return Response("Found. Redirecting to original?", 302, {"location": "original?"})
    return _bytes(request, fake.world.drawing(asset), "image/jpeg", f"{asset.filename}_{size}.jpeg")


async def _original(fake: FakeImmich, request: Request) -> Response:
    asset = _asset(fake, request, "asset.download")
    if asset.offline:
        raise Failed(404, "Asset media not found")
    with fake.watch():
        return _bytes(request, fake.world.original(asset), asset.mime, asset.filename)


def _bytes(request: Request, data: bytes, kind: str, name: str) -> Response:
    headers = {
        "cache-control": _KEEP,
        "accept-ranges": "bytes",
        "content-disposition": f"inline; filename*=UTF-8''{quote(name)}",
        "etag": f'W/"{hashlib.blake2b(data, digest_size=8).hexdigest()}"',
    }
    match = _RANGE.fullmatch(request.headers.get("range", ""))
    if match is None or not (match[1] or match[2]):
        return Response(data, 200, headers, kind)
    if match[1]:
        start = int(match[1])
        end = min(int(match[2] or len(data) - 1), len(data) - 1)
    else:
        start, end = max(0, len(data) - int(match[2])), len(data) - 1
    if start > end:
        return Response(b"", 416, {"content-range": f"bytes */{len(data)}"})
    headers["content-range"] = f"bytes {start}-{end}/{len(data)}"
    return Response(data[start : end + 1], 206, headers, kind)


# --- uploads -------------------------------------------------------------------------------


async def _check(fake: FakeImmich, request: Request) -> Response:
    results = []
    for asked in (await _body(request)).get("assets", []):
        known = fake.by_checksum(_digest(asked["checksum"]))
        result: dict[str, object] = {"id": asked["id"], "action": "accept"}
        if known is not None:
            trashed = known.trashed is not None
            result |= {"action": "reject", "reason": "duplicate", "assetId": known.id}
            result["isTrashed"] = trashed
        results.append(result)
    return JSONResponse({"results": results})


async def _upload(fake: FakeImmich, request: Request) -> Response:
    claimed = request.headers.get("x-immich-checksum")
    known = fake.by_checksum(_digest(claimed)) if claimed else None
    if known is not None:
        return JSONResponse({"status": "duplicate", "id": known.id}, 200)
    async with request.form() as form:
        return await _taken_in(fake, form)


async def _taken_in(fake: FakeImmich, form: FormData) -> Response:
    needed = ["fileCreatedAt", "fileModifiedAt"]
    if fake.version < (3, 0, 0):
        needed = ["deviceAssetId", "deviceId", *needed]
    for name in needed:
        if not isinstance(form.get(name), str):
            raise Refused(name, "Invalid input: expected string, received undefined")
    taken, modified = (fake.strict_time(form, name) for name in needed[-2:])
    file = form.get("assetData")
    if file is None or isinstance(file, str):
        raise Failed(400, "Field assetData is required")
    name = str(form.get("filename") or file.filename)
    kind = _TYPES.get(PurePosixPath(name).suffix.lower())
    if kind is None:
        raise Failed(400, f"Unsupported file type {name}")
    data = await file.read()
    known = fake.by_checksum(hashlib.sha1(data).digest())  # noqa: S324 - Immich's
    if known is not None:
        return JSONResponse({"status": "duplicate", "id": known.id}, 200)
    values = {
        "taken": taken,
        "modified": modified,
        "kind": "VIDEO" if kind.startswith("video/") else "IMAGE",
        "mime": kind,
        "favourite": form.get("isFavorite") == "true",
        "data": data,
    }
    key = fake.add_asset(name, **values)
    return JSONResponse({"id": key, "status": "created"}, 201)


def _digest(checksum: str) -> bytes:
    """Forty characters are hex, twenty-eight base64."""
    try:
        if len(checksum) == 28:
            return base64.b64decode(checksum)
        return bytes.fromhex(checksum)
    except ValueError as error:
        raise Failed(400, "Invalid checksum") from error


_ANY = (0, 0, 0)
_TABLE: tuple[tuple[str, str, str | None, Answering, tuple[int, int, int]], ...] = (
    ("GET", "/server/ping", None, _ping, _ANY),
    ("GET", "/server/version", None, _version, _ANY),
    ("GET", "/server/features", None, _features, _ANY),
    ("GET", "/api-keys/me", "", _me, (2, 0, 0)),
    ("GET", "/users/me", "user.read", _user, _ANY),
    ("POST", "/search/metadata", "asset.read", _metadata, _ANY),
    ("POST", "/search/smart", "asset.read", _smart, _ANY),
    ("POST", "/search/statistics", "asset.statistics", _statistics, _ANY),
    ("GET", "/albums", "album.read", _albums, _ANY),
    ("GET", "/albums/{id}", "album.read", _album, _ANY),
    ("GET", "/tags", "tag.read", _tags, _ANY),
    ("GET", "/people", "person.read", _people, _ANY),
    ("GET", "/faces", "face.read", _faces, _ANY),
    ("POST", "/assets/bulk-upload-check", "asset.upload", _check, _ANY),
    ("POST", "/assets", "asset.upload", _upload, _ANY),
    ("GET", "/assets/{id}", "asset.read", _one, _ANY),
    ("GET", "/assets/{id}/thumbnail", "asset.view", _thumbnail, _ANY),
    ("GET", "/assets/{id}/original", "asset.download", _original, _ANY),
)
