"""What pictures belong to, look-alikes, products beside, and listings by what pictures show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import httpx
import pytest

from gallery_app.api.schemas import AssetOut, AssetWholeOut
from gallery_app.api.schemas_remotes import (
    BesidesOut,
    EntitiesOut,
    EntityWholeOut,
    PastedOut,
    ProductsOut,
    ProductWholeOut,
    SmartOut,
    TwinsOut,
)
from gallery_app.api.shapes import asset_shape, asset_whole_shape
from gallery_app.domain.answers import EntityCount, ProductRow
from gallery_app.domain.ean import Ean
from gallery_app.domain.entities import Attribution, EntityRef, RemoteFacts
from gallery_app.domain.errors import Conflict, NotFound, UpstreamTimeout
from gallery_app.domain.model import Job, JobId, Occurrence, Source, SourceId, uid_from_bytes
from gallery_app.services.codes import BadCode
from gallery_app.services.entities import Beside, Entities, EntityPage
from gallery_app.services.products import Pasted, Product, ProductBook, ProductImages
from gallery_app.services.similar import Similar, Twin
from gallery_app.services.smart import SmartSearch
from tests.api.conftest import House

V1 = "/api/v1"
NOON = datetime(2026, 7, 31, 12, 0, tzinfo=timezone.utc)
StandIn = Callable[[str, type[Any]], Any]
EAN = Ean.parse("4006381333931")
IMMICH = Source(SourceId(2), "immich", "Photos", "http://photos", "online", NOON)
TICKET = EntityRef("ticket", "4711", "Broken on arrival", "https://acme/a/tickets/4711")


# --- entities ------------------------------------------------------------------------------


async def test_entities_are_listed_with_cover_and_count(
    house: House, client: httpx.AsyncClient, stand_in: StandIn
) -> None:
    uid = house.assets["beach.jpg"].uid
    entities = stand_in("entities", Entities)
    taken = NOON.replace(tzinfo=None)  # as the index keeps it: local, wherever that was
    count = EntityCount(SourceId(3), TICKET, 3, cover=uid, latest=taken)
    entities.list.return_value = EntityPage((count,), 41)
    entities.get.return_value = [count]

    listed = (
        await client.get(f"{V1}/entities?type=ticket&q=471&source=3&page=2&per_page=5&sort=count")
    ).json()
    shown = (await client.get(f"{V1}/entities/ticket/4711")).json()

    EntitiesOut.model_validate(listed, strict=True)
    EntityWholeOut.model_validate(shown, strict=True)
    assert (listed["total"], listed["page"], listed["per_page"]) == (41, 2, 5)
    assert listed["items"] == shown["items"]
    assert shown["items"][0]["latest"] == "2026-07-31T12:00:00+00:00"
    assert shown["items"][0]["assets_url"] == "/api/v1/assets?ticket=4711"
    assert (await client.get(shown["items"][0]["cover_url"])).status_code == 200
    entities.list.assert_called_once_with(
        "ticket", text="471", source=3, page=2, per_page=5, sort="count"
    )


@pytest.mark.parametrize(
    "query", ["", "type=planet", "type=ticket&sort=x", "type=ticket&per_page=201"]
)
async def test_entities_of_no_type_are_422(
    client: httpx.AsyncClient, stand_in: StandIn, query: str
) -> None:
    stand_in("entities", Entities)

    assert (await client.get(f"{V1}/entities?{query}")).status_code == 422


async def test_an_entity_that_no_source_tells_of_is_404(
    client: httpx.AsyncClient, stand_in: StandIn
) -> None:
    stand_in("entities", Entities).get.side_effect = NotFound("ticket")

    assert (await client.get(f"{V1}/entities/ticket/1")).status_code == 404


def test_an_asset_tells_what_it_belongs_to_and_where_it_is(house: House) -> None:
    asset = house.assets["beach.jpg"]
    owed = Attribution("Acme", page="https://acme", licence=None, creator="Anna")
    facts = RemoteFacts("https://acme/a/tickets/4711", NOON, True, "private note", owed)
    offer = Occurrence(SourceId(2), "k", 10, 0, 0, NOON, remote=facts, entities=(TICKET,))
    gone = replace(offer, source_id=SourceId(5), gone_at=NOON)
    asset = replace(asset, occurrences=(offer, gone), entities=(TICKET,), remote=True)

    whole: dict[str, Any] = asset_whole_shape(asset, {2: IMMICH})

    AssetOut.model_validate(asset_shape(asset), strict=True)
    AssetWholeOut.model_validate(whole, strict=True)
    assert whole["entities"] == [
        {"type": "ticket", "id": "4711", "name": "Broken on arrival",
         "url": "https://acme/a/tickets/4711", "source": 2},
    ]  # fmt: skip
    assert (whole["private"], whole["remote"]) == (True, True)
    first, second = whole["occurrences"]
    assert (first["system"], first["source_name"]) == ("immich", "Photos")
    assert first["attribution"]["creator"] == "Anna"
    assert first["fetched_at"] == "2026-07-31T12:00:00+00:00"
    assert second["system"] is None


# --- look-alikes, products beside -----------------------------------------------------------


async def test_look_alikes_come_with_their_distance(
    house: House, client: httpx.AsyncClient, stand_in: StandIn
) -> None:
    twin = Twin(house.assets["lake.jpg"], 3, "near")
    stand_in("similar", Similar).of.return_value = [twin]

    body = (await client.get(f"{V1}/assets/{house.assets['beach.jpg'].uid}/similar")).json()

    TwinsOut.model_validate(body, strict=True)
    assert [(t["distance"], t["band"]) for t in body["items"]] == [(3, "near")]
    assert body["items"][0]["asset"]["filename"] == "lake.jpg"


async def test_products_beside_a_picture_come_with_theirs(
    house: House, client: httpx.AsyncClient, stand_in: StandIn
) -> None:
    beside = Beside(EAN, "Point 88", (house.assets["city.png"],), "ticket")
    stand_in("entities", Entities).products_beside.return_value = [beside]

    body = (await client.get(f"{V1}/assets/{house.assets['beach.jpg'].uid}/products")).json()

    BesidesOut.model_validate(body, strict=True)
    assert (body["items"][0]["ean"], body["items"][0]["said_by"]) == ("4006381333931", "ticket")


@pytest.mark.parametrize("what", ["similar", "products"])
async def test_of_no_picture_there_is_neither(
    client: httpx.AsyncClient, stand_in: StandIn, what: str
) -> None:
    stand_in("similar", Similar)
    stand_in("entities", Entities)

    assert (await client.get(f"{V1}/assets/nothing/{what}")).status_code == 404


# --- products ------------------------------------------------------------------------------


def asked() -> Product:
    """A product that was found."""
    row = ProductRow(EAN.gtin, EAN.given, "Point 88", "May", NOON, NOON, 3, assets=3)
    job = Job(JobId(4), "product", "p", EAN.given, "done", 1, NOON, NOON)
    return Product(row, "found", job=job)


@pytest.mark.parametrize("codes", ["4006381333931\n4006381333932", ["4006381333931", "x"]])
async def test_many_numbers_are_judged_at_once(
    client: httpx.AsyncClient, stand_in: StandIn, codes: object
) -> None:
    products = stand_in("products", ProductBook)
    job = Job(JobId(4), "product", "p", EAN.given, "ready", 0, NOON, NOON)
    bad = BadCode("4006381333932", "The check digit should be 1.", "1")
    products.paste.return_value = Pasted(((EAN, job),), (bad,))

    answer = await client.post(f"{V1}/products", json={"codes": codes, "description": "May"})

    body = answer.json()
    PastedOut.model_validate(body, strict=True)
    assert answer.status_code == 202
    assert body["accepted"][0]["ean"] == "4006381333931"
    assert body["invalid"][0]["expected"] == "1"
    text = codes if isinstance(codes, str) else "4006381333931\nx"
    products.paste.assert_called_once_with(text, description="May")


async def test_products_are_listed_shown_and_asked_for_again(
    house: House, client: httpx.AsyncClient, stand_in: StandIn
) -> None:
    products = stand_in("products", ProductBook)
    products.list.return_value = ([asked()], 1)
    products.available.return_value = True
    products.images.return_value = ProductImages(
        EAN, "Point 88", "May", (house.assets["city.png"],), asked()
    )
    products.retry.return_value = asked().job

    listed = (await client.get(f"{V1}/products?q=point&page=1&per_page=10")).json()
    shown = (await client.get(f"{V1}/products/4006381333931")).json()
    again = await client.post(f"{V1}/products/4006381333931/retry")

    ProductsOut.model_validate(listed, strict=True)
    ProductWholeOut.model_validate(shown, strict=True)
    assert (listed["available"], listed["items"][0]["state"]) == (True, "found")
    assert shown["product"] == listed["items"][0]
    assert shown["images"][0]["filename"] == "city.png"
    assert (again.status_code, again.json()["kind"]) == (202, "product")
    products.list.assert_called_once_with(text="point", page=1, per_page=10)


# --- search by what is shown ---------------------------------------------------------------


@pytest.fixture
def smart(stand_in: StandIn) -> Any:
    return stand_in("smart", SmartSearch)


@pytest.mark.parametrize(("source", "name"), [(IMMICH, "Photos"), (None, None)])
async def test_whether_it_can_be_asked_is_told(
    client: httpx.AsyncClient, smart: Any, source: Source | None, name: str | None
) -> None:
    smart.available.return_value = source

    body = (await client.get(f"{V1}/smart")).json()

    SmartOut.model_validate(body, strict=True)
    assert (body["available"], body["name"]) == (source is not None, name)


async def test_a_listing_holds_what_was_found_and_the_other_filters_still_count(
    house: House, client: httpx.AsyncClient, smart: Any
) -> None:
    found = [house.assets[name].uid for name in ("beach.jpg", "city.png")]
    smart.find.return_value = found

    both = (await client.get(f"{V1}/assets?smart=sand")).json()
    png = (await client.get(f"{V1}/assets?smart=sand&type=png")).json()
    facets = (await client.get(f"{V1}/facets?smart=sand")).json()
    timeline = (await client.get(f"{V1}/timeline?smart=sand")).json()
    batch = await client.post(
        f"{V1}/assets/batch", json={"query": {"smart": "sand"}, "action": "unfavourite"}
    )

    assert [a["id"] for a in both["items"]] == found, "best first"
    assert [a["filename"] for a in png["items"]] == ["city.png"]
    assert facets["total"] == timeline["total"] == 2
    assert set(batch.json()["done"]) == set(found)
    smart.find.assert_called_with("sand", limit=500)


async def test_what_was_found_keeps_its_order_unless_another_is_asked_for(
    house: House, client: httpx.AsyncClient, smart: Any
) -> None:
    found = [house.assets[name].uid for name in ("lake.jpg", "beach.jpg", "city.png")]

    for order in (found, found[::-1]):
        smart.find.return_value = order
        best = (await client.get(f"{V1}/assets?smart=sand&sort=best&per_page=2")).json()
        rest = await client.get(f"{V1}/assets?smart=sand&cursor={best['next_cursor']}")
        (run,) = (await client.get(f"{V1}/timeline?smart=sand")).json()["keys"]
        tiles = (await client.get(f"{V1}/timeline/{run}?smart=sand")).content
        here = (await client.get(f"{V1}/timeline/locate/{order[2]}?smart=sand")).json()

        assert [a["id"] for a in (*best["items"], *rest.json()["items"])] == order
        assert [uid_from_bytes(tiles[8 + 16 * n : 24 + 16 * n]) for n in range(3)] == order
        assert here["position"] == 2
    named = (await client.get(f"{V1}/assets?smart=sand&sort=name")).json()["items"]
    assert [a["filename"] for a in named] == ["beach.jpg", "city.png", "lake.jpg"]


async def test_the_best_is_no_order_of_a_listing_that_looks_for_nothing(
    client: httpx.AsyncClient,
) -> None:
    assert (await client.get(f"{V1}/assets?sort=best")).status_code == 400


async def test_a_listing_of_nothing_found_is_empty(client: httpx.AsyncClient, smart: Any) -> None:
    smart.find.return_value = []

    assert (await client.get(f"{V1}/assets?smart=unicorn")).json()["total"] == 0


async def test_a_copy_holds_only_while_the_same_is_found(
    house: House, client: httpx.AsyncClient, smart: Any
) -> None:
    smart.find.return_value = [house.assets["beach.jpg"].uid]
    first = await client.get(f"{V1}/facets?smart=sand")
    held = {"if-none-match": first.headers["etag"]}

    same = await client.get(f"{V1}/facets?smart=sand", headers=held)
    smart.find.return_value = [house.assets["lake.jpg"].uid]
    other = await client.get(f"{V1}/facets?smart=sand", headers=held)

    assert (same.status_code, other.status_code) == (304, 200)


async def test_an_empty_wish_is_none(client: httpx.AsyncClient, smart: Any) -> None:
    assert (await client.get(f"{V1}/assets?smart=%20")).json()["total"] >= 4
    smart.find.assert_not_called()


@pytest.mark.parametrize(
    ("error", "status"),
    [(Conflict("Connect an Immich first."), 409), (UpstreamTimeout(source="Photos"), 504)],
    ids=["none connected", "no answer"],
)
async def test_who_cannot_be_asked_is_told(
    client: httpx.AsyncClient, smart: Any, error: Exception, status: int
) -> None:
    smart.find.side_effect = error

    assert (await client.get(f"{V1}/timeline?smart=sand")).status_code == status
