"""Names of companies and requesters, remembered for a while: they stand in every ticket."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable

from gallery_app.connectors.freshdesk.api import Api
from gallery_app.connectors.freshdesk.fields import Row, inner, number, one_line, text
from gallery_app.domain.entities import EntityRef, EntityType
from gallery_app.domain.errors import UpstreamGone, UpstreamRefused

MOST = 5000
LIFE_S = 86_400.0


class Names:
    """Names by type and number. Safe to use from several threads."""

    def __init__(self, api: Api, base: str, monotonic: Callable[[], float]) -> None:
        self._api = api
        self._base = base
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._kept: OrderedDict[tuple[EntityType, int], tuple[float, str]] = OrderedDict()
        self._closed_s = float("-inf")  # when the key was last refused companies

    @property
    def companies_closed(self) -> bool:
        """Whether the key may not see companies: they are known by number; tried once a day."""
        return self._monotonic() - self._closed_s < LIFE_S

    def close_companies(self) -> None:
        """The key was refused them just now."""
        self._closed_s = self._monotonic()

    def lacking(self, row: Row | None) -> tuple[str, ...]:
        """What a ticket's view should include, because its name is not known yet."""
        if row is None:
            return ("requester",) if self.companies_closed else ("company", "requester")
        company, requester = number(row, "company_id"), number(row, "requester_id")
        words: list[str] = []
        if company and not self.companies_closed and self._name("company", company) is None:
            words.append("company")
        if requester and self._name("requester", requester) is None:
            words.append("requester")
        return tuple(words)

    def learn(self, view: Row) -> None:
        """Keep the names that a ticket's view includes."""
        pairs: tuple[tuple[EntityType, str], ...] = (
            ("company", "company"),
            ("requester", "requester"),
        )
        for kind, name in pairs:
            row = inner(view, name)
            ident = number(row, "id")
            if ident:
                self._keep(kind, ident, one_line(text(row, "name", "email")))

    def look_up(self, row: Row) -> None:
        """Ask for the names that are lacking one by one (for what cannot include them)."""
        for word in self.lacking(row):
            kind: EntityType = "company" if word == "company" else "requester"
            path = "companies" if word == "company" else "contacts"
            ident = number(row, f"{word}_id")
            try:
                found = self._api.one(f"{path}/{ident}")
            except UpstreamGone:
                found = {}
            except UpstreamRefused:
                if word == "company":
                    self.close_companies()
                continue
            if ident:
                self._keep(kind, ident, one_line(text(found, "name", "email")))

    def of(self, row: Row) -> tuple[EntityRef, ...]:
        """The company and the requester of a ticket."""
        found = []
        company, requester = number(row, "company_id"), number(row, "requester_id")
        if company:
            url = f"{self._base}/a/companies/{company}"
            name = self._name("company", company) or ""
            found.append(EntityRef("company", str(company), name, url))
        if requester:
            url = f"{self._base}/a/contacts/{requester}"
            name = self._name("requester", requester) or ""
            found.append(EntityRef("requester", str(requester), name, url))
        return tuple(found)

    def _keep(self, kind: EntityType, ident: int, name: str) -> None:
        with self._lock:
            self._kept[kind, ident] = (self._monotonic(), name)
            self._kept.move_to_end((kind, ident))
            while len(self._kept) > MOST:
                self._kept.popitem(last=False)

    def _name(self, kind: EntityType, ident: int) -> str | None:
        with self._lock:
            at, name = self._kept.get((kind, ident), (float("-inf"), ""))
        return name if self._monotonic() - at < LIFE_S else None
