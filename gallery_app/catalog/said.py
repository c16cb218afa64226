"""What people said of a picture at its remote, applied to the asset as edits.

At first sight it fills what the asset has not; later only what changed at the remote counts, and
outweighs the gallery's own words.
"""

from __future__ import annotations

import json
from typing import Any

from gallery_app.catalog.tags import edit_tags
from gallery_app.catalog.transaction import Transaction
from gallery_app.catalog.values import Changes
from gallery_app.domain.remote import Said

_NOTHING = Said()


def written(said: Said | None) -> str | None:
    """The text that is kept of what was said."""
    if said is None or said == _NOTHING:
        return None
    facts: dict[str, object] = {
        "favourite": said.favourite, "rating": said.rating, "caption": said.caption,
        "tags": said.tags,
    }  # fmt: skip
    kept = {name: value for name, value in facts.items() if value is not None}
    return json.dumps(kept, ensure_ascii=False)


def read(text: str | None) -> Said | None:
    """What `written` kept."""
    if text is None:
        return None
    facts: dict[str, Any] = json.loads(text)
    if "tags" in facts:
        facts["tags"] = tuple(facts["tags"])
    return Said(**facts)


def apply_first(transaction: Transaction, asset_id: int, said: Said | None) -> None:
    """Fill what the asset has no word of its own or of its file for."""
    if said is None or said == _NOTHING:
        return
    row = transaction.connection.execute(
        "SELECT coalesce(rating, file_rating), coalesce(caption, nullif(file_caption, '')), "
        "tags_said OR EXISTS (SELECT 1 FROM asset_tag x WHERE x.asset_id = asset.id), favourite "
        "FROM asset WHERE id = ?",
        (asset_id,),
    ).fetchone()
    if row is None:
        return
    rating, caption, tagged, favourite = row
    changes: dict[str, object] = {}
    if said.favourite and not favourite:
        changes["favourite"] = 1
    if said.rating is not None and rating is None:
        changes["rating"] = said.rating
    if said.caption and caption is None:  # an empty one was emptied here
        changes["caption"] = said.caption
    _edit(transaction, asset_id, changes)
    if said.tags and not tagged:
        edit_tags(transaction, [asset_id], Changes(add_tags=said.tags))
        transaction.touch([asset_id], words=True)


def apply_changes(
    transaction: Transaction, asset_id: int, *, before: Said | None, after: Said | None
) -> None:
    """Write what the remote now says otherwise than before; the rest stays as it is here."""
    old, new = before or _NOTHING, after or _NOTHING
    changes: dict[str, object] = {}
    if new.favourite is not None and new.favourite != bool(old.favourite):
        changes["favourite"] = int(new.favourite)
    if new.rating != old.rating:
        changes["rating"] = new.rating
    if (new.caption or None) != (old.caption or None):
        changes["caption"] = new.caption or None
    _edit(transaction, asset_id, changes)
    if new.tags is None:
        return
    had = {tag.casefold() for tag in old.tags or ()}
    has = {tag.casefold() for tag in new.tags}
    added = [tag for tag in new.tags if tag.casefold() not in had]
    removed = [tag for tag in old.tags or () if tag.casefold() not in has]
    if added or removed:
        edit_tags(transaction, [asset_id], Changes(add_tags=added, remove_tags=removed))
        transaction.touch([asset_id], words=True)


def _edit(transaction: Transaction, asset_id: int, changes: dict[str, object]) -> None:
    if changes:
        assignments = ", ".join(f"{name} = ?" for name in changes)
        transaction.connection.execute(
            f"UPDATE asset SET {assignments} WHERE id = ?",  # noqa: S608  # names from above
            (*changes.values(), asset_id),
        )
        transaction.touch([asset_id], words="caption" in changes)
