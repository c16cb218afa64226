"""With a public address: who is the person at the machine, and who came through a proxy."""

from __future__ import annotations

from typing import Any

import pytest

from gallery_app.api.guards import Guard


def arriving(
    *,
    path: str = "/",
    host: str = "127.0.0.1:8080",
    version: str = "1.1",
    peer: tuple[str, int] | None = ("127.0.0.1", 50_000),
    kind: str = "http",
) -> dict[str, Any]:
    return {
        "type": kind, "method": "GET", "path": path, "raw_path": path.encode(),
        "query_string": b"", "headers": [(b"host", host.encode())], "scheme": "http",
        "server": ("127.0.0.1", 8080), "client": peer, "http_version": version,
    }  # fmt: skip


async def status_of(scope: dict[str, Any], *, public_url: str | None) -> int:
    sent: list[dict[str, Any]] = []

    async def inside(_scope: Any, _receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)

    await Guard(inside, public_url=public_url)(scope, receive, send)
    return int(sent[0].get("status", sent[0].get("code", 0)))


@pytest.mark.parametrize(
    ("more", "page", "link"),
    [
        pytest.param({}, 200, 200, id="the person at the machine"),
        pytest.param({"version": "2"}, 200, 200, id="a later HTTP"),
        pytest.param({"peer": ("::1", 50_000)}, 200, 200, id="over IPv6"),
        pytest.param({"version": "1.0"}, 404, 200, id="nginx as it is without more lines"),
        pytest.param({"version": "0.9"}, 404, 200, id="an HTTP without Host"),
        pytest.param({"peer": ("203.0.113.9", 50_000)}, 404, 200, id="from another machine"),
        pytest.param({"peer": ("172.17.0.1", 50_000)}, 404, 200, id="out of a container"),
        pytest.param({"peer": None}, 404, 200, id="from nobody"),
        pytest.param({"host": "pictures.example"}, 404, 200, id="by the public name"),
    ],
)
async def test_with_a_public_address_only_the_machines_own_person_gets_in(
    more: dict[str, Any], page: int, link: int
) -> None:
    public = "https://pictures.example"

    assert await status_of(arriving(**more), public_url=public) == page
    assert await status_of(arriving(path="/i/x.y/a", **more), public_url=public) == link
    assert await status_of(arriving(path="/health", **more), public_url=public) == link


async def test_without_a_public_address_old_programs_on_the_machine_get_in() -> None:
    assert await status_of(arriving(version="1.0"), public_url=None) == 200


async def test_a_stranger_behind_a_silent_proxy_is_told_no_names() -> None:
    scope = arriving(path="/health", version="1.0")

    await status_of(scope, public_url="https://pictures.example")

    assert scope["gallery.stranger"] is True


async def test_a_silent_proxy_opens_no_socket() -> None:
    scope = arriving(path="/socket", version="1.0", kind="websocket")

    assert await status_of(scope, public_url="https://pictures.example") == 1008
