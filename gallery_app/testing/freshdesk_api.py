"""The routes of the fake Freshdesk's API v2, with its rules and its traps.

Parameters it does not know are refused; a list stops at `max_page`; without `updated_since` it
shows what was created within 30 days; it never shows attachments.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from gallery_app.testing.freshdesk_gate import Gate, Refused, invalid
from gallery_app.testing.freshdesk_views import Views
from gallery_app.testing.freshdesk_world import Article, Folder, Ticket, World

MONTH_S = 30 * 86_400
# What is known here of a list; what the real one knows besides is refused, not passed over.
_LIST = {"filter", "updated_since", "order_by", "order_type", "include", "page", "per_page"}
_ORDERS = {"created_at", "updated_at"}
_BEYOND = "You cannot access tickets beyond the {}th page. Please provide a smaller page number."
Handler = Callable[[Request], Any]


class Account(Protocol):
    """What the routes need to know of the fake."""

    world: World
    gate: Gate
    views: Views
    max_page: int
    ticket_scope: int
    see_companies: bool
    circle: bool
    link_host: str

    @property
    def url(self) -> str:
        """Where the API is."""


def routes(account: Account) -> list[Route]:
    """All routes, each behind the gate and counted by its name."""
    api = _Api(account)
    table: list[tuple[str, str, Handler]] = [
        ("/agents/me", "me", api.me),
        ("/settings/helpdesk", "settings", api.settings),
        ("/tickets", "tickets", api.tickets),
        ("/tickets/archived/{id:int}", "archived", api.archived),
        ("/tickets/archived/{id:int}/conversations", "archived conversations", api.archived_talk),
        ("/tickets/{id:int}", "ticket", api.ticket),
        ("/tickets/{id:int}/conversations", "conversations", api.talk),
        ("/companies", "companies", api.companies),
        ("/companies/{id:int}", "company", api.company),
        ("/contacts/{id:int}", "contact", api.contact),
        ("/solutions/categories", "categories", api.categories),
        ("/solutions/categories/{id:int}/folders", "folders", api.folders),
        ("/solutions/folders/{id:int}", "folder", api.folder),
        ("/solutions/folders/{id:int}/subfolders", "subfolders", api.subfolders),
        ("/solutions/folders/{id:int}/articles", "articles", api.articles),
        ("/solutions/folders/{id:int}/articles/{lang}", "translations", api.articles),
        ("/solutions/articles/{id:int}", "article", api.article),
        ("/solutions/articles/{id:int}/{lang}", "translation", api.article),
    ]
    return [Route(f"/api/v2{path}", _behind(account, name, do)) for path, name, do in table]


def _behind(account: Account, name: str, do: Handler) -> Handler:
    async def endpoint(request: Request) -> Response:
        included = [word for word in request.query_params.get("include", "").split(",") if word]
        cost = 1 + len(included) * (2 if name == "tickets" else 1)
        route = name
        if name == "tickets" and request.query_params.get("filter"):
            route = request.query_params["filter"]
        try:
            account.gate.enter(request, route, cost)
            value, headers = do(request)
        except Refused as refused:
            return account.gate.answer_refused(refused, cost)
        body = json.dumps(value, ensure_ascii=False).encode()
        sent = {**account.gate.headers(cost), **headers}
        return Response(body, 200, sent, "application/json; charset=utf-8")

    return endpoint


Answer = tuple[object, dict[str, str]]


class _Api:
    def __init__(self, account: Account) -> None:
        self.account = account
        self.world = account.world

    # --- who asks ---------------------------------------------------------------------------

    def me(self, request: Request) -> Answer:
        contact = {"email": "sync@acme.test", "name": "Gallery Sync", "language": "en"}
        scope = self.account.ticket_scope
        return {"id": 432, "type": "support_agent", "ticket_scope": scope, "contact": contact}, {}

    def settings(self, request: Request) -> Answer:
        world = self.world
        return {
            "primary_language": world.primary,
            "supported_languages": world.languages,
            "portal_languages": world.languages,
        }, {}

    # --- tickets ----------------------------------------------------------------------------

    def tickets(self, request: Request) -> Answer:
        asked = request.query_params
        for unknown in set(asked) - _LIST:
            raise invalid(unknown, "Unexpected/invalid field in request")
        order, descending = asked.get("order_by", "created_at"), asked.get("order_type", "desc")
        if order not in _ORDERS or descending not in {"asc", "desc"}:
            raise invalid("order_by", "It should be one of these values")
        for word in filter(None, asked.get("include", "").split(",")):
            if word != "description":
                raise invalid("include", "It should be one of these values")
        rows = self._rows(asked.get("filter", ""), asked.get("updated_since"))
        at = {"created_at": lambda t: (t.created, t.id), "updated_at": lambda t: (t.updated, t.id)}
        rows.sort(key=at[order], reverse=descending == "desc")
        page, headers = self._page(request, rows, most=self.account.max_page)
        include = asked.get("include", "")
        return [self.account.views.row(ticket, include) for ticket in page], headers

    def _rows(self, which: str, since: str | None) -> list[Ticket]:
        if which not in {"", "deleted", "spam"}:
            raise invalid("filter", "It should be one of these values")
        state = which if which in {"deleted", "spam"} else "live"
        rows = [ticket for ticket in self.world.tickets.values() if ticket.state == state]
        if since is None:
            oldest = self.world.clock() - MONTH_S
            return [ticket for ticket in rows if ticket.created >= oldest]
        try:
            at = datetime.fromisoformat(since).timestamp()
        except ValueError:
            raise invalid("updated_since", "It should be in ISO 8601 format") from None
        return [ticket for ticket in rows if ticket.updated >= at]

    def ticket(self, request: Request) -> Answer:
        ticket = self._found(request, archived=False)
        words = set(filter(None, request.query_params.get("include", "").split(",")))
        if words - {"conversations", "company", "requester"}:
            raise invalid("include", "It should be one of these values")
        if "company" in words and not self.account.see_companies:
            raise Refused(403, {"code": "access_denied", "message": "You are not authorized."})
        return self.account.views.ticket(ticket, words), {}

    def talk(self, request: Request) -> Answer:
        return self._talk(request, self._found(request, archived=False))

    def archived(self, request: Request) -> Answer:
        return self.account.views.ticket(self._found(request, archived=True), set()), {}

    def archived_talk(self, request: Request) -> Answer:
        return self._talk(request, self._found(request, archived=True))

    def _found(self, request: Request, *, archived: bool) -> Ticket:
        ticket = self.world.tickets.get(request.path_params["id"])
        if ticket is None or (ticket.state == "archived") is not archived:
            raise Refused(404)
        return ticket

    def _talk(self, request: Request, ticket: Ticket) -> Answer:
        page, headers = self._page(request, ticket.messages)
        return [self.account.views.message(ticket, message) for message in page], headers

    # --- people -----------------------------------------------------------------------------

    def companies(self, request: Request) -> Answer:
        self._may_see_companies()
        page, headers = self._page(request, list(self.world.companies.values()))
        return page, headers

    def company(self, request: Request) -> Answer:
        self._may_see_companies()
        return self._or_404(self.world.companies, request), {}

    def contact(self, request: Request) -> Answer:
        return self._or_404(self.world.contacts, request), {}

    def _may_see_companies(self) -> None:
        if not self.account.see_companies:
            raise Refused(403, {"code": "access_denied", "message": "You are not authorized."})

    def _or_404(self, table: Mapping[int, Any], request: Request) -> Any:
        number = request.path_params["id"]
        if number not in table:
            raise Refused(404)
        return table[number]

    # --- the knowledge base -----------------------------------------------------------------

    def categories(self, request: Request) -> Answer:
        rows = [{"id": n, "name": name} for n, name in self.world.categories.items()]
        return self._page(request, rows)

    def folders(self, request: Request) -> Answer:
        category = request.path_params["id"]
        if category not in self.world.categories:
            raise Refused(404)
        return self._folders(request, lambda f: f.category == category and f.parent is None)

    def folder(self, request: Request) -> Answer:
        return self.account.views.folder(self._or_404(self.world.folders, request)), {}

    def subfolders(self, request: Request) -> Answer:
        self._or_404(self.world.folders, request)
        return self._folders(request, lambda f: f.parent == request.path_params["id"])

    def _folders(self, request: Request, keep: Callable[[Folder], bool]) -> Answer:
        rows = [f for f in self.world.folders.values() if keep(f)]
        page, headers = self._page(request, rows)
        return [self.account.views.folder(folder) for folder in page], headers

    def articles(self, request: Request) -> Answer:
        self._or_404(self.world.folders, request)
        folder, lang = request.path_params["id"], request.path_params.get("lang")
        rows = [a for a in self.world.articles.values() if a.folder == folder]
        if lang is not None and lang != self.world.primary:
            self._known(lang)
            rows = [a.translations[lang] for a in rows if lang in a.translations]
        page, headers = self._page(request, rows)
        return [self.account.views.article(article, listed=True) for article in page], headers

    def article(self, request: Request) -> Answer:
        article: Article = self._or_404(self.world.articles, request)
        lang = request.path_params.get("lang")
        if lang is not None and lang != self.world.primary:
            self._known(lang)
            if lang not in article.translations:
                raise Refused(404)
            article = article.translations[lang]
        return self.account.views.article(article), {}

    def _known(self, lang: str) -> None:
        if lang not in self.world.languages:
            raise Refused(404)

    # --- pages ------------------------------------------------------------------------------

    def _page(
        self, request: Request, rows: list[Any], *, most: int | None = None
    ) -> tuple[list[Any], dict[str, str]]:
        page = self._number(request, "page", 1, least=1)
        size = self._number(request, "per_page", 30, least=1)
        if size > 100:
            raise invalid("per_page", "It should be a Positive Integer less than or equal to 100")
        if most is not None and page > most:
            raise invalid("page", _BEYOND.format(most))
        headers = {}
        if page * size < len(rows):
            following = 1 if self.account.circle else page + 1
            query = {**request.query_params, "page": str(following)}
            base = self.account.link_host or self.account.url
            headers["Link"] = f'<{base}{request.url.path}?{urlencode(query)}>; rel="next"'
        return rows[(page - 1) * size : page * size], headers

    def _number(self, request: Request, name: str, default: int, *, least: int) -> int:
        text = request.query_params.get(name, str(default))
        if not text.isdigit() or int(text) < least:
            raise invalid(name, "It should be a Positive Integer")
        return int(text)
