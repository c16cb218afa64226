"""Tags: the user's words for assets, the same whatever their case, spelt as first written.

Until the user touches them, an asset's tags are its file's keywords.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gallery_app.catalog.rows import blocks, marks
from gallery_app.catalog.transaction import Transaction
from gallery_app.catalog.values import UNSET, Changes


def follow_keywords(
    transaction: Transaction, keywords: Iterable[tuple[int, Sequence[str]]]
) -> None:
    """Tag new assets with their files' keywords."""
    rows = [
        (asset_id, transaction.tag_id(tag)) for asset_id, words in keywords for tag in _clean(words)
    ]
    transaction.connection.executemany(
        "INSERT OR IGNORE INTO asset_tag (asset_id, tag_id) VALUES (?, ?)", rows
    )


def edit_tags(transaction: Transaction, ids: Sequence[int], changes: Changes) -> None:
    """Set, add, then remove tags of every asset, and note that the user has spoken."""
    added = [] if changes.set_tags is UNSET else _clean(changes.set_tags)
    added += _clean(changes.add_tags)
    removed = {tag.casefold() for tag in _clean(changes.remove_tags)}
    connection = transaction.connection
    if changes.set_tags is not UNSET:
        clear(transaction, ids)
    tag_ids = [transaction.tag_id(tag) for tag in added if tag.casefold() not in removed]
    connection.executemany(
        "INSERT OR IGNORE INTO asset_tag (asset_id, tag_id) VALUES (?, ?)",
        [(asset_id, tag_id) for asset_id in ids for tag_id in tag_ids],
    )
    for folded in removed:
        connection.executemany(
            "DELETE FROM asset_tag WHERE asset_id = ? "
            "AND tag_id = (SELECT id FROM tag WHERE folded = ?)",
            [(asset_id, folded) for asset_id in ids],
        )
    connection.executemany(
        "UPDATE asset SET tags_said = 1 WHERE id = ?", [(asset_id,) for asset_id in ids]
    )


def clear(transaction: Transaction, ids: Sequence[int]) -> None:
    """Take all tags off these assets."""
    for block in blocks(ids):
        transaction.connection.execute(
            f"DELETE FROM asset_tag WHERE asset_id IN ({marks(len(block))})",  # noqa: S608  # question marks only
            block,
        )


def _clean(tags: Iterable[str]) -> list[str]:
    return [kept for tag in tags if (kept := " ".join(tag.split()))]
