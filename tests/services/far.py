"""Remotes for service tests: connectors that answer what they are told, and a book of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime

from gallery_app.catalog.values import SeenOccurrence
from gallery_app.connectors.base import Connector, Offer, Taken
from gallery_app.domain.ean import Ean
from gallery_app.domain.entities import EntityRef
from gallery_app.domain.errors import GalleryError, NotFound, UpstreamRefused
from gallery_app.domain.geometry import Box
from gallery_app.domain.model import AssetId, Job, Source, SourceId
from gallery_app.domain.remote import Budget, Findings, Listing, RemoteImage, RemoteStream
from tests.services.house import House


class Plain:
    """What every connector has, and nobody asks for here."""

    def check(self) -> Findings:
        """All is well."""
        return Findings(())

    def changes(self, cursor: str, *, walk: bool = False) -> Iterator[Listing]:
        """Nothing new."""
        yield from ()

    def open(
        self, key: str, *, start: int | None = None, end: int | None = None
    ) -> AbstractContextManager[RemoteStream]:
        """No bytes."""
        raise NotFound("picture")

    def budget(self) -> Budget:
        """Unknown."""
        return Budget(None, None, None)

    def close(self) -> None:
        """Nothing to give back."""


@dataclass
class Library(Plain):
    """An Immich that finds and takes pictures; `failing` are raised by the next calls."""

    answers: dict[str, list[str]] = field(default_factory=dict)
    searching: bool = True
    asked: list[tuple[str, int]] = field(default_factory=list)
    has: dict[str, str] = field(default_factory=dict)  # SHA-1 to key
    trashed: set[str] = field(default_factory=set)  # SHA-1 of those of them in its trash
    offers: list[Offer] = field(default_factory=list)
    failing: dict[str, GalleryError] = field(default_factory=dict)  # by file name
    before_upload: Callable[[Offer], None] = lambda offer: None
    seen: dict[str, tuple[Box, ...]] = field(default_factory=dict)  # faces by key
    looked: list[str] = field(default_factory=list)
    before_look: Callable[[str], None] = lambda key: None

    def faces(self, key: str) -> tuple[Box, ...]:
        """As told, counted."""
        self.looked.append(key)
        self.before_look(key)
        return self.seen.get(key, ())

    def can_search(self) -> bool:
        """As told."""
        return self.searching

    def search(self, text: str, *, limit: int) -> list[str]:
        """As told, counted."""
        self.asked.append((text, limit))
        return self.answers.get(text, [])[:limit]

    def known(self, sha1s: Sequence[str]) -> dict[str, Taken]:
        """What it has."""
        return {sha1: self._taken(sha1, created=False) for sha1 in sha1s if sha1 in self.has}

    def upload(self, offer: Offer) -> Taken:
        """Take it, unless it is to fail."""
        self.before_upload(offer)
        error = self.failing.pop(offer.filename, None)
        if error is not None:
            raise error
        assert offer.path.stat().st_size == offer.size_bytes
        created = offer.sha1 not in self.has
        self.has.setdefault(offer.sha1, f"key-{len(self.has)}")
        self.offers.append(offer)
        return self._taken(offer.sha1, created=created)

    def _taken(self, sha1: str, *, created: bool) -> Taken:
        return Taken(self.has[sha1], created, sha1 in self.trashed)


@dataclass
class Shop(Plain):
    """A product database: `answers` are given one after the other, errors are raised."""

    answers: list[Listing | GalleryError] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    def look_up(self, ean: Ean) -> Listing:
        """The next answer."""
        self.asked.append(ean.gtin)
        answer = self.answers.pop(0) if self.answers else Listing(cursor="")
        if isinstance(answer, GalleryError):
            raise answer
        return answer


@dataclass
class Desk(Plain):
    """A help desk whose tickets can be read one at a time."""

    def read(self, parent: str) -> Iterator[Listing]:
        """Nothing by itself; tests say what a hint leads to."""
        yield from ()


@dataclass
class Book:
    """Stands for the book of remotes."""

    house: House
    connectors: dict[SourceId, Connector] = field(default_factory=dict)
    synced: list[int] = field(default_factory=list)
    hinted: list[tuple[int, str]] = field(default_factory=list)
    on_hint: Callable[[int, str], None] = lambda number, parent: None

    def connect(self, kind: str, connector: Connector, name: str = "") -> Source:
        """A new remote source that `connector` answers for."""
        count = len(self.connectors)
        source = self.house.catalog.sources.add(kind, name or f"My {kind}", f"http://{count}.test")
        self.connectors[source.id] = connector
        return source

    def connector(self, source_id: SourceId) -> Connector:
        """The one that was connected."""
        if source_id not in self.connectors:
            raise UpstreamRefused("gone")
        return self.connectors[source_id]

    def sync_now(self, number: int) -> Job:
        """Written down."""
        self.synced.append(number)
        return self.house.catalog.jobs.put("sync", f"sync:{number}", subject="sync")

    def hint(self, number: int, parent: str) -> Job:
        """Written down, and what a test says happens."""
        self.hinted.append((number, parent))
        job = self.house.catalog.jobs.put("sync", f"sync:{number}:{parent}", subject=parent)
        self.on_hint(number, parent)
        self.house.catalog.jobs.done(job.id)
        return job


def list_images(house: House, source: Source, *images: RemoteImage) -> None:
    """Write what a remote listed, as a sync does."""
    with house.catalog.write() as writer:
        writer.list_remote(source.id, images, at=house.clock.at, copies=True)


def hold(house: House, source: Source, key: str, asset_id: AssetId) -> None:
    """The bytes of a listed picture came and are those of that asset."""
    seen = SeenOccurrence(key=key, asset_id=asset_id, size_bytes=1, mtime_ns=0, inode=0)
    with house.catalog.write() as writer:
        writer.hold_remote(source.id, key, asset_id, occurrence=seen, at=house.clock.at)


def image(
    key: str,
    *entities: EntityRef,
    parent: str = "",
    private: bool = False,
    focus: tuple[float, float] | None = None,
    created_at: datetime | None = None,
    filename: str = "",
) -> RemoteImage:
    """A picture as a remote lists it."""
    name = filename or key.rpartition("/")[2] + ".jpg"
    return RemoteImage(
        key=key, filename=name, parent=parent, entities=entities, private=private, focus=focus,
        created_at=created_at, version="1",
    )  # fmt: skip
