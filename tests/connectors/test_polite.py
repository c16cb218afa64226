"""How a remote's API is asked: as often as it likes, and what its answers mean.

Real sockets; the clock of waits moves when told.
"""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gallery_app.connectors import asking
from gallery_app.connectors.faults import answer_of
from gallery_app.connectors.pinned import Pins
from gallery_app.connectors.polite import Polite
from gallery_app.connectors.rate import Rate
from gallery_app.domain.errors import (
    GalleryError,
    Upstream,
    UpstreamGone,
    UpstreamRefused,
)
from tests.connectors.asked import GOOD, HTML, polite, reset, sending_and_closing
from tests.connectors.wire import Time, Wire, answer, kept

# --- answers -----------------------------------------------------------------------------------


def test_a_path_lies_below_the_base_and_the_answer_is_whole(
    serve: Callable[..., Wire], time: Time
) -> None:
    wire = serve(answer(b'{"a": 1}', X_Total="7"))

    got = polite(wire, time).get("/tickets", params={"page": 2, "q": "a&b"})

    assert (got.status, got.json(), got.headers["x-total"]) == (200, {"a": 1}, "7")
    assert wire.paths == ["/api/v2/tickets?page=2&q=a%26b"]
    assert wire.header("user-agent") == "Gallery/test"


def test_a_packed_answer_is_unpacked(serve: Callable[..., Wire], time: Time) -> None:
    body = gzip.compress(json.dumps(["x" * 200_000]).encode())
    wire = serve(answer(body, content_encoding="gzip"))

    assert polite(wire, time).get("x").json() == ["x" * 200_000]
    assert wire.header("accept-encoding") == "gzip"


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        (answer(b"<html>", content_type="text/html"), "a page where data was expected"),
        (answer(b"{", content_type="application/json"), "data that cannot be read"),
        (answer(b"", content_type="application/json"), "data that cannot be read"),
        (answer(b"[" * 100_000), "data that cannot be read"),
        (answer(b"\xff\xfe{"), "data that cannot be read"),
    ],
    ids=["HTML", "half a value", "nothing", "too deep", "no text"],
)
def test_what_is_no_json_is_said(
    serve: Callable[..., Wire], time: Time, reply: bytes, sentence: str
) -> None:
    got = polite(serve(reply), time).get("x")

    with pytest.raises(Upstream, match=sentence):
        got.json()


def test_json_is_posted(serve: Callable[..., Wire], time: Time) -> None:
    wire = serve(answer(b"{}", "201 Created"))

    polite(wire, time).post("search", json={"size": 1000})

    assert wire.requests[0].endswith(b'{"size":1000}')
    assert wire.header("content-type") == "application/json"


def test_a_file_is_posted_after_its_fields(
    serve: Callable[..., Wire], time: Time, tmp_path: Path
) -> None:
    wire = serve(answer(b"{}", "201 Created"))
    path = tmp_path / "a.jpg"
    path.write_bytes(b"\xff\xd8picture")

    polite(wire, time).post_file(
        "assets",
        fields={"fileCreatedAt": "2026-01-01T00:00:00.000Z"},
        file_field="assetData",
        path=path,
        filename="Grüße.jpg",
        headers={"X-Immich-Checksum": "abc"},
    )

    request = wire.requests[0]
    assert request.index(b"fileCreatedAt") < request.index(b"\xff\xd8picture")
    assert wire.header("x-immich-checksum") == "abc"


# --- statuses ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "kind", "sentence"),
    [
        ("400 Bad Request", Upstream, "not expected"),
        ("401 Unauthorized", UpstreamRefused, "does not accept the key"),
        ("403 Forbidden", UpstreamRefused, "does not let this key"),
        ("404 Not Found", UpstreamGone, "any more"),
        ("410 Gone", UpstreamGone, "any more"),
        ("422 Unprocessable", Upstream, "not expected"),
    ],
)
def test_a_refusal_is_told_at_once_and_never_asked_again(
    serve: Callable[..., Wire], time: Time, status: str, kind: type[Upstream], sentence: str
) -> None:
    wire = serve(answer(b'{"message": "why"}', status), GOOD)

    with pytest.raises(Upstream, match=sentence) as error:
        polite(wire, time).get("x")

    assert type(error.value) is kind
    assert error.value.source == "Acme"
    seen = answer_of(error.value)
    assert seen is not None
    assert seen.json() == {"message": "why"}
    assert (len(wire.requests), time.waits) == (1, [])


def test_a_status_that_is_expected_is_no_error(serve: Callable[..., Wire], time: Time) -> None:
    wire = serve(answer(b'{"result": 1}', "404 Not Found"))

    assert polite(wire, time).get("x", expect=(200, 404)).json() == {"result": 1}


@pytest.mark.parametrize(
    "reply",
    [
        answer(b"", "500 Internal Server Error"),
        HTML,
        answer(b"", "503 Service Unavailable"),
        answer(b"", "504 Gateway Timeout"),
        answer(b"", "408 Request Timeout"),
        sending_and_closing(answer(b'{"ok"', content_length="999")),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\nabc",
        b"garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        reset,
        lambda client: client.close(),
    ],
    ids=[
        "500", "502 in HTML", "503", "504", "408", "a body cut short", "a chunk cut short",
        "no HTTP", "half a head", "a reset", "nothing at all",
    ],
)  # fmt: skip
def test_a_fault_of_the_remote_is_waited_out(
    serve: Callable[..., Wire], time: Time, reply: Any
) -> None:
    wire = serve(reply, reply, GOOD)

    assert polite(wire, time).get("x").json() == {"ok": True}
    assert time.waits == [1.0, 2.0]


def test_after_five_tries_it_is_given_up(serve: Callable[..., Wire], time: Time) -> None:
    wire = serve(HTML)

    with pytest.raises(Upstream, match=r"fault of its own \(502\)"):
        polite(wire, time).get("x")

    assert len(wire.requests) == 5
    assert time.waits == [1.0, 2.0, 4.0, 8.0]


def test_waits_are_spread_by_chance(serve: Callable[..., Wire]) -> None:
    late = Time(chance=0.999)

    with pytest.raises(Upstream):
        polite(serve(HTML), late).get("x")

    assert late.waits == pytest.approx([1.5, 3.0, 6.0, 12.0], abs=0.1)


def test_a_body_packed_and_cut_short_is_asked_for_again(
    serve: Callable[..., Wire], time: Time
) -> None:
    packed = gzip.compress(b'{"ok": true}')
    wire = serve(answer(packed[:-9], content_encoding="gzip"), GOOD)

    assert polite(wire, time).get("x").json() == {"ok": True}


def test_what_changes_something_is_sent_once(serve: Callable[..., Wire], time: Time) -> None:
    wire = serve(HTML, GOOD)

    with pytest.raises(Upstream):
        polite(wire, time).post("x", json={})

    assert len(wire.requests) == 1


def test_what_may_be_repeated_is_sent_again(serve: Callable[..., Wire], time: Time) -> None:
    wire = serve(HTML, GOOD)

    assert polite(wire, time).post("x", json={"a": 1}, idempotent=True).json() == {"ok": True}
    assert wire.requests[0] == wire.requests[1]


def test_nothing_at_that_address_is_said_in_plain_words(time: Time) -> None:
    with Wire(GOOD) as wire:
        url = wire.url
    api = kept(Polite(url, tools=time.tools, name="Acme", pins=Pins.to(url)))

    with pytest.raises(Upstream, match=r"Nothing answers at 127\.0\.0\.1") as error:
        api.post("x", json={})  # never sent, so tried again all the same

    assert len(time.waits) == 4
    assert answer_of(error.value) is None


def test_an_unknown_name_is_said_in_plain_words(time: Time) -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    url = "http://acme.example"
    api = kept(Polite(url, tools=time.tools, name="Acme", pins=Pins.to(url), resolver=unknown))

    with pytest.raises(Upstream, match=r"name acme\.example is not known"):
        api.get("x")


def test_a_wish_to_stop_ends_the_waits(serve: Callable[..., Wire]) -> None:
    stopping = Time(stop_after=1)
    wire = serve(HTML)

    with pytest.raises(Upstream, match="stopping"):
        polite(wire, stopping).get("x")

    assert len(wire.requests) == 1


# --- what httpx may raise -----------------------------------------------------------------------


def test_every_error_of_the_library_has_one_of_ours() -> None:
    import httpx

    from gallery_app.connectors.faults import as_ours

    kinds = [
        kind
        for kind in vars(httpx).values()
        if isinstance(kind, type) and issubclass(kind, httpx.RequestError)
    ]
    assert len(kinds) > 15
    for kind in [*kinds, httpx.InvalidURL, httpx.StreamConsumed]:
        made = kind() if kind is httpx.StreamConsumed else kind("x")
        with pytest.raises(GalleryError), as_ours("Acme"):
            raise made


def test_a_lane_is_waited_for(serve: Callable[..., Wire], time: Time) -> None:
    api = polite(serve(GOOD), time, rate=Rate(lanes={"list": 5}))

    for _ in range(4):
        api.get("tickets", lane="list")
    api.get("agents/me")

    assert time.waits == [60.0]
    assert asking.TIMEOUTS["connect"] == 5.0
