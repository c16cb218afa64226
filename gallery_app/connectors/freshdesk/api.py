"""Freshdesk's API v2 as plain verbs: lists with their next page, single views, names.

The key is sent to the account's own host alone: a `Link` that leads elsewhere is refused. A
ticket list has a budget of its own (a lane), guessed from the account's whole one.

Source: developers.freshdesk.com/api (rate limits per plan; pagination; tickets; solutions).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import NamedTuple
from urllib.parse import urlencode

from gallery_app.connectors.answer import Answer
from gallery_app.connectors.faults import answer_of
from gallery_app.connectors.freshdesk.fields import NAME, Row, row_of, rows_of
from gallery_app.connectors.polite import Polite
from gallery_app.connectors.rate import Rate
from gallery_app.domain.errors import NotAllowed, Upstream, UpstreamGone, UpstreamRefused

PER_PAGE = 100
LANE = "tickets"
MOST_PAGES = 1000  # of anything that is read to its end
# Requests a minute of a whole account -> ticket lists a minute, by plan.
_LISTS = ((700, 200), (400, 100), (0, 20))
_NEXT = re.compile(r'<([^<>]+)>\s*;\s*rel="?next"?')


class Page(NamedTuple):
    """Rows, and the address of the next page."""

    rows: list[Row]
    next: str | None


class Api:
    """One account's API. Safe to use from several threads."""

    def __init__(self, polite: Polite, rate: Rate) -> None:
        self.polite = polite
        self._rate = rate
        self._lists = 0

    # --- lists ------------------------------------------------------------------------------

    def tickets(self, since: int, *, which: str = "") -> Page:
        """The first page of tickets changed at or after a second, oldest change first.

        Args:
            since: seconds of the epoch.
            which: "deleted" or "spam" for those alone.
        """
        asked = {
            "updated_since": f"{datetime.fromtimestamp(since, timezone.utc):%Y-%m-%dT%H:%M:%SZ}",
            "order_by": "updated_at",
            "order_type": "asc",
            "per_page": str(PER_PAGE),
        }
        if which:
            asked["filter"] = which
        return self.page(f"tickets?{urlencode(asked)}", lane=LANE)

    def page(self, address: str, *, lane: str = "") -> Page:
        """One page at a path or at the address that a `Link` told.

        Raises:
            Upstream: the answer is none, or its `Link` leads to another host.
        """
        try:
            answer = self.polite.get(address, lane=lane)
        except NotAllowed as error:
            raise Upstream(NAME, "A list of Freshdesk goes on at another host.") from error
        self.learn()
        return Page(rows_of(answer.json()), _next(answer))

    def all(self, path: str) -> Iterator[Row]:
        """Every row of a list, page after page.

        Raises:
            Upstream: it goes in circles, or never ends.
        """
        address: str | None = f"{path}?per_page={PER_PAGE}"
        seen: set[str] = set()
        while address is not None:
            if address in seen or len(seen) >= MOST_PAGES:
                raise Upstream(NAME, "A list of Freshdesk goes round in circles.")
            seen.add(address)
            rows, address = self.page(address)
            yield from rows

    # --- single things ----------------------------------------------------------------------

    def ticket(self, ident: int, include: tuple[str, ...] = ()) -> Row:
        """A ticket's own view, which alone has its attachments.

        Raises:
            UpstreamGone: it is not among the live ones.
        """
        query = f"?include={','.join(include)}" if include else ""
        return self.one(f"tickets/{ident}{query}", cost=1 + len(include))

    def one(self, path: str, *, cost: int = 1) -> Row:
        """One thing."""
        return row_of(self.polite.get(path, cost=cost).json())

    def maybe(self, path: str) -> Row | None:
        """One thing, or None when there is none."""
        try:
            return self.one(path)
        except UpstreamGone:
            return None

    def learn(self) -> None:
        """Give ticket lists the budget of the plan that the whole budget tells of."""
        total = self.polite.budget().limit
        if total is None:
            return
        lists = next(lists for least, lists in _LISTS if total >= least)
        if lists != self._lists:
            self._lists = lists
            self._rate.limit_lane(LANE, min(lists, total))


def _next(answer: Answer) -> str | None:
    found = _NEXT.search(answer.headers.get("link", ""))
    return found[1] if found else None


def code_of(error: UpstreamRefused) -> str:
    """Freshdesk's own word for a refusal: access_denied, require_feature...; "" if none."""
    answer = answer_of(error)
    if answer is None:
        return ""
    try:
        told = answer.json()
    except Upstream:
        return ""
    return str(told.get("code", "")) if isinstance(told, dict) else ""


def only_this(error: UpstreamRefused) -> bool:
    """Whether just the one thing is refused, not the key, the account, or us by some gateway."""
    answer = answer_of(error)
    if answer is None or answer.status != 403:
        return False
    return code_of(error) == "access_denied" or not answer.body
