"""Short verbs for the catalog's tests: put pictures on a shelf and look at it."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

from gallery_app.catalog import Catalog, NewAsset, SeenOccurrence
from gallery_app.domain.geometry import Size
from gallery_app.domain.model import (
    Asset,
    AssetId,
    Described,
    Metadata,
    Problem,
    Processed,
    QuickHash,
    Sha256,
    Source,
    SourceId,
)
from gallery_app.domain.query import AssetQuery
from gallery_app.domain.remote import RemoteImage, RemoteRow, RemoteTally

START = datetime(2026, 3, 1, 12, 0, tzinfo=timezone.utc)
TAKEN = datetime(2016, 7, 14, 18, 30)  # noqa: DTZ001  # camera time has no zone


def described(name: str = "a", **changes: object) -> Described:
    """What the head of a picture says; the quick hash follows the name."""
    plain = Described(
        media_type="jpeg",
        size=Size(4000, 3000),
        size_bytes=3_000_000,
        mtime_ns=1_000_000_007,
        quick_hash=QuickHash(name.encode().hex().ljust(32, "0")[:32]),
        metadata=Metadata(),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # field names as given


def processed(digit: str = "a", **changes: object) -> Processed:
    """What a whole read gives; the SHA-256 is 64 times `digit`."""
    plain = Processed(
        sha256=Sha256(digit * 64),
        size_bytes=3_000_000,
        mtime_ns=1_000_000_007,
        size=Size(4000, 3000),
        phash=0xF000_0000_0000_0001,
        colour=0x336699,
        placeholder=b"thumb",
        renditions={},
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # field names as given


SHA1 = "5" * 40


def image(key: str = "one", **changes: object) -> RemoteImage:
    """A picture as a photo server lists it, with facts enough to show it."""
    plain = RemoteImage(
        key=key,
        filename=f"{key.rpartition('/')[2]}.jpg",
        content_type="image/jpeg",
        size_bytes=3_000_000,
        modified_at=START,
        version="v1",
        page=f"https://photos.example/{key}",
        picture=described(key, metadata=Metadata(taken_at=TAKEN, taken_from="remote")),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # field names as given


def attachment(key: str = "ticket/4711/attachment/1", **changes: object) -> RemoteImage:
    """A picture as a desk lists it: what it is, only its bytes tell."""
    parent = "/".join(key.split("/")[:2])
    return image(key, **{"picture": None, "parent": parent, **changes})


def keys_of(catalog: Catalog, source: SourceId) -> set[str]:
    """The keys of all that a remote lists."""
    return set(catalog.remotes.unlisted_since(source, datetime(9999, 1, 1, tzinfo=timezone.utc)))


class Shelf:
    """One catalog, its folder source and its clock."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "gallery.db"
        self.time = START
        self._uids = itertools.count(1)
        self.catalog = self.reopen()
        self.source = self.catalog.sources.add("folder", "Pictures", "/pictures")
        self._inodes = itertools.count(1)

    def now(self) -> datetime:
        """The time that tests move."""
        return self.time

    def _random_bytes(self, count: int) -> bytes:
        """Uids 1, 2, 3... so that a query can name one."""
        return b"".join(next(self._uids).to_bytes(16, "big") for _ in range(count // 16))

    def wait(self, seconds: float) -> None:
        """Move the clock."""
        self.time += timedelta(seconds=seconds)

    def reopen(self) -> Catalog:
        """Open the file, closing it first if it is open here."""
        if hasattr(self, "catalog"):
            self.catalog.close()
        self.catalog = Catalog.open(self.path, now=self.now, random_bytes=self._random_bytes)
        return self.catalog

    def new(self, name: str, *, taken: datetime = TAKEN, **changes: object) -> NewAsset:
        """An asset to insert."""
        return NewAsset(name, described(name, **changes), taken, self.time)

    def put(self, *keys: str, source: Source | None = None, **changes: object) -> list[AssetId]:
        """Insert one picture per key, and offer it there."""
        news = [self.new(key.rpartition("/")[2], **changes) for key in keys]  # type: ignore[arg-type]  # fields of Described
        with self.catalog.write() as writer:
            ids = writer.insert_assets(news)
            seen = [self.seen(key, i) for key, i in zip(keys, ids, strict=True)]
            writer.put_occurrences((source or self.source).id, seen, at=self.time)
        return ids

    def put_one(self, key: str, **changes: object) -> AssetId:
        """`put` for one."""
        return self.put(key, **changes)[0]  # type: ignore[arg-type]  # fields of Described

    def seen(self, key: str, asset_id: AssetId | None) -> SeenOccurrence:
        """A file as a walk sees it."""
        return SeenOccurrence(key, asset_id, 3_000_000, 1_000_000_007, next(self._inodes))

    def offer(self, asset_id: AssetId, *keys: str, source: Source | None = None) -> None:
        """Offer an asset under more keys."""
        with self.catalog.write() as writer:
            seen = [self.seen(key, asset_id) for key in keys]
            writer.put_occurrences((source or self.source).id, seen, at=self.time)

    def lose(self, *keys: str) -> int:
        """The walk no longer finds these."""
        with self.catalog.write() as writer:
            return writer.mark_gone(self.source.id, keys, at=self.time)

    def render(self, asset_id: AssetId, digit: str = "a", **changes: object) -> AssetId:
        """Finish rendering."""
        with self.catalog.write() as writer:
            return writer.finish_render(asset_id, processed(digit, **changes))

    def fail(self, asset_id: AssetId, code: str = "unreadable") -> None:
        """Fail rendering."""
        with self.catalog.write() as writer:
            writer.fail_render(asset_id, Problem(code, "The file is damaged."))

    def photos(self, address: str = "https://photos.example") -> SourceId:
        """A photo server's source."""
        return self.catalog.sources.add("immich", "Photos", address).id

    def desk(self) -> SourceId:
        """A support desk's source."""
        return self.catalog.sources.add("freshdesk", "Desk", "https://desk.example").id

    def hear(self, source: SourceId, *images: RemoteImage, copies: bool = False) -> RemoteTally:
        """Write a listing."""
        with self.catalog.write() as writer:
            return writer.list_remote(source, images, at=self.time, copies=copies)

    def heard(self, source: SourceId, listed: RemoteImage) -> AssetId:
        """Write a listing of one picture that stands in the timeline at once."""
        self.hear(source, listed)
        asset_id = self.row(source, listed.key).asset_id
        assert asset_id is not None
        return asset_id

    def fetch(self, source: SourceId, listed: RemoteImage, digit: str = "a") -> AssetId:
        """Write a listing to be copied, and its bytes as if they had come and been stored."""
        self.hear(source, listed, copies=True)
        return self.arrive(source, listed.key, digit)

    def arrive(self, source: SourceId, key: str, digit: str = "a") -> AssetId:
        """The bytes of a listed picture came and were stored."""
        sha256, sha1 = processed(digit).sha256, digit * 40
        known = self.catalog.assets.by_sha256(sha256)
        with self.catalog.write() as writer:
            if known is None:
                new = replace(
                    self.new(key.rpartition("/")[2]), stored_key=digit, sha256=sha256, sha1=sha1
                )
                (asset_id,) = writer.insert_assets([new])
                asset_id = writer.finish_render(asset_id, processed(digit, sha1=sha1))
            else:
                asset_id = known.id
            seen = self.seen(key, asset_id)
            return writer.hold_remote(source, key, asset_id, occurrence=seen, at=self.time)

    def preview(self, asset_id: AssetId, digit: str = "e") -> None:
        """A preview of a remote's asset came and was rendered."""
        with self.catalog.write() as writer:
            writer.finish_preview(asset_id, processed(digit), digit * 64, at=self.time)

    def steps_of(self, ask: Callable[[], object]) -> int:
        """Roughly how many instructions SQLite ran to answer a question."""
        steps = 0

        def count() -> int:
            nonlocal steps
            steps += 10
            return 0

        database = self.catalog._database
        with database.reading() as connection:
            connection.set_progress_handler(count, 10)
        ask()
        connection.set_progress_handler(None, 0)
        return steps

    def row(self, source: SourceId, key: str) -> RemoteRow:
        """What is remembered of a listed picture."""
        found = self.catalog.remotes.row(source, key)
        assert found is not None
        return found

    def find(self, **params: str) -> list[AssetId]:
        """The ids that a query of these parameters answers with, smallest first."""
        query = AssetQuery.from_params({name: [value] for name, value in params.items()})
        return sorted(self.catalog.index.ids(query))

    def asset(self, asset_id: AssetId) -> Asset:
        """The whole asset, which must be there."""
        found = self.catalog.assets.by_id(asset_id)
        assert found is not None
        return found

    def all(self) -> Sequence[Asset]:
        """Every asset there is, by id."""
        ids = [AssetId(n) for n in range(1, 1 + self._top())]
        return self.catalog.assets.many(ids)

    def _top(self) -> int:
        return int(self.catalog._columns.size) - 1
