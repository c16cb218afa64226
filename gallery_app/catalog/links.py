"""Share links and the audit of what left, or did not leave, through them."""

from __future__ import annotations

import builtins
import sqlite3
import threading
from collections.abc import Sequence
from datetime import datetime

from gallery_app.catalog.database import Database, Row
from gallery_app.catalog.encoding import from_utc_ms, utc_ms
from gallery_app.domain.model import AssetId, Download, ShareLink

MOST_RECENT = 1000

_SELECT = (
    "SELECT id, rendition, created_at, expires_at, note, max_views, views, bytes_sent, "
    "last_used_at, revoked_at, expiry_seen FROM share_link "
)


class Links:
    """Stored grants, newest first."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._recent: dict[str, ShareLink] = {}
        self._recent_lock = threading.Lock()
        self._forgotten = 0  # how often something was forgotten

    def insert(self, link: ShareLink) -> None:
        """Keep a new link."""
        with self._database.writing() as connection:
            connection.execute(
                "INSERT INTO share_link (id, rendition, created_at, expires_at, note, max_views, "
                "views, bytes_sent, last_used_at, revoked_at, expiry_seen) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    link.id, link.rendition, utc_ms(link.created_at), utc_ms(link.expires_at),
                    link.note, link.max_views, link.views, link.bytes_sent,
                    utc_ms(link.last_used_at), utc_ms(link.revoked_at), link.expiry_seen,
                ),
            )  # fmt: skip
            connection.executemany(
                "INSERT INTO share_link_asset (link_id, position, asset_id) VALUES (?, ?, ?)",
                [(link.id, position, asset_id) for position, asset_id in enumerate(link.assets)],
            )

    def get(self, link_id: str) -> ShareLink | None:
        """The link, None when there never was one."""
        with self._database.reading() as connection:
            rows = connection.execute(_SELECT + "WHERE id = ?", (link_id,)).fetchall()
            return next(iter(_links(connection, rows)), None)

    def recent(self, link_id: str) -> ShareLink | None:
        """The link as it was when last read; quick enough for every request.

        Its counts may be old. What ends a link is not missed: withdrawing it forgets it here,
        and `begin_views` decides by the row itself.
        """
        found = self._recent.get(link_id)
        if found is None:
            forgotten = self._forgotten
            found = self.get(link_id)
            with self._recent_lock:
                # Read before a withdrawal and kept after it, the link would stay open.
                if found is not None and forgotten == self._forgotten:
                    while len(self._recent) >= MOST_RECENT:
                        self._recent.pop(next(iter(self._recent)))
                    self._recent[link_id] = found
        return found

    def forget_recent(self) -> None:
        """Read every link anew when next asked for: the assets of some have changed."""
        with self._recent_lock:
            self._forgotten += 1
            self._recent.clear()

    def _forget(self, link_id: str) -> None:
        with self._recent_lock:
            self._forgotten += 1
            self._recent.pop(link_id, None)

    def list(self) -> list[ShareLink]:
        """All links, newest first."""
        with self._database.reading() as connection:
            rows = connection.execute(_SELECT + "ORDER BY created_at DESC, rowid DESC").fetchall()
            return _links(connection, rows)

    def revoke(self, link_id: str, at: datetime) -> None:
        """Withdraw a link; durable when this returns, and the first time stays."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE share_link SET revoked_at = coalesce(revoked_at, ?) WHERE id = ?",
                (utc_ms(at), link_id),
            )
        self._forget(link_id)

    def revoke_all(self, at: datetime) -> int:
        """Withdraw every link that is not over yet; how many."""
        with self._database.writing() as connection:
            number = connection.execute(
                "UPDATE share_link SET revoked_at = ?1 WHERE revoked_at IS NULL "
                "AND expires_at > ?1 AND expiry_seen = 0",
                (utc_ms(at),),
            ).rowcount
        self.forget_recent()
        return number

    def begin_views(
        self, downloads: Sequence[Download], counts: Sequence[bool] | None = None
    ) -> builtins.list[bool]:
        """Count many views and write their audit rows, in one transaction.

        Durable when this returns. False, and no row, for each whose link is withdrawn or has
        no view left; of several for the last view only the first counts. `counts` says which
        are views of their own; the others (a picture of a page that was counted) are on
        record and spend none.
        """
        own = counts or [True] * len(downloads)
        with self._database.writing() as connection:
            unlimited = _count_unlimited(connection, downloads, own)
            counted = [
                download.link_id in unlimited or _count(connection, download, view=view)
                for download, view in zip(downloads, own, strict=True)
            ]
            _audit(connection, [d for d, ok in zip(downloads, counted, strict=True) if ok])
        for download, ok in zip(downloads, counted, strict=True):
            if not ok and download.link_id is not None:
                self._forget(download.link_id)
        return counted

    def page_opened_at(self, link_id: str) -> datetime | None:
        """When the page of a link was last served; None when it never was."""
        row = self._database.row(
            "SELECT max(at) FROM download "
            "WHERE link_id = ? AND rendition = 'page' AND refused IS NULL",
            (link_id,),
        )
        return None if row is None else from_utc_ms(row[0])

    def refuse(self, download: Download) -> None:
        """Write the audit row of a refusal."""
        with self._database.writing() as connection:
            _audit(connection, [download])

    def mark_expired(self, link_id: str) -> None:
        """Note that the link was seen expired: it stays so even if the clock goes back."""
        with self._database.writing() as connection:
            connection.execute("UPDATE share_link SET expiry_seen = 1 WHERE id = ?", (link_id,))
        self._forget(link_id)

    def hits(self, link_id: str, limit: int) -> builtins.list[Download]:
        """The newest downloads and refusals of a link."""
        return [
            Download(
                from_utc_ms(at), link, None if asset is None else AssetId(asset), rendition,
                size, client, refused,
            )
            for at, link, asset, rendition, size, client, refused in self._database.rows(
                "SELECT at, link_id, asset_id, rendition, bytes, client, refused FROM download "
                "WHERE link_id = ? ORDER BY id DESC LIMIT ?",
                (link_id, limit),
            )
        ]  # fmt: skip


def _count_unlimited(
    connection: sqlite3.Connection, downloads: Sequence[Download], own: Sequence[bool]
) -> set[str | None]:
    """Count all views of each link that has no limit at once; the links this was true of."""
    done: set[str | None] = set()
    for link_id in {download.link_id for download in downloads}:
        hits = [(d, v) for d, v in zip(downloads, own, strict=True) if d.link_id == link_id]
        found = connection.execute(
            "UPDATE share_link SET views = views + ?, bytes_sent = bytes_sent + ?, "
            "last_used_at = ? WHERE id = ? AND revoked_at IS NULL AND max_views IS NULL",
            (
                sum(view for _, view in hits), sum(d.bytes for d, _ in hits),
                utc_ms(max(d.at for d, _ in hits)), link_id,
            ),
        )  # fmt: skip
        if found.rowcount == 1:
            done.add(link_id)
    return done


def _count(connection: sqlite3.Connection, download: Download, *, view: bool) -> bool:
    found = connection.execute(
        "UPDATE share_link SET views = views + ?1, bytes_sent = bytes_sent + ?2, "
        "last_used_at = ?3 WHERE id = ?4 AND revoked_at IS NULL "
        "AND (?1 = 0 OR max_views IS NULL OR views < max_views)",
        (int(view), download.bytes, utc_ms(download.at), download.link_id),
    )
    return found.rowcount == 1


def _audit(connection: sqlite3.Connection, downloads: Sequence[Download]) -> None:
    connection.executemany(
        "INSERT INTO download (at, link_id, asset_id, rendition, bytes, client, refused) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        [
            (utc_ms(d.at), d.link_id, d.asset_id, d.rendition, d.bytes, d.client, d.refused)
            for d in downloads
        ],
    )


def _links(connection: sqlite3.Connection, rows: Sequence[Row]) -> list[ShareLink]:
    assets: dict[str, list[AssetId]] = {}
    if len(rows) == 1:
        pairs = connection.execute(
            "SELECT link_id, asset_id FROM share_link_asset WHERE link_id = ? ORDER BY position",
            (rows[0][0],),
        )
    else:
        pairs = connection.execute(
            "SELECT link_id, asset_id FROM share_link_asset ORDER BY link_id, position"
        )
    for link_id, asset_id in pairs:
        assets.setdefault(link_id, []).append(AssetId(asset_id))
    return [
        ShareLink(
            id=row[0],
            assets=tuple(assets.get(row[0], ())),
            rendition=row[1],
            created_at=from_utc_ms(row[2]),
            expires_at=from_utc_ms(row[3]),
            note=row[4],
            max_views=row[5],
            views=row[6],
            bytes_sent=row[7],
            last_used_at=from_utc_ms(row[8]),
            revoked_at=from_utc_ms(row[9]),
            expiry_seen=bool(row[10]),
        )
        for row in rows
    ]
