"""Which assets belong to which entities, as rows say it: of some assets, or of all at start."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from gallery_app.catalog.rows import marks

Pairs = npt.NDArray[np.int64]

_PIECE = 100_000  # occurrences; the texts of their links take a few MB
_LINK = "SELECT o.asset_id, x.entity_id"
_OF_ASSETS = f"""
    {_LINK} FROM occurrence o
     CROSS JOIN occurrence_entity x ON x.source_id = o.source_id AND x.key = o.key
     WHERE o.gone_at IS NULL AND o.asset_id IN
"""
_LAST = """
    SELECT max(key) FROM (SELECT key FROM occurrence
                           WHERE source_id = ? AND key > ? ORDER BY key LIMIT ?)
"""
# In the order of both tables' keys, so that each page is read once; from the occurrences, of which
# there are fewer.
_ALL = f"""
    {_LINK} FROM (SELECT asset_id, source_id, key, gone_at FROM occurrence
                   WHERE source_id = ? AND key > ? ORDER BY key LIMIT ?) o
     CROSS JOIN occurrence_entity x ON x.source_id = o.source_id AND x.key = o.key
     WHERE o.gone_at IS NULL AND o.asset_id IS NOT NULL
"""  # noqa: S608  # fixed text
_LINKED_SOURCES = """
    SELECT id FROM source s
     WHERE EXISTS (SELECT 1 FROM occurrence_entity x WHERE x.source_id = s.id)
"""


def links_of(connection: sqlite3.Connection, block: Sequence[int]) -> list[tuple[int, int]]:
    """(asset, entity) of these assets."""
    return connection.execute(f"{_OF_ASSETS} ({marks(len(block))})", block).fetchall()


def all_links(connection: sqlite3.Connection, *, piece: int = _PIECE) -> Iterator[Pairs]:
    """All there are, as entity << 32 | asset, in runs of the links of `piece` occurrences.

    Two texts a run: two million rows would be as many tuples, and cost twice the time.
    """
    for (source_id,) in connection.execute(_LINKED_SOURCES).fetchall():
        after = ""
        while after is not None:
            run = (source_id, after, piece)
            assets, entities = connection.execute(
                f"SELECT group_concat(asset_id), group_concat(entity_id) FROM ({_ALL})",  # noqa: S608  # fixed text
                run,
            ).fetchone()
            if assets:
                yield _numbers(entities) << 32 | _numbers(assets)
            (after,) = connection.execute(_LAST, run).fetchone()


def _numbers(text: str) -> Pairs:
    return np.fromstring(text, dtype=np.int64, sep=",")
