"""A text full of article numbers, judged part by part: what is one, and why the rest is none."""

from __future__ import annotations

import re
from dataclasses import dataclass

from gallery_app.domain.ean import Ean
from gallery_app.domain.errors import BadEan, BadInput

MOST_CODES = 1000
LONGEST_TEXT = 100_000  # characters
_LONGEST_SHOWN = 40


@dataclass(frozen=True, slots=True)
class BadCode:
    """A part of a pasted text that is no article number; `expected`: the right check digit."""

    text: str
    reason: str
    expected: str = ""


def wanted(code: str) -> Ean:
    """The number a person asks for.

    Raises:
        BadEan: no article number, or one that no product database can know.
    """
    ean = Ean.parse(code)
    reason = ean.restricted
    if reason is not None:
        raise BadEan(reason)
    return ean


def judged(text: str) -> tuple[list[Ean], list[BadCode]]:
    """The good numbers of a text and its bad parts, each once, in order.

    Parts are apart by lines, commas, semicolons, tabs and blanks; blanks within one number do
    not count ("400-6381 333931").

    Raises:
        BadInput: nothing in it, or more than can be asked for at once.
    """
    if len(text) > LONGEST_TEXT:
        raise BadInput(f"At most {MOST_CODES:,} article numbers at once.")
    good: dict[str, Ean] = {}
    bad: dict[str, BadCode] = {}
    for cell in filter(None, (part.strip() for part in re.split(r"[\r\n,;\t]+", text))):
        for part in _parts(cell):
            try:
                ean = wanted(part)
            except BadEan as error:
                shown = part[:_LONGEST_SHOWN]
                bad.setdefault(part, BadCode(shown, error.public, error.expected))
            else:
                good.setdefault(ean.gtin, ean)
    if not good and not bad:
        raise BadInput("Type or paste the digits below the barcodes, one number per line.")
    if len(good) + len(bad) > MOST_CODES:
        raise BadInput(f"At most {MOST_CODES:,} article numbers at once.")
    return list(good.values()), list(bad.values())


def _parts(cell: str) -> list[str]:
    """The cell as one number if it is one as a whole, else what stands between its blanks."""
    parts = cell.split()
    if len(parts) > 1:
        try:
            Ean.parse(cell, upc_e=False)
        except BadEan:
            return parts
        # Two numbers that happen to be one together are two.
        return [cell] if not all(_stands_alone(part) for part in parts) else parts
    return parts


def _stands_alone(part: str) -> bool:
    try:
        Ean.parse(part, upc_e=False)
    except BadEan:
        return False
    return True
