"""Where a help desk offers pictures of a ticket, an article or a company, newest first.

A page of a ticket with thousands of attachments costs milliseconds, also right after a commit:
one index gives the asset and the moment of every place, kept until one of these assets changes or
another comes there, and only the places of the page are looked up and read whole.
"""

from __future__ import annotations

import json
import threading
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from gallery_app.catalog.columns import Columns, Ids
from gallery_app.catalog.database import Database, Row
from gallery_app.catalog.encoding import GONE, HELD, REFUSED, WANTED
from gallery_app.catalog.rows import bare_assets, blocks, marks, occurrences
from gallery_app.catalog.told import told_there
from gallery_app.domain.entities import EntityType
from gallery_app.domain.model import Asset, Occurrence, SourceId
from gallery_app.domain.told import ToldThere

_MOST_KEPT = 16
_MOST_TOLD = 20_000  # places of all answers kept; some 600 bytes each
_MOST_TOUCHED = 2_000  # assets; of more the places are asked for anew
_MOST_MOMENTS = 500
_OF_TOUCHED = (
    "SELECT r.newness FROM remote_image r INDEXED BY remote_image_asset "
    "WHERE r.asset_id IN (SELECT value FROM json_each(:touched)) AND r.source_id ="
)
_PLACE = "SELECT r.asset_id, r.source_id, r.key, r.newness"
# "0" is what follows "/", so what begins with "parent/" is one range.
_BELOW = "r.parent > :parent || '/' AND r.parent < :parent || '0'"
_OF_NO_COMPANY = (
    "NOT EXISTS (SELECT 1 FROM occurrence_entity y JOIN entity f ON f.id = y.entity_id "
    "WHERE y.source_id = r.source_id AND y.key = r.key AND f.type = 'company')"
)


@dataclass(frozen=True, slots=True)
class Asked:
    """Which places in sources of a kind: those that belong to all that is named.

    A company beside a ticket or an article is who asks: a ticket is its company's alone, an
    article that names companies is theirs, any other is everybody's.
    """

    kind: str
    ticket: str | None = None
    article: str | None = None
    company: str | None = None
    private: bool = True  # also what is for the team alone

    @property
    def parent(self) -> str | None:
        """What the pictures are listed under; None: all that is of the company."""
        if self.ticket is not None:
            return f"ticket/{self.ticket}"
        return None if self.article is None else f"article/{self.article}"


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """All places, newest attachment first, in columns; an asset stands there once for each.

    `told`: what was read of some of them, by position.
    """

    assets: Ids
    moments: npt.NDArray[np.int64]
    told: dict[int, ToldThere] = field(default_factory=dict)


class Place(NamedTuple):
    """One place and the asset there, without what hangs on its other places."""

    asset: Asset
    occurrence: Occurrence


class Offered:
    """Asks where pictures were attached; `columns` say whether an answer still holds."""

    def __init__(self, database: Database, columns: Columns) -> None:
        self._database = database
        self._columns = columns
        self._kept: OrderedDict[Asked, tuple[int, Places]] = OrderedDict()
        self._lock = threading.Lock()

    def sources(self, kind: str) -> list[SourceId]:
        """The sources of a kind that are not removed."""
        rows = self._database.rows(
            "SELECT id FROM source WHERE kind = ? AND removed_at IS NULL ORDER BY id", (kind,)
        )
        return [SourceId(row[0]) for row in rows]

    def knows(self, kind: str, type_: EntityType, id_: str) -> bool:
        """Whether a source of this kind told of this entity, with pictures or without."""
        return any(
            self._database.row(
                "SELECT 1 FROM entity WHERE source_id = ? AND type = ? AND ref = ?",
                (source_id, type_, id_),
            )
            for source_id in self.sources(kind)
        )

    def lists(self, asked: Asked) -> bool:
        """Whether anything is listed there, be its bytes here or not."""
        with self._database.reading() as connection:
            return any(
                connection.execute(f"{place} LIMIT 1", _values(asked)).fetchone()
                for source in self.sources(asked.kind)
                for place in _places(asked, source)
            )

    def at(self, asked: Asked) -> Places:
        """Every place whose bytes are here or are shown by what stood there before."""
        with self._lock:
            revision, places = self._kept.get(asked, (-1, None))
        columns = self._columns
        with columns.lock:  # before the question: an answer is never newer than it says
            now, touched = columns.revision, columns.followed.since(revision)
        if places is None or touched is None or not self._stands(asked, places, touched):
            places, touched = self._at(asked), None
        with self._lock:
            if touched is not None and places.told:
                for at in np.flatnonzero(np.isin(places.assets, touched)).tolist():
                    places.told.pop(at, None)
            if self._kept.get(asked, (-1, None)) != (now, places):
                self._kept[asked] = now, places
            self._kept.move_to_end(asked)
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return places

    def _stands(self, asked: Asked, places: Places, touched: Ids) -> bool:
        """Whether the touched assets still stand where they stood, and nowhere else.

        Whatever changes a place touches its asset.
        """
        if len(touched) > _MOST_TOUCHED:
            return False
        had = places.moments[np.isin(places.assets, touched)]
        have = self._moments_of(asked, touched) if len(touched) else []
        moments = np.union1d(had, np.array(have, dtype=np.int64))
        if not len(moments):
            return True
        if len(moments) > _MOST_MOMENTS:
            return False
        # All that stands at these moments, since only together they have an order.
        rows = self._ask(
            "asset_id, newness",
            asked,
            "AND r.newness IN (SELECT value FROM json_each(:moments))",
            moments=json.dumps(moments.tolist()),
        )
        then = np.flatnonzero(np.isin(places.moments, moments))
        before = zip(places.assets[then].tolist(), places.moments[then].tolist(), strict=True)
        return rows == list(before)

    def _moments_of(self, asked: Asked, touched: Ids) -> list[int]:
        """Of when the places are that these assets have in the answer, and perhaps some more."""
        values = {**_values(asked), "touched": json.dumps(touched.tolist())}
        with self._database.reading() as connection:
            return [
                row[0]
                for source in self.sources(asked.kind)
                for row in connection.execute(
                    f"{_OF_TOUCHED} {source} AND {_lies(asked, source)}", values
                )
            ]

    def _at(self, asked: Asked) -> Places:
        # Two texts: thousands of rows would cost five times as much.
        rows = self._ask("group_concat(asset_id), group_concat(newness)", asked)
        assets, moments = rows[0] if rows else ("", "")
        return Places(
            np.fromstring(assets or "", dtype=np.int32, sep=","),
            np.fromstring(moments or "", dtype=np.int64, sep=","),
        )

    def read(self, asked: Asked, places: Places, positions: Sequence[int]) -> dict[int, Place]:
        """The places at these positions whole, by position, but for those that are no more.

        Args:
            asked: what the places are the answer to.
            places: the answer.
            positions: rising.
        """
        wanted = self._keys(asked, places, positions)
        whole = self._whole(list(wanted.values()))
        return {at: whole[place] for at, place in wanted.items() if place in whole}

    def told(
        self, asked: Asked, places: Places, positions: Sequence[int]
    ) -> Iterator[tuple[int, ToldThere]]:
        """What is told of the picture at each of these places, but for those that are no more.

        Kept with the places, so that the next words asked of them read nothing.
        """
        with self._lock:
            since = self._kept.get(asked)
        for block in blocks(positions):
            with self._lock:
                known = {at: places.told[at] for at in block if at in places.told}
            missing = [at for at in block if at not in known]
            found = self._told(self._keys(asked, places, missing))
            with self._lock:  # what was touched meanwhile is not to be kept as it was
                is_new = since is not None and self._kept.get(asked) is since
                if is_new and self._room(asked, len(found)):
                    places.told.update(found)
            known |= found
            yield from ((at, known[at]) for at in block if at in known)

    def _room(self, asked: Asked, number: int) -> bool:
        """Whether so much more can be kept; what was told elsewhere longest ago goes for it."""
        kept = sum(len(places.told) for _, places in self._kept.values())
        for other, (_, places) in self._kept.items():
            if kept + number <= _MOST_TOLD:
                break
            if other != asked:
                kept -= len(places.told)
                places.told.clear()
        return kept + number <= _MOST_TOLD

    def _told(self, keys: Mapping[int, tuple[int, str]]) -> dict[int, ToldThere]:
        """What is told at these places, by position."""
        with self._database.reading() as connection:
            there = told_there(connection, list(keys.values()))
        return {at: there[place] for at, place in keys.items() if place in there}

    def _keys(
        self, asked: Asked, places: Places, positions: Sequence[int]
    ) -> dict[int, tuple[int, str]]:
        """The source and key of the places at these rising positions, as they are now."""
        if not positions:
            return {}
        first, last = positions[0], positions[-1]
        newest, shown = int(places.moments[first]), places.assets[list(positions)]
        # Other attachments of the same moment, which stand before the first.
        passed = Counter(places.assets[:first][places.moments[:first] == newest].tolist())
        found: list[tuple[int, str]] = []
        for asset_id, source_id, key, _ in self._ask(
            "*",
            asked,
            "AND r.newness BETWEEN :oldest AND :newest "
            "AND r.asset_id IN (SELECT value FROM json_each(:shown))",
            oldest=int(places.moments[last]),
            newest=newest,
            shown=json.dumps(shown.tolist()),
        ):
            if passed[asset_id]:
                passed[asset_id] -= 1
            else:
                found.append((source_id, key))
        # Places of the same assets that are not asked for may stand between.
        all_theirs = first + np.flatnonzero(np.isin(places.assets[first : last + 1], shown))
        place_at = dict(zip(all_theirs.tolist(), found, strict=False))
        return {at: place_at[at] for at in positions if at in place_at}

    def _ask(self, columns: str, asked: Asked, also: str = "", **values: int | str) -> list[Row]:
        """`columns` of the places that have an asset, newest first."""
        places = " UNION ALL ".join(
            f"{place} AND r.asset_id IS NOT NULL {also}"
            for source in self.sources(asked.kind)
            for place in _places(asked, source)
        )
        if not places:
            return []
        with self._database.reading() as connection:
            return connection.execute(
                f"SELECT {columns} FROM ({places} ORDER BY 4 DESC, 3 DESC, 2 DESC)",  # noqa: S608  # texts of this room
                {**_values(asked), **values},
            ).fetchall()

    def _whole(self, places: Sequence[tuple[int, str]]) -> dict[tuple[int, str], Place]:
        keys: defaultdict[int, list[str]] = defaultdict(list)
        for source_id, key in places:
            keys[source_id].append(key)
        found: list[tuple[int, Occurrence]] = []
        with self._database.reading() as connection:
            for source_id, listed in keys.items():
                where = f"o.source_id = ? AND o.key IN ({marks(len(listed))})"
                there = occurrences(connection, where, (source_id, *listed))
                found += ((asset_id, o) for asset_id, each in there.items() for o in each)
            assets: dict[int, Asset] = {
                asset.id: asset for asset in bare_assets(connection, [i for i, _ in found])
            }
        return {
            (o.source_id, o.key): Place(assets[asset_id], o)
            for asset_id, o in found
            if asset_id in assets
        }

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


def _places(asked: Asked, source: SourceId) -> Iterator[str]:
    """Selects that give the places of one source, each in the order of its index if it can be."""
    which = "" if asked.private else "AND r.private = 0"
    if asked.parent is None:
        yield (
            f"{_PLACE} FROM occurrence_entity x CROSS JOIN remote_image r "
            "ON r.source_id = x.source_id AND r.key = x.key "
            f"WHERE x.entity_id = ({_entity('company', source)}) AND r.state <> {GONE} {which}"
        )
        return
    listed = (
        f"{_PLACE} FROM remote_image r INDEXED BY remote_image_parent WHERE r.source_id = {source}"
    )
    if asked.ticket is not None and asked.article is not None:
        which += f" AND {_belongs('article', source)}"
    if asked.company is not None:
        theirs = _belongs("company", source)
        which += f" AND {theirs}" if asked.ticket else f" AND ({theirs} OR {_OF_NO_COMPANY})"
    for state in (WANTED, HELD, REFUSED):  # of the former two another version is not here yet
        yield f"{listed} AND r.parent = :parent AND r.state = {state} {which}"
    yield f"{listed} AND {_BELOW} AND r.state <> {GONE} {which}"


def _lies(asked: Asked, source: SourceId) -> str:
    """The condition on `r` that every place of the answer fulfils, and few others do."""
    if asked.parent is None:
        return _belongs("company", source)
    return f"(r.parent = :parent OR {_BELOW})"


def _belongs(type_: EntityType, source: SourceId) -> str:
    return (
        "EXISTS (SELECT 1 FROM occurrence_entity y WHERE y.source_id = r.source_id "  # noqa: S608  # fixed text and a number
        f"AND y.key = r.key AND y.entity_id = ({_entity(type_, source)}))"
    )


def _entity(type_: EntityType, source: SourceId) -> str:
    return (
        f"SELECT id FROM entity WHERE source_id = {source} AND type = '{type_}' AND ref = :{type_}"  # noqa: S608  # fixed text and a number
    )


def _values(asked: Asked) -> dict[str, object]:
    return {
        "parent": asked.parent,
        "article": asked.article,
        "company": asked.company,
    }
