"""The ledger of work as people see it: scans, syncs, and what failed of them, with a retry."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gallery_app.catalog.catalog import Catalog
from gallery_app.domain.errors import Conflict, JobRunning, NotFound
from gallery_app.domain.model import Job, JobId, JobState
from gallery_app.services.failures import FETCH, named_by


class JobLedger:
    """Lists jobs and gives failed ones another try."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        # The background hears of what is to be tried again.
        self.changed: Callable[[], None] = lambda: None

    def list(
        self, state: JobState | None = None, *, limit: int = 50, offset: int = 0
    ) -> tuple[Sequence[Job], int]:
        """Jobs, newest first, and how many there are in that state."""
        return self._catalog.jobs.list(state, limit=limit, offset=offset)

    def get(self, job_id: int) -> Job:
        """One job.

        Raises:
            NotFound: no job has this number.
        """
        job = self._catalog.jobs.get(JobId(job_id))
        if job is None:
            raise NotFound("job")
        return job

    def retry(self, job_id: int) -> Job:
        """The job, given another try from the start.

        Raises:
            NotFound: no job has this number.
            JobRunning: it is being worked on, or waits already.
        """
        job = self.get(job_id)
        if job.state in {"running", "ready"}:
            raise JobRunning
        if job.kind == "render" and job.asset_uid is not None:
            asset = self._catalog.assets.get(job.asset_uid)
            if asset is None:
                raise NotFound("picture")
            self._catalog.jobs.close_failure(job.dedup_key)
            with self._catalog.write() as writer:
                writer.requeue([asset.id])
            return self.get(job_id)
        fetched = named_by(job.dedup_key) if job.kind == FETCH else None
        if fetched is not None:
            self._catalog.remotes.retry(*fetched)
            self._catalog.jobs.close_failure(job.dedup_key)
            self.changed()
            return self.get(job_id)
        again = self._catalog.jobs.retry(job.id)
        self.changed()
        return again

    def retry_all(self) -> int:
        """Give every job that has failed by now another try; how many there were."""
        _, total = self.list("failed", limit=1)
        failed: list[Job] = []
        while len(failed) < total:
            page, _ = self.list("failed", limit=200, offset=len(failed))
            if not page:
                break
            failed.extend(page)
        for job in failed:
            try:
                self.retry(job.id)
            except (Conflict, NotFound):
                # Another one that waits does it too, or what it was about is no more.
                self._catalog.jobs.close_failure(job.dedup_key)
        return len(failed)
