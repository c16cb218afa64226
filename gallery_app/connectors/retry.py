"""How long to wait before asking again. Pure: time and chance are handed in.

Source: RFC 9110, 10.2.3 (Retry-After); why waits are spread: "Exponential Backoff And Jitter".
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime

from gallery_app.domain.dates import http_date

TRIES = 5
SHORTEST_S = 1.0
LONGEST_S = 300.0
LONGEST_TOLD_S = 3600.0  # of what a remote tells us to wait, the most we believe


def worth_another(status: int) -> bool:
    """Whether an answer with that status may be another one a little later."""
    return status in {408, 429} or (status >= 500 and status not in {501, 505})


def backoff_s(failed: int, chance: float) -> float:
    """Seconds to wait after so many failed tries: doubling, half less to half more, 1 s to 5 min.

    Args:
        failed: tries that failed so far, 1 or more.
        chance: in [0, 1).
    """
    step = min(LONGEST_S, SHORTEST_S * 2.0 ** min(failed - 1, 30))
    return min(LONGEST_S, max(SHORTEST_S, step * (0.5 + chance)))


def told_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that `Retry-After` asks for, at most an hour; None when it says nothing useful."""
    said = headers.get("retry-after", "").strip()
    if not said:
        return None
    try:
        seconds = float(said)
    except ValueError:
        at = http_date(said)
        seconds = math.nan if at is None else (at - now).total_seconds()
    if not math.isfinite(seconds):
        return None
    return min(LONGEST_TOLD_S, max(0.0, seconds))
