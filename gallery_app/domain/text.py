"""How text becomes searchable words: one rule for what is indexed and for what is asked.

The index stores these words joined by blanks, so the full-text engine has nothing left to
decide and a query means the same in SQL and in Python.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from gallery_app.domain.model import Asset

_WORD = re.compile(r"[^\W_]+")
LONGEST_WORD = 64


def words(text: str) -> list[str]:
    """The searchable words of `text`: no accents, no case, letters and digits only.

    "Straße_IMG-0042 (Zoë)" gives ["strasse", "img", "0042", "zoe"].
    """
    if not text.isascii():
        decomposed = unicodedata.normalize("NFKD", text)
        text = "".join(c for c in decomposed if not unicodedata.combining(c))
    return [word[:LONGEST_WORD] for word in _WORD.findall(text.casefold())]


def search_text(asset: Asset) -> str:
    """The words an asset can be found by, each once, joined by single blanks.

    File name, path and name in every source that still offers it, title, caption, keywords,
    tags, camera, lens, place, creator, and the names and ids of its entities.
    """
    meta = asset.metadata
    parts: Iterable[str | None] = (
        asset.filename,
        *(o.key for o in asset.occurrences if o.gone_at is None),
        asset.title,
        asset.caption,
        meta.title,
        meta.caption,
        *meta.keywords,
        *asset.tags,
        meta.camera,
        meta.lens,
        meta.place,
        meta.creator,
        *(part for ref in asset.entities for part in (ref.id, ref.name)),
        *(o.remote.filename for o in asset.occurrences if o.remote and o.gone_at is None),
    )
    return " ".join(dict.fromkeys(words(" ".join(part for part in parts if part))))
