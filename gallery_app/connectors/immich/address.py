"""Which Immich is meant: what a person typed -> the one form that is kept.

Kept is what people open in a browser ("https://photos.example.org"), without `/api`.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit, urlunsplit

from gallery_app.domain.errors import BadInput

# The first part of a path that is a page of Immich's own, not where it lives.
_PAGES = frozenset(
    "api photos albums people explore search sharing archive favorites trash map memory auth "
    "admin user-settings tags folders partners share buy link".split()
)
_EXAMPLE = "Give the address you open Immich with, such as https://photos.example.org."


def address_of(text: str) -> str:
    """The address of an Immich, from whatever of it was copied.

    `host`, `host:2283`, `https://host/`, `https://host/api`, `https://host/photos/…` all name the
    same one. Without a scheme, https is meant for a name of the web and http for a machine at
    home.

    Raises:
        BadInput: it is no address.
    """
    text = text.strip()
    if not text or any(c.isspace() or ord(c) < 32 for c in text) or "\\" in text:
        raise BadInput(_EXAMPLE)
    parts = _split(text)
    if parts.scheme not in {"http", "https"}:
        raise BadInput(f"The address must begin with https:// or http://. {_EXAMPLE}")
    if parts.username is not None or parts.password is not None:
        raise BadInput("Leave the user name and password out of the address; the key is enough.")
    host = (parts.hostname or "").rstrip(".")
    try:
        port = parts.port
    except ValueError as error:
        raise BadInput(f"The port in the address is no number up to 65535. {_EXAMPLE}") from error
    if not host or port == 0:
        raise BadInput(_EXAMPLE)
    place = f"[{host}]" if ":" in host else host
    if port is not None and port != {"http": 80, "https": 443}[parts.scheme]:
        place += f":{port}"
    return urlunsplit((parts.scheme, place, _home(parts.path), "", ""))


def _split(text: str) -> SplitResult:
    try:
        if "://" in text:
            return urlsplit(text)
        bare = urlsplit(f"http://{text}")
        at_home = _at_home(bare.hostname or "", bare.port)
    except ValueError as error:
        raise BadInput(_EXAMPLE) from error
    return bare if at_home else bare._replace(scheme="https")


def _at_home(host: str, port: int | None) -> bool:
    if port is not None and port != 443:
        return True
    if "." not in host or host.endswith((".local", ".lan", ".home", ".internal", ".home.arpa")):
        return True
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _home(path: str) -> str:
    """The part of a path below which Immich lives; "" for nearly everybody."""
    kept: list[str] = []
    for part in path.split("/"):
        if part in _PAGES:
            break
        if part and part not in {".", ".."}:
            kept.append(part)
    return "".join(f"/{part}" for part in kept)
