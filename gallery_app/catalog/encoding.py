"""How values are written into integer columns: times, states, types, unsigned numbers."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import overload

from gallery_app.domain.media import MEDIA_CODES
from gallery_app.domain.model import Status
from gallery_app.domain.remote import RowState

_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  # the origin of local wall times, which have no zone
_EPOCH_UTC = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MS = timedelta(milliseconds=1)

# Columns keep a status as its position here: append only, never reorder.
STATUSES: tuple[Status, ...] = ("described", "ready", "unreadable", "missing")
DESCRIBED, READY, UNREADABLE, MISSING = range(4)
TYPE_CODES: dict[str, int] = {code: number for number, code in enumerate(MEDIA_CODES)}
MOST_ATTEMPTS = 3
# Columns keep the state of a remote's picture as its position here.
ROW_STATES: tuple[RowState, ...] = ("wanted", "held", "refused", "gone")
WANTED, HELD, REFUSED, GONE = range(4)
# Kinds of sources whose bytes lie here, as SQL.
LOCAL_KINDS = "('folder', 'uploads')"


def local_ms(at: datetime) -> int:
    """Milliseconds of a naive local wall time, as if it were UTC."""
    return (at - _EPOCH) // _MS


def from_local_ms(ms: int) -> datetime:
    """The naive local wall time of `local_ms`."""
    return _EPOCH + timedelta(milliseconds=ms)


@overload
def utc_ms(at: datetime) -> int: ...
@overload
def utc_ms(at: datetime | None) -> int | None: ...
def utc_ms(at: datetime | None) -> int | None:
    """Milliseconds since 1970 of an aware time."""
    return None if at is None else (at - _EPOCH_UTC) // _MS


@overload
def from_utc_ms(ms: int) -> datetime: ...
@overload
def from_utc_ms(ms: int | None) -> datetime | None: ...
def from_utc_ms(ms: int | None) -> datetime | None:
    """The aware UTC time of `utc_ms`."""
    return None if ms is None else _EPOCH_UTC + timedelta(milliseconds=ms)


def signed(number: int) -> int:
    """An unsigned 64 bit number as the signed one SQLite can keep; longer ones are cut."""
    number &= (1 << 64) - 1
    return number - (1 << 64) if number >> 63 else number


def unsigned(number: int) -> int:
    """The unsigned 64 bit number of `signed`."""
    return number & ((1 << 64) - 1)


def hexed(raw: bytes | None) -> str | None:
    """Hex digits of a stored hash."""
    return None if raw is None else raw.hex()
