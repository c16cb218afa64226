"""Hints from outside that a ticket changed: never trusted, only a reason to look sooner.

A call bears a token, because Freshdesk signs nothing; whatever else it says is not believed but
read anew from the remote. What is missed here the next sync finds.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Callable

from gallery_app.catalog.catalog import Catalog
from gallery_app.domain.errors import BadInput, NotFound
from gallery_app.domain.model import Job, SourceId
from gallery_app.services.reach import Reach

KIND = "freshdesk"  # of the sources that call
AGAIN_AFTER_S = 30.0
LARGEST_BODY = 64 * 1024
_MOST_REMEMBERED = 10_000
_NO_TICKET = "The body must be JSON with a ticket_id, at the top or in freshdesk_webhook."


def token_of(secret: bytes, number: int) -> str:
    """The token that calls for source `number` must bear; the same as long as the secret is."""
    return hmac.new(secret, f"hook:{number}".encode(), hashlib.sha256).hexdigest()[:40]


class Hooks:
    """Turns a webhook's call into a sync of the one ticket it names."""

    def __init__(
        self,
        catalog: Catalog,
        reach: Reach,
        *,
        secret: bytes,
        monotonic: Callable[[], float],
    ) -> None:
        """Prepare.

        Args:
            catalog: sources.
            reach: asks for the look at one ticket.
            secret: what tokens are derived from; nobody else knows it.
            monotonic: seconds.
        """
        self._catalog = catalog
        self._reach = reach
        self._secret = secret
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._heard: dict[tuple[int, str], float] = {}

    def token(self, number: int) -> str:
        """The token that calls for source `number` must bear."""
        return token_of(self._secret, number)

    def heard(self, number: int, token: str, body: bytes) -> Job | None:
        """The look at one ticket that a call leads to.

        Args:
            number: of the source, from the address.
            token: as the call bears it.
            body: JSON with `ticket_id`, at the top or in `freshdesk_webhook`.

        Returns:
            The job; None when the same was heard within 30 s, or the source is paused.

        Raises:
            NotFound: no such source, or another token: nobody learns which.
            BadInput: the body names no ticket.
        """
        right = hmac.compare_digest(token.encode("utf-8", "replace"), self.token(number).encode())
        source = self._catalog.sources.get(SourceId(number), counted=False) if right else None
        if source is None or source.removed_at is not None or source.kind != KIND:
            raise NotFound("hook")
        ticket = _ticket(body)
        if source.paused or not self._is_new(number, ticket):
            return None
        return self._reach.hint(number, f"ticket/{ticket}")

    def _is_new(self, number: int, ticket: str) -> bool:
        now = self._monotonic()
        with self._lock:
            last = self._heard.get((number, ticket))
            if last is not None and now - last < AGAIN_AFTER_S:
                return False
            if len(self._heard) >= _MOST_REMEMBERED:
                self._heard = {k: at for k, at in self._heard.items() if now - at < AGAIN_AFTER_S}
            self._heard[number, ticket] = now
            return True


def _ticket(body: bytes) -> str:
    """The number of the ticket a call is about.

    Raises:
        BadInput: it names none.
    """
    if len(body) > LARGEST_BODY:
        raise BadInput("A hint is small; this is not one.")
    try:
        said = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadInput(_NO_TICKET) from error
    for part in (said, said.get("freshdesk_webhook") if isinstance(said, dict) else None):
        if isinstance(part, dict):
            number = str(part.get("ticket_id", "")).strip()
            if number.isascii() and number.isdigit() and len(number) <= 20:
                return str(int(number))
    raise BadInput(_NO_TICKET)
