"""What an Immich knows, in memory: assets, albums, tags, people, and how they change.

`updated` moves as it does at the real one: not when a picture is put into an album, a person is
renamed or a face is found.
"""

from __future__ import annotations

import hashlib
import random
import threading
import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache

from gallery_app.testing.pictures import sample_picture

_DISTINCT = 48  # pictures drawn for a large library; each asset still has bytes of its own
_DRAWN = (900, 600)


@dataclass(slots=True)
class Asset:
    """One asset. Times are UTC; `offset_minutes` None: the camera knew no zone."""

    id: str
    filename: str
    seed: int
    taken: datetime
    created: datetime
    updated: datetime
    kind: str = "IMAGE"
    mime: str = "image/jpeg"
    offset_minutes: int | None = None
    modified: datetime | None = None
    trashed: datetime | None = None
    visibility: str = "timeline"
    favourite: bool = False
    rating: int | None = None
    description: str = ""
    library: str | None = None
    live_video: str | None = None
    edited: bool = False
    offline: bool = False
    ready: bool = True  # whether its previews were made
    gps: tuple[float, float] | None = None
    camera: tuple[str, str] | None = None
    duration_ms: int | None = None
    stored_turned: bool = False  # orientation 6
    tags: set[str] = field(default_factory=set)
    faces: dict[str, tuple[float, float, float, float]] = field(default_factory=dict)
    data: bytes | None = None  # as uploaded; None: drawn when asked for
    sha1: bytes | None = None


@dataclass(slots=True)
class Album:
    """One album."""

    id: str
    name: str
    created: datetime
    updated: datetime
    members: dict[str, None] = field(default_factory=dict)


@dataclass(slots=True)
class Tag:
    """One tag, by its whole path."""

    id: str
    value: str
    created: datetime


@dataclass(slots=True)
class Person:
    """Somebody who was recognised."""

    id: str
    name: str
    hidden: bool = False


@cache
def _drawing(number: int) -> bytes:
    width, height = _DRAWN
    return sample_picture(number, width=width, height=height)


class World:
    """All of it. The methods are what people and jobs do at the server."""

    def __init__(self, clock: Callable[[], float], seed: int) -> None:
        self._clock = clock
        self.dice = random.Random(seed)  # noqa: S311 - a made-up library
        self.owner = self.new_id()
        self.assets: dict[str, Asset] = {}
        self.albums: dict[str, Album] = {}
        self.tags: dict[str, Tag] = {}
        self.people: dict[str, Person] = {}
        self.distinct = _DISTINCT
        self._order: list[Asset] | None = None
        self.lock = threading.RLock()

    def now(self) -> datetime:
        """The server's time."""
        return datetime.fromtimestamp(self._clock(), UTC)

    def new_id(self) -> str:
        """A fresh UUID, always the same for the same seed."""
        return str(uuid.UUID(int=self.dice.getrandbits(128), version=4))

    def newest_first(self) -> list[Asset]:
        """All assets by the time they were taken."""
        with self.lock:
            if self._order is None:
                self._order = sorted(
                    self.assets.values(), key=lambda a: (a.taken, a.id), reverse=True
                )
            return self._order

    # --- bytes -----------------------------------------------------------------------------

    def drawing(self, asset: Asset) -> bytes:
        """The picture itself, shared by some in a large library."""
        return _drawing(asset.seed % self.distinct)

    def original(self, asset: Asset) -> bytes:
        """The bytes of its file: the drawing and a comment that no other one has."""
        if asset.data is not None:
            return asset.data
        drawing = self.drawing(asset)
        words = asset.id.encode()
        comment = b"\xff\xfe" + (len(words) + 2).to_bytes(2, "big") + words
        return drawing[:-2] + comment + drawing[-2:]

    def size_of(self, asset: Asset) -> int:
        """How long that is."""
        if asset.data is not None:
            return len(asset.data)
        return len(self.drawing(asset)) + 4 + len(asset.id)

    def checksum(self, asset: Asset) -> bytes:
        """SHA-1 of the bytes; of the path for a file of an external library."""
        if asset.library is not None:
            return hashlib.sha1(f"path:/mnt/{asset.filename}".encode()).digest()  # noqa: S324
        if asset.sha1 is None:
            asset.sha1 = hashlib.sha1(self.original(asset)).digest()  # noqa: S324
        return asset.sha1

    # --- what people do --------------------------------------------------------------------

    def add(self, asset: Asset) -> Asset:
        """Take an asset in."""
        with self.lock:
            self.assets[asset.id] = asset
            self._order = None
        return asset

    def change(self, key: str, **values: object) -> None:
        """Change fields of an asset, which moves its `updated`."""
        with self.lock:
            asset = self.assets[key]
            for name, value in values.items():
                setattr(asset, name, value)
            asset.updated = self.now()
            self._order = None

    def trash(self, key: str) -> None:
        """Into the bin."""
        self.change(key, trashed=self.now())

    def restore(self, key: str) -> None:
        """Out of the bin."""
        self.change(key, trashed=None)

    def delete(self, key: str) -> None:
        """Gone for good; nothing tells of it."""
        with self.lock:
            del self.assets[key]
            self._order = None
            for album in self.albums.values():
                album.members.pop(key, None)

    def tag(self, key: str, value: str) -> None:
        """Put a tag on an asset; tags above it are made with it."""
        with self.lock:
            parts = value.split("/")
            for depth in range(1, len(parts) + 1):
                path = "/".join(parts[:depth])
                if all(tag.value != path for tag in self.tags.values()):
                    made = Tag(self.new_id(), path, self.now())
                    self.tags[made.id] = made
            found = next(tag for tag in self.tags.values() if tag.value == value)
            self.assets[key].tags.add(found.id)
            self.assets[key].updated = self.now()

    def album(self, name: str, members: Iterable[str] = ()) -> str:
        """Make an album; its id."""
        with self.lock:
            made = Album(self.new_id(), name, self.now(), self.now(), dict.fromkeys(members))
            self.albums[made.id] = made
            return made.id

    def put(self, album: str, *keys: str) -> None:
        """Put pictures into an album: the album's `updated` moves, theirs does not."""
        with self.lock:
            self.albums[album].members.update(dict.fromkeys(keys))
            self.albums[album].updated = self.now()

    def take(self, album: str, *keys: str) -> None:
        """Take pictures out of an album."""
        with self.lock:
            for key in keys:
                self.albums[album].members.pop(key, None)
            self.albums[album].updated = self.now()

    def person(self, name: str) -> str:
        """Somebody new; the id."""
        with self.lock:
            made = Person(self.new_id(), name)
            self.people[made.id] = made
            return made.id

    def fill(self, count: int, *, album_count: int, tag_count: int, person_count: int) -> None:
        """A made-up library: so many assets over ten years, the newest first of all ids."""
        dice = self.dice
        self.distinct = min(max(count, 1), _DISTINCT)
        now = self.now()
        taken = now
        for number in range(count):
            taken -= timedelta(seconds=dice.randint(1, max(2, 315_000_000 // max(count, 1))))
            moment = taken.replace(microsecond=dice.randrange(1_000_000))
            offset = dice.choice((None, 60, 120, -420, 330))
            self.add(
                Asset(
                    id=self.new_id(),
                    filename=f"IMG_{count - number:05d}.JPG",
                    seed=number,
                    taken=moment,
                    created=now - timedelta(days=30, seconds=number % 86_400),
                    updated=now - timedelta(days=29, seconds=number % 86_400),
                    offset_minutes=offset,
                    camera=dice.choice((None, ("Canon", "EOS 6D"), ("Apple", "iPhone 15"))),
                    gps=(48.1, 11.5) if number % 7 == 0 else None,
                    favourite=number % 11 == 0,
                    rating=(number % 5) + 1 if number % 13 == 0 else None,
                    description="A walk by the river" if number % 17 == 0 else "",
                )
            )
        keys = list(self.assets)
        before = now - timedelta(days=20)
        for number in range(album_count if keys else 0):
            made = self.albums[self.album(f"Album {number + 1}", keys[number::97][:40])]
            made.created = made.updated = before
        for number in range(tag_count if keys else 0):
            for key in keys[number::89][:20]:
                updated = self.assets[key].updated
                self.tag(key, ("plants/cactus", "beach", "mountains")[number % 3])
                self.assets[key].updated = updated
        for number in range(person_count if keys else 0):
            who = self.person(("Ada", "Bob", "Cleo")[number % 3])
            for key in keys[number::83][:15]:
                self.assets[key].faces[who] = (0.2, 0.1, 0.4, 0.4)
