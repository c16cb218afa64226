"""The head of each picture format: size in pixels, metadata blocks, animation; no decoding.

One small reader per format, each through `fetch(offset, length)`, each bounded in steps; a
broken head gives a size of 0 x 0. ISO containers (HEIC, AVIF) are in `bmff.py`. Sources: ITU-T
T.81 (JPEG), PNG third edition, RIFF container of WebP (RFC 9649), GIF89a, BITMAPINFOHEADER.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timezone

from gallery_app.domain.geometry import Size
from gallery_app.imaging import bmff
from gallery_app.imaging.exif import IPTC, PHOTOSHOP, XMP, read_exif, read_tiff
from gallery_app.imaging.iptc import PHOTOSHOP_PREFIX, read_iim, read_photoshop
from gallery_app.imaging.metadata import Found
from gallery_app.imaging.tags import Fetch, number
from gallery_app.imaging.text import clean

_MOST_STEPS = 70_000
_LARGEST_BLOCK = 1 << 20
_PICTURE_INFO = re.compile(rb"TimeDate=(\d{1,10})\b")
_EXIF_STARTS = {b"Exif", b"II*\0", b"MM\0*"}
_NOT_HEX = re.compile(rb"[^0-9A-Fa-f]+")
_BARE = {0xFF, 0x01, *range(0xD0, 0xD9)}
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_XMP_PREFIX = b"http://ns.adobe.com/xap/1.0/\0"


@dataclass(slots=True)
class Head:
    """Stored size (0 x 0: not found), raw metadata, and what turns the picture."""

    size: Size = bmff.NO_SIZE
    found: Found = field(default_factory=Found)
    animated: bool = False
    # Quarter turns and mirror a container asks for itself, as an EXIF orientation; None when
    # the EXIF tag decides.
    turned: int | None = None


def read_head(fetch: Fetch, code: str) -> Head:
    """What the head of a file of media type `code` tells; empty for types without a reader."""
    reader = _READERS.get(code)
    return reader(fetch) if reader else Head()


def _jpeg(fetch: Fetch) -> Head:
    head = Head()
    photoshop = b""
    at = 2
    for _ in range(_MOST_STEPS):
        lead = fetch(at, 4)
        if len(lead) < 4 or lead[0] != 0xFF:
            break
        marker = lead[1]
        if marker in _BARE:
            at += 1 if marker == 0xFF else 2
            continue
        if marker in {0xD9, 0xDA}:
            break
        length = lead[2] << 8 | lead[3]
        if marker in _FRAMES:
            frame = fetch(at + 5, 4)
            if len(frame) == 4:
                head.size = Size(*struct.unpack(">2H", frame)[::-1])
        elif marker == 0xE1:
            _jpeg_app1(head.found, fetch(at + 4, length - 2))
        elif marker == 0xEC:
            _jpeg_app12(head.found, fetch(at + 4, min(length - 2, 4096)))
        elif marker == 0xED and len(photoshop) < _LARGEST_BLOCK:
            photoshop += fetch(at + 4, length - 2).removeprefix(PHOTOSHOP_PREFIX)
        at += 2 + length
    head.found.iptc = read_photoshop(photoshop) if photoshop else {}
    return head


def _jpeg_app1(found: Found, body: bytes) -> None:
    if body.startswith(b"Exif\0") and not found.exif:
        found.exif = body
    elif body.startswith(_XMP_PREFIX) and not found.xmp:
        found.xmp = body[len(_XMP_PREFIX) :]


def _jpeg_app12(found: Found, body: bytes) -> None:
    """The "picture info" of digital cameras before EXIF: seconds since 1970, as a wall clock."""
    stamp = _PICTURE_INFO.search(body)
    if stamp:
        at = datetime.fromtimestamp(int(stamp[1]), timezone.utc)
        found.texts["TimeDate"] = f"{at:%Y-%m-%dT%H:%M:%S}"


def _png(fetch: Fetch) -> Head:
    head = Head()
    at = 8
    for _ in range(_MOST_STEPS):
        lead = fetch(at, 8)
        if len(lead) < 8:
            break
        length, kind = struct.unpack(">I4s", lead)
        if kind == b"IHDR":
            sides = fetch(at + 8, 8)
            head.size = Size(*struct.unpack(">2I", sides)) if len(sides) == 8 else head.size
        elif kind == b"acTL":
            head.animated = int.from_bytes(fetch(at + 8, 4), "big") > 1
        elif kind == b"IEND":
            break
        elif kind in _PNG_BLOCKS and length <= _LARGEST_BLOCK:
            _PNG_BLOCKS[kind](head.found, fetch(at + 8, length))
        at += 12 + length
    return head


def _png_exif(found: Found, body: bytes) -> None:
    found.exif = found.exif or body


def _png_plain(found: Found, body: bytes) -> None:
    key, _, value = body.partition(b"\0")
    _png_text(found, clean(key), value)


def _png_packed(found: Found, body: bytes) -> None:
    key, _, value = body.partition(b"\0")
    _png_text(found, clean(key), _inflated(value[1:]))


def _png_international(found: Found, body: bytes) -> None:
    key, _, rest = body.partition(b"\0")
    packed, rest = rest[:1] == b"\1", rest[2:]
    _, _, rest = rest.partition(b"\0")
    _, _, value = rest.partition(b"\0")
    value = _inflated(value) if packed else value
    if key == b"XML:com.adobe.xmp":
        found.xmp = found.xmp or value
    else:
        _png_text(found, clean(key), value)


_PNG_BLOCKS: dict[bytes, Callable[[Found, bytes], None]] = {
    b"eXIf": _png_exif, b"tEXt": _png_plain, b"zTXt": _png_packed, b"iTXt": _png_international,
}  # fmt: skip


def _png_text(found: Found, key: str, value: bytes) -> None:
    """Keeps one text; ImageMagick's "Raw profile" texts are EXIF, IPTC and XMP in hex."""
    if key.startswith("Raw profile type "):
        raw = _raw_profile(value)
        kind = key[17:].lower()
        if kind in {"exif", "app1"} and raw[:4] in _EXIF_STARTS:
            found.exif = found.exif or raw
        elif kind in {"xmp", "app1"}:
            found.xmp = found.xmp or raw.removeprefix(_XMP_PREFIX)
        elif kind == "iptc":
            found.iptc = found.iptc or read_photoshop(raw) or read_iim(raw)
    elif len(found.texts) < 100:
        found.texts.setdefault(key, clean(value))


def _raw_profile(value: bytes) -> bytes:
    """The bytes of a profile in hex, behind its name and length; a wrong length is common."""
    parts = value.split(None, 2)
    digits = _NOT_HEX.sub(b"", parts[2]) if len(parts) == 3 else b""
    return bytes.fromhex(digits[: len(digits) // 2 * 2].decode("ascii"))


def _inflated(packed: bytes) -> bytes:
    """At most a megabyte of a deflate stream; b"" when it is broken."""
    try:
        return zlib.decompressobj().decompress(packed, _LARGEST_BLOCK)
    except zlib.error:
        return b""


def _webp(fetch: Fetch) -> Head:
    head = Head()
    at = 12
    for _ in range(_MOST_STEPS):
        lead = fetch(at, 8)
        if len(lead) < 8:
            break
        kind, length = struct.unpack("<4sI", lead)
        body = fetch(at + 8, 10) if kind in {b"VP8X", b"VP8 ", b"VP8L"} else b""
        if kind == b"VP8X" and len(body) == 10:
            head.animated = bool(body[0] & 2)
            width, height = int.from_bytes(body[4:7], "little"), int.from_bytes(body[7:], "little")
            head.size = Size(width + 1, height + 1)
        elif kind == b"VP8 " and len(body) == 10 and not head.size.width:
            sides = struct.unpack("<2H", body[6:10])
            head.size = Size(sides[0] & 0x3FFF, sides[1] & 0x3FFF)
        elif kind == b"VP8L" and len(body) >= 5 and not head.size.width:
            bits = int.from_bytes(body[1:5], "little")
            head.size = Size((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
        elif kind == b"EXIF" and length <= _LARGEST_BLOCK:
            head.found.exif = head.found.exif or fetch(at + 8, length)
        elif kind == b"XMP " and length <= _LARGEST_BLOCK:
            head.found.xmp = head.found.xmp or fetch(at + 8, length)
        at += 8 + length + length % 2
    return head


def _gif(fetch: Fetch) -> Head:
    data = fetch(0, 128 * 1024)
    if len(data) < 13:
        return Head()
    return Head(Size(*struct.unpack("<2H", data[6:10])), animated=_gif_moves(data))


def _gif_moves(data: bytes) -> bool:
    """Whether a second frame, or a looping extension, stands in the first 128 KiB."""
    at = 13 + (3 << (data[10] & 7) + 1 if data[10] & 0x80 else 0)
    frames = 0
    while at + 10 < len(data) and frames < 2:
        if data[at] == 0x2C:
            frames += 1
            packed = data[at + 9]
            at += 11 + (3 << (packed & 7) + 1 if packed & 0x80 else 0)
        elif data[at] == 0x21:
            if data[at + 3 : at + 14] == b"NETSCAPE2.0":
                return True
            at += 2
        else:
            break
        while at < len(data) and data[at]:
            at += 1 + data[at]
        at += 1
    return frames > 1


def _bmp(fetch: Fetch) -> Head:
    lead = fetch(14, 12)
    if len(lead) < 12:
        return Head()
    if int.from_bytes(lead[:4], "little") == 12:
        return Head(Size(*struct.unpack("<2H", lead[4:8])))
    width, height = struct.unpack("<2i", lead[4:12])
    return Head(Size(max(width, 0), abs(height)))


def _tiff(fetch: Fetch) -> Head:
    tags = read_tiff(fetch)
    size = Size(int(number(tags.main, 0x100) or 0), int(number(tags.main, 0x101) or 0))
    found = Found(tags)
    packet, datasets, photoshop = (tags.main.get(tag) for tag in (XMP, IPTC, PHOTOSHOP))
    found.xmp = packet if isinstance(packet, bytes) else b""
    if isinstance(photoshop, bytes):
        found.iptc = read_photoshop(photoshop)
    if isinstance(datasets, bytes) and not found.iptc:
        found.iptc = read_iim(datasets)
    return Head(size, found)


def _iso(fetch: Fetch) -> Head:
    box = bmff.read_meta(fetch)
    exif = read_exif(box.exif)
    return Head(box.size, Found(exif, box.xmp), animated=box.sequence, turned=box.orientation)


_READERS: dict[str, Callable[[Fetch], Head]] = {
    "jpeg": _jpeg, "png": _png, "webp": _webp, "gif": _gif, "bmp": _bmp, "tiff": _tiff,
    "raw": _tiff, "heic": _iso, "avif": _iso,
}  # fmt: skip
