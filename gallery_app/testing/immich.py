"""A strict stand-in for an Immich server, of whichever version is asked for.

    with FakeImmich(assets=60, version="3.1.0") as fake:
        connect(fake.url, fake.key)
        fake.world.change(key, favourite=True)

Tests change it while it runs (`fake.world`), count what was asked (`fake.counts["GET /albums"]`)
and let answers go wrong (`Faults`). Bytes are drawn when they are asked for; 50,000 assets are a
second's work.
"""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from gallery_app.testing.faults import Faults
from gallery_app.testing.immich_api import routes
from gallery_app.testing.immich_search import Refused, Searching
from gallery_app.testing.immich_views import Views
from gallery_app.testing.immich_world import Asset, World
from gallery_app.testing.server import Served

KEY = "immich-demo-key-0123456789"
READ_ONLY = (
    "asset.read", "asset.view", "asset.download", "album.read", "tag.read", "person.read",
    "face.read",
)  # fmt: skip
_STRICT_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


class FakeImmich:
    """One server with one user. `with` serves it; `serve()` and `close()` do the same by hand.

    Args:
        assets: made up from the seed, the newest taken just now.
        version: how it behaves; 1.120.0, 2.7.0, 3.1.0 and 3.2.2 are known to.
        albums: made up, of at most 40 pictures each.
        tags: made up, of at most 20 pictures each.
        people: made up, in at most 15 pictures each.
        specials: also one each of a live photo, a video, an archived, a locked, a trashed
            asset and one of an external library.
        seed: of everything made up.
        faults: what goes wrong.
        clock: seconds of the epoch.
        key: the API key.
        permissions: of the key.
        smart: whether machine learning is on.
        root: the path of its API.
    """

    def __init__(
        self,
        *,
        assets: int = 40,
        version: str = "3.1.0",
        albums: int = 2,
        tags: int = 2,
        people: int = 1,
        specials: bool = False,
        seed: int = 0,
        faults: Faults | None = None,
        clock: Callable[[], float] = time.time,
        key: str = KEY,
        permissions: tuple[str, ...] = ("all",),
        smart: bool = True,
        root: str = "/api",
    ) -> None:
        major, minor, patch = (int(part) for part in version.split("."))
        self.version = (major, minor, patch)
        self.key = key
        self.keys = {key: permissions}
        self.smart = smart
        self.root = root
        self.faults = faults or Faults()
        self.counts: Counter[str] = Counter()
        self.bodies: list[dict[str, Any]] = []  # of the searches, in order
        self.most_at_once = 0  # originals on their way at the same time
        self._at_once = 0
        self._lock = threading.Lock()
        self.world = World(clock, seed)
        self.world.fill(assets, album_count=albums, tag_count=tags, person_count=people)
        if specials:
            self._add_specials()
        self.views = Views(self.world, self.version)
        self.searching = Searching(self.world, self.version)
        told = Route("/.well-known/immich", self._well_known)
        rest = Route("/{path:path}", self._page, methods=["GET", "POST", "PUT", "DELETE"])
        self.app = self.faults.around(Starlette(routes=[*routes(self), told, rest]))
        self._served: Served | None = None

    # --- serving ---------------------------------------------------------------------------

    @property
    def url(self) -> str:
        """Where it listens."""
        return self.serve().url

    def serve(self, *, port: int = 0) -> Served:
        """Listen, if it does not yet."""
        if self._served is None:
            self._served = Served(self.app, port=port)
        return self._served

    def close(self) -> None:
        """Stop listening."""
        if self._served is not None:
            self._served.close()
            self._served = None

    def __enter__(self) -> FakeImmich:
        self.serve()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # --- for tests -------------------------------------------------------------------------

    @property
    def asked(self) -> int:
        """How many requests came so far."""
        return self.counts.total()

    def shown(self) -> list[Asset]:
        """What a gallery should list: timeline and archive, not trashed."""
        return [
            asset
            for asset in self.world.newest_first()
            if asset.trashed is None and asset.visibility in {"timeline", "archive"}
        ]

    def add_asset(self, filename: str = "new.jpg", **values: object) -> str:
        """One more picture, taken and uploaded just now; its id."""
        now = self.world.now()
        asset = Asset(self.world.new_id(), filename, len(self.world.assets) + 1_000, now, now, now)
        for name, value in values.items():
            setattr(asset, name, value)
        return self.world.add(asset).id

    def by_checksum(self, digest: bytes) -> Asset | None:
        """The uploaded asset of these bytes; those of external libraries are never found."""
        for asset in self.world.assets.values():
            if asset.library is None and self.world.checksum(asset) == digest:
                return asset
        return None

    @contextmanager
    def watch(self) -> Iterator[None]:
        """Counts how many originals are on their way at once."""
        with self._lock:
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            yield
        finally:
            with self._lock:
                self._at_once -= 1

    def strict_time(self, form: Mapping[str, Any], name: str) -> datetime:
        """A time of an upload: with milliseconds and Z, or it is refused."""
        if not _STRICT_TIME.fullmatch(form[name]):
            raise Refused(name, "Invalid input: expected ISO 8601 datetime string, received string")
        return datetime.fromisoformat(form[name])

    # --- how -------------------------------------------------------------------------------

    async def _well_known(self, _request: Request) -> Response:
        self.counts["GET /.well-known/immich"] += 1
        return JSONResponse({"api": {"endpoint": self.root}})

    async def _page(self, request: Request) -> Response:
        self.counts["other"] += 1
        path = f"/{request.path_params['path']}"
        if path.startswith(f"{self.root}/"):
            message = f"Cannot {request.method} {path}"
            return JSONResponse(self.views.error(404, message), 404)
        return HTMLResponse("<!doctype html><title>Immich</title>")

    def _add_specials(self) -> None:
        earlier = self.world.now() - timedelta(days=400)

        def add(filename: str, **values: object) -> str:
            key = self.add_asset(filename, **values)
            asset = self.world.assets[key]
            asset.taken, asset.created, asset.updated = earlier, earlier, earlier
            return key

        moving = add(
            "IMG_9001.MOV",
            kind="VIDEO",
            mime="video/quicktime",
            visibility="hidden",
            duration_ms=2_000,
        )
        add("IMG_9001.JPG", live_video=moving)
        add("clip.mp4", kind="VIDEO", mime="video/mp4", duration_ms=3_000)
        add("archived.jpg", visibility="archive")
        add("locked.jpg", visibility="locked")
        add("trashed.jpg", trashed=earlier)
        add("external.jpg", library=self.world.new_id())
        add("turned.jpg", stored_turned=True)
        self.world.newest_first()
