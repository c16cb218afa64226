"""Changes of very many pictures, written in pieces so that others may write between.

A piece is one transaction together with the note of how far it came: a crash loses none and does
none twice. What is noted here is done right after the transaction that noted it, or, when the
program was ended before, by whoever calls `Catalog.catch_up`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Literal

from gallery_app.catalog.transaction import Transaction

Kind = Literal["words", "remove", "restore"]

# About 10 ms of CPU: nobody who wants to write waits long.
PIECE = 100


def note(
    transaction: Transaction, kind: Kind, number: int, facts: Mapping[str, int] | None = None
) -> None:
    """Have this done from its beginning."""
    transaction.connection.execute(
        "INSERT OR REPLACE INTO unfinished (kind, number, after, facts) VALUES (?, ?, '', ?)",
        (kind, number, json.dumps(dict(facts or {}))),
    )
    transaction.unfinished.add((kind, number))


def facts_of(transaction: Transaction, kind: Kind, number: int) -> dict[str, int] | None:
    """What was noted with it, None when nothing of the kind is to be done."""
    row = transaction.connection.execute(
        "SELECT facts FROM unfinished WHERE kind = ? AND number = ?", (kind, number)
    ).fetchone()
    return None if row is None else dict(json.loads(row[0]))


def moved(transaction: Transaction, kind: str, number: int, after: str) -> None:
    """All up to the key `after` is done."""
    transaction.connection.execute(
        "UPDATE unfinished SET after = ? WHERE kind = ? AND number = ?", (after, kind, number)
    )


def forget(transaction: Transaction, kind: str, number: int) -> None:
    """It is done, or is to be done no more."""
    transaction.connection.execute(
        "DELETE FROM unfinished WHERE kind = ? AND number = ?", (kind, number)
    )
