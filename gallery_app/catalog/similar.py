"""Pictures that look alike: the Hamming distance of perceptual hashes, over the column."""

from __future__ import annotations

import numpy as np

from gallery_app.catalog.columns import Columns
from gallery_app.domain.model import AssetId


class Similar:
    """Who looks like whom."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    def near(
        self, asset_id: AssetId, *, within: int = 10, limit: int = 24
    ) -> list[tuple[AssetId, int]]:
        """Live assets at most `within` bits away, nearest first, itself left out.

        Empty when the asset has no perceptual hash (yet).
        """
        columns = self._columns
        with columns.lock:
            if not 0 < asset_id < columns.size or not columns.phash[asset_id]:
                return []
            hashes = columns.phash[: columns.size]
            distances = np.bitwise_count(hashes ^ hashes[asset_id])
            close = np.flatnonzero(distances <= within)
            close = close[(hashes[close] != 0) & columns.shown(trashed=False)[close]]
            close = close[close != asset_id]
            order = np.argsort(distances[close], kind="stable")[:limit]
            found = zip(close[order].tolist(), distances[close[order]].tolist(), strict=True)
            return [(AssetId(i), distance) for i, distance in found]
