"""Single values of an answer, read tolerantly: what is not of the right kind is unknown.

Text is cut and cleaned here, so that nothing behind this module sees a control character or a
mile of it.
"""

from __future__ import annotations

import math
import re
from datetime import UTC, datetime

_UUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
# Control characters, and those that turn the direction of the text around them.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_CLOCK = re.compile(r"(\d{1,4}):(\d{1,2}):(\d{1,2}(?:\.\d+)?)")
_FRACTION = re.compile(r"(\d+(?:\.\d+)?)\s*/\s*(\d+(?:\.\d+)?)")
_TEXT = 1_000  # characters of a name, a place, a path
_LONGEST_CURSOR = 4_096
_LONG_TEXT = 20_000  # of a description


def next_page(value: object) -> int | None:
    """The next page's number: answers give it as text, requests need an integer."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 9:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def next_cursor(value: object) -> str | None:
    """The server's own mark, which is sent back as it is; None for what could not be sent."""
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_CURSOR:
        return None
    return value if value.isprintable() else None


def file_name(value: object) -> str:
    """The last part of a path, without anything that could lead elsewhere; "" if none."""
    tail = value[-_TEXT:] if isinstance(value, str) else None
    name = (text(tail) or "").replace("\\", "/").rstrip("/").rpartition("/")[2].strip()
    return "" if name in {".", ".."} else name[-255:]


def duration_s(value: object) -> float | None:
    """Seconds, from ms (version 3) or from "h:mm:ss.ffffff" (before); None for no time at all."""
    if isinstance(value, str):
        match = _CLOCK.fullmatch(value.strip())
        if match is None:
            return None
        seconds = int(match[1]) * 3600 + int(match[2]) * 60 + float(match[3])
    else:
        ms = number(value)
        if ms is None:
            return None
        seconds = ms / 1000
    return seconds if 0 < seconds < 1e8 else None


def moment(value: object) -> datetime | None:
    """A time with a zone; one without is UTC. None when it is none."""
    if not isinstance(value, str) or len(value) > 40:
        return None
    try:
        time = datetime.fromisoformat(value)
    except ValueError:
        return None
    if not 1 < time.year < 9999:  # room to move by a zone or a millisecond
        return None
    return time if time.tzinfo is not None else time.replace(tzinfo=UTC)


def wall_time(value: object) -> datetime | None:
    """`localDateTime` is written as if it were UTC; what it means is the clock on the wall."""
    time = moment(value)
    return None if time is None else time.replace(tzinfo=None)


def exposure_s(value: object) -> float | None:
    """Seconds, from "1/120", "0.5" or a number."""
    if isinstance(value, str):
        match = _FRACTION.fullmatch(value.strip())
        if match is not None:
            below = float(match[2])
            return float(match[1]) / below if below and float(match[1]) else None
        try:
            value = float(value) if len(value) < 30 else None
        except ValueError:
            return None
    return positive(value)


def uuid(value: object) -> str | None:
    """An id of the form Immich gives; None for any other."""
    return value if isinstance(value, str) and _UUID.fullmatch(value) else None


def is_uuid(value: str) -> bool:
    """Whether this has the form of an id of Immich."""
    return _UUID.fullmatch(value) is not None


def text(value: object) -> str | None:
    """One line of text; None for nothing."""
    if not isinstance(value, str) or not value:
        return None
    if not value.isprintable():
        value = _CONTROL.sub(" ", value).encode("utf-8", "replace").decode("utf-8")
    return value[:_TEXT].strip() or None


def long_text(value: object) -> str | None:
    """Text of several lines; None for nothing."""
    if not isinstance(value, str) or not value:
        return None
    if value.isprintable() and len(value) <= _LONG_TEXT:
        return value.strip() or None
    kept = value.replace("\r\n", "\n")[:_LONG_TEXT].encode("utf-8", "replace").decode("utf-8")
    return "".join(c for c in kept if c >= " " or c in "\n\t").strip() or None


def flag(value: object) -> bool | None:
    """True or False; None for anything else."""
    return value if isinstance(value, bool) else None


def number(value: object) -> float | None:
    """A finite number; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        found = float(value)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def positive(value: object) -> float | None:
    """A number above zero."""
    found = number(value)
    return found if found is not None and 0 < found < 1e12 else None


def whole(value: object) -> int | None:
    """A whole number, from digits too."""
    if type(value) is int and abs(value) < 2**53:
        return value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        return int(value)
    found = number(value)
    return int(found) if found is not None and abs(found) < 2**53 else None


def positive_whole(value: object) -> int | None:
    """A whole number above zero."""
    found = whole(value)
    return found if found is not None and found > 0 else None


def side(value: object) -> int:
    """A side of a picture in px; 0 when unknown."""
    found = whole(value)
    return found if found is not None and 0 < found <= 1_000_000 else 0
