"""Renditions and originals, as the front sends them and as the documented routes do."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import httpx
import pytest

from gallery_app.api.answers import PIECE_BYTES, send_file
from gallery_app.services.values import File
from tests.api.conftest import House


@pytest.fixture(params=["front", "routes"])
async def either(house: House, request: pytest.FixtureRequest) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the whole program, and one of the routes without the front."""
    app = house.app if request.param == "front" else house.parent
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
        yield client


async def test_a_rendition_under_its_version_may_be_kept_for_ever(
    house: House, either: httpx.AsyncClient
) -> None:
    asset = house.assets["beach.jpg"]

    answer = await either.get(f"/api/v1/assets/{asset.uid}/renditions/small?v={asset.version}")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/webp"
    assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
    assert answer.headers["content-length"] == str(len(answer.content))
    assert answer.content[:4] == b"RIFF"


@pytest.mark.parametrize("query", ["", "?v=9999", "?v=", "?v=1e3", "?x=1"])
async def test_a_rendition_under_any_other_address_is_asked_for_again(
    house: House, either: httpx.AsyncClient, query: str
) -> None:
    answer = await either.get(
        f"/api/v1/assets/{house.assets['beach.jpg'].uid}/renditions/small{query}"
    )

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "private, no-cache"


async def test_who_holds_the_rendition_is_told_so(house: House, either: httpx.AsyncClient) -> None:
    path = f"/api/v1/assets/{house.assets['beach.jpg'].uid}/renditions/small"
    etag = (await either.get(path)).headers["etag"]

    answer = await either.get(path, headers={"if-none-match": etag})

    assert answer.status_code == 304
    assert answer.content == b""
    assert answer.headers["etag"] == etag


@pytest.mark.parametrize("name", ["thumb", "small", "medium", "large", "screen", "full"])
async def test_every_rendition_is_made_when_it_is_asked_for(
    house: House, either: httpx.AsyncClient, name: str
) -> None:
    uid = house.assets["lake.jpg"].uid

    answer = await either.get(f"/api/v1/assets/{uid}/renditions/{name}")

    assert answer.status_code == 200
    assert answer.headers["content-type"] in {"image/webp", "image/jpeg"}


@pytest.mark.parametrize("kind", ["renditions/small", "original"])
async def test_a_head_has_the_headers_and_no_body(
    house: House, either: httpx.AsyncClient, kind: str
) -> None:
    path = f"/api/v1/assets/{house.assets['beach.jpg'].uid}/{kind}"
    whole = await either.get(path)

    answer = await either.head(path)

    assert answer.status_code == 200
    assert answer.content == b""
    assert answer.headers["content-length"] == str(len(whole.content))
    assert answer.headers["etag"] == whole.headers["etag"]


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("{uid}/renditions/poster", id="no such rendition"),
        pytest.param("{uid}/renditions/small/x", id="more behind it"),
        pytest.param("{uid}/renditions/%2e%2e/original", id="dots"),
        pytest.param("{uid}/renditions/", id="no name"),
        pytest.param("zzzzzzzzzzzzzzzzzzzzzzzzzz/renditions/small", id="no such asset"),
        pytest.param("1/renditions/small", id="an inner number"),
        pytest.param("{upper}/renditions/small", id="the uid in capitals"),
        pytest.param("nothing/original", id="no such original"),
    ],
)
async def test_what_is_not_there_is_404_in_the_one_shape(
    house: House, either: httpx.AsyncClient, path: str
) -> None:
    uid = house.assets["beach.jpg"].uid

    answer = await either.get(f"/api/v1/assets/{path.format(uid=uid, upper=uid.upper())}")

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


@pytest.mark.parametrize(
    ("asked", "status", "span", "content_range"),
    [
        ("bytes=0-9", 206, (0, 10), "bytes 0-9/{size}"),
        ("bytes=100-", 206, (100, None), "bytes 100-{last}/{size}"),
        ("bytes=-7", 206, (-7, None), "bytes {before}-{last}/{size}"),
        ("bytes=99999999-", 416, None, "bytes */{size}"),
        ("bytes=0-0,5-5", 200, (0, None), None),
        ("nonsense", 200, (0, None), None),
    ],
)
@pytest.mark.parametrize("kind", ["renditions/small", "original"])
async def test_ranges_are_answered_as_http_says(  # a table
    house: House,
    either: httpx.AsyncClient,
    kind: str,
    asked: str,
    status: int,
    span: tuple[int, int | None] | None,
    content_range: str | None,
) -> None:
    path = f"/api/v1/assets/{house.assets['beach.jpg'].uid}/{kind}"
    whole = (await either.get(path)).content

    answer = await either.get(path, headers={"range": asked})

    assert answer.status_code == status
    assert answer.content == (whole[span[0] : span[1]] if span else b"")
    size = len(whole)
    wanted = content_range and content_range.format(size=size, last=size - 1, before=size - 7)
    assert answer.headers.get("content-range") == wanted


async def test_a_range_of_another_version_gives_the_whole(
    house: House, either: httpx.AsyncClient
) -> None:
    path = f"/api/v1/assets/{house.assets['beach.jpg'].uid}/original"
    etag = (await either.head(path)).headers["etag"]

    same = await either.get(path, headers={"range": "bytes=0-9", "if-range": etag})
    other = await either.get(path, headers={"range": "bytes=0-9", "if-range": '"other"'})

    assert (same.status_code, other.status_code) == (206, 200)


async def test_an_original_is_byte_for_byte_what_came_in(
    house: House, either: httpx.AsyncClient
) -> None:
    asset = house.assets["city.png"]

    answer = await either.get(f"/api/v1/assets/{asset.uid}/original")

    import hashlib

    assert hashlib.sha256(answer.content).hexdigest() == asset.sha256
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["content-disposition"].startswith('inline; filename="city.png"')
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")


async def test_an_original_can_be_asked_for_as_a_file(
    house: House, either: httpx.AsyncClient
) -> None:
    path = f"/api/v1/assets/{house.assets['city.png'].uid}/original?download=1"

    answer = await either.get(path)

    assert answer.headers["content-disposition"].startswith("attachment;")


# --- the parts a network client cannot show ------------------------------------------------------


def scope_of(method: str = "GET") -> dict[str, object]:
    return {"type": "http", "method": method, "headers": [], "path": "/", "query_string": b""}


def described(path: Path) -> File:
    return File(path, path.stat().st_size, "image/jpeg", path.name, inline=True, etag='"e"')


async def test_a_file_is_read_no_further_once_the_reader_has_gone(tmp_path: Path) -> None:
    path = tmp_path / "big.jpg"
    path.write_bytes(bytes(PIECE_BYTES * 40))
    gone, sent = anyio.Event(), 0

    async def receive() -> dict[str, object]:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: object) -> None:
        nonlocal sent
        sent += 1
        if sent == 3:
            gone.set()
        await anyio.lowlevel.checkpoint()

    await send_file(
        scope_of(),
        receive,
        send,
        described(path),
        [],
        limiter=anyio.CapacityLimiter(1),
    )

    assert 3 <= sent < 20


async def test_a_file_that_shrinks_while_it_is_sent_ends_the_answer_short(tmp_path: Path) -> None:
    path = tmp_path / "shrinks.jpg"
    path.write_bytes(bytes(PIECE_BYTES * 3))
    sent: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        await anyio.sleep_forever()
        raise AssertionError

    async def send(message: Any) -> None:
        sent.append(message)
        if message["type"] == "http.response.start":
            path.write_bytes(bytes(PIECE_BYTES))

    with pytest.raises(ExceptionGroup):
        await send_file(
            scope_of(),
            receive,
            send,
            described(path),
            [],
            limiter=anyio.CapacityLimiter(1),
        )

    assert sent[-1]["more_body"] is True


@pytest.mark.parametrize("kind", ["missing", "folder", "pipe"])
async def test_what_is_no_regular_file_is_never_opened_for_long(tmp_path: Path, kind: str) -> None:
    import os

    from gallery_app.domain.errors import UpstreamGone

    path = tmp_path / "thing"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)

    async def nothing(*_: object) -> Any:
        raise AssertionError

    found = File(path, 10, "image/jpeg", "thing", inline=True, etag='"e"')
    with pytest.raises(UpstreamGone):
        await send_file(
            scope_of(),
            nothing,
            nothing,
            found,
            [],
            limiter=anyio.CapacityLimiter(1),
        )
