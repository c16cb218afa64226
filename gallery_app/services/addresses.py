"""The addresses of links: how a row becomes a signed URL, and how its id is spelt."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from urllib.parse import urlsplit

from gallery_app.domain.model import ShareLink, uid_to_bytes
from gallery_app.domain.renditions import RENDITIONS
from gallery_app.domain.tokens import NO_ASSET, Claims, Keyring

ORIGINAL = "original"
_DIGITS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford, as in a Uid


class Addresses:
    """Signs addresses below one base."""

    def __init__(self, keyring: Callable[[], Keyring], base_url: Callable[[], str]) -> None:
        self._keyring = keyring
        self._base_url = base_url

    @property
    def host(self) -> str:
        """The host links point at, "" when the base names none."""
        return urlsplit(self._base_url()).hostname or ""

    def url(self, link: ShareLink, uid: str | None) -> str:
        """The whole address of one picture of a link; of its page when `uid` is None."""
        return self._base_url() + self.path(link, uid)

    def path(self, link: ShareLink, uid: str | None, rendition: str | None = None) -> str:
        """The same without scheme and host; equal links have equal paths.

        `rendition` may be the link's own or its preview.
        """
        claims = Claims(
            purpose="link",
            link=link_bytes_of(link.id),
            asset=(uid_to_bytes(uid) or NO_ASSET) if uid is not None else NO_ASSET,
            rendition=rendition or link.rendition,
            expires_at=link.expires_at,
        )
        return f"/i/{self._keyring().sign(claims)}/{_decoration(link, uid)}"


def preview_of(link: ShareLink) -> str:
    """What a page shows of each picture of a link: never more than the link itself gives."""
    return link.rendition if link.rendition == "thumb" else "small"


@lru_cache(4096)
def link_id_of(raw: bytes) -> str:
    """16 base32 digits of 10 bytes."""
    number = int.from_bytes(raw, "big")
    return "".join(_DIGITS[(number >> shift) & 31] for shift in range(75, -1, -5))


def link_bytes_of(link_id: str) -> bytes:
    """The 10 bytes that `link_id_of` spells so."""
    number = 0
    for digit in link_id:
        number = number << 5 | _DIGITS.index(digit)
    return number.to_bytes(10, "big")


def _decoration(link: ShareLink, uid: str | None) -> str:
    """A neutral name at the end of the address: file names can tell more than one means to."""
    if uid is None:
        return "pictures"
    if link.rendition == ORIGINAL:
        return "picture"
    spec = RENDITIONS[link.rendition]
    return f"picture.{'jpg' if spec.format == 'jpeg' else spec.format}"
