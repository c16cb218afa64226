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
from gallery_app.catalog.offered import Offer
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
from gallery_app.domain.query import AssetQuery, Term
from gallery_app.services.few import Few
from gallery_app.services.reach import Reach, connected

KIND = "freshdesk"
MOST_PER_PAGE = 100
READ_WITHIN_S = 8.0  # a ticket the sync has not reached
MOST_READING = 8  # of these at one time
LOOK_AGAIN_S = 0.1
MISSING_FOR_S = 60.0  # before a ticket that is nowhere is asked for again
_MOST_REMEMBERED = 1_000
_BLOCK = 500  # places looked at together
# Filters that ask of the picture itself, whoever offers it.
_OF_THE_PICTURE = frozenset(
    "type camera camera_words year orientation size from to min_bytes max_bytes min_width "
    "min_height uid".split()
)
_LONGEST_ID = 20


@dataclass(frozen=True, slots=True)
class TicketImage:
    """One picture of a ticket or article: the asset, where it was attached, its name there."""

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
        wanted = _wanted(ticket=ticket_id, article=article_id, company=company_id)
        asked = AssetQuery.from_params(filters or {})
        if ticket_id is not None and not self._knows("ticket", wanted["ticket"]):
            with self._few.one():
                self._read_now(wanted["ticket"])
        try:
            self._require(wanted)
        except NotFound:
            self._say_why_unknown()
            raise
        narrowed = "company" in wanted and _asks_of_places(asked)
        shown = set(self._catalog.index.ids(_of(wanted, _wider(asked) if narrowed else asked)))
        found = [offer for offer in self._offers(wanted) if offer.asset_id in shown]
        if narrowed:
            found = self._fitting(found, asked)
        start = (page - 1) * per_page
        items = self._whole(found[start : start + per_page])
        return TicketPage(items, len(found), page, per_page, self._waiting(wanted))

    # --- what may be seen ------------------------------------------------------------------

    def _knows(self, type_: EntityType, id_: str) -> bool:
        return bool(self._catalog.remotes.entity(type_, id_))

    def _require(self, wanted: Mapping[EntityType, str]) -> None:
        """The ticket or article is known, and is one that this company may know of.

        Raises:
            NotFound: otherwise; the sentence is the same for both.
        """
        company = wanted.get("company")
        for type_ in ("ticket", "article"):
            id_ = wanted.get(type_)
            if id_ is None:
                continue
            if not self._knows(type_, id_):
                raise NotFound(type_)
            if company is not None and not self._catalog.offered.at(
                KIND, (type_, id_), company=company
            ):
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

    def _offers(self, wanted: Mapping[EntityType, str]) -> list[Offer]:
        """Every place in a help desk that fits; for a company without what is private."""
        company = wanted.get("company")
        named: list[tuple[EntityType, str]] = [
            pair for pair in wanted.items() if pair[0] != "company"
        ]
        if company is not None and not named:
            named = [("company", company)]
        if not named:
            raise BadInput("Name a ticket, an article or a company.")
        return self._catalog.offered.at(KIND, *named, company=company, private=company is None)

    def _fitting(self, offers: Sequence[Offer], query: AssetQuery) -> list[Offer]:
        """Those of the places at which the query holds for what is told there alone."""
        return [
            Offer(item.asset.id, item.occurrence.source_id, item.occurrence.key)
            for start in range(0, len(offers), _BLOCK)
            for item in self._whole(offers[start : start + _BLOCK])
            if query.matches(_as_told_there(item))
        ]

    def _whole(self, offers: Sequence[Offer]) -> tuple[TicketImage, ...]:
        ids = list(dict.fromkeys(offer.asset_id for offer in offers))
        assets = {asset.id: asset for asset in self._catalog.assets.many(ids)}
        names = self._names(offers)
        return tuple(
            TicketImage(
                assets[offer.asset_id],
                occurrence,
                # Never the asset's name: another company's ticket may have given it.
                names[offer],
                ticket=_ref(occurrence, "ticket"),
                article=_ref(occurrence, "article"),
                company=_ref(occurrence, "company"),
            )
            for offer in offers
            if offer.asset_id in assets
            for occurrence in assets[offer.asset_id].occurrences
            if (occurrence.source_id, occurrence.key) == (offer.source_id, offer.key)
        )

    def _names(self, offers: Sequence[Offer]) -> dict[Offer, str]:
        keys: dict[SourceId, list[str]] = {}
        for offer in offers:
            keys.setdefault(offer.source_id, []).append(offer.key)
        rows = {
            source: self._catalog.remotes.known(source, listed) for source, listed in keys.items()
        }
        return {
            offer: row.filename if (row := rows[offer.source_id].get(offer.key)) else "picture"
            for offer in offers
        }

    def _waiting(self, wanted: Mapping[EntityType, str]) -> int:
        """Pictures of the ticket or article that were listed and are still to be fetched."""
        private = "company" not in wanted
        parents = [f"{type_}/{wanted[type_]}" for type_ in ("ticket", "article") if type_ in wanted]
        sources = [s.id for s in self._catalog.sources.list() if s.kind == KIND]
        return sum(
            self._catalog.offered.waiting(sources, parent, private=private) for parent in parents
        )

    # --- a ticket the sync has not reached -------------------------------------------------

    def _read_now(self, ticket: str) -> None:
        """Have an unknown ticket read and wait for it, within READ_WITHIN_S in all."""
        until = self._monotonic() + READ_WITHIN_S
        with self._lock:
            asked = self._missing.get(ticket)
            if asked is not None and self._monotonic() - asked < MISSING_FOR_S:
                return
            if len(self._missing) >= _MOST_REMEMBERED:
                self._missing.clear()
            self._missing[ticket] = self._monotonic()
        parent = f"ticket/{ticket}"
        for source, connector in connected(self._catalog, self._reach, KIND):
            if not isinstance(connector, HasHints):
                continue
            with suppress(GalleryError):  # `_say_why_unknown` tells
                job = self._reach.hint(source.id, parent)
                self._until(partial(self._is_over, job.id), until)
                if self._catalog.remotes.below(source.id, parent):
                    self._until(partial(self._is_fetched, source.id, parent), until)
                    with self._lock:
                        self._missing.pop(ticket, None)
                    return
            now = self._catalog.sources.get(source.id)
            if now is not None and now.error:  # it may be there: ask again next time
                with self._lock:
                    self._missing.pop(ticket, None)

    def _is_fetched(self, source_id: SourceId, parent: str) -> bool:
        return not self._catalog.offered.waiting([source_id], parent)

    def _is_over(self, job_id: JobId) -> bool:
        job = self._catalog.jobs.get(job_id)
        return job is None or job.state in {"done", "failed"}

    def _until(self, true: Callable[[], bool], until: float) -> None:
        while not true() and self._monotonic() < until:
            if self._wait(LOOK_AGAIN_S):
                return


def _wanted(**given: str | None) -> dict[EntityType, str]:
    types: tuple[EntityType, ...] = ("ticket", "article", "company")
    return {type_: _number(type_, value) for type_ in types if (value := given[type_]) is not None}


def _number(name: str, value: str) -> str:
    text = value.strip()
    if not (text.isascii() and text.isdigit() and len(text) <= _LONGEST_ID):
        raise BadInput(f"“{value[:40]}” is no number of a {name}.")
    return str(int(text))


def _of(wanted: Mapping[EntityType, str], asked: AssetQuery) -> AssetQuery:
    """What is asked, of the pictures of a ticket, an article or a company."""
    terms = tuple(Term(type_, (id_,)) for type_, id_ in wanted.items() if type_ != "company")
    if not terms and "company" in wanted:
        terms = (Term("company", (wanted["company"],)),)
    return replace(asked, terms=(*asked.terms, *terms), cursor=None)


def _asks_of_places(query: AssetQuery) -> bool:
    """Whether it asks of more than the picture itself."""
    return bool(query.words) or any(term.name not in _OF_THE_PICTURE for term in query.terms)


def _wider(query: AssetQuery) -> AssetQuery:
    """At least what the query finds at any one place: what it is sure of for all places."""
    return replace(
        query,
        words=tuple(word for word in query.words if not word.negated),
        terms=tuple(
            term
            for term in query.terms
            if term.name in _OF_THE_PICTURE or (term.name in ENTITY_TYPES and not term.negated)
        ),
    )


def _as_told_there(item: TicketImage) -> Asset:
    """The picture as if it were offered at this place alone, and nobody here had said a word."""
    asset, meta = item.asset, item.asset.metadata
    return replace(
        asset, filename=item.filename, occurrences=(item.occurrence,),
        entities=item.occurrence.entities, title=meta.title, caption=meta.caption, alt_text=None,
        rating=meta.rating, favourite=False, tags=meta.keywords, remote=False,
        metadata=replace(meta, place=None),  # another remote may have told it
    )  # fmt: skip


def _ref(occurrence: Occurrence, type_: EntityType) -> EntityRef | None:
    return next((ref for ref in occurrence.entities if ref.type == type_), None)
