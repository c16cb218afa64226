"""Buckets of an answer: months when sorted by taken, runs otherwise, and their binary columns.

A bucket is a run of the answer's ids. Its stamp is the sum of its assets' stamps mixed with
their count: it differs when anything a tile of it shows has changed.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gallery_app.catalog.columns import ANIMATED, DAY_MS, FAVOURITE, TRUNCATED, Columns, Ids
from gallery_app.catalog.encoding import READY, TYPE_CODES, UNREADABLE, from_utc_ms
from gallery_app.domain.query import BEST, Sort

MOST_IN_MONTH = 4_000
MOST_IN_RUN = 2_000
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_HEAD = struct.Struct("<II")


@dataclass(frozen=True, slots=True)
class Buckets:
    """The columns of `domain.model.Timeline`, and where each bucket starts in the answer."""

    keys: tuple[str, ...]
    labels: tuple[str, ...]
    starts: tuple[int, ...]  # one more than keys: the last is the answer's length
    ratios: tuple[float, ...]
    days: tuple[int, ...]
    stamps: tuple[int, ...]
    places: dict[str, int]  # index by key

    @property
    def counts(self) -> tuple[int, ...]:
        """How many assets each bucket holds."""
        return tuple(b - a for a, b in zip(self.starts, self.starts[1:], strict=False))


def buckets(
    columns: Columns, ids: Ids, sort: Sort, *, filenames: Callable[[list[int]], dict[int, str]]
) -> Buckets:
    """Cut an answer into buckets; `filenames` is asked for the first of each run by name."""
    if not len(ids):
        return Buckets((), (), (0,), (), (), (), {})
    if sort.lstrip("-") == "taken":
        days = columns.taken[ids] // DAY_MS
        keys, labels, starts = _months(days)
        new_day = np.r_[True, days[1:] != days[:-1]]
        # The first picture of a bucket begins a day in it, even one begun in the part before.
        new_day[starts] = True
        day_counts = np.add.reduceat(new_day, starts, dtype=np.int64)
    else:
        starts = np.arange(0, len(ids), MOST_IN_RUN)
        keys = [f"p{n}" for n in range(len(starts))]
        labels = _run_labels(columns, ids[starts], sort, filenames)
        day_counts = np.zeros(len(starts), dtype=np.int64)
    ratios = np.add.reduceat(columns.aspect[ids], starts, dtype=np.int64) / 4096
    counts = np.diff(np.r_[starts, len(ids)])
    stamps = np.add.reduceat(columns.stamp[ids], starts, dtype=np.uint64)
    stamps = (stamps + counts.astype(np.uint64) * np.uint64(0x9E3779B1)) & np.uint64(0xFFFFFFFF)
    return Buckets(
        tuple(keys),
        tuple(labels),
        (*starts.tolist(), len(ids)),
        tuple(ratios.tolist()),
        tuple(day_counts.tolist()),
        tuple(stamps.tolist()),
        {key: n for n, key in enumerate(keys)},
    )


def _months(days: npt.NDArray[np.int64]) -> tuple[list[str], list[str], npt.NDArray[np.int64]]:
    """Keys, labels and starts of the months of a column of days that only rises or falls."""
    months = days.astype("M8[D]").astype("M8[M]").astype(np.int64)
    firsts = np.flatnonzero(np.r_[True, months[1:] != months[:-1]])
    keys: list[str] = []
    labels: list[str] = []
    starts: list[int] = []
    for first, end in zip(firsts.tolist(), [*firsts[1:].tolist(), len(days)], strict=True):
        year, month = divmod(int(months[first]), 12)
        key = f"{1970 + year:04d}-{month + 1:02d}"
        cuts = range(first, end, MOST_IN_MONTH)
        starts += cuts
        labels += [f"{_MONTHS[month]} {1970 + year}"] * len(cuts)
        keys += [key] if len(cuts) == 1 else [f"{key}~{n}" for n in range(1, len(cuts) + 1)]
    return keys, labels, np.array(starts)


def _run_labels(
    columns: Columns, firsts: Ids, sort: Sort, filenames: Callable[[list[int]], dict[int, str]]
) -> list[str]:
    if sort == BEST:
        return ["Best match", *("" for _ in firsts[1:])]
    if sort.lstrip("-") == "size":
        return [_in_words(size) for size in columns.bytes[firsts].tolist()]
    if sort.lstrip("-") == "added":
        return [f"{from_utc_ms(ms):%Y-%m-%d}" for ms in columns.added[firsts].tolist()]
    names = filenames(firsts.tolist())
    return [names.get(i, "")[:2].upper() for i in firsts.tolist()]


def _in_words(size_bytes: int) -> str:
    for unit, divisor in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if size_bytes >= divisor:
            return f"{size_bytes / divisor:.0f} {unit}"
    return f"{size_bytes} B"


def packed(columns: Columns, ids: Ids, stamp: int, *, by_month: bool) -> bytes:
    """The binary columns of one bucket, little endian, as the plan's HTTP section lays out.

    u32 n, u32 stamp, n uids of 16 bytes, n u16 aspects (width / height * 4096), n u16 RGB 565,
    n u8 days of the month (0 in other orders), n u8 flags, n u8 versions.
    """
    day = np.zeros(len(ids), dtype=np.uint8)
    if by_month:
        date = columns.taken[ids].astype("M8[ms]").astype("M8[D]")
        day[:] = (date - date.astype("M8[M]").astype("M8[D]")).astype(np.int64) + 1
    return b"".join(
        (
            _HEAD.pack(len(ids), stamp),
            columns.uid[ids].tobytes(),
            columns.aspect[ids].astype("<u2").tobytes(),
            columns.colour[ids].astype("<u2").tobytes(),
            day.tobytes(),
            _tile_flags(columns, ids).tobytes(),
            columns.version[ids].tobytes(),
        )
    )


def _tile_flags(columns: Columns, ids: Ids) -> npt.NDArray[np.uint8]:
    flags, status = columns.flags[ids], columns.status[ids]
    tile = np.zeros(len(ids), dtype=np.uint8)
    for bit, holds in (
        (1, columns.type[ids] == TYPE_CODES["video"]),
        (2, flags & FAVOURITE != 0),
        (4, status == READY),
        (8, status == UNREADABLE),
        (16, flags & ANIMATED != 0),
        (32, flags & TRUNCATED != 0),
    ):
        tile |= np.where(holds, np.uint8(bit), np.uint8(0))
    return tile
