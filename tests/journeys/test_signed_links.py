"""Journey 3: a signed link, from its making to its end, as a stranger's browser sees it."""

from __future__ import annotations

import io
import secrets
from collections.abc import AsyncIterator, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from PIL import Image

from gallery_app.domain.query import AssetQuery
from gallery_app.storage import keys
from tests.journeys.whole import Whole
from tests.pictures import make_picture

BEACH = make_picture(
    "640x480 jpeg, quadrants, taken 2016-07-03 14:05:06, camera Canon EOS 6D, "
    "gps 48.13743 11.57549, title Secret place, keywords family"
)
HOUR_S = 3600


@pytest.fixture
def house(common: Whole) -> Iterator[Whole]:
    """A gallery with two pictures; the clock and the trash are put back after each test."""
    if not common.all():
        common.put("beach.jpg", BEACH)
        common.put("lake.jpg", make_picture("320x240 jpeg, seed 5, taken 2015-01-02 03:04:05"))
        common.watch()
        common.ready(2)
    began = common.clock.at
    yield common
    common.clock.at = began
    trashed = common.gallery.browse.page(AssetQuery(trashed=True)).items
    common.gallery.curation.batch([asset.uid for asset in trashed], "restore")


@pytest.fixture
async def http(house: Whole) -> AsyncIterator[httpx.AsyncClient]:
    """Its HTTP face, with nobody throttled yet."""
    async with house.http() as client:
        yield client


async def share(http: httpx.AsyncClient, house: Whole, **wish: Any) -> dict[str, Any]:
    """A new link to the beach, an hour long unless wished otherwise, with its `path`."""
    if "assets" not in wish:
        wish.setdefault("asset", house.named("beach.jpg").uid)
    body = {"rendition": "small", "expires_in": HOUR_S, **wish}
    answer = await http.post("/api/v1/links", json=body)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    made["path"] = urlsplit(made["url"]).path
    return made


async def hits(http: httpx.AsyncClient, link: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await http.get(f"/api/v1/links/{link['id']}/hits")
    items: list[dict[str, Any]] = answer.json()["items"]
    return items


class TestALink:
    async def test_shows_the_picture_and_nothing_else(
        self, house: Whole, http: httpx.AsyncClient
    ) -> None:
        link = await share(http, house)

        answer = await http.get(link["path"])

        assert answer.status_code == 200
        with Image.open(io.BytesIO(answer.content)) as picture:
            assert max(picture.size) == 400
            assert not picture.getexif()
        for secret in (b"Canon", b"Secret place", b"family"):
            assert secret not in answer.content
        assert "beach" not in link["url"]
        assert "set-cookie" not in answer.headers

    async def test_is_asked_for_again_each_time_so_that_withdrawing_acts_at_once(
        self, house: Whole, http: httpx.AsyncClient
    ) -> None:
        link = await share(http, house)
        house.clock.go(minutes=50)

        answer = await http.get(link["path"])

        assert answer.headers["cache-control"] == "private, no-cache"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "default-src 'none'" in answer.headers["content-security-policy"]

    async def test_has_a_name_that_is_only_decoration(
        self, house: Whole, http: httpx.AsyncClient
    ) -> None:
        link = await share(http, house)
        other = link["path"].rpartition("/")[0] + "/anything%20else.gif"

        assert (await http.get(other)).content == (await http.get(link["path"])).content

    async def test_to_an_original_gives_its_very_bytes_and_warns_before(
        self, house: Whole, http: httpx.AsyncClient
    ) -> None:
        link = await share(http, house, rendition="original")

        answer = await http.get(link["path"])

        assert answer.content == BEACH
        assert any("place where it was taken" in warning for warning in link["warnings"])

    async def test_that_points_at_this_computer_says_so(
        self, house: Whole, http: httpx.AsyncClient
    ) -> None:
        link = await share(http, house)

        assert any("this computer" in warning for warning in link["warnings"])

    async def test_to_several_is_a_page_of_them_that_names_no_file(
        self, house: Whole, http: httpx.AsyncClient
    ) -> None:
        link = await share(http, house, assets=[a.uid for a in house.all()], note="For anna")

        page = await http.get(link["path"], headers={"accept": "text/html"})
        shown = [w.split('"')[0] for w in page.text.split('src="')[1:]]

        assert page.status_code == 200
        assert len(shown) == 2
        for word in (
            "beach.jpg",
            "lake.jpg",
            "Canon",
            "Secret place",
            *(a.uid for a in house.all()),
        ):
            assert word not in page.text
        for path in shown:
            assert (await http.get(path)).headers["content-type"] == "image/webp"

    @pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
    async def test_can_only_be_read(
        self, house: Whole, http: httpx.AsyncClient, method: str
    ) -> None:
        link = await share(http, house)

        answer = await http.request(method, link["path"])

        assert answer.status_code == 405
        assert await hits(http, link) == []


class TestItsTime:
    @pytest.mark.parametrize(
        ("seconds", "status"),
        [
            pytest.param(HOUR_S - 1, 200, id="a second before its end"),
            pytest.param(HOUR_S, 410, id="at its end"),
            pytest.param(HOUR_S + 1, 410, id="a second after"),
            pytest.param(30 * 86400, 410, id="a month after"),
        ],
    )
    async def test_ends_strictly_at_its_expiry(
        self, house: Whole, http: httpx.AsyncClient, seconds: int, status: int
    ) -> None:
        link = await share(http, house)

        house.clock.go(seconds=seconds)

        assert (await http.get(link["path"])).status_code == status

    async def test_is_told_when_it_is_over(self, house: Whole, http: httpx.AsyncClient) -> None:
        link = await share(http, house)
        house.clock.go(hours=2)

        error = (await http.get(link["path"])).json()["error"]

        assert error["code"] == "link_expired"
        assert error["at"][:19] == link["expires_at"][:19]

    async def test_does_not_come_back_when_the_clock_goes_back(
        self, house: Whole, http: httpx.AsyncClient
    ) -> None:
        link = await share(http, house)
        house.clock.go(hours=2)
        assert (await http.get(link["path"])).status_code == 410

        house.clock.go(hours=-2)

        assert (await http.get(link["path"])).status_code == 410
        assert (await http.get(f"/api/v1/links/{link['id']}")).json()["state"] == "expired"


class TestItsEnd:
    async def test_a_withdrawn_link_is_gone_with_the_next_request(
        self, house: Whole, http: httpx.AsyncClient
    ) -> None:
        link = await share(http, house)
        assert (await http.get(link["path"])).status_code == 200

        await http.delete(f"/api/v1/links/{link['id']}")
        answer = await http.get(link["path"])

        assert (answer.status_code, answer.json()["error"]["code"]) == (410, "link_revoked")

    async def test_all_can_be_withdrawn_at_once(
        self, house: Whole, http: httpx.AsyncClient
    ) -> None:
        await http.delete("/api/v1/links")
        links = [await share(http, house) for _ in range(3)]

        assert (await http.delete("/api/v1/links")).json() == {"count": 3}
        assert [(await http.get(link["path"])).status_code for link in links] == [410] * 3

    async def test_its_views_can_be_counted_out(
        self, house: Whole, http: httpx.AsyncClient
    ) -> None:
        link = await share(http, house, max_views=2)

        answers = [(await http.get(link["path"])).status_code for _ in range(4)]

        assert answers == [200, 200, 410, 410]

    async def test_looking_at_its_head_is_no_view(
        self, house: Whole, http: httpx.AsyncClient
    ) -> None:
        link = await share(http, house, max_views=1)

        for _ in range(3):
            assert (await http.head(link["path"])).status_code == 200

        assert (await http.get(link["path"])).status_code == 200

    async def test_a_picture_in_the_trash_is_not_shown_by_it(
        self, house: Whole, http: httpx.AsyncClient
    ) -> None:
        link = await share(http, house)

        await http.delete(f"/api/v1/assets/{house.named('beach.jpg').uid}")

        assert (await http.get(link["path"])).status_code in {404, 410}

    async def test_a_browser_is_told_by_a_page(self, house: Whole, http: httpx.AsyncClient) -> None:
        link = await share(http, house)
        await http.delete(f"/api/v1/links/{link['id']}")

        page = await http.get(link["path"], headers={"accept": "text/html"})

        assert page.status_code == 410
        assert page.headers["content-type"].startswith("text/html")
        assert "withdrawn" in page.text


class TestAForgery:
    async def test_is_answered_like_a_link_that_never_was(
        self, house: Whole, http: httpx.AsyncClient
    ) -> None:
        link = await share(http, house)
        token = link["path"].split("/")[2]
        last = "A" if token[10] != "A" else "B"
        forged = token[:10] + last + token[11:]
        never = "A" * len(token.partition(".")[0]) + "." + "A" * 43

        answers = [
            await http.get(f"/i/{text}/picture.webp") for text in (forged, never, "x", "x.y")
        ]

        assert {a.status_code for a in answers} == {404}
        assert len({a.text for a in answers}) == 1

    @pytest.mark.parametrize(
        "change",
        [
            pytest.param(lambda p: p.replace("/i/", "/i//"), id="two slashes"),
            pytest.param(lambda p: p.replace("/i/", "/I/"), id="upper case"),
            pytest.param(lambda p: p.replace("/i/", "/%69/"), id="an escaped letter"),
            pytest.param(lambda p: p.replace(".", "%2E", 1), id="an escaped dot"),
            pytest.param(lambda p: p.rpartition("/")[0], id="no name"),
            pytest.param(lambda p: p + "/", id="a slash more"),
            pytest.param(lambda p: p + "/more", id="a part more"),
        ],
    )
    async def test_in_any_other_spelling_does_not_open(
        self, house: Whole, http: httpx.AsyncClient, change: Any
    ) -> None:
        link = await share(http, house)

        answer = await http.get(change(link["path"]), headers={"accept": "*/*"})

        assert answer.status_code in {404, 405}
        assert b"RIFF" not in answer.content

    async def test_guessing_is_slowed_down(self, house: Whole, http: httpx.AsyncClient) -> None:
        statuses = [(await http.get(f"/i/guess{n}/x")).status_code for n in range(60)]

        assert statuses[0] == 404
        assert statuses[-1] == 429


class TestItsKeys:
    async def test_a_link_outlives_the_key_that_signed_it(
        self, house: Whole, http: httpx.AsyncClient
    ) -> None:
        old = await share(http, house)

        keys.rotate(house.data / "secrets", now=house.clock, random_bytes=secrets.token_bytes)
        new = await share(http, house)

        assert (await http.get(old["path"])).status_code == 200
        assert (await http.get(new["path"])).status_code == 200

    async def test_another_gallery_does_not_open_it(
        self, house: Whole, http: httpx.AsyncClient
    ) -> None:
        link = await share(http, house)
        root = house.data.parent / "neighbour"
        root.mkdir()
        neighbour = Whole(root)

        try:
            async with neighbour.http() as other:
                assert (await other.get(link["path"])).status_code == 404
        finally:
            neighbour.close()


class TestItsRecord:
    async def test_every_opening_and_refusal_is_a_row(
        self, house: Whole, http: httpx.AsyncClient
    ) -> None:
        link = await share(http, house)
        shown = await http.get(link["path"])
        house.clock.go(minutes=1)
        await http.get(link["path"])
        await http.delete(f"/api/v1/links/{link['id']}")
        await http.get(link["path"])

        rows = await hits(http, link)
        record = (await http.get(f"/api/v1/links/{link['id']}")).json()

        assert [row["refused"] for row in rows] == ["link_revoked", None, None]
        assert [row["bytes"] for row in rows] == [0, len(shown.content), len(shown.content)]
        assert {row["client"] for row in rows} == {"127.0.0.1"}
        assert (record["hits"], record["bytes_sent"]) == (2, 2 * len(shown.content))
        assert record["last_used_at"][:19] == house.clock().isoformat()[:19]

    async def test_a_forgery_is_nobodys_row(self, house: Whole, http: httpx.AsyncClient) -> None:
        link = await share(http, house)
        await http.get(link["path"].replace(".", ".A", 1)[:-1])

        assert await hits(http, link) == []
