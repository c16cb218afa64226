"""Leaving a source and coming back to it, piece by piece; see `unfinished.py`."""

from __future__ import annotations

from datetime import datetime

from gallery_app.catalog import unfinished
from gallery_app.catalog.encoding import GONE, from_utc_ms, utc_ms
from gallery_app.catalog.occurrences import leave_to_remotes, mark_gone, revive
from gallery_app.catalog.rows import marks
from gallery_app.catalog.transaction import Transaction

# At the moment of the removal: into the trash what is stored and no source offers, or out of it.
_DROP = """
    UPDATE asset SET trashed_at = ? WHERE stored_key IS NOT NULL AND trashed_at IS NULL
       AND NOT EXISTS (SELECT 1 FROM occurrence o WHERE o.asset_id = asset.id AND o.gone_at IS NULL)
"""
_KEEP = "UPDATE asset SET trashed_at = NULL WHERE trashed_at = ?"

_OFFER_AGAIN = f"""
    UPDATE occurrence SET gone_at = NULL WHERE source_id = ? AND gone_at = ? AND NOT EXISTS (
        SELECT 1 FROM remote_image r WHERE r.source_id = occurrence.source_id
           AND r.key = occurrence.key AND r.state = {GONE})
"""  # noqa: S608  # fixed number


def begin_removal(transaction: Transaction, source_id: int, at: datetime, *, keep: bool) -> None:
    """The source is removed from now on; what it offered follows, as this last word has it."""
    connection = transaction.connection
    removed = connection.execute(
        "UPDATE source SET removed_at = ? WHERE id = ? AND removed_at IS NULL",
        (utc_ms(at), source_id),
    ).rowcount
    returning = unfinished.facts_of(transaction, "restore", source_id)
    if removed and returning is not None:  # what was not back yet leaves with the rest
        moment = (utc_ms(at), source_id, returning["at"])
        connection.execute(
            "UPDATE asset SET trashed_at = ?1 WHERE trashed_at = ?3 AND id IN ("
            "SELECT asset_id FROM occurrence WHERE source_id = ?2)",
            moment,
        )
        connection.execute(
            "UPDATE occurrence SET gone_at = ?1 WHERE source_id = ?2 AND gone_at = ?3", moment
        )
        unfinished.forget(transaction, "restore", source_id)
    # One that was removed already is known by the moment it was.
    unfinished.note(transaction, "remove", source_id, {"keep": int(keep)})
    transaction.sources_changed = True


def begin_restoring(transaction: Transaction, source_id: int, removed_at: int) -> None:
    """The source is there from now on; what it offered when it was removed follows."""
    transaction.connection.execute(
        "UPDATE source SET removed_at = NULL, error = NULL, state = 'online' WHERE id = ?",
        (source_id,),
    )
    unfinished.forget(transaction, "remove", source_id)
    unfinished.note(transaction, "restore", source_id, {"at": removed_at})
    transaction.sources_changed = True


def remove_some(
    transaction: Transaction, source_id: int, after: str, facts: dict[str, int]
) -> str | None:
    """A piece of a removal; up to which key, None when it is done."""
    connection = transaction.connection
    (at,) = connection.execute(
        "SELECT removed_at FROM source WHERE id = ?", (source_id,)
    ).fetchone()
    if at is None:  # it was added again
        return None
    # What is marked at this very moment was so by an earlier word, kept or dropped as that had it.
    rows = connection.execute(
        "SELECT key, asset_id FROM occurrence WHERE source_id = ? AND key > ? "
        "AND (gone_at IS NULL OR gone_at = ?) ORDER BY key LIMIT ?",
        (source_id, after, at, unfinished.PIECE),
    ).fetchall()
    keys = [row[0] for row in rows]
    mark_gone(transaction, source_id, keys, at=from_utc_ms(at))
    ids = [row[1] for row in rows if row[1] is not None]
    change = _KEEP if facts["keep"] else _DROP
    changed = connection.execute(f"{change} AND id IN ({marks(len(ids))}) RETURNING id", (at, *ids))
    transaction.touch([row[0] for row in changed.fetchall()], words=False)
    return keys[-1] if len(keys) == unfinished.PIECE else None


def restore_some(
    transaction: Transaction, source_id: int, after: str, facts: dict[str, int]
) -> str | None:
    """A piece of what comes back; up to which key, None when all is there."""
    connection = transaction.connection
    # What was marked at that very moment was marked by the removal. A sync may have been faster:
    # what it listed again may be in the trash still, what it told to be gone is so.
    rows = connection.execute(
        "SELECT o.key, o.asset_id FROM occurrence o LEFT JOIN asset a ON a.id = o.asset_id "
        "WHERE o.source_id = ?1 AND o.key > ?2 AND (o.gone_at = ?3 OR a.trashed_at = ?3) "
        "ORDER BY o.key LIMIT ?4",
        (source_id, after, facts["at"], unfinished.PIECE),
    ).fetchall()
    keys = [row[0] for row in rows]
    offered = connection.execute(
        f"{_OFFER_AGAIN} AND key IN ({marks(len(keys))}) RETURNING asset_id",
        (source_id, facts["at"], *keys),
    ).fetchall()
    theirs = [row[1] for row in rows if row[1] is not None]
    connection.executemany(
        "UPDATE asset SET trashed_at = NULL WHERE id = ? AND trashed_at = ?",
        [(asset_id, facts["at"]) for asset_id in theirs],
    )
    transaction.touch(theirs, words=False)
    back = {row[0] for row in offered if row[0] is not None}
    revive(transaction, back)
    leave_to_remotes(transaction, back)
    return keys[-1] if len(keys) == unfinished.PIECE else None
