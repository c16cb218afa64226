"""What an operator chose for a Freshdesk source, checked."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timezone

from gallery_app.connectors.pinned import Allowed, parse_allowed
from gallery_app.domain.errors import BadInput

LANGUAGE = r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})?"  # de, pt-BR, es-LA: parts of keys and paths
# Everything since before Freshdesk began (2010).
BEGINNING = int(datetime(2000, 1, 1, tzinfo=timezone.utc).timestamp())


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one source.

    `languages` are those of articles beside the primary one; empty: all that the account has.
    `foreign`: pictures that a ticket's text takes from other places of the web.
    """

    private_notes: bool = True
    knowledge_base: bool = True
    languages: tuple[str, ...] = ()
    start: int = BEGINNING  # seconds of the epoch
    min_px: int = 32
    share: float = 0.6
    foreign: bool = False
    hosts: tuple[str, ...] = ()
    allow: tuple[Allowed, ...] = ()

    @classmethod
    def of(cls, options: Mapping[str, str]) -> Options:
        """Options of text, as they are kept.

        Raises:
            BadInput: one of them cannot be.
        """
        percent = _number(options, "budget_percent", 60, least=1, most=100)
        return cls(
            private_notes=_flag(options, "private_notes", default=True),
            knowledge_base=_flag(options, "knowledge_base", default=True),
            languages=_languages(options),
            start=_day(options.get("start", "")),
            min_px=_number(options, "min_px", 32, least=0, most=4096),
            share=percent / 100,
            foreign=_flag(options, "foreign", default=False),
            hosts=tuple(word.lower() for word in _words(options, "hosts")),
            allow=parse_allowed(options.get("allow", "")),
        )

    @property
    def of_tickets(self) -> str:
        """Names what tickets are read for: another name means that all are to be read again."""
        return _name(self.private_notes, self.start, self.min_px, self.foreign, self.hosts)

    @property
    def of_articles(self) -> str:
        """The same for articles."""
        return _name(self.languages, self.min_px, self.foreign, self.hosts)


def _name(*values: object) -> str:
    return hashlib.sha256(repr(values).encode()).hexdigest()[:8]


def _flag(options: Mapping[str, str], name: str, *, default: bool) -> bool:
    text = options.get(name, "").strip().lower()
    return default if not text else text in {"1", "true", "yes", "on"}


def _words(options: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(options.get(name, "").replace(",", " ").split()))


def _languages(options: Mapping[str, str]) -> tuple[str, ...]:
    languages = _words(options, "languages")
    for language in languages:
        if not re.fullmatch(LANGUAGE, language):
            raise BadInput("Languages are written like de, fr or pt-BR.")
    return languages


def _number(options: Mapping[str, str], name: str, default: int, *, least: int, most: int) -> int:
    text = options.get(name, "").strip().removesuffix("%")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise BadInput(f"“{name}” is a number from {least} to {most}.")
    return int(text)


def _day(text: str) -> int:
    if not text.strip():
        return BEGINNING
    try:
        day = date.fromisoformat(text.strip()[:10])
    except ValueError as error:
        raise BadInput("The first day is written like 2025-01-31.") from error
    at = datetime(day.year, day.month, day.day, tzinfo=timezone.utc)
    return max(BEGINNING, int(at.timestamp()))
