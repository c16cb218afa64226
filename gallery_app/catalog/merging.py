"""When two assets turn out to be one picture: everything moves to the older one."""

from __future__ import annotations

from gallery_app.catalog.occurrences import revive
from gallery_app.catalog.transaction import Transaction

_INHERIT = """
    UPDATE asset SET
        stored_key = coalesce(asset.stored_key, gone.stored_key),
        title = coalesce(asset.title, gone.title),
        caption = coalesce(asset.caption, gone.caption),
        alt_text = coalesce(asset.alt_text, gone.alt_text),
        rating = coalesce(asset.rating, gone.rating),
        favourite = max(asset.favourite, gone.favourite),
        tags_said = max(asset.tags_said, gone.tags_said),
        trashed_at = iif(gone.stored_key IS NOT NULL AND gone.trashed_at IS NULL,
            NULL, asset.trashed_at)
    FROM (SELECT * FROM asset WHERE id = :gone) AS gone WHERE asset.id = :kept
"""


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
