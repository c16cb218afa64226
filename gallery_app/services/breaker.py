"""When a remote that keeps failing is left alone, and for how long. Pure.

Source: the connectors' manners: after 5 failures in a row 1, 5, 15, then 60 minutes.
"""

from __future__ import annotations

FAILURES_BEFORE_PAUSE = 5
PAUSES_S = (60.0, 300.0, 900.0, 3600.0)


def next_pause_s(failures: int) -> float | None:
    """How long to leave a remote alone after so many failures in a row; None: not yet.

    Args:
        failures: in a row, this one included; a success makes it 0.
    """
    beyond = failures - FAILURES_BEFORE_PAUSE
    return None if beyond < 0 else PAUSES_S[min(beyond, len(PAUSES_S) - 1)]
