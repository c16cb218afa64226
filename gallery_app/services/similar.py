"""Pictures that look like another one: copies saved anew, resized, or of the same motif."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from gallery_app.catalog.catalog import Catalog
from gallery_app.domain.model import Asset
from gallery_app.services.browse import Browse

NEAR, SIMILAR = 5, 10  # bits of 64; source: design/features.md, A65


@dataclass(frozen=True, slots=True)
class Twin:
    """A look-alike: `near` is nearly identical (0 to 5 bits of 64 differ), `similar` 6 to 10."""

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

        Raises:
            NotFound: no asset has this uid.
        """
        raise NotImplementedError
