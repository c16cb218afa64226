"""Uploads: streamed in, judged while they come, and nothing left of what is refused."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest

from gallery_app.api import uploads as room
from gallery_app.api.schemas import AssetWholeOut
from gallery_app.domain.errors import OutOfSpace
from gallery_app.domain.model import Source
from gallery_app.services.sources import SourceBook
from gallery_app.services.uploads import Upload
from tests.api.conftest import House
from tests.pictures import make_picture

URL = "/api/v1/uploads"


def left_behind(house: House) -> list[Path]:
    """Files under incoming/, where uploads lie until they are whole."""
    incoming = Path(house.gallery.about.data_dir) / "incoming"
    assert incoming.is_dir()
    return [path for path in incoming.rglob("*") if path.is_file()]


async def test_new_bytes_are_201_and_the_same_again_200(
    house: House, client: httpx.AsyncClient
) -> None:
    data = make_picture("120x80 jpeg, noise seed 301")

    first = await client.put(f"{URL}/new.jpg", content=data)
    again = await client.put(f"{URL}/again.jpg", content=data)

    assert (first.status_code, again.status_code) == (201, 200)
    AssetWholeOut.model_validate(first.json(), strict=True)
    assert first.json()["id"] == again.json()["id"]
    assert first.json()["sha256"] == hashlib.sha256(data).hexdigest()
    assert first.json()["status"] == "ready"
    assert left_behind(house) == []


async def test_the_index_is_asked_in_threads_alone(
    house: House, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources, threads = house.gallery.sources, set()

    def listed(_: SourceBook) -> Sequence[Source]:
        threads.add(threading.get_ident())
        return plain(sources)

    plain = SourceBook.list
    monkeypatch.setattr(SourceBook, "list", listed)

    answer = await client.put(f"{URL}/own.jpg", content=make_picture("90x60 jpeg, noise seed 309"))

    assert answer.json()["occurrences"][0]["source_name"] == "Uploads"
    assert threads
    assert threading.get_ident() not in threads


async def test_a_body_of_unknown_length_is_taken_too(client: httpx.AsyncClient) -> None:
    data = make_picture("120x80 jpeg, noise seed 302")

    async def chunks() -> AsyncIterator[bytes]:
        for at in range(0, len(data), 1000):
            yield data[at : at + 1000]

    answer = await client.put(f"{URL}/chunked.jpg", content=chunks())

    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a%20b.jpg", "a b.jpg"),
        ("M%C3%B6we.jpg", "Möwe.jpg"),
        ("album/2016/c.jpg", "c.jpg"),
        ("..%2F..%2Fetc%2Fd.jpg", "d.jpg"),
        ("..%5C..%5Ce.jpg", "e.jpg"),
        ("%00f%07.jpg", "f.jpg"),
    ],
)
async def test_a_name_is_kept_but_never_as_a_path(
    client: httpx.AsyncClient, sent: str, kept: str
) -> None:
    data = make_picture(f"60x40 jpeg, noise seed {400 + len(sent)}")

    answer = await client.put(f"{URL}/{sent}", content=data)

    assert answer.status_code == 201
    assert answer.json()["filename"] == kept


async def test_the_files_own_time_is_kept(client: httpx.AsyncClient) -> None:
    answers = [
        await client.put(
            f"{URL}/timed.png",
            content=make_picture(f"50x40 png, noise seed {seed}"),
            headers={"x-last-modified": text},
        )
        for seed, text in ((501, "1467554706000"), (502, "Sun, 03 Jul 2016 14:05:06 GMT"))
    ]

    for answer in answers:
        assert answer.status_code == 201
        assert answer.json()["occurrences"][0]["modified_at"] == "2016-07-03T14:05:06+00:00"


JPEG = make_picture("200x150 jpeg, noise seed 601")


def refused() -> list[Any]:
    """(body, headers, status, code) by what is wrong with it."""
    wrong_hash = {"x-sha256": "0" * 64}
    return [
        pytest.param(b"", {}, 422, "unreadable", id="no bytes"),
        pytest.param(b"hello " * 1000, {}, 415, "unsupported_type", id="text"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", {}, 415, "unsupported_type",
                     id="svg"),
        pytest.param(b"MZ" + bytes(5000), {}, 415, "unsupported_type", id="a program"),
        pytest.param(JPEG[: len(JPEG) // 2], {}, 422, "unreadable", id="half a picture"),
        pytest.param(JPEG[:4] + b"\x00" * 5000, {}, 422, "unreadable", id="only a picture's head"),
        pytest.param(JPEG + bytes(2_000_001), {}, 413, "too_large", id="over the limit"),
        pytest.param(JPEG, wrong_hash, 422, "bad_digest", id="another hash than announced"),
        pytest.param(JPEG, {"x-sha256": "xyz"}, 400, "bad_input", id="no hash"),
        pytest.param(JPEG, {"x-last-modified": "yesterday"}, 400, "bad_input", id="no time"),
        pytest.param(
            JPEG,
            {"x-last-modified": "Thu, 26 Nov 2026 12:00:00 +99999999999999"},
            400,
            "bad_input",
            id="no zone",
        ),
    ]  # fmt: skip


@pytest.mark.parametrize(("body", "headers", "status", "code"), refused())
async def test_what_is_refused_says_why_and_leaves_nothing(  # a table
    house: House,
    client: httpx.AsyncClient,
    body: bytes,
    headers: dict[str, str],
    status: int,
    code: str,
) -> None:
    before = house.gallery.status.total()

    answer = await client.put(f"{URL}/refused.jpg", content=body, headers=headers)

    assert answer.status_code == status
    assert answer.json()["error"]["code"] == code
    assert answer.json()["error"]["message"].endswith(".")
    assert left_behind(house) == []
    assert house.gallery.status.total() == before


@pytest.mark.parametrize("name", ["", "%20", "..", "%2E%2E%2F"])
async def test_an_upload_needs_a_name(client: httpx.AsyncClient, name: str) -> None:
    answer = await client.put(f"{URL}/{name}", content=JPEG)

    assert answer.status_code in {400, 404}


# --- what a well-behaved client cannot show: the messages by hand --------------------------------


class Sender:
    """Plays a client of one PUT: hands over messages, hears the answer."""

    def __init__(self, house: House, headers: dict[str, str], *messages: dict[str, Any]) -> None:
        self.app = house.app
        self.messages = list(messages)
        self.read = 0
        self.said: list[dict[str, Any]] = []
        self.scope: dict[str, Any] = {
            "type": "http", "method": "PUT", "path": f"{URL}/by-hand.jpg",
            "raw_path": f"{URL}/by-hand.jpg".encode(), "query_string": b"", "root_path": "",
            "scheme": "http", "http_version": "1.1", "server": ("127.0.0.1", 8080),
            "client": ("127.0.0.1", 1), "state": {}, "asgi": {"version": "3.0"},
            "headers": [(b"host", b"127.0.0.1:8080"),
                        *((k.encode(), v.encode()) for k, v in headers.items())],
        }  # fmt: skip

    async def receive(self) -> dict[str, Any]:
        self.read += 1
        return self.messages.pop(0) if self.messages else {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        self.said.append(dict(message))

    async def run(self) -> int:
        await self.app(self.scope, self.receive, self.send)
        return int(self.said[0]["status"])


def piece(data: bytes, *, more: bool = True) -> dict[str, Any]:
    return {"type": "http.request", "body": data, "more_body": more}


async def test_an_announced_length_over_the_limit_is_refused_before_a_byte_is_read(
    house: House,
) -> None:
    sender = Sender(house, {"content-length": "99000000"}, *[piece(bytes(1 << 16))] * 5)

    status = await sender.run()

    assert status == 413
    body = sender.said[1]
    assert body["more_body"] is True, "the answer is whole before the rest is dropped"
    assert b"too_large" in body["body"]
    assert (b"connection", b"close") in sender.said[0]["headers"]


async def test_a_sender_that_goes_away_leaves_nothing(house: House) -> None:
    big = make_picture("1400x1000 png, noise seed 7")[: 3 << 19]
    sender = Sender(house, {}, piece(big[: 1 << 20]), piece(big[1 << 20 :]))

    await sender.run()

    assert left_behind(house) == []


async def test_fewer_bytes_than_announced_are_incomplete(house: House) -> None:
    sender = Sender(house, {"content-length": str(len(JPEG) + 7)}, piece(JPEG, more=False))

    assert await sender.run() == 400
    assert b'"incomplete"' in sender.said[1]["body"]
    assert left_behind(house) == []


async def test_a_sender_that_falls_silent_is_let_go(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    import anyio

    monkeypatch.setattr(room, "STALL_S", 0.05)
    monkeypatch.setattr(room, "LINGER_S", 0.01)
    sender = Sender(house, {}, piece(JPEG[:100]))
    given = sender.receive

    async def receive() -> dict[str, Any]:
        if sender.messages:
            return await given()
        await anyio.sleep_forever()
        raise AssertionError

    sender.receive = receive  # type: ignore[method-assign]  # a client that says no more

    assert await sender.run() == 400
    assert b'"incomplete"' in sender.said[1]["body"]
    assert left_behind(house) == []


async def test_a_full_disk_is_507_and_leaves_nothing(
    house: House, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Upload, chunk: bytes) -> None:
        raise OutOfSpace

    monkeypatch.setattr(Upload, "write", full)

    answer = await client.put(f"{URL}/no-room.jpg", content=JPEG)

    assert answer.status_code == 507
    assert answer.json()["error"]["code"] == "out_of_space"
    assert left_behind(house) == []
