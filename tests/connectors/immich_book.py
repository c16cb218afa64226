"""What the tests of the Immich connector share: a clock, a connection, and a book of what came.

`Book` does with listings what a sync and the catalog do, in the plainest way.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest

from gallery_app.connectors.base import Tools
from gallery_app.connectors.immich import KIND, Immich, requests
from gallery_app.domain.remote import Listing, RemoteConfig, RemoteImage
from gallery_app.testing.immich import FakeImmich

START = datetime(2026, 11, 20, 9, 0, tzinfo=UTC).timestamp()
VERSIONS = ("1.120.0", "2.7.0", "3.1.0", "3.2.2")


class Clock:
    """Moves when told, and when somebody waits."""

    def __init__(self, at: float = START) -> None:
        self.at = at

    def __call__(self) -> float:
        return self.at

    def pass_minutes(self, minutes: float) -> None:
        self.at += minutes * 60

    def tools(self) -> Tools:
        return Tools(
            now=lambda: datetime.fromtimestamp(self.at, UTC),
            monotonic=self,
            wait=self._wait,
            chance=random.Random(1).random,
            user_agent="Gallery/test",
        )

    def _wait(self, seconds: float) -> bool:
        self.at += seconds
        return False


def connected(fake: FakeImmich, clock: Clock, *, key: str | None = None, **options: str) -> Immich:
    """The connector of that fake."""
    config = RemoteConfig(KIND.address_of(fake.url), fake.key if key is None else key, options)
    return Immich(config, clock.tools())


@contextmanager
def house(version: str = "3.1.0", **fake: object) -> Iterator[tuple[FakeImmich, Immich, Clock]]:
    """A fake, its connector and the clock of both."""
    clock = Clock()
    with FakeImmich(version=version, clock=clock, **fake) as server:  # type: ignore[arg-type]
        connector = connected(server, clock)
        try:
            yield server, connector, clock
        finally:
            connector.close()


def shrink_pages(monkeypatch: pytest.MonkeyPatch, size: int = 7) -> None:
    """Pages of seven, so that a small library has many."""
    defaults = requests.Search.__init__.__defaults__
    assert defaults is not None
    assert defaults[-1] == requests.PAGE_SIZE
    monkeypatch.setattr(requests.Search.__init__, "__defaults__", (*defaults[:-1], size))


class Book:
    """What is known of a remote after the listings that were taken in."""

    def __init__(self) -> None:
        self.cursor = ""
        self.pictures: dict[str, RemoteImage] = {}
        self.albums: dict[str, set[str]] = {}
        self.names: dict[str, str] = {}
        self.listings: list[Listing] = []
        self.walked = 0

    def sync(self, connector: Immich, *, walk: bool = False, stop_after: int | None = None) -> None:
        """One run; `stop_after` so many batches it is broken off."""
        met: set[str] = set()
        self.listings = []
        for number, listing in enumerate(connector.changes(self.cursor, walk=walk)):
            if stop_after is not None and number >= stop_after:
                return
            self.listings.append(listing)
            self._take(listing, met)

    def _take(self, listing: Listing, met: set[str]) -> None:
        self.pictures |= {image.key: image for image in listing.seen}
        for key in listing.gone:
            self.pictures.pop(key, None)
        for album, keys in listing.members:
            self.albums[album.id] = set(keys) & set(self.pictures)
            self.names[album.id] = album.name
        if listing.walking:
            met |= {image.key for image in listing.seen}
        if listing.walked:
            self.walked += 1
            for key in set(self.pictures) - met:
                del self.pictures[key]
        self.cursor = listing.cursor

    @property
    def seen(self) -> list[str]:
        """The keys of the pictures that the last run brought."""
        return [image.key for listing in self.listings for image in listing.seen]

    def album(self, name: str) -> set[str]:
        """The pictures of an album that are known."""
        keys = next(self.albums[key] for key, found in self.names.items() if found == name)
        return keys & set(self.pictures)


def differences(book: Book, fake: FakeImmich, *, names: bool = True) -> list[str]:
    """Where the book does not say what the server would; none is right.

    `names`: people and tags too (a person's new name moves no picture's time).
    """
    found = []
    shown = {asset.id: asset for asset in fake.shown()}
    if set(book.pictures) != set(shown):
        found.append(f"missing {set(shown) - set(book.pictures)}")
        found.append(f"too many {set(book.pictures) - set(shown)}")
    for key in set(shown) & set(book.pictures):
        asset, image = shown[key], book.pictures[key]
        said = image.said
        assert said is not None
        wanted = (asset.favourite, asset.rating, asset.description or None, asset.visibility)
        if (said.favourite, said.rating, said.caption, image.visibility) != wanted:
            found.append(f"{key}: {said} {image.visibility} is not {wanted}")
        if not names:
            continue
        tags = {fake.world.tags[tag].value for tag in asset.tags}
        lowest = {t for t in tags if not any(o.startswith(f"{t}/") for o in tags)}
        if set(said.tags or ()) != lowest:
            found.append(f"{key}: {said.tags} is not {lowest}")
        people = {fake.world.people[who].name for who in asset.faces}
        if {ref.name for ref in image.entities if ref.type == "person"} != people - {""}:
            found.append(f"{key}: {image.entities} is not {people}")
    for album in fake.world.albums.values():
        kept = book.albums.get(album.id, set()) & set(shown)
        if kept != set(album.members) & set(shown):
            found.append(f"album {album.name}: {kept} is not {set(album.members)}")
    left = {key for key, members in book.albums.items() if members} - set(fake.world.albums)
    found += [f"album {key} is gone" for key in left]
    return found
