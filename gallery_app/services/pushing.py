"""Handing pictures of ours to a connected Immich: what it has already is not sent twice.

A job names its pictures and is done over from the start when it was cut off: what arrived is
known by its SHA-1 and passed over, so nothing is lost and nothing doubled. What lies in the
server's trash is named: it is there, and goes for good unless somebody restores it.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from functools import partial
from typing import TypeVar, cast

from gallery_app.catalog.catalog import Catalog
from gallery_app.connectors.base import Offer, TakesUploads
from gallery_app.domain.errors import (
    BadInput,
    Conflict,
    GalleryError,
    NotFound,
    UpstreamGone,
    UpstreamRefused,
    UpstreamThrottled,
)
from gallery_app.domain.media import full_name
from gallery_app.domain.model import Asset, Job, JobId, Source, SourceId, Uid
from gallery_app.services.hashing import hashes_of
from gallery_app.services.push_run import Outcome, Run
from gallery_app.services.reach import (
    Paused,
    Reach,
    on_line,
    push_keys,
    put_off,
    why_paused,
)
from gallery_app.services.values import File

KIND = "push"  # of its jobs
MOST = 10_000  # pictures of one job
AT_ONCE = 100  # asked about in one request
LEASE_S = 900.0  # a video on a slow line takes its time
MOST_TRIES = 5
AGAIN_S = 60.0  # doubled with every try
REMEMBERED_S = 30 * 86_400.0
_NAMED = 3  # failures told by name in a job's sentence

T = TypeVar("T")


class Pushing:
    """Uploads a selection in the background; a job that was cut off goes on where it was."""

    def __init__(
        self,
        catalog: Catalog,
        reach: Reach,
        *,
        original_file: Callable[[str], File],
        now: Callable[[], datetime],
        local_time: Callable[[datetime], datetime],
        stop: threading.Event,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        """Prepare.

        Args:
            catalog: jobs and hashes.
            reach: opens the source.
            original_file: the original of a uid as a file on disk (`Media.original_file`).
            now: UTC clock.
            local_time: a naive local time to an aware one.
            stop: set when the program ends.
            wake: told when there is a job to run.
        """
        self._catalog = catalog
        self._reach = reach
        self._original_file = original_file
        self._now = now
        self._local_time = local_time
        self._stop = stop
        self._wake = wake

    def push(self, uids: Sequence[str], number: int) -> Job:
        """Have these pictures handed to source `number`; doubles count once.

        Raises:
            BadInput: none, or more than MOST.
            NotFound: no such source, or an unknown uid.
            Conflict: the source takes no pictures, or is paused (`Paused`).
            UpstreamRefused: its key cannot be read any more.
        """
        wanted = list(dict.fromkeys(uids))
        if not 1 <= len(wanted) <= MOST:
            raise BadInput(f"Choose 1 to {MOST:,} pictures.")
        source, _ = self._target(number)
        if len(self._catalog.assets.ids_of(wanted)) < len(wanted):
            raise NotFound("picture")
        digest = hashlib.sha256("\n".join(sorted(wanted)).encode()).hexdigest()[:16]
        many = "1 picture" if len(wanted) == 1 else f"{len(wanted):,} pictures"
        job = self._catalog.jobs.put(
            KIND,
            f"{push_keys(source.id)}{digest}",
            subject=f"{many} to {source.name}",
            payload={"source": source.id, "uids": wanted},
        )
        self._wake()
        return job

    def outcomes(self, job_id: int) -> list[Outcome]:
        """What became of each picture of a job, in the order they were named.

        Raises:
            NotFound: no such job.
        """
        job = self._catalog.jobs.get(JobId(job_id))
        if job is None or job.kind != KIND:
            raise NotFound("job")
        remembered = self._remembered(job)
        uids = cast("list[str]", job.payload["uids"])
        names = {uid: asset.filename for uid, asset in self._assets(uids).items()}
        return [
            remembered.get(uid) or Outcome(Uid(uid), names.get(uid, ""), "waiting") for uid in uids
        ]

    def _target(self, number: int) -> tuple[Source, TakesUploads]:
        source = self._catalog.sources.get(SourceId(number), counted=False)
        if source is None or source.removed_at is not None:
            raise NotFound("source")
        if source.kind in {"folder", "uploads"}:
            raise Conflict(f"{source.name} takes no pictures.")
        if source.paused:
            raise why_paused(source)
        connector = self._reach.connector(source.id)
        if not isinstance(connector, TakesUploads):
            raise Conflict(f"{source.name} takes no pictures.")
        return source, connector

    # --- the background --------------------------------------------------------------------

    def run_push(self, job: Job) -> None:
        """Do a claimed job of kind "push" and end it: done, failed, or to be tried again.

        Never raises for what the remote does. Left running when the program stops: the next
        start takes it up again.
        """
        number = cast("int", job.payload["source"])
        try:
            source, _ = self._target(number)
            run = Run(job, source, {}, self._remembered(job))
            finished = self._run(run)
        except Paused as error:
            if not self._stop.is_set():
                line = partial(self._target, number)
                put_off(self._catalog, job, error.public, now=self._now(), line=line)
        except UpstreamThrottled as error:
            again = self._now() + timedelta(seconds=max(1, error.retry_after_s))
            self._catalog.jobs.fail(job.id, error.public, retry_at=again, counted=False)
        except (UpstreamRefused, Conflict, NotFound, BadInput) as error:
            self._catalog.jobs.fail(job.id, error.public, retry_at=None)
        except GalleryError as error:
            if not self._stop.is_set():  # else the line was closed under it
                self._catalog.jobs.fail(job.id, error.public, retry_at=self._later(job))
        else:
            if finished:
                self._end(run)

    def _run(self, run: Run) -> bool:
        """Hand over every picture; False when the program stops before the end."""
        uids = cast("list[str]", run.job.payload["uids"])
        assets = self._assets(uids)
        for uid in uids:
            run.note(uid, assets.get(uid), "failed", "It is not in the gallery any more.")
        there = [(uid, assets[uid]) for uid in uids if uid in assets]
        for uid, asset in there:
            run.note(uid, asset, "waiting")
        try:
            for start in range(0, len(there), AT_ONCE):
                if not self._block(run, there[start : start + AT_ONCE]):
                    return False
        finally:
            self._remember(run)
        return True

    def _block(self, run: Run, pictures: Sequence[tuple[str, Asset]]) -> bool:
        hashed: list[tuple[str, Asset, str, bool]] = []
        for uid, asset in pictures:
            if self._stop.is_set():
                return False
            listed = any(
                o.source_id == run.source.id and o.gone_at is None for o in asset.occurrences
            )
            if listed and asset.sha1 is None:
                run.note(uid, asset, "known")
                continue
            with run.ours(uid, asset):
                hashed.append((uid, asset, asset.sha1 or self._sha1(asset), listed))
        sha1s = [sha1 for _, _, sha1, _ in hashed]
        known = self._ask(run, lambda taker: taker.known(sha1s)) if sha1s else {}
        for uid, asset, sha1, listed in hashed:
            if self._stop.is_set():
                return False
            if sha1 in known:
                run.found(uid, asset, known[sha1])
            elif listed:  # as a file of its own, which no hash finds there
                run.note(uid, asset, "known")
            else:
                self._upload(run, uid, asset, sha1)
            self._catalog.jobs.beat(run.job.id, lease_s=LEASE_S, progress=run.counts())
        return True

    def _upload(self, run: Run, uid: str, asset: Asset, sha1: str) -> None:
        offer = None
        with run.ours(uid, asset):
            offer = self._offer(asset, sha1)
        if offer is None:
            return
        with run.theirs(uid, asset):
            run.found(uid, asset, self._ask(run, lambda taker: taker.upload(offer)))
            run.in_a_row = 0

    def _ask(self, run: Run, ask: Callable[[TakesUploads], T]) -> T:
        """What the server says; raises `Paused` where its line was hung up for that."""
        return on_line(lambda: self._target(run.source.id)[1], ask)

    def _offer(self, asset: Asset, sha1: str) -> Offer:
        file = self._original_file(asset.uid)
        offset = asset.metadata.offset_minutes
        taken_at = (
            self._local_time(asset.taken_at)
            if offset is None
            else asset.taken_at.replace(tzinfo=timezone(timedelta(minutes=offset)))
        )
        try:
            changed = datetime.fromtimestamp(file.path.stat().st_mtime, timezone.utc)
        except (OSError, OverflowError, ValueError):
            changed = taken_at
        return Offer(
            path=file.path,
            filename=full_name(asset.filename, asset.media_type),
            sha1=sha1,
            size_bytes=file.size_bytes,
            taken_at=taken_at,
            modified_at=changed,
            favourite=asset.favourite,
        )

    def _sha1(self, asset: Asset) -> str:
        """The SHA-1 of the original; kept where these are the bytes the catalog knows."""
        try:
            sha1, sha256 = hashes_of(self._original_file(asset.uid).path)
        except OSError as error:
            raise UpstreamGone from error
        if asset.sha256 == sha256:
            with self._catalog.write() as writer:
                writer.set_sha1(asset.id, sha1)
        return sha1

    def _end(self, run: Run) -> None:
        counts = run.counts()
        if counts["sent"]:
            # The new copies become places of our pictures when the source is next listed.
            with suppress(GalleryError):
                self._reach.sync_now(run.source.id)
        failed = [o for o in run.outcomes.values() if o.state in {"failed", "trashed"}]
        self._catalog.jobs.beat(run.job.id, lease_s=LEASE_S, progress=counts)
        if not failed:
            self._catalog.jobs.done(run.job.id, counts)
            return
        retry_at = self._later(run.job) if run.transient else None
        self._catalog.jobs.fail(run.job.id, _sentence(failed, counts["total"]), retry_at=retry_at)

    def _later(self, job: Job) -> datetime | None:
        if job.attempts >= MOST_TRIES:
            return None
        return self._now() + timedelta(seconds=AGAIN_S * 2 ** max(0, job.attempts - 1))

    def _assets(self, uids: Sequence[str]) -> dict[str, Asset]:
        ids = self._catalog.assets.ids_of(uids)
        by_id = {a.id: a for a in self._catalog.assets.many(list(dict.fromkeys(ids.values())))}
        return {uid: by_id[asset_id] for uid, asset_id in ids.items() if asset_id in by_id}

    # --- what became of each ---------------------------------------------------------------

    def _remember(self, run: Run) -> None:
        lines = [[o.uid, o.filename, o.state, o.reason] for o in run.outcomes.values()]
        self._catalog.kept.put(_name(run.job), json.dumps(lines), REMEMBERED_S)

    def _remembered(self, job: Job) -> dict[str, Outcome]:
        body = self._catalog.kept.get(_name(job))
        return {} if body is None else {line[0]: Outcome(*line) for line in json.loads(body)}


def _name(job: Job) -> str:
    return f"push:{job.id}"


def _sentence(failed: Sequence[Outcome], total: int) -> str:
    """How many pictures did not arrive, and which, and why."""
    named = "; ".join(f"{o.filename or o.uid}: {o.reason}" for o in failed[:_NAMED])
    rest = f"; and {len(failed) - _NAMED:,} more" if len(failed) > _NAMED else ""
    return f"{len(failed):,} of {total:,} could not be handed over. {named}{rest}"
