"""The places of the program and how an address names them; what a page is given to work with.

The address is the state of the screen: its path is a place, its parameters are an `AssetQuery`.
The browser's side of the same is gallery-core's `view`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from gallery_app.domain.query import AssetQuery
from gallery_app.services.gallery import Gallery
from gallery_app.ui.urls import Urls


@dataclass(frozen=True, slots=True)
class Place:
    """One place: `grid` when its content is the grid; `base` what it asks of the grid by itself.

    `first`: it has a place of its own in a phone's bottom bar, the others stand under "More".
    """

    path: str
    title: str
    icon: str
    grid: bool = False
    first: bool = False
    base: tuple[tuple[str, str], ...] = ()

    @property
    def kind(self) -> str:
        """The word the style sheet knows it by."""
        return "grid" if self.grid else "page"


PLACES: tuple[Place, ...] = (
    Place("/", "Photos", "photos", grid=True, first=True),
    Place("/favourites", "Favourites", "heart", grid=True, first=True, base=(("is", "favourite"),)),
    Place("/folders", "Folders", "folder", grid=True, first=True),
    Place("/collections", "Collections", "stack"),
    Place("/products", "Products", "product"),
    Place("/links", "Links", "link", first=True),
    Place("/frames", "Frames", "frame"),
    Place("/sources", "Sources", "source"),
    Place("/jobs", "Jobs", "jobs"),
    Place("/trash", "Trash", "trash", grid=True, base=(("trashed", "1"),)),
    Place("/about", "About", "info"),
)
NOWHERE = Place("", "Not found", "warn")


def place_of(address: str) -> Place:
    """The place an address (path and query) leads to, `NOWHERE` when to none."""
    path = urlsplit(address).path.rstrip("/") or "/"
    return next((place for place in PLACES if place.path == path), NOWHERE)


def query_of(address: str) -> AssetQuery:
    """What the grid asks at this address.

    Raises:
        BadQuery: a filter in the address has a value it cannot take.
    """
    params = parse_qs(urlsplit(address).query)
    for name, value in place_of(address).base:
        params.setdefault(name, []).append(value)
    return AssetQuery.from_params(params)


@dataclass(frozen=True)
class Given:
    """What every page is given: the gallery, addresses and the clock (UTC)."""

    gallery: Gallery
    urls: Urls
    now: Callable[[], datetime]
