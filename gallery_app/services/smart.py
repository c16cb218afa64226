"""Search by what pictures show, where a connected Immich can: its answers become our pictures."""

from __future__ import annotations

from gallery_app.catalog.catalog import Catalog
from gallery_app.domain.model import Source, Uid
from gallery_app.services.reach import Reach

KEPT_S = 3 * 3600.0  # source: brief S4, "cache expires after 3 hours"
MOST = 500


class SmartSearch:
    """Asks the first Immich that can search; the same question is not asked twice in 3 hours."""

    def __init__(self, catalog: Catalog, reach: Reach) -> None:
        self._catalog = catalog
        self._reach = reach

    def available(self) -> Source | None:
        """The source that would be asked; None when none can search. Never raises."""
        raise NotImplementedError

    def find(self, text: str, *, limit: int = 100) -> list[Uid]:
        """The pictures that show `text`, best first; only those in the timeline.

        Args:
            text: in plain words, as Immich takes them.
            limit: 1 to MOST.

        Raises:
            BadInput: an empty text.
            Conflict: no connected source can search; says what to connect.
            UpstreamRefused, UpstreamTimeout, Upstream: the source does not answer.
        """
        raise NotImplementedError
