"""What a source offers no more: what a remote says itself, and what a complete walk did not meet.

Absence is evidence of deletion only when the source was seen whole, and even then a large loss
is asked about instead of believed (reliability.md C30).
"""

from __future__ import annotations

from datetime import datetime

from gallery_app.catalog.catalog import Catalog
from gallery_app.domain.errors import Upstream
from gallery_app.domain.model import SourceId
from gallery_app.domain.remote import Listing

# Source: reliability.md C30. Fewer than this may vanish at once without a question.
BELIEVED_LOSS = 50
BELIEVED_SHARE = 0.2


class MassLoss(Upstream):
    """So many are missing that it needs a person's word before they count as gone."""

    question = (
        "{missing:,} of {known:,} pictures are no longer offered there. Nothing was removed. "
        "Check the remote, or confirm that they are really gone."
    )

    def __init__(self, *, missing: int, known: int) -> None:
        self.missing, self.known = missing, known
        super().__init__()

    @property
    def public(self) -> str:
        """The question, with its numbers."""
        return self.question.format(missing=self.missing, known=self.known)


def believed(known: int) -> int:
    """How many of so many may vanish at once without a question."""
    return max(BELIEVED_LOSS, int(known * BELIEVED_SHARE))


class Losses:
    """Finds what is gone, before the transactions that mark it: nobody waits for the reading."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def told(self, source_id: SourceId, listing: Listing) -> list[str]:
        """The keys that a batch itself says are gone."""
        seen = {image.key for image in listing.seen}
        gone = dict.fromkeys(key for key in listing.gone if key not in seen)
        for parent in listing.gone_parents:
            gone.update(dict.fromkeys(self._below(source_id, parent, seen)))
        for parent in listing.whole:
            gone.update(dict.fromkeys(self._below(source_id, parent, seen)))
        return list(gone)

    def _below(self, source_id: SourceId, parent: str, seen: set[str]) -> list[str]:
        return [k for k in self._catalog.remotes.below(source_id, parent) if k not in seen]

    def of_walk(
        self, source_id: SourceId, since: datetime, *, seen: set[str], confirmed: int
    ) -> list[str]:
        """The keys that a walk, begun at `since`, did not meet; `seen` are its last batch.

        `confirmed`: a person has said of so many that they are gone.

        Raises:
            MassLoss: beyond these they are too many to be believed, or the walk met nothing at all.
        """
        unlisted = self._catalog.remotes.unlisted_since(source_id, since)
        gone = [key for key in unlisted if key not in seen]
        if not gone:
            return []
        counts = self._catalog.remotes.counts(source_id)
        known = sum(number for state, number in counts.items() if state != "gone")
        beyond = len(gone) - confirmed
        if beyond > 0 and (beyond > believed(known) or len(gone) == known):
            raise MassLoss(missing=len(gone), known=known)
        return gone
