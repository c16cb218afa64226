"""The raw blocks of a test picture: EXIF, XMP and ICC, written byte by byte.

Own writers, so that what the gallery reads is not tested against the library it reads with.
Sources: TIFF 6.0 and Exif 2.32 (directories), ICC.1:2010 (matrix profile), XMP part 1.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from datetime import datetime
from html import escape

Entry = tuple[int, int, bytes, int]  # tag, TIFF type, value bytes, count
ASCII, SHORT, LONG, RATIONAL = 2, 3, 4, 5


def text_entry(tag: int, value: str) -> Entry:
    """An ASCII entry, NUL-terminated, UTF-8 as cameras write it."""
    raw = value.encode() + b"\0"
    return tag, ASCII, raw, len(raw)


def short_entry(tag: int, value: int) -> Entry:
    """One 16-bit number."""
    return tag, SHORT, struct.pack("<H", value), 1


def rational_entry(tag: int, values: Sequence[tuple[int, int]]) -> Entry:
    """Fractions, numerator first."""
    raw = b"".join(struct.pack("<II", *pair) for pair in values)
    return tag, RATIONAL, raw, len(values)


def long_entry(tag: int, value: int) -> Entry:
    """One 32-bit number."""
    return tag, LONG, struct.pack("<I", value), 1


def directory(entries: Sequence[Entry], start: int, following: int = 0) -> bytes:
    """One TIFF directory at offset `start`, with its values behind it."""
    table, values = b"", b""
    behind = start + 2 + 12 * len(entries) + 4
    for tag, kind, raw, count in sorted(entries):
        if len(raw) > 4:
            field = struct.pack("<I", behind + len(values))
            values += raw + b"\0" * (len(raw) % 2)
        else:
            field = raw.ljust(4, b"\0")
        table += struct.pack("<HHI", tag, kind, count) + field
    return struct.pack("<H", len(entries)) + table + struct.pack("<I", following) + values


def exif_block(
    *, orientation: int = 1, taken: datetime | None = None, offset: str = "", make: str = "",
    model: str = "", gps: tuple[float, float] | None = None, thumbnail: bytes = b"",
) -> bytes:  # fmt: skip
    """An "Exif" block with what is given; b"" when that is nothing."""
    main: list[Entry] = []
    main += [text_entry(0x010F, make)] if make else []
    main += [text_entry(0x0110, model)] if model else []
    main += [short_entry(0x0112, orientation)] if orientation != 1 else []
    camera: list[Entry] = []
    if taken is not None:
        camera += [text_entry(0x9003, f"{taken:%Y:%m:%d %H:%M:%S}")]
        camera += [text_entry(0x9011, offset)] if offset else []
    position = _gps_entries(gps) if gps is not None else []
    if not (main or camera or position or thumbnail):
        return b""
    return b"Exif\0\0" + tiff_block(main, camera, position, thumbnail)


def _gps_entries(gps: tuple[float, float]) -> list[Entry]:
    entries: list[Entry] = []
    for tag, value, letters in ((1, gps[0], "NS"), (3, gps[1], "EW")):
        entries.append(text_entry(tag, letters[value < 0]))
        entries.append(rational_entry(tag + 1, _degrees(abs(value))))
    return entries


def _degrees(value: float) -> list[tuple[int, int]]:
    whole = int(value)
    minutes = int((value - whole) * 60)
    seconds = ((value - whole) * 60 - minutes) * 60
    return [(whole, 1), (minutes, 1), (round(seconds * 10_000), 10_000)]


def tiff_block(
    main: Sequence[Entry], camera: Sequence[Entry], position: Sequence[Entry], thumbnail: bytes
) -> bytes:
    """A little-endian TIFF of IFD0, Exif, GPS and thumbnail directories, as far as given."""

    def assemble(pointers: dict[str, int]) -> tuple[bytes, dict[str, int]]:
        top = list(main)
        top += [long_entry(0x8769, pointers["camera"])] if camera else []
        top += [long_entry(0x8825, pointers["position"])] if position else []
        block = b"II*\0" + struct.pack("<I", 8)
        block += directory(top, 8, pointers["second"] if thumbnail else 0)
        found: dict[str, int] = {"camera": len(block)}
        block += directory(camera, len(block)) if camera else b""
        found["position"] = len(block)
        block += directory(position, len(block)) if position else b""
        found["second"] = len(block)
        if thumbnail:
            at = len(block) + 2 + 3 * 12 + 4
            second = [
                short_entry(0x0103, 6),
                long_entry(0x0201, at),
                long_entry(0x0202, len(thumbnail)),
            ]
            block += directory(second, len(block)) + thumbnail
        return block, found

    _, pointers = assemble({"camera": 0, "position": 0, "second": 0})
    return assemble(pointers)[0]


def xmp_packet(title: str, caption: str, keywords: Sequence[str], rating: int | None) -> bytes:
    """An XMP packet with what is given; b"" when that is nothing."""
    parts = ""
    for name, value in (("title", title), ("description", caption)):
        if value:
            inner = f'<rdf:li xml:lang="x-default">{escape(value)}</rdf:li>'
            parts += f"<dc:{name}><rdf:Alt>{inner}</rdf:Alt></dc:{name}>"
    if keywords:
        items = "".join(f"<rdf:li>{escape(word)}</rdf:li>" for word in keywords)
        parts += f"<dc:subject><rdf:Bag>{items}</rdf:Bag></dc:subject>"
    stars = f' xmp:Rating="{rating}"' if rating is not None else ""
    if not parts and not stars:
        return b""
    return (
        '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        f' xmlns:xmp="http://ns.adobe.com/xap/1.0/"{stars}>{parts}</rdf:Description>'
        '</rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    ).encode()


def display_p3_profile() -> bytes:
    """A Display P3 matrix profile: sRGB's curve, P3 primaries adapted to D50.

    Source: ICC.1:2010; primaries as in Apple's "Display P3.icc".
    """

    def xyz(*values: float) -> bytes:
        return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(v * 65536) for v in values))

    curve = b"para\0\0\0\0" + struct.pack(">HH", 3, 0)
    curve += struct.pack(
        ">5i", *(round(v * 65536) for v in (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045))
    )
    name = b"Display P3\0"
    described = b"desc\0\0\0\0" + struct.pack(">I", len(name)) + name + bytes(78)
    tags = {
        b"desc": described, b"cprt": b"text\0\0\0\0CC0\0", b"wtpt": xyz(0.9642, 1.0, 0.8249),
        b"rXYZ": xyz(0.51512, 0.24120, -0.00105), b"gXYZ": xyz(0.29198, 0.69225, 0.04189),
        b"bXYZ": xyz(0.15710, 0.06657, 0.78407),
        b"rTRC": curve, b"gTRC": curve, b"bTRC": curve,
    }  # fmt: skip
    table, body = struct.pack(">I", len(tags)), b""
    start = 128 + 4 + 12 * len(tags)
    for signature, data in tags.items():
        table += signature + struct.pack(">II", start + len(body), len(data))
        body += data + b"\0" * (-len(data) % 4)
    head = struct.pack(">I4sI4s4s4s", start + len(body), bytes(4), 0x02400000, b"mntr", b"RGB ",
                       b"XYZ ")  # fmt: skip
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28)
    head += struct.pack(">3i", 63190, 65536, 54061)  # the D50 illuminant
    return head.ljust(128, b"\0") + table + body
