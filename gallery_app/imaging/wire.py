"""What passes between the pool and a worker: one JSON header and raw blobs, never pickles.

A worker has parsed hostile bytes, so its answers are data to be checked, not objects to be
revived: `unpack_*` build domain values field by field and raise ValueError on anything else.
Frames are a length (4 bytes), a header length (4 bytes), the header, the blobs one after the
other. Used by `workers.py` (parent) and `child.py` (worker).
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import BinaryIO, cast

from gallery_app.domain import errors
from gallery_app.domain.errors import GalleryError
from gallery_app.domain.geometry import Size
from gallery_app.domain.model import (
    Described,
    Metadata,
    NotAPicture,
    Problem,
    Processed,
    QuickHash,
    Sha256,
)
from gallery_app.domain.renditions import RenditionSpec


@dataclass(frozen=True, slots=True)
class Rendered:
    """Renditions by name, and the hash of the very bytes they were made from."""

    sha256: Sha256
    renditions: dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Barcodes:
    """The article numbers a picture shows."""

    numbers: tuple[str, ...]


Answer = Described | NotAPicture | Processed | Rendered | Barcodes | GalleryError
_LENGTHS = struct.Struct(">II")
LARGEST_FRAME = 256 << 20
CRASHED = "The decoder crashed on this file."
_ERRORS: dict[str, type[GalleryError]] = {
    kind.__name__: kind
    for kind in (errors.UnsupportedType, errors.TooLarge, errors.TooManyPixels,
                 errors.Unreadable, errors.UpstreamGone, errors.BadInput)
}  # fmt: skip


def write_frame(stream: BinaryIO, header: Mapping[str, object], blobs: Sequence[bytes]) -> None:
    """Sends one frame and flushes it."""
    text = json.dumps({**header, "blobs": [len(blob) for blob in blobs]}).encode("utf-8", "replace")
    size = len(text) + sum(map(len, blobs))
    stream.write(b"".join((_LENGTHS.pack(size, len(text)), text, *blobs)))
    stream.flush()


def parse_frame(frame: bytes, header_bytes: int) -> tuple[dict[str, object], list[bytes]]:
    """The header and blobs of a frame's body.

    Raises:
        ValueError: not a frame that `write_frame` sends.
    """
    header = json.loads(frame[:header_bytes])
    if not isinstance(header, dict):
        raise TypeError("a frame's header is an object")
    blobs, at = [], header_bytes
    for length in header.pop("blobs"):
        blobs.append(frame[at : at + int(length)])
        at += int(length)
    if at != len(frame):
        raise ValueError("a frame's blobs fill it")
    return header, blobs


def lengths(head: bytes) -> tuple[int, int]:
    """Body length and header length of a frame, from its first 8 bytes.

    Raises:
        ValueError: longer than any answer may be.
    """
    size, header = _LENGTHS.unpack(head)
    if size > LARGEST_FRAME or header > size:
        raise ValueError("a frame is too long")
    return size, header


def read_frame(stream: BinaryIO) -> tuple[dict[str, object], list[bytes]] | None:
    """The next frame of a blocking stream, None at its end."""
    head = stream.read(_LENGTHS.size)
    if len(head) < _LENGTHS.size:
        return None
    size, header = lengths(head)
    return parse_frame(stream.read(size), header)


# --- requests ------------------------------------------------------------------------------


def spec_fields(spec: RenditionSpec) -> dict[str, object]:
    """A spec as JSON: what its constructor takes."""
    return {given.name: getattr(spec, given.name) for given in fields(spec) if given.init}


def spec_from(given: Mapping[str, object]) -> RenditionSpec:
    """The spec of `spec_fields`; sent by the parent, which is trusted."""
    box, focus = cast("list[int]", given["box"]), cast("list[float] | None", given["focus"])
    both = {"box": Size(*box), "focus": tuple(focus) if focus is not None else None}
    return RenditionSpec(**{**given, **both})  # type: ignore[arg-type]  # from us


# --- answers -------------------------------------------------------------------------------


def pack(answer: Answer) -> tuple[dict[str, object], list[bytes]]:
    """Header and blobs of an answer."""
    if isinstance(answer, GalleryError):
        data = {key: value for key, value in answer.data().items() if key != "source"}
        reason = {"reason": answer.public} if isinstance(answer, errors.BadInput) else {}
        return {"kind": "error", "error": type(answer).__name__, "data": {**data, **reason}}, []
    if isinstance(answer, Rendered):
        names, blobs = list(answer.renditions), list(answer.renditions.values())
        return {"kind": "rendered", "sha256": answer.sha256, "names": names}, blobs
    if isinstance(answer, Barcodes):
        return {"kind": "barcodes", "numbers": list(answer.numbers)}, []
    if isinstance(answer, Processed):
        plain = {key: getattr(answer, key) for key in _PROCESSED}
        names = list(answer.renditions)
        blobs = [answer.placeholder, *answer.renditions.values()]
        return {"kind": "processed", "names": names, **plain}, blobs
    values = asdict(answer)
    if isinstance(answer, NotAPicture):
        return {"kind": "not_a_picture", **values}, []
    meta = values["metadata"]
    if meta["taken_at"] is not None:
        meta["taken_at"] = meta["taken_at"].isoformat()
    return {"kind": "described", **values}, []


_PROCESSED = ("sha256", "sha1", "size_bytes", "mtime_ns", "size", "phash", "colour",
              "truncated", "animated")  # fmt: skip


def unpack(header: dict[str, object], blobs: list[bytes]) -> Answer:
    """The answer of `pack`.

    Raises:
        ValueError, TypeError, KeyError: it is none.
    """
    kind = header.pop("kind")
    if kind == "error":
        name, data = header["error"], cast("dict[str, object]", header["data"])
        return _ERRORS[str(name)](**data)
    if kind == "rendered":
        names = cast("list[str]", header["names"])
        return Rendered(Sha256(str(header["sha256"])), dict(zip(names, blobs, strict=True)))
    if kind == "barcodes":
        return Barcodes(tuple(map(_digits, cast("list[object]", header["numbers"]))))
    if kind == "processed":
        return _processed(header, blobs)
    if kind == "not_a_picture":
        return NotAPicture(_int(header["size_bytes"]), _int(header["mtime_ns"]))
    return _described(header)


def _int(value: object) -> int:
    if type(value) is not int:
        raise TypeError(f"not a whole number: {value!r}")
    return value


def _digits(value: object) -> str:
    if not (isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 14):
        raise ValueError(f"not an article number: {value!r}")
    return value


def _size(value: object) -> Size:
    width, height = cast("list[object]", value)
    return Size(_int(width), _int(height))


def _processed(header: dict[str, object], blobs: list[bytes]) -> Processed:
    names = cast("list[str]", header["names"])
    sha1 = header["sha1"]
    return Processed(
        sha256=Sha256(str(header["sha256"])),
        sha1=str(sha1) if sha1 is not None else None,
        size_bytes=_int(header["size_bytes"]),
        mtime_ns=_int(header["mtime_ns"]),
        size=_size(header["size"]),
        phash=_int(header["phash"]),
        colour=_int(header["colour"]),
        placeholder=blobs[0],
        renditions=dict(zip(names, blobs[1:], strict=True)),
        truncated=bool(header["truncated"]),
        animated=bool(header["animated"]),
    )


def _described(header: dict[str, object]) -> Described:
    meta = cast("dict[str, object]", header["metadata"])
    if meta["taken_at"] is not None:
        meta["taken_at"] = datetime.fromisoformat(str(meta["taken_at"]))
    if meta["gps"] is not None:
        north, east = cast("list[float]", meta["gps"])
        meta["gps"] = (float(north), float(east))
    meta["keywords"] = tuple(map(str, cast("list[object]", meta["keywords"])))
    problem = cast("dict[str, str] | None", header["problem"])
    colour, seconds = header["colour"], header["duration_s"]
    return Described(
        media_type=str(header["media_type"]),
        size=_size(header["size"]),
        size_bytes=_int(header["size_bytes"]),
        mtime_ns=_int(header["mtime_ns"]),
        quick_hash=QuickHash(str(header["quick_hash"])),
        metadata=Metadata(**meta),  # type: ignore[arg-type]  # checked by its own __init__ names
        colour=None if colour is None else _int(colour),
        animated=bool(header["animated"]),
        duration_s=None if seconds is None else float(cast("float", seconds)),
        problem=Problem(**problem) if problem is not None else None,
    )
