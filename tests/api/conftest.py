"""A real gallery over a temporary data folder, behind the real guard and front.

Pictures come in as uploads, so nothing has to wait for a scan. The clock stands until a test
moves it. Tests that change something make their own picture.
"""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from unittest.mock import create_autospec

import httpx
import pytest
from fastapi import FastAPI, WebSocket
from starlette.responses import PlainTextResponse

from gallery_app.api import ABOUT, BadLinkThrottle, Front, Guard, install_errors, install_routes
from gallery_app.app import build
from gallery_app.domain.model import Asset
from gallery_app.services.gallery import Gallery
from gallery_app.settings import Settings
from tests.pictures import make_picture

PUBLIC_URL = "https://pictures.example"
SENTENCES = {
    "beach.jpg": "640x480 jpeg, camera Canon EOS 6D, taken 2016-07-03 14:05:06, noise seed 1",
    "lake.jpg": "600x800 jpeg, taken 2016-07-04 09:00:00, gps 48.137 11.575, noise seed 2",
    "city.png": "400x400 png, noise seed 3",
    "tree.webp": "500x300 webp, noise seed 4",
}


class Clock:
    """A clock that stands until it is told to move."""

    def __init__(self) -> None:
        self.moment = datetime(2026, 7, 31, 12, 0, tzinfo=timezone.utc)
        self.seconds = 1000.0

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return self.seconds

    def pass_s(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)
        self.seconds += seconds


@dataclass
class House:
    """What a test is handed: the services, the whole app, its clock and its pictures."""

    gallery: Gallery
    parent: FastAPI
    app: Guard
    clock: Clock
    throttle: BadLinkThrottle
    assets: dict[str, Asset]
    take_in: Callable[[str, str], Asset]


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="module")
def gallery_and_clock(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Gallery, Clock]]:
    clock = Clock()
    settings = Settings.model_validate(
        {
            "data_dir": tmp_path_factory.mktemp("data"),
            "workers": 1,
            "min_free_mb": 0,
            "image_limit_mb": 2,
            "video_limit_mb": 3,
            "public_url": PUBLIC_URL,
        }
    )
    gallery = build(settings, now=clock.now)
    yield gallery, clock
    gallery.close()


@pytest.fixture(scope="module")
def take_in(gallery_and_clock: tuple[Gallery, Clock]) -> Callable[[str, str], Asset]:
    gallery, _ = gallery_and_clock

    def take(name: str, sentence: str) -> Asset:
        with gallery.uploads.begin(name) as upload:
            upload.write(make_picture(sentence))
            return upload.finish().asset

    return take


@pytest.fixture(scope="module")
def shelf(take_in: Callable[[str, str], Asset]) -> dict[str, Asset]:
    return {name: take_in(name, sentence) for name, sentence in SENTENCES.items()}


@pytest.fixture(scope="module")
def parent(gallery_and_clock: tuple[Gallery, Clock]) -> FastAPI:
    """The app as `create_app` makes it, with a plain page and socket in the screen's place."""
    app = FastAPI(**ABOUT)
    install_errors(app, new_id=lambda: "incident-1")
    install_routes(app, gallery_and_clock[0], start="start")

    @app.get("/", include_in_schema=False)
    def page() -> PlainTextResponse:
        return PlainTextResponse("the screen")

    @app.get("/fails", include_in_schema=False)
    def fails() -> None:
        raise RuntimeError("/secret/path of the server")

    @app.websocket("/socket")
    async def socket(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.close()

    return app


@pytest.fixture
def house(
    gallery_and_clock: tuple[Gallery, Clock],
    parent: FastAPI,
    shelf: dict[str, Asset],
    take_in: Callable[[str, str], Asset],
) -> House:
    gallery, clock = gallery_and_clock
    throttle = BadLinkThrottle(clock=clock.monotonic)
    front = Front(parent, gallery, throttle=throttle)
    guard = Guard(front, public_url=PUBLIC_URL, new_id=lambda: "incident-2")
    return House(gallery, parent, guard, clock, throttle, shelf, take_in)


@pytest.fixture
async def client(house: House) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=house.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as client:
        yield client


_seeds = itertools.count(1000)


@pytest.fixture
def own_picture(house: House) -> Asset:
    """A picture that no other test knows."""
    seed = next(_seeds)
    return house.take_in(f"own-{seed}.jpg", f"320x240 jpeg, noise seed {seed}")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one picture, to be watched."""
    root = tmp_path / "Pictures"
    root.mkdir()
    (root / "one.jpg").write_bytes(make_picture("200x100 jpeg, noise seed 5"))
    return root


@pytest.fixture
def stand_in(house: House, monkeypatch: pytest.MonkeyPatch) -> Callable[[str, type[Any]], Any]:
    """Puts a service of the same signatures into the gallery that answers what a test says."""

    def put(name: str, kind: type[Any]) -> Any:
        double = create_autospec(kind, instance=True)
        monkeypatch.setitem(house.gallery.__dict__, name, double)
        return double

    return put
