"""The program: faces on a gallery, and its life from start to stop.

`create_app` puts the faces on a Gallery (`building.py` makes it); `serve` runs it until it is
told to stop.
"""

from __future__ import annotations

import contextlib
import logging
import secrets
import socket
import threading
import webbrowser
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from gallery_app.building import Store as Store
from gallery_app.building import build as build
from gallery_app.domain.errors import BadInput, Conflict, Misconfigured
from gallery_app.services.gallery import Gallery
from gallery_app.settings import Settings
from gallery_app.storage.keys import load_or_create_secret
from gallery_app.storage.lock import StoreLock

if TYPE_CHECKING:
    from fastapi import FastAPI

    from gallery_app.api import Guard

_log = logging.getLogger(__name__)

GRACE_S = 3
GZIP_LEVEL = 4  # source: design/interface.md section 4: 18 ms of CPU a cold visitor, not 49


def create_app(gallery: Gallery, settings: Settings) -> Guard:
    """The whole program as one ASGI app: guard, picture front, HTTP API, screen."""
    # The faces are imported here: `gallery list` starts without them.
    from fastapi import FastAPI
    from starlette.responses import FileResponse
    from starlette.staticfiles import StaticFiles

    from gallery_app.api import ABOUT, Front, Guard, install_errors, install_routes

    parent = FastAPI(**ABOUT)
    install_errors(parent)
    install_routes(parent, gallery)
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
            _connect(gallery, settings)
            gallery.start()
            _run(gallery, settings, listener, announce)
        finally:
            gallery.close()
    return 0


def _connect(gallery: Gallery, settings: Settings) -> None:
    """Connect the remotes that the settings name, if they are not yet."""
    for given in settings.given_remotes():
        try:
            gallery.remotes.ensure(given.kind, given.name, given.address, given.key, given.options)
        except BadInput as error:
            raise Misconfigured(f"{given.name} in the settings", error.public) from error


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
