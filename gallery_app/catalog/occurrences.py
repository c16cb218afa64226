"""Where each source offers an asset: what is known, what was seen, what moved, what is gone.

Whether only remotes have an asset's bytes follows from here too (`revive`, `miss`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from gallery_app.catalog.database import Database
from gallery_app.catalog.encoding import (
    DESCRIBED,
    HELD,
    LOCAL_KINDS,
    MISSING,
    READY,
    REFUSED,
    UNREADABLE,
    WANTED,
    signed,
    unsigned,
    utc_ms,
)
from gallery_app.catalog.rows import blocks, marks
from gallery_app.catalog.transaction import Transaction
from gallery_app.catalog.values import Known, SeenOccurrence
from gallery_app.domain.model import AssetId, SourceId

_PUT = """
    INSERT INTO occurrence
        (source_id, key, asset_id, folder_id, size_bytes, mtime_ns, inode, first_seen)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (source_id, key) DO UPDATE SET
        asset_id = excluded.asset_id, size_bytes = excluded.size_bytes,
        mtime_ns = excluded.mtime_ns, inode = excluded.inode, gone_at = NULL
"""


class Occurrences:
    """What is known of the files of a source."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def known(self, source_id: SourceId, prefix: str = "") -> dict[str, Known]:
        """Every file ever seen whose key begins with `prefix`, by key; the gone ones too."""
        sql = (
            "SELECT key, size_bytes, mtime_ns, inode, asset_id, gone_at IS NOT NULL "
            "FROM occurrence WHERE source_id = ?"
        )
        parameters: list[object] = [source_id]
        if prefix:
            # Keys are ordered by code point, so what begins with the prefix is one range.
            end = _after(prefix)
            sql += " AND key >= ?" + ("" if end is None else " AND key < ?")
            parameters += [prefix] if end is None else [prefix, end]
        return {
            key: Known(
                size, mtime_ns, inode if inode >= 0 else unsigned(inode), asset_id, bool(gone)
            )
            for key, size, mtime_ns, inode, asset_id, gone in self._database.rows(sql, parameters)
        }


def _after(prefix: str) -> str | None:
    """The first text after all that begin with `prefix`, None when there is none."""
    last = ord(prefix[-1]) + 1
    if last > 0x10FFFF:
        before = prefix[:-1]
        return _after(before) if before else None
    # The block of surrogates holds no characters.
    return prefix[:-1] + chr(0xE000 if 0xD800 <= last <= 0xDFFF else last)


def folder_of(key: str) -> str:
    """The folder a key lies in, "" for the root."""
    return key.rpartition("/")[0]


def put(
    transaction: Transaction,
    source_id: int,
    seen: Sequence[SeenOccurrence],
    *,
    at: datetime,
    folders: bool = True,
) -> None:
    """Write what a source offers now; assets that come or go with it are touched.

    Without `folders` the keys are no paths: all lie in the source's root.
    """
    connection = transaction.connection
    now = utc_ms(at)
    before: dict[str, tuple[int | None, bool]] = {}
    for block in blocks(seen):
        keys = [s.key for s in block]
        before.update(
            (key, (asset_id, bool(gone)))
            for key, asset_id, gone in connection.execute(
                "SELECT key, asset_id, gone_at IS NOT NULL FROM occurrence "  # noqa: S608  # question marks only
                f"WHERE source_id = ? AND key IN ({marks(len(keys))})",
                (source_id, *keys),
            )
        )
    connection.executemany(
        _PUT,
        [
            (
                source_id, s.key, s.asset_id,
                transaction.folder_id(source_id, folder_of(s.key) if folders else ""),
                s.size_bytes, s.mtime_ns, signed(s.inode), now,
            )
            for s in seen
        ],
    )  # fmt: skip
    offered: set[int] = set()
    left: set[int] = set()
    for s in seen:
        old, gone = before.get(s.key, (None, True))
        if gone or old != s.asset_id:
            if s.asset_id is not None:
                offered.add(s.asset_id)
            if old is not None and old != s.asset_id:
                left.add(old)
    transaction.touch(offered, words=True)
    revive(transaction, offered)
    miss(transaction, left - offered)


def move(
    transaction: Transaction,
    source_id: int,
    moves: Sequence[tuple[str, SeenOccurrence]],
    *,
    at: datetime,
) -> None:
    """Give occurrences new keys; the assets' names follow."""
    connection = transaction.connection
    firsts: dict[str, int] = {}
    left: set[int] = set()
    for old_key, seen in moves:
        row = connection.execute(
            "SELECT first_seen, asset_id FROM occurrence WHERE source_id = ? AND key = ?",
            (source_id, old_key),
        ).fetchone()
        if row is not None:
            firsts[old_key] = row[0]
            if row[1] is not None and row[1] != seen.asset_id:
                left.add(row[1])
    old_keys = [(source_id, old_key) for old_key, _ in moves]
    found = {
        old_key: connection.execute(
            "DELETE FROM occurrence_entity WHERE source_id = ? AND key = ? "
            "RETURNING entity_id, found",
            (source_id, old_key),
        ).fetchall()
        for old_key, _ in moves
    }
    connection.executemany("DELETE FROM occurrence WHERE source_id = ? AND key = ?", old_keys)
    connection.executemany(
        "INSERT OR IGNORE INTO occurrence_entity VALUES (?, ?, ?, ?)",
        [(source_id, s.key, *pair) for old_key, s in moves for pair in found[old_key]],
    )
    put(transaction, source_id, [seen for _, seen in moves], at=at)
    miss(transaction, left)
    connection.executemany(
        "UPDATE occurrence SET first_seen = ? WHERE source_id = ? AND key = ?",
        [(firsts[old], source_id, s.key) for old, s in moves if old in firsts],
    )
    named = [
        (name, name.casefold(), s.asset_id)
        for _, s in moves
        if s.asset_id is not None
        for name in [s.key.rpartition("/")[2]]
    ]
    connection.executemany("UPDATE asset SET filename = ?, name_key = ? WHERE id = ?", named)
    transaction.touch([row[2] for row in named], words=True)


def mark_gone(
    transaction: Transaction, source_id: int, keys: Sequence[str], *, at: datetime
) -> int:
    """Note that a source offers these keys no more; returns how many it did until now."""
    connection = transaction.connection
    assets: set[int] = set()
    count = 0
    for block in blocks(keys):
        where = f"source_id = ? AND gone_at IS NULL AND key IN ({marks(len(block))})"
        rows = connection.execute(
            f"SELECT asset_id FROM occurrence WHERE {where}",  # noqa: S608  # question marks only
            (source_id, *block),
        ).fetchall()
        count += len(rows)
        assets.update(row[0] for row in rows if row[0] is not None)
        connection.execute(
            f"UPDATE occurrence SET gone_at = ? WHERE {where}",  # noqa: S608  # question marks only
            (utc_ms(at), source_id, *block),
        )
    miss(transaction, assets)
    return count


def miss(transaction: Transaction, ids: set[int]) -> None:
    """Call those of the assets missing that no source offers and that are not stored by us."""
    transaction.touch(ids, words=True)
    transaction.connection.executemany(
        "UPDATE asset SET status = ? WHERE id = ? AND stored_key IS NULL AND NOT EXISTS ("
        "SELECT 1 FROM occurrence o JOIN source s ON s.id = o.source_id "
        "WHERE o.asset_id = asset.id AND o.gone_at IS NULL AND s.removed_at IS NULL)",
        [(MISSING, i) for i in ids],
    )
    leave_to_remotes(transaction, ids)


def revive(transaction: Transaction, ids: set[int]) -> None:
    """Give assets that were missing and are offered again the state they can have."""
    transaction.touch(ids, words=True)
    transaction.connection.executemany(
        "UPDATE asset SET attempts = 0, status = CASE WHEN phash IS NOT NULL THEN ? "
        "WHEN problem_code IS NOT NULL THEN ? ELSE ? END WHERE id = ? AND status = ?",
        [(READY, UNREADABLE, DESCRIBED, AssetId(i), MISSING) for i in ids],
    )
    take_from_remotes(transaction, ids)


# Whether the bytes of `asset` lie here: stored by us, or in a folder that still offers them.
_HERE = f"""(asset.stored_key IS NOT NULL OR EXISTS (
    SELECT 1 FROM occurrence o JOIN source s ON s.id = o.source_id
     WHERE o.asset_id = asset.id AND o.gone_at IS NULL AND s.kind IN {LOCAL_KINDS}))
"""  # noqa: S608  # fixed text
_THERE = f"""EXISTS (
    SELECT 1 FROM occurrence o JOIN source s ON s.id = o.source_id
     WHERE o.asset_id = asset.id AND o.gone_at IS NULL AND s.kind NOT IN {LOCAL_KINDS})
"""  # noqa: S608  # fixed text


def take_from_remotes(transaction: Transaction, ids: Iterable[int]) -> None:
    """Have those of the assets rendered from their own bytes that only remotes had until now."""
    taken: list[tuple[int]] = []
    for block in blocks(list(ids)):
        taken += transaction.connection.execute(
            "UPDATE asset SET remote = 0, attempts = 0, "  # noqa: S608  # fixed numbers and text
            f"status = iif(sha256 IS NULL AND status IN ({READY}, {UNREADABLE}), {DESCRIBED}, "
            "status), problem_code = iif(sha256 IS NULL, NULL, problem_code), "
            "problem_sentence = iif(sha256 IS NULL, NULL, problem_sentence) "
            f"WHERE remote = 1 AND id IN ({marks(len(block))}) AND {_HERE} RETURNING id",
            block,
        )
    transaction.connection.executemany(
        f"UPDATE remote_image SET state = {HELD}, lease_until = NULL, error = NULL "  # noqa: S608  # fixed numbers
        f"WHERE asset_id = ? AND state IN ({WANTED}, {REFUSED})",
        taken,
    )


def leave_to_remotes(transaction: Transaction, ids: Iterable[int]) -> None:
    """Note of which of the assets only remotes have the bytes now; unseen ones are wanted."""
    left: list[tuple[int]] = []
    for block in blocks(list(ids)):
        left += transaction.connection.execute(
            f"UPDATE asset SET remote = 1 WHERE remote = 0 AND id IN ({marks(len(block))}) "  # noqa: S608  # fixed text
            f"AND NOT {_HERE} AND {_THERE} RETURNING id",
            block,
        )
    transaction.connection.executemany(
        f"UPDATE remote_image SET state = {WANTED}, attempts = 0, run_after = NULL "  # noqa: S608  # fixed numbers
        f"WHERE asset_id = ?1 AND state = {HELD} AND EXISTS (SELECT 1 FROM asset a "
        "WHERE a.id = ?1 AND a.sha256 IS NULL AND a.stand_in IS NULL)",
        left,
    )
