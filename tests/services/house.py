"""A whole house for service tests: real machines in a temporary folder, decoding in-process.

The clock stands still until it is moved; nothing runs in the background unless a test runs it.
"""

from __future__ import annotations

import itertools
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, TypeVar, cast

from gallery_app.catalog.catalog import Catalog
from gallery_app.domain.errors import GalleryError
from gallery_app.domain.model import Asset, AssetId, Described, NotAPicture, Processed, Source
from gallery_app.domain.policy import UploadLimits
from gallery_app.domain.query import AssetQuery
from gallery_app.domain.renditions import RenditionSpec
from gallery_app.domain.tokens import Key, Keyring
from gallery_app.imaging.describe import describe
from gallery_app.imaging.process import process, render
from gallery_app.imaging.wire import Rendered
from gallery_app.imaging.workers import WorkerPool
from gallery_app.services.browse import Browse
from gallery_app.services.curation import Curation
from gallery_app.services.door import Door
from gallery_app.services.downloads import Downloads
from gallery_app.services.jobs import JobLedger
from gallery_app.services.media import Media
from gallery_app.services.origins import Origins
from gallery_app.services.rendering import Made, Rendering
from gallery_app.services.scanning import Scanning
from gallery_app.services.sharing import Sharing
from gallery_app.services.sources import SourceBook
from gallery_app.services.status import Status
from gallery_app.services.uploads import Uploads
from gallery_app.storage.local import Cache, Originals

Answer = list[Described | NotAPicture | GalleryError]


class InlinePool:
    """A pool without processes: each call is done when it returns, and counted."""

    def __init__(self) -> None:
        self.described = 0
        self.processed = 0
        self.rendered = 0
        self.fenced: list[bool] = []  # for each original processed
        self.held: Any = None  # a list of flights that wait; set to [] to keep work waiting

    def describe(self, paths: Sequence[str], *, priority: int, trusted: bool) -> Future[Answer]:
        """Describe now."""
        answers: Answer = []
        for path in paths:
            self.described += 1
            try:
                answers.append(describe(path))
            except GalleryError as error:
                answers.append(error)
        return _done(answers)

    def process(
        self,
        path: str,
        specs: Sequence[RenditionSpec],
        *,
        priority: int,
        trusted: bool,
        sha1: bool = False,
    ) -> Future[Processed]:
        """Process now, or hold the flight until the test lands it."""
        self.processed += 1
        self.fenced.append(not trusted)
        if self.held is not None:
            future: Future[Processed] = Future()
            self.held.append(future)
            return future
        try:
            return _done(process(path, specs, sha1=sha1))
        except GalleryError as error:
            return _failed(error)

    def render(
        self, path: str, specs: Sequence[RenditionSpec], *, priority: int, trusted: bool
    ) -> Future[Rendered]:
        """Render now."""
        self.rendered += 1
        try:
            return _done(render(path, specs))
        except GalleryError as error:
            return _failed(error)


T = TypeVar("T")


def _done(value: T) -> Future[T]:
    future: Future[T] = Future()
    future.set_result(value)
    return future


def _failed(error: GalleryError) -> Future[Any]:
    future: Future[Any] = Future()
    future.set_exception(error)
    return future


@dataclass
class Clock:
    """A clock that moves when told; call it for the time."""

    at: datetime = datetime(2026, 11, 20, 12, 0, tzinfo=timezone.utc)

    def __call__(self) -> datetime:
        return self.at

    def pass_(self, **span: float) -> None:
        """Let time go by."""
        self.at += timedelta(**span)

    def monotonic(self) -> float:
        """Seconds on a clock of its own."""
        return self.at.timestamp()


def seeded_bytes() -> Iterator[int]:
    """Numbers that never repeat, for ids."""
    return itertools.count(1)


@dataclass
class House:
    """The services over one temporary data folder."""

    root: Path
    clock: Clock = field(default_factory=Clock)
    pool: InlinePool = field(default_factory=InlinePool)
    free: int = 10**12
    base_url: str = "https://pictures.example"

    def __post_init__(self) -> None:
        data = self.root / "data"
        data.mkdir()
        self.data = data
        self.later: list[AssetId] = []
        self.keys = [_key("k001", self.clock.at)]
        self.catalog = Catalog.open(data / "gallery.db", now=self.clock, random_bytes=os.urandom)
        self.originals = _Originals(
            data / "originals", data / "incoming", data / "trash", house=self
        )
        self.cache = Cache(data / "cache")
        self.status = Status(self.catalog, monotonic=self.clock.monotonic)
        self.origins = Origins(self.catalog, self.originals)
        pool = cast("WorkerPool", self.pool)
        self.rendering = Rendering(
            self.catalog,
            self.cache,
            self.origins,
            pool,
            self.status,
        )
        self.media = Media(
            self.catalog, self.cache, self.origins, self.rendering, monotonic=self.clock.monotonic
        )
        self.sources = SourceBook(self.catalog, data_dir=data, home=self.root, now=self.clock)
        self.stop = threading.Event()
        self.scanning = Scanning(
            self.catalog,
            self.origins,
            pool,
            self.status,
            now=self.clock,
            local_time=lambda s: datetime.fromtimestamp(s, timezone.utc),
            quiet_s=2.0,
            stop=self.stop,
        )
        self.browse = Browse(self.catalog)
        self.curation = Curation(self.catalog, now=self.clock)
        self.jobs = JobLedger(self.catalog)
        self.door = Door(
            self.catalog,
            self.originals,
            self.cache,
            pool,
            limits=UploadLimits(image_bytes=2_000_000, video_bytes=4_000_000),
            min_free_bytes=1_000_000,
            now=self.clock,
            local_time=lambda s: datetime.fromtimestamp(s, timezone.utc),
        )
        self.uploads = Uploads(self.door)
        self.sharing = Sharing(
            self.catalog,
            self.media,
            keyring=lambda: Keyring(tuple(self.keys)),
            base_url=lambda: self.base_url,
            now=self.clock,
            random_bytes=os.urandom,
            draw_qr=lambda text: f"<svg>{text}</svg>",
        )
        numbers = seeded_bytes()
        self.downloads = Downloads(
            self.catalog,
            self.media,
            monotonic=self.clock.monotonic,
            new_token=lambda: f"token{next(numbers)}",
        )
        self.pictures = self.root / "Pictures"
        self.pictures.mkdir()

    def close(self) -> None:
        """Give the database back."""
        self.catalog.close()

    # --- what tests do all the time --------------------------------------------------------

    def put(self, name: str, data: bytes, *, age_s: float = 3600) -> Path:
        """A file in the watched folder, last changed `age_s` before now."""
        path = self.pictures / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        then = self.clock.at.timestamp() - age_s
        os.utime(path, (then, then))
        return path

    def watch(self) -> Source:
        """The source over the pictures folder, added when there is none."""
        for source in self.sources.list():
            if source.kind == "folder":
                return source
        return self.sources.add_folder(str(self.pictures))

    def scan(self, **options: object) -> Source:
        """Scan the whole folder and give its source."""
        source = self.watch()
        self.scanning.scan(source, **options)  # type: ignore[arg-type]  # passed on by name
        return source

    def render_all_once(self) -> list[Made]:
        """Render up to 100 described assets and record what became of them."""
        landed: list[Made] = []
        for asset_id in self.rendering.claim(100):
            self.rendering.start(asset_id, done=landed.append)
        self.later = self.rendering.record(landed)
        return landed

    def begin_all(self) -> list[Made]:
        """Begin to render every described asset; what lands in `pool.held` is heard here."""
        self.pool.held = []
        landed: list[Made] = []
        for asset_id in self.rendering.claim(100):
            self.rendering.start(asset_id, done=landed.append)
        return landed

    def render_all(self) -> None:
        """Render every described asset and record it."""
        while len(self.render_all_once()) > len(self.later):
            pass

    def all(self) -> list[Asset]:
        """Every asset of the timeline."""
        return list(self.browse.page(AssetQuery()).items)

    def only(self) -> Asset:
        """The one asset there is."""
        (asset,) = self.all()
        return asset

    def rotate_keys(self) -> None:
        """A new key signs; the old one only verifies."""
        old = self.keys[-1]
        self.keys[-1] = Key(old.kid, old.secret, old.created_at, "retired")
        self.keys.append(_key(f"k{len(self.keys) + 1:03}", self.clock.at))


class _Originals(Originals):
    """The real store on a disk whose room the test decides."""

    def __init__(self, root: Path, incoming: Path, trash: Path, *, house: House) -> None:
        super().__init__(root, incoming, trash)
        self._house = house

    def free_bytes(self) -> int:
        return self._house.free


def _key(kid: str, at: datetime) -> Key:
    return Key(kid, os.urandom(32), at)
