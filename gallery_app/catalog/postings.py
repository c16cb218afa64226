"""Which assets have a tag: one sorted array of asset ids per tag.

Changes are gathered and merged in when a tag is next asked for, so that tagging one asset does
not copy the array of a tag that a hundred thousand have.
"""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int32]
Number = TypeVar("Number", bound=np.integer[Any])


def distinct(values: npt.NDArray[Number]) -> npt.NDArray[Number]:
    """The values, rising, each once.

    `np.unique` without indices hashes: 60 times slower with a million pairs.
    """
    ordered = np.sort(values)
    return ordered[np.r_[True, ordered[1:] != ordered[:-1]]] if len(ordered) else ordered


class Postings:
    """Sorted ids per tag, each id once."""

    def __init__(self) -> None:
        self._ids: dict[int, Ids] = {}
        self._added: dict[int, list[Ids]] = {}
        self._removed: list[Ids] = []

    def add(self, assets: npt.NDArray[Any], tags: npt.NDArray[Any]) -> None:
        """Pairs of an asset and a tag it has."""
        if not len(assets):
            return
        by_tag = np.lexsort((assets, tags))
        assets, tags = assets[by_tag], tags[by_tag]
        starts = np.flatnonzero(np.r_[True, tags[1:] != tags[:-1]])
        for start, part in zip(starts, np.split(assets, starts[1:]), strict=True):
            self._added.setdefault(int(tags[start]), []).append(part.astype(np.int32))

    def remove(self, assets: npt.NDArray[Any]) -> None:
        """Take every tag off these assets."""
        if not len(assets):
            return
        gone = np.sort(assets).astype(np.int32)
        for tag in self.tags():
            ids = self.of(tag)
            at = np.searchsorted(ids, gone)
            at[at == len(ids)] = 0
            hit = at[ids[at] == gone] if len(ids) else at[:0]
            if len(hit):
                self._ids[tag] = np.delete(ids, hit)

    def of(self, tag: int) -> Ids:
        """The sorted ids that have the tag."""
        ids = self._ids.get(tag, np.empty(0, dtype=np.int32))
        added = self._added.pop(tag, None)
        if added:
            # Concatenated runs are sorted already but for where they meet: timsort's best case.
            ids = np.sort(np.concatenate([ids, *added]), kind="stable")
            ids = ids[np.r_[True, ids[1:] != ids[:-1]]]
            self._ids[tag] = ids
        return ids

    def tags(self) -> list[int]:
        """Every tag that an asset has or had."""
        return sorted(self._ids.keys() | self._added.keys())
