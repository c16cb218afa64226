"""Collections: what pictures belong to at their remotes, a card each, with a cover.

Tickets, companies, articles, albums, people and products; kinds that have nothing are not
offered. The address names the tab and the text, so that Back and a bookmark lead to them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from nicegui import run, ui
from nicegui.events import GenericEventArguments

from gallery_app.domain.answers import EntityCount
from gallery_app.domain.ean import Ean
from gallery_app.domain.errors import GalleryError, NotFound
from gallery_app.domain.model import Source
from gallery_app.services.entities import EntityPage
from gallery_app.ui import words
from gallery_app.ui.components.frame import Frame
from gallery_app.ui.elements import Button, Text, attributes, box, link, pager, picture
from gallery_app.ui.forms import Form, Send, Values, entry
from gallery_app.ui.state import Given

PER_PAGE = 24  # cards; each is about seven elements
SEARCH_S = 0.25
LONGEST_TEXT = 200


@dataclass(frozen=True)
class Tab:
    """One kind of entity: its type, title, the noun of one, and its icon."""

    type: str
    title: str
    noun: str
    icon: str


TABS: tuple[Tab, ...] = (
    Tab("ticket", "Tickets", "ticket", "ticket"),
    Tab("company", "Companies", "company", "company"),
    Tab("article", "Articles", "article", "article"),
    Tab("album", "Albums", "album", "album"),
    Tab("person", "People", "person", "person"),
    Tab("product", "Products", "product", "product"),
)
SYSTEMS = {"freshdesk": "Freshdesk", "immich": "Immich"}  # whose pages are theirs
ORDERS = (("recent", "Newest first"), ("name", "By name"), ("count", "Most pictures"))


@dataclass(frozen=True)
class _Seen:
    """What one look at the services told."""

    shown: Sequence[EntityCount]
    total: int
    counts: Mapping[str, int]
    sources: Mapping[int, Source]


class CollectionsPage:
    """Builds itself where it is made.

    Args:
        given: what every page is given.
        frame: moves to other places and says things.
        tab: the type to show first; "" or one that has nothing: the first that has some.
        text: what to look for in names and ids.
    """

    def __init__(self, given: Given, frame: Frame, *, tab: str = "", text: str = "") -> None:
        self._given = given
        self._frame = frame
        self._tab = tab
        self._text = text[:LONGEST_TEXT]
        self._sort = "recent"
        self._page = 1
        self._asked = 0
        with box("page page-wide"):
            with box("page-head"):
                Text("h1", "Collections")
                self._build_ticket()
            self._tabs = box("tabs", tag="nav")
            attributes(self._tabs, aria_label="Kinds of collections")
            self._tools = box("row collections-tools")
            self._build_tools()
            self._list = box("collections")
            with self._list:
                attributes(Text("progress", "", "bar"), aria_label="Looking")
            self._pager = box()
        ui.timer(0.02, self._refresh, once=True)

    def _build_ticket(self) -> None:
        """A ticket by its number, also one that no sync has reached yet."""
        self._ticket = Form(self._open_ticket, classes="ticket-form")
        with self._ticket:
            number = entry("ticket", hint="Ticket number")
            attributes(number, inputmode="numeric", aria_label="Ticket number", size="14")
            complaint = Text("p", "", "form-complaint")
            attributes(complaint, role="alert")
            self._ticket.keep("ticket", number, complaint)
            self._go = Send("Open ticket", icon="ticket", kind="line")
        self._ticket.set_visibility(False)

    def _build_tools(self) -> None:
        with self._tools:
            search = entry("filter", self._text, hint="Name or number")
            attributes(search, type="search", aria_label="Filter by name or number")
            search.on(
                "input",
                self._typed,
                throttle=SEARCH_S,
                leading_events=False,
                js_handler=f"(e) => emit(e.target.value.slice(0, {LONGEST_TEXT}))",
            )
            with ui.element("select").classes("field collections-sort") as order:
                attributes(order, aria_label="Order")
                for value, title in ORDERS:
                    attributes(Text("option", title), value=value)
            order.on("change", self._ordered, js_handler="(e) => emit(e.target.value)")
            self._said = Text("span", "", "quiet number")
            attributes(self._said, aria_live="polite")
        self._tools.set_visibility(False)

    # --- looking ---------------------------------------------------------------------------

    def _look(self) -> _Seen:
        gallery = self._given.gallery
        counts = {tab.type: gallery.entities.list(tab.type, per_page=1).total for tab in TABS}
        if not counts.get(self._tab):
            self._tab = next((tab.type for tab in TABS if counts[tab.type]), "")
        sources: dict[int, Source] = {source.id: source for source in gallery.sources.list()}
        if not self._tab:
            return _Seen((), 0, counts, sources)
        found = self._listed()
        if found.total and not found.items:  # turned past the end
            self._page = -(-found.total // PER_PAGE)
            found = self._listed()
        return _Seen(found.items, found.total, counts, sources)

    def _listed(self) -> EntityPage:
        return self._given.gallery.entities.list(
            self._tab, text=self._text, page=self._page, per_page=PER_PAGE, sort=self._sort
        )

    async def _refresh(self) -> None:
        self._asked += 1
        mine = self._asked
        try:
            seen = await run.io_bound(self._look)
        except GalleryError as error:
            self._frame.toast(error.public, error=True)
            return
        if seen is None or mine != self._asked or self._list.is_deleted:
            return  # asked again meanwhile
        self._ticket.set_visibility(any(s.kind == "freshdesk" for s in seen.sources.values()))
        self._tools.set_visibility(bool(self._tab))
        self._draw_tabs(seen)
        self._draw_cards(seen)
        self._pager.clear()
        with self._pager:
            pager(self._page - 1, -(-seen.total // PER_PAGE), self._turn)

    def _draw_tabs(self, seen: _Seen) -> None:
        self._tabs.clear()
        with self._tabs:
            for tab in TABS:
                if not seen.counts[tab.type]:
                    continue
                one = Button(
                    f"{tab.title} {seen.counts[tab.type]:,}", lambda t=tab: self._choose(t.type)
                )
                one.classes(replace=f"tab i i-s i-{tab.icon}")
                if tab.type == self._tab:
                    attributes(one, aria_current="true")
                    self._frame.centre(one)  # where the tabs are wider than a phone

    def _draw_cards(self, seen: _Seen) -> None:
        tab = next((tab for tab in TABS if tab.type == self._tab), None)
        self._list.clear()
        with self._list:
            if tab is None:
                self._draw_nothing()
                return
            if not seen.total:
                self._said.say("")
                Text("p", f"No {tab.noun} matches “{self._text}”.", "lead")
                return
            plural = tab.title.lower()
            self._said.say(words.count_of(seen.total, tab.noun, plural) if self._text else "")
            with box("collection-cards", tag="ul"):
                for one in seen.shown:
                    self._card(tab, one, seen.sources.get(one.source_id))

    def _draw_nothing(self) -> None:
        with box("empty"):
            picture(self._given.urls.asset("empty/pictures.svg"))
            Text(
                "p",
                "Albums and people of Immich, tickets and companies of Freshdesk and products "
                "appear here once they are connected.",
                "lead",
            )
            link("Connect one", self._given.urls.to("/sources"), "button button-main")

    def _card(self, tab: Tab, one: EntityCount, source: Source | None) -> None:
        ref = one.ref
        name = ref.name or f"{tab.noun.capitalize()} {_number(one)}"
        with box(f"collection collection-{tab.type}", tag="li"):
            if one.cover is not None:
                picture(self._given.urls.rendition(one.cover, "small"), classes="collection-cover")
            else:
                box(f"collection-cover collection-none i i-{tab.icon}")
            there = link(name, self._given.urls.to("/", {tab.type: ref.id}), "collection-name")
            attributes(there, title=name)
            Text("span", self._facts(tab, one), "quiet number")
            page = ref.url or ""
            if page.startswith(("https://", "http://")):
                system = SYSTEMS.get(source.kind if source else "")
                out = link("", page, "collection-out i i-s i-out")
                attributes(out, target="_blank", rel="noopener noreferrer")
                attributes(
                    out,
                    aria_label=f"Open {name} in {system}" if system else f"Open the page of {name}",
                    title=f"Open in {system}" if system else "Open its page",
                )

    def _facts(self, tab: Tab, one: EntityCount) -> str:
        parts = [f"#{_number(one)}"] if tab.type == "ticket" else []
        if tab.type == "product" and one.ref.name:
            parts.append(_number(one))
        parts.append(words.count_of(one.assets, "picture"))
        if one.latest is not None:
            parts.append(words.day(one.latest, self._given.now()))
        # a part of it is never broken in two
        return " · ".join(part.replace(" ", "\u00a0") for part in parts)

    # --- acts ------------------------------------------------------------------------------

    async def _turn(self, step: int) -> None:
        self._page = max(1, self._page + step)
        await self._refresh()

    async def _choose(self, type_: str) -> None:
        self._tab, self._page = type_, 1
        self._remember()
        await self._refresh()

    async def _typed(self, event: GenericEventArguments) -> None:
        self._text, self._page = _sent(event).strip(), 1
        self._remember()
        await self._refresh()

    async def _ordered(self, event: GenericEventArguments) -> None:
        chosen = _sent(event)
        self._sort = chosen if chosen in dict(ORDERS) else "recent"
        self._page = 1
        await self._refresh()

    def _remember(self) -> None:
        """Put tab and text into the address, without a new entry to go back through."""
        named = {"tab": self._tab, "text": self._text}
        query = urlencode({name: value for name, value in named.items() if value})
        self._frame.go(f"/collections?{query}" if query else "/collections", replace=True)

    async def _open_ticket(self, values: Values, _: str) -> None:
        number = "".join(c for c in values.get("ticket", "") if c.isdigit())
        if not number:
            self._ticket.complain({"ticket": "Type the number of a ticket."})
            return
        self._ticket.complain({})
        self._go.rest()
        self._go.say("Reading the ticket…")
        try:
            await run.io_bound(self._given.gallery.tickets.page, ticket_id=number, per_page=1)
        except NotFound:
            self._ticket.complain({"ticket": f"There is no ticket {number} in Freshdesk."})
        except GalleryError as error:
            self._ticket.complain({"ticket": error.public})
        else:
            if not self._go.is_deleted:  # whoever went elsewhere meanwhile stays there
                self._frame.go("/?" + urlencode({"ticket": number}))
        finally:
            if not self._go.is_deleted:
                self._go.say("Open ticket")
                self._go.wake()


def _number(one: EntityCount) -> str:
    """Its id as people know it: an article number as on the package."""
    return Ean(one.ref.id, one.ref.id).shown if one.ref.type == "product" else one.ref.id


def _sent(event: GenericEventArguments) -> str:
    args = event.args[0] if isinstance(event.args, list) and event.args else event.args
    return args if isinstance(args, str) else ""
