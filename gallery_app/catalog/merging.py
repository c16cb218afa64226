"""When two assets turn out to be one picture: everything moves to one of them.

That is the one whose bytes lie here, and of two such (or none) the older.
"""

from __future__ import annotations

from datetime import datetime

from gallery_app.catalog.encoding import HELD, REFUSED, WANTED, local_ms
from gallery_app.catalog.occurrences import leave_to_remotes, revive, take_from_remotes
from gallery_app.catalog.transaction import Transaction
from gallery_app.domain.model import Metadata

# A file that knows no date of its own takes the one that its twin knows.
_BETTER = (
    "coalesce(asset.taken_from, 'file') = 'file' AND coalesce(gone.taken_from, 'file') <> 'file'"
)
_INHERIT = f"""
    UPDATE asset SET
        stored_key = coalesce(asset.stored_key, gone.stored_key),
        title = coalesce(asset.title, gone.title),
        caption = coalesce(asset.caption, gone.caption),
        alt_text = coalesce(asset.alt_text, gone.alt_text),
        sha1 = coalesce(asset.sha1, gone.sha1),
        rating = coalesce(asset.rating, gone.rating),
        favourite = max(asset.favourite, gone.favourite),
        tags_said = max(asset.tags_said, gone.tags_said),
        taken_at = iif({_BETTER}, gone.taken_at, asset.taken_at),
        file_taken_at = iif({_BETTER}, gone.file_taken_at, asset.file_taken_at),
        taken_field = iif({_BETTER}, gone.taken_field, asset.taken_field),
        offset_minutes = iif({_BETTER}, gone.offset_minutes, asset.offset_minutes),
        taken_from = iif({_BETTER}, gone.taken_from, asset.taken_from),
        camera_id = coalesce(asset.camera_id, gone.camera_id),
        lens = coalesce(asset.lens, gone.lens),
        latitude = coalesce(asset.latitude, gone.latitude),
        longitude = iif(asset.latitude IS NULL, gone.longitude, asset.longitude),
        place = coalesce(asset.place, gone.place),
        trashed_at = iif(gone.stored_key IS NOT NULL AND gone.trashed_at IS NULL,
            NULL, asset.trashed_at)
    FROM (SELECT * FROM asset WHERE id = :gone) AS gone WHERE asset.id = :kept
"""  # noqa: S608  # fixed text


def survivor(transaction: Transaction, one: int, other: int) -> tuple[int, int]:
    """(the asset that stays, the one that becomes part of it)."""
    rows = transaction.connection.execute(
        "SELECT id FROM asset WHERE id IN (?, ?) ORDER BY remote, id", (one, other)
    ).fetchall()
    return rows[0][0], rows[1][0]


def lend_date(
    transaction: Transaction, asset_id: int, metadata: Metadata, taken_at: datetime
) -> None:
    """Give an asset that knows no date of its own the one a remote tells of the same bytes."""
    lent = transaction.connection.execute(
        "UPDATE asset SET taken_at = ?1, file_taken_at = ?1, taken_from = ?2, taken_field = ?3, "
        "offset_minutes = ?4 WHERE id = ?5 AND coalesce(taken_from, 'file') = 'file'",
        (
            local_ms(taken_at), metadata.taken_from, metadata.taken_field,
            metadata.offset_minutes, asset_id,
        ),
    )  # fmt: skip
    if lent.rowcount:
        transaction.touch([asset_id], words=False)


def merge_twins(transaction: Transaction, kept: int, sha1: bytes | None) -> None:
    """Merge what remotes offer with this SHA-1, and nobody has read yet, into asset `kept`."""
    if sha1 is None:
        return
    twins = transaction.connection.execute(
        "SELECT id FROM asset WHERE sha1 = ? AND sha256 IS NULL AND remote = 1 AND id <> ?",
        (sha1, kept),
    ).fetchall()
    for (twin,) in twins:
        merge(transaction, kept, twin)


def merge(transaction: Transaction, kept: int, gone: int) -> None:
    """Move all that hangs on asset `gone` to asset `kept` and delete its row.

    Links, downloads and the outside's uid of `gone` lead to `kept` from now on. The trash is
    the kept one's own: a copy of a trashed picture stays in the trash, but an upload that is
    not in the trash itself brings it back, as nobody's upload may vanish.
    """
    connection = transaction.connection
    pair = {"kept": kept, "gone": gone}
    # Tags are one statement as a whole: the user's word for them outweighs the file's keywords,
    # and what was taken away is not brought back by a copy's own keywords.
    said = dict(
        connection.execute("SELECT id, tags_said FROM asset WHERE id IN (:kept, :gone)", pair)
    )
    connection.execute(_INHERIT, pair)
    connection.execute("UPDATE occurrence SET asset_id = :kept WHERE asset_id = :gone", pair)
    connection.execute("UPDATE remote_image SET asset_id = :kept WHERE asset_id = :gone", pair)
    if said[gone] and not said[kept]:
        connection.execute("DELETE FROM asset_tag WHERE asset_id = :kept", pair)
    if said[gone] >= said[kept]:
        connection.execute(
            "INSERT OR IGNORE INTO asset_tag (asset_id, tag_id) "
            "SELECT :kept, tag_id FROM asset_tag WHERE asset_id = :gone",
            pair,
        )
    connection.execute("DELETE FROM asset_tag WHERE asset_id = :gone", pair)
    connection.execute("UPDATE share_link_asset SET asset_id = :kept WHERE asset_id = :gone", pair)
    connection.execute("UPDATE download SET asset_id = :kept WHERE asset_id = :gone", pair)
    connection.execute("UPDATE merged_asset SET asset_id = :kept WHERE asset_id = :gone", pair)
    connection.execute(
        "INSERT INTO merged_asset (uid, old_id, asset_id) "
        "SELECT uid, id, :kept FROM asset WHERE id = :gone",
        pair,
    )
    connection.execute("DELETE FROM asset WHERE id = :gone", pair)
    transaction.touch([kept, gone], words=True)
    transaction.links_changed = True
    # Only a live occurrence or stored bytes bring a missing asset back.
    if connection.execute(
        "SELECT 1 FROM asset a WHERE a.id = :kept AND (a.stored_key IS NOT NULL OR EXISTS ("
        "SELECT 1 FROM occurrence o WHERE o.asset_id = a.id AND o.gone_at IS NULL))",
        pair,
    ).fetchone():
        revive(transaction, {kept})
    _settle_remotes(transaction, kept)


def _settle_remotes(transaction: Transaction, kept: int) -> None:
    """What a remote was to be asked for is held once the bytes lie here."""
    take_from_remotes(transaction, [kept])
    leave_to_remotes(transaction, [kept])
    transaction.connection.execute(
        f"UPDATE remote_image SET state = {HELD}, lease_until = NULL, error = NULL "  # noqa: S608  # fixed numbers
        f"WHERE asset_id = ?1 AND state IN ({WANTED}, {REFUSED}) "
        "AND EXISTS (SELECT 1 FROM asset a WHERE a.id = ?1 AND a.remote = 0)",
        (kept,),
    )
