"""One run of a push job: what became of each of its pictures so far."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from gallery_app.connectors.base import Taken
from gallery_app.domain.errors import (
    Conflict,
    GalleryError,
    NotFound,
    NotReady,
    OutOfSpace,
    Upstream,
    UpstreamRefused,
    UpstreamThrottled,
    UpstreamTimeout,
)
from gallery_app.domain.model import Asset, Job, Source, Uid

AWAY_AFTER = 3  # failures in a row after which the server is taken to be away
IN_TRASH = (
    "It lies in the trash of {name}. Restore it there, or delete it there for good and upload it "
    "again."
)

State = Literal["waiting", "sent", "known", "trashed", "failed"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one picture: sent now, known there before, in its trash, or failed."""

    uid: Uid
    filename: str
    state: State
    reason: str = ""


@dataclass(slots=True)
class Run:
    """One run of a job: what became of each picture so far."""

    job: Job
    source: Source
    outcomes: dict[str, Outcome]
    earlier: dict[str, Outcome]
    in_a_row: int = 0
    transient: bool = False  # another try may do better

    def note(self, uid: str, asset: Asset | None, state: State, reason: str = "") -> None:
        """Write down what became of a picture; what an earlier try sent stays sent."""
        before = self.earlier.get(uid)
        if state in {"known", "waiting"} and before is not None and before.state == "sent":
            state = "sent"
        name = "" if asset is None else asset.filename
        self.outcomes[uid] = Outcome(Uid(uid), name, state, reason)

    def found(self, uid: str, asset: Asset, taken: Taken) -> None:
        """Write down that the server has it."""
        if taken.trashed:
            self.note(uid, asset, "trashed", IN_TRASH.format(name=self.source.name))
        else:
            self.note(uid, asset, "sent" if taken.created else "known")

    @contextmanager
    def ours(self, uid: str, asset: Asset) -> Iterator[None]:
        """What cannot be read here is no fault of the server: the picture alone has failed."""
        try:
            yield
        except GalleryError as error:
            self.note(uid, asset, "failed", error.public)
            if isinstance(error, NotReady | OutOfSpace | UpstreamTimeout | UpstreamThrottled):
                self.transient = True

    @contextmanager
    def theirs(self, uid: str, asset: Asset) -> Iterator[None]:
        """What the server does not take; raises when it takes nothing at all."""
        try:
            yield
        except (UpstreamRefused, UpstreamThrottled, Conflict, NotFound):
            self.note(uid, asset, "waiting")
            raise
        except GalleryError as error:
            self.note(uid, asset, "failed", error.public)
            if isinstance(error, Upstream):
                self.transient = True
                self.in_a_row += 1
                if self.in_a_row >= AWAY_AFTER:
                    raise

    def counts(self) -> dict[str, int]:
        """How many are in which state, for the job's row."""
        states = [outcome.state for outcome in self.outcomes.values()]
        return {
            "total": len(states),
            **{state: states.count(state) for state in ("sent", "known", "trashed", "failed")},
        }
