"""Article numbers that a picture tells of: in its file name, and in the barcodes it shows."""

from __future__ import annotations

from gallery_app.catalog.catalog import Catalog
from gallery_app.domain.ean import eans_in
from gallery_app.domain.entities import EntityRef
from gallery_app.domain.model import AssetId, SourceId
from gallery_app.imaging.workers import WorkerPool
from gallery_app.services.origins import Origins


def entities_of_name(filename: str) -> tuple[EntityRef, ...]:
    """The products that a file name tells of (`4006381333931_front.jpg`), each once."""
    return tuple(EntityRef("product", ean.gtin) for ean in eans_in(filename))


class Recognition:
    """Adds what a picture tells of to the place a source offers it at."""

    def __init__(self, catalog: Catalog, origins: Origins, pool: WorkerPool) -> None:
        self._catalog = catalog
        self._origins = origins
        self._pool = pool

    def look(self, asset_id: AssetId, source_id: SourceId, key: str) -> tuple[EntityRef, ...]:
        """Note the products that this offer's name and picture tell of; what was found.

        Call it when the bytes are in the store. Never raises: what cannot be read tells nothing.
        """
        raise NotImplementedError
