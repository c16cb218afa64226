"""Numbers and times as the pages say them. The browser's side of the same is core/format.js."""

from __future__ import annotations

from datetime import datetime

_UNITS = ("bytes", "kB", "MB", "GB", "TB")


def count_of(number: int, one: str, many: str = "") -> str:
    """A number with its noun: "1 picture", "1,234 pictures"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def size_of(number: float) -> str:
    """Bytes as people say them, in powers of 1000: "3.5 MB"."""
    at = 0
    while number >= 999.5 and at < len(_UNITS) - 1:
        number /= 1000
        at += 1
    if at == 0:
        return count_of(int(number), "byte")
    return f"{number:.1f} {_UNITS[at]}" if number < 9.95 else f"{number:.0f} {_UNITS[at]}"


def span(seconds: float) -> str:
    """How long something took or takes: "400 ms", "12 s", "5 min", "3 h", "2 days"."""
    if seconds < 0.95:
        return f"{max(1, round(seconds * 1000))} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 100:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    if seconds < 129_600:
        return f"{seconds / 3600:.0f} h"
    return count_of(round(seconds / 86_400), "day")


def _rough(seconds: float) -> str:
    steps = ((5400, 60, "minute"), (129_600, 3600, "hour"), (float("inf"), 86_400, "day"))
    for below, unit, name in steps:
        if seconds < below:
            return count_of(max(1, round(seconds / unit)), name)
    raise AssertionError("unreachable: the last step has no end")


def ago(then: datetime, now: datetime) -> str:
    """How long ago: "just now", "2 minutes ago", "3 days ago"."""
    seconds = (now - then).total_seconds()
    return "just now" if seconds < 45 else f"{_rough(seconds)} ago"


def until(then: datetime, now: datetime) -> str:
    """How soon: "in 2 minutes", "in 7 days"; what is over is said as `ago` says it."""
    seconds = (then - now).total_seconds()
    if seconds <= 0:
        return ago(then, now)
    return f"in {_rough(seconds)}"


def day(when: datetime, now: datetime) -> str:
    """A day as it was called where it was: "12 Nov", with its year when it is another one."""
    return f"{when.day} {when:%b}" if when.year == now.year else f"{when.day} {when:%b %Y}"


def moment(when: datetime) -> str:
    """A point in time (UTC), exactly, for a tooltip."""
    return f"{when:%d %b %Y, %H:%M} UTC"
