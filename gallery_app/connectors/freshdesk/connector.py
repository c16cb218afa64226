"""The Freshdesk connector: pictures of tickets, conversations and the knowledge base.

Keys: `PARENT/file/N` is Freshdesk's attachment N (attached or inline), `PARENT/data/H` a picture
inside a text, H the SHA-256 of its bytes; `PARENT/inline/H` an inline picture without a number
and `PARENT/web/H` one on another host, H the SHA-256 of its address (32 hex digits each). PARENT
is `ticket/4711`, `article/12` or, for a translation, `article/12/de`.

Entities: ticket, company, requester, article, product (article numbers that texts name).
Start reading at `changes`; the walks are in `tickets.py` and `knowledge.py`.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from urllib.parse import urlsplit

from gallery_app.connectors.base import Tools
from gallery_app.connectors.downloads import Downloads
from gallery_app.connectors.freshdesk.address import Hosts, address_of
from gallery_app.connectors.freshdesk.api import LANE, Api
from gallery_app.connectors.freshdesk.checking import Checks
from gallery_app.connectors.freshdesk.cursor import STALE, Progress
from gallery_app.connectors.freshdesk.fields import NAME
from gallery_app.connectors.freshdesk.gather import Place
from gallery_app.connectors.freshdesk.knowledge import KnowledgeWalk
from gallery_app.connectors.freshdesk.opening import Opener, Places, parent_of
from gallery_app.connectors.freshdesk.options import LANGUAGE, Options
from gallery_app.connectors.freshdesk.people import Names
from gallery_app.connectors.freshdesk.reading import Read, Reader, Shelf
from gallery_app.connectors.freshdesk.tickets import TicketWalk
from gallery_app.connectors.pinned import Allowed, Pins
from gallery_app.connectors.polite import Polite
from gallery_app.connectors.rate import Rate
from gallery_app.domain.errors import BadInput, UpstreamGone
from gallery_app.domain.hosts import is_this_machine
from gallery_app.domain.remote import Budget, Findings, Listing, RemoteConfig, RemoteStream

_PARENT = re.compile(rf"(ticket|article)/([0-9]{{1,18}})(?:/({LANGUAGE}))?")
_NO_COMPANIES = "The key may not see companies, so they have no names."
_ANY_SHELF = Shelf(0, 3)
_FIRST_LISTS = 20  # ticket lists a minute, until the plan is known: the smallest one's


class Freshdesk:
    """One account; keeps `Connector` and `HasHints`.

    Raises:
        BadInput: the address or an option cannot be.
    """

    def __init__(self, config: RemoteConfig, tools: Tools) -> None:
        self.options = Options.of(config.options)
        self.base = address_of(config.address)
        self._tools = tools
        here = is_this_machine(urlsplit(self.base).hostname or "")
        allow = self.options.allow
        if here:
            nets = (ipaddress.ip_network("127.0.0.0/8"), ipaddress.ip_network("::1/128"))
            allow = (*allow, *(Allowed(net) for net in nets))
        rate = Rate(share=self.options.share, lanes={LANE: _FIRST_LISTS})
        self._polite = Polite(
            f"{self.base}/api/v2/",
            tools=tools,
            name=NAME,
            auth=(config.secret, "X"),
            pins=Pins.to(self.base, allow=allow) if here else Pins(allow=allow),
            rate=rate,
            secrets=(config.secret,),
        )
        self.api = Api(self._polite, rate)
        hosts = Hosts(self.base, self.options.hosts)
        self._names = Names(self.api, self.base, tools.monotonic)
        self._reader = Reader(self.api, self.base, self.options, hosts, self._names)
        self._places = Places(tools.now)
        pins = Pins(allow=allow)
        self._near = Downloads(tools, pins, hosts.host, NAME, urls=hosts.url)
        self._far: Downloads | None = None
        if self.options.foreign:
            # Anybody may write such an address: the networks that are allowed are not for it.
            self._far = Downloads(tools, Pins.public(), lambda _host: True, "A picture's host")
        self._opener = Opener(self._places, self._read_now, self._near, self._far, tools)

    def __repr__(self) -> str:
        return f"Freshdesk({self.base!r})"

    def check(self) -> Findings:
        """What works and what is missing, in plain words; never raises for what it finds."""
        return Checks(self.api, self.base, self.options).run()

    def changes(self, cursor: str, *, walk: bool = False) -> Iterator[Listing]:
        """Tickets by the time they changed, then the trash and spam, then articles if due.

        Args:
            cursor: of the last batch that was written; "" from the start.
            walk: look at all articles, and at all of the trash.

        Raises:
            As `Connector.changes`.
        """
        progress = Progress.of(cursor)
        self._start_over_if_asked_otherwise(progress)
        counts: dict[str, int] = {}
        tickets = TicketWalk(
            self.api, self._reader, progress, self.options.start, self._tools.now, self._heard,
            counts,
        )  # fmt: skip
        yield from tickets.run()
        yield from tickets.gone(whole=walk)
        if self.options.knowledge_base:
            if walk or progress.walk_open:
                progress.walk_open = True
                articles = KnowledgeWalk(self.api, self._reader, progress, self._heard, counts)
                yield from articles.run()
        elif progress.articles:
            gone = tuple(f"article/{ident}" for ident in sorted(progress.articles))
            for ident in list(progress.articles):
                progress.set_article(ident, None)
            progress.walk_open = True
            yield Listing(cursor=progress.text(), gone_parents=gone, progress=dict(counts))
        closed = self._names.companies_closed and counts.get("tickets")
        note = _NO_COMPANIES if closed else None
        if progress.text() != cursor or note:
            yield Listing(cursor=progress.text(), progress=dict(counts), note=note)

    def read(self, parent: str) -> Iterator[Listing]:
        """One ticket or article now; the cursor of what it yields is "": keep yours.

        Raises:
            BadInput: `parent` is neither.
            As `Connector.changes`.
        """
        kind, ident, _ = _parts(parent)
        if kind == "ticket":
            read = self._reader.ticket(ident)
        else:
            read = self._reader.article(ident, self._reader.languages())
        if read.gone:
            yield Listing(cursor="", gone_parents=(read.parent,))
            return
        self._heard(read)
        yield Listing(
            cursor="", seen=read.images, whole=(read.parent,), entities=read.entities
        )  # fmt: skip

    def open(
        self, key: str, *, start: int | None = None, end: int | None = None
    ) -> AbstractContextManager[RemoteStream]:
        """As `Connector.open`."""
        return self._opener.open(key, start=start, end=end)

    def budget(self) -> Budget:
        """How much may be asked, as far as it is known."""
        return self._polite.budget()

    def close(self) -> None:
        """Give back connections."""
        self._polite.close()
        self._near.close()
        if self._far is not None:
            self._far.close()

    # --- how --------------------------------------------------------------------------------

    def _start_over_if_asked_otherwise(self, progress: Progress) -> None:
        """Other options mean that what was read has to be read again."""
        if progress.tickets_for != self.options.of_tickets:
            progress.at, progress.floor = 0, 0
            progress.done.clear()
            progress.tickets_for = self.options.of_tickets
        if progress.articles_for != self.options.of_articles:
            for ident in list(progress.articles):
                progress.set_article(ident, STALE)
            progress.articles_for = self.options.of_articles
            progress.walk_open = True

    def _heard(self, read: Read) -> None:
        by_parent: dict[str, dict[str, Place]] = {read.parent: {}}
        for key, place in read.places.items():
            by_parent.setdefault(parent_of(key), {})[key] = place
        for parent, places in by_parent.items():
            self._places.keep(parent, places)

    def _read_now(self, parent: str) -> Read:
        """For its addresses alone.

        Raises:
            UpstreamGone: it is no more.
        """
        kind, ident, language = _parts(parent)
        if kind == "ticket":
            read = self._reader.ticket(ident)
        else:
            languages = (language,) if language else ()
            read = self._reader.article(ident, languages, _ANY_SHELF)
        if read.gone:
            raise UpstreamGone(NAME, f"Freshdesk has {parent.replace('/', ' ')} no more.")
        return read


def _parts(parent: str) -> tuple[str, int, str]:
    """Kind, number and language of a parent.

    Raises:
        BadInput: it is neither a ticket nor an article.
    """
    found = _PARENT.fullmatch(parent)
    if found is None:
        raise BadInput(f"“{parent[:40]}” is neither a ticket nor an article.")
    return found[1], int(found[2]), found[3] or ""
