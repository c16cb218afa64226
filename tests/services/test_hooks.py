"""Hooks: only who knows the token is heard, and nothing but a ticket's number is believed."""

from __future__ import annotations

import json

import pytest

from gallery_app.domain.errors import BadInput, NotFound
from gallery_app.domain.model import Source
from gallery_app.services.hooks import LARGEST_BODY, Hooks, token_of
from tests.services.far import Book, Desk
from tests.services.house import House

SECRET = b"s" * 32


@pytest.fixture
def desk(book: Book) -> Source:
    return book.connect("freshdesk", Desk())


@pytest.fixture
def hooks(house: House, book: Book) -> Hooks:
    return Hooks(house.catalog, book, secret=SECRET, monotonic=house.clock.monotonic)


def _body(ticket: object) -> bytes:
    return json.dumps({"ticket_id": ticket, "event": "ticket_action"}).encode()


@pytest.mark.parametrize(
    "body",
    [
        b'{"ticket_id": 4711}', b'{"ticket_id": "4711"}', b'{"ticket_id": " 04711 "}',
        b'{"freshdesk_webhook": {"ticket_id": 4711, "ticket_subject": "x"}}',
    ],
)  # fmt: skip
def test_a_call_leads_to_a_look_at_its_ticket(
    hooks: Hooks, book: Book, desk: Source, body: bytes
) -> None:
    job = hooks.heard(desk.id, hooks.token(desk.id), body)

    assert job is not None
    assert book.hinted == [(desk.id, "ticket/4711")]


def test_the_same_ticket_within_30_s_is_heard_once(
    hooks: Hooks, book: Book, desk: Source, house: House
) -> None:
    token = hooks.token(desk.id)

    assert hooks.heard(desk.id, token, _body(1)) is not None
    house.clock.pass_(seconds=29)
    assert hooks.heard(desk.id, token, _body(1)) is None
    assert hooks.heard(desk.id, token, _body(2)) is not None
    house.clock.pass_(seconds=1)
    assert hooks.heard(desk.id, token, _body(1)) is not None
    assert [parent for _, parent in book.hinted] == ["ticket/1", "ticket/2", "ticket/1"]


@pytest.mark.parametrize("token", ["", "x" * 40, "é" * 40, token_of(SECRET, 99)])
def test_another_token_is_answered_like_no_such_hook(
    hooks: Hooks, book: Book, desk: Source, token: str
) -> None:
    with pytest.raises(NotFound) as wrong:
        hooks.heard(desk.id, token, _body(1))
    with pytest.raises(NotFound) as missing:
        hooks.heard(999, hooks.token(999), _body(1))

    assert wrong.value.public == missing.value.public
    assert book.hinted == []


def test_a_source_that_is_paused_is_left_alone(
    hooks: Hooks, book: Book, desk: Source, house: House
) -> None:
    house.catalog.remotes.configure(desk.id, paused=True)

    assert hooks.heard(desk.id, hooks.token(desk.id), _body(1)) is None
    assert book.hinted == []


def test_a_source_that_was_removed_has_no_hook_any_more(
    hooks: Hooks, book: Book, desk: Source, house: House
) -> None:
    house.catalog.sources.remove(desk.id, house.clock())

    with pytest.raises(NotFound):
        hooks.heard(desk.id, hooks.token(desk.id), _body(1))
    assert book.hinted == []


def test_a_source_of_another_kind_has_no_such_hook(hooks: Hooks, book: Book) -> None:
    other = book.connect("immich", Desk())

    with pytest.raises(NotFound):
        hooks.heard(other.id, hooks.token(other.id), _body(1))


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<xml/>", b"[]", b"7", b"{}", b'{"ticket_id": "4711; drop"}', b'{"ticket_id": null}',
        b'{"ticket_id": -1}', b'{"ticket_id": 1.5}', b'{"ticket_id": "' + b"9" * 21 + b'"}',
        b"[" * 100_000, b" " * (LARGEST_BODY + 1),
    ],
    ids=str,
)  # fmt: skip
def test_a_call_that_names_no_ticket_is_refused(hooks: Hooks, desk: Source, body: bytes) -> None:
    with pytest.raises(BadInput):
        hooks.heard(desk.id, hooks.token(desk.id), body)


def test_tokens_differ_by_source_and_secret_and_stay_the_same() -> None:
    assert token_of(SECRET, 1) == token_of(SECRET, 1)
    assert len({token_of(SECRET, 1), token_of(SECRET, 2), token_of(b"t" * 32, 1)}) == 3
