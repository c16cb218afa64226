"""Article numbers that a picture tells of: in its file name, and in the barcodes it shows.

A sync asks `entities_of_name` for each picture it lists; `Recognition.look` does for copies from a
remote, once their bytes are in the store, and has the picture read too.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import suppress

from gallery_app.catalog.catalog import Catalog
from gallery_app.domain.ean import Ean, eans_in
from gallery_app.domain.entities import EntityRef
from gallery_app.domain.errors import BadEan, GalleryError
from gallery_app.domain.model import AssetId, SourceId
from gallery_app.imaging.workers import WorkerPool
from gallery_app.services.origins import Origins

_log = logging.getLogger(__name__)

LONGEST_LOOK_S = 60.0


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
        source = self._catalog.sources.get(source_id, counted=False)
        if source is None or source.kind == "products":
            return ()  # its pictures say by themselves what they show
        try:
            row = self._catalog.remotes.row(source_id, key)
            name = key.rpartition("/")[2] if row is None else row.filename
            found = _refs([*eans_in(name), *self._shown(asset_id)])
            if found:
                refs = tuple(EntityRef("product", r.id, self._name(r.id)) for r in found)
                with self._catalog.write() as writer:
                    writer.put_entities(source_id, key, refs)
                return refs
        except GalleryError as error:
            _log.info("nothing recognised on %s of source %s: %s", key, source_id, error.code)
        return ()

    def _shown(self, asset_id: AssetId) -> list[Ean]:
        """The numbers of the barcodes on the picture; none where it cannot be looked at."""
        if not self._pool.reads_barcodes():
            return []
        numbers: list[str] = []
        with suppress(GalleryError, FutureTimeout):
            path = str(self._origins.find(asset_id).path)
            # A stranger's picture: fenced off, whatever folder it lies in.
            numbers = self._pool.barcodes(path, trusted=False).result(LONGEST_LOOK_S)
        found: list[Ean] = []
        for number in numbers:
            with suppress(BadEan):
                ean = Ean.parse(number, upc_e=False)
                if ean.restricted is None:
                    found.append(ean)
        return found

    def _name(self, gtin: str) -> str:
        row = self._catalog.products.get(gtin)
        return "" if row is None else row.name


def _refs(eans: Iterable[Ean]) -> list[EntityRef]:
    return [EntityRef("product", gtin) for gtin in dict.fromkeys(ean.gtin for ean in eans)]
