"""What a product database answers, and the protocol that each of them keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

from gallery_app.connectors.base import Tools
from gallery_app.connectors.downloads import Downloads
from gallery_app.connectors.pinned import Pins
from gallery_app.connectors.sockets import Resolver
from gallery_app.domain.ean import Ean
from gallery_app.domain.errors import NotAllowed, Unreadable
from gallery_app.domain.remote import Finding, RemoteImage, RemoteStream

ANSWER_CAP = 4 << 20  # bytes; what is asked of a product has some 100 kB at most
PICTURE_CAP = 64 << 20
PICTURE_WITHIN_S = 180.0
LONGEST_NAME = 200
_NOWHERE = "This picture lies at an address that is not for us to ask."


@dataclass(frozen=True, slots=True)
class Found:
    """Pictures of one product, best first; none when the database does not know it.

    `parents` were listed completely: of what was known below them, the rest is gone.
    """

    name: str = ""
    page: str | None = None
    images: tuple[RemoteImage, ...] = ()
    parents: tuple[str, ...] = ()


class Database(Protocol):
    """One product database; its methods may be called from several threads at once."""

    name: str
    segments: tuple[str, ...]  # the third parts of keys that are its own

    def suits(self, ean: Ean) -> bool:
        """Whether it may know such a number at all."""

    def look_up(self, ean: Ean) -> Found:
        """All it has of that product.

        Raises:
            UpstreamThrottled, UpstreamRefused, UpstreamTimeout, Upstream: no answer, so nothing
                is known of the product either way.
        """

    def open(
        self, place: Place, *, headers: Mapping[str, str]
    ) -> AbstractContextManager[RemoteStream]:
        """The bytes of one of its pictures.

        Raises:
            UpstreamGone: there is no such picture (any more).
            Unreadable: it lies where we may not ask. Others as `look_up`.
        """

    def check(self) -> Finding:
        """Whether it answers; never raises for what it finds."""

    def close(self) -> None:
        """Give back connections."""


class Pictures:
    """The bytes that a database's pictures may have, one at a time unless told otherwise."""

    def __init__(
        self,
        tools: Tools,
        pins: Pins,
        hosts: Callable[[str], bool],
        name: str,
        *,
        resolver: Resolver,
        concurrent: int = 1,
    ) -> None:
        self._downloads = Downloads(
            tools, pins, hosts, name, concurrent=concurrent, resolver=resolver
        )

    @contextmanager
    def open(self, url: str, headers: Mapping[str, str]) -> Iterator[RemoteStream]:
        """Those at an address.

        Raises:
            Unreadable: it lies where we may not ask. Others as `Downloads.open`.
        """
        try:
            with self._downloads.open(
                url, cap_bytes=PICTURE_CAP, deadline_s=PICTURE_WITHIN_S, headers=headers
            ) as stream:
                yield stream
        except NotAllowed as error:
            raise Unreadable(_NOWHERE) from error

    def close(self) -> None:
        """Give back connections."""
        self._downloads.close()


@dataclass(frozen=True, slots=True)
class Place:
    """A key taken apart: `gtin/{14 digits}/{segment}/{name}`."""

    gtin: str
    segment: str
    name: str

    @classmethod
    def of(cls, key: str) -> Place | None:
        """The parts of a key; None when it is none."""
        parts = key.split("/")
        if len(parts) != 4 or parts[0] != "gtin" or not all(parts):
            return None
        gtin = parts[1]
        if len(gtin) != 14 or not (gtin.isascii() and gtin.isdigit()):
            return None
        return cls(gtin, parts[2], parts[3])

    @property
    def parent(self) -> str:
        """What it was listed under."""
        return f"gtin/{self.gtin}/{self.segment}"

    @property
    def key(self) -> str:
        """The whole of it."""
        return f"{self.parent}/{self.name}"

    @property
    def ean(self) -> Ean:
        """The number it is a picture of."""
        return Ean(self.gtin, self.gtin)


def code_of(ean: Ean) -> str:
    """The digits a database knows a product by: 8 or 13; of a case, those of what is inside."""
    return ean.shown if len(ean.shown) == 8 else ean.ean13


def plain(value: object, longest: int = LONGEST_NAME) -> str:
    """A text of a remote in one line, without control characters; "" when it is none."""
    if not isinstance(value, str):
        return ""
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())[:longest]


def fields_of(value: object) -> Mapping[str, object]:
    """A JSON object; an empty one when it is something else."""
    return value if isinstance(value, dict) else {}
