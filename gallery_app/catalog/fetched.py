"""What came of a remote's picture: its bytes, or a preview of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from gallery_app.catalog import occurrences as offers
from gallery_app.catalog import said
from gallery_app.catalog.encoding import (
    GONE,
    HELD,
    MISSING,
    READY,
    REFUSED,
    WANTED,
    signed,
    utc_ms,
)
from gallery_app.catalog.merging import merge, merge_twins
from gallery_app.catalog.transaction import Transaction
from gallery_app.catalog.values import SeenOccurrence
from gallery_app.domain.errors import NotFound
from gallery_app.domain.model import AssetId, Processed

_PREVIEWED = """
    UPDATE asset SET status = iif(status = ?, status, ?), phash = ?, colour = ?, placeholder = ?,
        stand_in = ?, width = coalesce(nullif(width, 0), ?),
        height = coalesce(nullif(height, 0), ?),
        problem_code = NULL, problem_sentence = NULL, version = version + 1
    WHERE id = ? AND remote = 1 AND sha256 IS NULL
"""


def hold(
    transaction: Transaction,
    source_id: int,
    key: str,
    asset_id: AssetId,
    *,
    occurrence: SeenOccurrence,
    at: datetime,
    version: str | None,
) -> AssetId:
    """The bytes of a listed picture came; see `Writer.hold_remote`."""
    connection = transaction.connection
    row = connection.execute(
        "SELECT state, asset_id, said, version FROM remote_image WHERE source_id = ? AND key = ?",
        (source_id, key),
    ).fetchone()
    if row is None:
        raise NotFound("picture of this source")
    state, before, words, listed = row
    stood_for_it = before not in {None, asset_id} and _without_bytes(
        transaction, before, source_id, key
    )
    if stood_for_it:
        merge(transaction, asset_id, before)
    seen = replace(occurrence, key=key, asset_id=asset_id)
    offers.put(transaction, source_id, [seen], at=at, folders=False)
    settled = GONE if state == GONE else HELD
    if version is not None and version != listed:
        settled = state
    connection.execute(
        "UPDATE remote_image SET state = ?, asset_id = ?, fetched_at = ?, error = NULL, "
        "lease_until = NULL, run_after = NULL WHERE source_id = ? AND key = ?",
        (settled, asset_id, utc_ms(at), source_id, key),
    )
    if state == GONE:
        offers.mark_gone(transaction, source_id, [key], at=at)
    if before != asset_id and not stood_for_it:
        said.apply_first(transaction, asset_id, said.read(words))
    (sha1,) = connection.execute("SELECT sha1 FROM asset WHERE id = ?", (asset_id,)).fetchone()
    merge_twins(transaction, asset_id, sha1)
    transaction.touch([asset_id], words=True)
    return asset_id


def _without_bytes(transaction: Transaction, asset_id: int, source_id: int, key: str) -> bool:
    """Whether the asset is only what this key was listed as, and nobody read its bytes."""
    row = transaction.connection.execute(
        "SELECT 1 FROM asset a WHERE a.id = ? AND a.remote = 1 AND a.sha256 IS NULL "
        "AND NOT EXISTS (SELECT 1 FROM occurrence o WHERE o.asset_id = a.id "
        "AND o.gone_at IS NULL AND (o.source_id <> ? OR o.key <> ?))",
        (asset_id, source_id, key),
    ).fetchone()
    return row is not None


def finish_preview(
    transaction: Transaction,
    asset_id: AssetId,
    processed: Processed,
    stand_in: str,
    *,
    at: datetime,
    version: str | None,
) -> None:
    """A remote's preview was rendered; see `Writer.finish_preview`."""
    connection = transaction.connection
    held = connection.execute(
        f"UPDATE remote_image SET state = {HELD}, fetched_at = ?1, error = NULL, "  # noqa: S608  # fixed numbers
        "lease_until = NULL, run_after = NULL WHERE asset_id = ?2 "
        f"AND state IN ({WANTED}, {REFUSED}) AND (?3 IS NULL OR version = ?3)",
        (utc_ms(at), asset_id, version),
    ).rowcount
    if version is not None and not held:
        return
    connection.execute(
        _PREVIEWED,
        (
            MISSING, READY, signed(processed.phash), processed.colour, processed.placeholder,
            bytes.fromhex(stand_in), processed.size.width, processed.size.height, asset_id,
        ),
    )  # fmt: skip
    transaction.touch([asset_id], words=False)
