"""Answers of remotes that may be given again for a while."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from gallery_app.catalog.database import Database
from gallery_app.domain.answers import KeptStats


class KeptAnswers:
    """Texts by name, each until its time is over."""

    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def get(self, name: str) -> str | None:
        """The text kept under `name`, None when there is none or its time is over."""
        raise NotImplementedError

    def put(self, name: str, body: str, ttl_s: float) -> None:
        """Keep a text for `ttl_s` from now; it takes the place of an older one."""
        raise NotImplementedError

    def sweep(self) -> int:
        """Delete what nobody will be given any more; how many."""
        raise NotImplementedError

    def stats(self) -> KeptStats:
        """What is kept, and how often it served."""
        raise NotImplementedError
