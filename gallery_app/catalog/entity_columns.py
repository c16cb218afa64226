"""Entities in memory: which assets belong to which, and which entities a text means.

One number per entity and fact at the entity's id, and one per pair of an entity and an asset.
Names stay in SQLite; here are only their hashes, so that a hundred thousand tickets cost a few
megabytes. All access is under the columns' lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from gallery_app.catalog.postings import distinct
from gallery_app.domain.entities import ENTITY_TYPES, EntityType
from gallery_app.domain.query import gtin_of

Ids = npt.NDArray[np.int32]
Pairs = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]
# id, type, ref, folded name
Row = tuple[int, str, str, str]

_LOW = (1 << 32) - 1
_MOST_PENDING = 100_000
_MOST_STEPS = 500
_TYPES: dict[str, int] = {name: number for number, name in enumerate(ENTITY_TYPES, start=1)}


class EntityPostings:
    """Pairs of entity and asset as one sorted array: entity << 32 | asset.

    Changes are gathered and merged in when somebody asks, because a sync brings many in a row.
    """

    def __init__(self) -> None:
        self._pairs: Pairs = np.empty(0, dtype=np.int64)
        self._pending: list[tuple[bool, npt.NDArray[Any]]] = []  # whether added, pairs or assets
        self._count = 0

    def load(self, runs: Iterable[Pairs]) -> None:
        """Begin with these pairs and no others."""
        self._pairs = distinct(np.concatenate([self._pairs[:0], *runs]))

    def add(self, assets: npt.NDArray[Any], entities: npt.NDArray[Any]) -> None:
        """Pairs of an asset and an entity it belongs to."""
        if len(assets):
            pairs = entities.astype(np.int64) << 32 | assets.astype(np.int64)
            self._note(pairs, added=True)

    def remove(self, assets: npt.NDArray[Any]) -> None:
        """Take these assets out of every entity."""
        if len(assets) and (len(self._pairs) or self._pending):
            self._note(assets.astype(np.int64), added=False)

    def _note(self, what: npt.NDArray[Any], *, added: bool) -> None:
        self._pending.append((added, what))
        self._count += len(what)
        if self._count > _MOST_PENDING or len(self._pending) > _MOST_STEPS:
            self.settled()

    def settled(self) -> Pairs:
        """All pairs, sorted, each once."""
        if self._pending:
            pending, self._pending, self._count = self._pending, [], 0
            top = max(int((p & _LOW).max()) for _, p in pending)
            if len(self._pairs):
                top = max(top, int((self._pairs & _LOW).max()))
            removed = np.zeros(top + 1, dtype=np.bool_)
            added: list[Pairs] = []
            for is_added, what in reversed(pending):
                if is_added:
                    added.append(what[~removed[what & _LOW]])
                else:
                    removed[what] = True
            pairs = self._pairs[~removed[self._pairs & _LOW]]
            new = distinct(np.concatenate(added)) if added else pairs[:0]
            at = np.searchsorted(pairs, new)
            if len(pairs):
                fresh = pairs[np.minimum(at, len(pairs) - 1)] != new
                at, new = at[fresh], new[fresh]
            self._pairs = np.insert(pairs, at, new)
        return self._pairs

    def of(self, entity: int) -> Ids:
        """The sorted assets of an entity."""
        pairs = self.settled()
        start, end = np.searchsorted(pairs, [entity << 32, (entity + 1) << 32])
        return (pairs[start:end] & _LOW).astype(np.int32)


class EntityColumns:
    """What is kept of entities."""

    def __init__(self) -> None:
        self.postings = EntityPostings()
        self._size = 1
        self._type = np.zeros(64, dtype=np.uint8)  # 0: no such entity
        self._ref = np.zeros(64, dtype=np.uint64)
        self._name = np.zeros(64, dtype=np.uint64)
        self._orders: dict[str, npt.NDArray[np.int64]] = {}

    def put(self, rows: Sequence[Row]) -> None:
        """Take in entities that are new or have new names."""
        if not rows:
            return
        ids = np.array([row[0] for row in rows])
        self._reserve(int(ids.max()) + 1)
        self._type[ids] = [_TYPES.get(row[1], 0) for row in rows]
        self._ref[ids] = _hashes(f"{kind}\0{ref}" for _, kind, ref, _ in rows)
        self._name[ids] = _hashes(
            f"{kind}\0{folded}" if folded else "" for _, kind, _, folded in rows
        )
        self._orders.clear()

    def _reserve(self, size: int) -> None:
        self._size = max(self._size, size)
        if size > len(self._type):
            more = max(size, 2 * len(self._type)) - len(self._type)
            self._type = np.pad(self._type, (0, more))
            self._ref = np.pad(self._ref, (0, more))
            self._name = np.pad(self._name, (0, more))

    def meant_by(self, kind: str, value: str) -> list[int]:
        """The entities of a type that a filter's value means: by id, by name, by article number."""
        found = set(self._having("_ref", f"{kind}\0{value}"))
        if value:
            found |= set(self._having("_name", f"{kind}\0{value.casefold()}"))
        if kind == "product" and (gtin := gtin_of(value)) is not None:
            found |= set(self._having("_ref", f"{kind}\0{gtin}"))
        return sorted(found)

    def _having(self, column: str, text: str) -> list[int]:
        values: npt.NDArray[np.uint64] = getattr(self, column)[: self._size]
        order = self._orders.get(column)
        if order is None:
            order = self._orders[column] = np.argsort(values)
        wanted = _hashes([text])[0]
        start = int(np.searchsorted(values, wanted, side="left", sorter=order))
        end = int(np.searchsorted(values, wanted, side="right", sorter=order))
        found: list[int] = order[start:end].tolist()
        return found

    def of_type(self, kind: EntityType) -> Mask:
        """Marks the entities of a type, by entity id."""
        mask: Mask = self._type[: self._size] == _TYPES[kind]
        return mask

    def counts(self, marked: Mask) -> npt.NDArray[np.int64]:
        """How many marked assets each entity has, by entity id."""
        pairs = self.postings.settled()
        counts = np.bincount(pairs[marked[pairs & _LOW]] >> 32, minlength=self._size)
        return counts.astype(np.int64)

    def newest(self, marked: Mask, taken: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """When each entity's newest marked asset was taken, by entity id; else the least number."""
        pairs = self.postings.settled()
        pairs = pairs[marked[pairs & _LOW]]
        newest = np.full(self._size, np.iinfo(np.int64).min)
        if len(pairs):
            entities = pairs >> 32
            starts = np.flatnonzero(np.r_[True, entities[1:] != entities[:-1]])
            newest[entities[starts]] = np.maximum.reduceat(taken[pairs & _LOW], starts)
        return newest

    def by_type(self, marked: Mask, most: int) -> dict[str, list[tuple[int, int]]]:
        """Per type the `most` entities with most marked assets, as (an entity id, count).

        What several sources know under one id counts as one, each asset once.
        """
        pairs = self.postings.settled()
        pairs = pairs[marked[pairs & _LOW]]
        if not len(pairs):
            return {kind: [] for kind in ENTITY_TYPES}
        entities = pairs >> 32
        present = np.flatnonzero(np.bincount(entities, minlength=self._size))
        first, group = np.unique(self._ref[present], return_index=True, return_inverse=True)[1:]
        group_of = np.zeros(self._size, dtype=np.int64)
        group_of[present] = group
        groups = group_of[entities]
        if len(first) < len(present):
            groups = distinct(groups << 32 | (pairs & _LOW)) >> 32
        counts = np.bincount(groups, minlength=len(first))
        representative = present[first]
        types = self._type[representative]
        found: dict[str, list[tuple[int, int]]] = {}
        for kind, number in _TYPES.items():
            of_kind = np.flatnonzero(types == number)
            top = of_kind[np.argsort(-counts[of_kind], kind="stable")[:most]]
            found[kind] = list(zip(representative[top].tolist(), counts[top].tolist(), strict=True))
        return found


def _hashes(texts: Iterable[str]) -> npt.NDArray[np.uint64]:
    # Python's own keyed 64 bit hash: it need not outlive the process, and nobody can choose ids
    # that collide.
    return np.array([hash(text) & 0xFFFF_FFFF_FFFF_FFFF if text else 0 for text in texts], "u8")
