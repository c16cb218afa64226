"""A made-up remote in memory: its pictures, its faults, and the connector that reaches it."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from gallery_app.connectors.base import Field, Kind
from gallery_app.domain.errors import BadInput, GalleryError, UpstreamGone
from gallery_app.domain.geometry import Size
from gallery_app.domain.model import Described, Metadata, QuickHash
from gallery_app.domain.remote import (
    Budget,
    EntityRef,
    Finding,
    Findings,
    Listing,
    RemoteConfig,
    RemoteImage,
    RemoteStream,
)
from tests.pictures import make_picture

KEY = "secret-key-1234567890"
FEW = 3  # pictures in one batch
_COLOURS = (("red", "Red"), ("blue", "Blue"))


@dataclass
class Item:
    """One picture at a remote."""

    key: str
    data: bytes
    filename: str
    parent: str = ""
    version: str = "1"
    content_type: str = "image/jpeg"
    entities: tuple[EntityRef, ...] = ()
    size_bytes: int | None = None
    sha1: str | None = None
    preview: bytes | None = None
    private: bool = False


@dataclass
class Remote:
    """The outside: pictures, what was told of them so far, and what goes wrong."""

    items: dict[str, Item] = field(default_factory=dict)
    told: list[str] = field(default_factory=list)  # keys in the order they changed
    key: str = KEY
    fails: list[GalleryError | None] = field(default_factory=list)  # of the next listings
    fails_open: list[GalleryError | None] = field(default_factory=list)
    listed: int = 0  # batches given out
    opened: list[str] = field(default_factory=list)
    previewed: list[str] = field(default_factory=list)
    configs: list[RemoteConfig] = field(default_factory=list)  # of connectors that asked
    closed: int = 0
    before_batch: Callable[[], None] = lambda: None
    before_bytes: Callable[[], None] = lambda: None
    pictures: bool = False  # it tells enough to show them before a byte came
    cut: set[str] = field(default_factory=set)  # whose bytes end early
    unsized: set[str] = field(default_factory=set)  # of which it does not say how many come
    last: list[Listing] = field(default_factory=list)  # given out instead of what it has

    def put(self, key: str, data: bytes | None = None, **more: Any) -> Item:
        """A picture that is new or changed there."""
        data = picture(len(self.told) + 1) if data is None else data
        name = more.pop("filename", key.rpartition("/")[2] + ".jpg")
        item = Item(key, data, name, **more)
        self.items[key] = item
        self.told.append(key)
        return item

    def fill(self, count: int) -> list[str]:
        """So many pictures, three to a ticket; their keys."""
        keys = list(numbered(count))
        for key in keys:
            self.put(key, parent=key.rpartition("/")[0])
        return keys

    def listing(self) -> list[RemoteImage]:
        """All of them as they are listed."""
        return [_image(item, pictures=self.pictures) for item in self.items.values()]

    def take_away(self, key: str) -> None:
        """The remote has it no more."""
        del self.items[key]


class FakeConnector:
    """Reaches a Remote."""

    def __init__(self, remote: Remote, config: RemoteConfig) -> None:
        self._remote = remote
        self._config = config
        self._used = False

    def check(self) -> Findings:
        """One line: the key."""
        self._use()
        ok = self._config.secret == self._remote.key
        return Findings((Finding("Key", ok=ok, detail="good" if ok else "bad"),), {"version": "1"})

    def changes(self, cursor: str, *, walk: bool = False) -> Iterator[Listing]:
        """What was told since, FEW at a time; then everything, if asked."""
        remote = self._remote
        if remote.last:
            for listing in remote.last:
                self._next()
                yield listing
            return
        at = int(cursor or 0)
        told = list(dict.fromkeys(remote.told[at:]))
        if not told and not walk:
            self._next()  # even to hear of nothing it must be asked
        for start in range(0, len(told), FEW):
            self._next()
            part = told[start : start + FEW]
            at = min(len(remote.told), int(cursor or 0) + start + FEW)
            yield Listing(str(at), seen=self._seen(part), progress={"pictures": start + len(part)})
        if walk:
            keys = sorted(remote.items)
            for start in range(0, max(1, len(keys)), FEW):
                self._next()
                last = start + FEW >= len(keys)
                yield Listing(
                    str(len(remote.told)),
                    seen=self._seen(keys[start : start + FEW]),
                    walking=True,
                    walked=last,
                )

    def read(self, parent: str) -> Iterator[Listing]:
        """What lies below a parent."""
        self._next()
        keys = [k for k, i in self._remote.items.items() if i.parent == parent]
        yield Listing("", seen=self._seen(keys), whole=(parent,))

    def open(
        self, key: str, *, start: int | None = None, end: int | None = None
    ) -> AbstractContextManager[RemoteStream]:
        """The bytes."""
        self._remote.opened.append(key)
        item = self._remote.items.get(key)
        return self._stream(key, None if item is None else item.data, start, end)

    @contextmanager
    def _stream(
        self, key: str, data: bytes | None, start: int | None = None, end: int | None = None
    ) -> Iterator[RemoteStream]:
        self._use()
        if self._remote.fails_open and (error := self._remote.fails_open.pop(0)) is not None:
            raise error
        if data is None:
            raise UpstreamGone
        part = data[start or 0 : None if end is None else end + 1]
        sent = part[: len(part) // 2] if key in self._remote.cut else part
        chunks = iter([sent[at : at + 1000] for at in range(0, len(sent), 1000)])
        self._remote.before_bytes()
        size, total = (None, None) if key in self._remote.unsized else (len(part), len(data))
        yield RemoteStream(chunks, "image/jpeg", size, total, start or 0)

    def budget(self) -> Budget:
        """None known."""
        return Budget(100, 90, 60)

    def close(self) -> None:
        """Count it, when it was used."""
        self._remote.closed += self._used

    def _use(self) -> None:
        if not self._used:
            self._used = True
            self._remote.configs.append(self._config)

    def _next(self) -> None:
        self._use()
        self._remote.before_batch()
        if self._remote.fails and (error := self._remote.fails.pop(0)) is not None:
            raise error
        self._remote.listed += 1

    def _seen(self, keys: list[str]) -> tuple[RemoteImage, ...]:
        items = [self._remote.items[key] for key in keys if key in self._remote.items]
        return tuple(_image(item, pictures=self._remote.pictures) for item in items)


class FakePreviewer(FakeConnector):
    """A remote that makes previews."""

    def preview(self, key: str) -> AbstractContextManager[RemoteStream]:
        """The preview, 404 while there is none."""
        self._remote.previewed.append(key)
        item = self._remote.items.get(key)
        return self._stream(key, None if item is None else item.preview)


def _image(item: Item, *, pictures: bool) -> RemoteImage:
    at = datetime.fromisoformat("2026-05-01T10:00:00+00:00")
    described = Described(
        media_type="jpeg",
        size=Size(120, 80),
        size_bytes=item.size_bytes or len(item.data),
        mtime_ns=int(at.timestamp() * 1e9),
        quick_hash=QuickHash("0" * 32),
        metadata=Metadata(taken_at=at.replace(tzinfo=None), taken_from="remote"),
    )
    return RemoteImage(
        item.key,
        item.filename,
        parent=item.parent,
        content_type=item.content_type,
        size_bytes=item.size_bytes if item.size_bytes is not None else len(item.data),
        created_at=at,
        modified_at=at,
        version=item.version,
        sha1=item.sha1,
        private=item.private,
        entities=item.entities,
        picture=described if pictures else None,
    )


def kind(
    name: str,
    remote: Remote,
    connector: Callable[[Remote, RemoteConfig], FakeConnector],
    *,
    copies: bool,
) -> Kind:
    return Kind(
        name,
        name.title(),
        (
            Field("address", "Address", required=True),
            Field("key", "Key", kind="secret", required=True),
            Field("mirror", "Mirror", kind="flag", default="0"),
            Field("min_px", "Least size"),
            Field(
                "colour",
                "Colour",
                kind="choice",
                choices=(("red", "Red"), ("blue", "Blue")),
                default="red",
            ),
            Field("token", "Token", kind="secret"),
        ),
        address_of=_address,
        open=lambda config, _tools: connector(remote, config),
        copies=copies,
    )


def _address(text: str) -> str:
    if not text.startswith("https://"):
        raise BadInput("Begin the address with https://.")
    return text.rstrip("/").lower()


def picture(seed: int, sentence: str = "120x80 jpeg") -> bytes:
    """A picture unlike those of other seeds."""
    return make_picture(f"{sentence}, noise seed {seed}")


def sha1_of(data: bytes) -> str:
    """As a remote tells it."""
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()


def numbered(count: int) -> Iterator[str]:
    """Keys of pictures."""
    return (f"ticket/{n // 3}/{n}" for n in itertools.islice(itertools.count(), count))
