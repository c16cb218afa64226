"""Composition: the one place that knows every machine and service and wires them together.

`build` makes a Gallery over a data folder. Only here (and in `app.py`, which puts the faces on
it) are the real clock, the real randomness and the real environment taken; everybody else is
handed them. Read `build` from top to bottom: machines, then services, then what runs by itself.
"""

from __future__ import annotations

import math
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

from gallery_app import __version__
from gallery_app.catalog.catalog import Catalog
from gallery_app.connectors import CONNECTORS
from gallery_app.connectors.base import Kind, Tools
from gallery_app.connectors.folder_watch import FolderWatch
from gallery_app.domain.policy import UploadLimits
from gallery_app.imaging.qr import draw_qr
from gallery_app.imaging.workers import WorkerPool
from gallery_app.services.browse import Browse
from gallery_app.services.curation import Curation
from gallery_app.services.door import Door
from gallery_app.services.downloads import Downloads
from gallery_app.services.entities import Entities
from gallery_app.services.errands import Errands
from gallery_app.services.fetching import Fetching
from gallery_app.services.frames import FrameBook
from gallery_app.services.gallery import About, Gallery
from gallery_app.services.hashing import Hashing
from gallery_app.services.health import HealthChecks
from gallery_app.services.hooks import Hooks
from gallery_app.services.jobs import JobLedger
from gallery_app.services.media import Media
from gallery_app.services.origins import Origins
from gallery_app.services.passing import Passing
from gallery_app.services.previews import Previews
from gallery_app.services.products import ProductBook
from gallery_app.services.pushing import Pushing
from gallery_app.services.recognition import Recognition
from gallery_app.services.remote_background import FETCH_THREADS, RemoteBackground, Runner
from gallery_app.services.remotes import RemoteBook
from gallery_app.services.rendering import Rendering
from gallery_app.services.scanning import Scanning
from gallery_app.services.sharing import Sharing
from gallery_app.services.similar import Similar
from gallery_app.services.smart import SmartSearch
from gallery_app.services.sources import SourceBook
from gallery_app.services.status import Status
from gallery_app.services.subjects import Subjects
from gallery_app.services.sync import Sync
from gallery_app.services.ticket_gallery import TicketGallery
from gallery_app.services.uploads import Uploads
from gallery_app.services.worker import Background
from gallery_app.settings import Settings
from gallery_app.storage.keys import KeysInUse, load_or_create_secret
from gallery_app.storage.local import Cache, Originals
from gallery_app.storage.shelf import Shelf
from gallery_app.storage.space import reserve_bytes, space
from gallery_app.storage.spool import Spool, spool_bytes
from gallery_app.storage.vault import Vault

STALE_UPLOAD_S = 3600.0
# Enough that workers never wait for the writing of rows, which is done by the group.
FLIGHTS_PER_WORKER = 16
SYNC_THREADS = 8  # syncs of different sources at once; a first one may take hours
MOST_SHELVED = 30  # pictures made for frames


@dataclass(frozen=True, slots=True)
class Store:
    """The folders of a data folder, made when they are not there."""

    root: Path

    def __post_init__(self) -> None:
        for folder in (self.root, self.secrets):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    @property
    def index(self) -> Path:
        """The database file."""
        return self.root / "gallery.db"

    @property
    def secrets(self) -> Path:
        """Keys, readable by their owner alone."""
        return self.root / "secrets"

    def originals(self) -> Originals:
        """The store of uploaded originals."""
        return Originals(self.root / "originals", self.root / "incoming", self.root / "trash")

    def cache(self) -> Cache:
        """The renditions, which may be deleted while the program is stopped."""
        return Cache(self.root / "cache")


def build(
    settings: Settings,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
    monotonic: Callable[[], float] = time.monotonic,
    random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    connectors: Mapping[str, Kind] = CONNECTORS,
) -> Gallery:
    """A Gallery over the settings' data folder; nothing runs before its `start`.

    Args:
        settings: read once, here.
        now: UTC clock.
        monotonic: seconds, for waiting.
        random_bytes: a cryptographic source.
        connectors: the kinds of remotes that can be connected.

    Raises:
        Misconfigured: keys or index are damaged or of a newer program.
        OutOfSpace: the disk cannot even take an empty index.
    """
    store = Store(settings.data_dir)
    vault = Vault(store.secrets, random_bytes)
    catalog = Catalog.open(store.index, now=now, random_bytes=random_bytes)
    originals, cache = store.originals(), store.cache()
    now_s, known = now().timestamp(), catalog.assets.stored_keys
    originals.sweep(older_than_s=STALE_UPLOAD_S, now_s=now_s)
    originals.sweep_rowless(known, older_than_s=STALE_UPLOAD_S, now_s=now_s)
    cache.sweep(older_than_s=0, now_s=math.inf)  # no other process writes here
    room = space(store.root)
    reserve = reserve_bytes(room.total_bytes, min_free_bytes=settings.min_free_mb * 1_000_000)
    spool = Spool(store.root / "spool", limit_bytes=spool_bytes(room.total_bytes))
    pool = WorkerPool(settings.workers)
    stop, errands = threading.Event(), Errands()
    chance = secrets.SystemRandom().random
    base_url = settings.public_url or f"http://{settings.host}:{settings.port}"
    limits = UploadLimits(settings.image_limit_mb * 1_000_000, settings.video_limit_mb * 1_000_000)

    # How remotes are reached.
    def hook_token(number: int) -> str:
        return hooks.token(number)

    def wake() -> None:
        book.changed()

    book = RemoteBook(
        catalog,
        vault,
        connectors,
        tools=Tools(now, monotonic, stop.wait, chance, f"gallery/{__version__}"),
        base_url=lambda: base_url,
        hook_token=hook_token,
    )
    hooks_secret = load_or_create_secret(store.secrets, "hooks", random_bytes)
    hooks = Hooks(catalog, book, secret=bytes.fromhex(hooks_secret), monotonic=monotonic)

    # Pictures: where they are, how they come in, how they are shown.
    status = Status(catalog, monotonic=monotonic)
    door = Door(
        catalog,
        originals,
        cache,
        pool,
        limits=limits,
        min_free_bytes=reserve,
        now=now,
        local_time=_local_time,
    )
    passing = Passing(
        catalog,
        book,
        spool,
        errands,
        limit_bytes=door.largest_bytes,
        require_room=door.require_room,
    )
    origins = Origins(catalog, originals, passing)
    rendering = Rendering(catalog, cache, origins, pool, status)
    previews = Previews(catalog, door, pool, passing, errands, now=now, stop=stop)
    media = Media(catalog, cache, origins, rendering, previews, monotonic=monotonic)
    browse, jobs = Browse(catalog), JobLedger(catalog)
    smart = SmartSearch(catalog, book)

    # What runs by itself.
    sources = SourceBook(catalog, data_dir=store.root, home=Path.home(), now=now)
    scanning = Scanning(
        catalog,
        origins,
        pool,
        status,
        now=now,
        local_time=_local_time,
        quiet_s=settings.quiet_s,
        stop=stop,
    )
    background = Background(
        catalog,
        sources,
        scanning,
        rendering,
        status,
        watch=FolderWatch,
        now=now,
        monotonic=monotonic,
        free_bytes=originals.free_bytes,
        min_free_bytes=reserve,
        rescan_s=settings.rescan_minutes * 60.0,
        quiet_s=settings.quiet_s,
        flights=settings.workers * FLIGHTS_PER_WORKER,
        stop=stop,
    )
    products = ProductBook(catalog, book, now=now, chance=chance, wake=wake)
    pushing = Pushing(
        catalog,
        book,
        original_file=media.original_file,
        now=now,
        local_time=lambda at: at.astimezone(),
        stop=stop,
        wake=wake,
    )
    sync = Sync(
        catalog,
        book,
        Hashing(catalog, origins, stop=stop),
        now=now,
        monotonic=monotonic,
        stop=stop,
    )
    fetching = Fetching(
        catalog,
        book,
        door,
        previews,
        threads=FETCH_THREADS,
        now=now,
        monotonic=monotonic,
        stop=stop,
        look=Recognition(catalog, origins, pool).look,
    )
    remote_background = RemoteBackground(
        catalog,
        book,
        fetching,
        [
            Runner("sync", sync.run, SYNC_THREADS),
            Runner("product", products.run_product),
            Runner("push", pushing.run_push),
        ],
        now=now,
        monotonic=monotonic,
        stop=stop,
        chores=[catalog.kept.sweep],
    )
    sync.wanted = jobs.changed = remote_background.wake
    health = HealthChecks(
        catalog,
        data_dir=store.root,
        min_free_bytes=reserve,
        alive_workers=pool.alive,
        wanted_workers=settings.workers,
        watch_warning=lambda: background.watch_warning,
        resting=lambda number: book.resting(number),  # noqa: PLW0108  # it is set at the start
    )

    def release() -> None:
        book.close()
        pool.close()
        health.close()
        catalog.close()

    return Gallery(
        browse=browse,
        media=media,
        uploads=Uploads(door),
        sharing=Sharing(
            catalog,
            media,
            keyring=KeysInUse(
                store.secrets, now=now, monotonic=monotonic, random_bytes=random_bytes
            ),
            base_url=lambda: base_url,
            now=now,
            random_bytes=random_bytes,
            draw_qr=draw_qr,
        ),
        curation=Curation(catalog, now=now),
        sources=sources,
        remotes=book,
        entities=Entities(catalog, browse),
        similar=Similar(catalog, browse),
        products=products,
        pushing=pushing,
        smart=smart,
        frames=FrameBook(
            catalog,
            browse,
            media,
            smart,
            Subjects(catalog, book, errands),
            Shelf(store.root / "frames", most=MOST_SHELVED),
            now=now,
            monotonic=monotonic,
            chance=chance,
            random_bytes=random_bytes,
            default_query=settings.default_query,
        ),
        tickets=TicketGallery(catalog, book, monotonic=monotonic, wait=stop.wait),
        hooks=hooks,
        jobs=jobs,
        downloads=Downloads(
            catalog, media, monotonic=monotonic, new_token=lambda: random_bytes(16).hex()
        ),
        status=status,
        health=health,
        background=background,
        remote_background=remote_background,
        about=About(
            version=__version__,
            data_dir=str(store.root),
            public_url=settings.public_url,
            image_limit_bytes=limits.image_bytes,
            video_limit_bytes=limits.video_bytes,
        ),
        release=release,
    )


def _local_time(seconds: float) -> datetime:
    """Local wall time of a file's time; a nonsense one counts as 1970."""
    try:
        return datetime.fromtimestamp(seconds, timezone.utc).astimezone()
    except (OverflowError, ValueError, OSError):
        return datetime(1970, 1, 1, tzinfo=timezone.utc)
