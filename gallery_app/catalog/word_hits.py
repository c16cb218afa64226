"""Which assets have a word, for the words asked last: kept right through every commit.

SQLite needs a tenth of a second for a word that most assets have; here it costs that once.
Frequent words are kept as one bit per id, rare ones as their ids. All access is under the
columns' lock.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping

import numpy as np
import numpy.typing as npt

from gallery_app.domain.query import Word

Mask = npt.NDArray[np.bool_]
Key = tuple[str, bool]

_MOST_HELD_BYTES = 5_000_000
# A word nobody has asked for while this many commits passed is not worth following any more.
_MOST_COMMITS = 50
_PREFIX_END = "\U0010ffff"


def key_of(word: Word) -> Key:
    """What makes two words ask the same of the index."""
    return word.text, word.prefix


class _Hits:
    """The ids of one word: `bits` (8 ids a byte) when there are many, else `ids`."""

    __slots__ = ("bits", "commits", "ids")

    def __init__(self, ids: npt.NDArray[np.int64], size: int) -> None:
        self.commits = 0
        self.bits: npt.NDArray[np.uint8] | None = None
        self.ids: npt.NDArray[np.int32] = ids.astype(np.int32)
        if len(ids) * 32 > size:
            mask = np.zeros(max(size, int(ids[-1]) + 1), dtype=np.bool_)
            mask[ids] = True
            self.bits = np.packbits(mask, bitorder="little")
            self.ids = self.ids[:0]

    @property
    def held_bytes(self) -> int:
        return 200 + self.ids.nbytes + (0 if self.bits is None else self.bits.nbytes)

    def mask(self, size: int) -> Mask:
        if self.bits is None:
            mask = np.zeros(size, dtype=np.bool_)
            mask[self.ids[self.ids < size]] = True
            return mask
        bits = self.bits[: (size + 7) // 8]
        mask = np.unpackbits(bits, count=min(size, len(bits) * 8), bitorder="little").view(np.bool_)
        return mask if len(mask) == size else np.pad(mask, (0, size - len(mask)))

    def change(self, lost: npt.NDArray[np.int32], won: npt.NDArray[np.int32]) -> None:
        if self.bits is None:
            kept = self.ids[~np.isin(self.ids, lost)] if len(lost) else self.ids
            self.ids = np.union1d(kept, won) if len(won) else kept
            return
        need = (int(max(lost.max(initial=0), won.max(initial=0))) >> 3) + 1
        if need > len(self.bits):
            grown = np.zeros(max(need, len(self.bits) * 9 // 8), dtype=np.uint8)
            grown[: len(self.bits)] = self.bits
            self.bits = grown
        np.bitwise_and.at(self.bits, lost >> 3, ~(np.uint8(1) << (lost & 7).astype(np.uint8)))
        np.bitwise_or.at(self.bits, won >> 3, np.uint8(1) << (won & 7).astype(np.uint8))


class WordHits:
    """The hits of the words asked last."""

    def __init__(self) -> None:
        self._hits: OrderedDict[Key, _Hits] = OrderedDict()

    def missing(self, words: Iterable[Word]) -> list[Word]:
        """Those of the words whose hits must be asked of SQLite."""
        return [word for word in words if key_of(word) not in self._hits]

    def keep(self, word: Word, ids: npt.NDArray[np.int64], *, size: int) -> None:
        """Keep a word's hits, given in rising order."""
        self._hits[key_of(word)] = _Hits(ids, size)

    def mask(self, word: Word, size: int) -> Mask:
        """The ids that have the word, which must not be missing."""
        hits = self._hits[key_of(word)]
        hits.commits = 0
        self._hits.move_to_end(key_of(word))
        return hits.mask(size)

    def shrink(self) -> None:
        """Forget the words asked longest ago, down to the memory allowed."""
        held = sum(hits.held_bytes for hits in self._hits.values())
        while held > _MOST_HELD_BYTES and self._hits:
            held -= self._hits.popitem(last=False)[1].held_bytes

    def follow(self, lost: Collection[int], texts: Mapping[int, str]) -> None:
        """Take in that assets lost all their words, and which words they now have."""
        for key in [k for k, hits in self._hits.items() if hits.commits >= _MOST_COMMITS]:
            del self._hits[key]
        if not self._hits or not (lost or texts):
            return
        gone = np.array(sorted(lost), dtype=np.int32)
        pairs = sorted((word, i) for i, text in texts.items() for word in text.split())
        found = [word for word, _ in pairs]
        for (text, prefix), hits in self._hits.items():
            start = bisect_left(found, text)
            end = bisect_left(found, text + (_PREFIX_END if prefix else "\0"), start)
            won = np.array(sorted({i for _, i in pairs[start:end]}), dtype=np.int32)
            hits.commits += 1
            hits.change(gone, won)
