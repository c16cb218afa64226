"""The assets in each order: arrays of ids, sorted once and then kept by merging batches.

Ties are broken by id, and a descending order is the ascending one read backwards, so every
order is total and stable. By name is sorted by SQLite when first asked for after a change.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int32]

_KEYS = {"taken": "taken", "added": "added", "size": "bytes"}


class Keyed(Protocol):
    """The columns an order is by, at the asset's id."""

    size: int
    flags: npt.NDArray[np.uint16]  # 0: no such asset
    taken: npt.NDArray[np.int64]
    added: npt.NDArray[np.int64]
    bytes: npt.NDArray[np.int64]


class Orders:
    """Ids ascending by a sort's key; made when first asked for."""

    def __init__(self, columns: Keyed) -> None:
        self._columns = columns
        self._sorted: dict[str, Ids] = {}
        self.names: Callable[[], Ids] | None = None

    def ascending(self, name: str) -> Ids:
        """All ids that exist, ascending by "taken", "added", "size" or "name", then by id."""
        found = self._sorted.get(name)
        if found is None:
            # One order beside that by taken is kept: at a million assets each costs 4 MB.
            for other in self._sorted.keys() - {"taken"}:
                del self._sorted[other]
            found = self._by_name() if name == "name" else self._by_key(self.key(name))
            self._sorted[name] = found
        return found

    def key(self, name: str) -> npt.NDArray[np.int64]:
        """The column a numeric order is by."""
        column: npt.NDArray[np.int64] = getattr(self._columns, _KEYS[name])
        return column

    def forget(self, ids: Ids) -> None:
        """Take existing ids out before their keys change."""
        self._sorted.pop("name", None)
        if not len(ids):
            return
        gone = np.zeros(self._columns.size, dtype=np.bool_)
        gone[ids] = True
        for name, order in self._sorted.items():
            self._sorted[name] = order[~gone[order]]

    def insert(self, ids: Ids) -> None:
        """Merge ids in by their present keys."""
        for name, order in self._sorted.items():
            key = self.key(name)
            batch = ids[np.lexsort((ids, key[ids]))]
            at = positions(order, key, key[batch], ids=batch)
            self._sorted[name] = np.insert(order, at, batch)

    def _by_key(self, key: npt.NDArray[np.int64]) -> Ids:
        size = self._columns.size
        ids = np.flatnonzero(self._columns.flags[:size]).astype(np.int32)
        ordered: Ids = ids[np.argsort(key[ids], kind="stable")]
        return ordered

    def _by_name(self) -> Ids:
        assert self.names is not None  # noqa: S101  # set by the catalog before anyone asks
        size = self._columns.size
        ids = self.names()
        ids = ids[ids < size]
        existing: Ids = ids[self._columns.flags[ids] != 0]
        return existing


def positions(
    order: Ids,
    key: npt.NDArray[np.int64],
    wanted: npt.NDArray[np.int64],
    *,
    ids: npt.NDArray[np.int32],
) -> npt.NDArray[np.int64]:
    """Where each (wanted key, id) would stand in `order`, ascending by (key, id)."""
    low = np.zeros(len(wanted), dtype=np.int64)
    high = np.full(len(wanted), len(order), dtype=np.int64)
    while True:
        open_ = low < high
        if not open_.any():
            return low
        middle = (low + high) // 2
        at = order[np.minimum(middle, max(len(order) - 1, 0))]
        before = (key[at] < wanted) | ((key[at] == wanted) & (at < ids))
        low = np.where(open_ & before, middle + 1, low)
        high = np.where(open_ & ~before, middle, high)
