"""Times as HTTP headers write them. Pure.

Source: RFC 9110, 5.6.7.
"""

from __future__ import annotations

from datetime import datetime, timezone
from email.utils import parsedate_to_datetime


def http_date(text: str) -> datetime | None:
    """The time that a header tells, aware, in whatever zone; None when it tells none."""
    try:
        at = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):  # a year or a zone of twenty digits
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=timezone.utc)
