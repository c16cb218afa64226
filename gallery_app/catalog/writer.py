"""What can be done to assets within one transaction; `Catalog.write()` gives the Writer.

Every method notes what it touched, so that full text and columns follow when the transaction
ends. Occurrences, tags, merging, listings of remotes and entities have rooms of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from gallery_app.catalog import entity_rows, fetched
from gallery_app.catalog import occurrences as offers
from gallery_app.catalog.described import (
    DESCRIBED_COLUMNS,
    FACT_COLUMNS,
    described_values,
    facts_only,
)
from gallery_app.catalog.encoding import (
    DESCRIBED,
    MISSING,
    READY,
    UNREADABLE,
    local_ms,
    signed,
    utc_ms,
)
from gallery_app.catalog.listing import Listings, lose
from gallery_app.catalog.merging import merge, merge_twins, survivor
from gallery_app.catalog.rows import marks
from gallery_app.catalog.tags import clear, edit_tags, follow_keywords
from gallery_app.catalog.transaction import Transaction
from gallery_app.catalog.values import UNSET, Changes, NewAsset, SeenOccurrence
from gallery_app.domain.entities import EntityRef
from gallery_app.domain.model import (
    AssetId,
    Described,
    Problem,
    Processed,
    Sha256,
    SourceId,
)
from gallery_app.domain.remote import RemoteImage, RemoteTally

_INSERT_COLUMNS = (
    "id", "uid", "added_at", "stored_key", "sha256", "sha1", "placeholder", "remote",
    *DESCRIBED_COLUMNS,
)  # fmt: skip
_INSERT = (
    f"INSERT INTO asset ({', '.join(_INSERT_COLUMNS)}) "  # noqa: S608  # fixed names only
    f"VALUES ({marks(len(_INSERT_COLUMNS))})"
)
_REDESCRIBE = (
    f"UPDATE asset SET {', '.join(f'{name} = ?' for name in DESCRIBED_COLUMNS)}, "  # noqa: S608  # fixed names only
    "sha256 = NULL, sha1 = NULL, phash = NULL, placeholder = NULL, stand_in = NULL, "
    "truncated = 0, attempts = 0, version = version + 1 WHERE id = ?"
)
_RETELL = (
    f"UPDATE asset SET {', '.join(f'{name} = ?' for name in FACT_COLUMNS)} "  # noqa: S608  # fixed names only
    "WHERE id = ?"
)
_FINISH = """
    UPDATE asset SET status = CASE status WHEN ? THEN status ELSE ? END, sha256 = ?,
        sha1 = coalesce(?, sha1), phash = ?, colour = ?, placeholder = ?,
        size_bytes = ?, mtime_ns = ?, width = ?, height = ?, truncated = ?,
        animated = ?, problem_code = NULL, problem_sentence = NULL, version = version + 1
    WHERE id = ?
"""


class Writer:
    """The verbs of one transaction."""

    def __init__(self, transaction: Transaction, random_bytes: Callable[[int], bytes]) -> None:
        self._transaction = transaction
        self._connection = transaction.connection
        self._random_bytes = random_bytes

    def insert_assets(self, items: Sequence[NewAsset]) -> list[AssetId]:
        """Insert assets under new uids, tagged with their files' keywords; ids in that order.

        Raises:
            Conflict: an asset with one of the SHA-256 is there already.
        """
        row = self._connection.execute(
            "SELECT seq FROM sqlite_sequence WHERE name = 'asset'"
        ).fetchone()
        first = 1 + (row[0] if row else 0)
        raw = self._random_bytes(16 * len(items))
        ids = range(first, first + len(items))
        self._connection.executemany(
            _INSERT,
            [
                (
                    asset_id, raw[16 * n : 16 * n + 16], utc_ms(new.added_at), new.stored_key,
                    None if new.sha256 is None else bytes.fromhex(new.sha256),
                    None if new.sha1 is None else bytes.fromhex(new.sha1),
                    new.placeholder, new.remote,
                    *described_values(
                        self._transaction, new.filename, local_ms(new.taken_at),
                        described=new.described,
                    ),
                )
                for n, (asset_id, new) in enumerate(zip(ids, items, strict=True))
            ],
        )  # fmt: skip
        follow_keywords(
            self._transaction,
            [
                (asset_id, new.described.metadata.keywords)
                for asset_id, new in zip(ids, items, strict=True)
                if new.described.metadata.keywords
            ],
        )
        self._transaction.touch(ids, words=True)
        return [AssetId(asset_id) for asset_id in ids]

    def redescribe(
        self, asset_id: AssetId, *, filename: str, described: Described, taken_at: datetime
    ) -> None:
        """The bytes changed in place: a new picture under the old uid, the user's words kept."""
        values = described_values(
            self._transaction, filename, local_ms(taken_at), described=described
        )
        self._connection.execute(_REDESCRIBE, (*values, asset_id))
        self._follow_tags(asset_id, described)
        self._transaction.touch([asset_id], words=True)

    def _follow_tags(self, asset_id: AssetId, described: Described) -> None:
        said = self._connection.execute(
            "SELECT tags_said FROM asset WHERE id = ?", (asset_id,)
        ).fetchone()
        if said is not None and not said[0]:
            clear(self._transaction, [asset_id])
            follow_keywords(self._transaction, [(asset_id, described.metadata.keywords)])

    def put_occurrences(
        self, source_id: SourceId, seen: Sequence[SeenOccurrence], *, at: datetime
    ) -> None:
        """Write what a source offers now, by (source, key); a missing asset comes back."""
        offers.put(self._transaction, source_id, seen, at=at)

    def move_occurrences(
        self, source_id: SourceId, moves: Sequence[tuple[str, SeenOccurrence]], *, at: datetime
    ) -> None:
        """Give occurrences (old key, as seen now) their new keys; file names follow."""
        offers.move(self._transaction, source_id, moves, at=at)

    def mark_gone(self, source_id: SourceId, keys: Sequence[str], *, at: datetime) -> int:
        """Note that these keys are offered no more; how many were until now.

        Assets left without any live occurrence and not stored become missing.
        """
        return offers.mark_gone(self._transaction, source_id, keys, at=at)

    def finish_render(self, asset_id: AssetId, processed: Processed) -> AssetId:
        """Record a whole original read: ready, with hashes. Returns the asset that now has it.

        Known bytes make two assets one: the one with bytes here, then the older survives, with
        everything of both; so does what remotes offer under the same SHA-1. A missing asset stays
        missing: that its bytes were read once does not bring them back.
        """
        sha256 = bytes.fromhex(processed.sha256)
        row = self._connection.execute(
            "SELECT id, status FROM asset WHERE sha256 = ? AND id <> ?", (sha256, asset_id)
        ).fetchone()
        kept: int = asset_id
        if row is not None:
            kept, gone = survivor(self._transaction, asset_id, row[0])
            merge(self._transaction, kept, gone)
        sha1 = None if processed.sha1 is None else bytes.fromhex(processed.sha1)
        merge_twins(self._transaction, kept, sha1)
        self._finish(kept, sha256, processed=processed)
        return AssetId(kept)

    def _finish(self, asset_id: int, sha256: bytes, *, processed: Processed) -> None:
        self._connection.execute(
            _FINISH,
            (
                MISSING, READY, sha256,
                None if processed.sha1 is None else bytes.fromhex(processed.sha1),
                signed(processed.phash), processed.colour, processed.placeholder,
                processed.size_bytes, processed.mtime_ns, processed.size.width,
                processed.size.height, processed.truncated, processed.animated, asset_id,
            ),
        )  # fmt: skip
        self._transaction.touch([asset_id], words=False)

    def fail_render(self, asset_id: AssetId, problem: Problem) -> None:
        """The original cannot be shown, and why; a missing one stays missing, without a word."""
        self._connection.execute(
            "UPDATE asset SET status = ?, problem_code = ?, problem_sentence = ? "
            "WHERE id = ? AND status <> ?",
            (UNREADABLE, problem.code, problem.sentence, asset_id, MISSING),
        )
        self._transaction.touch([asset_id], words=False)

    def requeue(self, asset_ids: Sequence[AssetId]) -> None:
        """Have these assets rendered again, as if never tried; missing ones stay missing."""
        self._connection.executemany(
            "UPDATE asset SET status = ?, attempts = 0, problem_code = NULL, "
            "problem_sentence = NULL WHERE id = ? AND status <> ?",
            [(DESCRIBED, asset_id, MISSING) for asset_id in asset_ids],
        )
        self._transaction.touch(asset_ids, words=False)

    def forgive(self, asset_ids: Sequence[AssetId]) -> None:
        """Count no attempt against these assets; nothing that a listing shows changes."""
        self._connection.executemany(
            "UPDATE asset SET attempts = 0 WHERE id = ?", [(asset_id,) for asset_id in asset_ids]
        )

    def add_stored(self, asset_id: AssetId, stored_key: str, sha256: Sha256) -> bool:
        """The asset's bytes also lie in our `originals/` now; a missing one is back.

        False, and nothing is written, when the asset is gone or its bytes are not these by now.
        """
        cursor = self._connection.execute(
            "UPDATE asset SET stored_key = ? WHERE id = ? AND sha256 = ?",
            (stored_key, asset_id, bytes.fromhex(sha256)),
        )
        if not cursor.rowcount:
            return False
        offers.revive(self._transaction, {asset_id})
        return True

    def edit(self, asset_ids: Sequence[AssetId], changes: Changes) -> None:
        """Write what the user says about all of these assets; full text follows."""
        given = {
            name: value
            for name in ("title", "caption", "alt_text", "rating", "favourite")
            if (value := getattr(changes, name)) is not UNSET
        }
        if given:
            assignments = ", ".join(f"{name} = ?" for name in given)
            self._connection.executemany(
                f"UPDATE asset SET {assignments} WHERE id = ?",  # noqa: S608  # names from the tuple above
                [(*given.values(), asset_id) for asset_id in asset_ids],
            )
        tagged = bool(changes.add_tags or changes.remove_tags or changes.set_tags is not UNSET)
        if tagged:
            edit_tags(self._transaction, asset_ids, changes)
        words = tagged or "title" in given or "caption" in given
        self._transaction.touch(asset_ids, words=words)

    def set_trashed(self, asset_ids: Sequence[AssetId], at: datetime | None) -> None:
        """Move assets to the app's trash (`at`), or back (None)."""
        self._connection.executemany(
            "UPDATE asset SET trashed_at = ? WHERE id = ?",
            [(utc_ms(at), asset_id) for asset_id in asset_ids],
        )
        self._transaction.touch(asset_ids, words=False)

    # --- remotes ---------------------------------------------------------------------------

    def retell(
        self, asset_id: AssetId, *, filename: str, described: Described, taken_at: datetime
    ) -> None:
        """The same bytes with other facts, as a remote tells them; renditions are kept."""
        values = described_values(
            self._transaction, filename, local_ms(taken_at), described=described
        )
        self._connection.execute(_RETELL, (*facts_only(values), asset_id))
        self._follow_tags(asset_id, described)
        self._transaction.touch([asset_id], words=True)

    def list_remote(
        self, source_id: SourceId, images: Sequence[RemoteImage], *, at: datetime, copies: bool
    ) -> RemoteTally:
        """Write what a remote listed; the same listing twice changes nothing.

        A new version is wanted again; a row that was gone comes back. An image whose SHA-1 an
        asset has becomes an occurrence of it. With `picture`, and unless `copies`, the asset
        stands in the timeline at once. Entities of the types in TOLD_BY_MEMBERS stay as they are.

        Args:
            source_id: of the source that lists.
            images: the batch; of two with one key the later counts.
            at: the time of the listing; a walk's end looks for what was not listed since.
            copies: originals are copied into our store, so a preview is not enough.
        """
        listings = Listings(self._transaction, self, source_id, at=at, copies=copies)
        return listings.write(images)

    def hold_remote(
        self,
        source_id: SourceId,
        key: str,
        asset_id: AssetId,
        *,
        occurrence: SeenOccurrence,
        at: datetime,
        version: str | None = None,
    ) -> AssetId:
        """The bytes of a listed picture came and are those of `asset_id`: an occurrence, held.

        Returns the asset that has it all: an asset that stood for it without bytes is merged. With
        `version`, that of the bytes, a newer one listed meanwhile stays wanted.

        Raises:
            NotFound: the source never listed the key.
        """
        return fetched.hold(
            self._transaction, source_id, key, asset_id,
            occurrence=occurrence, at=at, version=version,
        )  # fmt: skip

    def lose_remote(self, source_id: SourceId, keys: Sequence[str], *, at: datetime) -> int:
        """Note that the remote offers these no more; how many it did until now."""
        return lose(self._transaction, source_id, keys, at=at)

    def set_cursor(self, source_id: SourceId, cursor: str) -> None:
        """Write from where the next sync goes on."""
        self._connection.execute("UPDATE source SET cursor = ? WHERE id = ?", (cursor, source_id))

    def finish_preview(
        self,
        asset_id: AssetId,
        processed: Processed,
        stand_in: str,
        *,
        at: datetime,
        version: str | None = None,
    ) -> None:
        """A remote's preview was rendered: ready, its renditions named by `stand_in`.

        SHA-256 and SHA-1 stay as they are; the size is taken only where none was known. The rows
        that waited for it, or had given it up, are held. Nothing but that when the bytes lie here
        by now.

        Args:
            asset_id: the remote asset.
            processed: what the preview gave.
            stand_in: 64 hex digits that name the renditions.
            at: when the preview came.
            version: of the picture at the remote; a newer one listed meanwhile stays wanted.
        """
        fetched.finish_preview(
            self._transaction, asset_id, processed, stand_in, at=at, version=version
        )

    def put_entities(self, source_id: SourceId, key: str, refs: Sequence[EntityRef]) -> None:
        """Note what was found in a picture's name or in itself; adds, never takes away.

        Works for every kind of source; a later listing leaves these as they are.
        """
        entity_rows.put_entities(self._transaction, source_id, key, refs)

    def name_entities(self, source_id: SourceId, refs: Sequence[EntityRef]) -> None:
        """Bring names and addresses of entities up to date; an empty name changes none."""
        for ref in refs:
            entity_rows.entity_id(self._transaction, source_id, ref)

    def set_members(
        self,
        source_id: SourceId,
        ref: EntityRef,
        keys: Collection[str],
        *,
        among: Sequence[str],
    ) -> None:
        """Of the keys of `among` exactly these belong to the entity from now on; others stay.

        So a large change (`Listing.members`) is written in pieces. Keys not listed yet are
        remembered for the time they are.
        """
        entity_rows.set_members(self._transaction, source_id, ref, keys, among=among)

    def set_sha1(self, asset_id: AssetId, sha1: str) -> None:
        """Record the SHA-1 of an asset rendered without; a remote twin becomes part of it.

        Nothing is written when the asset is gone by now, or other bytes are to be read.
        """
        found = self._connection.execute(
            "UPDATE asset SET sha1 = ? WHERE id = ? AND sha1 IS NULL AND sha256 IS NOT NULL",
            (bytes.fromhex(sha1), asset_id),
        )
        if found.rowcount:
            merge_twins(self._transaction, asset_id, bytes.fromhex(sha1))
