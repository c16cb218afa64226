"""What a remote may make us wait for and swallow: as much as is wise."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from gallery_app.connectors import polite as client
from gallery_app.connectors.answer import MOST_VALUES
from gallery_app.domain.errors import (
    Upstream,
    UpstreamGone,
    UpstreamThrottled,
    UpstreamTimeout,
)
from tests.connectors.asked import BUSY, GOOD, polite
from tests.connectors.wire import BEGAN, Time, Wire, answer, drip

# --- being asked to wait -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "waited_s"),
    [
        ("34", 34.5),
        ("0", 1.0),
        ("2.5", 3.0),
        (format_datetime(BEGAN + timedelta(seconds=40), usegmt=True), 40.5),
        (format_datetime(BEGAN - timedelta(days=1), usegmt=True), 1.0),
        ("soon", 1.0),
        ("nan", 1.0),
        ("-5", 1.0),
        ("", 1.0),
    ],
)
def test_a_wait_is_kept_as_told(
    serve: Callable[..., Wire], time: Time, said: str, waited_s: float
) -> None:
    wire = serve(answer(b"", BUSY, retry_after=said), GOOD)

    polite(wire, time).post("x", json={})  # a 429 was not taken in: POST may come again

    assert time.passed_s == pytest.approx(waited_s)


@pytest.mark.parametrize(("said", "told_s"), [("91", 91), ("99999", 3600), ("1e400", 60)])
def test_more_patience_than_a_run_has_is_handed_on(
    serve: Callable[..., Wire], time: Time, said: str, told_s: int
) -> None:
    wire = serve(answer(b"", BUSY, retry_after=said))

    with pytest.raises(UpstreamThrottled) as error:
        polite(wire, time).get("x")

    assert error.value.retry_after_s == told_s


def test_a_long_rest_is_kept_by_every_later_request(serve: Callable[..., Wire], time: Time) -> None:
    wire = serve(answer(b"", BUSY, retry_after="600"), GOOD)
    api = polite(wire, time)
    with pytest.raises(UpstreamThrottled):
        api.get("x")
    time.passed_s += 300

    with pytest.raises(UpstreamThrottled) as error:
        api.get("y")

    assert len(wire.requests) == 1
    assert error.value.retry_after_s == 300
    time.passed_s += 300
    assert api.get("z").status == 200


def test_a_remote_that_is_always_busy_ends_the_run(serve: Callable[..., Wire], time: Time) -> None:
    wire = serve(answer(b"", BUSY, retry_after="34"))

    with pytest.raises(UpstreamThrottled):
        polite(wire, time).get("x")

    assert time.passed_s <= 90
    assert len(wire.requests) == 3


def test_a_503_that_says_when_is_waited_for_as_well(serve: Callable[..., Wire], time: Time) -> None:
    wire = serve(answer(b"", "503 Service Unavailable", retry_after="20"), GOOD)

    polite(wire, time).get("x")

    assert time.waits == [20.5]


def test_the_budget_is_learned_from_the_answers(serve: Callable[..., Wire], time: Time) -> None:
    api = polite(
        serve(answer(b"{}", **{"X-Ratelimit-Total": "100.0", "X-RateLimit-Remaining": "80"})), time
    )
    assert api.budget()[:3] == (None, None, None)

    api.get("x")

    assert api.budget()[:3] == (100, 80, 60)


# --- bounds ------------------------------------------------------------------------------------


def test_an_answer_larger_than_the_cap_is_not_read_to_its_end(
    serve: Callable[..., Wire], time: Time
) -> None:
    wire = serve(answer(b"x" * 3_000_000))

    with pytest.raises(Upstream, match="more than 1 MiB"):
        polite(wire, time, body_cap=1 << 20).get("x")

    assert len(wire.requests) == 1


def test_a_bomb_of_gzip_does_not_go_off(serve: Callable[..., Wire], time: Time) -> None:
    bomb = gzip.compress(bytes(64 << 20), 9)
    wire = serve(answer(bomb, content_encoding="gzip"))

    with pytest.raises(Upstream, match="more than 1 MiB"):
        polite(wire, time, body_cap=1 << 20).get("x")


def test_an_answer_that_would_unfold_to_too_much_is_not_read(
    serve: Callable[..., Wire], time: Time
) -> None:
    many = b"[" + b"{}," * (MOST_VALUES // 2) + b"{}]"
    wire = serve(answer(many), answer(b'[",,,,", 1]'))
    api = polite(wire, time)

    with pytest.raises(Upstream, match="more at once"):
        api.get("x").json()
    assert api.get("x").json() == [",,,,", 1]


def test_an_empty_body_is_no_broken_gzip(serve: Callable[..., Wire], time: Time) -> None:
    wire = serve(answer(b"", "404 Not Found", content_encoding="gzip"))

    with pytest.raises(UpstreamGone):
        polite(wire, time).get("x")

    assert len(wire.requests) == 1


@pytest.mark.parametrize("packed", ["br", "gzip, gzip"])
def test_an_answer_packed_in_another_way_is_refused(
    serve: Callable[..., Wire], time: Time, packed: str
) -> None:
    wire = serve(answer(b"{}", content_encoding=packed))

    with pytest.raises(Upstream, match="did not ask for"):
        polite(wire, time).get("x")


@pytest.mark.parametrize(
    "reply",
    [
        drip(b"", b"H", every_s=0.02),
        drip(b"HTTP/1.1 200 OK\r\n", b"X-A: b\r\n", every_s=0.02),
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n", b"x", every_s=0.02),
        drip(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", b"x", every_s=0.02),
        lambda client: client.recv(1),
    ],
    ids=["a dripping line", "dripping headers", "a dripping body", "a dripping chunk", "silence"],
)
def test_an_answer_that_never_ends_is_ended(
    serve: Callable[..., Wire], time: Time, reply: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "ANSWER_WITHIN_S", 0.3)
    wire = serve(reply)

    with pytest.raises(UpstreamTimeout):
        polite(wire, time, tools=time.real, tries=2).get("x")

    assert len(wire.requests) == 2


def test_who_waits_for_an_answer_waits_no_longer_once_it_is_closed(
    serve: Callable[..., Wire], time: Time
) -> None:
    asked = threading.Event()

    def silent(client: socket.socket) -> None:
        asked.set()
        client.recv(1)

    wire = serve(silent)
    api = polite(wire, time, tools=time.real)

    with ThreadPoolExecutor(1) as pool:
        got = pool.submit(api.get, "x")
        assert asked.wait(60)
        api.close()
        with pytest.raises(Upstream):
            got.result(60)

    assert wire.connections == 1


def test_so_many_requests_run_at_once_and_no_more(serve: Callable[..., Wire], time: Time) -> None:
    most, now, lock = [0], [0], threading.Lock()
    enough = threading.Barrier(2, timeout=60)

    def slow(client: socket.socket) -> None:
        with lock:
            now[0] += 1
            most[0] = max(most[0], now[0])
        enough.wait()
        with lock:
            now[0] -= 1
        client.sendall(GOOD)

    api = polite(serve(slow), time, tools=time.real, concurrent=2)

    with ThreadPoolExecutor(8) as pool:
        statuses = [got.status for got in pool.map(api.get, ["x"] * 8)]

    assert statuses == [200] * 8
    assert most == [2]
