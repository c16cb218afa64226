"""Jobs: stored units of work, claimed with a lease and never handed out twice at once.

A lease that runs out gives the job back, three times at most. At most one open job has a
dedup key; a failure without a job of its own is recorded as one failed row per dedup key.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from gallery_app.catalog.database import Database, Row
from gallery_app.catalog.encoding import MOST_ATTEMPTS, from_utc_ms, utc_ms
from gallery_app.catalog.rows import blocks, marks
from gallery_app.domain.errors import Conflict, JobRunning, NotFound
from gallery_app.domain.model import Job, JobId, JobState, Uid

_SELECT = (
    "SELECT id, kind, dedup_key, subject, state, attempts, created_at, updated_at, run_after, "
    "lease_until, priority, payload, progress, error, asset_uid FROM job "
)
# Those that wait of a range of keys; the first condition is the index's own, so that it is used.
_WAITING = "state IN ('ready', 'running') AND state = 'ready' AND dedup_key >= ? AND dedup_key < ?"
_LOST = "The work was interrupted three times."


class Jobs:
    """The queue and its history."""

    def __init__(self, database: Database, *, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def put(
        self,
        kind: str,
        dedup_key: str,
        *,
        subject: str,
        payload: Mapping[str, object] | None = None,
        priority: int = 0,
        run_after: datetime | None = None,
        asset_uid: str | None = None,
        insist: bool = False,
    ) -> Job:
        """A new job, or the one with this dedup key that is ready or running already.

        With `insist` the payload counts: the job that waits takes it over, and behind one
        that runs with another payload a second one waits. What was asked for before with True
        stays asked for.
        """
        now = utc_ms(self._now())
        with self._database.writing() as connection:
            if insist:
                dedup_key = _insist(connection, dedup_key, dict(payload or {}), now)
            row = connection.execute(
                "INSERT INTO job (kind, dedup_key, subject, state, created_at, updated_at, "
                "priority, run_after, payload, asset_uid) VALUES (?, ?, ?, 'ready', ?, ?, ?, ?, "
                "?, ?) ON CONFLICT (dedup_key) WHERE state IN ('ready', 'running') "
                "DO UPDATE SET dedup_key = excluded.dedup_key RETURNING id",
                (
                    kind, dedup_key, subject, now, now, priority, utc_ms(run_after),
                    json.dumps(dict(payload or {})), asset_uid,
                ),
            ).fetchone()  # fmt: skip
            return _job(connection.execute(_SELECT + "WHERE id = ?", row).fetchone())

    def claim(self, kinds: Sequence[str], *, lease_s: float) -> Job | None:
        """The next ready job of these kinds that may run now, leased; None when there is none."""
        now = self._now()
        with self._database.writing() as connection:
            row = connection.execute(
                "UPDATE job SET state = 'running', attempts = attempts + 1, lease_until = ?, "  # noqa: S608  # question marks only
                "updated_at = ? WHERE id = (SELECT id FROM job WHERE state = 'ready' "
                f"AND kind IN ({marks(len(kinds))}) AND (run_after IS NULL OR run_after <= ?) "
                "ORDER BY priority, id LIMIT 1) RETURNING id",
                (utc_ms(now + timedelta(seconds=lease_s)), utc_ms(now), *kinds, utc_ms(now)),
            ).fetchone()
            if row is None:
                return None
            return _job(connection.execute(_SELECT + "WHERE id = ?", row).fetchone())

    def beat(self, job_id: JobId, *, lease_s: float, progress: Mapping[str, int]) -> None:
        """Say that the job is being worked on, and how far it is."""
        now = self._now()
        self._write(
            "UPDATE job SET lease_until = ?, progress = ?, updated_at = ? "
            "WHERE id = ? AND state = 'running'",
            (
                utc_ms(now + timedelta(seconds=lease_s)), json.dumps(dict(progress)), utc_ms(now),
                job_id,
            ),
        )  # fmt: skip

    def done(self, job_id: JobId, progress: Mapping[str, int] | None = None) -> None:
        """The job reached its end."""
        self._write(
            "UPDATE job SET state = 'done', lease_until = NULL, error = NULL, updated_at = ?, "
            "progress = coalesce(?, progress) WHERE id = ?",
            (utc_ms(self._now()), None if progress is None else json.dumps(dict(progress)), job_id),
        )

    def fail(
        self, job_id: JobId, error: str, *, retry_at: datetime | None, counted: bool = True
    ) -> None:
        """The job failed with this sentence: for good, or to be tried again at a time.

        Unless `counted` the attempt is taken back: it says nothing of the work.
        """
        self._write(
            "UPDATE job SET state = ?, lease_until = NULL, error = ?, run_after = ?, "
            "updated_at = ?, attempts = max(0, attempts - ?) WHERE id = ?",
            (
                "failed" if retry_at is None else "ready", error, utc_ms(retry_at),
                utc_ms(self._now()), int(not counted), job_id,
            ),
        )  # fmt: skip

    def hasten(self, begin: str) -> None:
        """Have those run now that wait for a time and whose dedup key begins like that."""
        self._write(
            "UPDATE job SET run_after = NULL, error = NULL, updated_at = ? "  # noqa: S608  # fixed text
            f"WHERE {_WAITING} AND run_after IS NOT NULL",
            (utc_ms(self._now()), *_from(begin)),
        )

    def reap(self) -> int:
        """Take back jobs whose lease ran out, failing those tried three times; how many."""
        now = utc_ms(self._now())
        with self._database.writing() as connection:
            return connection.execute(
                "UPDATE job SET state = CASE WHEN attempts >= ? THEN 'failed' ELSE 'ready' END, "
                "error = CASE WHEN attempts >= ? THEN ? ELSE error END, lease_until = NULL, "
                "updated_at = ? WHERE state = 'running' AND lease_until < ?",
                (MOST_ATTEMPTS, MOST_ATTEMPTS, _LOST, now, now),
            ).rowcount

    def release(self) -> int:
        """Take back every running job, when no other process can be at work; how many."""
        with self._database.writing() as connection:
            return connection.execute(
                "UPDATE job SET state = 'ready', lease_until = NULL, updated_at = ? "
                "WHERE state = 'running'",
                (utc_ms(self._now()),),
            ).rowcount

    def get(self, job_id: JobId) -> Job | None:
        """The job, None when there is none."""
        row = self._database.row(_SELECT + "WHERE id = ?", (job_id,))
        return None if row is None else _job(row)

    def open(self, dedup_key: str) -> Job | None:
        """The job of that key that is ready or running, None when there is none."""
        row = self._database.row(
            _SELECT + "WHERE dedup_key = ? AND state IN ('ready', 'running')", (dedup_key,)
        )
        return None if row is None else _job(row)

    def waiting(self, begin: str) -> int:
        """How many wait whose dedup key begins like that."""
        row = self._database.row(
            f"SELECT count(*) FROM job WHERE {_WAITING}",  # noqa: S608  # fixed text
            _from(begin),
        )
        return 0 if row is None else int(row[0])

    def latest(self, dedup_keys: Sequence[str]) -> dict[str, Job]:
        """The latest job of each key that has one which is ready, is running or has failed."""
        found: dict[str, Job] = {}
        for block in blocks(dedup_keys):
            keys = f"dedup_key IN ({marks(len(block))})"
            for row in self._database.rows(
                f"{_SELECT} WHERE {keys} AND state IN ('ready', 'running') "
                f"UNION ALL {_SELECT} WHERE {keys} AND state = 'failed' ORDER BY id",
                (*block, *block),
            ):
                found[row[2]] = _job(row)
        return found

    def list(
        self, state: JobState | None = None, limit: int = 200, offset: int = 0
    ) -> tuple[list[Job], int]:
        """Jobs, newest change first, and how many there are in all."""
        where, values = ("WHERE state = ? ", [state]) if state else ("", [])
        with self._database.reading() as connection:
            total = connection.execute(f"SELECT count(*) FROM job {where}", values).fetchone()[0]  # noqa: S608  # fixed text
            rows = connection.execute(
                f"{_SELECT}{where}ORDER BY updated_at DESC, id DESC LIMIT ? OFFSET ?",
                [*values, limit, offset],
            ).fetchall()
        return [_job(row) for row in rows], total

    def retry(self, job_id: JobId) -> Job:
        """Make a failed or done job ready again, as if never tried.

        Raises:
            NotFound: no such job.
            JobRunning: it is being worked on.
            Conflict: another job does the same already.
        """
        with self._database.writing() as connection:
            row = connection.execute(_SELECT + "WHERE id = ?", (job_id,)).fetchone()
            if row is None:
                raise NotFound("job")
            job = _job(row)
            if job.state == "running":
                raise JobRunning
            if (
                job.state != "ready"
                and connection.execute(
                    "SELECT 1 FROM job WHERE dedup_key = ? AND state IN ('ready', 'running')",
                    (job.dedup_key,),
                ).fetchone()
            ):
                raise Conflict("Another job does the same already.")
            connection.execute(
                "UPDATE job SET state = 'ready', attempts = 0, error = NULL, run_after = NULL, "
                "lease_until = NULL, updated_at = ? WHERE id = ?",
                (utc_ms(self._now()), job_id),
            )
            return _job(connection.execute(_SELECT + "WHERE id = ?", (job_id,)).fetchone())

    def record_failure(
        self, kind: str, dedup_key: str, *, subject: str, error: str, asset_uid: str | None = None
    ) -> None:
        """Note that something failed outside the queue: one failed row per dedup key."""
        now = utc_ms(self._now())
        with self._database.writing() as connection:
            row = connection.execute(
                "UPDATE job SET error = ?, subject = ?, asset_uid = ?, attempts = attempts + 1, "
                "updated_at = ? WHERE dedup_key = ? AND state = 'failed' RETURNING id",
                (error, subject, asset_uid, now, dedup_key),
            ).fetchone()
            if row is None:
                connection.execute(
                    "INSERT INTO job (kind, dedup_key, subject, state, attempts, created_at, "
                    "updated_at, error, asset_uid) VALUES (?, ?, ?, 'failed', 1, ?, ?, ?, ?)",
                    (kind, dedup_key, subject, now, now, error, asset_uid),
                )

    def close_failure(self, dedup_key: str) -> None:
        """What failed has succeeded since: its failed rows are done."""
        failed = "SELECT 1 FROM job WHERE dedup_key = ? AND state = 'failed' LIMIT 1"
        if self._database.row(failed, (dedup_key,)) is None:
            return  # as with nearly every picture: nobody waits for a turn to write
        self._write(
            "UPDATE job SET state = 'done', updated_at = ? "
            "WHERE dedup_key = ? AND state = 'failed'",
            (utc_ms(self._now()), dedup_key),
        )

    def _write(self, sql: str, values: Sequence[object]) -> None:
        with self._database.writing() as connection:
            connection.execute(sql, values)


def _from(begin: str) -> tuple[str, str]:
    """The range of texts that begin like that."""
    return begin, begin + chr(sys.maxunicode)


def _insist(
    connection: sqlite3.Connection, dedup_key: str, payload: Mapping[str, object], now: int | None
) -> str:
    """Give the job that waits this payload; the dedup key under which to put it now."""
    while row := connection.execute(
        "SELECT id, state, payload FROM job WHERE dedup_key = ? AND state IN ('ready', 'running')",
        (dedup_key,),
    ).fetchone():
        job_id, state, words = row
        known = json.loads(words)
        if state == "ready":
            connection.execute(
                "UPDATE job SET payload = ?, updated_at = ? WHERE id = ?",
                (json.dumps(_both(known, payload)), now, job_id),
            )
            break
        if known == payload:
            break
        dedup_key = f"{dedup_key}:next"
    return dedup_key


def _both(known: Mapping[str, object], payload: Mapping[str, object]) -> dict[str, object]:
    """What two ask for in one: the later counts, but a yes stays a yes."""
    kept = {name: value for name, value in known.items() if value is True or name not in payload}
    return {**payload, **kept}


def _job(row: Row) -> Job:
    return Job(
        id=JobId(row[0]),
        kind=row[1],
        dedup_key=row[2],
        subject=row[3],
        state=row[4],
        attempts=row[5],
        created_at=from_utc_ms(row[6]),
        updated_at=from_utc_ms(row[7]),
        run_after=from_utc_ms(row[8]),
        lease_until=from_utc_ms(row[9]),
        priority=row[10],
        payload=json.loads(row[11]),
        progress=json.loads(row[12]),
        error=row[13],
        asset_uid=None if row[14] is None else Uid(row[14]),
    )
