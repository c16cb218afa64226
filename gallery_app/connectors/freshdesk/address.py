"""Addresses of Freshdesk: where an account is, and where its pictures may lie.

Customers write the HTML of tickets, so an address in it is nothing to be trusted: only
Freshdesk's own hosts are asked, and of Amazon's storage only the folders that are Freshdesk's.
An account on the own machine (the stand-in) keeps the same rules with loopback for all hosts.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from gallery_app.connectors.freshdesk.fields import number
from gallery_app.connectors.pinned import folded_host
from gallery_app.domain.errors import BadInput
from gallery_app.domain.hosts import is_this_machine

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")
_SUFFIX = ".freshdesk.com"
_OWN = (".freshdesk.com", ".freshworks.com", ".freshdeskusercontent.com")
_S3_HOST = re.compile(r"s3(?:[.-][a-z0-9-]+)*\.amazonaws\.com")
_S3_PATH = re.compile(r"/(?:(?:euc|ind|aus)-)?cdn\.freshdesk\.com/")
_FILE_PATH = re.compile(r"/(?:production|attachments)/([0-9]{1,18})(?:/|$)")
_INLINE_PATH = "/inline/attachment"
_LONGEST = 8192  # characters of an address; signed ones have about 2,000


def address_of(text: str) -> str:
    """What a person typed, as the one form that is kept: `https://acme.freshdesk.com`.

    Raises:
        BadInput: no address of a Freshdesk account.
    """
    typed = text.strip().lower()
    if "://" not in typed:
        typed = f"https://{typed}"
    try:
        parts = urlsplit(typed)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise BadInput("This is no address of the web.") from error
    if parts.username or parts.password:
        raise BadInput("Leave user name and password out of the address; the key goes below.")
    if is_this_machine(host) and parts.scheme in {"http", "https"}:
        shown = f"[{host}]" if ":" in host else host
        return f"{parts.scheme}://{shown}:{port}" if port else f"{parts.scheme}://{shown}"
    if parts.scheme != "https":
        raise BadInput("Freshdesk is asked by https only.")
    name = host.removesuffix(_SUFFIX)
    if not _NAME.fullmatch(name) or port not in {None, 443}:
        raise BadInput(
            "Type the name of your account, such as acme or acme.freshdesk.com. Freshdesk does "
            "not answer programs at a domain of your own."
        )
    return f"https://{name}{_SUFFIX}"


def parts_of(url: str) -> SplitResult | None:
    """The parts of an address; None when it is none: customers write them."""
    try:
        return urlsplit(url) if len(url) <= _LONGEST else None
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Hosts:
    """Which addresses may be asked for pictures.

    Args:
        base: of the account.
        more: hosts that the operator allows besides.
    """

    base: str
    more: tuple[str, ...] = ()

    def host(self, host: str) -> bool:
        """Whether this host may hold pictures at all."""
        own = host.endswith(_OWN) or host in self.more or self._near(host)
        return own or _S3_HOST.fullmatch(host) is not None

    def url(self, url: str) -> bool:
        """Whether pictures may be fetched from there, as a first address or by a redirect."""
        parts = parts_of(url)
        host = _host_of(parts)
        if self._near(host):
            return True
        if parts is None or parts.scheme != "https":
            return False
        if _S3_HOST.fullmatch(host):
            return _S3_PATH.match(_plain(parts.path)) is not None
        return self.host(host)

    def in_text(self, url: str, *, by_agents: bool) -> bool:
        """Whether an `<img>` may lead there: storage only in what agents alone can write."""
        parts = parts_of(url)
        host = _host_of(parts)
        storage = _S3_HOST.fullmatch(host) is not None
        if parts is not None and self._near(host):
            storage = _S3_PATH.match(parts.path) is not None
        return self.url(url) and (by_agents or not storage)

    def _near(self, host: str) -> bool:
        """Loopback, and the account is there too."""
        return is_this_machine(host) and is_this_machine(urlsplit(self.base).hostname or "")


def _host_of(parts: SplitResult | None) -> str:
    return "" if parts is None else folded_host(parts.hostname or "")


def _plain(path: str) -> str:
    """The path without tricks: `..` or an encoded slash leads nowhere."""
    plain = unquote(path)
    return "" if ".." in plain or "\\" in plain or "//" in plain else plain


def file_number(url: str) -> int | None:
    """The attachment's number that an address of Freshdesk holds: by its path or its token."""
    parts = parts_of(url)
    if parts is None:
        return None
    if parts.path.endswith(_INLINE_PATH):
        return _of_token(parse_qs(parts.query).get("token", [""])[0])
    found = _FILE_PATH.search(parts.path)
    return int(found[1]) if found else None


def _of_token(token: str) -> int | None:
    try:
        body = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    except (IndexError, ValueError, RecursionError):
        return None
    return number(claims, "id") if isinstance(claims, dict) else None


def version_of(url: str) -> str:
    """The number behind `?` of a public file, which changes when the file does."""
    parts = parts_of(url)
    query = "" if parts is None else parts.query
    return query if query.isascii() and query.isdigit() and len(query) <= 20 else ""
