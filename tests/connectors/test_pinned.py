"""Where connections go: to checked addresses, whatever a name, an address or a redirect says.

A listener on this machine counts; nothing may reach it that was not allowed by name.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gallery_app.connectors import sockets
from gallery_app.connectors.downloads import Downloads
from gallery_app.connectors.pinned import Pins, parse_allowed
from gallery_app.connectors.polite import Polite
from gallery_app.domain.errors import NotAllowed, Upstream
from tests.connectors.certificates import make_certificate
from tests.connectors.wire import Time, Wire, answer, kept

PUBLIC = "93.184.216.34"


@pytest.fixture
def listener() -> Iterator[Wire]:
    with Wire(answer(b"{}")) as wire:
        yield wire


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Every connection that is tried; those that leave this machine are refused."""
    tried: list[tuple[str, int]] = []
    really = socket.create_connection

    def create_connection(address: tuple[str, int], *args: Any, **more: Any) -> socket.socket:
        tried.append(address)
        if address[0] != "127.0.0.1":
            raise ConnectionRefusedError
        return really(address, *args, **more)

    monkeypatch.setattr(socket, "create_connection", create_connection)
    return tried


def fetch(downloads: Downloads, url: str) -> bytes:
    with downloads.open(url, cap_bytes=1000, deadline_s=5) as stream:
        return b"".join(stream.chunks)


def everywhere(pins: Pins, **more: Any) -> Downloads:
    return kept(Downloads(Time().tools, pins, lambda host: True, "a shop", **more))


@pytest.mark.parametrize(
    "host",
    [
        pytest.param("127.0.0.1", id="loopback"),
        pytest.param("127.1", id="loopback, shortened"),
        pytest.param("0x7f.1", id="loopback, hexadecimal"),
        pytest.param("2130706433", id="loopback as one number"),
        pytest.param("0177.0.0.1", id="loopback, octal"),
        pytest.param("127.0.0.1.", id="loopback with a dot at the end"),
        pytest.param("①②⑦.0.0.1", id="loopback in circled digits"),
        pytest.param("127。0。0。1", id="loopback with ideographic dots"),
        pytest.param("0", id="this machine"),
        pytest.param("0.0.0.0", id="this machine, written out"),
        pytest.param("localhost", id="localhost"),
        pytest.param("localhost.", id="localhost with a dot at the end"),
        pytest.param("LOCALHOST", id="localhost, shouted"),
        pytest.param("[::1]", id="IPv6 loopback"),
        pytest.param("[::]", id="IPv6 this machine"),
        pytest.param("[::ffff:127.0.0.1]", id="IPv4 inside IPv6"),
        pytest.param("[::127.0.0.1]", id="IPv4 inside IPv6, the old way"),
        pytest.param("[64:ff9b::7f00:1]", id="loopback behind NAT64"),
        pytest.param("[64:ff9b::a00:1]", id="private behind NAT64"),
        pytest.param("[64:ff9b:1::7f00:1]", id="a NAT64 of one's own"),
        pytest.param("[2002:7f00:1::]", id="loopback as 6to4"),
        pytest.param("[2001:0:7f00:1::]", id="Teredo"),
        pytest.param("[fe80::1]", id="link-local IPv6"),
        pytest.param("[fd00::1]", id="private IPv6"),
        pytest.param("[fec0::1]", id="site-local IPv6"),
        pytest.param("[ff02::1]", id="IPv6 multicast"),
        pytest.param("169.254.169.254", id="the cloud's metadata"),
        pytest.param("[fd00:ec2::254]", id="the cloud's metadata, IPv6"),
        pytest.param("10.0.0.1", id="10/8"),
        pytest.param("172.16.0.1", id="172.16/12"),
        pytest.param("192.168.1.1", id="192.168/16"),
        pytest.param("100.64.0.1", id="a carrier's NAT"),
        pytest.param("224.0.0.1", id="multicast"),
        pytest.param("255.255.255.255", id="broadcast"),
    ],
)
def test_nothing_that_is_not_public_is_connected_to(
    host: str, listener: Wire, dialled: list[tuple[str, int]]
) -> None:
    downloads = everywhere(Pins(ports=(listener.port,)))

    with pytest.raises((NotAllowed, Upstream)) as refused:
        fetch(downloads, f"http://{host}:{listener.port}/x.jpg")

    assert dialled == []
    assert listener.connections == 0
    assert isinstance(refused.value, NotAllowed) or "not known" in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "gopher://example.org/x",
        "ftp://example.org/x.jpg",
        "data:image/png;base64,AAAA",
        "//example.org/x.jpg",
        "/x.jpg",
        "http:///x.jpg",
        "http://user@example.org/x.jpg",
        "http://user:word@example.org/x.jpg",
        "http://example.org:99999/x.jpg",
        "http://[::1/x.jpg",
        "",
    ],
)
def test_what_is_no_plain_address_of_the_web_is_refused(
    url: str, dialled: list[tuple[str, int]]
) -> None:
    downloads = everywhere(Pins.public(), resolver=lambda host, port: [PUBLIC])

    with pytest.raises(NotAllowed):
        fetch(downloads, url)

    assert dialled == []


@pytest.mark.parametrize("port", [22, 25, 6379, 8080])
def test_only_the_ports_of_the_web_are_open(port: int, dialled: list[tuple[str, int]]) -> None:
    downloads = everywhere(Pins.public(), resolver=lambda host, port: [PUBLIC])

    with pytest.raises(NotAllowed):
        fetch(downloads, f"http://pictures.example:{port}/x.jpg")

    assert dialled == []


def test_a_name_with_one_private_address_among_public_ones_is_refused(
    dialled: list[tuple[str, int]],
) -> None:
    downloads = everywhere(Pins.public(), resolver=lambda host, port: [PUBLIC, "127.0.0.1"])

    with pytest.raises(NotAllowed):
        fetch(downloads, "http://pictures.example/x.jpg")

    assert dialled == []


def test_each_connection_looks_up_once_and_goes_where_that_said(
    dialled: list[tuple[str, int]],
) -> None:
    answers = [[PUBLIC], [PUBLIC], ["127.0.0.1"]]
    downloads = everywhere(Pins.public(), resolver=lambda host, port: answers.pop(0))

    with pytest.raises(Upstream):  # it is refused there, by `dialled`, and tried once more
        fetch(downloads, "http://rebinding.example/x.jpg")

    assert dialled == [(PUBLIC, 80), (PUBLIC, 80)]
    assert answers == [["127.0.0.1"]]


def test_a_name_that_moves_into_our_network_is_refused_the_second_time(
    dialled: list[tuple[str, int]],
) -> None:
    answers = [[PUBLIC], ["127.0.0.1"]]
    downloads = everywhere(Pins.public(), resolver=lambda host, port: answers.pop(0))

    with pytest.raises(NotAllowed):  # the second try is
        fetch(downloads, "http://rebinding.example/x.jpg")

    assert dialled == [(PUBLIC, 80)]


def test_the_next_address_of_a_name_is_tried_when_one_does_not_answer(listener: Wire) -> None:
    pins = Pins(allow=parse_allowed(f"127.0.0.0/8:{listener.port}"))
    downloads = everywhere(pins, resolver=lambda host, port: ["127.0.0.2", "127.0.0.1"])

    assert fetch(downloads, f"http://two.example:{listener.port}/") == b"{}"


def test_a_name_with_a_thousand_addresses_is_not_tried_a_thousand_times(
    dialled: list[tuple[str, int]],
) -> None:
    many = [f"93.184.{n // 250}.{n % 250 + 1}" for n in range(1000)]
    downloads = everywhere(Pins.public(), resolver=lambda host, port: many)

    with pytest.raises(Upstream):
        fetch(downloads, "http://many.example/")

    assert len(dialled) <= 2 * 8  # each of two tries


def test_connecting_ends_with_the_deadline_too(monkeypatch: pytest.MonkeyPatch) -> None:
    time = Time()
    waited: list[float] = []

    def silent(address: tuple[str, int], timeout: float, *_: Any, **__: Any) -> socket.socket:
        waited.append(timeout)
        time.passed_s += timeout
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", silent)
    four = [f"93.184.216.{n}" for n in range(1, 5)]
    downloads = kept(
        Downloads(
            time.tools, Pins.public(), lambda host: True, "a shop",
            resolver=lambda host, port: four,
        )
    )  # fmt: skip

    with pytest.raises(Upstream), downloads.open("http://a.example/", cap_bytes=9, deadline_s=7):
        pass

    assert sum(waited) <= 7


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.1:{other}/",
        "http://localhost:{other}/",
        "http://[::ffff:127.0.0.1]:{other}/",
        "//127.0.0.1:{other}/x",
        "file:///etc/passwd",
        "gopher://127.0.0.1:{other}/",
        "http://user@127.0.0.1:{here}/",
        "http://169.254.169.254/latest/meta-data/",
    ],
)
def test_a_redirect_is_judged_like_the_first_address(target: str, listener: Wire) -> None:
    with Wire() as wire:
        to = target.format(other=listener.port, here=wire.port)
        wire.replies = [answer(b"", "302 Found", location=to)]
        downloads = everywhere(Pins(allow=parse_allowed(f"127.0.0.0/8:{wire.port}")))

        with pytest.raises(NotAllowed):
            fetch(downloads, wire.url)

        assert wire.connections == 1
        assert listener.connections == 0


def test_no_proxy_of_the_environment_is_asked(
    listener: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, listener.url)
    with Wire(answer(b"[]")) as wire:
        downloads = everywhere(Pins(allow=parse_allowed(f"127.0.0.1:{wire.port}")))

        assert fetch(downloads, wire.url) == b"[]"

    assert listener.connections == 0


def test_what_the_operator_typed_may_lie_in_the_own_network(listener: Wire) -> None:
    pins = Pins.to(listener.url)
    api = kept(Polite(listener.url, tools=Time().tools, name="Immich", pins=pins))

    assert api.get("x").json() == {}


@pytest.mark.parametrize("name", ["photos.bücher.example", "photos.xn--bcher-kva.example"])
def test_a_name_with_letters_of_its_own_is_found(name: str, listener: Wire) -> None:
    url = f"http://{name}:{listener.port}"
    names: list[str] = []

    def resolver(host: str, _port: int) -> list[str]:
        names.append(host)
        return ["127.0.0.1"]

    api = kept(Polite(url, tools=Time().tools, name="Immich", pins=Pins.to(url), resolver=resolver))

    assert api.get("x").json() == {}
    assert api.get(f"{url}/y").json() == {}
    assert names[0] == "photos.xn--bcher-kva.example"


def test_what_the_operator_typed_opens_no_other_port(listener: Wire) -> None:
    pins = Pins.to(f"http://127.0.0.1:{listener.port + 1}")

    with pytest.raises(NotAllowed):
        fetch(everywhere(pins), listener.url)

    assert listener.connections == 0


@pytest.mark.parametrize("address", ["169.254.169.254", "::ffff:169.254.169.254", "224.0.0.1"])
def test_even_a_typed_name_never_leads_to_a_clouds_secrets(
    address: str, dialled: list[tuple[str, int]]
) -> None:
    url = "http://nas.example"
    api = Polite(
        url,
        tools=Time().tools,
        name="Immich",
        pins=Pins.to(url),
        resolver=lambda host, port: [address],
    )

    with pytest.raises(NotAllowed):
        api.get("x")

    assert dialled == []


def test_tls_names_and_verifies_the_host_not_the_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_certificate(tmp_path, "pictures.example")
    named: list[str | None] = []
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    server.sni_callback = lambda sock, name, context: named.append(name)
    trusting = ssl.create_default_context(cafile=str(certificate))
    monkeypatch.setattr(sockets, "trusted", lambda: trusting)

    def speak(client: socket.socket) -> None:
        with server.wrap_socket(client, server_side=True) as secure:
            secure.recv(65_536)
            secure.sendall(answer(b"[1]"))

    with TlsWire(speak) as wire:
        pins = Pins(allow=parse_allowed(f"127.0.0.1:{wire.port}"))
        downloads = everywhere(pins, resolver=lambda host, port: ["127.0.0.1"])

        assert fetch(downloads, f"https://pictures.example:{wire.port}/") == b"[1]"
        with pytest.raises(Upstream, match=r"certificate of other\.example is not trusted"):
            fetch(downloads, f"https://other.example:{wire.port}/")

    assert named == ["pictures.example", "other.example"]


class TlsWire(Wire):
    """Hands each connection over before anything was read."""

    def _serve(self, client: socket.socket) -> None:
        reply = self.replies[0]
        assert not isinstance(reply, bytes)
        try:
            with client:
                reply(client)
        except OSError:
            pass  # the client did not like the certificate


def test_the_web_is_verified_against_known_certificates() -> None:
    context = sockets.trusted()

    assert context.check_hostname
    assert context.verify_mode is ssl.CERT_REQUIRED
