"""Where the bytes of an original are right now: in our store, in place in a folder, or away.

What only a remote has is fetched (`fetch`), and never while somebody merely looks (`find`).
"""

from __future__ import annotations

import logging
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from gallery_app.catalog.catalog import Catalog
from gallery_app.connectors.folder import FolderConnector
from gallery_app.domain.errors import GalleryError, UpstreamGone
from gallery_app.domain.model import Asset, AssetId, Location, Source
from gallery_app.services.passing import Form, Passing
from gallery_app.services.values import Streamed
from gallery_app.storage.local import Originals

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Origin:
    """A readable original. `trusted`: it lies in the owner's own folder, not in an upload.

    `borrowed`: it is a remote's, or what a remote makes in its place, and is gone soon.
    """

    path: Path
    trusted: bool
    borrowed: bool = False


class Origins:
    """Finds the first place that still has an asset's original."""

    def __init__(
        self, catalog: Catalog, originals: Originals, passing: Passing | None = None
    ) -> None:
        self._catalog = catalog
        self._originals = originals
        self._passing = passing

    def folder(self, source: Source) -> FolderConnector:
        """The connector of a folder source."""
        return FolderConnector(Path(source.address))

    def find(self, asset_id: AssetId) -> Origin:
        """The original of an asset, stored copy first.

        Raises:
            UpstreamGone: no place has it now (a disk that is not connected, for example).
        """
        for location in self._catalog.assets.locations(asset_id):
            try:
                origin = self._at(location)
                if origin is not None and origin.path.is_file():
                    return origin
            except OSError as error:
                # A disk that fails or a folder closed to us: not here, perhaps elsewhere.
                _log.info("original not at %s: %s", location.source_id, error.strerror)
        raise UpstreamGone

    def fetch(self, asset_id: AssetId, form: Form = "original") -> Future[Origin]:
        """What only a remote has, as a file, once it came; nobody else waits for it.

        Args:
            asset_id: whose original.
            form: "preview": what the remote makes of it will do.
        """
        origin: Future[Origin] = Future()
        if self._passing is None:
            origin.set_exception(UpstreamGone())
            return origin

        def land(came: Future[Path]) -> None:
            error = came.exception()
            if error is not None:
                origin.set_exception(error)
            else:
                origin.set_result(Origin(came.result(), trusted=False, borrowed=True))

        self._passing.fetch(asset_id, form).add_done_callback(land)
        return origin

    def streamed(self, asset: Asset) -> Streamed:
        """The original of what only a remote has, to be passed through.

        Raises:
            UpstreamGone: no remote in use offers it.
            Paused: those that do are left alone.
        """
        if self._passing is None:
            raise UpstreamGone
        return self._passing.streamed(asset)

    def _at(self, location: Location) -> Origin | None:
        try:
            if location.stored_key is not None:
                return Origin(self._originals.path(location.stored_key), trusted=False)
            if location.source_id is None or location.key is None:
                return None
            source = self._catalog.sources.get(location.source_id, counted=False)
            if source is None or source.kind != "folder":
                return None
            return Origin(self.folder(source).path(location.key), trusted=True)
        except GalleryError as error:
            # One place that cannot be used is no reason not to try the next.
            _log.info("original not at %s: %s", location.source_id, error.code)
            return None
