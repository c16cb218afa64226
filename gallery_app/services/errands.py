"""Errands to remotes for somebody who waits: few at a time, none holding up anybody else's.

Each runs in a thread of its own, two for one source at a time, so that a remote that hangs
keeps only its own errands waiting. The threads are left behind when the program ends.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any, TypeVar, cast

from gallery_app.domain.errors import GalleryError, NotReady
from gallery_app.domain.model import SourceId

_log = logging.getLogger(__name__)

PER_SOURCE = 2
MOST = 24  # of one source, under way or waiting; more are told to come back
COME_BACK_S = 3

T = TypeVar("T")


class Errands:
    """Runs errands; two who want the same share one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open: dict[Hashable, tuple[SourceId, Future[Any]]] = {}
        self._turns: dict[SourceId, threading.BoundedSemaphore] = {}

    def run(self, what: Hashable, source_id: SourceId, do: Callable[[], T]) -> Future[T]:
        """What `do` gives, begun now or when it is its source's turn.

        Args:
            what: two errands of the same are one.
            source_id: whose turn it is.
            do: runs in a thread; raises domain errors.
        """
        with self._lock:
            known = self._open.get(what)
            if known is not None:
                return cast("Future[T]", known[1])
            future: Future[T] = Future()
            if sum(whose == source_id for whose, _ in self._open.values()) >= MOST:
                future.set_exception(NotReady(retry_after_s=COME_BACK_S))
                return future
            self._open[what] = (source_id, future)
            turn = self._turns.setdefault(source_id, threading.BoundedSemaphore(PER_SOURCE))
        thread = threading.Thread(
            target=self._go, args=(what, turn, do, future), name="gallery-errand", daemon=True
        )
        try:
            thread.start()
        except RuntimeError:  # the system gives no more threads just now
            self._end(what)
            future.set_exception(NotReady(retry_after_s=COME_BACK_S))
        return future

    def _end(self, what: Hashable) -> None:
        with self._lock:
            self._open.pop(what, None)

    def _go(
        self,
        what: Hashable,
        turn: threading.BoundedSemaphore,
        do: Callable[[], T],
        future: Future[T],
    ) -> None:
        found: T
        failed: GalleryError | None = None
        with turn:
            try:
                found = do()
            except GalleryError as error:
                failed = error
            except Exception:  # noqa: BLE001  # whoever waits must hear of the end
                _log.exception("an errand failed for a reason nobody foresaw")
                failed = NotReady()
        self._end(what)
        if failed is not None:
            future.set_exception(failed)
        else:
            future.set_result(found)
