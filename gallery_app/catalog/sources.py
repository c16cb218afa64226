"""Sources: where assets come from, their state and what they offer."""

from __future__ import annotations

import builtins
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime

from gallery_app.catalog.columns import Columns
from gallery_app.catalog.database import Database, Row
from gallery_app.catalog.encoding import (
    HELD,
    LOCAL_KINDS,
    REFUSED,
    UNREADABLE,
    WANTED,
    from_utc_ms,
    signed,
    unsigned,
    utc_ms,
)
from gallery_app.catalog.facets import count_by_source
from gallery_app.catalog.removal import begin_removal, begin_restoring
from gallery_app.catalog.transaction import Transaction
from gallery_app.domain.answers import Coming
from gallery_app.domain.errors import NotFound
from gallery_app.domain.model import AssetId, Source, SourceId, SourceKind, SourceState

_SELECT = (
    "SELECT id, kind, name, address, state, added_at, last_scan_at, last_scan_s, error, "
    "removed_at, paused, next_sync_at, resume_at, failures, options, facts FROM source "
)


class Sources:
    """The configured origins; a removed one is kept, so that adding it again finds its assets."""

    def __init__(
        self,
        database: Database,
        columns: Columns,
        *,
        change: Callable[[], AbstractContextManager[Transaction]],
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._columns = columns
        self._change = change
        self._now = now

    def add(
        self,
        kind: str,
        name: str,
        address: str,
        *,
        settle: Callable[[Source], None] = lambda _source: None,
    ) -> Source:
        """The source at that address: new, or the removed one brought back.

        A removed remote offers at once what it offered then, since its syncs tell only of changes;
        what a folder offers is told by its scan. What `settle` writes of the source is written with
        it, or neither is.
        """
        with self._change() as transaction:
            removed = transaction.connection.execute(
                f"SELECT id FROM source WHERE kind = ? AND kind NOT IN {LOCAL_KINDS} "  # noqa: S608  # fixed text
                "AND address = ? AND removed_at IS NOT NULL",
                (kind, address),
            ).fetchone()
            if removed is not None:
                self.restore(SourceId(removed[0]))
            row = transaction.connection.execute(
                "INSERT INTO source (kind, name, address, state, added_at) "
                "VALUES (?, ?, ?, 'online', ?) "
                "ON CONFLICT (kind, address) DO UPDATE SET "
                "removed_at = NULL, error = NULL, state = 'online', name = excluded.name "
                "RETURNING id",
                (kind, name, address, utc_ms(self._now())),
            ).fetchone()
            transaction.sources_changed = True
            written = transaction.connection.execute(_SELECT + "WHERE id = ?", row).fetchall()
            settle(*self._sources(written, counted=False))
        return self._need(SourceId(row[0]))

    def list(self) -> list[Source]:
        """All that are not removed, oldest first."""
        rows = self._database.rows(_SELECT + "WHERE removed_at IS NULL ORDER BY id")
        return self._sources(rows)

    def get(self, source_id: SourceId, *, counted: bool = True) -> Source | None:
        """The source, also a removed one; None when there never was one.

        Unless `counted` its pictures are 0: to count them looks at every asset there is.
        """
        rows = self._database.rows(_SELECT + "WHERE id = ?", (source_id,))
        return next(iter(self._sources(rows, counted=counted)), None)

    def coming(self) -> builtins.list[Coming]:
        """What each remote has yet to send; asked every second, and counts nothing."""
        rows = self._database.rows(
            "SELECT s.id, coalesce(w.rows, 0), coalesce(h.rows, 0), "
            "CASE WHEN s.paused OR s.state = 'attention' THEN 'stopped' "
            "WHEN s.state = 'offline' THEN 'resting' ELSE 'coming' END FROM source s "
            "LEFT JOIN remote_count w ON w.source_id = s.id AND w.state = ? "
            "LEFT JOIN remote_count h ON h.source_id = s.id AND h.state = ? "
            "WHERE s.removed_at IS NULL AND s.kind NOT IN ('folder', 'uploads') ORDER BY s.id",
            (WANTED, HELD),
        )
        return [Coming(SourceId(row[0]), *row[1:]) for row in rows]

    def ever_of(self, kind: SourceKind) -> builtins.list[AssetId]:
        """What sources of this kind ever offered, removed ones and gone places too."""
        rows = self._database.rows(
            "SELECT DISTINCT o.asset_id FROM source s JOIN occurrence o ON o.source_id = s.id "
            "WHERE s.kind = ? AND o.asset_id IS NOT NULL",
            (kind,),
        )
        return [AssetId(row[0]) for row in rows]

    def uploads(self) -> Source:
        """The one source of uploads, made when the catalog is opened."""
        row = self._database.row("SELECT id FROM source WHERE kind = 'uploads'")
        if row is None:
            return self.add("uploads", "Uploads", "")
        return self._need(SourceId(row[0]))

    def set_state(self, source_id: SourceId, state: SourceState, error: str | None = None) -> None:
        """Write the state, and the sentence that explains it."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE source SET state = ?, error = ? WHERE id = ?", (state, error, source_id)
            )

    def finish_scan(self, source_id: SourceId, at: datetime, seconds: float) -> None:
        """A scan reached its end."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE source SET last_scan_at = ?, last_scan_s = ? WHERE id = ?",
                (utc_ms(at), seconds, source_id),
            )

    def restore(self, source_id: SourceId) -> Source:
        """Undo the removal: what the source offered and what was trashed with it is back.

        Raises:
            NotFound: there never was such a source.
        """
        with self._change() as transaction:
            connection = transaction.connection
            row = connection.execute(
                "SELECT removed_at FROM source WHERE id = ?", (source_id,)
            ).fetchone()
            if row is None:
                raise NotFound("source")
            if row[0] is not None:
                begin_restoring(transaction, source_id, row[0])
        return self._need(source_id)

    def remove(
        self,
        source_id: SourceId,
        at: datetime,
        *,
        keep: bool = True,
        then: Callable[[], object] = lambda: None,
    ) -> None:
        """Offer nothing of it any more; assets that lie nowhere else become missing.

        Stored assets that no other source offers stay, or go into the trash unless `keep`; of two
        who say it differently the later has the last word. Written in pieces, as its restoring is,
        so that others may write meanwhile; `then` is done before them, once the source is left.
        """
        with self._change() as transaction:
            begin_removal(transaction, source_id, at, keep=keep)
            transaction.after.append(then)

    def set_identity(self, source_id: SourceId, device: int, inode: int) -> None:
        """Remember the root directory that was proven to be this source's."""
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE source SET device = ?, inode = ? WHERE id = ?",
                (signed(device), signed(inode), source_id),
            )

    def identity(self, source_id: SourceId) -> tuple[int, int] | None:
        """(device, inode) of the remembered root directory, None before the first scan."""
        row = self._database.row("SELECT device, inode FROM source WHERE id = ?", (source_id,))
        if row is None or row[0] is None:
            return None
        return unsigned(row[0]), unsigned(row[1])

    def _need(self, source_id: SourceId) -> Source:
        found = self.get(source_id)
        if found is None:
            raise NotFound("source")
        return found

    def _counts(self) -> tuple[dict[int, int], dict[int, int]]:
        """Live assets of each source, and those of them that cannot be shown."""
        columns = self._columns
        with columns.lock:
            shown = columns.shown(trashed=False)
            assets = count_by_source(columns, shown)
            shown &= columns.status[: columns.size] == UNREADABLE
            return assets, count_by_source(columns, shown)

    def _sources(self, rows: builtins.list[Row], *, counted: bool = True) -> builtins.list[Source]:
        assets, problems = self._counts() if counted else ({}, {})
        states: dict[tuple[int, int], int] = {
            (source_id, state): count
            for source_id, state, count in self._database.rows(
                "SELECT source_id, state, rows FROM remote_count"
            )
        }
        return [
            Source(
                id=SourceId(row[0]),
                kind=row[1],
                name=row[2],
                address=row[3],
                state=row[4],
                added_at=from_utc_ms(row[5]),
                last_scan_at=from_utc_ms(row[6]),
                last_scan_s=row[7],
                error=row[8],
                removed_at=from_utc_ms(row[9]),
                assets=assets.get(row[0], 0),
                problems=problems.get(row[0], 0),
                paused=bool(row[10]),
                next_sync_at=from_utc_ms(row[11]),
                resume_at=from_utc_ms(row[12]),
                failures=row[13],
                options=json.loads(row[14]),
                facts=json.loads(row[15]),
                waiting=states.get((row[0], WANTED), 0),
                held=states.get((row[0], HELD), 0),
                refused=states.get((row[0], REFUSED), 0),
            )
            for row in rows
        ]
