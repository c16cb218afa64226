"""What one batch of a remote's listing writes, in pieces that keep nobody else waiting for long.

The pieces may be written twice, so a sync that is cut off between them does all of the batch again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import TypeVar

from gallery_app.catalog.catalog import Catalog
from gallery_app.catalog.writer import Writer
from gallery_app.connectors.base import Connector, Kind
from gallery_app.domain.model import Job, Source
from gallery_app.domain.remote import EntityRef, Listing, RemoteImage
from gallery_app.services.losses import Losses, MassLoss
from gallery_app.services.recognition import entities_of_name

T = TypeVar("T")
MOST_IN_ONE = 100  # pictures written in one transaction: others write within 50 ms


@dataclass(slots=True)
class Run:
    """One run's context and counts."""

    job: Job
    source: Source
    kind: Kind
    connector: Connector
    copies: bool
    walk: bool
    confirmed: int = 0  # so many a person has said are gone
    parent: str = ""  # only what lies below it
    counts: dict[str, int] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    left: bool = False  # the source was paused, changed or removed meanwhile
    lost: MassLoss | None = None
    walk_began: datetime | None = None

    def count(self, **found: int) -> None:
        """Add to the counts."""
        for name, number in found.items():
            self.counts[name] = self.counts.get(name, 0) + number


class Batches:
    """Divides batches into pieces, each for one transaction."""

    def __init__(self, catalog: Catalog, *, now: Callable[[], datetime]) -> None:
        self._catalog = catalog
        self._losses = Losses(catalog)
        self._now = now

    def writes(self, run: Run, listing: Listing) -> list[Callable[[Writer], None]]:
        """What a batch says of pictures, in at least one piece that one transaction writes quickly.

        What must be read for it is read here, while nobody waits.
        """
        writes: list[Callable[[Writer], None]] = [
            partial(self._put, run, part) for part in _parts(listing.seen)
        ]
        for ref, keys in listing.members:
            had, wanted = self._catalog.remotes.members(run.source.id, ref), set(keys)
            parts = _parts(sorted(had ^ wanted))
            writes += [partial(self._join, run, ref, wanted, part) for part in parts if part]
        gone = self._losses.told(run.source.id, listing)
        if listing.walked and not run.parent:
            gone = list(dict.fromkeys([*gone, *self._missed(run, listing)]))
        writes += [partial(self._lose, run, part) for part in _parts(gone) if part]
        return writes

    def follow(self, run: Run, listing: Listing, writer: Writer) -> None:
        """What a batch says besides its pictures, and the cursor behind it."""
        named = (*listing.entities, *(ref for ref, _ in listing.members))
        writer.name_entities(run.source.id, named)
        if listing.cursor and not run.parent:
            writer.set_cursor(run.source.id, listing.cursor)

    def _put(self, run: Run, images: Sequence[RemoteImage], writer: Writer) -> None:
        if not images:
            return
        at = max(self._now(), run.walk_began or self._now())  # a clock may be put back
        tally = writer.list_remote(run.source.id, images, at=at, copies=run.copies)
        run.count(listed=len(images), new=tally.new, changed=tally.changed)
        for image in images:
            if refs := entities_of_name(image.filename):
                writer.put_entities(run.source.id, image.key, refs)

    def _join(
        self, run: Run, ref: EntityRef, keys: set[str], among: Sequence[str], writer: Writer
    ) -> None:
        writer.set_members(run.source.id, ref, keys, among=among)

    def _lose(self, run: Run, keys: Sequence[str], writer: Writer) -> None:
        run.count(gone=writer.lose_remote(run.source.id, keys, at=self._now()))

    def _missed(self, run: Run, listing: Listing) -> list[str]:
        """What a complete walk did not meet, unless that is too much to be taken for gone."""
        seen = {image.key for image in listing.seen}  # which the catalog does not tell of yet
        since = run.walk_began or self._now()
        try:
            return self._losses.of_walk(run.source.id, since, seen=seen, confirmed=run.confirmed)
        except MassLoss as error:
            run.lost = error
            return []


def _parts(values: Sequence[T]) -> list[Sequence[T]]:
    """Pieces that one transaction writes quickly; one empty piece of nothing."""
    starts = range(0, max(1, len(values)), MOST_IN_ONE)
    return [values[at : at + MOST_IN_ONE] for at in starts]
