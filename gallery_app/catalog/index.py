"""Answers to queries: pages, totals, facets, timeline, buckets and places, from the columns.

SQLite is asked for full text, for file names when they are the order, and for the whole rows
of what is shown; everything else comes from `columns.py` through `answers.py`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from gallery_app.catalog.answers import Answer, Answers
from gallery_app.catalog.columns import DATED, Columns, Ids, Mask
from gallery_app.catalog.database import Database
from gallery_app.catalog.encoding import local_ms, utc_ms
from gallery_app.catalog.facets import facets, labelled
from gallery_app.catalog.filters import DATES, date_mask, term_mask
from gallery_app.catalog.folders import children
from gallery_app.catalog.orders import positions
from gallery_app.catalog.rows import blocks, marks, whole_assets
from gallery_app.catalog.timeline import Buckets, buckets, packed
from gallery_app.domain.answers import Facets, FolderEntry, Label, Located, Page, Timeline
from gallery_app.domain.entities import ENTITY_TYPES
from gallery_app.domain.errors import BadCursor, NotFound
from gallery_app.domain.model import Asset, AssetId, SourceId, Uid, uid_from_bytes, uid_to_bytes
from gallery_app.domain.query import BEST, AssetQuery, Cursor

# How often an answer is made anew because a commit came between it and its buckets.
_TRIES = 4


class Index:
    """What the catalog says to a query."""

    def __init__(self, database: Database, columns: Columns) -> None:
        self._database = database
        self._columns = columns
        self._answers = Answers(database, columns)
        columns.orders.names = self._by_name

    def page(self, query: AssetQuery) -> Page:
        """The assets from the query's cursor, or on its page; a page past the end is empty.

        Raises:
            BadCursor: the cursor is none that this gallery gave for this order.
        """
        answer = self._answers.of(query)
        limit = max(1, query.limit)
        start = self._after(query, answer) if query.cursor else (max(1, query.page) - 1) * limit
        wanted = answer.ids[start : start + limit].tolist()
        with self._database.reading() as connection:
            items = tuple(whole_assets(connection, wanted))
        following = start + limit < len(answer.ids)
        cursor = _cursor(query, items[-1]) if following and items else None
        return Page(items, len(answer.ids), cursor)

    def ids(
        self,
        query: AssetQuery,
        limit: int | None = None,
        *,
        without: Collection[AssetId] = (),
    ) -> list[AssetId]:
        """The ids of the first `limit` assets of the answer, or of all, `without` those."""
        found: list[AssetId] = self._without(query, without)[:limit].tolist()
        return found

    def among(self, query: AssetQuery, ids: Ids, moments: npt.NDArray[np.int64]) -> list[int]:
        """The positions in `ids` of those that match; an id may stand there more than once.

        `moments` (UTC, ms) are the dates of those that do not tell themselves when they were taken.
        """
        columns = self._columns

        def matching(mask: Mask) -> list[int]:
            for term in query.terms:
                if term.name not in DATES:
                    mask &= term_mask(columns, term)
            # The columns follow a commit a moment later than the rows.
            known = np.minimum(ids, len(mask) - 1)
            fits: Mask = mask[known] & (known == ids)
            dates = [term for term in query.terms if term.name in DATES]
            if dates:
                is_dated = columns.flags[known] & DATED != 0
                taken = np.where(is_dated, columns.taken[known], moments)
                for term in dates:
                    fits &= date_mask(term, taken)
            found: list[int] = np.flatnonzero(fits).tolist()
            return found

        return self._answers.masked(query, matching)

    def uids(
        self, query: AssetQuery, limit: int, *, without: Collection[AssetId] = ()
    ) -> list[Uid]:
        """The uids of the first `limit` assets of the answer, `without` those."""
        return self.uids_of(self._without(query, without)[:limit])

    def uids_of(self, ids: Ids | Sequence[AssetId]) -> list[Uid]:
        """The uids of these assets, in their order."""
        with self._columns.lock:
            raw = self._columns.uid[np.asarray(ids, dtype=np.int32)].tobytes()
        return [uid_from_bytes(raw[at : at + 16]) for at in range(0, len(raw), 16)]

    def facets(self, query: AssetQuery) -> Facets:
        """Counts per filter value."""
        found = self._answers.masked(query, lambda mask: facets(self._columns, query, mask))
        numbers = [int(v.value) for kind in ENTITY_TYPES for v in found.names[kind]]
        refs: dict[int, tuple[str, str]] = {}
        for block in blocks(numbers):
            for number, ref, name in self._database.rows(
                f"SELECT id, ref, name FROM entity WHERE id IN ({marks(len(block))})",  # noqa: S608  # question marks only
                block,
            ):
                refs[number] = ref, name
        return labelled(found, refs)

    def timeline(self, query: AssetQuery) -> Timeline:
        """The buckets of the answer."""
        answer, cut = self._cut(query)
        return Timeline(
            answer.revision, len(answer.ids), cut.keys, cut.labels, cut.counts, cut.ratios,
            cut.days, cut.stamps,
        )  # fmt: skip

    def bucket(self, query: AssetQuery, key: str) -> bytes:
        """The binary columns of one bucket.

        Raises:
            NotFound: the answer has no such bucket (any more).
        """
        ids, stamp = self._bucket(query, key)
        by_month = query.sort.lstrip("-") == "taken"
        with self._columns.lock:
            return packed(self._columns, ids, stamp, by_month=by_month)

    def labels(self, query: AssetQuery, key: str, start: int, stop: int) -> list[Label]:
        """What a screen reader is told of the tiles start to stop (exclusive) of a bucket.

        Raises:
            NotFound: the answer has no such bucket (any more).
        """
        ids, _ = self._bucket(query, key)
        with self._database.reading() as connection:
            assets = whole_assets(connection, ids[max(0, start) : max(0, stop)].tolist())
        return [
            Label(a.uid, a.filename, a.taken_at, a.metadata.place, a.title, a.alt_text)
            for a in assets
        ]

    def locate(self, query: AssetQuery, uid: str) -> Located:
        """Where an asset stands in the answer.

        Raises:
            NotFound: no such asset, or the query does not match it.
        """
        answer, cut = self._cut(query)
        asset_id, _ = self._resolve(uid)
        at = np.flatnonzero(answer.ids == asset_id)
        if not len(at):
            raise NotFound("picture")
        position = int(at[0])
        place = int(np.searchsorted(cut.starts, position, side="right")) - 1
        return Located(cut.keys[place], position - cut.starts[place], position)

    def folders(self, source_id: SourceId, path: str) -> list[FolderEntry]:
        """The folders directly in `path` of a source, with counts of what lies below them."""
        with self._columns.lock:
            return children(self._columns, source_id, path)

    def _cut(self, query: AssetQuery) -> tuple[Answer, Buckets]:
        """The answer and its buckets, both of one revision."""
        columns = self._columns
        for left in range(_TRIES, -1, -1):
            answer = self._answers.of(query)
            with columns.lock:
                if answer.buckets is None and (answer.revision == columns.revision or not left):
                    answer.buckets = buckets(
                        columns, answer.ids, answer.query.sort, filenames=self._filenames
                    )
                if answer.buckets is not None:
                    return answer, answer.buckets
        raise AssertionError  # pragma: no cover  # the last try always cuts

    def _bucket(self, query: AssetQuery, key: str) -> tuple[Ids, int]:
        answer, cut = self._cut(query)
        place = cut.places.get(key)
        if place is None:
            raise NotFound("part of the timeline")
        return answer.ids[cut.starts[place] : cut.starts[place + 1]], cut.stamps[place]

    def _after(self, query: AssetQuery, answer: Answer) -> int:
        """The position of the first asset after the query's cursor."""
        cursor = Cursor.decode(query.cursor or "", sort=query.sort)
        try:
            _, old_id = self._resolve(cursor.uid)
        except NotFound as error:
            raise BadCursor from error
        if query.sort == BEST:
            places = {uid: place for place, uid in enumerate(query.named)}
            past = (places[uid] > int(cursor.key) for uid in self.uids_of(answer.ids))
            return next((n for n, is_past in enumerate(past) if is_past), len(answer.ids))
        descending = query.sort.startswith("-")
        if isinstance(cursor.key, str):
            return self._after_name(answer.ids, (cursor.key, old_id), descending=descending)
        with self._columns.lock:
            key = self._columns.orders.key(query.sort.lstrip("-"))
            ids = answer.ids[::-1] if descending else answer.ids
            wanted = np.array([cursor.key], dtype=np.int64)
            at_id = old_id if descending else old_id + 1
            at = int(positions(ids, key, wanted, ids=np.array([at_id], dtype=np.int32))[0])
        return len(ids) - at if descending else at

    def _after_name(self, ids: Ids, place: tuple[str, int], *, descending: bool) -> int:
        low, high = 0, len(ids)
        while low < high:
            middle = (low + high) // 2
            asset_id = int(ids[middle])
            row = self._database.row("SELECT name_key FROM asset WHERE id = ?", (asset_id,))
            here = (row[0] if row else "", asset_id)
            passed = here >= place if descending else here <= place
            low, high = (middle + 1, high) if passed else (low, middle)
        return low

    def _resolve(self, uid: str) -> tuple[int, int]:
        """(the asset a uid leads to, the id it had itself)."""
        raw = uid_to_bytes(uid)
        row = raw and self._database.row(
            "SELECT id, id FROM asset WHERE uid = ?1 "
            "UNION ALL SELECT asset_id, old_id FROM merged_asset WHERE uid = ?1",
            (raw,),
        )
        if not row:
            raise NotFound("picture")
        return row[0], row[1]

    def _without(self, query: AssetQuery, others: Collection[AssetId]) -> Ids:
        ids = self._answers.of(query).ids
        if not others:
            return ids
        kept: Ids = ids[~np.isin(ids, np.fromiter(others, dtype=ids.dtype))]
        return kept

    def _filenames(self, ids: list[int]) -> dict[int, str]:
        found: dict[int, str] = {}
        for block in blocks(ids):
            found.update(
                self._database.rows(
                    f"SELECT id, filename FROM asset WHERE id IN ({marks(len(block))})",  # noqa: S608  # question marks only
                    block,
                )
            )
        return found

    def _by_name(self) -> Ids:
        row = self._database.row(
            "SELECT group_concat(id) FROM (SELECT id FROM asset ORDER BY name_key, id)"
        )
        return np.fromstring((row and row[0]) or "", dtype=np.int32, sep=",")


def _cursor(query: AssetQuery, last: Asset) -> str:
    by = query.sort.lstrip("-")
    key: int | str
    if by == BEST:
        key = query.named.index(last.uid)
    elif by == "taken":
        key = local_ms(last.taken_at)
    elif by == "added":
        key = utc_ms(last.added_at)
    else:
        key = last.size_bytes if by == "size" else last.filename.casefold()
    return Cursor(query.sort, key, last.uid).encode()
