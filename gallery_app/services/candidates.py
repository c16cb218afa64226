"""Which pictures may hang on a wall, and of these the ones that fit a query.

Never there: what is for the team only, what cannot be shown, and what would have to move.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

from gallery_app.catalog.catalog import Catalog
from gallery_app.domain.errors import BadQuery, GalleryError, NotFound
from gallery_app.domain.model import AssetId, Uid
from gallery_app.domain.query import AssetQuery, Term
from gallery_app.services.browse import Browse
from gallery_app.services.smart import SmartSearch

MOST_CANDIDATES = 1000
SMART = "smart:"  # begins a query that asks what pictures show
_NOT_SHOWN = (
    Term("is", ("private",), negated=True),
    Term("is", ("unreadable",), negated=True),
    Term("is", ("video",), negated=True),
)
_LIES_HERE = Term("is", ("remote",), negated=True)
FoundBy = Literal["smart", "search", "any"]


class Candidates:
    """Finds pictures for walls."""

    def __init__(
        self, catalog: Catalog, browse: Browse, smart: SmartSearch, *, chance: Callable[[], float]
    ) -> None:
        self._catalog = catalog
        self._browse = browse
        self._smart = smart
        self._chance = chance

    def find(self, query: str, most: int, within_s: float) -> tuple[Sequence[Uid], FoundBy]:
        """The best for a query: by what they show, by what is said of them, or any.

        Who knows what they show is waited for no longer than `within_s`.

        Raises:
            NotFound: there is no picture that may be shown.
        """
        if query:
            found = self._by_sight(query, most, within_s)
            if found:
                return found, "smart"
            found = self._by_words(query, most)
            if found:
                return found, "search"
        found = self.any(most)
        if not found:
            raise NotFound("picture to show")
        return found, "any"

    def of(self, query: str, within_s: float) -> Sequence[Uid]:
        """All that a frame with that query shows in turn; "" is every picture.

        Where nobody knows, or not in time, what pictures show, it is what is said of them that
        counts, and then every picture: no wall is dark because a server is late.
        """
        if query.startswith(SMART):
            found = self._by_sight(query, MOST_CANDIDATES, within_s)
            return found or self._by_words(query, MOST_CANDIDATES) or self.all()
        if query:
            return self._by_words(query, MOST_CANDIDATES)
        return self.all()

    def all(self, *, here: bool = False) -> Sequence[Uid]:
        """The newest of all; `here`: whose originals lie here."""
        return self._catalog.index.uids(
            _all(here=here), 20 * MOST_CANDIDATES, without=self._customers()
        )

    def any(self, most: int, *, here: bool = False) -> Sequence[Uid]:
        """Up to so many by chance, in an order of chance; `here` as in `all`."""
        ids = self._catalog.index.ids(_all(here=here), without=self._customers())
        chosen = random.Random(self._chance()).sample(ids, min(most, len(ids)))  # noqa: S311  # a picture, no secret
        return self._catalog.index.uids_of(chosen)

    def _by_sight(self, query: str, most: int, within_s: float) -> Sequence[Uid]:
        try:
            found = self._smart.find(query.removeprefix(SMART), limit=most, within_s=within_s)
        except GalleryError:  # nobody can search, or not now: what is said of pictures must do
            return []
        return self._showable(found)[:most]

    def _by_words(self, query: str, most: int) -> Sequence[Uid]:
        try:
            asked = AssetQuery.from_params({"q": [query.removeprefix(SMART)]})
        except BadQuery:
            return []
        return self._browse.uids(replace(asked, terms=(*asked.terms, *_NOT_SHOWN)), most)

    def _customers(self) -> Sequence[AssetId]:
        """What customers sent: it hangs on a wall only where a query finds it."""
        return self._catalog.sources.ever_of("freshdesk")

    def _showable(self, uids: Sequence[Uid]) -> Sequence[Uid]:
        ids = self._catalog.assets.ids_of(uids)
        query = AssetQuery(terms=_NOT_SHOWN)
        fit = {a.uid for a in self._catalog.assets.many(list(ids.values())) if query.matches(a)}
        return [uid for uid in uids if uid in fit]


def _all(*, here: bool) -> AssetQuery:
    return AssetQuery(terms=(*_NOT_SHOWN, _LIES_HERE) if here else _NOT_SHOWN)
