"""What is told of a picture at a place, read for many places at once.

Tests bind it to `AssetQuery.matches` of the picture as if it stood at that place alone.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache

from gallery_app.catalog.encoding import TYPE_CODES, UNREADABLE
from gallery_app.catalog.rows import LINKED, blocks, entities, marks
from gallery_app.domain.entities import EntityRef
from gallery_app.domain.model import Metadata
from gallery_app.domain.text import words
from gallery_app.domain.told import ToldThere

_STATES = ("animated", "unreadable", "located", "video", "private", "tagged")
_TOLD = f"""
    SELECT o.key, {LINKED}, coalesce(nullif(r.filename, ''), 'picture'), a.file_title,
           a.file_caption, a.keywords, c.make, c.model, a.lens, a.creator,
           coalesce(a.file_rating, 0),
           a.animated | (a.status = {UNREADABLE}) * 2 | (a.latitude IS NOT NULL) * 4
           | (a.media_type = {TYPE_CODES["video"]}) * 8 | r.private * 16
           | (coalesce(a.keywords, '[]') <> '[]') * 32
      FROM occurrence o JOIN remote_image r ON r.source_id = o.source_id AND r.key = o.key
      JOIN asset a ON a.id = o.asset_id LEFT JOIN camera c ON c.id = a.camera_id
     WHERE o.source_id = ? AND o.key IN
"""  # noqa: S608  # fixed text and numbers


def told_there(
    connection: sqlite3.Connection, places: Sequence[tuple[int, str]]
) -> dict[tuple[int, str], ToldThere]:
    """What is told at each (source, key) that still offers an asset."""
    keys: defaultdict[int, list[str]] = defaultdict(list)
    for source_id, key in places:
        keys[source_id].append(key)
    found: dict[tuple[int, str], ToldThere] = {}
    for source_id, listed in keys.items():
        for block in blocks(listed):
            rows = connection.execute(
                f"{_TOLD} ({marks(len(block))})", (source_id, *block)
            ).fetchall()
            refs = entities(connection, {row[1] for row in rows})
            named = {linked: _names(theirs) for linked, theirs in refs.items()}
            for key, linked, filename, title, caption, listed_words, *rest in rows:
                make, model, lens, creator, rating, bits = rest
                keywords = tuple(json.loads(listed_words)) if listed_words else ()
                parts = (
                    filename, key, title, caption, *keywords, _camera(make, model), lens, creator
                )  # fmt: skip
                text = " ".join(words(" ".join([part for part in parts if part])))
                found[source_id, key] = ToldThere(
                    f" {text} {named[linked]} ",
                    str(source_id),
                    refs[linked],
                    keywords,
                    rating,
                    _states(bits),
                )
    return found


def _names(refs: tuple[EntityRef, ...]) -> str:
    return " ".join(words(" ".join(f"{ref.id} {ref.name}" for ref in refs)))


@lru_cache(64)
def _states(bits: int) -> frozenset[str]:
    return frozenset(name for at, name in enumerate(_STATES) if bits >> at & 1)


@lru_cache(64)
def _camera(make: str | None, model: str | None) -> str | None:
    return Metadata(make=make, model=model).camera
