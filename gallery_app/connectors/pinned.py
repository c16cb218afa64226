"""Where connections may go: the addresses, ports and hosts that are allowed. Pure.

A host is judged by the addresses it has at the moment of connecting, see `sockets.py`; an IPv6
address that stands for an IPv4 one is judged as that one.

Source: RFC 6890 (special-purpose addresses), RFC 6052 (NAT64), RFC 3056 (6to4).
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx

from gallery_app.domain.errors import BadInput

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

WEB_PORTS = (80, 443)
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_COMPATIBLE = ipaddress.IPv6Network("::/96")
_UNICAST_V6 = ipaddress.IPv6Network("2000::/3")
# What a cloud machine is told its own secrets by: no picture ever lies there.
_METADATA = {ipaddress.ip_address("169.254.169.254"), ipaddress.ip_address("fd00:ec2::254")}


@dataclass(frozen=True, slots=True)
class Allowed:
    """One private network that may be reached; on that port alone unless it is None."""

    network: Network
    port: int | None = None

    def covers(self, address: Address, port: int) -> bool:
        """Whether that place is inside."""
        return address in self.network and self.port in {None, port}


@dataclass(frozen=True, slots=True)
class Pins:
    """Where connections may go: public addresses on `ports`, and what is named besides.

    `typed` are hosts and ports that the operator typed as an address: they may lie anywhere,
    in the own network too.
    """

    allow: tuple[Allowed, ...] = ()
    ports: tuple[int, ...] = WEB_PORTS
    typed: tuple[tuple[str, int], ...] = ()

    @classmethod
    def public(cls) -> Pins:
        """Public addresses only, on the ports of the web."""
        return cls()

    @classmethod
    def to(cls, url: str, *, allow: tuple[Allowed, ...] = ()) -> Pins:
        """Only that one host and port (and `allow`), wherever the host may lie."""
        return cls(allow=allow, ports=(), typed=(place_of(url),))

    def permits(self, host: str, port: int, address: str) -> bool:
        """Whether `host`, found at `address`, may be connected to on `port`."""
        try:
            found = _unwrapped(ipaddress.ip_address(address.partition("%")[0]))
        except ValueError:
            return False
        if any(allowed.covers(found, port) for allowed in self.allow):
            return True
        if found in _METADATA or found.is_multicast:
            return False
        return (folded_host(host), port) in self.typed or (port in self.ports and _public(found))


def parse_allowed(text: str) -> tuple[Allowed, ...]:
    """The networks of a text such as `127.0.0.0/8:8481, 10.0.0.0/8, [fd00::/8]:443`.

    Raises:
        BadInput: one of them is no network.
    """
    return tuple(_one_allowed(part) for part in text.replace(",", " ").split())


def _one_allowed(part: str) -> Allowed:
    network, port = part, ""
    if part.startswith("["):
        network, _, port = part[1:].partition("]")
        port = port.removeprefix(":")
    elif part.count(":") == 1:
        network, _, port = part.partition(":")
    try:
        number = 1 + range(1, 65536).index(int(port)) if port else None
        return Allowed(ipaddress.ip_network(network, strict=False), number)
    except ValueError as error:
        raise BadInput(
            f"“{part[:60]}” is no network; write it like 10.0.0.0/8 or 127.0.0.1:8481."
        ) from error


def place_of(url: str) -> tuple[str, int]:
    """Host (folded) and port of an address.

    Raises:
        BadInput: it is no http or https address of a host.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        url_of(url)
    except (ValueError, httpx.InvalidURL) as error:
        raise BadInput("This is no address of the web.") from error
    if parts.scheme not in {"http", "https"} or not host:
        raise BadInput("An address begins with http:// or https:// and names a host.")
    return folded_host(host), port or (443 if parts.scheme == "https" else 80)


def folded_host(host: str) -> str:
    """A host as it is compared: ASCII ("xn--…"), small letters, no dot at the end, no brackets."""
    folded = host.strip("[]").rstrip(".").lower()
    if folded.isascii():
        return folded
    try:
        return httpx.URL(scheme="http", host=folded).raw_host.decode("ascii")
    except httpx.InvalidURL:
        return folded


def url_of(text: str) -> httpx.URL:
    """An address, parsed.

    Raises:
        httpx.InvalidURL: it is none; what httpx stumbles over (half a character, a name such as
            "xn--a") among them.
    """
    try:
        url = httpx.URL(text)
        url.host  # noqa: B018  # decodes it
    except UnicodeError as error:
        raise httpx.InvalidURL("a broken address") from error
    return url


def host_of(url: httpx.URL) -> str:
    """The host of a parsed address, folded."""
    return folded_host(url.raw_host.decode("ascii"))


def _unwrapped(address: Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, else itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    inner = address.ipv4_mapped or address.sixtofour
    if inner is not None:
        return inner
    if address.teredo is not None:
        return address.teredo[1]
    wrapped = address in _NAT64 or address in _COMPATIBLE
    if wrapped and int(address) > 1:  # :: and ::1 are themselves
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def _public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv6Address) and address not in _UNICAST_V6:
        return False
    return address.is_global and not address.is_multicast
