"""The one object the faces are given: every verb of the gallery, by service.

Read this to learn what the program can do. All methods are synchronous and safe to call from
any thread; the slow ones (making, scanning, writing) belong in a thread of the face's own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gallery_app.services.browse import Browse
from gallery_app.services.curation import Curation
from gallery_app.services.downloads import Downloads
from gallery_app.services.entities import Entities
from gallery_app.services.frames import FrameBook
from gallery_app.services.health import HealthChecks
from gallery_app.services.hooks import Hooks
from gallery_app.services.jobs import JobLedger
from gallery_app.services.media import Media
from gallery_app.services.products import ProductBook
from gallery_app.services.pushing import Pushing
from gallery_app.services.remote_background import RemoteBackground
from gallery_app.services.remotes import RemoteBook
from gallery_app.services.sharing import Sharing
from gallery_app.services.similar import Similar
from gallery_app.services.smart import SmartSearch
from gallery_app.services.sources import SourceBook
from gallery_app.services.status import Status
from gallery_app.services.ticket_gallery import TicketGallery
from gallery_app.services.uploads import Uploads
from gallery_app.services.worker import Background


@dataclass(frozen=True, slots=True)
class About:
    """Facts of this installation that a settings page shows."""

    version: str
    data_dir: str
    public_url: str | None
    image_limit_bytes: int
    video_limit_bytes: int


@dataclass(frozen=True)
class Gallery:
    """The services, wired to one data folder. Two galleries can live in one process."""

    browse: Browse
    media: Media
    uploads: Uploads
    sharing: Sharing
    curation: Curation
    sources: SourceBook
    remotes: RemoteBook
    entities: Entities
    similar: Similar
    products: ProductBook
    pushing: Pushing
    smart: SmartSearch
    frames: FrameBook
    tickets: TicketGallery
    hooks: Hooks
    jobs: JobLedger
    downloads: Downloads
    status: Status
    health: HealthChecks
    background: Background
    remote_background: RemoteBackground
    about: About
    release: Callable[[], None]  # gives back workers and files; the last thing `close` does

    def start(self) -> None:
        """Begin to scan, watch, render, sync and fetch in the background."""
        self.background.start()  # first: it takes back the leases of a process that is gone
        self.remote_background.start()

    def close(self) -> None:
        """End the background work within 10 s; what was committed stays, the rest is remade."""
        self.remote_background.close()
        self.background.close()
        self.release()
