"""Links as their owner makes and withdraws them."""

from __future__ import annotations

from xml.etree import ElementTree

import httpx
import pytest

from gallery_app.api.schemas_more import HitsOut, LinkOut, LinksOut, NewLinkOut
from tests.api.conftest import PUBLIC_URL, House

URL = "/api/v1/links"


async def make(client: httpx.AsyncClient, house: House, **more: object) -> dict[str, str]:
    body = {"asset": house.assets["beach.jpg"].uid, "rendition": "small", **more}
    answer = await client.post(URL, json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, str] = answer.json()
    return made


async def test_a_new_link_is_an_address_with_an_end(
    house: House, client: httpx.AsyncClient
) -> None:
    made = await make(client, house, expires_in=3600)

    NewLinkOut.model_validate(made, strict=True)
    assert made["url"].startswith(f"{PUBLIC_URL}/i/")
    left = house.clock.now().timestamp() + 3600
    from datetime import datetime

    assert abs(datetime.fromisoformat(made["expires_at"]).timestamp() - left) <= 1


async def test_an_original_is_handed_out_with_a_warning(
    house: House, client: httpx.AsyncClient
) -> None:
    made = await make(client, house, asset=house.assets["lake.jpg"].uid, rendition="original")

    assert any("metadata" in warning for warning in made["warnings"])


async def test_a_link_shows_its_hits_and_its_last_use(
    house: House, client: httpx.AsyncClient
) -> None:
    made = await make(client, house)
    path = made["url"].removeprefix(PUBLIC_URL)
    size = len((await client.get(path)).content)

    link = (await client.get(f"{URL}/{made['id']}")).json()
    hits = (await client.get(f"{URL}/{made['id']}/hits")).json()

    LinkOut.model_validate(link, strict=True)
    HitsOut.model_validate(hits, strict=True)
    assert (link["state"], link["hits"], link["bytes_sent"]) == ("active", 1, size)
    assert link["last_used_at"] is not None
    assert link["assets"] == [{"uid": house.assets["beach.jpg"].uid, "filename": "beach.jpg"}]
    assert [(h["uid"], h["bytes"], h["refused"]) for h in hits["items"]] == [
        (house.assets["beach.jpg"].uid, size, None)
    ]


async def test_links_are_listed_and_withdrawn_one_or_all(
    house: House, client: httpx.AsyncClient
) -> None:
    await client.delete(URL)
    ids = [(await make(client, house))["id"] for _ in range(3)]

    listed = (await client.get(URL)).json()
    LinksOut.model_validate(listed, strict=True)
    assert {link["id"] for link in listed["items"] if link["state"] == "active"} == set(ids)

    one = await client.delete(f"{URL}/{ids[0]}")
    again = await client.delete(f"{URL}/{ids[0]}")
    rest = await client.delete(URL)

    assert one.json()["state"] == again.json()["state"] == "revoked"
    assert rest.json() == {"count": 2}


async def test_a_link_can_be_drawn_as_a_qr_code(house: House, client: httpx.AsyncClient) -> None:
    made = await make(client, house)

    answer = await client.get(f"{URL}/{made['id']}/qr.svg")

    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert ElementTree.fromstring(answer.content).tag.endswith("svg")


@pytest.mark.parametrize(
    ("more", "status", "word"),
    [
        ({"asset": None}, 422, "asset"),
        ({"assets": ["x"]}, 422, "asset"),
        ({"asset": None, "assets": []}, 400, "picture"),
        ({"asset": "0" * 26}, 404, "picture"),
        ({"rendition": "poster"}, 422, "rendition"),
        ({"expires_in": 59}, 400, "minute"),
        ({"expires_in": 367 * 86400}, 400, "366"),
        ({"expires_in": "1h"}, 422, "expires_in"),
        ({"expires_in": 10**30}, 422, "expires_in"),
        ({"expires_in": -1}, 422, "expires_in"),
        ({"max_views": 0}, 422, "max_views"),
        ({"album": "a"}, 422, "album"),
        ({"password": "secret"}, 422, "password"),
        ({"watermark": True}, 422, "watermark"),
        ({"strip": True, "rendition": "original"}, 422, "strip"),
        ({"note": "x" * 501}, 422, "note"),
        ({"owner": "me"}, 422, "owner"),
    ],
    ids=str,
)
async def test_a_link_that_cannot_be_kept_is_not_made(
    house: House, client: httpx.AsyncClient, more: dict[str, object], status: int, word: str
) -> None:
    before = len((await client.get(URL)).json()["items"])
    body = {"asset": house.assets["beach.jpg"].uid, **more}

    answer = await client.post(URL, json={k: v for k, v in body.items() if v is not None})

    assert answer.status_code == status
    assert word in answer.json()["error"]["message"]
    assert len((await client.get(URL)).json()["items"]) == before


@pytest.mark.parametrize("method_and_path", ["GET ", "DELETE ", "GET /qr.svg", "GET /hits"])
@pytest.mark.parametrize("link_id", ["0" * 16, "x", "%00", "' OR 1=1"])
async def test_a_link_that_is_not_there_is_404(
    client: httpx.AsyncClient, method_and_path: str, link_id: str
) -> None:
    method, _, tail = method_and_path.partition(" ")

    answer = await client.request(method, f"{URL}/{link_id}{tail}")

    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == "There is no such link."
