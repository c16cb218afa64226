"""SHA-1 of pictures that were taken in before anybody asked for it, so that twins are found.

Only files that may be a twin are read: those as large as a picture a remote just listed.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Sequence
from pathlib import Path

from gallery_app.catalog.catalog import Catalog
from gallery_app.domain.errors import GalleryError
from gallery_app.domain.model import AssetId
from gallery_app.domain.remote import RemoteImage
from gallery_app.services.origins import Origins

_log = logging.getLogger(__name__)

PIECE_BYTES = 1 << 20
AT_ONCE = 200  # written in one transaction


class Hashing:
    """Finds out SHA-1 where it is missing."""

    def __init__(self, catalog: Catalog, origins: Origins, *, stop: threading.Event) -> None:
        self._catalog = catalog
        self._origins = origins
        self._stop = stop
        self._tried: set[AssetId] = set()  # those that could not be read since the start

    def prepare(self, images: Sequence[RemoteImage]) -> int:
        """Every asset that may be one of these pictures has its SHA-1; how many got it now."""
        sizes = list({i.size_bytes for i in images if i.sha1 and i.size_bytes})
        if not sizes:
            return 0
        found: list[tuple[AssetId, str]] = []
        count = 0
        for asset_id in self._catalog.assets.unhashed(sizes):
            if self._stop.is_set():
                break
            if asset_id in self._tried:
                continue
            sha1 = self._sha1(asset_id)
            if sha1 is None:
                self._tried.add(asset_id)
                continue
            found.append((asset_id, sha1))
            if len(found) >= AT_ONCE:
                count += self._write(found)
        return count + self._write(found)

    def _write(self, found: list[tuple[AssetId, str]]) -> int:
        count = len(found)
        if found:
            with self._catalog.write() as writer:
                for asset_id, sha1 in found:
                    writer.set_sha1(asset_id, sha1)
            found.clear()
        return count

    def _sha1(self, asset_id: AssetId) -> str | None:
        """The SHA-1 of the asset's bytes; None when other bytes lie there, or none."""
        asset = self._catalog.assets.by_id(asset_id)
        if asset is None or asset.sha256 is None:
            return None
        try:
            origin = self._origins.find(asset_id)
            sha1, sha256 = hashes_of(origin.path)
        except (GalleryError, OSError) as error:
            _log.info("asset %d is not hashed now: %s", asset_id, type(error).__name__)
            return None
        return sha1 if sha256 == asset.sha256 else None


def hashes_of(path: Path) -> tuple[str, str]:
    """The SHA-1 and the SHA-256 of a file; raises OSError where it cannot be read."""
    sha1, sha256 = hashlib.sha1(usedforsecurity=False), hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            sha1.update(piece)
            sha256.update(piece)
    return sha1.hexdigest(), sha256.hexdigest()
