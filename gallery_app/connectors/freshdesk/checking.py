"""The connection test: what works, what is missing, and what to do about it, in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from gallery_app.connectors.answer import Answer
from gallery_app.connectors.freshdesk.api import Api, code_of
from gallery_app.connectors.freshdesk.fields import Row, inner, number, one_line, row_of, text
from gallery_app.connectors.freshdesk.options import Options
from gallery_app.connectors.window import MINUTE_S
from gallery_app.domain.errors import GalleryError, UpstreamGone, UpstreamRefused
from gallery_app.domain.remote import Finding, Findings

_PATIENCE_S = 8.0
_SCOPES = {2: "its groups' tickets", 3: "its own tickets"}
_REASONS = {
    "require_feature": (
        "The account's plan has no API.",
        "Choose a plan with API access (Growth or higher).",
    ),
    "account_suspended": ("The account is suspended.", "Its owner can mend that in Freshdesk."),
    "password_lockout": (
        "Freshdesk locked this agent after failed sign-ins.",
        "Wait half an hour, or let an administrator unlock the agent.",
    ),
}


class Checks:
    """One connection test."""

    def __init__(self, api: Api, base: str, options: Options) -> None:
        self._api = api
        self._options = options
        self._host = urlsplit(base).hostname or base
        self._facts: dict[str, str] = {"account": self._host}

    def run(self) -> Findings:
        """All findings; those that the first one makes pointless are left out."""
        return Findings(tuple(self._items()), self._facts)

    def _items(self) -> Iterator[Finding]:
        try:
            me = row_of(self._get("agents/me").json())
        except UpstreamRefused as error:
            yield Finding("Address", ok=True, detail=f"{self._host} answers.")
            yield self._refused(error)
            return
        except UpstreamGone:
            yield Finding(
                "Address", ok=False, detail=f"There is no Freshdesk account at {self._host}.",
                remedy="Type the name before .freshdesk.com, as in the browser's address line.",
            )  # fmt: skip
            return
        except GalleryError as error:
            yield Finding(
                "Address", ok=False, detail=error.public,
                remedy="Check the address, and whether this machine reaches the internet.",
            )  # fmt: skip
            return
        yield Finding("Address", ok=True, detail=f"{self._host} answers.")
        yield self._key(me)
        yield self._scope(me)
        yield self._tickets()
        if self._options.knowledge_base:
            yield self._part(
                "Knowledge base", "solutions/categories?per_page=1", "Articles can be read.",
                "The agent's role needs “view solutions”.",
            )  # fmt: skip
        yield self._part(
            "Companies", "companies?per_page=1", "Companies can be read.",
            "The agent's role needs “view companies”; without it companies have no names.",
        )  # fmt: skip
        yield self._budget()

    def _get(self, path: str) -> Answer:
        return self._api.polite.get(path, patience_s=_PATIENCE_S)

    def _refused(self, error: UpstreamRefused) -> Finding:
        detail, remedy = _REASONS.get(
            code_of(error),
            (error.public, "In Freshdesk: Profile settings, then “View API key”; copy it anew."),
        )
        return Finding("Key", ok=False, detail=detail, remedy=remedy)

    def _key(self, me: Row) -> Finding:
        name = one_line(text(inner(me, "contact"), "name", "email")) or "an agent"
        self._facts["agent"] = name
        return Finding("Key", ok=True, detail=f"The key is accepted; it is that of {name}.")

    def _scope(self, me: Row) -> Finding:
        scope = number(me, "ticket_scope")
        if scope in _SCOPES:
            return Finding(
                "Ticket scope", ok=False, required=False,
                detail=f"This agent sees only {_SCOPES[scope]}; all others would be missing.",
                remedy="Give the agent the ticket scope “Global”.",
            )  # fmt: skip
        return Finding("Ticket scope", ok=True, detail="This agent sees all tickets.")

    def _tickets(self) -> Finding:
        try:
            self._get("tickets?per_page=1").json()
        except GalleryError as error:
            return Finding(
                "Tickets", ok=False, detail=error.public,
                remedy="The agent's role needs “view tickets”.",
            )  # fmt: skip
        return Finding("Tickets", ok=True, detail="Tickets can be read.")

    def _part(self, what: str, path: str, good: str, remedy: str) -> Finding:
        try:
            self._get(path).json()
        except GalleryError as error:
            return Finding(what, ok=False, detail=error.public, remedy=remedy, required=False)
        return Finding(what, ok=True, detail=good)

    def _budget(self) -> Finding:
        self._api.learn()
        budget = self._api.polite.budget()
        if budget.limit is None:
            return Finding("Budget", ok=True, detail="Freshdesk tells of no limit.", required=False)
        window = "a minute" if budget.window_s == MINUTE_S else "an hour"
        self._facts["requests"] = f"{budget.limit} {window}"
        detail = (
            f"The account may ask {budget.limit:,} times {window}; the gallery takes "
            f"{budget.ours or 0:,} of them at most."
        )
        return Finding("Budget", ok=True, detail=detail, required=False)
