"""Remote sources: how they are reached, what they listed, what is still to be fetched.

The rows in state wanted are the queue for bytes: claimed with a lease, newest first. What a
sync writes is done by the Writer's verbs (`listing.py`); entities are counted in `entities.py`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from gallery_app.catalog import said
from gallery_app.catalog.columns import Columns
from gallery_app.catalog.database import Database, Row
from gallery_app.catalog.encoding import (
    GONE,
    REFUSED,
    ROW_STATES,
    WANTED,
    from_utc_ms,
    hexed,
    utc_ms,
)
from gallery_app.catalog.entity_counts import EntityCounts, EntitySort
from gallery_app.catalog.rows import blocks, marks
from gallery_app.catalog.transaction import Transaction
from gallery_app.catalog.values import UNSET, Unset
from gallery_app.domain.answers import EntityCount
from gallery_app.domain.entities import Attribution, EntityRef, EntityType
from gallery_app.domain.errors import NotFound
from gallery_app.domain.model import AssetId, SourceId
from gallery_app.domain.remote import RemoteRow, RemoteState, RowState, Wanted

_SELECT = """
    SELECT source_id, key, parent, state, filename, content_type, size_bytes, created_at,
           modified_at, version, page, sha1, private, visibility, said, attribution, live_video,
           focus_x, focus_y, asset_id, listed_at, fetched_at, attempts, run_after, error
      FROM remote_image
"""
_AGAIN = (
    f"SET state = {WANTED}, attempts = 0, run_after = NULL, lease_until = NULL, error = NULL "
    "WHERE 1"
)
_POSTPONED = f"state = {WANTED} AND run_after IS NOT NULL AND lease_until IS NULL"
_FAILED = f"(state = {REFUSED} OR ({_POSTPONED}))"
_BLOCK = 1_000  # rows changed in one transaction


class Remotes:
    """What is known of remote sources and of what they list."""

    def __init__(
        self,
        database: Database,
        columns: Columns,
        *,
        change: Callable[[], AbstractContextManager[Transaction]],
        now: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._change = change
        self._now = now
        self._entities = EntityCounts(database, columns)

    def config(self, source_id: SourceId) -> RemoteState:
        """How the source is reached and where its sync stands.

        Raises:
            NotFound: there never was such a source.
        """
        row = self._database.row(
            "SELECT options, sealed, cursor, paused, next_sync_at, walked_at, failures, resume_at, "
            "facts FROM source WHERE id = ?",
            (source_id,),
        )
        if row is None:
            raise NotFound("source")
        options, sealed, cursor, paused, next_sync_at, walked_at, failures, resume_at, facts = row
        return RemoteState(
            json.loads(options), sealed, cursor, bool(paused), from_utc_ms(next_sync_at),
            from_utc_ms(walked_at), failures, from_utc_ms(resume_at), json.loads(facts),
        )  # fmt: skip

    def configure(
        self,
        source_id: SourceId,
        *,
        name: str | Unset = UNSET,
        options: Mapping[str, str] | Unset = UNSET,
        sealed: bytes | Unset | None = UNSET,
        paused: bool | Unset = UNSET,
        anew: bool = False,
        forget: Collection[str] = (),
    ) -> None:
        """Write what a person set; UNSET leaves a field.

        Args:
            source_id: of the source.
            name: as people call it.
            options: all of them.
            sealed: what of it is secret.
            paused: whether it is left alone.
            anew: the next sync is a walk from the very beginning.
            forget: facts that are true no more.

        Raises:
            NotFound: there never was such a source.
        """
        begin: dict[str, str | None] = {"cursor": "", "walked_at": None} if anew else {}
        with self._change() as transaction:
            _write(
                transaction.connection,
                source_id,
                **begin,
                facts=_without(transaction.connection, source_id, forget),
                name=name,
                options=options if options is UNSET else json.dumps(dict(options)),
                sealed=sealed,
                paused=paused if paused is UNSET else int(paused),
            )
            transaction.sources_changed = True

    def set_schedule(
        self,
        source_id: SourceId,
        *,
        next_sync_at: datetime | Unset | None = UNSET,
        walked_at: datetime | Unset | None = UNSET,
        failures: int | Unset = UNSET,
        resume_at: datetime | Unset | None = UNSET,
        facts: Mapping[str, str] | Unset = UNSET,
    ) -> None:
        """Write where the sync stands; UNSET leaves a field. No listing changes by it.

        Raises:
            NotFound: there never was such a source.
        """
        with self._database.writing() as connection:
            _write(
                connection,
                source_id,
                next_sync_at=next_sync_at if next_sync_at is UNSET else utc_ms(next_sync_at),
                walked_at=walked_at if walked_at is UNSET else utc_ms(walked_at),
                failures=failures,
                resume_at=resume_at if resume_at is UNSET else utc_ms(resume_at),
                facts=facts if facts is UNSET else json.dumps(dict(facts)),
            )

    def counts(self, source_id: SourceId) -> dict[RowState, int]:
        """How many rows are wanted, held, refused and gone; every state is a key."""
        rows = self._database.rows(
            "SELECT state, rows FROM remote_count WHERE source_id = ?", (source_id,)
        )
        counts: dict[int, int] = dict(rows)
        return {name: counts.get(number, 0) for number, name in enumerate(ROW_STATES)}

    def unlisted_since(self, source_id: SourceId, since: datetime) -> list[str]:
        """Keys not gone that no listing named at or after `since`: what a walk did not meet."""
        rows = self._database.rows(
            f"SELECT key FROM remote_image WHERE source_id = ? AND state <> {GONE} "  # noqa: S608  # fixed number
            "AND listed_at < ? ORDER BY key",
            (source_id, utc_ms(since)),
        )
        return [row[0] for row in rows]

    def below(self, source_id: SourceId, parent: str) -> list[str]:
        """The keys not gone that were listed under `parent` or anything below it ("parent/...")."""
        # "0" is what follows "/", so what begins with "parent/" is one range. Said outright, since
        # SQLite would rather read the whole source than sort a ticket's keys.
        below = (
            "SELECT key FROM remote_image INDEXED BY remote_image_parent "  # noqa: S608  # fixed number
            f"WHERE source_id = ?1 AND state <> {GONE} AND parent "
        )
        found = self._database.rows(f"{below} = ?2", (source_id, parent))
        found += self._database.rows(
            f"{below} > ?2 AND parent < ?3", (source_id, f"{parent}/", f"{parent}0")
        )
        return sorted(row[0] for row in found)

    def members(self, source_id: SourceId, ref: EntityRef) -> set[str]:
        """The keys that `Listing.members` told of the entity."""
        rows = self._database.rows(
            "SELECT x.key FROM entity e JOIN occurrence_entity x ON x.entity_id = e.id "
            "WHERE e.source_id = ? AND e.type = ? AND e.ref = ? AND x.found = 0",
            (source_id, ref.type, ref.id),
        )
        return {row[0] for row in rows}

    def known(self, source_id: SourceId, keys: Collection[str]) -> dict[str, RemoteRow]:
        """The rows of these keys, the gone ones too."""
        found: dict[str, RemoteRow] = {}
        for block in blocks(list(dict.fromkeys(keys))):
            listed = f"WHERE source_id = ? AND key IN ({marks(len(block))})"
            for row in self._database.rows(_SELECT + listed, (source_id, *block)):
                found[row[1]] = _row(row)
        return found

    def claim(self, source_ids: Sequence[SourceId], limit: int, *, lease_s: float) -> list[Wanted]:
        """Pictures to fetch next, newest at the remote first, leased for `lease_s`.

        Their attempts are raised durably before this returns. Rows postponed or leased to
        somebody are left out.
        """
        now = self._now()
        until = utc_ms(now + timedelta(seconds=lease_s))
        found: list[tuple[int, int, str]] = []
        with self._database.writing() as connection:
            for source_id in source_ids:
                found += connection.execute(
                    f"SELECT -newness, source_id, key FROM remote_image WHERE state = {WANTED} "  # noqa: S608  # fixed number
                    "AND source_id = ?1 AND (run_after IS NULL OR run_after <= ?2) "
                    "AND (lease_until IS NULL OR lease_until < ?2) ORDER BY newness DESC LIMIT ?3",
                    (source_id, utc_ms(now), limit),
                ).fetchall()
            found = sorted(found)[:limit]
            return [_claim(connection, until, source_id, key) for _, source_id, key in found]

    def postpone(
        self,
        source_id: SourceId,
        key: str,
        *,
        run_after: datetime,
        error: str,
        counted: bool = True,
    ) -> None:
        """The fetch failed for now: wanted again, not before `run_after`.

        Unless `counted` the attempt is taken back: it says nothing of the picture.
        """
        self._settle(
            "SET run_after = ?, error = ?, lease_until = NULL, attempts = max(0, attempts - ?) "
            f"WHERE state = {WANTED}",
            (utc_ms(run_after), error, int(not counted), source_id, key),
        )

    def refuse(self, source_id: SourceId, key: str, error: str) -> bool:
        """The picture cannot be had, or is none; `error` says why. False: nobody wants it now."""
        return (
            self._settle(
                f"SET state = {REFUSED}, error = ?, lease_until = NULL, run_after = NULL "
                f"WHERE state = {WANTED}",
                (error, source_id, key),
            )
            > 0
        )

    def release(self) -> int:
        """Take back every lease, when no other process can be fetching; how many."""
        with self._database.writing() as connection:
            return connection.execute(
                f"UPDATE remote_image SET lease_until = NULL WHERE state = {WANTED} "  # noqa: S608  # fixed number
                "AND lease_until IS NOT NULL"
            ).rowcount

    def retry(self, source_id: SourceId, key: str) -> bool:
        """Want a refused or postponed picture again, as if never tried; False: it is neither."""
        return self._settle(f"{_AGAIN} AND {_FAILED}", (source_id, key)) > 0

    def retry_refused(self, source_id: SourceId) -> int:
        """Want all refused and postponed pictures of the source again; how many."""
        refused = self._where("refused", f"state = {REFUSED}", source_id)
        return self._again(refused + self._where("wanted", _POSTPONED, source_id))

    def retry_postponed(self, source_id: SourceId) -> int:
        """Want the pictures of the source that wait for a time at once instead; how many."""
        later = f"{_POSTPONED} AND run_after > ?"
        return self._again(self._where("wanted", later, utc_ms(self._now()), source_id))

    def _where(self, index: str, what: str, *values: object) -> list[Row]:
        select = f"SELECT source_id, key FROM remote_image INDEXED BY remote_image_{index}"  # noqa: S608  # fixed texts
        return self._database.rows(f"{select} WHERE {what} AND source_id = ?", values)

    def _again(self, keys: Sequence[Row]) -> int:
        count = 0
        for block in blocks(keys, _BLOCK):  # others may write between
            with self._database.writing() as connection:
                count += connection.executemany(
                    f"UPDATE remote_image {_AGAIN} AND {_FAILED} AND source_id = ? AND key = ?",
                    block,
                ).rowcount
        return count

    def _settle(self, what: str, values: Sequence[object]) -> int:
        with self._database.writing() as connection:
            return connection.execute(
                f"UPDATE remote_image {what} AND source_id = ? AND key = ?",  # fixed texts
                values,
            ).rowcount

    def row(self, source_id: SourceId, key: str) -> RemoteRow | None:
        """One row, None when the source never listed the key."""
        return self.known(source_id, [key]).get(key)

    def of_asset(self, asset_id: AssetId) -> list[RemoteRow]:
        """The rows that offer this asset and are not gone, oldest source first."""
        rows = self._database.rows(
            f"{_SELECT} WHERE asset_id = ? AND state <> {GONE} ORDER BY source_id, key", (asset_id,)
        )
        return [_row(row) for row in rows]

    def focus_of(self, asset_id: AssetId) -> tuple[float, float] | None:
        """Where the subject is, 0..1 from left and top, as far as a remote says."""
        row = self._database.row(
            "SELECT focus_x, focus_y FROM remote_image WHERE asset_id = ? "
            "AND focus_x IS NOT NULL AND focus_y IS NOT NULL ORDER BY source_id, key LIMIT 1",
            (asset_id,),
        )
        return None if row is None else (row[0], row[1])

    def entities(
        self,
        type: EntityType,  # noqa: A002  # the domain's word
        *,
        text: str = "",
        source: SourceId | None = None,
        limit: int = 50,
        offset: int = 0,
        sort: EntitySort = "recent",
    ) -> tuple[list[EntityCount], int]:
        """Entities that have live assets, and how many there are in all.

        Args:
            type: of which type.
            text: is part of the name, or the beginning of the id.
            source: of this source only.
            limit: at most so many.
            offset: after so many.
            sort: by the newest picture, newest first; by name; by count, most first.
        """
        return self._entities.page(
            type, text=text, source=source, limit=limit, offset=offset, sort=sort
        )

    def entity(self, type: EntityType, id: str) -> list[EntityCount]:  # noqa: A002
        """The entity of this id in every source that knows it, also without live assets."""
        return self._entities.get(type, id)


def _without(
    connection: sqlite3.Connection, source_id: int, forget: Collection[str]
) -> str | Unset:
    """The facts of a source without these, as they are kept."""
    row = connection.execute("SELECT facts FROM source WHERE id = ?", (source_id,)).fetchone()
    if row is None or not forget:
        return UNSET
    facts = json.loads(row[0])
    return json.dumps({name: value for name, value in facts.items() if name not in forget})


def _write(connection: sqlite3.Connection, source_id: int, **fields: object) -> None:
    given = {name: value for name, value in fields.items() if value is not UNSET}
    assignments = ", ".join(f"{name} = ?" for name in given) or "id = id"
    cursor = connection.execute(
        f"UPDATE source SET {assignments} WHERE id = ?",  # noqa: S608  # names from the callers above
        (*given.values(), source_id),
    )
    if not cursor.rowcount:
        raise NotFound("source")


def _claim(connection: sqlite3.Connection, until: int, source_id: int, key: str) -> Wanted:
    row = connection.execute(
        "UPDATE remote_image SET attempts = attempts + 1, lease_until = ? "
        "WHERE source_id = ? AND key = ? RETURNING filename, size_bytes, created_at, "
        "modified_at, version, sha1, asset_id, attempts",
        (until, source_id, key),
    ).fetchone()
    filename, size_bytes, created_at, modified_at, version, sha1, asset_id, attempts = row
    return Wanted(
        SourceId(source_id), key, filename, size_bytes, from_utc_ms(created_at),
        from_utc_ms(modified_at), version, hexed(sha1), asset_id, attempts,
    )  # fmt: skip


def _row(row: Row) -> RemoteRow:
    (
        source_id, key, parent, state, filename, content_type, size_bytes, created_at, modified_at,
        version, page, sha1, private, visibility, words, attribution, live_video, focus_x, focus_y,
        asset_id, listed_at, fetched_at, attempts, run_after, error,
    ) = row  # fmt: skip
    return RemoteRow(
        source_id, key, parent, ROW_STATES[state], filename, content_type, size_bytes,
        from_utc_ms(created_at), from_utc_ms(modified_at), version, page, hexed(sha1),
        bool(private), visibility, said.read(words),
        None if attribution is None else Attribution(**json.loads(attribution)), live_video,
        None if focus_x is None or focus_y is None else (focus_x, focus_y), asset_id,
        from_utc_ms(listed_at), from_utc_ms(fetched_at), attempts, from_utc_ms(run_after), error,
    )  # fmt: skip
