"""Facets, the timeline's buckets, and finding a picture's place in them."""

from __future__ import annotations

import struct

import httpx
import pytest

from gallery_app.api.schemas import FacetsOut, LabelsOut, LocatedOut, TimelineOut
from gallery_app.domain.entities import ENTITY_TYPES
from gallery_app.domain.model import uid_from_bytes
from tests.api.conftest import House

URL = "/api/v1/timeline"
LISTINGS = ["/api/v1/facets", URL]


async def test_facets_have_the_promised_form_and_count(client: httpx.AsyncClient) -> None:
    body = (await client.get("/api/v1/facets")).json()

    FacetsOut.model_validate(body, strict=True)
    assert list(body["facets"]) == [
        "type", "camera", "year", "source", "tag", "orientation", "size", "rating", *ENTITY_TYPES,
    ]  # fmt: skip
    counts = {v["value"]: v["count"] for v in body["facets"]["type"]}
    assert counts["png"] == 1
    assert sum(counts.values()) == body["total"]


async def test_the_timeline_has_the_promised_form(client: httpx.AsyncClient) -> None:
    body = (await client.get(URL)).json()

    TimelineOut.model_validate(body, strict=True)
    columns = [body[name] for name in ("keys", "labels", "counts", "ratios", "days", "stamps")]
    assert len({len(column) for column in columns}) == 1
    assert sum(body["counts"]) == body["total"]
    assert "2016-07" in body["keys"]


async def test_a_bucket_is_binary_columns_as_documented(
    house: House, client: httpx.AsyncClient
) -> None:
    answer = await client.get(f"{URL}/2016-07")

    assert answer.headers["content-type"] == "application/octet-stream"
    data = answer.content
    (number, _stamp) = struct.unpack_from("<II", data)
    assert number == 2
    assert len(data) == 8 + number * (16 + 2 + 2 + 1 + 1 + 1)
    uids = [uid_from_bytes(data[8 + i * 16 : 24 + i * 16]) for i in range(number)]
    assert uids == [house.assets["lake.jpg"].uid, house.assets["beach.jpg"].uid]
    aspects = struct.unpack_from("<2H", data, 8 + 16 * number)
    assert aspects == (round(0.75 * 4096), round(4 / 3 * 4096))
    assert list(data[8 + 20 * number : 8 + 21 * number]) == [4, 3]  # days of the month


async def test_the_same_bucket_tells_its_labels_as_json(
    house: House, client: httpx.AsyncClient
) -> None:
    answer = await client.get(
        f"{URL}/2016-07",
        params={"from_index": 1, "to_index": 2},
        headers={"accept": "application/json"},
    )

    body = answer.json()
    LabelsOut.model_validate(body, strict=True)
    assert body["uid"] == [house.assets["beach.jpg"].uid]
    assert body["name"] == ["beach.jpg"]
    assert body["taken"] == ["2016-07-03T14:05:06"]


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        pytest.param("/1999-01", {}, 404, id="an empty month"),
        pytest.param("/nonsense", {}, 404, id="nonsense"),
        pytest.param("/2016-07~99", {}, 404, id="a part that is not there"),
        pytest.param("/" + "x" * 41, {}, 422, id="a key too long"),
        pytest.param("/2016-07?type=exe", {}, 400, id="a filter that cannot be"),
        pytest.param("/2016-07?type=webp", {}, 404, id="a month empty under the filter"),
        pytest.param(
            "/2016-07?from_index=0&to_index=9999", {"accept": "application/json"}, 400,
            id="too many labels",
        ),
        pytest.param("/2016-07?from_index=-1", {}, 422, id="an index below 0"),
    ],
)  # fmt: skip
async def test_a_bucket_that_cannot_be_had_says_why(
    client: httpx.AsyncClient, path: str, headers: dict[str, str], status: int
) -> None:
    answer = await client.get(URL + path, headers=headers)

    assert answer.status_code == status
    assert answer.json()["error"]["status"] == status


@pytest.mark.parametrize("path", [*LISTINGS, f"{URL}/2016-07"])
async def test_what_has_not_changed_is_not_sent_again(
    house: House, client: httpx.AsyncClient, path: str
) -> None:
    etag = (await client.get(path)).headers["etag"]

    same = await client.get(path, headers={"if-none-match": etag})
    house.take_in(f"own-{len(path)}.gif", f"30x20 gif, noise seed {len(path)}")
    after = await client.get(path, headers={"if-none-match": etag})

    assert (same.status_code, same.content) == (304, b"")
    assert same.headers["cache-control"] == "private, no-cache"
    assert after.status_code == 200
    assert after.headers["etag"] != etag


async def test_both_forms_of_a_bucket_have_tags_of_their_own(client: httpx.AsyncClient) -> None:
    binary = await client.get(f"{URL}/2016-07")
    labels = await client.get(f"{URL}/2016-07", headers={"accept": "application/json"})

    assert binary.headers["etag"] != labels.headers["etag"]
    assert binary.headers["vary"] == "accept"


async def test_an_asset_is_found_in_its_bucket(house: House, client: httpx.AsyncClient) -> None:
    body = (await client.get(f"{URL}/locate/{house.assets['beach.jpg'].uid}")).json()

    LocatedOut.model_validate(body, strict=True)
    assert (body["bucket"], body["index"]) == ("2016-07", 1)


async def test_an_asset_outside_the_answer_is_not_found_in_it(
    house: House, client: httpx.AsyncClient
) -> None:
    uid = house.assets["beach.jpg"].uid

    answer = await client.get(f"{URL}/locate/{uid}", params={"type": "png"})

    assert answer.status_code == 404
