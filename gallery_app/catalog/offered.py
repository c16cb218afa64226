"""Where a help desk offers pictures of a ticket, an article or a company, newest first.

One statement over the entities of occurrences, its answer kept until something changes: a page of
a ticket with thousands of attachments costs milliseconds, since only the rows of the page are
read whole, by whoever asks.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from typing import NamedTuple

from gallery_app.catalog.database import Database
from gallery_app.catalog.encoding import HELD, WANTED
from gallery_app.domain.entities import EntityType
from gallery_app.domain.model import AssetId, SourceId

_MOST_KEPT = 16
_PARENTS = ("ticket", "article")  # whose pictures are listed under them
_OFFERS = """
    SELECT o.asset_id, o.source_id, o.key FROM entity e
      JOIN occurrence_entity x ON x.entity_id = e.id
      JOIN source s ON s.id = x.source_id
      JOIN occurrence o ON o.source_id = x.source_id AND o.key = x.key
      JOIN remote_image r ON r.source_id = x.source_id AND r.key = x.key
     WHERE e.type = ? AND e.ref = ? AND s.kind = ? AND s.removed_at IS NULL
       AND o.gone_at IS NULL AND o.asset_id IS NOT NULL
"""
_ALSO = """
       AND EXISTS (SELECT 1 FROM occurrence_entity y JOIN entity f ON f.id = y.entity_id
            WHERE y.source_id = x.source_id AND y.key = x.key AND f.type = ? AND f.ref = ?)
"""
# A ticket is its company's alone; an article that names companies is theirs, any other is
# everybody's.
_FOR = """
       AND CASE WHEN EXISTS (SELECT 1 FROM occurrence_entity y JOIN entity f ON f.id = y.entity_id
            WHERE y.source_id = x.source_id AND y.key = x.key AND f.type = 'company')
           THEN EXISTS (SELECT 1 FROM occurrence_entity y JOIN entity f ON f.id = y.entity_id
            WHERE y.source_id = x.source_id AND y.key = x.key AND f.type = 'company' AND f.ref = ?)
           ELSE r.parent LIKE 'article/%' END
"""


class Offer(NamedTuple):
    """One place at which an asset is offered."""

    asset_id: AssetId
    source_id: SourceId
    key: str


class Offered:
    """Asks where pictures were attached; `revision` says whether an answer still holds."""

    def __init__(self, database: Database, *, revision: Callable[[], int]) -> None:
        self._database = database
        self._revision = revision
        self._kept: OrderedDict[object, tuple[int, list[Offer]]] = OrderedDict()
        self._lock = threading.Lock()

    def at(
        self,
        kind: str,
        *entities: tuple[EntityType, str],
        company: str | None = None,
        private: bool = True,
    ) -> list[Offer]:
        """Every live place in sources of a kind that belongs to all of the entities.

        Args:
            kind: of the sources.
            entities: type and id each, at least one, the rarest first.
            company: only what this company may know of.
            private: also what is for the team alone.
        """
        asked = (kind, entities, company, private)
        revision = self._revision()  # before the question: an answer is never newer than it says
        with self._lock:
            known = self._kept.get(asked)
        if known is not None and known[0] == revision:
            return known[1]
        found = self._ask(kind, entities, company, private=private)
        with self._lock:
            self._kept[asked] = (revision, found)
            self._kept.move_to_end(asked)
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return found

    def _ask(
        self,
        kind: str,
        entities: tuple[tuple[EntityType, str], ...],
        company: str | None,
        *,
        private: bool,
    ) -> list[Offer]:
        (first, *others) = entities
        if first[0] in _PARENTS and not others and company is None and private:
            return self._below(kind, f"{first[0]}/{first[1]}")
        sql, values = _OFFERS, [*first, kind]
        for other in others:
            sql += _ALSO
            values.extend(other)
        if company is not None:
            sql += _FOR
            values.append(company)
        if not private:
            sql += " AND r.private = 0"
        sql += " ORDER BY r.newness DESC, o.key DESC"
        return [Offer(*row) for row in self._database.rows(sql, values)]

    def _below(self, kind: str, parent: str) -> list[Offer]:
        """All that is offered below one parent, from an index alone."""
        found: list[tuple[int, str, int, int]] = []
        for (source_id,) in self._database.rows(
            "SELECT id FROM source WHERE kind = ? AND removed_at IS NULL", (kind,)
        ):
            for state in (HELD, WANTED):  # wanted: a new version is on its way
                for where in ("parent = ?2", "parent > ?2 || '/' AND parent < ?2 || '0'"):
                    found += self._database.rows(
                        "SELECT newness, key, asset_id, source_id FROM remote_image "  # noqa: S608  # text from above
                        f"WHERE source_id = ?1 AND {where} AND state = ?3 "
                        "AND asset_id IS NOT NULL ORDER BY newness, key",
                        (source_id, parent, state),
                    )
        found.sort(reverse=True)  # runs in order already, but for a few
        return [Offer(AssetId(i), SourceId(source), key) for _, key, i, source in found]

    def waiting(self, sources: Sequence[SourceId], parent: str, *, private: bool = True) -> int:
        """How many pictures below a parent were listed and are still to be fetched.

        `private`: those for the team alone are counted too.
        """
        counted = 0
        for source_id in sources:
            row = self._database.row(
                "SELECT (SELECT count(*) FROM remote_image INDEXED BY remote_image_parent "
                "WHERE source_id = ?1 AND parent = ?2 AND state = 0 AND private <= ?3) + "
                "(SELECT count(*) FROM remote_image INDEXED BY remote_image_parent "
                "WHERE source_id = ?1 AND parent >= ?2 || '/' AND parent < ?2 || '0' "
                "AND state = 0 AND private <= ?3)",
                (source_id, parent, int(private)),
            )
            counted += row[0] if row else 0
        return counted
