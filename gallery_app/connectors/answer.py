"""One whole answer of a remote, as plain values."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urljoin, urlsplit

from gallery_app.domain.errors import Upstream

HIDDEN = "•••"
SHORTEST_SECRET = 4  # a shorter one hides nothing and would riddle every text
# Values that an answer may hold. One costs 190 bytes at most (measured: {"":{"":…), so that it
# unfolds to 190 MB beside its text; 1,000 assets of Immich with ten faces each have 234,000.
MOST_VALUES = 1_000_000
_MARKS = b",[{"  # one of them begins each value


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers (names in small letters) and the whole body, unpacked.

    `url` is what was asked, so it may hold what nobody else should read: not in the repr.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    url: str = field(repr=False)
    body: bytes = field(repr=False)
    source: str = ""

    @property
    def content_type(self) -> str:
        """As claimed: `application/json`, without parameters."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    @property
    def text(self) -> str:
        """The body as UTF-8; what is none becomes a question mark in a lozenge."""
        return self.body.decode("utf-8", errors="replace")

    def json(self) -> object:
        """The value of the body.

        Raises:
            Upstream: it is no JSON, does not say so (a maintenance page, a portal of a hotel), or
                would unfold to too much.
        """
        if self.content_type and "json" not in self.content_type:
            raise Upstream(self.source, f"{self.source} sent a page where data was expected.")
        if len(self.body) - len(self.body.translate(None, _MARKS)) > MOST_VALUES:
            raise Upstream(self.source, f"{self.source} sent more at once than can be read.")
        try:
            value: object = json.loads(self.body)
        except (ValueError, RecursionError) as error:
            raise Upstream(self.source, f"{self.source} sent data that cannot be read.") from error
        return value

    @property
    def location(self) -> str | None:
        """Where a redirect leads, as a whole address."""
        to = self.headers.get("location")
        if to is None:
            return None
        try:
            return urljoin(self.url, to.strip())
        except ValueError:
            return None

    @property
    def redirect_host(self) -> str:
        """The host a redirect leads to; a plain word when it names none."""
        try:
            return urlsplit(self.location or "").hostname or "another place"
        except ValueError:
            return "another place"

    def cut(self, size: int, secrets: Sequence[str]) -> Answer:
        """The same with the first bytes of the body only, no secret in it, and no query."""
        text = hide(self.text, secrets)
        plain = {name: hide(value, secrets) for name, value in self.headers.items()}
        plain.pop("set-cookie", None)
        if "location" in plain:
            plain["location"] = plain["location"].partition("?")[0]
        body = text.encode()[:size]
        return replace(
            self, body=body, headers=plain, url=hide(self.url.partition("?")[0], secrets)
        )


def hide(text: str, secrets: Sequence[str]) -> str:
    """The text with each secret replaced by dots."""
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret) >= SHORTEST_SECRET:
            text = text.replace(secret, HIDDEN)
    return text
