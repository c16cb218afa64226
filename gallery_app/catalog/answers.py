"""A query's answer: the ids that match, in order; the newest few are kept.

An answer belongs to one revision. Hits of words not asked before come from SQLite while the
columns are not locked, and are asked again should a commit have come between.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from gallery_app.catalog import text_index
from gallery_app.catalog.columns import Columns, Ids, Mask
from gallery_app.catalog.database import Database
from gallery_app.catalog.filters import base_mask, named, term_mask
from gallery_app.catalog.timeline import Buckets
from gallery_app.domain.query import BEST, AssetQuery, Word

_MOST_KEPT_BYTES = 8_000_000
_TRIES = 3

T = TypeVar("T")
Found = list[tuple[Word, npt.NDArray[np.int64]]]


@dataclass(slots=True)
class Answer:
    """The ids matching `query` at `revision`, in the query's order; its buckets once asked."""

    query: AssetQuery
    revision: int
    ids: Ids
    buckets: Buckets | None = None

    @property
    def held_bytes(self) -> int:
        """Memory it keeps."""
        return self.ids.nbytes + 500


class Answers:
    """Makes answers and keeps the newest."""

    def __init__(self, database: Database, columns: Columns) -> None:
        self._database = database
        self._columns = columns
        self._kept: OrderedDict[AssetQuery, Answer] = OrderedDict()

    def of(self, query: AssetQuery) -> Answer:
        """The answer at the present revision, whatever page the query asks for."""
        query = replace(query, page=1, cursor=None, limit=1)
        with self._columns.lock:
            kept = self._kept.get(query)
            if kept is not None and kept.revision == self._columns.revision:
                self._kept.move_to_end(query)
                return kept
        return self.masked(query, lambda mask: self._answer(query, mask))

    def masked(self, query: AssetQuery, use: Callable[[Mask], T]) -> T:
        """`use` on the ids that the query's place and words let through, the columns locked."""
        columns = self._columns
        for _ in range(_TRIES):
            with columns.lock:
                missing = columns.hits.missing(query.words)
                revision = columns.revision
                if not missing:
                    return use(self._base(query))
            found = self._hits(missing)
            with columns.lock:
                if columns.revision == revision:
                    return self._use(query, found, use)
        with columns.lock:
            return self._use(query, self._hits(columns.hits.missing(query.words)), use)

    def _use(self, query: AssetQuery, found: Found, use: Callable[[Mask], T]) -> T:
        hits = self._columns.hits
        for word, ids in found:
            hits.keep(word, ids, size=self._columns.size)
        # Another thread may have made room at the cost of a word that was there a moment ago.
        for word, ids in self._hits(hits.missing(query.words)):
            hits.keep(word, ids, size=self._columns.size)
        used = use(self._base(query))
        hits.shrink()
        return used

    def _hits(self, words: list[Word]) -> Found:
        if not words:
            return []
        with self._database.reading() as connection:
            return [(word, text_index.hits(connection, word)) for word in words]

    def _base(self, query: AssetQuery) -> Mask:
        columns = self._columns
        mask = base_mask(columns, query)
        for word in query.words:
            have = columns.hits.mask(word, columns.size)
            mask &= ~have if word.negated else have
        return mask

    def _answer(self, query: AssetQuery, mask: Mask) -> Answer:
        for term in query.terms:
            mask &= term_mask(self._columns, term)
        answer = Answer(query, self._columns.revision, self._ordered(mask, query))
        self._keep(answer)
        return answer

    def _ordered(self, mask: Mask, query: AssetQuery) -> Ids:
        order: npt.NDArray[Any]
        if query.sort == BEST:
            order = named(self._columns, query.named)
        else:
            order = self._columns.orders.ascending(query.sort.lstrip("-"))
        if query.sort.startswith("-"):
            order = order[::-1]
        ids: Ids = order[mask[order]]
        return ids

    def _keep(self, answer: Answer) -> None:
        stale = [q for q, kept in self._kept.items() if kept.revision != answer.revision]
        for query in stale:
            del self._kept[query]
        self._kept[answer.query] = answer
        self._kept.move_to_end(answer.query)
        held = sum(kept.held_bytes for kept in self._kept.values())
        while held > _MOST_KEPT_BYTES and len(self._kept) > 1:
            held -= self._kept.popitem(last=False)[1].held_bytes
