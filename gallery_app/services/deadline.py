"""How long somebody still waits: one end for all that is waited for in turn."""

from __future__ import annotations

from collections.abc import Callable


class Deadline:
    """Ends `within_s` after it was made, by the clock it was given."""

    __slots__ = ("_monotonic", "_until_s")

    def __init__(self, within_s: float, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._until_s = monotonic() + within_s

    def left_s(self) -> float:
        """Seconds until then, 0 when it is over."""
        return max(0.0, self._until_s - self._monotonic())
