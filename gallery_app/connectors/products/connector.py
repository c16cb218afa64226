"""Pictures of products by their article number, from public databases in the order one likes.

Nothing is listed by itself: `look_up` asks for one number. The first database that has pictures
answers; the next ones are spared. A picture's key is `gtin/{14 digits}/{database}/{name}`
(`gtin/03017620422003/off/front_fr.633`), its parent the same without the name. Databases: `off`
and its sisters `obf`, `opff`, `opf`; `books`; `upcitemdb`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import AbstractContextManager

from gallery_app.connectors.base import Tools
from gallery_app.connectors.products.books import Books
from gallery_app.connectors.products.found import Database, Found, Place
from gallery_app.connectors.products.off import OpenFoodFacts
from gallery_app.connectors.products.options import Options
from gallery_app.connectors.products.upcitemdb import UpcItemDb
from gallery_app.connectors.sockets import Resolver, resolve
from gallery_app.domain.ean import Ean
from gallery_app.domain.entities import EntityRef
from gallery_app.domain.errors import NotAllowed, Upstream, UpstreamGone, UpstreamThrottled
from gallery_app.domain.remote import Budget, Findings, Listing, RemoteConfig, RemoteStream

_log = logging.getLogger(__name__)

TITLE = "Product pictures"


class Products:
    """The databases of one source, asked one after the other.

    Raises:
        BadInput: an option cannot be.
    """

    def __init__(self, config: RemoteConfig, tools: Tools, *, resolver: Resolver = resolve) -> None:
        options = Options.of(config)
        self._tools = tools
        self._off = OpenFoodFacts(options, tools, resolver=resolver)
        known: dict[str, Database] = {
            "off": self._off,
            "books": Books(options, tools, resolver=resolver),
            "upcitemdb": UpcItemDb(options, tools, resolver=resolver),
        }
        self._all = tuple(known.values())  # pictures stay where they are when the order changes
        self._order = tuple(known[name] for name in options.order)

    def __repr__(self) -> str:
        return f"Products({[database.name for database in self._order]!r})"

    def check(self) -> Findings:
        """Which of the databases answer."""
        return Findings(tuple(database.check() for database in self._order))

    def changes(self, cursor: str, *, walk: bool = False) -> Iterator[Listing]:
        """Nothing: products are asked for one by one."""
        yield from ()

    def look_up(self, ean: Ean) -> Listing:
        """All pictures that one database has of the product, best first.

        Raises:
            UpstreamThrottled, UpstreamRefused, UpstreamTimeout, Upstream: none had a picture,
                and at least one did not answer.
        """
        if ean.restricted:
            return Listing(cursor="")
        silent: list[Upstream] = []
        whole: list[str] = []
        known = Found()
        for database in self._order:
            if not database.suits(ean):
                continue
            try:
                found = database.look_up(ean)
            except (Upstream, NotAllowed) as error:
                _log.warning("%s did not answer: %s", database.name, error.code)
                silent.append(error if isinstance(error, Upstream) else _forbidden(database))
                continue
            whole += found.parents
            known = known if known.name else found
            if found.images:
                return _listing(ean, known, found, whole, silent)
        if silent:
            raise _soonest(silent)
        return _listing(ean, known, Found(), whole, silent)

    def open(
        self, key: str, *, start: int | None = None, end: int | None = None
    ) -> AbstractContextManager[RemoteStream]:
        """The bytes of a picture.

        Raises:
            UpstreamGone: no such picture. Others as the protocol says.
        """
        place = Place.of(key)
        database = next((d for d in self._all if place and place.segment in d.segments), None)
        if place is None or database is None:
            raise UpstreamGone(TITLE)
        headers = {}
        if start is not None or end is not None:
            headers["range"] = f"bytes={start or 0}-{'' if end is None else end}"
        return database.open(place, headers=headers)

    def budget(self) -> Budget:
        """That of Open Food Facts, which is the smallest by far."""
        return self._off.rate.budget(self._tools.monotonic())

    def close(self) -> None:
        """Give back connections."""
        for database in self._all:
            database.close()


def _listing(
    ean: Ean, known: Found, found: Found, whole: list[str], silent: list[Upstream]
) -> Listing:
    name = known.name or found.name
    page = found.page or known.page
    names = ", ".join(error.source for error in silent)
    return Listing(
        cursor="",
        seen=found.images,
        whole=tuple(whole),
        entities=(EntityRef("product", ean.gtin, name, page),) if name or page else (),
        note=f"No answer from {names}; there may be better pictures." if silent else None,
    )


def _forbidden(database: Database) -> Upstream:
    return Upstream(database.name, f"{database.name} lies where we may not connect to.")


def _soonest(silent: list[Upstream]) -> Upstream:
    """The failure to tell: being asked to wait before anything else, the shortest wait first."""
    waits = [error for error in silent if isinstance(error, UpstreamThrottled)]
    return min(waits, key=lambda error: error.retry_after_s) if waits else silent[0]
