"""Which entities have pictures: how many, the newest, and a cover; from the columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from gallery_app.catalog.columns import Columns
from gallery_app.catalog.database import Database, Row
from gallery_app.catalog.encoding import from_local_ms
from gallery_app.catalog.postings import distinct
from gallery_app.catalog.rows import blocks, marks
from gallery_app.domain.answers import EntityCount
from gallery_app.domain.entities import EntityRef, EntityType
from gallery_app.domain.model import SourceId, Uid, uid_from_bytes

EntitySort = Literal["recent", "name", "count"]
_SELECT = "SELECT id, source_id, type, ref, name, url FROM entity "


class EntityCounts:
    """Counts entities."""

    def __init__(self, database: Database, columns: Columns) -> None:
        self._database = database
        self._columns = columns

    def page(
        self,
        kind: EntityType,
        *,
        text: str,
        source: SourceId | None,
        limit: int,
        offset: int,
        sort: EntitySort,
    ) -> tuple[list[EntityCount], int]:
        """See `Remotes.entities`."""
        columns = self._columns
        narrowed = self._named(kind, text, source) if text or source or sort == "name" else None
        with columns.lock:
            shown = columns.shown(trashed=False)
            counts = columns.entities.counts(shown)
            wanted = np.flatnonzero(columns.entities.of_type(kind) & (counts > 0))
            if narrowed is not None:
                narrowed = narrowed[narrowed < len(counts)]
                live = np.zeros(len(counts), dtype=np.bool_)
                live[wanted] = True
                wanted = narrowed[live[narrowed]]  # in the order of the names
            if sort == "count":
                wanted = wanted[np.argsort(-counts[wanted], kind="stable")]
            elif sort == "recent":
                newest = columns.entities.newest(shown, columns.taken)
                wanted = wanted[np.argsort(-newest[wanted], kind="stable")]
        ids = wanted.tolist()
        if kind == "product":
            ids = self._each_once(ids)
        return self._of(ids[offset : offset + limit]), len(ids)

    def _each_once(self, ids: Sequence[int]) -> list[int]:
        """Of the products that several sources tell of, the one that has a name."""
        ref_of: dict[int, str] = {}
        named: set[int] = set()
        for number, ref, name in self._database.rows(
            "SELECT id, ref, name FROM entity WHERE type = 'product'"
        ):
            ref_of[number] = ref
            if name:
                named.add(number)
        best: dict[str, int] = {}
        for number in sorted(ids, key=lambda i: i not in named):
            best.setdefault(ref_of[number], number)
        return [best[ref] for ref in dict.fromkeys(ref_of[number] for number in ids)]

    def get(self, kind: EntityType, ref: str) -> list[EntityCount]:
        """See `Remotes.entity`."""
        rows = self._database.rows(
            "SELECT id FROM entity WHERE type = ? AND ref = ? ORDER BY source_id", (kind, ref)
        )
        return self._of([row[0] for row in rows])

    def _named(self, kind: EntityType, text: str, source: SourceId | None) -> npt.NDArray[np.int64]:
        """The entities of a type that a text and a source let through, by name."""
        folded = text.casefold()
        where, values = "type = ?", [kind]
        if text:
            where += " AND (instr(folded, ?) > 0 OR substr(ref, 1, ?) = ?)"
            values += [folded, len(text), text]  # type: ignore[list-item]  # what SQLite binds
        if source is not None:
            where += " AND source_id = ?"
            values.append(source)  # type: ignore[arg-type]  # what SQLite binds
        rows = self._database.rows(
            f"SELECT id FROM entity WHERE {where} ORDER BY folded, id",  # noqa: S608  # fixed text
            values,
        )
        return np.array([row[0] for row in rows], dtype=np.int64)

    def _of(self, ids: Sequence[int]) -> list[EntityCount]:
        rows: dict[int, Row] = {}
        for block in blocks(ids):
            listed = f"WHERE id IN ({marks(len(block))})"
            rows.update((row[0], row) for row in self._database.rows(_SELECT + listed, block))
        return [self._counted(rows[i]) for i in ids if i in rows]

    def _counted(self, row: Row) -> EntityCount:
        number, source_id, kind, ref, name, url = row
        columns = self._columns
        with columns.lock:
            assets, cover, taken = newest_of(columns, [number])
        if kind == "product":  # a number means the same whoever tells of it
            same = self._database.rows(
                "SELECT id FROM entity WHERE type = 'product' AND ref = ?", (ref,)
            )
            with columns.lock:
                assets = newest_of(columns, [one for (one,) in same])[0]
        latest = None if cover is None else from_local_ms(taken)
        return EntityCount(
            SourceId(source_id), EntityRef(kind, ref, name, url), assets, cover, latest
        )


def newest_of(columns: Columns, entities: Sequence[int]) -> tuple[int, Uid | None, int]:
    """How many live assets belong to any of these; the newest one's uid and time taken."""
    belonging = [columns.entities.postings.of(entity) for entity in entities]
    ids = distinct(np.concatenate([np.empty(0, dtype=np.int32), *belonging]))
    ids = ids[columns.shown(trashed=False, ids=ids)]
    if not len(ids):
        return 0, None, 0
    # Of pictures taken at the same moment the later one, as in the timeline.
    newest = int(ids[len(ids) - 1 - int(np.argmax(columns.taken[ids][::-1]))])
    uid = uid_from_bytes(columns.uid[newest].tobytes())
    return len(ids), uid, int(columns.taken[newest])
