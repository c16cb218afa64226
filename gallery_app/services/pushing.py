"""Handing pictures of ours to a connected Immich: what it has already is not sent twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from gallery_app.catalog.catalog import Catalog
from gallery_app.domain.model import Job, Source, Uid
from gallery_app.services.media import Media
from gallery_app.services.reach import Reach

MOST = 10_000
KIND = "push"  # of its jobs


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one picture: sent now, known there before, or failed for a reason."""

    uid: Uid
    filename: str
    state: Literal["waiting", "sent", "known", "failed"]
    reason: str = ""


class Pushing:
    """Uploads a selection in the background; a job that was cut off goes on where it was."""

    def __init__(
        self,
        catalog: Catalog,
        media: Media,
        reach: Reach,
        *,
        now: Callable[[], datetime],
        local_offset: Callable[[datetime], datetime],
        stop: threading.Event,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        """Prepare.

        Args:
            catalog: jobs and hashes.
            media: opens originals.
            reach: opens the source.
            now: UTC clock.
            local_offset: a naive local time to an aware one.
            stop: set when the program ends.
            wake: told when there is a job to run.
        """

    def targets(self) -> list[Source]:
        """The sources that take pictures."""
        raise NotImplementedError

    def push(self, uids: Sequence[str], number: int) -> Job:
        """Have these pictures handed to source `number`; doubles count once.

        Raises:
            BadInput: none, or more than MOST.
            NotFound: no such source, or an unknown uid.
            Conflict: the source takes no pictures, or is paused.
        """
        raise NotImplementedError

    def outcomes(self, job_id: int) -> list[Outcome]:
        """What became of each picture of a job, in the order they were named.

        Raises:
            NotFound: no such job.
        """
        raise NotImplementedError

    def run_push(self, job: Job) -> None:
        """Do a claimed job of kind "push" and end it: done, failed, or to be tried again.

        Never raises for what the remote does. Left running when the program stops.
        """
        raise NotImplementedError
