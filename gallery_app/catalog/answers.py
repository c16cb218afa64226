"""A query's answer: the ids that match, in order; the newest few are kept.

An answer belongs to one revision. Ids from full text are asked of SQLite before the columns
are locked, and asked again should a commit have come between.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from gallery_app.catalog import text_index
from gallery_app.catalog.columns import Columns, Ids, Mask
from gallery_app.catalog.database import Database
from gallery_app.catalog.filters import base_mask, none, term_mask
from gallery_app.catalog.timeline import Buckets
from gallery_app.domain.query import AssetQuery, Word

_MOST_KEPT_BYTES = 16_000_000
_TRIES = 3


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


@dataclass(frozen=True, slots=True)
class Found:
    """What full text says of a query's words: ids with all wanted, ids with any unwanted."""

    wanted: npt.NDArray[np.int64] | None
    unwanted: npt.NDArray[np.int64] | None

    def narrow(self, columns: Columns, mask: Mask) -> Mask:
        """`mask` without what the words rule out."""
        if self.wanted is not None:
            have = none(columns)
            have[self.wanted[self.wanted < columns.size]] = True
            mask = mask & have
        if self.unwanted is not None:
            mask = mask.copy()
            mask[self.unwanted[self.unwanted < columns.size]] = False
        return mask


class Answers:
    """Makes answers and keeps the newest."""

    def __init__(self, database: Database, columns: Columns) -> None:
        self._database = database
        self._columns = columns
        self._kept: OrderedDict[AssetQuery, Answer] = OrderedDict()

    def of(self, query: AssetQuery) -> Answer:
        """The answer at the present revision, whatever page the query asks for."""
        query = replace(query, page=1, cursor=None, limit=1)
        columns = self._columns
        for left in range(_TRIES, -1, -1):
            revision = columns.revision
            with columns.lock:
                kept = self._kept.get(query)
                if kept is not None and kept.revision == columns.revision:
                    self._kept.move_to_end(query)
                    return kept
            found = self.found(query.words)
            with columns.lock:
                if query.words and columns.revision != revision and left:
                    continue
                answer = Answer(query, columns.revision, self._ids(query, found))
                self._keep(answer)
                return answer
        raise AssertionError  # pragma: no cover  # the last try always answers

    def found(self, words: tuple[Word, ...]) -> Found:
        """Ask full text about all words of a query at once."""
        wanted = [w for w in words if not w.negated]
        unwanted = [w for w in words if w.negated]
        if not words:
            return Found(None, None)
        with self._database.reading() as connection:
            return Found(
                text_index.hits(connection, wanted) if wanted else None,
                text_index.any_hits(connection, unwanted) if unwanted else None,
            )

    def _ids(self, query: AssetQuery, found: Found) -> Ids:
        mask = found.narrow(self._columns, base_mask(self._columns, query))
        for term in query.terms:
            mask &= term_mask(self._columns, term)
        return self.ordered(mask, query.sort)

    def ordered(self, mask: Mask, sort: str) -> Ids:
        """The marked ids in the order of `sort`."""
        order: npt.NDArray[Any] = self._columns.orders.ascending(sort.lstrip("-"))
        if sort.startswith("-"):
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
