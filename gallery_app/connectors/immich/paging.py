"""A whole answer to a `Search`, page by page, whatever comes and goes meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from gallery_app.connectors.immich.api import Api
from gallery_app.connectors.immich.models import AssetSeen
from gallery_app.connectors.immich.requests import Position, Search

_STALE = 2  # pages in a row without anything new, before it is given up


@dataclass(frozen=True, slots=True)
class Sheet:
    """The new assets of one page; `then` is where the next one is, None behind the last."""

    assets: list[AssetSeen]
    then: Position | None
    ids_refused: int = 0


class Pages:
    """All pages of a search, each asset once. Iterate once.

    Args:
        api: the server.
        search: what is asked for.
        at: where to begin.
        one_turn: only the pass that `at` is in.
    """

    def __init__(
        self, api: Api, search: Search, at: Position | None = None, *, one_turn: bool = False
    ) -> None:
        self._api = api
        self._search = search
        self._at = at or Position()
        self._one_turn = one_turn
        # Whether every page was met; False while it runs and when a server goes in circles.
        self.complete = False

    def __iter__(self) -> Iterator[Sheet]:
        at: Position | None = self._at
        met: set[str] = set()
        stale = 0
        while at is not None:
            page, then = self._api.page(self._search, at)
            fresh = [asset for asset in page.assets if asset.id not in met]
            met.update(asset.id for asset in fresh)
            stale = 0 if fresh or then is None else stale + 1
            if stale >= _STALE or then == at:
                yield Sheet(fresh, None, page.ids_refused)
                return
            if then is None and not self._one_turn:
                then = self._next_turn(at)
            yield Sheet(fresh, then, page.ids_refused)
            at = then
        self.complete = True

    def _next_turn(self, at: Position) -> Position | None:
        turns = self._api.builder().turns(self._search)
        return at.next_turn() if at.turn + 1 < turns else None

    def ids(self) -> list[str]:
        """The ids of all of them; `complete` says whether it is all."""
        return [asset.id for sheet in self for asset in sheet.assets]
