"""Webhooks: from outside, by token, small, and answered at once."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from gallery_app.api.guards import LARGEST_CALL_BYTES
from gallery_app.domain.errors import BadInput, NotFound
from gallery_app.services.hooks import Hooks

TOKEN = "k3j9m2p5r8t1v4x7"
OUTSIDE = {
    "host": "pictures.example", "x-forwarded-for": "203.0.113.9", "x-gallery-token": TOKEN,
}  # fmt: skip


@pytest.fixture
def hooks(stand_in: Callable[[str, type[Any]], Any]) -> Any:
    def heard(number: int, token: str, body: bytes) -> None:
        if number != 3 or token != TOKEN:
            raise NotFound("source")
        if b"ticket_id" not in body:
            raise BadInput("The call names no ticket.")

    double = stand_in("hooks", Hooks)
    double.heard.side_effect = heard
    return double


async def test_a_call_with_the_token_is_accepted_from_outside(
    client: httpx.AsyncClient, hooks: Any
) -> None:
    answer = await client.post("/hooks/freshdesk/3", headers=OUTSIDE, json={"ticket_id": 4711})

    assert (answer.status_code, answer.json()) == (202, {"status": "accepted"})
    hooks.heard.assert_called_once_with(3, TOKEN, b'{"ticket_id":4711}')


async def test_a_wrong_token_answers_as_an_unknown_source_does(
    client: httpx.AsyncClient, hooks: Any
) -> None:
    wrong = await client.post(
        "/hooks/freshdesk/3", headers={**OUTSIDE, "x-gallery-token": "x"}, json={"ticket_id": 1}
    )
    unknown = await client.post("/hooks/freshdesk/4", headers=OUTSIDE, json={"ticket_id": 1})
    without = await client.post("/hooks/freshdesk/3", json={"ticket_id": 1})

    assert wrong.status_code == unknown.status_code == without.status_code == 404
    assert wrong.content == unknown.content == without.content


async def test_a_call_that_names_no_ticket_is_refused(
    client: httpx.AsyncClient, hooks: Any
) -> None:
    answer = await client.post("/hooks/freshdesk/3", headers=OUTSIDE, json={"other": 1})

    assert answer.status_code == 400


async def test_a_body_beyond_the_limit_is_cut_off(client: httpx.AsyncClient, hooks: Any) -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"ticket_id" * 1000

    at_most = await client.post(
        "/hooks/freshdesk/3", headers=OUTSIDE, content=b"ticket_id".ljust(LARGEST_CALL_BYTES)
    )
    beyond = await client.post("/hooks/freshdesk/3", headers=OUTSIDE, content=endless())

    assert at_most.status_code == 202
    assert beyond.status_code == 413
    assert beyond.json()["error"]["limit_bytes"] == LARGEST_CALL_BYTES
    assert hooks.heard.call_count == 1


async def test_whoever_guesses_tokens_has_to_wait(client: httpx.AsyncClient, hooks: Any) -> None:
    headers = {**OUTSIDE, "x-forwarded-for": "198.51.100.2", "x-gallery-token": "guess"}
    statuses = [
        (await client.post("/hooks/freshdesk/3", headers=headers)).status_code for _ in range(51)
    ]

    assert statuses == [404] * 50 + [429]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/hooks/freshdesk/3", 405), ("POST", "/hooks/immich/3", 404), ("POST", "/hooks", 404),
     ("POST", "/hooks/freshdesk/0", 422), ("POST", "/hooks/freshdesk/x", 422)],
)  # fmt: skip
async def test_nothing_else_lies_there(
    client: httpx.AsyncClient, hooks: Any, method: str, path: str, status: int
) -> None:
    answer = await client.request(method, path, headers=OUTSIDE)

    assert answer.status_code == status
    hooks.heard.assert_not_called()
