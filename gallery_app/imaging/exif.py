"""EXIF: the tags the gallery keeps, as values with a unit and a range.

`read_exif()` takes a block out of a picture, `read_tiff()` a TIFF file itself; both give
`ExifTags`, whose properties are None for what is absent or nonsense. Source: Exif 2.32.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass, field
from datetime import datetime

from gallery_app.imaging.dates import Moment, offset_from_utc, parse_offset, parse_stamp
from gallery_app.imaging.tags import Directory, Fetch, layout, number, read_directory, text

XMP, IPTC, PHOTOSHOP = 0x02BC, 0x83BB, 0x8649
_MAIN = frozenset(
    (0xFE, 0x100, 0x101, 0x102, 0x10E, 0x10F, 0x110, 0x112, 0x131, 0x132, 0x13B, 0x8298, 0x4746,
     0x9C9B, 0x9C9C, 0x9C9D, 0x9C9E, 0x9C9F, 0x8769, 0x8825, 0x9003, XMP, IPTC, PHOTOSHOP)
)  # fmt: skip
_CAMERA = frozenset(
    (0x829A, 0x829D, 0x8827, 0x9003, 0x9004, 0x9010, 0x9011, 0x9012, 0x9201, 0x9202, 0x920A,
     0x927C, 0x9286, 0x9290, 0x9291, 0xA433, 0xA434)
)  # fmt: skip
_GPS = frozenset((1, 2, 3, 4, 5, 6, 7, 9, 0x1D))
_THUMBNAIL = frozenset((0x201, 0x202))
_EXIF_POINTER, _GPS_POINTER = 0x8769, 0x8825
# What cameras write into the caption when nobody wrote one.
_NO_CAPTION = ("olympus digital camera", "sony dsc", "samsung", "minolta digital camera",
               "dcim", "default", "kodak digital still camera", "digital camera")  # fmt: skip
_COMMENT_CODES = {b"ASCII\0\0\0": "utf-8", b"UNICODE\0": "utf-16", b"\0" * 8: "utf-8"}


@dataclass(slots=True)
class ExifTags:
    """The directories of one EXIF block: IFD0, Exif, GPS, and the thumbnail's bytes."""

    main: Directory = field(default_factory=dict)
    camera: Directory = field(default_factory=dict)
    position: Directory = field(default_factory=dict)
    thumbnail: bytes = b""

    @property
    def orientation(self) -> int | None:
        """1 to 8, None when absent or another number."""
        value = number(self.main, 0x112)
        return int(value) if value is not None and value in range(1, 9) else None

    @property
    def taken(self) -> tuple[Moment, str] | None:
        """When the shutter opened (else when it was digitized), and the tag that says so."""
        for directory, tag, zone, fraction, name in (
            (self.camera, 0x9003, 0x9011, 0x9291, "ExifIFD:DateTimeOriginal"),
            (self.main, 0x9003, 0x9011, 0x9291, "IFD0:DateTimeOriginal"),
            (self.camera, 0x9004, 0x9012, 0x9290, "ExifIFD:CreateDate"),
        ):
            moment = self._moment(directory, tag, zone, fraction)
            if moment is not None:
                return moment, name
        return self._trail_camera()

    def _trail_camera(self) -> tuple[Moment, str] | None:
        """The date of Reconyx trail cameras, which write it in their maker note alone.

        Source: exiftool, Image::ExifTool::Reconyx (HyperFire: s, min, h, month, day, year).
        """
        note = self.camera.get(0x927C)
        if not isinstance(note, bytes) or note[:2] != b"\x01\xf1" or len(note) < 34:
            return None
        second, minute, hour, month, day, year = struct.unpack("<6H", note[22:34])
        stamp = f"{year:04}:{month:02}:{day:02} {hour:02}:{minute:02}:{second:02}"
        moment = parse_stamp(stamp)
        return (moment, "MakerNotes:DateTimeOriginal") if moment else None

    @property
    def modified(self) -> Moment | None:
        """When the file was last changed, by the camera or a program."""
        return self._moment(self.main, 0x132, 0x9010, 0)

    def _moment(self, directory: Directory, tag: int, zone: int, fraction: int) -> Moment | None:
        moment = parse_stamp(text(directory, tag) or "")
        if moment is None:
            return None
        digits = (text(self.camera, fraction) or "").strip()
        at = moment.at
        if digits.isascii() and digits.isdigit():
            at = at.replace(microsecond=int(digits.ljust(6, "0")[:6]))
        offset = moment.offset_minutes
        if offset is None:
            offset = parse_offset(text(self.camera, zone) or "")
        if offset is None and self.gps_time is not None:
            offset = offset_from_utc(at, self.gps_time)
        return Moment(at, offset)

    @property
    def gps_time(self) -> datetime | None:
        """The satellites' own date and time, UTC without a zone."""
        clock = self.position.get(7)
        moment = parse_stamp(text(self.position, 0x1D) or "")
        if moment is None or not isinstance(clock, tuple) or len(clock) != 3:
            return None
        hour, minute, second = clock
        # NaN (n/0) fails every comparison.
        if not (0 <= hour < 24 and 0 <= minute < 60 and 0 <= second < 60):
            return None
        return moment.at.replace(hour=int(hour), minute=int(minute), second=int(second))

    @property
    def gps(self) -> tuple[float, float] | None:
        """Degrees north and east; None for parts missing or out of range, and 0, 0 without fix."""
        north = self._degrees(2, 1, "NS", 90.0)
        east = self._degrees(4, 3, "EW", 180.0)
        if north is None or east is None:
            return None
        if north == 0 and east == 0 and text(self.position, 9) == "V":
            return None
        return north, east

    def _degrees(self, tag: int, reference: int, letters: str, limit: float) -> float | None:
        parts = self.position.get(tag)
        letter = (text(self.position, reference) or "")[:1].upper()
        if not isinstance(parts, tuple) or len(parts) not in {2, 3}:
            return None
        if not letter or letter not in letters:
            return None
        degrees, minutes, seconds = (*parts, 0.0)[:3]
        # NaN (n/0) fails every comparison.
        if not (0 <= degrees <= limit and 0 <= minutes <= 60 and 0 <= seconds <= 60):
            return None
        value = degrees + minutes / 60 + seconds / 3600
        if value > limit:
            return None
        value = round(value, 7)  # a centimetre; fractions of a second do not round evenly
        return -value if letter == letters[1] else value

    @property
    def altitude_m(self) -> float | None:
        """Metres above the sea, negative below it."""
        metres = number(self.position, 6)
        if metres is None or not abs(metres) < 100_000:
            return None
        below = self.position.get(5) in {b"\1", (1,)}
        return -metres if below else metres

    @property
    def caption(self) -> str | None:
        """ImageDescription, else UserComment, unless it is the camera's own filler."""
        for value in (text(self.main, 0x10E), self._comment(), self.windows(0x9C9C)):
            if value and value.casefold() not in _NO_CAPTION:
                return value
        return None

    def _comment(self) -> str | None:
        raw = self.camera.get(0x9286)
        if not isinstance(raw, bytes) or raw[:8] not in _COMMENT_CODES:
            return None
        body = raw[8:].rstrip(b"\0 ")
        code = _COMMENT_CODES[raw[:8]]
        value = body.decode(code, "ignore").replace("\0", "").strip()
        return value if value and value.isprintable() else None

    def windows(self, tag: int) -> str | None:
        """One of Windows' own UTF-16 fields (title, comment, author, keywords, subject)."""
        raw = self.main.get(tag)
        if isinstance(raw, tuple):
            raw = bytes(int(part) & 255 for part in raw)
        if not isinstance(raw, bytes):
            return None
        return raw.decode("utf-16-le", "ignore").replace("\0", "").strip() or None

    @property
    def iso(self) -> int | None:
        """ISO speed."""
        return _whole(number(self.camera, 0x8827), 1, 10_000_000)

    @property
    def f_number(self) -> float | None:
        """Aperture, also from the APEX value."""
        value = number(self.camera, 0x829D)
        apex = number(self.camera, 0x9202)
        if value is None and apex is not None and 0 < apex < 20:
            value = round(math.sqrt(2) ** apex, 1)
        return value if value is not None and 0 < value < 1000 else None

    @property
    def exposure_s(self) -> float | None:
        """Seconds the shutter was open, also from the APEX value."""
        value = number(self.camera, 0x829A)
        apex = number(self.camera, 0x9201)
        if value is None and apex is not None and -20 < apex < 20:
            value = 2.0**-apex
        return value if value is not None and 0 < value < 1e6 else None

    @property
    def focal_mm(self) -> float | None:
        """Real focal length in millimetres."""
        value = number(self.camera, 0x920A)
        return value if value is not None and 0 < value < 100_000 else None

    @property
    def rating(self) -> int | None:
        """Windows' stars, 0 to 5."""
        return _whole(number(self.main, 0x4746), 0, 5)


def _whole(value: float | None, low: int, high: int) -> int | None:
    return int(value) if value is not None and low <= value <= high else None


def read_exif(block: bytes) -> ExifTags:
    """The tags of an EXIF block, with or without its "Exif" prefix; empty when it is broken."""
    if block.startswith(b"Exif\0"):
        block = block[6:]
    return read_tiff(lambda offset, length: block[offset : offset + length])


def read_tiff(fetch: Fetch) -> ExifTags:
    """The tags of a TIFF structure that `fetch` reads from."""
    form = layout(fetch(0, 16))
    if form is None:
        return ExifTags()
    main, second = read_directory(fetch, form, form.first, _MAIN)
    tags = ExifTags(main)
    for pointer, wanted, name in (
        (_EXIF_POINTER, _CAMERA, "camera"),
        (_GPS_POINTER, _GPS, "position"),
    ):
        at = number(main, pointer)
        if at:
            setattr(tags, name, read_directory(fetch, form, int(at), wanted)[0])
    if second and second != form.first:
        small, _ = read_directory(fetch, form, second, _THUMBNAIL)
        at, size = number(small, 0x201), number(small, 0x202)
        if at and size and size <= 1 << 18:
            data = fetch(int(at), int(size))
            tags.thumbnail = data if data[:2] == b"\xff\xd8" else b""
    return tags
