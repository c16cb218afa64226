"""Entities and what belongs to them, as rows: written by listings, by names found, by albums.

Every asset that a change can be seen at is touched, so that words and columns follow.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence

from gallery_app.catalog import unfinished
from gallery_app.catalog.rows import blocks, marks
from gallery_app.catalog.transaction import Transaction
from gallery_app.domain.entities import EntityRef
from gallery_app.domain.remote import TOLD_BY_MEMBERS

_MOST_KNOWN = 20_000
# What a listing replaces: told by the remote, of types not told by members alone.
_BY_MEMBERS = ", ".join(f"'{kind}'" for kind in sorted(TOLD_BY_MEMBERS))
_FORGET = (
    "DELETE FROM occurrence_entity WHERE source_id = ? AND key = ? AND found = 0 "  # noqa: S608  # fixed text
    f"AND (SELECT e.type FROM entity e WHERE e.id = entity_id) NOT IN ({_BY_MEMBERS})"
)
# An entity is of one source, so the key alone says how far one came.
_HAVING = """
    SELECT x.key, o.asset_id FROM entity e
     CROSS JOIN occurrence_entity x ON x.entity_id = e.id AND x.source_id = e.source_id
     CROSS JOIN occurrence o ON o.source_id = x.source_id AND o.key = x.key
     WHERE e.id = ? AND x.key > ? AND o.asset_id IS NOT NULL ORDER BY x.key LIMIT ?
"""
_OF_KEY = "SELECT asset_id FROM occurrence WHERE source_id = ? AND key = ? AND asset_id IS NOT NULL"


def entity_id(transaction: Transaction, source_id: int, ref: EntityRef) -> int:
    """The id of an entity, made when it is new; a name or address it now has is written."""
    place = (source_id, ref.type, ref.id)
    names = transaction.names.entities
    known = (
        names.get(place)
        or transaction.connection.execute(
            "SELECT id, name, url FROM entity WHERE source_id = ? AND type = ? AND ref = ?", place
        ).fetchone()
    )
    if known is None:
        cursor = transaction.connection.execute(
            "INSERT INTO entity (source_id, type, ref, name, folded, url) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (*place, ref.name, ref.name.casefold(), ref.url),
        )
        known = (int(cursor.lastrowid or 0), ref.name, ref.url)
        transaction.entities.add(known[0])
    else:
        known = _renamed(transaction, known, ref)
    if len(names) >= _MOST_KNOWN:
        names.clear()
    names[place] = known
    return known[0]


def _renamed(
    transaction: Transaction, known: tuple[int, str, str | None], ref: EntityRef
) -> tuple[int, str, str | None]:
    number, name, url = known
    fresh = (number, ref.name or name, ref.url or url)
    if fresh == known:
        return fresh
    connection = transaction.connection
    connection.execute(
        "UPDATE entity SET name = ?, folded = ?, url = ? WHERE id = ?",
        (fresh[1], fresh[1].casefold(), fresh[2], number),
    )
    if fresh[1] != name:
        transaction.entities.add(number)
    having = [row[1] for row in connection.execute(_HAVING, (number, "", unfinished.PIECE))]
    if len(having) < unfinished.PIECE:
        transaction.touch(having, words=True)
    else:
        unfinished.note(transaction, "words", number)
    return fresh


def reword_some(
    transaction: Transaction, number: int, after: str, _facts: dict[str, int]
) -> str | None:
    """Touch a piece of the entity's assets; up to which key, None when all are."""
    values = (number, after, unfinished.PIECE)
    rows = transaction.connection.execute(_HAVING, values).fetchall()
    transaction.touch([row[1] for row in rows], words=True)
    return rows[-1][0] if len(rows) == unfinished.PIECE else None


def tell(
    transaction: Transaction,
    source_id: int,
    told: Iterable[tuple[str, Sequence[EntityRef]]],
    *,
    fresh: bool,
) -> None:
    """Write what a listing says each key belongs to; `fresh` keys had nothing told before.

    The caller touches the keys' assets.
    """
    connection = transaction.connection
    told = list(told)
    if not fresh:
        connection.executemany(_FORGET, [(source_id, key) for key, _ in told])
    connection.executemany(
        "INSERT INTO occurrence_entity (source_id, key, entity_id, found) VALUES (?, ?, ?, 0) "
        "ON CONFLICT DO UPDATE SET found = 0",
        [
            (source_id, key, entity_id(transaction, source_id, ref))
            for key, refs in told
            for ref in refs
            if ref.type not in TOLD_BY_MEMBERS
        ],
    )


def put_entities(
    transaction: Transaction, source_id: int, key: str, refs: Sequence[EntityRef]
) -> None:
    """Note what was found in a picture's name or in itself; adds, never takes away."""
    connection = transaction.connection
    added = 0
    for ref in refs:
        added += connection.execute(
            "INSERT OR IGNORE INTO occurrence_entity VALUES (?, ?, ?, 1)",
            (source_id, key, entity_id(transaction, source_id, ref)),
        ).rowcount
    if added:
        rows = connection.execute(_OF_KEY, (source_id, key))
        transaction.touch([row[0] for row in rows], words=True)


def set_members(
    transaction: Transaction,
    source_id: int,
    ref: EntityRef,
    keys: Collection[str],
    *,
    among: Sequence[str],
) -> None:
    """Of the keys of `among` exactly these belong to the entity from now on; others stay."""
    connection = transaction.connection
    number = entity_id(transaction, source_id, ref)
    wanted = set(keys).intersection(among)
    had = _members(connection, source_id, number, among)
    connection.executemany(
        "DELETE FROM occurrence_entity WHERE source_id = ? AND key = ? AND entity_id = ?",
        [(source_id, key, number) for key in had - wanted],
    )
    connection.executemany(
        "INSERT INTO occurrence_entity (source_id, key, entity_id, found) VALUES (?, ?, ?, 0) "
        "ON CONFLICT DO UPDATE SET found = 0",
        [(source_id, key, number) for key in sorted(wanted - had)],
    )
    assets: list[int] = []
    for key in had ^ wanted:
        assets += (row[0] for row in connection.execute(_OF_KEY, (source_id, key)))
    transaction.touch(assets, words=True)


def _members(
    connection: sqlite3.Connection, source_id: int, number: int, among: Sequence[str]
) -> set[str]:
    found: set[str] = set()
    for block in blocks(among):
        rows = connection.execute(
            "SELECT key FROM occurrence_entity WHERE source_id = ? AND entity_id = ? "  # noqa: S608  # question marks only
            f"AND found = 0 AND key IN ({marks(len(block))})",
            (source_id, number, *block),
        )
        found.update(row[0] for row in rows)
    return found
