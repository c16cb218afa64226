"""The addresses of the brief, as programs that were written for them ask."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import httpx
import pytest

from gallery_app.api.schemas_compat import (
    EanImagesOut,
    FetchOut,
    ImageGalleryOut,
)
from gallery_app.api.shapes import moment
from gallery_app.api.shapes_compat import exif, gallery_shape
from gallery_app.domain.ean import Ean
from gallery_app.domain.entities import Attribution, EntityRef, RemoteFacts
from gallery_app.domain.errors import (
    BadQuery,
    Conflict,
    NotFound,
    Upstream,
    UpstreamRefused,
    UpstreamThrottled,
    UpstreamTimeout,
)
from gallery_app.domain.model import Asset, Job, JobId, Metadata, Occurrence, SourceId
from gallery_app.services.products import ProductBook, ProductImages
from gallery_app.services.ticket_gallery import TicketGallery, TicketImage, TicketPage
from tests.api.conftest import House

V1 = "/api/v1"
NOON = datetime(2026, 7, 31, 12, 0, tzinfo=timezone.utc)
StandIn = Callable[[str, type[Any]], Any]


def offer(asset: Asset, *, private: bool = False, owed: Attribution | None = None) -> Occurrence:
    """Where a ticket offers a picture, attached at noon."""
    noon_ns = int(NOON.timestamp()) * 1_000_000_000
    facts = RemoteFacts(private=private, attribution=owed)
    return Occurrence(
        SourceId(3), "ticket/4711/1", asset.size_bytes, noon_ns, 0, NOON, remote=facts
    )


def job(**said: object) -> Job:
    """A job about a product."""
    base: dict[str, Any] = {
        "id": JobId(17), "kind": "product", "dedup_key": "k", "subject": "s", "state": "ready",
        "attempts": 0, "created_at": NOON, "updated_at": NOON,
    }  # fmt: skip
    return Job(**{**base, **said})


# --- image_gallery -------------------------------------------------------------------------


@pytest.fixture
def tickets(stand_in: StandIn) -> Any:
    return stand_in("tickets", TicketGallery)


async def test_a_tickets_pictures_have_the_briefs_fields(
    house: House, client: httpx.AsyncClient, tickets: Any
) -> None:
    asset = house.assets["beach.jpg"]
    item = TicketImage(
        asset, offer(asset), "broken.jpg",
        ticket=EntityRef("ticket", "4711"), company=EntityRef("company", "80"),
    )  # fmt: skip
    tickets.page.return_value = TicketPage((item,), total=1, page=1, per_page=20)

    answer = await client.get(f"{V1}/image_gallery", params={"ticket_id": 4711, "company_id": 80})

    body = answer.json()
    ImageGalleryOut.model_validate(body, strict=True)
    assert (body["total"], body["page"], body["per_page"]) == (1, 1, 20)
    image = body["images"][0]
    assert image["ticket_id"] == 4711
    assert image["company_id"] == 80
    assert image["origin"] == "ticket 4711"
    assert image["filename"] == "broken.jpg"  # as in that ticket
    assert image["content_type"] == "image/jpeg"
    assert image["created_at"] == "2026-07-31T12:00:00+00:00"
    meta = image["metadata"]
    assert (meta["width"], meta["height"], meta["format"]) == (640, 480, "JPEG")
    assert meta["size_bytes"] == asset.size_bytes
    assert meta["exif"]["Model"] == "Canon EOS 6D"
    assert meta["exif"]["DateTimeOriginal"] == "2016:07:03 14:05:06"
    for url in (image["thumbnail_url"], image["full_url"]):
        picture = await client.get(url)
        assert picture.status_code == 200
        assert picture.headers["content-type"].startswith("image/")


def test_a_picture_of_no_known_time_is_as_old_as_our_knowing_of_it(house: House) -> None:
    asset = house.assets["beach.jpg"]
    there = replace(offer(asset), mtime_ns=0)
    page = TicketPage((TicketImage(asset, there, "broken.jpg"),), total=1, page=1, per_page=20)

    body: Any = gallery_shape(page)
    assert body["images"][0]["created_at"] == moment(there.first_seen)


@pytest.mark.parametrize(
    ("taken_from", "told"),
    [("exif", True), ("xmp", True), ("file", False), ("name", False), ("remote", False)],
)
def test_a_date_that_is_only_the_files_is_no_exif(taken_from: Any, told: bool) -> None:
    said = exif(Metadata(taken_at=NOON.replace(tzinfo=None), taken_from=taken_from, iso=400))

    assert ("DateTimeOriginal" in said) is told
    assert said["ISOSpeedRatings"] == "400"


async def test_a_picture_of_an_article_says_which(
    house: House, client: httpx.AsyncClient, tickets: Any
) -> None:
    asset = house.assets["lake.jpg"]
    item = TicketImage(asset, offer(asset), "reset.jpg", article=EntityRef("article", "62000"))
    tickets.page.return_value = TicketPage((item,), total=1, page=1, per_page=20)

    body = (await client.get(f"{V1}/image_gallery", params={"article_id": 62000})).json()

    ImageGalleryOut.model_validate(body, strict=True)
    assert body["images"][0]["origin"] == "article 62000"
    assert body["images"][0]["ticket_id"] is None


async def test_filters_and_page_are_handed_on(client: httpx.AsyncClient, tickets: Any) -> None:
    tickets.page.return_value = TicketPage((), total=45, page=99, per_page=7)

    body = (
        await client.get(
            f"{V1}/image_gallery?ticket_id=1&company_id=2&page=99&per_page=7&type=png"
            "&min_bytes=10&max_bytes=99&from=2026-07-01&to=2026-07-31&q=camera:canon"
        )
    ).json()

    assert (body["images"], body["total"], body["page"]) == ([], 45, 99)
    tickets.page.assert_called_once_with(
        ticket_id="1", article_id=None, company_id="2", page=99, per_page=7,
        filters={
            "type": ["png"], "min_bytes": ["10"], "max_bytes": ["99"], "from": ["2026-07-01"],
            "to": ["2026-07-31"], "q": ["camera:canon"],
        },
    )  # fmt: skip


@pytest.mark.parametrize(
    "query",
    [
        "", "ticket_id=0", "ticket_id=x", "ticket_id=1&page=0", "ticket_id=1&per_page=0",
        "ticket_id=1&per_page=101", "ticket_id=1&from=yesterday", "ticket_id=1&min_bytes=-1",
    ],
)  # fmt: skip
async def test_what_cannot_be_asked_is_422(
    client: httpx.AsyncClient, tickets: Any, query: str
) -> None:
    answer = await client.get(f"{V1}/image_gallery?{query}")

    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "invalid"
    tickets.page.assert_not_called()


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (NotFound("ticket"), 404, "not_found"),
        (BadQuery("There is no filter “colour:”.", at="colour"), 400, "bad_query"),
        (UpstreamRefused(source="Acme", reason="Acme refuses the key."), 502, "upstream_refused"),
        (UpstreamTimeout(source="Acme"), 504, "upstream_timeout"),
        (UpstreamThrottled(source="Acme", retry_after_s=34), 503, "upstream_throttled"),
        (Upstream(source="Acme"), 502, "upstream"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
async def test_each_cause_has_an_answer_of_its_own(  # a table
    client: httpx.AsyncClient, tickets: Any, error: Exception, status: int, code: str
) -> None:
    tickets.page.side_effect = error

    answer = await client.get(f"{V1}/image_gallery?ticket_id=1")

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert answer.headers.get("retry-after") == ("34" if status == 503 else None)
    assert "Traceback" not in answer.text


# --- fetch-image, jobs, images ---------------------------------------------------------------


@pytest.fixture
def products(stand_in: StandIn) -> Any:
    return stand_in("products", ProductBook)


async def test_a_products_pictures_are_asked_for_and_a_job_answers(
    client: httpx.AsyncClient, products: Any
) -> None:
    products.ask.return_value = job()

    answer = await client.post(
        f"{V1}/fetch-image", json={"ean_code": "4006381333931", "description": "Order of May"}
    )

    body = answer.json()
    FetchOut.model_validate(body, strict=True)
    assert answer.status_code == 202
    assert (body["job_id"], body["status"], body["ean_code"]) == (17, "queued", "4006381333931")
    assert body["image_url"] == "/api/v1/images/4006381333931"
    products.ask.assert_called_once_with("4006381333931", description="Order of May")


async def test_a_wrong_check_digit_is_named(client: httpx.AsyncClient, products: Any) -> None:
    products.ask.side_effect = lambda code, **_: Ean.parse(code)

    answer = await client.post(f"{V1}/fetch-image", json={"ean_code": "1234567890123"})

    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "bad_ean"
    assert answer.json()["error"]["expected"] == "8"
    assert "should be 8" in answer.json()["error"]["message"]


@pytest.mark.parametrize("body", [{}, {"ean_code": 4006381333931}, {"ean_code": "1", "x": 1}, []])
async def test_a_question_of_another_form_is_422(
    client: httpx.AsyncClient, products: Any, body: object
) -> None:
    assert (await client.post(f"{V1}/fetch-image", json=body)).status_code == 422


async def test_without_a_source_of_products_it_is_a_conflict(
    client: httpx.AsyncClient, products: Any
) -> None:
    products.ask.side_effect = Conflict("Connect a source of product pictures first.")

    answer = await client.post(f"{V1}/fetch-image", json={"ean_code": "4006381333931"})

    assert answer.status_code == 409


@pytest.fixture
def two_pictures(house: House, products: Any) -> ProductImages:
    owed = Attribution("Open Food Facts", licence="CC BY-SA 3.0", creator="kiliweb")
    first = house.assets["city.png"]
    first = replace(first, occurrences=(offer(first, owed=owed),))
    found = ProductImages(
        Ean.parse("4006381333931"), "Point 88", "May", (first, house.assets["tree.webp"])
    )
    products.images.return_value = found
    return found


async def test_a_product_is_its_best_picture(
    house: House, client: httpx.AsyncClient, two_pictures: ProductImages
) -> None:
    import hashlib

    answer = await client.get(f"{V1}/images/4006381333931")
    part = await client.get(f"{V1}/images/4006381333931", headers={"range": "bytes=0-9"})
    head = await client.head(f"{V1}/images/4006381333931")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "image/png"
    assert hashlib.sha256(answer.content).hexdigest() == house.assets["city.png"].sha256
    assert (part.status_code, part.content) == (206, answer.content[:10])
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(answer.content))


@pytest.mark.parametrize(
    ("query", "headers"), [("?list=1", {}), ("", {"accept": "application/json"})]
)
async def test_a_product_can_be_listed_with_whom_it_is_owed_to(
    client: httpx.AsyncClient, two_pictures: ProductImages, query: str, headers: dict[str, str]
) -> None:
    body = (await client.get(f"{V1}/images/4006381333931{query}", headers=headers)).json()

    EanImagesOut.model_validate(body, strict=True)
    assert body["ean_code"] == "4006381333931"
    assert [image["filename"] for image in body["images"]] == ["city.png", "tree.webp"]
    assert body["primary"] == body["images"][0]
    assert body["primary"]["attribution"]["licence"] == "CC BY-SA 3.0"
    assert body["images"][1]["attribution"] is None


async def test_an_unknown_product_is_404_and_so_is_one_without_a_picture(
    client: httpx.AsyncClient, products: Any
) -> None:
    products.images.side_effect = [
        NotFound("product"), ProductImages(Ean.parse("96385074"), "", "", ()),
    ]  # fmt: skip

    unknown = await client.get(f"{V1}/images/4006381333931")
    waiting = await client.get(f"{V1}/images/96385074")

    assert (unknown.status_code, waiting.status_code) == (404, 404)
    assert unknown.json()["error"]["message"] != waiting.json()["error"]["message"]
    assert "yet" in waiting.json()["error"]["message"]


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ({}, "queued"),
        ({"attempts": 2, "run_after": NOON}, "retrying"),
        ({"state": "running", "attempts": 1}, "running"),
        ({"state": "done", "attempts": 1}, "done"),
        ({"state": "failed", "attempts": 3, "error": "No database knows it."}, "failed"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_job_is_told_in_the_briefs_words_too(said: dict[str, object], word: str) -> None:
    from gallery_app.api.schemas_sources import JobOut
    from gallery_app.api.shapes_remotes import job_shape

    payload: dict[str, object] = {
        "gtin": "04006381333931", "given": "4006381333931", "secret": "x",
    }  # fmt: skip
    shape = job_shape(job(payload=payload, **said))

    JobOut.model_validate(shape, strict=True)
    assert (shape["status"], shape["job_id"], shape["id"]) == (word, 17, 17)
    assert shape["ean_code"] == "4006381333931"
    assert "secret" not in shape
