"""Pictures at addresses a remote names: no key, no trust, and an end to everything."""

from __future__ import annotations

import gzip
import logging
from collections.abc import Callable
from typing import Any

import pytest

from gallery_app.connectors.downloads import Downloads
from gallery_app.connectors.pinned import Pins, parse_allowed
from gallery_app.domain.errors import (
    NotAllowed,
    TooLarge,
    Upstream,
    UpstreamGone,
    UpstreamRefused,
    UpstreamThrottled,
    UpstreamTimeout,
)
from tests.connectors.wire import Time, Wire, answer, drip, kept

PICTURE = answer(b"\xff\xd8picture", content_type="image/jpeg; q=1")
LOCAL = Pins(allow=parse_allowed("127.0.0.0/8"))


def downloads(hosts: Callable[[str], bool] = lambda host: True, **more: Any) -> Downloads:
    more = {"tools": Time().tools, "pins": LOCAL, **more}
    return kept(Downloads(hosts=hosts, name="Acme", **more))


def fetch(ours: Downloads, url: str, **more: Any) -> bytes:
    more = {"cap_bytes": 1000, "deadline_s": 5, **more}
    with ours.open(url, **more) as stream:
        return b"".join(stream.chunks)


def sent_on(to: str) -> bytes:
    return answer(b"", "302 Found", location=to, set_cookie="id=1")


def test_bytes_come_with_what_is_said_of_them(serve: Callable[..., Wire]) -> None:
    wire = serve(PICTURE)

    with downloads().open(wire.url + "/a.jpg?sig=1", cap_bytes=99, deadline_s=5) as stream:
        got = (stream.content_type, stream.size_bytes, b"".join(stream.chunks))

    assert got == ("image/jpeg", 9, b"\xff\xd8picture")
    assert wire.paths == ["/a.jpg?sig=1"]


def test_nothing_is_told_of_us_but_our_name(serve: Callable[..., Wire]) -> None:
    target = serve(PICTURE)
    wire = serve(sent_on(target.url))

    fetch(downloads(), wire.url, headers={"Range": "bytes=0-"})

    for name in ("authorization", "cookie", "referer", "x-api-key", "origin"):
        assert target.header(name) is None
    assert target.header("user-agent") == "Gallery/test"
    assert target.header("accept-encoding") == "identity"
    assert target.header("range") == "bytes=0-"


def test_three_redirects_are_followed(serve: Callable[..., Wire]) -> None:
    wire = serve(sent_on("/b"), sent_on("c?x=1"), sent_on("//127.0.0.1:0/d"), PICTURE)
    wire.replies[2] = sent_on(f"//127.0.0.1:{wire.port}/d")

    assert fetch(downloads(), wire.url + "/a/") == b"\xff\xd8picture"
    assert wire.paths == ["/a/", "/b", "/c?x=1", "/d"]


def test_a_circle_of_redirects_ends(serve: Callable[..., Wire]) -> None:
    wire = serve(sent_on("/again"))

    with pytest.raises(Upstream, match="round in circles"):
        fetch(downloads(), wire.url)

    assert len(wire.requests) == 4


def test_a_redirect_to_nowhere_is_said(serve: Callable[..., Wire]) -> None:
    with pytest.raises(Upstream, match="without saying where"):
        fetch(downloads(), serve(answer(b"", "302 Found")).url)


@pytest.mark.parametrize(
    "to", ["http://[::1", "http://x:y/", "\x00", "http://127.0.0.1:0/", "http://xn--a/"]
)
def test_a_redirect_that_is_no_address_is_refused(to: str, serve: Callable[..., Wire]) -> None:
    with pytest.raises((NotAllowed, Upstream)):
        fetch(downloads(), serve(sent_on(to)).url)


@pytest.mark.parametrize("url", ["http://h.example/\udc80", "http://xn--a/", "h.example", ""])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(NotAllowed):
        fetch(downloads(), url)


def test_every_hop_must_be_an_allowed_host(serve: Callable[..., Wire]) -> None:
    other = serve(PICTURE)
    wire = serve(sent_on(f"http://localhost:{other.port}/"))
    asked: list[str] = []

    def hosts(host: str) -> bool:
        asked.append(host)
        return host == "127.0.0.1"

    with pytest.raises(NotAllowed):
        fetch(downloads(hosts), wire.url)

    assert asked == ["127.0.0.1", "localhost"]
    assert other.connections == 0


def test_hosts_are_compared_folded() -> None:
    asked: list[str] = []

    def hosts(host: str) -> bool:
        asked.append(host)
        return False

    with pytest.raises(NotAllowed):
        fetch(downloads(hosts), "http://S3.Example./x")

    assert asked == ["s3.example"]


def test_a_whole_address_may_be_judged_as_well(serve: Callable[..., Wire]) -> None:
    wire = serve(PICTURE)
    ours = downloads(urls=lambda url: "/cdn.freshdesk.com/" in url)

    assert fetch(ours, wire.url + "/cdn.freshdesk.com/x") == b"\xff\xd8picture"
    with pytest.raises(NotAllowed):
        fetch(ours, wire.url + "/other-bucket/x")


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        ("403 Forbidden", UpstreamRefused),
        ("401 Unauthorized", UpstreamRefused),
        ("404 Not Found", UpstreamGone),
        ("410 Gone", UpstreamGone),
        ("400 Bad Request", Upstream),
        ("500 Oh", Upstream),
        ("503 Later", Upstream),
    ],
)
def test_a_refusal_is_told_so_that_a_new_address_may_be_asked_for(
    status: str, kind: type[Upstream], serve: Callable[..., Wire]
) -> None:
    wire = serve(answer(b"<Error>Request has expired</Error>", status))

    with pytest.raises(Upstream) as error:
        fetch(downloads(), wire.url)

    assert type(error.value) is kind
    assert len(wire.requests) == (2 if status[0] == "5" else 1)


def test_a_host_that_is_busy_says_when(serve: Callable[..., Wire]) -> None:
    wire = serve(answer(b"", "429 Busy", retry_after="7"), PICTURE)
    ours = downloads()

    with pytest.raises(UpstreamThrottled) as error:
        fetch(ours, wire.url)

    assert error.value.retry_after_s == 7
    assert fetch(ours, wire.url) == b"\xff\xd8picture"


def test_a_fault_before_the_first_byte_is_tried_once_more(serve: Callable[..., Wire]) -> None:
    wire = serve(lambda client: client.close(), PICTURE)

    assert fetch(downloads(), wire.url) == b"\xff\xd8picture"


def test_a_body_cut_short_is_an_error(serve: Callable[..., Wire]) -> None:
    wire = serve(lambda client: client.sendall(answer(b"abc", content_length="9")))

    with pytest.raises(Upstream, match="broke off"):
        fetch(downloads(), wire.url)


def test_a_body_of_another_size_than_listed_is_an_error(serve: Callable[..., Wire]) -> None:
    wire = serve(b"HTTP/1.1 200 OK\r\n\r\nabc")

    with pytest.raises(Upstream, match="sent 3 bytes of 4"):
        fetch(downloads(), wire.url, expect_size=4)


@pytest.mark.parametrize(
    "reply",
    [
        answer(b"x" * 2000),
        b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 2000,
        answer(b"x", content_length="10000000000"),
    ],
    ids=["announced", "not announced", "10 GB announced"],
)
def test_too_much_is_too_large(reply: bytes, serve: Callable[..., Wire]) -> None:
    with pytest.raises(TooLarge):
        fetch(downloads(), serve(reply).url)


def test_what_is_packed_is_not_unpacked(serve: Callable[..., Wire]) -> None:
    bomb = gzip.compress(bytes(32 << 20))
    wire = serve(answer(bomb, content_encoding="gzip"))

    with pytest.raises(Upstream, match="packed"):
        fetch(downloads(), wire.url, cap_bytes=1 << 20)


@pytest.mark.parametrize(
    "reply",
    [
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", b"x", every_s=0.02),
        drip(b"", b"H", every_s=0.02),
        lambda client: client.recv(1),
    ],
    ids=["a dripping body", "a dripping head", "silence"],
)
def test_all_of_it_comes_before_the_deadline_or_not_at_all(
    reply: Any, serve: Callable[..., Wire]
) -> None:
    wire = serve(sent_on("/slow"), reply)

    with pytest.raises(UpstreamTimeout):
        fetch(downloads(tools=Time().real), wire.url, deadline_s=0.3)


def test_one_at_a_time_when_told_so(serve: Callable[..., Wire]) -> None:
    ours, wire = downloads(concurrent=1), serve(PICTURE)

    with ours.open(wire.url, cap_bytes=99, deadline_s=5) as first:
        with pytest.raises(UpstreamTimeout, match="busy"):
            fetch(ours, wire.url, deadline_s=0.01)
        assert len(wire.requests) == 1
        assert b"".join(first.chunks) == b"\xff\xd8picture"

    assert fetch(ours, wire.url) == b"\xff\xd8picture"


def test_the_signature_of_an_address_is_never_logged(
    serve: Callable[..., Wire], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wire = serve(PICTURE)
    ours = downloads()

    fetch(ours, wire.url + "/a.jpg?X-Amz-Signature=sesame")

    assert "sesame" not in caplog.text + repr(ours)
    assert "GET 127.0.0.1/a.jpg 200" in caplog.text
    assert "9 bytes" in caplog.text
