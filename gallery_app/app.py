"""Composition and lifecycle: the one place that knows every room and wires them together.

`build` makes a Gallery over a data folder; `create_app` puts the faces on it; `serve` runs it
until it is told to stop. Only here are the real clock, the real randomness and the real
environment taken; everybody else is handed them.
"""

from __future__ import annotations

import contextlib
import logging
import math
import secrets
import socket
import threading
import time
import webbrowser
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING

from gallery_app import __version__
from gallery_app.catalog.catalog import Catalog
from gallery_app.connectors.folder_watch import FolderWatch
from gallery_app.domain.errors import Conflict, Misconfigured
from gallery_app.domain.policy import UploadLimits
from gallery_app.imaging.qr import draw_qr
from gallery_app.imaging.workers import WorkerPool
from gallery_app.services.browse import Browse
from gallery_app.services.curation import Curation
from gallery_app.services.door import Door
from gallery_app.services.downloads import Downloads
from gallery_app.services.gallery import About, Gallery
from gallery_app.services.health import HealthChecks
from gallery_app.services.jobs import JobLedger
from gallery_app.services.media import Media
from gallery_app.services.origins import Origins
from gallery_app.services.rendering import Rendering
from gallery_app.services.scanning import Scanning
from gallery_app.services.sharing import Sharing
from gallery_app.services.sources import SourceBook
from gallery_app.services.status import Status
from gallery_app.services.uploads import Uploads
from gallery_app.services.worker import Background
from gallery_app.settings import Settings
from gallery_app.storage.keys import KeysInUse, load_or_create_secret
from gallery_app.storage.local import Cache, Originals
from gallery_app.storage.lock import StoreLock
from gallery_app.storage.space import reserve_bytes, space

if TYPE_CHECKING:
    from fastapi import FastAPI

    from gallery_app.api import Guard

_log = logging.getLogger(__name__)

STALE_UPLOAD_S = 3600.0
GRACE_S = 3
# Enough that workers never wait for the writing of rows, which is done by the group.
FLIGHTS_PER_WORKER = 16
GZIP_LEVEL = 4  # source: design/interface.md section 4: 18 ms of CPU a cold visitor, not 49


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
) -> Gallery:
    """A Gallery over the settings' data folder; nothing runs before its `start`.

    Args:
        settings: read once, here.
        now: UTC clock.
        monotonic: seconds, for waiting.
        random_bytes: a cryptographic source.

    Raises:
        Misconfigured: keys or index are damaged or of a newer program.
        OutOfSpace: the disk cannot even take an empty index.
    """
    store = Store(settings.data_dir)
    catalog = Catalog.open(store.index, now=now, random_bytes=random_bytes)
    originals, cache = store.originals(), store.cache()
    now_s, known = now().timestamp(), catalog.assets.stored_keys
    originals.sweep(older_than_s=STALE_UPLOAD_S, now_s=now_s)
    originals.sweep_rowless(known, older_than_s=STALE_UPLOAD_S, now_s=now_s)
    cache.sweep(older_than_s=0, now_s=math.inf)  # no other process writes here
    reserve = reserve_bytes(
        space(store.root).total_bytes, min_free_bytes=settings.min_free_mb * 1_000_000
    )
    pool = WorkerPool(settings.workers)
    status = Status(catalog, monotonic=monotonic)
    origins = Origins(catalog, originals)
    rendering = Rendering(catalog, cache, origins, pool, status)
    media = Media(catalog, cache, origins, rendering)
    sources = SourceBook(catalog, data_dir=store.root, home=Path.home(), now=now)
    limits = UploadLimits(settings.image_limit_mb * 1_000_000, settings.video_limit_mb * 1_000_000)
    stop = threading.Event()
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
    health = HealthChecks(
        catalog,
        data_dir=store.root,
        min_free_bytes=reserve,
        alive_workers=pool.alive,
        wanted_workers=settings.workers,
        watch_warning=lambda: background.watch_warning,
    )

    def release() -> None:
        pool.close()
        health.close()
        catalog.close()

    return Gallery(
        browse=Browse(catalog),
        media=media,
        uploads=Uploads(door),
        sharing=Sharing(
            catalog,
            media,
            keyring=KeysInUse(
                store.secrets, now=now, monotonic=monotonic, random_bytes=random_bytes
            ),
            base_url=lambda: settings.public_url or f"http://{settings.host}:{settings.port}",
            now=now,
            random_bytes=random_bytes,
            draw_qr=draw_qr,
        ),
        curation=Curation(catalog, now=now),
        sources=sources,
        jobs=JobLedger(catalog),
        downloads=Downloads(
            catalog, media, monotonic=monotonic, new_token=lambda: random_bytes(16).hex()
        ),
        status=status,
        health=health,
        background=background,
        about=About(
            version=__version__,
            data_dir=str(store.root),
            public_url=settings.public_url,
            image_limit_bytes=limits.image_bytes,
            video_limit_bytes=limits.video_bytes,
        ),
        release=release,
    )


def create_app(gallery: Gallery, settings: Settings) -> Guard:
    """The whole program as one ASGI app: guard, picture front, HTTP API, screen."""
    # The faces are imported here: `gallery list` starts without them.
    from fastapi import FastAPI
    from starlette.responses import FileResponse
    from starlette.staticfiles import StaticFiles

    from gallery_app.api import ABOUT, Front, Guard, build_router, install_errors

    parent = FastAPI(**ABOUT)
    install_errors(parent)
    parent.include_router(build_router(gallery))
    # Strangers with a link may have it too: browsers ask for it unasked.
    parent.add_api_route(
        "/favicon.ico",
        lambda: FileResponse(assets_folder() / "favicon.svg", media_type="image/svg+xml"),
        include_in_schema=False,
    )
    parent.mount("/assets", StaticFiles(directory=assets_folder()), name="assets")
    _mount_screen(parent, gallery, settings)
    return Guard(Front(parent, gallery), public_url=settings.public_url)


def assets_folder() -> Path:
    """The icons and drawings: beside the package in a checkout, inside it when installed."""
    package = Path(__file__).parent
    inside = package / "_assets"
    return inside if inside.is_dir() else package.parent / "assets"


def _mount_screen(parent: FastAPI, gallery: Gallery, settings: Settings) -> None:
    import os

    store = Store(settings.data_dir)
    # NiceGUI reads this once, at import: its own files belong into the data folder.
    os.environ.setdefault("NICEGUI_STORAGE_PATH", str(store.root / "nicegui"))
    from nicegui import ui
    from starlette.middleware.gzip import GZipMiddleware

    from gallery_app import ui as screen

    screen.register(gallery)
    ui.run_with(
        parent,
        title="Gallery",
        dark=None,
        tailwind=False,
        reconnect_timeout=10,
        storage_secret=load_or_create_secret(store.secrets, "screen", secrets.token_bytes),
        gzip_middleware_factory=lambda app: GZipMiddleware(app, compresslevel=GZIP_LEVEL),
        show_welcome_message=False,
    )


@contextlib.contextmanager
def held(settings: Settings) -> Iterator[None]:
    """The data folder, held by this process alone while the block runs.

    Raises:
        StoreInUse: another process holds it; the sentence says who.
    """
    lock = StoreLock(Store(settings.data_dir).root)
    lock.acquire()
    try:
        yield
    finally:
        lock.release()


def serve(settings: Settings, *, announce: Callable[[str], None]) -> int:
    """Run until interrupted; the exit code.

    Args:
        settings: where the data is, what to watch and where to listen.
        announce: told the address once requests are answered.

    Raises:
        StoreInUse: another process holds the data folder.
        Misconfigured: the port is taken, a folder cannot be watched, or keys are damaged.
    """
    listener = _listen(settings)
    # Port 0 asks the system for a free one: from here on it has its number.
    settings = settings.model_copy(update={"port": listener.getsockname()[1]})
    with contextlib.closing(listener), held(settings):
        gallery = build(settings)
        try:
            for folder in settings.folders:
                with contextlib.suppress(Conflict):  # watched already
                    gallery.sources.add_folder(str(Path(folder).expanduser().absolute()))
            gallery.start()
            _run(gallery, settings, listener, announce)
        finally:
            gallery.close()
    return 0


def _run(
    gallery: Gallery, settings: Settings, listener: socket.socket, announce: Callable[[str], None]
) -> None:
    import uvicorn

    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = f"http://{host}:{settings.port}"

    class _Server(uvicorn.Server):
        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            announce(address)
            if settings.open_browser:
                threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()

    config = uvicorn.Config(
        create_app(gallery, settings),
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=GRACE_S,
        timeout_keep_alive=30,
        server_header=False,
        proxy_headers=False,
    )
    _Server(config).run(sockets=[listener])


def _listen(settings: Settings) -> socket.socket:
    """The bound socket, before anything else is opened."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise Misconfigured(
            "port", f"{settings.port} on {settings.host} cannot be used ({error.strerror})."
        ) from error
    return listener


def _local_time(seconds: float) -> datetime:
    """Local wall time of a file's time; a nonsense one counts as 1970."""
    try:
        return datetime.fromtimestamp(seconds, timezone.utc).astimezone()
    except (OverflowError, ValueError, OSError):
        return datetime(1970, 1, 1, tzinfo=timezone.utc)
