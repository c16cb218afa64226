"""The recordings of a real Immich 3.1.0, answered again on a real socket.

Searches that were recorded are answered as they were; of others the list of everything is
filtered by what is asked, and an unheard-of word is an error here: the connector says only what
the recordings know.
"""

from __future__ import annotations

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

RECORDINGS = Path(__file__).parents[3] / "shared" / "recordings" / "immich"
ALL_KEY = "1fqHiFMIaUTVsf01WV2lCFBxz0igVlIsySNt9TE"
READ_KEY = "vT6azbdJfqwF9pG53s2MTyp5ZiazsaPH8MhXAuNM6es"
ALBUMS_KEY = "HPTdLgtwKHzAjqGyWmwIMdT57NB8MWavqNJkqQnX1o"
_NEWS = frozenset("size page order withExif withPeople takenBefore updatedAfter".split())
_BINARY = b"\xff\xd8 what these bytes are was not recorded"


@cache
def recorded(name: str) -> dict[str, Any]:
    """One recording: `request` and `response`."""
    loaded: dict[str, Any] = json.loads((RECORDINGS / f"{name}.json").read_text())
    return loaded


def items(name: str) -> list[dict[str, Any]]:
    """The assets of a recorded search."""
    found: list[dict[str, Any]] = recorded(name)["response"]["body"]["assets"]["items"]
    return found


class Replay:
    """The server. `asked` counts paths, `bodies` keeps what was searched for."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.bodies: list[dict[str, Any]] = []
        simple = {
            "/api/server/ping": "server/ping",
            "/api/server/version": "server/version",
            "/api/server/features": "server/features",
            "/api/albums": "albums/list",
            "/api/tags": "tags/list",
            "/api/people": "people/list",
        }
        self._simple = simple
        self.app = Starlette(
            routes=[
                *(Route(path, self._plain) for path in simple),
                Route("/api/api-keys/me", self._me),
                Route("/api/search/metadata", self._search, methods=["POST"]),
                Route("/api/search/smart", self._smart, methods=["POST"]),
                Route("/api/assets/bulk-upload-check", self._check, methods=["POST"]),
                Route("/api/faces", self._faces),
                Route("/api/assets/{id}", self._asset),
                Route("/api/assets/{id}/thumbnail", self._thumbnail),
                Route("/api/assets/{id}/original", self._original),
            ]
        )

    async def _plain(self, request: Request) -> Response:
        self.asked[request.url.path] += 1
        return _answer(self._simple[request.url.path])

    async def _me(self, request: Request) -> Response:
        names = {ALL_KEY: "api-keys/me", READ_KEY: "api-keys/me_readonly"}
        key = request.headers.get("x-api-key", "")
        return _answer(names.get(key, "errors/401_bad_key"))

    async def _search(self, request: Request) -> Response:
        self.asked[request.url.path] += 1
        if request.headers.get("x-api-key") == ALBUMS_KEY:
            return _answer("errors/403_key_lacks_permission")
        body = await request.json()
        self.bodies.append(body)
        if body["size"] > 1000:
            return _answer("errors/search_size_too_big")
        if "trashedAfter" in body:
            return _answer("search/metadata_trashed_only")
        if "albumIds" in body:
            return self._members(body["albumIds"])
        if "tagIds" in body:
            return self._tagged(body["tagIds"])
        unheard = set(body) - _NEWS
        assert not unheard, f"Immich would ignore {unheard}"
        return _page([item for item in items("search/metadata_all_size1000") if _meant(item, body)])

    def _members(self, albums: list[str]) -> Response:
        for name in ("search/metadata_album", "search/album_as_bob"):
            if recorded(name)["request"]["body"]["albumIds"] == albums:
                return _page(items(name))
        return _page([])

    def _tagged(self, tags: list[str]) -> Response:
        for name in ("search/metadata_tag", "search/metadata_tag_parent"):
            if recorded(name)["request"]["body"]["tagIds"] == tags:
                return _page(items(name))
        return _page([])

    async def _smart(self, _request: Request) -> Response:
        return _answer("search/smart_ml_off")

    async def _check(self, _request: Request) -> Response:
        return _answer("upload/bulk-upload-check")

    async def _asset(self, request: Request) -> Response:
        names = (path.stem for path in (RECORDINGS / "assets").glob("get_*.json"))
        for name in names:
            body = recorded(f"assets/{name}")["response"]["body"]
            if body.get("id") == request.path_params["id"]:
                return _answer(f"assets/{name}")
        return _answer("errors/asset_unknown_uuid")

    async def _faces(self, request: Request) -> Response:
        asked = recorded("faces/of_asset")["request"]["query"]
        known = dict(request.query_params) == asked
        return _answer("faces/of_asset" if known else "errors/asset_unknown_uuid")

    async def _thumbnail(self, request: Request) -> Response:
        key = request.path_params["id"]
        for name in ("thumbnail_preview", "thumbnail_undecodable_404", "thumbnail_locked"):
            if f"/{key}/" in recorded(f"assets/{name}")["request"]["path"]:
                return _answer(f"assets/{name}")
        return _answer("errors/asset_unknown_uuid")

    async def _original(self, request: Request) -> Response:
        key = request.path_params["id"]
        part = "range" in request.headers
        name = "assets/original_range_206" if part else "assets/original"
        if f"/{key}/" in recorded(name)["request"]["path"]:
            return _answer(name)
        return _answer("errors/asset_unknown_uuid")


def _meant(item: dict[str, Any], body: dict[str, Any]) -> bool:
    after, before = body.get("updatedAfter", ""), body.get("takenBefore", "9")
    return bool(item["updatedAt"] >= after and item["fileCreatedAt"] <= before)


def _page(found: list[dict[str, Any]]) -> Response:
    body = dict(recorded("search/metadata_past_end")["response"]["body"])
    body["assets"] = {**body["assets"], "items": found, "count": len(found), "total": len(found)}
    return JSONResponse(body)


def _answer(name: str) -> Response:
    """That answer, as recorded; bytes that were not kept are made up in the right length."""
    response = recorded(name)["response"]
    headers = {
        key: value
        for key, value in response["headers"].items()
        if key not in {"content-length", "content-encoding", "content-type", "transfer-encoding"}
    }
    body = response["body"]
    kind = response["headers"].get("content-type", "").partition(";")[0]
    if isinstance(body, dict) and "_binary_bytes" in body:
        size = body["_binary_bytes"]
        return Response(
            (_BINARY * (size // len(_BINARY) + 1))[:size], response["status"], headers, kind
        )
    return JSONResponse(body, response["status"], headers)
