"""The tools that fakes are built from: a server, faults, pictures."""

from __future__ import annotations

import io

import httpx
import pytest
from PIL import Image
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from gallery_app.testing.faults import Faults
from gallery_app.testing.freshdesk import FakeFreshdesk
from gallery_app.testing.pictures import sample_picture
from gallery_app.testing.server import Served

HELLO = "hello, " * 40


def _app() -> Starlette:
    return Starlette(routes=[Route("/{name}", lambda _request: PlainTextResponse(HELLO))])


def test_a_served_app_answers_until_it_is_closed() -> None:
    with Served(_app()) as served:
        assert httpx.get(f"{served.url}/a", trust_env=False).text == HELLO

    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{served.url}/a", trust_env=False)


def test_an_account_whose_second_port_is_taken_lets_go_of_the_first() -> None:
    with Served(_app()) as other:
        fake = FakeFreshdesk(tickets=0, pictures=0)
        with pytest.raises(OSError, match="in use"):
            fake.serve(files_port=other.port)
        url = fake.url
        fake.close()

        with pytest.raises(httpx.ConnectError):
            httpx.get(url, trust_env=False)
        with fake:
            assert httpx.get(f"{fake.url}/api/v2/tickets", trust_env=False).status_code == 401


def test_planned_faults_come_in_order_and_then_no_more() -> None:
    faults = Faults()
    faults.plan("/a", "429:7", "500", "", "truncated")

    with Served(faults.around(_app())) as served, httpx.Client(trust_env=False) as client:
        first = client.get(f"{served.url}/a")
        assert (first.status_code, first.headers["retry-after"]) == (429, "7")
        assert client.get(f"{served.url}/b").status_code == 200
        assert client.get(f"{served.url}/a").headers["content-type"].startswith("text/html")
        assert client.get(f"{served.url}/a").text == HELLO
        with pytest.raises(httpx.RemoteProtocolError):
            client.get(f"{served.url}/a")
        assert client.get(f"{served.url}/a").text == HELLO


def test_chance_spoils_its_share_and_never_one_request_four_times() -> None:
    faults = Faults(seed=3, share=0.5)

    kinds = [faults.decide(f"/{number % 50}") for number in range(2_000)]

    assert 600 < sum(kind is not None for kind in kinds) < 1_100
    stubborn = Faults(seed=3, share=1.0)
    assert [stubborn.decide("/a") is None for _ in range(8)] == [False, False, False, True] * 2


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
def test_a_picture_is_its_seeds_and_as_long_as_told(kind: str) -> None:
    data = sample_picture(5, width=300, height=200, format=kind, size_bytes=70_001)

    assert data == sample_picture(5, width=300, height=200, format=kind, size_bytes=70_001)
    assert data != sample_picture(6, width=300, height=200, format=kind, size_bytes=70_001)
    assert len(data) == 70_001
    with Image.open(io.BytesIO(data)) as picture:
        picture.load()
        assert (picture.size, picture.format) == ((300, 200), kind)
