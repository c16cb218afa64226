"""The brief's addresses over the whole house: a made-up Freshdesk and Open Food Facts, synced."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from gallery_app.api import ABOUT, Front, Guard, install_errors, install_routes
from gallery_app.api.schemas_compat import ImageGalleryOut
from gallery_app.app import build
from gallery_app.domain.model import Source
from gallery_app.services import health as health_room
from gallery_app.services.gallery import Gallery
from gallery_app.services.values import FetchRest
from gallery_app.settings import Settings
from gallery_app.testing.freshdesk import FakeFreshdesk
from gallery_app.testing.freshdesk_world import Ticket
from gallery_app.testing.products import FakeProducts

V1 = "/api/v1"
KNOWN, BARE = "3017620422003", "5901234123457"
PATIENCE_S = 60.0
pytestmark = pytest.mark.slow


@dataclass
class Whole:
    """A gallery that has synced, what it is connected to, and one ticket of each kind."""

    gallery: Gallery
    desk: FakeFreshdesk
    shop: FakeProducts
    ticket: Ticket  # three pictures, one document
    reply: Ticket  # one picture, in a reply
    many: Ticket  # 45 pictures


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    desk, shop = FakeFreshdesk(tickets=2, pictures=2, articles=1), FakeProducts()
    ticket, reply, many = (desk.add_ticket(pictures=0, company=80) for _ in range(3))
    world = desk.world
    for _ in range(3):
        desk.attach(ticket.id, world.file())
    desk.attach(ticket.id, world.document())
    desk.attach(reply.id, world.file(kind="PNG"), private=False)
    for _ in range(45):
        desk.attach(many.id, world.file())
    shop.off.add(KNOWN, "Hazelnut spread", fronts=("en", "fr"))
    settings = Settings.model_validate(
        {"data_dir": tmp_path_factory.mktemp("whole"), "workers": 1, "min_free_mb": 0}
    )
    with desk, shop:
        gallery = build(settings)
        try:
            options = {"allow": "127.0.0.0/8", "hosts": "127.0.0.1"}
            source = gallery.remotes.add("freshdesk", "Desk", desk.url, desk.key, options)
            gallery.remotes.add("products", "Products", "", "", shop.options)
            gallery.start()
            _until(lambda: _is_whole(gallery.sources.get(source.id)))
            yield Whole(gallery, desk, shop, ticket, reply, many)
        finally:
            gallery.close()


@pytest.fixture
async def caller(whole: Whole) -> AsyncIterator[httpx.AsyncClient]:
    app = FastAPI(**ABOUT)
    install_errors(app)
    install_routes(app, whole.gallery, start="start")
    transport = httpx.ASGITransport(
        app=Guard(Front(app, whole.gallery)), raise_app_exceptions=False
    )
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
        yield client


def _is_whole(desk: Source) -> bool:
    """Whether it was listed to its end and every picture came."""
    return desk.last_scan_at is not None and desk.waiting == 0 and desk.held >= 50


def _until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not done():
        assert time.monotonic() < deadline, "the sync did not come to its end"
        time.sleep(0.05)  # another thread works; there is nothing to wait on


async def _gallery(caller: httpx.AsyncClient, **asked: object) -> dict[str, Any]:
    params = {name: str(value) for name, value in asked.items()}
    answer = await caller.get(f"{V1}/image_gallery", params=params)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    ImageGalleryOut.model_validate(body, strict=True)
    return body


async def test_a_ticket_of_three_pictures_and_a_document_has_three(
    whole: Whole, caller: httpx.AsyncClient
) -> None:
    body = await _gallery(caller, ticket_id=whole.ticket.id, company_id=80)

    assert (body["total"], len(body["images"])) == (3, 3)
    assert {image["ticket_id"] for image in body["images"]} == {whole.ticket.id}
    for image in body["images"]:
        for url in (image["thumbnail_url"], image["full_url"]):
            picture = await caller.get(url)
            assert picture.status_code == 200
            assert picture.headers["content-type"].startswith("image/")


async def test_a_picture_that_is_only_in_a_reply_is_there(
    whole: Whole, caller: httpx.AsyncClient
) -> None:
    body = await _gallery(caller, ticket_id=whole.reply.id)

    assert [image["content_type"] for image in body["images"]] == ["image/png"]


async def test_pages_hold_what_they_should(whole: Whole, caller: httpx.AsyncClient) -> None:
    third = await _gallery(caller, ticket_id=whole.many.id, page=3)
    past = await _gallery(caller, ticket_id=whole.many.id, page=99)

    assert (len(third["images"]), third["total"]) == (5, 45)
    assert (past["images"], past["total"]) == ([], 45)


async def test_another_company_sees_what_one_sees_of_no_ticket_at_all(
    whole: Whole, caller: httpx.AsyncClient
) -> None:
    other = await caller.get(f"{V1}/image_gallery?ticket_id={whole.ticket.id}&company_id=81")
    missing = await caller.get(f"{V1}/image_gallery?ticket_id=99999999&company_id=81")

    assert (other.status_code, missing.status_code) == (404, 404)
    assert other.content == missing.content


async def test_an_articles_pictures_say_so(whole: Whole, caller: httpx.AsyncClient) -> None:
    number = next(iter(whole.desk.world.articles))

    body = await _gallery(caller, article_id=number)

    assert body["total"] >= 2
    assert {image["origin"] for image in body["images"]} == {f"article {number}"}


async def test_an_answer_costs_the_remote_nothing_once_it_is_synced(
    whole: Whole, caller: httpx.AsyncClient
) -> None:
    whole.desk.forget_counts()

    await _gallery(caller, ticket_id=whole.ticket.id, type="jpeg", min_bytes=1)

    assert whole.desk.calls == []


async def test_a_search_that_cannot_be_understood_gets_a_hint(
    whole: Whole, caller: httpx.AsyncClient
) -> None:
    answer = await caller.get(f"{V1}/image_gallery?ticket_id={whole.ticket.id}&q=colour:red")

    assert answer.status_code == 400
    assert "camera:" in answer.json()["error"]["message"]


async def test_a_product_that_is_asked_for_is_there_when_its_job_is_done(
    whole: Whole, caller: httpx.AsyncClient
) -> None:
    asked = await caller.post(
        f"{V1}/fetch-image", json={"ean_code": KNOWN, "description": "Order of May"}
    )
    number = asked.json()["job_id"]
    _until(lambda: len(whole.gallery.products.images(KNOWN).assets) >= 2)
    _until(lambda: whole.gallery.jobs.get(number).state == "done")

    done = (await caller.get(f"{V1}/jobs/{number}")).json()
    picture = await caller.get(f"{V1}/images/{KNOWN}")
    listed = (await caller.get(f"{V1}/images/{KNOWN}?list=1")).json()

    assert asked.status_code == 202
    assert (done["status"], done["ean_code"]) == ("done", KNOWN)
    assert (picture.status_code, picture.headers["content-type"]) == (200, "image/jpeg")
    assert len(listed["images"]) >= 2
    assert listed["description"] == "Order of May"
    assert listed["primary"]["attribution"]["source"] == "Open Food Facts"


async def test_a_product_that_no_database_knows_ends_without_a_picture(
    whole: Whole, caller: httpx.AsyncClient
) -> None:
    asked = await caller.post(f"{V1}/fetch-image", json={"ean_code": BARE})
    number = asked.json()["job_id"]
    _until(lambda: whole.gallery.jobs.get(number).state in {"done", "failed"})

    answer = await caller.get(f"{V1}/images/{BARE}")

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


async def test_a_new_image_has_exactly_the_pixels_of_a_large_screen(
    whole: Whole, caller: httpx.AsyncClient
) -> None:
    before = await caller.get("/image")
    new = await caller.get("/new-image")
    last = await caller.get("/image")
    info = (await caller.get("/images-info")).json()

    assert before.status_code == 404
    assert (new.status_code, new.headers["content-type"]) == (200, "image/jpeg")
    assert _jpeg_size(new.content) == (3840, 2160)
    assert last.content == new.content
    assert info["count"] == 1
    assert info["total_bytes"] == len(new.content)


async def test_a_webhook_has_its_ticket_read_and_nothing_else(
    whole: Whole, caller: httpx.AsyncClient
) -> None:
    number = next(s.id for s in whole.gallery.remotes.list() if s.kind == "freshdesk")
    hook = (await caller.get(f"{V1}/sources/{number}")).json()["hook"]
    whole.desk.add_picture(whole.reply.id)
    whole.desk.forget_counts()

    heard = await caller.post(
        f"/hooks/freshdesk/{number}",
        headers={hook["header"]: hook["token"], "x-forwarded-for": "203.0.113.9"},
        json={"ticket_id": whole.reply.id},
    )
    _until(lambda: _total(whole, whole.reply.id) == 2)

    assert heard.status_code == 202
    assert set(whole.desk.counts) <= {"ticket", "conversations", "companies", "company"}


async def test_health_tells_of_a_remote_whose_pictures_rest(
    whole: Whole, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health_room, "PATIENCE_S", 60.0)  # a busy machine takes its time
    number = next(s.id for s in whole.gallery.remotes.list() if s.kind == "freshdesk")
    rests = FetchRest("Freshdesk is busy.", datetime(2026, 8, 1, 9, 5, tzinfo=timezone.utc), 5)
    monkeypatch.setattr(
        whole.gallery.remotes, "resting", lambda source: rests if source == number else None
    )

    checks = {check.name: check for check in whole.gallery.health.ask().checks}

    assert not checks[f"freshdesk-{number}"].ok
    assert "Freshdesk is busy. They rest until 2026-08-01" in checks[f"freshdesk-{number}"].detail


async def test_with_the_remote_switched_off_everything_that_came_is_still_answered(
    whole: Whole, caller: httpx.AsyncClient, tmp_path: Path
) -> None:
    whole.desk.close()  # the last test of this file: the remote does not come back

    body = await _gallery(caller, ticket_id=whole.many.id, per_page=100)
    unknown = await caller.get(f"{V1}/image_gallery?ticket_id=99999998")
    health = await caller.get("/health")

    assert body["total"] == 45
    assert (await caller.get(body["images"][0]["full_url"])).status_code == 200
    assert unknown.status_code in {404, 502, 504}
    assert "Traceback" not in unknown.text
    assert whole.desk.key not in unknown.text
    assert health.status_code == 200


def _total(whole: Whole, ticket: int) -> int:
    return whole.gallery.tickets.page(ticket_id=str(ticket)).total


def _jpeg_size(data: bytes) -> tuple[int, int]:
    """Width and height of a JPEG, from its frame header."""
    at = 2
    while at < len(data):
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if 0xC0 <= marker <= 0xC3:
            height = int.from_bytes(data[at + 5 : at + 7], "big")
            return int.from_bytes(data[at + 7 : at + 9], "big"), height
        at += 2 + length
    raise AssertionError("no frame header")
