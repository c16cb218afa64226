"""What a service needs of the remotes: their connectors, and a sync when something changed.

`RemoteBook` is the one that gives them; whoever needs less of it is handed a `Reach`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Protocol, TypeVar

from gallery_app.catalog.catalog import Catalog
from gallery_app.connectors.base import Connector
from gallery_app.domain.errors import Conflict, GalleryError
from gallery_app.domain.model import Job, Source, SourceId

L = TypeVar("L")
T = TypeVar("T")

PAUSED_AGAIN_S = 60.0  # after which a job looks whether its source goes on, if nobody told it
PRODUCT_KEYS = "product:"  # how the dedup keys of look-ups of products begin


class Paused(Conflict):
    """The source is left alone until a person resumes it; what is to be done there waits."""


def why_paused(source: Source) -> Paused:
    """Why a source is not asked, and what to do."""
    return Paused(f"{source.name} is paused. Resume it first.")


def push_keys(source_id: int) -> str:
    """How the dedup keys of uploads to a source begin."""
    return f"push:{source_id}:"


def keys_of_jobs(source: Source) -> tuple[str, ...]:
    """How the dedup keys of all jobs begin that ask the source, syncs apart."""
    looks_up = (PRODUCT_KEYS,) if source.kind == "products" else ()
    return (push_keys(source.id), *looks_up)


def put_off(
    catalog: Catalog, job: Job, reason: str, *, now: datetime, line: Callable[[], object]
) -> None:
    """Have a job that met a pause wait, no longer than the pause; `line` raises while it lasts."""
    again = now + timedelta(seconds=PAUSED_AGAIN_S)
    catalog.jobs.fail(job.id, reason, retry_at=again, counted=False)
    with suppress(GalleryError):
        line()  # after what was written: who goes on from now on finds the job that waits
        catalog.jobs.hasten(job.dedup_key)


class Reach(Protocol):
    """The remotes as another service uses them."""

    def connector(self, source_id: SourceId) -> Connector:
        """The open connector of a source, the same one until it is changed or paused.

        Raises:
            NotFound: no such remote source.
            UpstreamRefused: its key cannot be read any more.
        """

    def sync_now(self, number: int) -> Job:
        """Have the source synced soon."""

    def hint(self, number: int, parent: str) -> Job:
        """Have one parent ("ticket/4711") of the source looked at soon."""


def remotes_of(catalog: Catalog, kind: str | None = None) -> list[Source]:
    """The remote sources in use, oldest first: not removed, not paused; of one kind if given."""
    return [
        source
        for source in catalog.sources.list()
        if source.kind not in {"folder", "uploads"}
        and (kind is None or source.kind == kind)
        and source.removed_at is None
        and not source.paused
    ]


def connected(
    catalog: Catalog, reach: Reach, kind: str | None = None
) -> Iterator[tuple[Source, Connector]]:
    """Those of `remotes_of` whose connector can be opened, with it."""
    for source in remotes_of(catalog, kind):
        with suppress(GalleryError):
            yield source, reach.connector(source.id)


def nobody(catalog: Catalog, kind: str, reason: str) -> Conflict:
    """Why no source of a kind can be asked: `reason`, unless one is paused."""
    for source in catalog.sources.list():
        if source.kind == kind and source.paused:
            return why_paused(source)
    return Conflict(reason)


def on_line(line: Callable[[], L], ask: Callable[[L], T]) -> T:
    """What a remote says; asked again on a new line where the one in use was hung up meanwhile.

    `line` gives the connector that is in use now, and raises where there is none: `Paused`, say.
    """
    now = line()
    while True:
        try:
            return ask(now)
        except GalleryError:
            before, now = now, line()
            if now is before:
                raise
