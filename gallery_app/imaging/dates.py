"""Dates as cameras and programs write them, and never nonsense.

A date is taken only when it exists in the calendar and lies between the first photograph and
the end of this century: "0000:00:00", February 30, a second 60 or the year 9999 give None.
Times stay the camera's wall time; the offset from UTC is read beside it.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import NamedTuple

# Source: Niépce's "View from the Window at Le Gras", the oldest photograph (1826).
FIRST_YEAR, LAST_YEAR = 1826, 2100
LARGEST_OFFSET_MINUTES = 14 * 60


class Moment(NamedTuple):
    """Naive local wall time, and minutes east of UTC when the text says so."""

    at: datetime
    offset_minutes: int | None = None


_STAMP = re.compile(
    r"\s*(\d{4})[:\-/.](\d{1,2})(?:[:\-/.](\d{1,2}))?"
    r"(?:[ T]+(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|[+-]\d{2}:?\d{2})?"
)
_OFFSET = re.compile(r"\s*([+-])(\d{2}):?(\d{2})\s*$")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_CLOCK = re.compile(r"(\d{2}):?(\d{2}):?(\d{2})([+-]\d{2}:?\d{2})?")
# IMG_20160703_140506, PXL_20210304_050607123, 2016-07-03 14.05.06, 2016-07-03_14-05-06
_NAME = re.compile(
    r"(?<!\d)(\d{4})[-_.]?(\d{2})[-_.]?(\d{2})(?:[-_ ]|T| at )(\d{2})[-_.:h]?(\d{2})[-_.:m]?(\d{2})"
    r"(?:\d{3})?(?!\d)"
)


def parse_stamp(text: str) -> Moment | None:
    """The moment in "2016:07:03 14:05:06", "2016-07-03T14:05:06.25+02:00" or "2016-07-03".

    Source: Exif 2.32 (colons), XMP part 1 section 8.2.1.2 (ISO 8601, parts may be missing).
    """
    match = _STAMP.match(text)
    if match is None:
        return None
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    micro = int((fraction or "0").ljust(6, "0")[:6])
    parts = (year, month, day or "1", hour or "0", minute or "0", second or "0")
    y, mo, d, h, mi, s = (int(part) for part in parts)
    at = _existing(y, mo, d, h, mi, s, micro)
    return None if at is None else Moment(at, parse_offset(zone or ""))


def parse_iptc(date: str, clock: str) -> Moment | None:
    """The moment of IPTC's "20160703" and "140506+0200" (the clock may be missing)."""
    match = _COMPACT.match(date.replace("-", "").replace(":", ""))
    if match is None:
        return None
    time = _CLOCK.match(clock)
    hms = [int(part) for part in time.groups()[:3]] if time else [0, 0, 0]
    at = _existing(*(int(part) for part in match.groups()), *hms)
    return None if at is None else Moment(at, parse_offset((time[4] or "") if time else ""))


def parse_name(name: str) -> Moment | None:
    """The moment in a file name as phones write it ("IMG_20160703_140506.jpg")."""
    match = _NAME.search(name)
    if match is None:
        return None
    at = _existing(*(int(part) for part in match.groups()))
    return None if at is None else Moment(at)


def parse_offset(text: str) -> int | None:
    """Minutes east of UTC in "+02:00", "-0330" or "Z"; None for anything else."""
    if text.strip() == "Z":
        return 0
    match = _OFFSET.match(text)
    if match is None:
        return None
    minutes = int(match[2]) * 60 + int(match[3])
    if minutes > LARGEST_OFFSET_MINUTES or int(match[3]) > 59:
        return None
    return -minutes if match[1] == "-" else minutes


def offset_from_utc(local: datetime, utc: datetime) -> int | None:
    """The zone that explains local wall time and GPS time of one exposure, in minutes.

    None when they are not a whole number of half hours apart, give or take 90 s: then the
    position was an older one.
    """
    apart_s = (local - utc) / timedelta(seconds=1)
    minutes = round(apart_s / 1800) * 30
    close = abs(apart_s - minutes * 60) <= 90
    return minutes if close and abs(minutes) <= LARGEST_OFFSET_MINUTES else None


def _existing(
    year: int, month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0, micro: int = 0
) -> datetime | None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    try:
        return datetime(year, month, day, hour, minute, second, micro)  # noqa: DTZ001  # local
    except ValueError:
        return None
