"""A house with remotes: made-up ones that live in memory and do what a test tells them.

`Remote` is the outside world (its pictures, its faults), `FakeConnector` how it is reached. The
threads of the background are run by hand: `sync` does the sync that waits, `fetch` what is wanted.
"""

from __future__ import annotations

import os
from typing import Any, cast

from gallery_app.connectors.base import Tools
from gallery_app.domain.model import Asset, Source
from gallery_app.domain.remote import (
    RemoteRow,
)
from gallery_app.imaging.workers import WorkerPool
from gallery_app.services.errands import Errands
from gallery_app.services.fetching import Fetching
from gallery_app.services.hashing import Hashing
from gallery_app.services.media import Media
from gallery_app.services.origins import Origins
from gallery_app.services.passing import Passing
from gallery_app.services.previews import Previews
from gallery_app.services.remote_background import RemoteBackground, Runner
from gallery_app.services.remotes import RemoteBook
from gallery_app.services.rendering import Rendering
from gallery_app.services.sync import Sync
from gallery_app.storage.spool import Spool
from gallery_app.storage.vault import Vault
from tests.services.house import House
from tests.services.remote_world import KEY, FakeConnector, FakePreviewer, Remote, kind


class RemoteHouse(House):
    """A house, and two remotes: `desk` whose originals are copied, `server` with previews."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.desk, self.server = Remote(), Remote(pictures=True)
        self.vault = Vault(self.data / "secrets", os.urandom)
        self.kinds = {
            "freshdesk": kind("freshdesk", self.desk, FakeConnector, copies=True),
            "immich": kind("immich", self.server, FakePreviewer, copies=False),
        }
        self.waited: list[float] = []
        tools = Tools(self.clock, self.clock.monotonic, self._wait, lambda: 0.5, "gallery/test")
        self.book = RemoteBook(
            self.catalog,
            self.vault,
            self.kinds,
            tools=tools,
            base_url=lambda: "https://pictures.example",
            hook_token=lambda number: f"token{number}",
        )
        self.spool = Spool(self.data / "spool", limit_bytes=1_000_000)
        self.errands = Errands()
        self.passing = Passing(
            self.catalog, self.book, self.spool, self.errands,
            limit_bytes=4_000_000, require_room=self.door.require_room,
        )  # fmt: skip
        self.origins = Origins(self.catalog, self.originals, self.passing)
        pool = cast("WorkerPool", self.pool)
        self.rendering = Rendering(self.catalog, self.cache, self.origins, pool, self.status)
        self.previews = Previews(
            self.catalog, self.door, pool, self.passing, self.errands,
            now=self.clock, stop=self.stop,
        )  # fmt: skip
        self.media = Media(
            self.catalog, self.cache, self.origins, self.rendering, self.previews,
            monotonic=self.clock.monotonic,
        )  # fmt: skip
        self.sharing._media = self.downloads._media = self.media
        self.syncing = Sync(
            self.catalog,
            self.book,
            Hashing(self.catalog, self.origins, stop=self.stop),
            now=self.clock,
            monotonic=self.clock.monotonic,
            stop=self.stop,
        )
        self.fetching = Fetching(
            self.catalog,
            self.book,
            self.door,
            self.previews,
            threads=1,
            now=self.clock,
            monotonic=self.clock.monotonic,
            stop=self.stop,
        )
        self.remote_background = RemoteBackground(
            self.catalog,
            self.book,
            self.fetching,
            [Runner("sync", self.syncing.run, threads=2)],
            now=self.clock,
            monotonic=self.clock.monotonic,
            stop=self.stop,
        )

        self.syncing.wanted = self.jobs.changed = self.remote_background.wake

    def _wait(self, seconds: float) -> bool:
        self.waited.append(seconds)
        return self.stop.is_set()

    # --- what tests do all the time --------------------------------------------------------

    def connect(self, kind: str = "freshdesk", **options: str) -> Source:
        """Connect one of the two remotes."""
        return self.book.add(kind, "", "https://there.example", KEY, options)

    def source(self) -> Source:
        """The one remote source, as it is now."""
        (source,) = self.book.list()
        return source

    def sync(self) -> None:
        """Run every sync that may run now."""
        while (job := self.catalog.jobs.claim(["sync"], lease_s=120)) is not None:
            self.syncing.run(job)

    def fetch(self) -> int:
        """Fetch all that may be fetched now; how many."""
        self.fetching.turns.hasten()
        count = 0
        while self.fetching.once():
            self.fetching.turns.hasten()
            count += 1
        return count

    def bring(self, kind: str = "freshdesk", **options: str) -> Source:
        """Connect, sync and fetch all there is."""
        source = self.connect(kind, **options)
        self.sync()
        self.fetch()
        return self.book.get(source.id)

    def sync_again(self, **how: Any) -> None:
        """Sync now, and fetch what is wanted."""
        self.book.sync_now(self.source().id, **how)
        self.sync()
        self.fetch()

    def row(self, key: str) -> RemoteRow:
        """A row of the one remote source."""
        row = self.catalog.remotes.row(self.source().id, key)
        assert row is not None
        return row

    def forget_sha1(self) -> None:
        """As it is in a catalog from before SHA-1 was taken."""
        with self.catalog._database.writing() as connection:
            connection.execute("UPDATE asset SET sha1 = NULL")

    def by_name(self) -> dict[str, Asset]:
        """The timeline's assets by file name."""
        return {asset.filename: asset for asset in self.all()}
