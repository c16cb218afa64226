"""The pictures of a ticket, an article or a company, as customers' programs ask for them.

A company sees its own tickets and nothing else: what it may not see answers exactly like what
is not there. What counts is each place a picture is offered at, not the picture: the same
photograph may be for the team only in one ticket and for everybody in another.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from gallery_app.catalog.catalog import Catalog
from gallery_app.catalog.offered import Asked, Place, Places
from gallery_app.connectors.base import HasHints
from gallery_app.domain.entities import ENTITY_TYPES, EntityRef, EntityType
from gallery_app.domain.errors import (
    BadInput,
    GalleryError,
    NotFound,
    Upstream,
    UpstreamRefused,
)
from gallery_app.domain.model import Asset, JobId, Occurrence, SourceId
from gallery_app.domain.query import AssetQuery
from gallery_app.domain.told import OF_THE_PICTURE, asker, asks_of_places
from gallery_app.services.few import Few
from gallery_app.services.reach import Reach, connected

KIND = "freshdesk"
MOST_PER_PAGE = 100
READ_WITHIN_S = 8.0  # a ticket the sync has not reached
MOST_READING = 8  # of these at one time
LOOK_AGAIN_S = 0.1
MISSING_FOR_S = 60.0  # before a ticket that is nowhere is asked for again
_MOST_REMEMBERED = 1_000
_LONGEST_ID = 20


@dataclass(frozen=True, slots=True)
class TicketImage:
    """One picture of a ticket or article: where it was attached, its name there, the asset.

    Of the asset's other places nothing is told: its `occurrences` and tags are empty.
    """

    asset: Asset
    occurrence: Occurrence
    filename: str
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

    def __init__(
        self,
        catalog: Catalog,
        reach: Reach,
        *,
        monotonic: Callable[[], float],
        wait: Callable[[float], bool],
    ) -> None:
        """Prepare.

        Args:
            catalog: what the syncs wrote.
            reach: asks for a look at a ticket that is not known yet.
            monotonic: seconds.
            wait: rests for so many seconds; True when the program is stopping.
        """
        self._catalog = catalog
        self._reach = reach
        self._monotonic = monotonic
        self._wait = wait
        self._lock = threading.Lock()
        self._missing: dict[str, float] = {}
        self._few = Few(MOST_READING)

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
            company_id: only what this company may see; private pictures are left out, and words
                and filters ask of what is told of a picture there, not elsewhere.
            page: from 1.
            per_page: 1 to MOST_PER_PAGE.
            filters: as of a listing's address (type, from, to, min_bytes...).

        Raises:
            NotFound: no such ticket or article, or not this company's.
            Upstream, UpstreamRefused: nobody can tell, because a help desk does not answer.
            BadInput, BadQuery: a page, number or filter that cannot be.
            Busy: many tickets are being read that the sync has not reached.
        """
        if page < 1 or not 1 <= per_page <= MOST_PER_PAGE:
            raise BadInput(f"Pages are counted from 1 and have 1 to {MOST_PER_PAGE} pictures.")
        asked = Asked(
            KIND,
            ticket=_number("ticket", ticket_id),
            article=_number("article", article_id),
            company=_number("company", company_id),
            private=company_id is None,
        )
        if asked.parent is None and asked.company is None:
            raise BadInput("Name a ticket, an article or a company.")
        query = AssetQuery.from_params(filters or {})
        offered = self._catalog.offered
        if asked.ticket is not None and not offered.knows(KIND, "ticket", asked.ticket):
            with self._few.one():
                self._read_now(asked.ticket)
        try:
            self._require(asked)
        except NotFound:
            self._say_why_unknown()
            raise
        places = offered.at(asked)
        found = self._matching(asked, places, query)
        start = (page - 1) * per_page
        shown = offered.read(asked, places, found[start : start + per_page])
        images = tuple(_image(place) for place in shown.values())
        return TicketPage(images, len(found), page, per_page, self._waiting(asked))

    # --- what may be seen ------------------------------------------------------------------

    def _require(self, asked: Asked) -> None:
        """The ticket or article is known, and is one that this company may know of.

        Raises:
            NotFound: otherwise; the sentence is the same for both.
        """
        offered = self._catalog.offered
        for alone in (
            Asked(KIND, ticket=asked.ticket, company=asked.company),
            Asked(KIND, article=asked.article, company=asked.company),
        ):
            if alone.parent is None:
                continue
            type_: EntityType = "article" if alone.ticket is None else "ticket"
            known = offered.knows(KIND, type_, alone.ticket or alone.article or "")
            if not known or (asked.company is not None and not offered.lists(alone)):
                raise NotFound(type_)

    def _say_why_unknown(self) -> None:
        """Raise what keeps a help desk from telling us; the same whatever was asked for.

        Raises:
            Upstream: it does not answer.
            UpstreamRefused: somebody has to act.
        """
        for source in self._catalog.sources.list():
            if source.kind == KIND and not source.paused and source.error:
                if source.state == "attention":
                    raise UpstreamRefused(source.name, source.error)
                if source.state == "offline":
                    raise Upstream(source.name, source.error)

    def _matching(self, asked: Asked, places: Places, query: AssetQuery) -> list[int]:
        """The positions of those places at which the query holds.

        For a company what is told there alone counts. A picture that does not say when it was taken
        is as old as the place: the asset's own date may be when another ticket sent it.
        """
        index, offered = self._catalog.index, self._catalog.offered
        if asked.company is None or not asks_of_places(query):
            return index.among(query, places.assets, places.moments)
        wider = index.among(_wider(query), places.assets, places.moments)
        holds = asker(query)
        return [at for at, there in offered.told(asked, places, wider) if holds(there)]

    def _waiting(self, asked: Asked) -> int:
        """Pictures of the ticket or article that were listed and are still to be fetched."""
        if asked.parent is None:
            return 0
        offered = self._catalog.offered
        return offered.waiting(offered.sources(KIND), asked.parent, private=asked.private)

    # --- a ticket the sync has not reached -------------------------------------------------

    def _read_now(self, ticket: str) -> None:
        """Have an unknown ticket read and wait for it, within READ_WITHIN_S in all."""
        until = self._monotonic() + READ_WITHIN_S
        with self._lock:
            missed = self._missing.get(ticket)
        if missed is not None and self._monotonic() - missed < MISSING_FOR_S:
            return
        parent, all_said_no = f"ticket/{ticket}", True
        for source, connector in connected(self._catalog, self._reach, KIND):
            if not isinstance(connector, HasHints):
                continue
            with suppress(GalleryError):  # `_say_why_unknown` tells
                job = self._reach.hint(source.id, parent)
                self._until(partial(self._is_over, job.id), until)
                if self._catalog.remotes.below(source.id, parent):
                    self._until(partial(self._is_fetched, source.id, parent), until)
                    return
            now = self._catalog.sources.get(source.id, counted=False)
            all_said_no &= now is None or not now.error
        if all_said_no:  # else it may be there: ask again next time
            with self._lock:
                if len(self._missing) >= _MOST_REMEMBERED:
                    self._missing.clear()
                self._missing[ticket] = self._monotonic()

    def _is_fetched(self, source_id: SourceId, parent: str) -> bool:
        return not self._catalog.offered.waiting([source_id], parent)

    def _is_over(self, job_id: JobId) -> bool:
        job = self._catalog.jobs.get(job_id)
        return job is None or job.state in {"done", "failed"}

    def _until(self, true: Callable[[], bool], until: float) -> None:
        while not true() and self._monotonic() < until:
            if self._wait(LOOK_AGAIN_S):
                return


def _number(name: str, value: str | None) -> str | None:
    if value is None:
        return None
    text = value.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID):
        raise BadInput(f"“{value[:40]}” is no number of a {name}.")
    return str(int(text))


def _image(place: Place) -> TicketImage:
    asset, occurrence = place
    facts = occurrence.remote
    refs = {ref.type: ref for ref in reversed(occurrence.entities)}
    return TicketImage(
        asset,
        occurrence,
        # Never the asset's name: another company's ticket may have given it.
        facts.filename if facts is not None and facts.filename else "picture",
        ticket=refs.get("ticket"),
        article=refs.get("article"),
        company=refs.get("company"),
    )


def _wider(query: AssetQuery) -> AssetQuery:
    """At least what the query finds at any one place: what it is sure of for all places."""
    return replace(
        query,
        words=tuple(word for word in query.words if not word.negated),
        terms=tuple(
            term
            for term in query.terms
            if term.name in OF_THE_PICTURE or (term.name in ENTITY_TYPES and not term.negated)
        ),
    )
