"""Answers of remotes that may be given again for a while."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from gallery_app.catalog.database import Database
from gallery_app.catalog.encoding import from_utc_ms, utc_ms
from gallery_app.domain.answers import KeptStats


class KeptAnswers:
    """Texts by name, each until its time is over."""

    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now
        self._lock = threading.Lock()
        self._hits = self._misses = 0

    def get(self, name: str) -> str | None:
        """The text kept under `name`, None when there is none or its time is over."""
        row = self._database.row(
            "SELECT body FROM kept_answer WHERE name = ? AND expires_at > ?",
            (name, utc_ms(self._now())),
        )
        with self._lock:
            if row is None:
                self._misses += 1
                return None
            self._hits += 1
        body: str = row[0]
        return body

    def put(self, name: str, body: str, ttl_s: float) -> None:
        """Keep a text for `ttl_s` from now; it takes the place of an older one."""
        now = self._now()
        with self._database.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO kept_answer (name, body, made_at, expires_at) "
                "VALUES (?, ?, ?, ?)",
                (name, body, utc_ms(now), utc_ms(now + timedelta(seconds=ttl_s))),
            )

    def sweep(self) -> int:
        """Delete what nobody will be given any more; how many."""
        with self._database.writing() as connection:
            return connection.execute(
                "DELETE FROM kept_answer WHERE expires_at <= ?", (utc_ms(self._now()),)
            ).rowcount

    def stats(self) -> KeptStats:
        """What is kept and not over, and how often it served."""
        row = self._database.row(
            "SELECT count(*), coalesce(sum(length(CAST(body AS BLOB))), 0), min(made_at), "
            "min(expires_at) FROM kept_answer WHERE expires_at > ?",
            (utc_ms(self._now()),),
        )
        entries, size, oldest, expiry = row or (0, 0, None, None)
        with self._lock:
            return KeptStats(
                entries, size, self._hits, self._misses, from_utc_ms(oldest), from_utc_ms(expiry)
            )
