"""Search by what pictures show, where a connected Immich can: its answers become our pictures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import suppress
from functools import partial

from gallery_app.catalog.catalog import Catalog
from gallery_app.connectors.base import HasSearch
from gallery_app.domain.errors import BadInput, GalleryError, NotReady
from gallery_app.domain.model import Source, SourceId, Uid
from gallery_app.services.errands import COME_BACK_S, Errands
from gallery_app.services.few import Busy, Few
from gallery_app.services.reach import Reach, connected, nobody

KEPT_S = 3 * 3600.0  # source: brief S4, "cache expires after 3 hours"
MOST = 500
MOST_ASKING = 4  # at one time
# How many are asked for: few sizes, so that one answer serves many questions.
_STEPS = (100, MOST)
NO_SOURCE = SourceId(0)  # whom it will be is not known yet: the errands wait for each other
LONGEST_TEXT = 500
NOBODY = (
    "No connected source can search by what pictures show. Connect an Immich with smart search "
    "on the Sources page."
)


class SmartSearch:
    """Asks the first Immich that can search; the same question is not asked twice in 3 hours."""

    def __init__(self, catalog: Catalog, reach: Reach) -> None:
        self._catalog = catalog
        self._reach = reach
        self._few = Few(MOST_ASKING)
        self._errands = Errands()  # those of who cannot wait long

    def available(self) -> Source | None:
        """The source that would be asked; None when none can search. Never raises."""
        try:
            with self._few.one():
                found = self._searcher()
        except Busy:
            return None
        return None if found is None else found[0]

    def find(self, text: str, *, limit: int = 100, within_s: float | None = None) -> list[Uid]:
        """The pictures that show `text`, best first; only those in the timeline.

        Args:
            text: in plain words, as Immich takes them.
            limit: 1 to MOST.
            within_s: how long this caller waits; the answer is kept when it comes later.

        Raises:
            BadInput: an empty text, or one too long.
            Conflict: no connected source can search; says what to connect, or to resume.
            Busy: it keeps others waiting.
            NotReady: there was no answer in time.
            UpstreamRefused, UpstreamTimeout, Upstream: the source does not answer.
        """
        if within_s is None:
            return self._found(text, limit)
        asked = self._errands.run((text, limit), NO_SOURCE, partial(self._found, text, limit))
        try:
            return asked.result(within_s)
        except FutureTimeout as error:
            raise NotReady(retry_after_s=COME_BACK_S) from error

    def _found(self, text: str, limit: int) -> list[Uid]:
        words = " ".join(text.split())
        if not words or len(words) > LONGEST_TEXT:
            raise BadInput("Say in a few words what the pictures should show.")
        with self._few.one():
            found = self._searcher()
            if found is None:
                raise nobody(self._catalog, "immich", NOBODY)
            source, searcher = found
            keys = self._keys(source.id, searcher, words, limit)
        return self._ours(source.id, keys)[:limit]

    def _searcher(self) -> tuple[Source, HasSearch] | None:
        for source, connector in connected(self._catalog, self._reach, "immich"):
            if isinstance(connector, HasSearch):
                with suppress(GalleryError):  # one that does not answer cannot search now
                    if connector.can_search():
                        return source, connector
        return None

    def _keys(self, source_id: SourceId, searcher: HasSearch, words: str, limit: int) -> list[str]:
        asked = next(step for step in (*_STEPS, MOST) if limit <= step or step == MOST)
        name = f"smart:{source_id}:{asked}:{words.casefold()}"
        kept = self._catalog.kept.get(name)
        if kept is not None:
            return [str(key) for key in json.loads(kept)]
        keys = searcher.search(words, limit=asked)
        self._catalog.kept.put(name, json.dumps(keys), KEPT_S)
        return keys

    def _ours(self, source_id: SourceId, keys: Sequence[str]) -> list[Uid]:
        rows = self._catalog.remotes.known(source_id, keys)
        ids = [
            row.asset_id
            for key in keys
            if (row := rows.get(key)) is not None
            and row.state != "gone"
            and row.asset_id is not None
        ]
        assets = self._catalog.assets.many(list(dict.fromkeys(ids)))
        return [asset.uid for asset in assets if asset.live]
