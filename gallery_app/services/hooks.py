"""Hints from outside that a ticket changed: never trusted, only a reason to look sooner."""

from __future__ import annotations

from collections.abc import Callable

from gallery_app.catalog.catalog import Catalog
from gallery_app.domain.model import Job

AGAIN_AFTER_S = 30.0
LARGEST_BODY = 64 * 1024


class Hooks:
    """Turns a webhook's call into a sync of the one ticket it names."""

    def __init__(
        self,
        catalog: Catalog,
        *,
        secret: bytes,
        monotonic: Callable[[], float],
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        """Prepare.

        Args:
            catalog: sources and jobs.
            secret: what tokens are derived from; nobody else knows it.
            monotonic: seconds.
            wake: told when there is a job to run.
        """

    def token(self, number: int) -> str:
        """The token that calls for source `number` must bear; the same for ever."""
        raise NotImplementedError

    def heard(self, number: int, token: str, body: bytes) -> Job | None:
        """The sync that a call leads to; None when the same was heard within 30 s.

        Args:
            number: of the source, from the address.
            token: as the call bears it.
            body: JSON with `ticket_id`, at the top or in `freshdesk_webhook`.

        Raises:
            NotFound: no such source, or another token: nobody learns which.
            BadInput: the body names no ticket.
        """
        raise NotImplementedError
