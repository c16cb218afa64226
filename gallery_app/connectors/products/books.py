"""Covers of books from Open Library, by ISBN.

Source: openlibrary.org/dev/docs/api/covers (address, `default=false`, 100 requests in 5 minutes).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager

from gallery_app.connectors.base import Tools
from gallery_app.connectors.pinned import Pins, place_of
from gallery_app.connectors.polite import Polite
from gallery_app.connectors.products.found import ANSWER_CAP, Found, Pictures, Place, code_of
from gallery_app.connectors.products.off import is_book
from gallery_app.connectors.products.options import Options
from gallery_app.connectors.rate import Rate
from gallery_app.connectors.sockets import Resolver, resolve
from gallery_app.domain.ean import Ean
from gallery_app.domain.entities import Attribution, EntityRef
from gallery_app.domain.errors import GalleryError, UpstreamGone
from gallery_app.domain.remote import Finding, RemoteImage, RemoteStream

NAME = "Open Library"
READS_PER_MINUTE = 15
_COVER = "cover"
_KNOWN = "9780140328721"


class Books:
    """One cover for a book, the largest there is."""

    name = NAME
    segments: tuple[str, ...] = ("books",)

    def __init__(self, options: Options, tools: Tools, *, resolver: Resolver = resolve) -> None:
        self._base = options.addresses["books"]
        self._agent = f"{tools.user_agent} ({options.contact})"
        pins = Pins(allow=options.allow)
        self._asked = Polite(
            self._base,
            tools=tools,
            name=NAME,
            pins=pins,
            headers={"user-agent": self._agent, "accept": "*/*"},
            rate=Rate(fixed=READS_PER_MINUTE),
            concurrent=1,
            body_cap=ANSWER_CAP,
            resolver=resolver,
        )
        own = place_of(self._base)[0]
        self._pictures = Pictures(
            tools,
            pins,
            lambda host: host == own or host == "archive.org" or host.endswith(".archive.org"),
            NAME,
            resolver=resolver,
        )

    def suits(self, ean: Ean) -> bool:
        """Books alone."""
        return is_book(ean)

    def look_up(self, ean: Ean) -> Found:
        """The cover, if there is one."""
        if not self._has(code_of(ean)):
            return Found()
        page = f"https://openlibrary.org/isbn/{code_of(ean)}"
        place = Place(ean.gtin, "books", _COVER)
        image = RemoteImage(
            key=place.key,
            filename=f"{code_of(ean)}.jpg",
            parent=place.parent,
            content_type="image/jpeg",
            page=page,
            entities=(EntityRef("product", ean.gtin, "", page),),
            attribution=Attribution(NAME, page),
        )
        return Found("", page, (image,), (place.parent,))

    def _has(self, isbn: str) -> bool:
        answer = self._asked.request(
            "HEAD",
            _path(isbn),
            params={"default": "false"},
            expect=(200, 301, 302, 303, 307, 308, 404),
            idempotent=True,
        )
        return answer.status != 404

    def open(
        self, place: Place, *, headers: Mapping[str, str]
    ) -> AbstractContextManager[RemoteStream]:
        """The cover's bytes."""
        if place.name != _COVER:
            raise UpstreamGone(NAME)
        return self._pictures.open(
            f"{self._base}/{_path(code_of(place.ean))}?default=false",
            {**headers, "user-agent": self._agent},
        )

    def check(self) -> Finding:
        """Whether it answers."""
        try:
            self._has(_KNOWN)
        except GalleryError as error:
            remedy = "Try again in some minutes."
            return Finding(NAME, False, error.public, remedy, required=False)  # noqa: FBT003
        return Finding(NAME, True, "It answers; no key is needed.", required=False)  # noqa: FBT003

    def close(self) -> None:
        """Give back connections."""
        self._asked.close()
        self._pictures.close()


def _path(isbn: str) -> str:
    return f"b/isbn/{isbn}-L.jpg"
