"""A few may wait for a remote at one time; whoever comes on top is told to come back.

A request that waits keeps one of the threads that all other requests need, too.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from gallery_app.domain.errors import NotReady

COME_BACK_S = 2


class Busy(NotReady):
    """So many wait for remotes that one more would be in everybody's way."""

    sentence: ClassVar[str] = "A remote keeps others waiting. Try again in a moment."


class Few:
    """Lets `most` callers in at one time; safe from any thread."""

    def __init__(self, most: int) -> None:
        self._free = threading.BoundedSemaphore(most)

    @contextmanager
    def one(self) -> Iterator[None]:
        """Be one of them.

        Raises:
            Busy: there are enough.
        """
        if not self._free.acquire(blocking=False):
            raise Busy(retry_after_s=COME_BACK_S)
        try:
            yield
        finally:
            self._free.release()
