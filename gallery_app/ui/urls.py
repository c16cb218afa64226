"""Addresses of this program, with the path it is served under in front.

Behind a proxy the program may live below `/photos`; every address that the browser gets, a
link's or a picture's, must say so. The prefix is that of the request that built the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode


@dataclass(frozen=True, slots=True)
class Urls:
    """Makes addresses below `prefix` ("" at the root, else "/photos")."""

    prefix: str = ""
    assets: str = "/assets"

    def to(self, path: str, params: Mapping[str, str] | None = None) -> str:
        """A page of this program, such as `/folders` with `{"folder": "1/2016"}`."""
        return self.prefix + path + (f"?{urlencode(params)}" if params else "")

    def asset(self, name: str) -> str:
        """A file of the assets folder."""
        return f"{self.prefix}{self.assets}/{quote(name)}"

    def rendition(self, uid: str, name: str = "thumb") -> str:
        """A rendition of a picture."""
        return f"{self.prefix}/api/v1/assets/{quote(uid)}/renditions/{name}"

    def photo(self, uid: str) -> str:
        """The viewer, open on this picture."""
        return self.to("/", {"photo": uid})

    def qr(self, link_id: str) -> str:
        """The QR code of a link."""
        return f"{self.prefix}/api/v1/links/{quote(link_id)}/qr.svg"


def prefix_of(*, root_path: str, forwarded: str) -> str:
    """The path below which a request says the program is served; "" when at the root.

    Args:
        root_path: the ASGI scope's.
        forwarded: the header X-Forwarded-Prefix, "" when absent.
    """
    joined = forwarded.rstrip("/") + root_path.rstrip("/")
    # it goes into addresses: anything that is not a plain path is no prefix
    plain = joined.startswith("/") and not joined.startswith("//")
    return joined if plain and all(c.isalnum() or c in "/-._~" for c in joined) else ""
