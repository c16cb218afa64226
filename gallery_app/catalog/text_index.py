"""Full text: which assets have which words.

The index holds `domain.text.search_text` of every asset, so SQLite's tokenizer has nothing to
decide. The text is built here from a few columns instead of whole assets, because it stands in
the way of every insert; tests bind it to `search_text`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gallery_app.catalog.rows import blocks, marks
from gallery_app.domain.model import Metadata
from gallery_app.domain.query import Word
from gallery_app.domain.text import words

_TEXTS = """
    SELECT a.id, a.filename, a.title, a.caption, a.file_title, a.file_caption, a.keywords,
           c.make, c.model, a.lens, a.place, a.creator,
           (SELECT group_concat(o.key, char(10)) FROM occurrence o
             WHERE o.asset_id = a.id AND o.gone_at IS NULL),
           (SELECT group_concat(t.name, char(10)) FROM asset_tag x JOIN tag t ON t.id = x.tag_id
             WHERE x.asset_id = a.id)
      FROM asset a LEFT JOIN camera c ON c.id = a.camera_id WHERE a.id IN
"""
_NAMES = """
    SELECT o.asset_id, '', r.filename FROM occurrence o
      JOIN remote_image r ON r.source_id = o.source_id AND r.key = o.key
     WHERE o.gone_at IS NULL AND o.asset_id IN
"""
_BELONGING = """
    SELECT o.asset_id, e.ref, e.name FROM occurrence o
     CROSS JOIN occurrence_entity x ON x.source_id = o.source_id AND x.key = o.key
      JOIN entity e ON e.id = x.entity_id
     WHERE o.gone_at IS NULL AND o.asset_id IN
"""


def _text(row: tuple[str | None, ...], entities: str | None) -> str:
    """The words of one row of `_TEXTS` and of its entities; mirrors `search_text`."""
    filename, title, caption, file_title, file_caption, keywords, make, model = row[:8]
    lens, place, creator, keys, tags = row[8:]
    camera = Metadata(make=make, model=model).camera if make or model else None
    listed = " ".join(json.loads(keywords)) if keywords else None
    parts = (
        filename, keys, title, caption, file_title, file_caption, listed, tags, camera, lens,
        place, creator, entities,
    )  # fmt: skip
    return " ".join(dict.fromkeys(words(" ".join(part for part in parts if part))))


@dataclass(frozen=True, slots=True)
class Reworded:
    """What became of the words of assets: `lost` had others before, `texts` are the new ones."""

    lost: set[int]
    texts: dict[int, str]


def reindex(connection: sqlite3.Connection, ids: Collection[int]) -> Reworded:
    """Bring the words of these assets up to date; assets that are gone lose theirs."""
    reworded = Reworded(set(), {})
    linked = connection.execute(
        "SELECT 1 WHERE EXISTS (SELECT 1 FROM remote_image) "
        "OR EXISTS (SELECT 1 FROM occurrence_entity)"
    ).fetchone()
    for block in blocks(sorted(ids)):
        listed = f"({marks(len(block))})"
        belong = _entities(connection, block) if linked else {}
        rows = connection.execute(_TEXTS + listed, block)
        fresh = {row[0]: _text(row[1:], belong.get(row[0])) for row in rows}
        old = dict(
            connection.execute(
                f"SELECT asset_id, words FROM asset_text WHERE asset_id IN {listed}",  # noqa: S608  # question marks only
                block,
            )
        )
        stale = [i for i, text in old.items() if fresh.get(i) != text]
        changed = [i for i, text in fresh.items() if old.get(i) != text]
        if stale:
            connection.executemany(
                "INSERT INTO asset_words (asset_words, rowid, words) VALUES ('delete', ?, ?)",
                [(i, old[i]) for i in stale],
            )
            connection.executemany(
                "DELETE FROM asset_text WHERE asset_id = ?", [(i,) for i in stale]
            )
        reworded.lost.update(stale)
        reworded.texts.update((i, fresh[i]) for i in changed)
        if changed:
            texts = [(i, fresh[i]) for i in changed]
            connection.executemany("INSERT INTO asset_text (asset_id, words) VALUES (?, ?)", texts)
            connection.executemany("INSERT INTO asset_words (rowid, words) VALUES (?, ?)", texts)
    return reworded


def _entities(connection: sqlite3.Connection, block: Sequence[int]) -> dict[int, str]:
    """Ids and names of what these assets belong to, and their names there, in one text each."""
    found: dict[int, str] = {}
    for told in (_BELONGING, _NAMES):
        for asset_id, ref, name in connection.execute(f"{told} ({marks(len(block))})", block):
            found[asset_id] = f"{found.get(asset_id, '')} {ref} {name}"
    return found


def hits(connection: sqlite3.Connection, word: Word) -> npt.NDArray[np.int64]:
    """The ids of the assets that have the word, rising; its `negated` is not looked at."""
    text = word.text.replace('"', '""')
    # One text of all ids is parsed several times faster than a row for each would be fetched.
    row = connection.execute(
        "SELECT group_concat(rowid) FROM asset_words WHERE asset_words MATCH ?",
        (f'"{text}"*' if word.prefix else f'"{text}"',),
    ).fetchone()
    if row[0] is None:
        return np.empty(0, dtype=np.int64)
    return np.fromstring(row[0], dtype=np.int64, sep=",")
