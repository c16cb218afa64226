"""The pictures of a ticket, an article or a company, as customers' programs ask for them.

A company sees its own tickets and nothing else: what it may not see answers exactly like what
is not there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gallery_app.catalog.catalog import Catalog
from gallery_app.domain.entities import EntityRef
from gallery_app.domain.model import Asset, Occurrence, SourceId

MOST_PER_PAGE = 100


class Reads(Protocol):
    """Reads one ticket (or article) of a remote now, outside its schedule."""

    def __call__(self, source_id: SourceId, parent: str, *, wait_s: float) -> bool:
        """Whether the remote has `parent`; what it has below is written down as by a sync."""


@dataclass(frozen=True, slots=True)
class TicketImage:
    """One picture of a ticket or article: the asset, and where it was attached."""

    asset: Asset
    occurrence: Occurrence
    ticket: EntityRef | None = None
    article: EntityRef | None = None
    company: EntityRef | None = None


@dataclass(frozen=True, slots=True)
class TicketPage:
    """A page of pictures; `waiting`: how many more are known of and still on their way."""

    items: tuple[TicketImage, ...]
    total: int
    page: int
    per_page: int
    waiting: int = 0


class TicketGallery:
    """Pages of pictures by what they were attached to."""

    def page(
        self,
        *,
        ticket_id: str | None = None,
        article_id: str | None = None,
        company_id: str | None = None,
        page: int = 1,
        per_page: int = 20,
        filters: Mapping[str, Sequence[str]] | None = None,
    ) -> TicketPage:
        """Pictures, newest attachment first.

        Args:
            ticket_id: of one ticket; one the sync has not reached is read now.
            article_id: of one article of the knowledge base.
            company_id: only what this company may see; private pictures are left out.
            page: from 1.
            per_page: 1 to MOST_PER_PAGE.
            filters: as of a listing's address (type, from, to, min_bytes...).

        Raises:
            NotFound: no such ticket or article, or not this company's.
            BadInput, BadQuery: a page or filter that cannot be.
        """
        raise NotImplementedError
