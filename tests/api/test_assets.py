"""Assets over HTTP: listed, shown, edited, trashed, many at once."""

from __future__ import annotations

import httpx
import pytest

from gallery_app.api.schemas import AssetWholeOut, BatchOut, PageOut
from gallery_app.domain.model import Asset
from tests.api.conftest import House

URL = "/api/v1/assets"


async def test_a_listing_has_the_promised_form(client: httpx.AsyncClient) -> None:
    answer = await client.get(URL, params={"per_page": 2})

    body = answer.json()
    PageOut.model_validate(body, strict=True)
    assert answer.status_code == 200
    assert (body["page"], body["per_page"], len(body["items"])) == (1, 2, 2)


async def test_one_asset_tells_all_that_is_known_of_it(
    house: House, client: httpx.AsyncClient
) -> None:
    asset = house.assets["lake.jpg"]

    body = (await client.get(f"{URL}/{asset.uid}")).json()

    AssetWholeOut.model_validate(body, strict=True)
    assert body["id"] == asset.uid
    assert body["filename"] == "lake.jpg"
    assert (body["width"], body["height"]) == (600, 800)
    assert body["taken_at"] == "2016-07-04T09:00:00+00:00"
    assert body["metadata"]["offset_minutes"] is None
    assert body["gps"]["lat"] == pytest.approx(48.137, abs=1e-4)
    assert (body["type"], body["content_type"]) == ("jpeg", "image/jpeg")
    assert body["sha256"] == asset.sha256
    assert body["occurrences"][0]["key"].endswith("lake.jpg")
    assert set(body["renditions"]) == {"thumb", "small", "medium", "large", "screen", "full"}


async def test_the_addresses_in_an_asset_answer(house: House, client: httpx.AsyncClient) -> None:
    body = (await client.get(f"{URL}/{house.assets['beach.jpg'].uid}")).json()

    for name in ("thumbnail_url", "preview_url", "full_url"):
        assert (await client.get(body[name])).status_code == 200
    kept = await client.get(body["thumbnail_url"])
    assert "immutable" in kept.headers["cache-control"]


async def test_pages_follow_one_another_without_gap_or_double(client: httpx.AsyncClient) -> None:
    whole = (await client.get(URL, params={"per_page": 100})).json()
    seen, page = [], 1

    while items := (await client.get(URL, params={"per_page": 2, "page": page})).json()["items"]:
        seen += [item["id"] for item in items]
        page += 1

    assert seen == [item["id"] for item in whole["items"]]


async def test_a_cursor_leads_on_from_where_a_page_ended(client: httpx.AsyncClient) -> None:
    whole = [item["id"] for item in (await client.get(URL, params={"per_page": 4})).json()["items"]]

    first = (await client.get(URL, params={"per_page": 2})).json()
    second = (await client.get(URL, params={"per_page": 2, "cursor": first["next_cursor"]})).json()

    assert [item["id"] for item in second["items"]] == whole[2:4]


async def test_a_page_past_the_end_is_empty_with_the_right_total(
    client: httpx.AsyncClient,
) -> None:
    total = (await client.get(URL)).json()["total"]

    body = (await client.get(URL, params={"page": 1_000_000})).json()

    assert body["items"] == []
    assert body["total"] == total > 0


@pytest.mark.parametrize(
    "params",
    [
        {"page": 0}, {"page": -1}, {"page": "x"}, {"page": 10**30}, {"per_page": 0},
        {"per_page": 101}, {"per_page": "1.5"}, {"per_page": ""},
    ],
    ids=str,
)  # fmt: skip
async def test_a_page_that_cannot_be_is_422_and_names_the_field(
    client: httpx.AsyncClient, params: dict[str, str]
) -> None:
    answer = await client.get(URL, params=params)

    assert answer.status_code == 422
    error = answer.json()["error"]
    assert error["code"] == "invalid"
    assert next(iter(params)) in error["message"]
    assert error["fields"][0]["at"] == f"query.{next(iter(params))}"


@pytest.mark.parametrize(
    ("params", "at"),
    [
        ({"type": "exe"}, "exe"),
        ({"from": "yesterday"}, "yesterday"),
        ({"min_bytes": "-1"}, "-1"),
        ({"year": "²"}, "²"),
        ({"sort": "random()"}, "random()"),
        ({"q": "colour:red"}, "colour"),
        ({"q": "year:x"}, "x"),
        ({"orientation": "up"}, "up"),
        ({"folder": "../x"}, "../x"),
    ],
    ids=str,
)
async def test_a_filter_that_cannot_be_is_400_and_says_where(
    client: httpx.AsyncClient, params: dict[str, str], at: str
) -> None:
    answer = await client.get(URL, params=params)

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "bad_query"
    assert answer.json()["error"]["at"] == at


@pytest.mark.parametrize("cursor", ["x", "bnVsbA", "W10", "%00", "e30", "A" * 5000])
async def test_a_cursor_of_somebody_else_is_refused(client: httpx.AsyncClient, cursor: str) -> None:
    answer = await client.get(URL, params={"cursor": cursor})

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "bad_cursor"


HOSTILE = [
    "' OR 1=1 --", '" OR ""="', "NEAR(a b)", "a* ^b", "%_%", "*?[", "\\", "\x00", "💥" * 200,
    "); DROP TABLE asset;--", "-" * 500, '"' * 99, "tag:", "(((((", "a AND OR NOT", "\ud800",
]  # fmt: skip


@pytest.mark.parametrize("name", ["q", "camera", "tag", "not_tag", "folder", "source", "cursor"])
@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:20])
async def test_no_text_in_a_filter_is_ever_more_than_text(
    client: httpx.AsyncClient, name: str, text: str
) -> None:
    total = (await client.get(URL)).json()["total"]

    answer = await client.get(URL, params={name: text.encode("utf-8", "surrogatepass")})

    assert answer.status_code in {200, 400}
    assert (await client.get(URL)).json()["total"] == total


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({"type": "png"}, ["city.png"]),
        ({"type": ["png", "webp"]}, ["city.png", "tree.webp"]),
        ({"camera": "Canon EOS 6D"}, ["beach.jpg"]),
        ({"q": "beach"}, ["beach.jpg"]),
        ({"q": "camera:canon", "type": "jpeg"}, ["beach.jpg"]),
        ({"from": "2016-07-04", "to": "2016-07-04"}, ["lake.jpg"]),
        ({"is": "located"}, ["lake.jpg"]),
        ({"orientation": "square", "min_width": "400"}, ["city.png"]),
        ({"q": "nowhere"}, []),
    ],
    ids=str,
)
async def test_filters_choose(
    client: httpx.AsyncClient, params: dict[str, str], names: list[str]
) -> None:
    body = (await client.get(URL, params={"per_page": 100, **params})).json()

    found = {i["filename"] for i in body["items"] if not i["filename"].startswith("own-")}
    assert sorted(found) == names


# --- editing -----------------------------------------------------------------------------------


async def test_an_edit_changes_what_it_names_and_nothing_else(
    client: httpx.AsyncClient, own_picture: Asset
) -> None:
    url = f"{URL}/{own_picture.uid}"

    await client.patch(url, json={"title": "The lake", "tags": ["family", "2016"], "rating": 4})
    answer = await client.patch(url, json={"favourite": True})

    body = answer.json()
    AssetWholeOut.model_validate(body, strict=True)
    assert body["title"] == "The lake"
    assert sorted(body["tags"]) == ["2016", "family"]
    assert (body["rating"], body["favourite"]) == (4, True)


async def test_null_gives_back_what_the_file_says(house: House, client: httpx.AsyncClient) -> None:
    asset = house.take_in("titled.jpg", "200x100 jpeg, title From the file, noise seed 77")
    url = f"{URL}/{asset.uid}"
    before = (await client.get(url)).json()["title"]

    await client.patch(url, json={"title": "Mine"})
    after = (await client.patch(url, json={"title": None})).json()["title"]

    assert before == after == "From the file"


@pytest.mark.parametrize(
    "body",
    [
        {"rating": 6}, {"rating": -1}, {"rating": "5"}, {"rating": 4.5}, {"rating": True},
        {"favourite": "yes"}, {"favourite": None}, {"tags": "x"}, {"tags": [1]}, {"tags": [""]},
        {"tags": ["x" * 101]}, {"tags": ["x"] * 201}, {"title": 5}, {"title": "x" * 10_001},
        {"id": "other"}, {"sha256": "0" * 64}, {"added_at": "2020-01-01"}, {"source": 1},
        {"status": "ready"}, [], "text", None,
    ],
    ids=lambda body: ascii(body)[:40],
)  # fmt: skip
async def test_an_edit_that_cannot_be_changes_nothing(
    house: House, client: httpx.AsyncClient, body: object
) -> None:
    url = f"{URL}/{house.assets['tree.webp'].uid}"
    before = (await client.get(url)).json()

    answer = await client.patch(url, json=body)

    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "invalid"
    assert (await client.get(url)).json() == before


async def test_a_body_that_is_no_json_is_refused_in_the_one_shape(
    house: House, client: httpx.AsyncClient
) -> None:
    answer = await client.patch(
        f"{URL}/{house.assets['tree.webp'].uid}",
        content=b"{not json",
        headers={"content-type": "application/json"},
    )

    assert answer.status_code == 422
    assert answer.json()["error"]["code"] == "invalid"


async def test_a_body_of_ten_megabytes_is_too_large(client: httpx.AsyncClient) -> None:
    answer = await client.post(f"{URL}/batch", content=b" " * 10_000_000)

    assert answer.status_code == 413
    assert answer.json()["error"]["code"] == "too_large"


async def test_to_the_trash_and_back(client: httpx.AsyncClient, own_picture: Asset) -> None:
    url = f"{URL}/{own_picture.uid}"

    trashed = (await client.delete(url)).json()
    in_trash = (await client.get(URL, params={"trashed": "1", "per_page": 100})).json()
    restored = (await client.post(f"{url}/restore")).json()

    assert trashed["trashed_at"] is not None
    assert own_picture.uid in {item["id"] for item in in_trash["items"]}
    assert restored["trashed_at"] is None
    listed = (await client.get(URL, params={"per_page": 100})).json()["items"]
    assert own_picture.uid in {item["id"] for item in listed}


@pytest.mark.parametrize("method", ["GET", "PATCH", "DELETE"])
@pytest.mark.parametrize("uid", ["0" * 26, "x", "1", "..%2f..", "%00"])
async def test_an_asset_that_is_not_there_is_404_whatever_is_asked(
    client: httpx.AsyncClient, method: str, uid: str
) -> None:
    answer = await client.request(method, f"{URL}/{uid}", json={})

    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


# --- many at once ------------------------------------------------------------------------------


async def test_a_batch_names_what_it_did_and_what_it_could_not(
    client: httpx.AsyncClient, own_picture: Asset
) -> None:
    answer = await client.post(
        f"{URL}/batch", json={"uids": [own_picture.uid, "0" * 26], "action": "favourite"}
    )

    body = answer.json()
    BatchOut.model_validate(body, strict=True)
    assert body["done"] == [own_picture.uid]
    assert [f["code"] for f in body["failed"]] == ["not_found"]
    assert (await client.get(f"{URL}/{own_picture.uid}")).json()["favourite"] is True


async def test_a_batch_can_mean_all_that_match(
    house: House, client: httpx.AsyncClient, own_picture: Asset
) -> None:
    query = {"q": own_picture.filename.partition(".")[0].replace("-", " "), "type": ["jpeg"]}

    answer = await client.post(
        f"{URL}/batch", json={"query": query, "action": "tag", "tags": ["found"]}
    )

    assert answer.json()["done"] == [own_picture.uid]
    assert (await client.get(f"{URL}/{own_picture.uid}")).json()["tags"] == ["found"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"action": "favourite"}, 400),
        ({"uids": [], "query": {}, "action": "favourite"}, 400),
        ({"uids": ["x"], "action": "destroy"}, 422),
        ({"uids": ["x"], "action": "tag"}, 400),
        ({"uids": "x", "action": "tag"}, 422),
        ({"uids": ["x"], "action": "trash", "owner": "me"}, 422),
        ({"query": {"type": "exe"}, "action": "trash"}, 400),
        ({"query": {"type": {"a": 1}}, "action": "trash"}, 422),
        ({}, 422),
    ],
    ids=str,
)
async def test_a_batch_that_cannot_be_is_refused(
    client: httpx.AsyncClient, body: dict[str, object], status: int
) -> None:
    answer = await client.post(f"{URL}/batch", json=body)

    assert answer.status_code == status
    assert set(answer.json()) == {"error"}


async def test_a_filter_by_an_album_nobody_has_answers_with_nothing(
    client: httpx.AsyncClient,
) -> None:
    answer = await client.get("/api/v1/assets?album=summer")

    assert (answer.status_code, answer.json()["total"]) == (200, 0)


async def test_a_watchdog_may_ask_for_the_head_of_health(client: httpx.AsyncClient) -> None:
    answer = await client.head("/health")

    assert answer.status_code == 200
    assert answer.content == b""
