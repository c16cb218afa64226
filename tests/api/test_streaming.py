"""Originals of remotes: passed on in parts, in threads, and ended when the client goes."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any
from urllib.parse import urlsplit

import anyio
import anyio.lowlevel
import httpx
import pytest
from starlette.types import Receive, Scope, Send

from gallery_app.api.answers import BrokeOff
from gallery_app.api.guards import Guard
from gallery_app.api.streaming import send_streamed
from gallery_app.domain.errors import (
    LinkSpent,
    UpstreamGone,
    UpstreamRefused,
    UpstreamThrottled,
    UpstreamTimeout,
)
from gallery_app.domain.remote import RemoteStream
from gallery_app.services.media import Media
from gallery_app.services.reach import Paused
from gallery_app.services.values import Streamed
from tests.api.conftest import House

WHOLE = bytes(range(256)) * 40
Opens = Callable[[int | None, int | None], AbstractContextManager[RemoteStream]]


class Remote:
    """A remote with one original; `asked` are the spans it was asked for."""

    def __init__(self, *, deaf: bool = False) -> None:
        self.asked: list[tuple[int | None, int | None]] = []
        self.closed = 0
        self.threads: set[int] = set()
        self._deaf = deaf  # sends all of it whatever part is asked for

    @contextmanager
    def open(self, start: int | None, end: int | None) -> Iterator[RemoteStream]:
        self.asked.append((start, end))
        first = 0 if self._deaf or start is None else start
        last = len(WHOLE) - 1 if self._deaf or end is None else end
        try:
            yield RemoteStream(self._pieces(WHOLE[first : last + 1]), "image/x", start=first)
        finally:
            self.closed += 1

    def _pieces(self, data: bytes) -> Iterator[bytes]:
        self.threads.add(threading.get_ident())
        for at in range(0, len(data), 1000):
            yield data[at : at + 1000]


def streamed(opens: Opens, *, size: int | None = len(WHOLE)) -> Streamed:
    return Streamed(opens, size, "image/jpeg", "lake.jpg", inline=True, etag='"r-1"')


@pytest.fixture
def offered(house: House, monkeypatch: pytest.MonkeyPatch) -> Callable[[Streamed], str]:
    """Has the gallery find an original at a remote; gives its address."""

    def offer(found: Streamed) -> str:
        monkeypatch.setattr(Media, "original", lambda *_: found)
        return f"/api/v1/assets/{house.assets['beach.jpg'].uid}/original"

    return offer


async def test_an_original_comes_from_the_remote_as_it_is(
    client: httpx.AsyncClient, offered: Callable[[Streamed], str]
) -> None:
    remote = Remote()

    answer = await client.get(offered(streamed(remote.open)))

    assert (answer.status_code, answer.content) == (200, WHOLE)
    assert answer.headers["content-length"] == str(len(WHOLE))
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert answer.headers["content-disposition"].startswith('inline; filename="lake.jpg"')
    assert (remote.asked, remote.closed) == ([(None, None)], 1)
    assert threading.get_ident() not in remote.threads


@pytest.mark.parametrize("deaf", [False, True], ids=["asked in part", "sends all anyway"])
@pytest.mark.parametrize(
    ("asked", "span", "upstream"),
    [
        ("bytes=0-9", (0, 10), (0, 9)),
        ("bytes=1500-3499", (1500, 3500), (1500, 3499)),
        ("bytes=10000-", (10000, 10240), (10000, 10239)),
        ("bytes=-7", (10233, 10240), (10233, 10239)),
    ],
)
async def test_a_part_is_asked_of_the_remote_as_it_was_asked_of_us(  # a table
    client: httpx.AsyncClient,
    offered: Callable[[Streamed], str],
    asked: str,
    span: tuple[int, int],
    upstream: tuple[int, int],
    deaf: bool,
) -> None:
    remote = Remote(deaf=deaf)

    answer = await client.get(offered(streamed(remote.open)), headers={"range": asked})

    assert (answer.status_code, answer.content) == (206, WHOLE[span[0] : span[1]])
    assert answer.headers["content-range"] == f"bytes {span[0]}-{span[1] - 1}/{len(WHOLE)}"
    assert remote.asked == [upstream]


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("HEAD", {}, 200),
        ("GET", {"if-none-match": '"r-1"'}, 304),
        ("GET", {"range": "bytes=99999-"}, 416),
    ],
)
async def test_what_needs_no_bytes_asks_the_remote_for_nothing(
    client: httpx.AsyncClient,
    offered: Callable[[Streamed], str],
    method: str,
    headers: dict[str, str],
    status: int,
) -> None:
    remote = Remote()

    answer = await client.request(method, offered(streamed(remote.open)), headers=headers)

    assert (answer.status_code, answer.content, remote.asked) == (status, b"", [])


async def test_of_unknown_size_it_is_sent_whole(
    client: httpx.AsyncClient, offered: Callable[[Streamed], str]
) -> None:
    address = offered(streamed(Remote().open, size=None))

    answer = await client.get(address, headers={"range": "bytes=0-9"})

    assert (answer.status_code, answer.content) == (200, WHOLE)
    assert "accept-ranges" not in answer.headers


@pytest.mark.parametrize(
    ("error", "status"), [(UpstreamGone(), 404), (UpstreamTimeout(source="Photos"), 504)]
)
async def test_a_remote_that_does_not_begin_is_told_in_the_one_shape(
    client: httpx.AsyncClient, offered: Callable[[Streamed], str], error: Exception, status: int
) -> None:
    @contextmanager
    def fails(*_: object) -> Iterator[RemoteStream]:
        raise error
        yield

    answer = await client.get(offered(streamed(fails)))

    assert answer.status_code == status
    assert set(answer.json()) == {"error"}


async def test_a_remote_that_is_away_uses_up_no_view_of_a_link(
    house: House, client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def away(*_: object) -> Iterator[RemoteStream]:
        raise UpstreamTimeout(source="Photos")
        yield

    found = streamed(away)
    monkeypatch.setattr(Media, "original_of", lambda *_: found)
    made = house.gallery.sharing.create(
        [house.assets["beach.jpg"].uid], rendition="original", expires_in_s=3600, max_views=1
    )
    path = urlsplit(made.url).path

    refused = await client.get(path)
    found = streamed(Remote().open)
    opened = await client.get(path)
    spent = await client.get(path)

    assert (refused.status_code, opened.status_code, spent.status_code) == (504, 200, 410)
    assert opened.content == WHOLE
    told = [hit.refused for hit in house.gallery.sharing.hits(made.link.id)]
    assert told == ["link_spent", None, "upstream_timeout"]


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (UpstreamRefused(source="Acme desk", reason="Acme desk refuses the key. Change it."), 502),
        (UpstreamThrottled(source="Acme desk", reason="Acme desk rests.", retry_after_s=9), 503),
        (UpstreamGone(source="Acme desk"), 404),
        (Paused("Acme desk is paused. Resume it first."), 409),
    ],
    ids=lambda given: type(given).__name__ if isinstance(given, Exception) else str(given),
)
async def test_who_holds_a_link_is_not_told_what_its_owner_has_to_mend(
    house: House,
    client: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
    error: Exception,
    status: int,
) -> None:
    def away(*_: object) -> Streamed:
        raise error

    monkeypatch.setattr(Media, "original_of", away)
    made = house.gallery.sharing.create(
        [house.assets["beach.jpg"].uid], rendition="original", expires_in_s=3600
    )
    path = urlsplit(made.url).path

    refused = await client.get(path)
    page = await client.get(path, headers={"accept": "text/html"})

    assert (refused.status_code, page.status_code) == (status, status)
    for text in (refused.text, page.text):
        assert "Acme" not in text
        assert "ask who sent you the link" in text


async def test_a_view_that_is_not_granted_asks_no_more_of_the_remote() -> None:
    sent: list[Any] = []
    remote = Remote()

    async def spent() -> None:
        raise LinkSpent(limit=1)

    with pytest.raises(LinkSpent):
        await send_streamed(
            scope_of(), silent, collect(sent), streamed(remote.open), [],
            limiter=anyio.CapacityLimiter(1), granted=spent,
        )  # fmt: skip

    assert (sent, remote.closed, remote.threads) == ([], 1, set())


@pytest.mark.parametrize("how", ["short", "breaks"])
async def test_a_remote_that_breaks_off_ends_the_answer_short(how: str) -> None:
    sent: list[Any] = []
    closed: list[bool] = []

    def pieces() -> Iterator[bytes]:
        yield WHOLE[:1000]
        if how == "breaks":
            raise UpstreamTimeout

    @contextmanager
    def opens(*_: object) -> Iterator[RemoteStream]:
        yield RemoteStream(pieces(), "image/jpeg")
        closed.append(True)

    with pytest.raises(BrokeOff):
        await send_streamed(
            scope_of(), silent, collect(sent), streamed(opens), [], limiter=anyio.CapacityLimiter(1)
        )

    assert sent[-1]["more_body"] is True
    assert closed == [True]


async def test_a_remote_that_breaks_off_is_one_warning_without_a_stack(
    caplog: pytest.LogCaptureFixture,
) -> None:
    sent: list[Any] = []

    def pieces() -> Iterator[bytes]:
        yield WHOLE[:1000]
        raise UpstreamTimeout(source="Photos", reason="Photos did not answer in time.")

    @contextmanager
    def opens(*_: object) -> Iterator[RemoteStream]:
        yield RemoteStream(pieces(), "image/jpeg")

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send_streamed(
            scope, receive, send, streamed(opens), [], limiter=anyio.CapacityLimiter(1)
        )

    here = {"server": ("127.0.0.1", 8080), "headers": [(b"host", b"127.0.0.1:8080")]}
    await Guard(app)({**scope_of(), **here}, silent, collect(sent))

    assert sent[-1]["more_body"] is True
    assert [(r.levelname, r.getMessage(), r.exc_info) for r in caplog.records] == [
        ("WARNING", "an answer ends short: Photos did not answer in time.", None)
    ]


async def test_a_client_that_reads_no_more_holds_no_stream_of_the_remote() -> None:
    remote, sent = Remote(), 0

    async def send(_: object) -> None:
        nonlocal sent
        sent += 1
        if sent == 3:  # a film is paused, and its buffers are full
            await anyio.sleep_forever()

    with pytest.raises(BrokeOff, match="reads no more"):
        await send_streamed(
            scope_of(), silent, send, streamed(remote.open), [],
            limiter=anyio.CapacityLimiter(1), reads_within_s=0.01,
        )  # fmt: skip

    assert (sent, remote.closed) == (3, 1)


async def test_a_remote_that_fails_at_the_very_end_spoils_no_answer() -> None:
    sent: list[Any] = []

    @contextmanager
    def opens(*_: object) -> Iterator[RemoteStream]:
        yield RemoteStream(iter([WHOLE]), "image/jpeg")
        raise UpstreamTimeout

    await send_streamed(
        scope_of(), silent, collect(sent), streamed(opens), [], limiter=anyio.CapacityLimiter(1)
    )

    assert sent[-1] == {"type": "http.response.body", "body": b""}


async def test_a_part_from_elsewhere_is_not_passed_on_as_the_one_asked_for() -> None:
    sent: list[Any] = []

    @contextmanager
    def opens(*_: object) -> Iterator[RemoteStream]:
        yield RemoteStream(iter([WHOLE[5000:5100]]), "image/jpeg", start=5000)

    with pytest.raises(BrokeOff):
        await send_streamed(
            {**scope_of(), "headers": [(b"range", b"bytes=0-99")]}, silent, collect(sent),
            streamed(opens), [],
            limiter=anyio.CapacityLimiter(1),
        )  # fmt: skip

    assert [message for message in sent if message.get("body")] == []


async def test_a_remote_is_read_no_further_once_the_client_has_gone() -> None:
    remote, gone, sent = Remote(), anyio.Event(), 0

    async def receive() -> dict[str, object]:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(_: object) -> None:
        nonlocal sent
        sent += 1
        if sent == 3:
            gone.set()
        await anyio.lowlevel.checkpoint()

    await send_streamed(
        scope_of(), receive, send, streamed(remote.open), [], limiter=anyio.CapacityLimiter(1)
    )

    assert 3 <= sent < len(WHOLE) // 1000
    assert remote.closed == 1


async def silent() -> dict[str, object]:
    """A client that says nothing more."""
    await anyio.sleep_forever()
    raise AssertionError


def collect(sent: list[Any]) -> Callable[[Any], Awaitable[None]]:
    """Takes what is sent to the client."""

    async def send(message: Any) -> None:
        sent.append(message)

    return send


def scope_of() -> dict[str, object]:
    return {"type": "http", "method": "GET", "headers": [], "path": "/", "query_string": b""}
