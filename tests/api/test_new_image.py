"""The brief's frame: /new-image, /image, /images-info, /cache-status."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import httpx
import pytest

from gallery_app.api.schemas_compat import CacheStatusOut, ImagesInfoOut
from gallery_app.domain.answers import KeptStats
from gallery_app.domain.errors import Conflict
from gallery_app.domain.model import Uid
from gallery_app.services.frames import FrameBook, FrameImage, FrameInfo
from gallery_app.services.status import Status
from gallery_app.services.values import Bytes

NOON = datetime(2026, 7, 31, 12, 0, tzinfo=timezone.utc)
StandIn = Callable[[str, type[Any]], Any]
FRAME = Bytes(b"\xff\xd8 a picture", "image/jpeg", '"uhd-1"', 1)


@pytest.fixture
def frames(stand_in: StandIn) -> Any:
    return stand_in("frames", FrameBook)


async def test_a_new_image_is_a_picture_and_the_last_one_is_the_same(
    client: httpx.AsyncClient, frames: Any
) -> None:
    frames.new_image.return_value = FrameImage(
        Uid("0" * 26), "lake.jpg", FRAME, "mountains", "smart"
    )
    frames.latest.return_value = FRAME

    new = await client.get("/new-image", params={"query": "mountains", "range": 50})
    last = await client.get("/image")

    assert (new.status_code, new.headers["content-type"]) == (200, "image/jpeg")
    assert new.headers["cache-control"] == "no-store"
    assert new.headers["x-gallery-found-by"] == "smart"
    assert new.content == last.content == FRAME.data
    frames.new_image.assert_called_once_with("mountains", most=50)


async def test_a_new_image_of_nothing_is_of_the_default(
    client: httpx.AsyncClient, frames: Any
) -> None:
    frames.new_image.return_value = FrameImage(Uid("0" * 26), "a", FRAME, "", "any")

    await client.get("/new-image")

    frames.new_image.assert_called_once_with(None, most=100)


@pytest.mark.parametrize("range_", ["0", "1001", "x", "-1"])
async def test_a_range_that_cannot_be_is_422(
    client: httpx.AsyncClient, frames: Any, range_: str
) -> None:
    assert (await client.get("/new-image", params={"range": range_})).status_code == 422


async def test_before_the_first_new_image_there_is_a_hint(
    client: httpx.AsyncClient, frames: Any
) -> None:
    frames.latest.side_effect = Conflict("None was made yet; ask /new-image for one.")

    answer = await client.get("/image")

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"
    assert "/new-image" in answer.json()["error"]["message"]


async def test_who_holds_the_last_image_is_told_so(client: httpx.AsyncClient, frames: Any) -> None:
    frames.latest.return_value = FRAME

    answer = await client.get("/image", headers={"if-none-match": FRAME.etag})
    head = await client.head("/image")

    assert (answer.status_code, answer.content) == (304, b"")
    assert (head.status_code, head.headers["etag"], head.content) == (200, FRAME.etag, b"")


async def test_what_was_made_is_told(client: httpx.AsyncClient, frames: Any) -> None:
    frames.info.return_value = FrameInfo(2, 9000, ("b.jpg", "a.jpg"), NOON)

    body = (await client.get("/images-info")).json()

    ImagesInfoOut.model_validate(body, strict=True)
    assert body == {
        "count": 2, "total_bytes": 9000, "images": ["b.jpg", "a.jpg"],
        "newest": "2026-07-31T12:00:00+00:00",
    }  # fmt: skip


async def test_the_cache_tells_what_it_keeps(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = KeptStats(3, 1200, hits=5, misses=4, oldest=NOON, next_expiry=None)
    monkeypatch.setattr(Status, "kept", lambda _: kept)

    body = (await client.get("/cache-status")).json()

    CacheStatusOut.model_validate(body, strict=True)
    assert (body["entries"], body["hits"], body["misses"]) == (3, 5, 4)
    assert body["expires_after_s"] == 3 * 3600


@pytest.mark.parametrize("path", ["/new-image", "/image", "/cache-status", "/images-info"])
async def test_the_briefs_addresses_are_for_the_person_at_the_machine(
    client: httpx.AsyncClient, path: str
) -> None:
    proxied = await client.get(path, headers={"x-forwarded-for": "203.0.113.9"})
    foreign = await client.get(path, headers={"origin": "https://evil.example"})
    posted = await client.post(path)

    assert (proxied.status_code, foreign.status_code, posted.status_code) == (404, 403, 405)
