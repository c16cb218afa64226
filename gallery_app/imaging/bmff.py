"""The `meta` box of HEIC and AVIF: size, turn, EXIF and XMP of the primary item.

Reads boxes, never pixels, and at most a megabyte of them. A picture's size is that of its
`ispe` property; `irot` and `imir` say how it is turned and are folded into one of the eight EXIF
orientations. Source: ISO/IEC 14496-12 (boxes), 23008-12 (HEIF items and properties).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from gallery_app.domain.geometry import Size
from gallery_app.imaging.tags import Fetch

_LARGEST_META = 1 << 20
_LARGEST_ITEM = 1 << 20
_MOST_BOXES = 4096
NO_SIZE = Size(0, 0)
# (mirrored left to right first, quarter turns clockwise) -> EXIF orientation.
_ORIENTATION = {(False, 0): 1, (False, 1): 6, (False, 2): 3, (False, 3): 8,
                (True, 0): 2, (True, 1): 7, (True, 2): 4, (True, 3): 5}  # fmt: skip

_MATRICES = {(1, 0, 0, 1): 1, (0, 1, -1, 0): 6, (-1, 0, 0, -1): 3, (0, -1, 1, 0): 8}


class _Box(NamedTuple):
    kind: bytes
    body: bytes


@dataclass(slots=True)
class Meta:
    """What the primary item's properties and neighbours say; 0 x 0 when there is none."""

    size: Size = NO_SIZE
    orientation: int = 1
    exif: bytes = b""
    xmp: bytes = b""
    sequence: bool = False
    kinds: dict[int, bytes] = field(default_factory=dict)


def read_meta(fetch: Fetch) -> Meta:
    """The `meta` box at the top level of a file, read as far as it is sound."""
    meta = Meta(sequence=fetch(8, 4) in {b"avis", b"hevc", b"msf1", b"hevs"})
    at = 0
    for _ in range(64):
        lead = fetch(at, 16)
        if len(lead) < 8:
            break
        size, kind = struct.unpack(">I4s", lead[:8])
        start = 8
        if size == 1 and len(lead) == 16:
            size, start = struct.unpack(">Q", lead[8:16])[0], 16
        if kind == b"meta" and size <= _LARGEST_META:
            _read_items(meta, fetch, fetch(at + start + 4, size - start - 4 if size else 1 << 20))
            break
        if size < start:
            break
        at += size
    return meta


def read_turn(fetch: Fetch) -> int:
    """How a movie's first track with a picture is turned, as an EXIF orientation.

    Source: ISO/IEC 14496-12, tkhd: a matrix of 16.16 numbers, then width and height.
    """
    at = 0
    for _ in range(64):
        lead = fetch(at, 16)
        if len(lead) < 8:
            break
        size, kind = struct.unpack(">I4s", lead[:8])
        start = 8
        if size == 1 and len(lead) == 16:
            size, start = struct.unpack(">Q", lead[8:16])[0], 16
        if kind == b"moov":
            movie = fetch(at + start, min(size - start, 4 * _LARGEST_META))
            return _first_turn(movie)
        if size < start:
            break
        at += size
    return 1


def _first_turn(movie: bytes) -> int:
    for track in _boxes(movie):
        for box in _boxes(track.body) if track.kind == b"trak" else ():
            at = 52 if box.body[:1] == b"\1" else 40
            field = box.body[at : at + 44]
            if box.kind == b"tkhd" and len(field) == 44 and any(field[36:]):
                numbers = struct.unpack(">9i", field[:36])
                corner = tuple(number >> 16 for number in (*numbers[:2], *numbers[3:5]))
                return _MATRICES.get(corner, 1)
    return 1


def _boxes(data: bytes) -> Iterator[_Box]:
    at = 0
    for _ in range(_MOST_BOXES):
        if at + 8 > len(data):
            return
        size, kind = struct.unpack_from(">I4s", data, at)
        if size < 8:
            return
        yield _Box(kind, data[at + 8 : at + size])
        at += size


def _read_items(meta: Meta, fetch: Fetch, data: bytes) -> None:
    parts = {box.kind: box.body for box in _boxes(data)}
    primary = _number(parts.get(b"pitm", b"")[4:])
    meta.kinds = _kinds(parts.get(b"iinf", b""))
    places = _places(parts.get(b"iloc", b""))
    properties = list(_boxes(parts.get(b"iprp", b"")))
    listed = next((list(_boxes(box.body)) for box in properties if box.kind == b"ipco"), [])
    used = next((_used(box.body, primary) for box in properties if box.kind == b"ipma"), [])
    _apply(meta, [listed[index - 1] for index in used if 0 < index <= len(listed)])
    for item, kind in meta.kinds.items():
        if kind in {b"Exif", b"mime"} and item in places:
            raw = _item(fetch, places[item], parts.get(b"idat", b""))
            if kind == b"Exif" and not meta.exif:
                meta.exif = raw[4 + int.from_bytes(raw[:4], "big") :]
            elif kind == b"mime" and not meta.xmp and b"adobe" in raw[:4096]:
                meta.xmp = raw


def _apply(meta: Meta, properties: list[_Box]) -> None:
    """Size, then turn and mirror in the order they are listed."""
    mirrored, turns = False, 0
    for box in properties:
        if box.kind == b"ispe" and len(box.body) >= 12:
            meta.size = Size(*struct.unpack(">2I", box.body[4:12]))
        elif box.kind == b"irot" and box.body:
            turns = (turns - (box.body[0] & 3)) % 4  # irot turns anticlockwise
        elif box.kind == b"imir" and box.body:
            # Axis 1 mirrors left to right, axis 0 top to bottom; after a turn of the mirrored
            # picture the turn runs the other way round.
            mirrored, turns = not mirrored, (-turns + (0 if box.body[0] & 1 else 2)) % 4
    meta.orientation = _ORIENTATION[mirrored, turns]


def _kinds(body: bytes) -> dict[int, bytes]:
    """Item id -> type, of the item infos (versions 2 and 3)."""
    kinds: dict[int, bytes] = {}
    skip = 6 if body[:1] == b"\0" else 8
    for box in _boxes(body[skip:]):
        if box.kind == b"infe" and len(box.body) >= 12:
            wide = box.body[0] >= 3
            item = int.from_bytes(box.body[4 : 8 if wide else 6], "big")
            at = 10 if wide else 8
            kinds[item] = box.body[at : at + 4]
    return kinds


class _Place(NamedTuple):
    inside: bool  # in the `idat` box, not in the file
    extents: tuple[tuple[int, int], ...]


def _places(body: bytes) -> dict[int, _Place]:
    """Item id -> where its bytes lie."""
    if len(body) < 8:
        return {}
    version = body[0]
    offset_size, length_size = body[4] >> 4, body[4] & 15
    base_size, index_size = body[5] >> 4, body[5] & 15 if version in {1, 2} else 0
    wide = 4 if version == 2 else 2
    reader = _Reader(body, 6)
    places: dict[int, _Place] = {}
    for _ in range(min(reader.take(wide), _MOST_BOXES)):
        item = reader.take(wide)
        method = reader.take(2) & 15 if version in {1, 2} else 0
        reader.take(2)
        base = reader.take(base_size)
        extents = []
        for _ in range(min(reader.take(2), 64)):
            reader.take(index_size)
            extents.append((base + reader.take(offset_size), reader.take(length_size)))
        places[item] = _Place(method == 1, tuple(extents))
        if reader.at >= len(body):
            break
    return places


class _Reader:
    """Big-endian numbers one after the other."""

    def __init__(self, data: bytes, at: int) -> None:
        self.data, self.at = data, at

    def take(self, size: int) -> int:
        self.at += size
        return int.from_bytes(self.data[self.at - size : self.at], "big")


def _used(body: bytes, item: int) -> list[int]:
    """The 1-based properties associated with `item`, in order."""
    if len(body) < 8:
        return []
    version, long = body[0], body[3] & 1
    reader = _Reader(body, 8)
    for _ in range(min(int.from_bytes(body[4:8], "big"), _MOST_BOXES)):
        owner = reader.take(4 if version else 2)
        indexes = [reader.take(2 if long else 1) for _ in range(reader.take(1))]
        if owner == item:
            return [index & (0x7FFF if long else 0x7F) for index in indexes]
        if reader.at >= len(body):
            break
    return []


def _item(fetch: Fetch, place: _Place, inner: bytes) -> bytes:
    data = b""
    for offset, length in place.extents:
        if len(data) + length > _LARGEST_ITEM:
            return b""
        data += inner[offset : offset + length] if place.inside else fetch(offset, length)
    return data


def _number(raw: bytes) -> int:
    return int.from_bytes(raw[:4] if len(raw) >= 4 else raw[:2], "big")
