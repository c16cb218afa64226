"""Who gets through the gate, and what every answer carries.

The matrix walks the app's own routes: a new one is refused to strangers unless it is listed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from gallery_app.api.guards import LARGEST_BODY_BYTES, Guard, client_of
from tests.api.conftest import House

OWN = {"host": "127.0.0.1:8080"}
# Method and path of every route that strangers may ask for. Everything else is 404 to them, and
# so are a frame without its key and a call of a webhook without its token.
FOR_STRANGERS = {("GET", "/health"), ("GET", "/frame/-/show.js")}
PUBLIC = ("/health", "/frame/", "/hooks/")


def all_routes(app: FastAPI) -> Iterator[tuple[str, str]]:
    for route in iter_route_contexts(app.routes):
        methods = getattr(route, "methods", None)
        path = getattr(route, "path", None)
        if methods and path:
            for method in sorted(methods - {"HEAD", "OPTIONS"}):
                yield method, path


def address(path: str) -> str:
    filled = path.replace(":path", "")
    for name, value in {
        "uid": "01hxw3v9q2m4k8r5t7y0bcdefg", "name": "small", "bucket": "2016-07",
        "filename": "a.jpg", "link_id": "7f3k9m2p5r8t1v4x", "number": "1", "token": "t",
        "rest": "x", "ean": "4006381333931", "type": "ticket", "entity_id": "4711",
    }.items():  # fmt: skip
        filled = filled.replace("{" + name + "}", value)
    assert "{" not in filled, f"say in this test what stands for the parts of {path}"
    return filled


async def test_every_route_is_closed_to_what_came_through_a_proxy(
    house: House, client: httpx.AsyncClient
) -> None:
    routes = set(all_routes(house.parent))

    assert len(routes) > 35
    open_ones = set()
    for method, path in sorted(routes):
        answer = await client.request(
            method, address(path), headers={"x-forwarded-for": "203.0.113.9"}
        )
        if answer.status_code not in {404, 405 if path.startswith(PUBLIC) else 404}:
            open_ones.add((method, path))
    assert open_ones == FOR_STRANGERS


async def test_every_route_is_closed_to_a_foreign_page(
    house: House, client: httpx.AsyncClient
) -> None:
    for method, path in sorted(set(all_routes(house.parent))):
        if path.startswith(PUBLIC):
            continue
        answer = await client.request(
            method, address(path), headers={"origin": "http://evil.example"}
        )
        assert answer.status_code == 403, (method, path)
        assert answer.json()["error"]["code"] == "not_allowed"
        assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "header",
    [
        "forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto",
        "x-forwarded-prefix", "x-real-ip", "cf-connecting-ip",
    ],
)  # fmt: skip
async def test_any_mark_of_a_proxy_makes_a_request_a_strangers(
    client: httpx.AsyncClient, header: str
) -> None:
    answer = await client.get("/", headers={header: "x"})

    assert answer.status_code == 404


@pytest.mark.parametrize(
    ("host", "page", "health"),
    [
        pytest.param("127.0.0.1:8080", 200, 200, id="loopback address"),
        pytest.param("localhost:8080", 200, 200, id="localhost"),
        pytest.param("LOCALHOST:8080", 200, 200, id="localhost in capitals"),
        pytest.param("[::1]:8080", 200, 200, id="loopback of IPv6"),
        pytest.param("127.0.0.1", 400, 400, id="without the port"),
        pytest.param("127.0.0.1:9090", 400, 400, id="another port"),
        pytest.param("127.0.0.2:8080", 400, 400, id="another loopback address"),
        pytest.param("localhost.:8080", 400, 400, id="trailing dot"),
        pytest.param("evil.example:8080", 400, 400, id="a name that was rebound to us"),
        pytest.param("127.0.0.1:8080.evil.example", 400, 400, id="our address in front"),
        pytest.param("evil@127.0.0.1:8080", 400, 400, id="with a user"),
        pytest.param("", 400, 400, id="empty"),
        pytest.param("pictures.example", 404, 200, id="the public name"),
        pytest.param("pictures.example:443", 404, 200, id="the public name with its port"),
        pytest.param("pictures.example:80", 400, 400, id="the public name on another port"),
    ],
)
async def test_only_our_own_names_are_answered(
    client: httpx.AsyncClient, host: str, page: int, health: int
) -> None:
    headers = {"host": host}

    assert (await client.get("/", headers=headers)).status_code == page
    assert (await client.get("/health", headers=headers)).status_code == health


async def test_two_hosts_are_none(client: httpx.AsyncClient) -> None:
    answer = await client.get("/", headers=[("host", "127.0.0.1:8080"), ("host", "evil.example")])

    assert answer.status_code == 400


async def test_strangers_see_that_we_are_well_but_no_names(client: httpx.AsyncClient) -> None:
    own = (await client.get("/health")).json()
    theirs = (await client.get("/health", headers={"host": "pictures.example"})).json()

    assert any(check["detail"] for check in own["checks"].values())
    assert theirs["status"] == own["status"]
    assert not any(check["detail"] or check["remedy"] for check in theirs["checks"].values())


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        pytest.param({}, 200, id="no browser"),
        pytest.param({"origin": "http://127.0.0.1:8080"}, 200, id="own page"),
        pytest.param({"origin": "HTTP://127.0.0.1:8080"}, 200, id="own page in capitals"),
        pytest.param({"origin": "http://localhost:8080"}, 403, id="another name of ours"),
        pytest.param({"origin": "http://127.0.0.1:3000"}, 403, id="another program here"),
        pytest.param({"origin": "https://127.0.0.1:8080"}, 403, id="another scheme"),
        pytest.param({"origin": "http://127.0.0.1:8080.evil.example"}, 403, id="ours in front"),
        pytest.param({"origin": "null"}, 403, id="null"),
        pytest.param({"origin": ""}, 403, id="empty"),
        pytest.param({"sec-fetch-site": "same-origin"}, 200, id="fetched by our page"),
        pytest.param({"sec-fetch-site": "none"}, 200, id="typed"),
        pytest.param({"sec-fetch-site": "cross-site"}, 403, id="fetched by a foreign page"),
        pytest.param({"sec-fetch-site": "same-site"}, 403, id="fetched from another port"),
    ],
)
async def test_only_our_own_pages_may_change_something(
    client: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    answer = await client.post("/api/v1/jobs/retry", headers=headers)

    assert answer.status_code == status


NAVIGATED = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}


@pytest.mark.parametrize(
    ("method", "dest", "status"),
    [
        pytest.param("GET", "document", 200, id="a link to us"),
        pytest.param("GET", "iframe", 403, id="a frame around us"),
        pytest.param("GET", "object", 403, id="an object with us"),
        pytest.param("POST", "document", 403, id="a form that posts to us"),
    ],
)
async def test_a_foreign_page_may_link_to_us_and_no_more(
    client: httpx.AsyncClient, method: str, dest: str, status: int
) -> None:
    answer = await client.request(method, "/", headers={**NAVIGATED, "sec-fetch-dest": dest})

    assert answer.status_code == status


async def test_a_foreign_page_may_show_a_signed_link(client: httpx.AsyncClient) -> None:
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "origin": "https://a.b"}

    answer = await client.get("/i/nothing/picture.webp", headers=headers)

    assert answer.status_code == 404
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
    assert answer.headers["referrer-policy"] == "no-referrer"


# --- websockets --------------------------------------------------------------------------------


async def handshake(guard: Guard, path: str, headers: list[tuple[bytes, bytes]]) -> str:
    """What the server says to a websocket handshake first."""
    scope: dict[str, Any] = {
        "type": "websocket", "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": headers, "scheme": "ws", "server": ("127.0.0.1", 8080),
        "client": ("127.0.0.1", 5000), "subprotocols": [], "root_path": "", "state": {},
    }  # fmt: skip
    said: list[str] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        said.append(message["type"])

    await guard(scope, receive, send)
    return said[0]


@pytest.mark.parametrize(
    ("headers", "said"),
    [
        pytest.param([], "websocket.accept", id="no browser"),
        pytest.param([(b"origin", b"http://127.0.0.1:8080")], "websocket.accept", id="own page"),
        pytest.param([(b"origin", b"http://evil.example")], "websocket.close", id="foreign"),
        pytest.param([(b"origin", b"null")], "websocket.close", id="null"),
        pytest.param([(b"origin", b"http://127.0.0.1:1")], "websocket.close", id="other port"),
        pytest.param([(b"sec-fetch-site", b"cross-site")], "websocket.close", id="cross-site"),
        pytest.param([(b"x-forwarded-for", b"1.2.3.4")], "websocket.close", id="proxied"),
    ],
)
async def test_a_socket_opens_for_our_own_pages_alone(
    house: House, headers: list[tuple[bytes, bytes]], said: str
) -> None:
    assert await handshake(house.app, "/socket", [(b"host", b"127.0.0.1:8080"), *headers]) == said


@pytest.mark.parametrize("host", [b"evil.example", b"pictures.example", b""])
async def test_a_socket_under_another_name_stays_shut(house: House, host: bytes) -> None:
    assert await handshake(house.app, "/socket", [(b"host", host)]) == "websocket.close"


async def test_no_socket_opens_among_the_public_addresses(house: House) -> None:
    own = [(b"host", b"127.0.0.1:8080")]

    assert await handshake(house.app, "/i/socket", own) == "websocket.close"


# --- headers of every answer, sizes, the unforeseen ---------------------------------------------


@pytest.mark.parametrize("path", ["/", "/health", "/api/v1/assets", "/api/v1/none", "/i/a/b"])
async def test_every_answer_carries_the_security_headers(
    client: httpx.AsyncClient, path: str
) -> None:
    headers = (await client.get(path)).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["referrer-policy"] in {"same-origin", "no-referrer"}
    assert "geolocation=()" in headers["permissions-policy"]
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cross-origin-resource-policy"]
    assert "access-control-allow-origin" not in headers


async def test_a_refusal_carries_them_too(client: httpx.AsyncClient) -> None:
    answer = await client.get("/", headers={"host": "evil.example"})

    assert answer.status_code == 400
    assert answer.headers["x-frame-options"] == "DENY"


async def test_the_screens_policy_lets_nothing_foreign_load(client: httpx.AsyncClient) -> None:
    policy = (await client.get("/")).headers["content-security-policy"]

    assert "default-src 'self'" in policy
    assert not {part for part in ("http:", "https:", "*") if part in policy}


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        pytest.param("/" + "a" * 9000, {}, 414, id="path of 9 kB"),
        pytest.param("/?q=" + "a" * 60_000, {}, 414, id="query of 60 kB"),
        pytest.param("/", {"x-noise": "a" * 100_000}, 431, id="header of 100 kB"),
        pytest.param("/", {f"x-{n}": "a" for n in range(1000)}, 431, id="1000 headers"),
    ],
)
async def test_noise_is_refused_before_anyone_reads_it(
    client: httpx.AsyncClient, path: str, headers: dict[str, str], status: int
) -> None:
    answer = await client.get(path, headers=headers)

    assert answer.status_code == status
    assert answer.json()["error"]["status"] == status


async def test_a_body_without_end_is_cut_off(client: httpx.AsyncClient) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield bytes(1 << 20)

    answer = await client.post("/api/v1/assets/batch", content=endless())

    assert answer.status_code == 413
    assert answer.json()["error"]["limit_bytes"] == LARGEST_BODY_BYTES


async def test_what_nobody_foresaw_says_no_more_than_an_id(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await client.get("/fails")

    assert answer.status_code == 500
    assert answer.json() == {
        "error": {
            "code": "internal", "message": "Something went wrong.", "status": 500,
            "incident": "incident-1",
        }
    }  # fmt: skip
    assert [r.message for r in caplog.records if "incident" in r.message] == ["incident incident-1"]


async def test_a_failure_outside_the_framework_says_no_more_either(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("/secret/path")

    transport = httpx.ASGITransport(app=Guard(broken, new_id=lambda: "x1"))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        answer = await client.get("/")

    assert answer.status_code == 500
    assert answer.json()["error"]["incident"] == "x1"
    assert "secret" not in answer.text
    assert "incident x1" in caplog.text


# --- the throttle ------------------------------------------------------------------------------


def scope_of(peer: str, *forwarded: bytes) -> dict[str, Any]:
    return {"client": (peer, 1), "headers": [(b"x-forwarded-for", f) for f in forwarded]}


@pytest.mark.parametrize(
    ("scope", "client"),
    [
        pytest.param(scope_of("127.0.0.1"), "127.0.0.1", id="direct"),
        pytest.param(scope_of("::1"), "::1", id="direct by IPv6"),
        pytest.param(scope_of("127.0.0.1", b"9.9.9.9"), "9.9.9.9", id="by a proxy"),
        pytest.param(
            scope_of("127.0.0.1", b"1.1.1.1, 9.9.9.9"), "9.9.9.9", id="with a forged part before"
        ),
        pytest.param(
            scope_of("127.0.0.1", b"1.1.1.1", b"9.9.9.9"), "9.9.9.9", id="in a header before"
        ),
        pytest.param(scope_of("127.0.0.1", b"2001:db8::1:2"), "2001:db8::/64", id="IPv6 as /64"),
        pytest.param(scope_of("127.0.0.1", b"nonsense\x00"), "unknown", id="nonsense"),
        pytest.param({"client": None, "headers": []}, "unknown", id="a unix socket"),
    ],
)
def test_a_client_is_named_by_the_nearest_address_we_can_believe(
    scope: dict[str, Any], client: str
) -> None:
    assert client_of(scope) == client
