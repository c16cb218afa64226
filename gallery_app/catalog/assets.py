"""Assets by their names: whole ones, what serving needs, and what waits to be rendered."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Sequence

import numpy as np

from gallery_app.catalog.columns import EXISTS, REMOTE, TRASHED, Columns
from gallery_app.catalog.database import Database, Row
from gallery_app.catalog.encoding import DESCRIBED, MISSING, MOST_ATTEMPTS, READY, STATUSES
from gallery_app.catalog.rows import blocks, marks, whole_assets
from gallery_app.catalog.values import Pending, Serving
from gallery_app.domain.media import MEDIA_CODES
from gallery_app.domain.model import (
    Asset,
    AssetId,
    Location,
    QuickHash,
    Sha256,
    uid_from_bytes,
    uid_to_bytes,
)

_SERVING = (
    "SELECT id, coalesce(sha256, stand_in), version, status, media_type, filename, trashed_at, "
    "remote FROM asset "
)


class Assets:
    """What is known of single assets."""

    def __init__(self, database: Database, columns: Columns) -> None:
        self._database = database
        self._columns = columns

    def get(self, uid: str) -> Asset | None:
        """The whole asset of a uid; a merged one's uid leads to the asset it became part of."""
        asset_id = self.ids_of([uid]).get(uid)
        return None if asset_id is None else self.by_id(asset_id)

    def by_id(self, asset_id: AssetId) -> Asset | None:
        """The whole asset, None when there is none."""
        return next(iter(self.many([asset_id])), None)

    def many(self, ids: Sequence[AssetId]) -> list[Asset]:
        """Whole assets in the order of `ids`; those that are no more are left out."""
        with self._database.reading() as connection:
            return whole_assets(connection, ids)

    def by_sha256(self, sha256: Sha256) -> Asset | None:
        """The asset whose original has this hash."""
        row = self._database.row("SELECT id FROM asset WHERE sha256 = ?", (bytes.fromhex(sha256),))
        return None if row is None else self.by_id(AssetId(row[0]))

    def stored_keys(self) -> set[str]:
        """The key of every original in our store that a row names."""
        rows = self._database.rows("SELECT stored_key FROM asset WHERE stored_key IS NOT NULL")
        return {row[0] for row in rows}

    def by_quick_hash(self, hashes: Sequence[QuickHash]) -> dict[QuickHash, list[AssetId]]:
        """The assets of each quick hash that has any, oldest first."""
        found: dict[QuickHash, list[AssetId]] = {}
        wanted = list(dict.fromkeys(hashes))
        for start in range(0, len(wanted), 500):
            raw = [bytes.fromhex(h) for h in wanted[start : start + 500]]
            for quick_hash, asset_id in self._database.rows(
                "SELECT quick_hash, id FROM asset "  # noqa: S608  # question marks only
                f"WHERE quick_hash IN ({marks(len(raw))}) ORDER BY id",
                raw,
            ):
                found.setdefault(QuickHash(quick_hash.hex()), []).append(AssetId(asset_id))
        return found

    def unhashed(self, sizes_bytes: Sequence[int]) -> list[AssetId]:
        """Ready assets with bytes here, of one of these sizes, whose SHA-1 is not known yet."""
        found: list[AssetId] = []
        for block in blocks(list(dict.fromkeys(sizes_bytes))):
            found += (
                AssetId(row[0])
                for row in self._database.rows(
                    f"SELECT id FROM asset WHERE sha1 IS NULL AND status = {READY} "  # noqa: S608  # fixed numbers and question marks
                    f"AND remote = 0 AND size_bytes IN ({marks(len(block))}) ORDER BY id",
                    block,
                )
            )
        return found

    def ids_of(self, uids: Sequence[str]) -> dict[str, AssetId]:
        """The id of each uid that leads to an asset."""
        names = {raw: uid for uid in uids if (raw := uid_to_bytes(uid)) is not None}
        found: dict[str, AssetId] = {}
        raws = list(names)
        for start in range(0, len(raws), 500):
            block = raws[start : start + 500]
            for column, table in (("asset_id", "merged_asset"), ("id", "asset")):
                found.update(
                    (names[raw], AssetId(asset_id))
                    for raw, asset_id in self._database.rows(
                        f"SELECT uid, {column} FROM {table} WHERE uid IN ({marks(len(block))})",  # noqa: S608  # names from the tuple above
                        block,
                    )
                )
        return found

    def serving(self, uid: str) -> Serving | None:
        """What answering a request for the asset's bytes needs; one indexed look-up."""
        raw = uid_to_bytes(uid)
        if raw is None:
            return None
        rows = self._database.rows(_SERVING + "WHERE uid = ?", (raw,))
        if not rows:
            rows = self._database.rows(
                _SERVING + "WHERE id = (SELECT asset_id FROM merged_asset WHERE uid = ?)",  # noqa: S608  # fixed text
                (raw,),
            )
            if not rows:
                return None
        asset_id, sha256, version, status, media_type, filename, trashed_at, remote = rows[0]
        return Serving(
            asset_id, sha256 and sha256.hex(), version, STATUSES[status],
            MEDIA_CODES[media_type], filename, trashed_at is not None, bool(remote),
        )  # fmt: skip

    def locations(self, asset_id: AssetId) -> list[Location]:
        """Where the bytes lie: stored first, then where sources still offer them."""
        return list(self._locations([asset_id]).get(asset_id, ()))

    def _locations(self, ids: Sequence[int]) -> dict[int, tuple[Location, ...]]:
        found: dict[int, list[Location]] = {}
        for block in blocks(ids):
            listed = f"({marks(len(block))})"
            for asset_id, source_id, key, stored_key in self._database.rows(
                "SELECT id, NULL, NULL, stored_key FROM asset "  # noqa: S608  # question marks only
                f"WHERE stored_key IS NOT NULL AND id IN {listed} "
                "UNION ALL SELECT * FROM (SELECT o.asset_id, o.source_id, o.key, NULL "
                "FROM occurrence o JOIN source s ON s.id = o.source_id "
                f"WHERE o.gone_at IS NULL AND s.removed_at IS NULL AND o.asset_id IN {listed} "
                "ORDER BY o.source_id, o.key)",
                (*block, *block),
            ):
                found.setdefault(asset_id, []).append(Location(source_id, key, stored_key))
        return {asset_id: tuple(places) for asset_id, places in found.items()}

    def claim_render(self, limit: int, *, exclude: Collection[AssetId] = ()) -> list[Pending]:
        """Described assets whose bytes lie here, to render next: newest first, the trash last.

        Their attempts are raised durably before this returns, so that an original that kills
        its worker, and the program with it, is tried three times and no more.
        """
        excluded = set(exclude)
        rows: list[Row] = []
        with self._database.writing() as connection:
            for trashed in ("trashed_at IS NULL", "trashed_at IS NOT NULL"):
                if len(rows) >= limit:
                    break
                cursor = connection.execute(
                    "SELECT id, uid, filename, attempts + 1, media_type FROM asset "  # noqa: S608  # text from the tuple above
                    f"WHERE status = {DESCRIBED} AND remote = 0 "
                    f"AND attempts < {MOST_ATTEMPTS} AND {trashed} "
                    "ORDER BY taken_at DESC, id DESC"
                )
                for row in cursor:
                    if row[0] not in excluded:
                        rows.append(row)
                        if len(rows) >= limit:
                            break
                cursor.close()
            connection.executemany(
                "UPDATE asset SET attempts = attempts + 1 WHERE id = ?", [(r[0],) for r in rows]
            )
        return self._pending(rows)

    def claim_one(self, asset_id: AssetId) -> Pending | None:
        """Claim this asset as `claim_render` does, however often; None unless it is to render."""
        with self._database.writing() as connection:
            rows = connection.execute(
                "UPDATE asset SET attempts = attempts + 1 "  # noqa: S608  # fixed numbers
                f"WHERE id = ? AND status = {DESCRIBED} AND remote = 0 "
                "RETURNING id, uid, filename, attempts, media_type",
                (asset_id,),
            ).fetchall()
        return next(iter(self._pending(rows)), None)

    def version(self, asset_id: AssetId) -> int | None:
        """The asset's version; it is raised whenever other bytes are described or recorded."""
        row = self._database.row("SELECT version FROM asset WHERE id = ?", (asset_id,))
        return None if row is None else int(row[0])

    def _pending(self, rows: Sequence[Row]) -> list[Pending]:
        places = self._locations([row[0] for row in rows])
        return [
            Pending(
                AssetId(asset_id), uid_from_bytes(uid), filename, attempts,
                MEDIA_CODES[media_type], places.get(asset_id, ()),
            )
            for asset_id, uid, filename, attempts, media_type in rows
        ]  # fmt: skip

    def exhausted(self) -> list[AssetId]:
        """Described assets that were tried three times without an end."""
        return [
            AssetId(row[0])
            for row in self._database.rows(
                f"SELECT id FROM asset WHERE status = {DESCRIBED} AND remote = 0 "  # noqa: S608  # fixed numbers
                f"AND attempts >= {MOST_ATTEMPTS}"
            )
        ]

    def counts(self) -> dict[str, int]:
        """Assets outside the trash per status, and those in it as "trashed".

        "to_render" of the described ones wait for their own bytes, the others for a preview.
        """
        columns = self._columns
        with columns.lock:
            flags = columns.flags[: columns.size]
            live = flags & (EXISTS | TRASHED) == EXISTS
            per_status = np.bincount(columns.status[: columns.size][live], minlength=len(STATUSES))
            trashed = int(np.count_nonzero(flags & TRASHED))
            here = columns.flags[: columns.size] & REMOTE == 0
            waiting = int(
                np.count_nonzero(live & here & (columns.status[: columns.size] == DESCRIBED))
            )
        counts = dict(zip(STATUSES, per_status.tolist(), strict=True))
        return {**counts, "trashed": trashed, "to_render": waiting}


def having_sha1(
    connection: sqlite3.Connection, hashes: Iterable[str]
) -> dict[str, tuple[int, bool, bool]]:
    """(asset, whether its bytes are not here, whether it can be shown) of each known SHA-1.

    Of several assets the one with bytes here, then the oldest.
    """
    found: dict[str, tuple[int, bool, bool]] = {}
    wanted = [bytes.fromhex(digest) for digest in dict.fromkeys(hashes)]
    for block in blocks(wanted):
        for digest, asset_id, remote, shown in connection.execute(
            f"SELECT sha1, id, remote OR status = {MISSING} AS far, "  # noqa: S608  # fixed number, question marks
            "sha256 IS NOT NULL OR stand_in IS NOT NULL FROM asset "
            f"WHERE sha1 IN ({marks(len(block))}) ORDER BY far, id",
            block,
        ):
            found.setdefault(digest.hex(), (asset_id, bool(remote), bool(shown)))
    return found
