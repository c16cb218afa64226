"""Pictures that look like another one: copies saved anew, resized, or of the same motif."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gallery_app.catalog.catalog import Catalog
from gallery_app.domain.errors import BadInput
from gallery_app.domain.model import Asset
from gallery_app.services.browse import Browse

NEAR, SIMILAR = 5, 10  # bits of 64; source: design/features.md, A65
WIDEST = 20  # beyond, strangers look alike (design/pipeline.md, section 6)
MOST = 100


@dataclass(frozen=True, slots=True)
class Twin:
    """A look-alike: `near` is nearly identical (0 to 5 bits of 64 differ), else `similar`."""

    asset: Asset
    distance: int
    band: Literal["near", "similar"]


class Similar:
    """Finds look-alikes by the perceptual hash."""

    def __init__(self, catalog: Catalog, browse: Browse) -> None:
        self._catalog = catalog
        self._browse = browse

    def of(self, uid: str, *, within: int = SIMILAR, limit: int = 24) -> list[Twin]:
        """The look-alikes in the timeline, nearest first; none before it was rendered.

        Args:
            uid: whose.
            within: bits that may differ, 0 to WIDEST.
            limit: 1 to MOST.

        Raises:
            NotFound: no asset has this uid.
            BadInput: a number out of range.
        """
        if not 0 <= within <= WIDEST:
            raise BadInput(f"Look-alikes differ in 0 to {WIDEST} bits.")
        if not 1 <= limit <= MOST:
            raise BadInput(f"At most {MOST} look-alikes are listed.")
        asset = self._browse.get(uid)
        near = self._catalog.similar.near(asset.id, within=within, limit=limit)
        distances = dict(near)
        return [
            Twin(twin, distances[twin.id], "near" if distances[twin.id] <= NEAR else "similar")
            for twin in self._catalog.assets.many([asset_id for asset_id, _ in near])
            if twin.live
        ]
