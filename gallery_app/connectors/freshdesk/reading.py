"""One ticket or one article, read completely: its pictures, what they belong to, who sees them.

A ticket costs its own view and its conversations, page by page; names that are not known yet
come with the view. A ticket that is not among the live ones is looked for in the archive before it
is called gone; whether it is in the trash, in the spam or nowhere comes to the same.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice

from gallery_app.connectors.freshdesk.address import Hosts
from gallery_app.connectors.freshdesk.api import Api, only_this
from gallery_app.connectors.freshdesk.fields import (
    NAME,
    Row,
    inner,
    moment,
    number,
    one_line,
    text,
)
from gallery_app.connectors.freshdesk.gather import Gather, Part, Place
from gallery_app.connectors.freshdesk.html import plain
from gallery_app.connectors.freshdesk.options import LANGUAGE, Options
from gallery_app.connectors.freshdesk.people import Names
from gallery_app.domain.ean import eans_in
from gallery_app.domain.entities import EntityRef
from gallery_app.domain.errors import Upstream, UpstreamGone, UpstreamRefused
from gallery_app.domain.remote import RemoteImage

_EVERYBODY = "the customer and the team"
_TEAM = "the team only: a private note"
_SEEN_BY = {
    1: "everybody",
    2: "people who are signed in",
    3: "agents only",
    5: "bots",
    6: "some contacts",
    7: "some companies",
}
_CUSTOMERS = {1, 2, 4}  # visibilities of which we can tell to whom
_MOST_CODES = 20
_MOST_TEXT = 200_000


@dataclass(frozen=True, slots=True)
class Read:
    """What one parent holds. `gone`: it is not offered any more."""

    parent: str
    images: tuple[RemoteImage, ...] = ()
    places: Mapping[str, Place] = field(default_factory=dict)
    entities: tuple[EntityRef, ...] = ()
    passed_over: Mapping[str, int] = field(default_factory=dict)
    gone: bool = False


@dataclass(frozen=True, slots=True)
class Shelf:
    """Who may see what lies in a folder of the knowledge base."""

    folder: int
    visibility: int = 1
    companies: tuple[int, ...] = ()


class Reader:
    """Reads parents. Safe to use from several threads."""

    def __init__(self, api: Api, base: str, options: Options, hosts: Hosts, names: Names) -> None:
        self._api = api
        self._base = base
        self._options = options
        self._hosts = hosts
        self._names = names

    # --- tickets ----------------------------------------------------------------------------

    def ticket(self, ident: int, row: Row | None = None) -> Read:
        """A ticket and everything said in it.

        Args:
            ident: its number.
            row: how a list told of it, so that known names are not asked for again.

        Raises:
            UpstreamRefused, UpstreamThrottled, UpstreamTimeout, Upstream: it cannot be read now.
        """
        parent = f"ticket/{ident}"
        try:
            view = self._view(ident, row)
            path = f"tickets/{ident}"
        except UpstreamGone:
            archived = self._api.maybe(f"tickets/archived/{ident}")
            if archived is None:
                return Read(parent, gone=True)
            view, path = archived, f"tickets/archived/{ident}"
            self._names.look_up(view)
        if number(view, "id") != ident:
            raise Upstream(NAME, f"Freshdesk answered with something else than ticket {ident}.")
        if view.get("deleted") is True or view.get("spam") is True:
            return Read(parent, gone=True)
        return self._told(ident, view, list(self._api.all(f"{path}/conversations")))

    def _view(self, ident: int, row: Row | None) -> Row:
        include = self._names.lacking(row)
        try:
            view = self._api.ticket(ident, include)
        except UpstreamRefused as error:
            if "company" not in include or not only_this(error):
                raise
            rest = tuple(word for word in include if word != "company")
            view = self._api.ticket(ident, rest)  # refused as well: it was not the company
            self._names.close_companies()
        self._names.learn(view)
        return view

    def _told(self, ident: int, view: Row, talk: list[Row]) -> Read:
        page = f"{self._base}/a/tickets/{ident}"
        subject = one_line(text(view, "subject")) or f"Ticket {ident}"
        ticket = EntityRef("ticket", str(ident), subject, page)
        belongs = (ticket, *self._names.of(view))
        shown = [note for note in talk if note.get("private") is not True]
        codes = _codes([_ticket_words(view), *(_words(note, "body") for note in shown)])
        everybody = Part(moment(view, "created_at"), False, _EVERYBODY, False, belongs + codes)  # noqa: FBT003
        gather = Gather(f"ticket/{ident}", page, self._options, self._hosts)
        gather.attachments(view, everybody)
        gather.html(text(view, "description"), everybody)
        gather.chat(inner(view, "structured_description"), everybody)
        found = list(codes)
        for note in talk:
            private = note.get("private") is True
            if private and not self._options.private_notes:
                continue
            own = _codes([_words(note, "body")]) if private else ()
            found += own
            part = Part(
                at=moment(note, "created_at"),
                private=private,
                visibility=_TEAM if private else _EVERYBODY,
                entities=tuple(dict.fromkeys((*belongs, *codes, *own))),
            )
            gather.attachments(note, part)
            gather.html(text(note, "body"), part)
            gather.chat(inner(note, "structured_body"), part)
        return _read(gather, tuple(dict.fromkeys((*belongs, *found))))

    # --- articles ---------------------------------------------------------------------------

    def languages(self) -> tuple[str, ...]:
        """The languages that articles are read in beside the primary one.

        Raises:
            As `ticket`, unless the settings alone are closed to the key.
        """
        try:
            told = self._api.one("settings/helpdesk")
        except UpstreamGone:
            return self._options.languages
        except UpstreamRefused as error:
            if not only_this(error):
                raise
            return self._options.languages
        supported = told.get("supported_languages")
        listed = supported if isinstance(supported, list) else []
        known = [lang for lang in listed if isinstance(lang, str) and re.fullmatch(LANGUAGE, lang)]
        wanted = self._options.languages or known
        primary = text(told, "primary_language")
        return tuple(lang for lang in wanted if lang != primary and lang in known)

    def article(
        self, ident: int, languages: tuple[str, ...] = (), shelf: Shelf | None = None
    ) -> Read:
        """An article in its primary language and in those of `languages` that it has.

        Args:
            ident: its number.
            languages: codes beside the primary one.
            shelf: of its folder; None: it is looked up.

        Raises:
            As `ticket`.
        """
        parent = f"article/{ident}"
        view = self._api.maybe(f"solutions/articles/{ident}")
        if view is None:
            return Read(parent, gone=True)
        if number(view, "id") != ident:
            raise Upstream(NAME, f"Freshdesk answered with something else than article {ident}.")
        if shelf is None:
            shelf = self.shelf_of(number(view, "folder_id"))
        title = one_line(text(view, "title")) or f"Article {ident}"
        page = f"{self._base}/support/solutions/articles/{ident}"
        entity = EntityRef("article", str(ident), title, page)
        read = self._article_in(parent, view, entity, shelf)
        for language in languages:
            other = self._api.maybe(f"solutions/articles/{ident}/{language}")
            if other is None:
                continue
            told = self._article_in(f"{parent}/{language}", other, entity, shelf)
            read = _beside(read, told)
        return read

    def shelf_of(self, folder: int | None) -> Shelf:
        """Who may see a folder; agents alone when that cannot be learned."""
        row = self._api.maybe(f"solutions/folders/{folder}") if folder else None
        return Shelf(folder or 0, 3) if row is None else shelf_told(row)

    def _article_in(self, parent: str, view: Row, entity: EntityRef, shelf: Shelf) -> Read:
        draft = number(view, "status") == 1
        seen_by = _SEEN_BY.get(shelf.visibility, "some people")
        if shelf.visibility == 4:
            seen_by = f"companies {', '.join(map(str, shelf.companies))}".strip()
        # Of those for "some" people we cannot tell for whom: then for no customer at all.
        named = shelf.visibility != 4 or bool(shelf.companies)
        shown = not draft and shelf.visibility in _CUSTOMERS and named
        companies = shelf.companies if shelf.visibility == 4 else ()
        theirs = [ref for ident in companies for ref in self._names.of({"company_id": ident})]
        codes = _codes([text(view, "title"), _words(view, "description")])
        part = Part(
            at=moment(view, "created_at"),
            private=not shown,
            visibility="agents only: a draft" if draft else seen_by,
            by_agents=True,
            entities=(entity, *theirs, *codes),
        )
        gather = Gather(parent, entity.url or "", self._options, self._hosts)
        gather.attachments(view, part)
        gather.html(text(view, "description"), part)
        return _read(gather, part.entities)


def shelf_told(row: Row) -> Shelf:
    """Who may see a folder, as its row says."""
    ids = row.get("company_ids")
    companies = tuple(sorted(i for i in ids if isinstance(i, int))) if isinstance(ids, list) else ()
    return Shelf(number(row, "id") or 0, number(row, "visibility") or 1, companies)


def _read(gather: Gather, entities: tuple[EntityRef, ...]) -> Read:
    images = tuple(gather.images.values())
    return Read(gather.parent, images, gather.places, entities, gather.passed_over)


def _beside(first: Read, other: Read) -> Read:
    """An article with one translation more; a file that both have is the first one's."""
    had = {_tail(image.key) for image in first.images}
    new = tuple(image for image in other.images if _tail(image.key) not in had)
    passed = dict(first.passed_over)
    for why, count in other.passed_over.items():
        passed[why] = passed.get(why, 0) + count
    return Read(
        first.parent,
        (*first.images, *new),
        {**first.places, **other.places},
        tuple(dict.fromkeys((*first.entities, *other.entities))),
        passed,
    )


def _tail(key: str) -> str:
    return "/".join(key.rsplit("/", 2)[1:])


def _ticket_words(view: Row) -> str:
    fields = inner(view, "custom_fields").items()
    told = [f"{name}: {value}" for name, value in fields if isinstance(value, (str, int))]
    return "\n".join([text(view, "subject"), *told, _words(view, "description")])


def _words(row: Row, name: str) -> str:
    return text(row, f"{name}_text") or plain(text(row, name)[:_MOST_TEXT])


def _codes(texts: list[str]) -> tuple[EntityRef, ...]:
    """The article numbers that texts name, as products."""
    found = (code for words in texts for code in eans_in(words[:_MOST_TEXT]))
    refs = dict.fromkeys(EntityRef("product", code.gtin) for code in found)
    return tuple(islice(refs, _MOST_CODES))
