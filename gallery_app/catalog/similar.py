"""Pictures that look alike: the Hamming distance of perceptual hashes, over the column."""

from __future__ import annotations

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
        raise NotImplementedError
