"""What remotes have yet to send, summed up for the header and the Jobs page alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gallery_app.domain.answers import Coming
from gallery_app.services.remotes import RemoteBook
from gallery_app.services.sources import SourceBook


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Pictures of remotes, in numbers.

    Attributes:
        fetching: still to come, where nothing hinders them.
        fetched: those of the same remotes that are here.
        resting: still to come of remotes that are left alone for now, as they do not answer.
        rested: those of these remotes that are here.
        held: those of all remotes that are here; None where no remote is connected.
    """

    fetching: int
    fetched: int
    resting: int
    rested: int
    held: int | None


def arrivals(sources: SourceBook, remotes: RemoteBook) -> Arrivals:
    """Sum up what comes; cheap enough to be asked every second."""
    told = sources.coming()
    wanted = [one for one in told if one.waiting and one.state != "stopped"]
    resting = [one for one in wanted if one.state == "resting" or remotes.resting(one.source_id)]
    coming = [one for one in wanted if one not in resting]
    return Arrivals(
        _waiting(coming),
        _held(coming),
        _waiting(resting),
        _held(resting),
        _held(told) if told else None,
    )


def _waiting(some: Sequence[Coming]) -> int:
    return sum(one.waiting for one in some)


def _held(some: Sequence[Coming]) -> int:
    return sum(one.held for one in some)
