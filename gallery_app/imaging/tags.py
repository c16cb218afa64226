"""TIFF directories, read tolerantly: the structure under EXIF, TIFF and RAW files.

Reads only wanted tags, through a `fetch(offset, length)`, so a block in memory and a file on
disk are the same thing. A broken entry is left out, never an error. Values come as text,
numbers, fractions or bytes. Source: TIFF 6.0 section 2, BigTIFF.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Collection
from typing import NamedTuple

from gallery_app.imaging.text import clean

Fetch = Callable[[int, int], bytes]
Value = str | bytes | tuple[float, ...]
Directory = dict[int, Value]

_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4,
          16: 8, 17: 8, 18: 8}  # fmt: skip
_LETTERS = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i", 11: "f", 12: "d", 13: "I", 16: "Q",
            17: "q", 18: "Q"}  # fmt: skip
_ASCII, _RATIONAL, _BYTE, _UNDEFINED, _SIGNED_RATIONAL = 2, 5, 1, 7, 10
_LARGEST_VALUE = 1 << 20
_MOST_ENTRIES = 1000
_MOST_NUMBERS = 64


class Layout(NamedTuple):
    """Byte order ("<" or ">"), whether BigTIFF, and where the first directory lies."""

    order: str
    big: bool
    first: int


def layout(head: bytes) -> Layout | None:
    """The layout a TIFF block's first 16 bytes state, None when they are none."""
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None or len(head) < 8:
        return None
    version = struct.unpack(order + "H", head[2:4])[0]
    if version == 43 and len(head) >= 16:
        return Layout(order, big=True, first=struct.unpack(order + "Q", head[8:16])[0])
    # EXIF blocks in the wild carry odd version numbers; the byte order is proof enough.
    return Layout(order, big=False, first=struct.unpack(order + "I", head[4:8])[0])


def read_directory(
    fetch: Fetch, form: Layout, at: int, wanted: Collection[int]
) -> tuple[Directory, int]:
    """The wanted tags of the directory at offset `at`, and where the next one lies (0: none)."""
    order = form.order
    counter, entry, link = ("Q", "HHQ8s", "Q") if form.big else ("H", "HHI4s", "I")
    head = fetch(at, struct.calcsize(order + counter))
    if len(head) < struct.calcsize(order + counter):
        return {}, 0
    count = min(struct.unpack(order + counter, head)[0], _MOST_ENTRIES)
    width = struct.calcsize(order + entry)
    start = at + len(head)
    table = fetch(start, count * width + 8)
    whole = min(count, len(table) // width)
    found: Directory = {}
    for tag, kind, items, field in struct.iter_unpack(order + entry, table[: whole * width]):
        if tag in wanted and kind in _SIZES and tag not in found:
            raw = _raw(fetch, order, field, _SIZES[kind] * items)
            value = _value(raw, order, kind) if raw else None
            if value is not None:
                found[tag] = value
    tail = table[count * width : count * width + struct.calcsize(order + link)]
    following = struct.unpack(order + link, tail)[0] if len(tail) in {4, 8} else 0
    return found, following


def _raw(fetch: Fetch, order: str, field: bytes, size: int) -> bytes:
    if size <= len(field):
        return field[:size]
    if size > _LARGEST_VALUE:
        return b""
    return fetch(struct.unpack(order + ("Q" if len(field) == 8 else "I"), field)[0], size)


def _value(raw: bytes, order: str, kind: int) -> Value | None:
    if kind == _ASCII:
        return clean(raw)
    if kind == _UNDEFINED or (kind == _BYTE and len(raw) > _MOST_NUMBERS):
        return raw
    if kind in {_RATIONAL, _SIGNED_RATIONAL}:
        letter = "I" if kind == _RATIONAL else "i"
        count = min(len(raw) // 8, _MOST_NUMBERS)
        numbers = struct.unpack(f"{order}{2 * count}{letter}", raw[: 8 * count])
        pairs = zip(numbers[::2], numbers[1::2], strict=True)
        # NaN stands for n/0: every range check refuses it, wherever the value goes.
        return tuple(a / b if b else float("nan") for a, b in pairs)
    count = min(len(raw) // _SIZES[kind], _MOST_NUMBERS)
    return struct.unpack(f"{order}{count}{_LETTERS[kind]}", raw[: count * _SIZES[kind]])


def number(directory: Directory, tag: int) -> float | None:
    """The first number of a tag, None when absent or text."""
    value = directory.get(tag)
    return value[0] if isinstance(value, tuple) and value else None


def text(directory: Directory, tag: int) -> str | None:
    """The text of a tag, None when absent or empty."""
    value = directory.get(tag)
    if isinstance(value, bytes):
        value = clean(value)
    return value if isinstance(value, str) and value else None
