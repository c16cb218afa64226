"""One `Metadata` out of everything a file says of itself.

`Found` is what the container readers collect; `merge()` decides who is believed: EXIF for the
camera's facts, XMP before IPTC before EXIF for words, and for the date the order of `_taken()`.
Source: Metadata Working Group, Guidelines for Handling Metadata 2.0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from gallery_app.domain.model import Metadata, TakenFrom
from gallery_app.imaging import iptc
from gallery_app.imaging.dates import Moment, parse_iptc, parse_name, parse_stamp
from gallery_app.imaging.exif import ExifTags, read_exif
from gallery_app.imaging.iptc import Datasets
from gallery_app.imaging.tags import text
from gallery_app.imaging.text import clean_text
from gallery_app.imaging.xmp import Properties, read_xmp

_MOST_KEYWORDS = 500
_XMP_DATES = ("exif:DateTimeOriginal", "photoshop:DateCreated", "exif:DateTimeDigitized",
              "xmp:CreateDate")  # fmt: skip
_COORDINATE = re.compile(
    r"\s*(\d{1,3}),(\d{1,2}(?:\.\d+)?)(?:,(\d{1,2}(?:\.\d+)?))?\s*([NSEW])\s*$"
)


@dataclass(slots=True)
class Found:
    """Raw blocks and texts of one file, before anybody decided what to believe."""

    exif: bytes | ExifTags = b""
    xmp: bytes = b""
    iptc: Datasets = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)  # PNG keywords and container tags


def merge(found: Found, *, name: str = "") -> tuple[Metadata, bytes]:
    """The metadata of a file, and the embedded EXIF thumbnail (b"" without one).

    Args:
        found: what its container holds.
        name: the file's name, for a date when nothing else has one.
    """
    exif = found.exif if isinstance(found.exif, ExifTags) else read_exif(found.exif)
    xmp = read_xmp(found.xmp)
    moment, family, label = _taken(exif, xmp, found, name)
    words = found.texts
    metadata = Metadata(
        taken_at=moment.at if moment else None,
        taken_from=family if moment else None,
        taken_field=label if moment else None,
        offset_minutes=moment.offset_minutes if moment else None,
        make=text(exif.main, 0x10F) or _first(xmp, "tiff:Make") or words.get("make"),
        model=text(exif.main, 0x110) or _first(xmp, "tiff:Model") or words.get("model"),
        lens=text(exif.camera, 0xA434) or _first(xmp, "exifEX:LensModel", "aux:Lens"),
        iso=exif.iso,
        f_number=exif.f_number,
        exposure_s=exif.exposure_s,
        focal_mm=exif.focal_mm,
        gps=exif.gps or _xmp_position(xmp),
        altitude_m=exif.altitude_m,
        orientation=exif.orientation or 1,
        rating=_rating(exif, xmp),
        title=_title(exif, xmp, found),
        caption=_caption(exif, xmp, found),
        keywords=_keywords(exif, xmp, found.iptc),
        place=_place(xmp, found.iptc),
        creator=_creator(exif, xmp, found),
        copyright=_first(xmp, "dc:rights")
        or _iptc(found.iptc, iptc.COPYRIGHT)
        or text(exif.main, 0x8298)
        or words.get("Copyright"),
        software=text(exif.main, 0x131) or _first(xmp, "xmp:CreatorTool") or words.get("Software"),
    )
    return metadata, exif.thumbnail


def _taken(
    exif: ExifTags, xmp: Properties, found: Found, name: str
) -> tuple[Moment | None, TakenFrom | None, str]:
    """The best date: when the shutter opened, before when a file was made or changed."""
    if exif.taken is not None:
        return exif.taken[0], "exif", exif.taken[1]
    for key in _XMP_DATES:
        moment = parse_stamp(_first(xmp, key) or "")
        if moment is not None:
            return moment, "xmp", f"XMP-{key}"
    date, clock = _iptc(found.iptc, iptc.DATE), _iptc(found.iptc, iptc.TIME)
    rest: tuple[tuple[Moment | None, TakenFrom, str], ...] = (
        (parse_iptc(date or "", clock or ""), "iptc", "IPTC:DateCreated"),
        (parse_stamp(found.texts.get("creation_time", "")), "container", "QuickTime:CreateDate"),
        (parse_stamp(found.texts.get("Creation Time", "")), "png", "PNG:CreationTime"),
        (parse_stamp(found.texts.get("TimeDate", "")), "container", "APP12:TimeDate"),
        (exif.modified, "exif", "IFD0:ModifyDate"),
        (Moment(exif.gps_time, 0) if exif.gps_time else None, "gps", "GPS:GPSDateTime"),
        (parse_name(name), "name", "File:FileName"),
    )
    for moment, family, label in rest:
        if moment is not None:
            return moment, family, label
    return None, None, ""


def _first(properties: Properties, *keys: str) -> str | None:
    for key in keys:
        if values := properties.get(key):
            return values[0]
    return None


def _iptc(datasets: Datasets, number: int) -> str | None:
    return datasets[number][0] if datasets.get(number) else None


def _rating(exif: ExifTags, xmp: Properties) -> int | None:
    try:
        stars = int(float(_first(xmp, "xmp:Rating") or "nan"))
    except (ValueError, OverflowError):
        return exif.rating
    return stars if 0 <= stars <= 5 else None


def _title(exif: ExifTags, xmp: Properties, found: Found) -> str | None:
    return (
        _first(xmp, "dc:title", "photoshop:Headline")
        or _iptc(found.iptc, iptc.TITLE)
        or _iptc(found.iptc, iptc.HEADLINE)
        or exif.windows(0x9C9B)
        or found.texts.get("Title")
        or None
    )


def _caption(exif: ExifTags, xmp: Properties, found: Found) -> str | None:
    return (
        _first(xmp, "dc:description")
        or _iptc(found.iptc, iptc.CAPTION)
        or exif.caption
        or found.texts.get("Description")
        or None
    )


def _creator(exif: ExifTags, xmp: Properties, found: Found) -> str | None:
    return (
        _first(xmp, "dc:creator")
        or _iptc(found.iptc, iptc.BYLINE)
        or text(exif.main, 0x13B)
        or exif.windows(0x9C9D)
        or found.texts.get("Author")
        or None
    )


def _keywords(exif: ExifTags, xmp: Properties, datasets: Datasets) -> tuple[str, ...]:
    """All keywords of all blocks, each once, in the order met."""
    windows = (exif.windows(0x9C9E) or "").split(";")
    given = [*xmp.get("dc:subject", ()), *datasets.get(iptc.KEYWORDS, ()), *windows]
    kept = dict.fromkeys(word for word in map(clean_text, given) if word)
    return tuple(kept)[:_MOST_KEYWORDS]


def _place(xmp: Properties, datasets: Datasets) -> str | None:
    """Sublocation, city, region and country, as far as given."""
    parts = (
        _first(xmp, "Iptc4xmpCore:Location") or _iptc(datasets, iptc.SUBLOCATION),
        _first(xmp, "photoshop:City") or _iptc(datasets, iptc.CITY),
        _first(xmp, "photoshop:State") or _iptc(datasets, iptc.STATE),
        _first(xmp, "photoshop:Country") or _iptc(datasets, iptc.COUNTRY),
    )
    return ", ".join(dict.fromkeys(part for part in parts if part)) or None


def _xmp_position(xmp: Properties) -> tuple[float, float] | None:
    north = _xmp_degrees(_first(xmp, "exif:GPSLatitude"), "NS", 90)
    east = _xmp_degrees(_first(xmp, "exif:GPSLongitude"), "EW", 180)
    if north is None or east is None or (north == 0 and east == 0):
        return None
    return north, east


def _xmp_degrees(value: str | None, letters: str, limit: float) -> float | None:
    """Degrees in "48,8.246N" or "48,8,14.8N". Source: XMP part 2, GPSCoordinate."""
    match = _COORDINATE.match(value or "")
    if match is None or match[4] not in letters:
        return None
    degrees = int(match[1]) + float(match[2]) / 60 + float(match[3] or 0) / 3600
    if degrees > limit:
        return None
    return -degrees if match[4] == letters[1] else degrees
