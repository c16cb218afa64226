"""Where the subject of a picture is, as far as a remote knows: said in its lists, or asked for.

Asked once: the answer is kept, for a day where there was no face (they may not have been looked
for yet). Whoever needs a crop never waits long, and guesses where nobody can tell.
"""

from __future__ import annotations

import json
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import suppress

from gallery_app.catalog.catalog import Catalog
from gallery_app.connectors.base import HasFaces
from gallery_app.domain.errors import GalleryError
from gallery_app.domain.geometry import middle_of
from gallery_app.domain.model import AssetId, SourceId
from gallery_app.services.deadline import Deadline
from gallery_app.services.errands import Errands
from gallery_app.services.reach import Reach, connected

WITHIN_S = 3.0
FACES_KEPT_S, NONE_KEPT_S = 30 * 86_400.0, 86_400.0

Point = tuple[float, float]  # 0 to 1 from left and top


class Subjects:
    """Knows subjects, or asks the remotes for the faces."""

    def __init__(
        self, catalog: Catalog, reach: Reach, errands: Errands, *, within_s: float = WITHIN_S
    ) -> None:
        """Prepare.

        Args:
            catalog: what the lists said, and the answers kept.
            reach: the connectors.
            errands: runs what is asked.
            within_s: how long one remote is waited for at most.
        """
        self._catalog = catalog
        self._reach = reach
        self._errands = errands
        self._within_s = within_s

    def of(self, asset_id: AssetId, until: Deadline | None = None) -> Point | None:
        """The middle of what matters in the picture; None where no remote can tell in time."""
        listed = self._catalog.remotes.focus_of(asset_id)
        if listed is not None:
            return listed
        rows = {row.source_id: row for row in self._catalog.remotes.of_asset(asset_id)}
        if not rows:
            return None
        for source, connector in connected(self._catalog, self._reach):
            row = rows.get(source.id)
            if row is None or not isinstance(connector, HasFaces):
                continue
            name = f"faces:{source.id}:{row.key}:{row.version}"
            kept = self._catalog.kept.get(name)
            if kept is None and source.state not in {"offline", "attention"}:
                within_s = self._within_s
                if until is not None:
                    within_s = min(within_s, until.left_s())
                kept = self._ask(connector, source.id, row.key, name, within_s)
            point = _read(kept)
            if point is not None:
                return point
        return None

    def _ask(
        self, remote: HasFaces, source_id: SourceId, key: str, name: str, within_s: float
    ) -> str | None:
        def ask() -> str:
            point = middle_of(remote.faces(key))
            body = json.dumps(point)
            self._catalog.kept.put(name, body, NONE_KEPT_S if point is None else FACES_KEPT_S)
            return body

        with suppress(GalleryError, FutureTimeout):  # the crop is guessed, then
            return self._errands.run(name, source_id, ask).result(within_s)
        return None


def _read(body: str | None) -> Point | None:
    point = None if body is None else json.loads(body)
    return None if point is None else (point[0], point[1])
