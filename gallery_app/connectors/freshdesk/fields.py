"""Reading a remote's JSON without trusting its shape: what is missing or odd is nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone

from gallery_app.domain.errors import Upstream

NAME = "Freshdesk"
Row = Mapping[str, object]


def rows_of(value: object) -> list[Row]:
    """The objects of a list.

    Raises:
        Upstream: it is no list.
    """
    if not isinstance(value, list):
        raise Upstream(NAME, "Freshdesk sent something else where a list was expected.")
    return [row for row in value if isinstance(row, dict)]


def row_of(value: object) -> Row:
    """An object.

    Raises:
        Upstream: it is none.
    """
    if not isinstance(value, dict):
        raise Upstream(NAME, "Freshdesk sent something else where one thing was expected.")
    return value


def inner(row: Row, name: str) -> Row:
    """The object at `name`; an empty one when there is none."""
    value = row.get(name)
    return value if isinstance(value, dict) else {}


def inner_rows(row: Row, name: str) -> list[Row]:
    """The objects of the list at `name`; none when there is no list."""
    value = row.get(name)
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


def text(row: Row, *names: str) -> str:
    """The first of these that is text and not empty."""
    for name in names:
        value = row.get(name)
        if isinstance(value, str) and value:
            return value
    return ""


def number(row: Row, *names: str) -> int | None:
    """The first of these that is a whole number, or text of one; never negative."""
    for name in names:
        value = row.get(name)
        if isinstance(value, bool):
            continue
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
            value = int(value)
        if isinstance(value, int) and 0 <= value < 1 << 63:
            return value
    return None


def moment(row: Row, *names: str) -> datetime | None:
    """The first of these that is a time, in UTC; any offset is understood."""
    for name in names:
        try:
            at = datetime.fromisoformat(text(row, name))
            if at.tzinfo is None:
                at = at.replace(tzinfo=timezone.utc)
            return at.astimezone(timezone.utc)
        except (ValueError, OverflowError):
            continue
    return None


def second(row: Row, name: str) -> int:
    """A time as whole seconds of the epoch; 0 when there is none."""
    at = moment(row, name)
    return int(at.timestamp()) if at else 0


def one_line(words: str, most: int = 300) -> str:
    """Text for a name: one line, no control characters, not too long."""
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())[:most]
