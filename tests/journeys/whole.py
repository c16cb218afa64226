"""A whole gallery for a journey: real folders, workers, threads and HTTP, only no browser.

The clock stands still until it is moved, so a link's hour passes when a test says so. What the
background does takes real time; `until` asks again and again, and fails with what it last saw.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, TypeVar

import httpx
from fastapi import FastAPI

from gallery_app.api import Front, Guard, install_errors, install_routes
from gallery_app.app import build
from gallery_app.connectors import CONNECTORS
from gallery_app.connectors.base import Kind
from gallery_app.domain.model import Asset
from gallery_app.domain.query import AssetQuery
from gallery_app.settings import Settings

PATIENCE_S = 120.0
T = TypeVar("T")


@dataclass
class Clock:
    """UTC time that stands still until it is moved."""

    at: datetime = field(default_factory=lambda: datetime.now(timezone.utc).replace(microsecond=0))

    def __call__(self) -> datetime:
        return self.at

    def go(self, **span: float) -> None:
        """Let time pass, or pass back."""
        self.at += timedelta(**span)


class Whole:
    """A gallery over `root`/data, watching nothing yet; `pictures` is a folder to watch."""

    def __init__(
        self,
        root: Path,
        *,
        clock: Clock | None = None,
        connectors: Mapping[str, Kind] = CONNECTORS,
        **settings: Any,
    ) -> None:
        self.data = root / "data"
        self.pictures = root / "Pictures"
        self.pictures.mkdir(exist_ok=True)
        self.clock = clock or Clock()
        wanted = {"workers": 1, "quiet_s": 0.05, "open_browser": False, "port": 8080, **settings}
        self.settings = Settings(data_dir=self.data, **wanted)
        self.gallery = build(
            self.settings,
            now=self.clock,
            random_bytes=secrets.token_bytes,
            connectors=connectors,
        )
        self.gallery.start()

    def close(self) -> None:
        """End the background and give everything back."""
        self.gallery.close()

    def http(self) -> httpx.AsyncClient:
        """A client of an HTTP face made for it; close it with `async with`."""
        parent = FastAPI()
        install_errors(parent)
        install_routes(parent, self.gallery)
        app = Guard(Front(parent, self.gallery))
        transport = httpx.ASGITransport(app=app, client=("127.0.0.1", 50_000))
        return httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1")

    # --- the folder -------------------------------------------------------------------------

    def put(self, name: str, data: bytes, *, age_s: float = 3600) -> Path:
        """A file that appears whole in the folder, last changed `age_s` ago."""
        path = self.pictures / name
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.pictures.parent / f"draft-{secrets.token_hex(4)}"
        draft.write_bytes(data)
        then = self.clock.at.timestamp() - age_s
        os.utime(draft, (then, then))
        draft.rename(path)
        return path

    def watch(self) -> int:
        """Begin to watch the folder; the source's number."""
        return int(self.gallery.sources.add_folder(str(self.pictures)).id)

    # --- what is there ----------------------------------------------------------------------

    def all(self, **params: str) -> list[Asset]:
        """The timeline's assets, newest first; with filters as in an address."""
        query = AssetQuery.from_params({name: [value] for name, value in params.items()})
        return list(self.gallery.browse.page(query).items)

    def named(self, name: str) -> Asset:
        """The one asset of that file name."""
        (found,) = [asset for asset in self.all() if asset.filename == name]
        return found

    def ready(self, count: int) -> list[Asset]:
        """All assets, once there are `count` and nothing is left to do."""

        def settled() -> list[Asset] | None:
            found = self.all()
            whole = len(found) == count and all(a.status == "ready" for a in found)
            return found if whole and not self.gallery.status.progress().remaining else None

        return until(
            settled, saying=lambda: str([(a.filename, a.status, a.problem) for a in self.all()])
        )


def until(
    look: Callable[[], T | None],
    *,
    saying: Callable[[], str] = lambda: "",
    patience_s: float = PATIENCE_S,
) -> T:
    """The first true answer of `look`; fails after `patience_s` with what `saying` says."""
    pause = threading.Event()
    deadline = time.monotonic() + patience_s
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"still not so after {patience_s:.0f} s: {saying()}")
        pause.wait(0.02)


Snapshot = dict[str, tuple[str, int, int, int]]


def snapshot(folder: Path) -> Snapshot:
    """Every file below `folder`: hash of its bytes, mtime, mode and inode."""
    found: Snapshot = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            stat = path.stat()
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            name = str(path.relative_to(folder))
            found[name] = (digest, stat.st_mtime_ns, stat.st_mode, stat.st_ino)
    return found
