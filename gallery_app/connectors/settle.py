"""A thing is ready when nothing was heard of it for a while: a plain object fed by calls.

Source: paperless-ngx document_consumer.py; the clock is an argument here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

K = TypeVar("K")


class Settler(Generic[K]):
    """Remembers when each key was last noted and gives it back once it stood still.

    A key that never stands still is given back after `longest_s`, so that a folder written to
    all day is still looked at. Give every call the same monotonic clock, in seconds.
    """

    def __init__(self, quiet_s: float = 2.0, longest_s: float = 10.0) -> None:
        self._quiet_s = quiet_s
        self._longest_s = max(longest_s, quiet_s)
        self._noted: dict[K, tuple[float, float]] = {}  # key -> (first, last)

    def __len__(self) -> int:
        return len(self._noted)

    def note(self, key: K, now_s: float) -> None:
        """Something happened to `key` just now."""
        first, _ = self._noted.get(key, (now_s, now_s))
        self._noted[key] = (first, now_s)

    def due(self, now_s: float, *, together: Callable[[K], object] | None = None) -> list[K]:
        """Keys that have settled, longest waiting first; each is given once and forgotten.

        With `together`, a key that has settled brings along all that are noted and have the
        same value of it: what belongs to one move is then looked at in one go.
        """
        ready = [
            (first, key)
            for key, (first, last) in self._noted.items()
            if now_s - last >= self._quiet_s or now_s - first >= self._longest_s
        ]
        if together is not None and ready:
            groups = {together(key) for _, key in ready}
            ready = [(f, key) for key, (f, _) in self._noted.items() if together(key) in groups]
        ready.sort(key=lambda pair: pair[0])
        for _, key in ready:
            del self._noted[key]
        return [key for _, key in ready]
