"""What each filter means on the columns: a mask over asset ids.

`domain.query.FIELDS` says the same in Python; tests/catalog/test_law.py binds the two.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, time, timedelta

import numpy as np
import numpy.typing as npt

from gallery_app.catalog.columns import (
    ANIMATED,
    DAY_MS,
    FAVOURITE,
    LOCATED,
    PRIVATE,
    REMOTE,
    TAGGED,
    Columns,
    Ids,
    Mask,
)
from gallery_app.catalog.encoding import TYPE_CODES, UNREADABLE, local_ms
from gallery_app.domain.entities import ENTITY_TYPES
from gallery_app.domain.model import uid_to_bytes
from gallery_app.domain.query import SIZE_BANDS, AssetQuery, Term, camera_has

_FEW = 16  # so many are sought one by one sooner than each of a column among them


def base_mask(columns: Columns, query: AssetQuery) -> Mask:
    """The timeline's or the trash's ids, before any filter."""
    return columns.shown(trashed=query.trashed)


def term_mask(columns: Columns, term: Term) -> Mask:
    """The ids a filter lets through."""
    if term.name == "uid":
        mask = none(columns)
        mask[named(columns, term.values)] = True
        return ~mask if term.negated else mask
    test = _FIELDS[term.name]
    mask = test(columns, term.values[0]) if term.values else none(columns)
    for value in term.values[1:]:
        mask |= test(columns, value)
    return ~mask if term.negated else mask


def date_mask(term: Term, taken: npt.NDArray[np.int64]) -> Mask:
    """Which of these moments (ms, as in `columns.taken`) a filter of DATES lets through."""
    test = DATES[term.name]
    mask = np.zeros(len(taken), dtype=np.bool_)
    for value in term.values:
        mask |= test(taken, value)
    return ~mask if term.negated else mask


def none(columns: Columns) -> Mask:
    """No id at all."""
    return np.zeros(columns.size, dtype=np.bool_)


def _type(columns: Columns, value: str) -> Mask:
    code = TYPE_CODES.get(value)
    if code is None:
        return none(columns)
    mask: Mask = columns.type[: columns.size] == code
    return mask


def _cameras(columns: Columns, test: Callable[[str], bool]) -> Mask:
    wanted = np.zeros(max(columns.cameras, default=0) + 1, dtype=np.bool_)
    for camera_id, name in columns.cameras.items():
        wanted[camera_id] = test(name)
    mask: Mask = wanted[columns.camera[: columns.size]]
    return mask


def _camera(columns: Columns, value: str) -> Mask:
    return _cameras(columns, lambda name: name == value)


def _camera_words(columns: Columns, value: str) -> Mask:
    return _cameras(columns, lambda name: camera_has(name, value))


def _year(columns: Columns, value: str) -> Mask:
    mask: Mask = columns.year[: columns.size] == int(value)
    return mask


def _source(columns: Columns, value: str) -> Mask:
    # Only the text that the id is written as means it: "03" is no source.
    if not value.isascii() or not value.isdigit() or str(int(value)) != value:
        return none(columns)
    return columns.in_folders(columns.folders_of_source(int(value)))


def _folder(columns: Columns, value: str) -> Mask:
    source, _, path = value.partition("/")
    if not path:
        return _source(columns, source)
    if str(int(source)) != source:
        return none(columns)
    wanted = columns.folders_of_source(int(source))
    below = path + "/"
    paths = columns.folder_paths
    for folder_id in np.flatnonzero(wanted):
        folder = paths[folder_id]
        wanted[folder_id] = folder == path or folder.startswith(below)
    return columns.in_folders(wanted)


def _tag(columns: Columns, value: str) -> Mask:
    mask = none(columns)
    tag = columns.tag_ids.get(value.casefold())
    if tag is not None:
        mask[columns.tags.of(tag)] = True
    return mask


def _orientation(columns: Columns, value: str) -> Mask:
    width, height = columns.width[: columns.size], columns.height[: columns.size]
    mask: Mask
    if value == "landscape":
        mask = width > height
    elif value == "portrait":
        mask = width < height
    else:
        mask = width == height
    return mask


def pixels(columns: Columns) -> npt.NDArray[np.int64]:
    """Width times height of every id."""
    return np.multiply(
        columns.width[: columns.size], columns.height[: columns.size], dtype=np.int64
    )


def _size(columns: Columns, value: str) -> Mask:
    low, high = SIZE_BANDS[value]
    area = pixels(columns)
    return (area >= low) & (area < high)


def _day_ms(value: str, days: int) -> int:
    start = datetime.combine(date.fromisoformat(value), time.min)
    try:
        return local_ms(start + timedelta(days=days))
    except OverflowError:  # the last day a date can name
        return local_ms(start) + days * DAY_MS


def _on_taken(test: Callable[[npt.NDArray[np.int64], str], Mask]) -> Callable[[Columns, str], Mask]:
    return lambda columns, value: test(columns.taken[: columns.size], value)


def _year_of(taken: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return taken.astype("M8[ms]").astype("M8[Y]").astype(np.int64) + 1970


# The filters that ask when a picture was taken.
DATES: dict[str, Callable[[npt.NDArray[np.int64], str], Mask]] = {
    "year": lambda taken, v: _year_of(taken) == int(v),
    "from": lambda taken, v: taken >= _day_ms(v, 0),
    "to": lambda taken, v: taken < _day_ms(v, 1),
}


def _is(columns: Columns, value: str) -> Mask:
    if value == "video":
        return _type(columns, value)
    mask: Mask
    if value == "unreadable":
        mask = columns.status[: columns.size] == UNREADABLE
        return mask
    flag = {
        "favourite": FAVOURITE, "animated": ANIMATED, "located": LOCATED, "tagged": TAGGED,
        "private": PRIVATE, "remote": REMOTE,
    }  # fmt: skip
    mask = (columns.flags[: columns.size] & flag[value]) != 0
    return mask


def named(columns: Columns, uids: Sequence[str]) -> Ids:
    """The ids of these uids in their order, each once; unknown ones are left out.

    One pass over the column however many there are: a search by what pictures show names 500.
    """
    places: dict[bytes, int] = {}
    for uid in uids:
        if (raw := uid_to_bytes(uid)) is not None:
            places.setdefault(raw, len(places))
    if not places:
        return np.zeros(0, dtype=np.int32)
    firsts = np.sort(np.frombuffer(b"".join(places), dtype=np.uint64)[::2])
    heads = columns.uid[: columns.size].view(np.uint64)[:, 0]
    if len(firsts) <= _FEW:
        near = np.isin(heads, firsts)
    else:
        near = firsts[np.minimum(np.searchsorted(firsts, heads), len(firsts) - 1)] == heads
    found = {places.get(columns.uid[i].tobytes(), -1): i for i in np.flatnonzero(near).tolist()}
    found.pop(-1, None)
    return np.array([found[place] for place in sorted(found)], dtype=np.int32)


def _entity(kind: str) -> Callable[[Columns, str], Mask]:
    def test(columns: Columns, value: str) -> Mask:
        mask = none(columns)
        for entity in columns.entities.meant_by(kind, value):
            mask[columns.entities.postings.of(entity)] = True
        return mask

    return test


_FIELDS: dict[str, Callable[[Columns, str], Mask]] = {
    "type": _type,
    "camera": _camera,
    "camera_words": _camera_words,
    "year": _year,
    "source": _source,
    "folder": _folder,
    "tag": _tag,
    "orientation": _orientation,
    "size": _size,
    "from": _on_taken(DATES["from"]),
    "to": _on_taken(DATES["to"]),
    "min_bytes": lambda c, v: c.bytes[: c.size] >= int(v),
    "max_bytes": lambda c, v: c.bytes[: c.size] <= int(v),
    "min_width": lambda c, v: c.width[: c.size] >= int(v),
    "min_height": lambda c, v: c.height[: c.size] >= int(v),
    "min_rating": lambda c, v: c.rating[: c.size] >= int(v),
    "is": _is,
    **{kind: _entity(kind) for kind in ENTITY_TYPES},
}
