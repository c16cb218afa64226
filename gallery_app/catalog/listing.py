"""What a remote listed, written down: rows, occurrences, entities, and assets where facts suffice.

Idempotent on (source, key): each row keeps a hash of all that was listed of it, so that the same
listing again costs a comparison. Start at `Listings.write`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import NamedTuple, Protocol

from gallery_app.catalog import occurrences as offers
from gallery_app.catalog import said
from gallery_app.catalog.assets import having_sha1
from gallery_app.catalog.encoding import GONE, HELD, REFUSED, WANTED, utc_ms
from gallery_app.catalog.entity_rows import tell
from gallery_app.catalog.merging import lend_date
from gallery_app.catalog.rows import blocks, marks
from gallery_app.catalog.transaction import Transaction
from gallery_app.catalog.values import NewAsset, SeenOccurrence
from gallery_app.domain.model import AssetId, Described, QuickHash
from gallery_app.domain.remote import RemoteImage, RemoteTally

# By SHA-1: the asset, whether its bytes are not here, whether it can be shown.
Matches = dict[str, tuple[int, bool, bool]]
_KNOWN = """
    SELECT r.key, r.state, r.version, r.told, r.said, r.sha1, r.asset_id,
           coalesce(a.remote, 0), a.sha256 IS NOT NULL OR a.stand_in IS NOT NULL,
           o.asset_id IS r.asset_id AND o.gone_at IS NULL, o.asset_id
      FROM remote_image r LEFT JOIN asset a ON a.id = r.asset_id
      LEFT JOIN occurrence o ON o.source_id = r.source_id AND o.key = r.key
     WHERE r.source_id = ? AND r.key IN
"""
_UPSERT = """
    INSERT INTO remote_image (source_id, key, state, asset_id, parent, filename, content_type,
        size_bytes, created_at, modified_at, newness, version, page, sha1, private, visibility,
        said, attribution, live_video, focus_x, focus_y, told, listed_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (source_id, key) DO UPDATE SET
        state = excluded.state, asset_id = excluded.asset_id, parent = excluded.parent,
        filename = excluded.filename, content_type = excluded.content_type,
        size_bytes = excluded.size_bytes, created_at = excluded.created_at,
        modified_at = excluded.modified_at, newness = excluded.newness,
        page = excluded.page, sha1 = excluded.sha1, private = excluded.private,
        visibility = excluded.visibility, said = excluded.said,
        attribution = excluded.attribution, live_video = excluded.live_video,
        focus_x = excluded.focus_x, focus_y = excluded.focus_y, told = excluded.told,
        listed_at = excluded.listed_at,
        attempts = iif(version = excluded.version AND state = excluded.state, attempts, 0),
        run_after = iif(version = excluded.version AND state = excluded.state, run_after, NULL),
        lease_until = iif(version = excluded.version AND state = excluded.state, lease_until, NULL),
        error = iif(version = excluded.version AND state = excluded.state, error, NULL),
        version = excluded.version
"""


class _Row(NamedTuple):
    state: int
    version: str
    told: bytes
    said: str | None
    sha1: bytes | None
    asset_id: int | None
    remote: bool  # only remotes have the asset's bytes
    shown: bool  # renditions of it were made
    offered: bool  # the occurrence is there, live, and of that asset
    stood: int | None  # the occurrence's asset, also when it is gone


@dataclass(slots=True)
class _Placed:
    """One image of the batch and where it goes."""

    image: RemoteImage
    row: _Row | None
    told: bytes
    state: int = WANTED
    asset_id: int | None = None
    leader: _Placed | None = None  # the same bytes earlier in the batch
    attach: bool = False  # write the occurrence

    @property
    def same_bytes(self) -> bool:
        row, image = self.row, self.image
        if row is None:
            return False
        return row.version == image.version or (
            row.sha1 is not None and row.sha1.hex() == image.sha1
        )


class Assets(Protocol):
    """The verbs of the writer that a listing needs."""

    def insert_assets(self, items: Sequence[NewAsset]) -> list[AssetId]:
        """Insert assets."""

    def redescribe(
        self, asset_id: AssetId, *, filename: str, described: Described, taken_at: datetime
    ) -> None:
        """Other bytes under the old uid."""

    def retell(
        self, asset_id: AssetId, *, filename: str, described: Described, taken_at: datetime
    ) -> None:
        """Other facts of the same bytes."""


class Listings:
    """Writes one batch."""

    def __init__(
        self,
        transaction: Transaction,
        assets: Assets,
        source_id: int,
        *,
        at: datetime,
        copies: bool,
    ) -> None:
        self._transaction = transaction
        self._connection = transaction.connection
        self._assets = assets
        self._source_id = source_id
        self._at = at
        self._copies = copies

    def write(self, images: Sequence[RemoteImage]) -> RemoteTally:
        """Write the batch; see `Writer.list_remote`."""
        latest = {image.key: image for image in images}
        rows = self._rows(list(latest))
        placed = [_Placed(i, rows.get(i.key), _told(i)) for i in latest.values()]
        by_sha1 = having_sha1(
            self._connection, (p.image.sha1 for p in placed if p.image.sha1 and self._unmatched(p))
        )
        fresh = [p for p in placed if not self._as_before(p, by_sha1)]
        new = sum(1 for p in fresh if p.row is None or p.row.state == GONE)
        self._place(fresh, by_sha1)
        self._upsert(fresh)
        self._offer(fresh)
        self._tell(fresh)
        left = {id(p) for p in fresh}
        self._connection.executemany(
            "UPDATE remote_image SET listed_at = ? WHERE source_id = ? AND key = ?",
            [(utc_ms(self._at), self._source_id, p.image.key) for p in placed if id(p) not in left],
        )
        return RemoteTally(new, len(fresh) - new, len(placed) - len(fresh))

    def _rows(self, keys: Sequence[str]) -> dict[str, _Row]:
        found: dict[str, _Row] = {}
        for block in blocks(keys):
            for key, *facts in self._connection.execute(
                f"{_KNOWN} ({marks(len(block))})", (self._source_id, *block)
            ):
                found[key] = _Row(*facts)
        return found

    def _unmatched(self, placed: _Placed) -> bool:
        row = placed.row
        return row is None or row.asset_id is None or not placed.same_bytes

    def _as_before(self, placed: _Placed, by_sha1: Matches) -> bool:
        """Whether nothing is to be written but that it was listed."""
        row, image = placed.row, placed.image
        if row is None or row.told != placed.told or row.state == GONE:
            return False
        if row.asset_id is None:
            waits_for_bytes = self._copies or image.picture is None
            return waits_for_bytes and (image.sha1 is None or image.sha1 not in by_sha1)
        return bool(row.offered) and not (self._copies and row.remote and row.state == HELD)

    # --- which asset -----------------------------------------------------------------------

    def _place(self, fresh: list[_Placed], by_sha1: Matches) -> None:
        inserts: list[_Placed] = []
        leaders: dict[str, _Placed] = {}
        for placed in fresh:
            row, image = placed.row, placed.image
            match = by_sha1.get(image.sha1) if image.sha1 and self._unmatched(placed) else None
            if row is not None and row.asset_id is not None and placed.same_bytes:
                self._stay(placed, row)
            elif match is not None:
                asset_id, far, shown = match
                placed.asset_id, placed.attach = asset_id, True
                placed.state = HELD if not far or (shown and not self._copies) else WANTED
                if image.picture is not None:
                    described, taken_at = self._described(image, image.picture)
                    lend_date(self._transaction, asset_id, described.metadata, taken_at)
            elif image.picture is not None and not self._copies:
                placed.attach = True
                self._show(placed, inserts, leaders)
            elif row is not None:
                # What stands here stays until the new bytes have come.
                placed.asset_id = None if row.state == GONE else row.asset_id
                refused = row.state == REFUSED and row.version == image.version
                placed.state = REFUSED if refused else WANTED
        for placed, asset_id in zip(inserts, self._insert(inserts), strict=True):
            placed.asset_id = asset_id
        for placed in fresh:
            if placed.leader is not None:
                placed.asset_id = placed.leader.asset_id

    def _show(self, placed: _Placed, inserts: list[_Placed], leaders: dict[str, _Placed]) -> None:
        """Put a picture that nobody knows into the timeline before its bytes come."""
        row, image = placed.row, placed.image
        if image.sha1 and image.sha1 in leaders:
            placed.leader = leaders[image.sha1]
            return
        if image.sha1:
            leaders[image.sha1] = placed
        if row is not None and row.asset_id is not None and self._ours_alone(placed, row):
            placed.asset_id = row.asset_id
            self._describe(self._assets.redescribe, row.asset_id, image)
            self._connection.execute(
                "UPDATE asset SET sha1 = ?, placeholder = ? WHERE id = ?",
                (_raw(image.sha1), image.placeholder, row.asset_id),
            )
        else:
            inserts.append(placed)

    def _stay(self, placed: _Placed, row: _Row) -> None:
        placed.asset_id, placed.attach, placed.state = row.asset_id, True, row.state
        if row.state == GONE:
            placed.state = HELD if row.shown or not row.remote else WANTED
        if self._copies and row.remote and placed.state == HELD:
            placed.state = WANTED
        if row.remote and row.told != placed.told and not self._copies and row.asset_id is not None:
            self._describe(self._assets.retell, row.asset_id, placed.image)

    def _ours_alone(self, placed: _Placed, row: _Row) -> bool:
        if not row.remote:
            return False
        others = self._connection.execute(
            "SELECT 1 FROM occurrence WHERE asset_id = ? AND gone_at IS NULL "
            "AND (source_id <> ? OR key <> ?)",
            (row.asset_id, self._source_id, placed.image.key),
        )
        return others.fetchone() is None

    def _describe(self, verb: Callable[..., None], asset_id: int, image: RemoteImage) -> None:
        if image.picture is not None:
            described, taken_at = self._described(image, image.picture)
            verb(AssetId(asset_id), filename=image.filename, described=described, taken_at=taken_at)

    def _insert(self, inserts: list[_Placed]) -> Sequence[int]:
        if not inserts:
            return []
        items: list[NewAsset] = []
        for placed in inserts:
            image = placed.image
            assert image.picture is not None  # noqa: S101  # as chosen in _place
            described, taken_at = self._described(image, image.picture)
            items.append(
                NewAsset(
                    image.filename, described, taken_at, self._at,
                    sha1=image.sha1, placeholder=image.placeholder, remote=True,
                )
            )  # fmt: skip
        return self._assets.insert_assets(items)

    def _described(self, image: RemoteImage, picture: Described) -> tuple[Described, datetime]:
        """The picture under a quick hash of its own, which no file has, and its date."""
        name = f"{self._source_id}\0{image.key}\0{image.version}"
        digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=16)
        quick_hash = QuickHash(digest.hexdigest())
        taken_at = picture.metadata.taken_at
        if taken_at is not None:
            return replace(picture, quick_hash=quick_hash), taken_at
        moment = image.created_at or image.modified_at or self._at
        taken_at = moment.replace(tzinfo=None)
        metadata = replace(
            picture.metadata, taken_at=taken_at, taken_from="remote", taken_field="created there"
        )
        return replace(picture, quick_hash=quick_hash, metadata=metadata), taken_at

    # --- rows ------------------------------------------------------------------------------

    def _upsert(self, fresh: list[_Placed]) -> None:
        listed_at = utc_ms(self._at)
        values = []
        for placed in fresh:
            i = placed.image
            created, modified = utc_ms(i.created_at), utc_ms(i.modified_at)
            newest = modified if modified is not None else created
            focus_x, focus_y = i.focus or (None, None)
            owed = None
            if i.attribution is not None:
                owed = json.dumps(asdict(i.attribution), ensure_ascii=False)
            values.append(
                (
                    self._source_id, i.key, placed.state, placed.asset_id, i.parent, i.filename,
                    i.content_type, i.size_bytes, created, modified,
                    listed_at if newest is None else newest, i.version, i.page, _raw(i.sha1),
                    i.private, i.visibility, said.written(i.said), owed, i.live_video, focus_x,
                    focus_y, placed.told, listed_at,
                )
            )  # fmt: skip
        self._connection.executemany(_UPSERT, values)

    def _offer(self, fresh: list[_Placed]) -> None:
        attached = [p for p in fresh if p.attach and p.asset_id is not None]
        if not attached:
            return
        seen = [_seen(p.image, AssetId(p.asset_id or 0)) for p in attached]
        offers.put(self._transaction, self._source_id, seen, at=self._at, folders=False)
        offers.leave_to_remotes(self._transaction, {s.asset_id for s in seen if s.asset_id})

    def _tell(self, fresh: list[_Placed]) -> None:
        """Entities and what was said; whatever of it can be seen is touched."""
        for is_new in (True, False):
            told = ((p.image.key, p.image.entities) for p in fresh if (p.row is None) == is_new)
            tell(self._transaction, self._source_id, told, fresh=is_new)
        seen_at = {p.asset_id for p in fresh} | {p.row.stood for p in fresh if p.row is not None}
        self._transaction.touch((i for i in seen_at if i is not None), words=True)
        for placed in fresh:
            row, after = placed.row, placed.image.said
            if placed.asset_id is None:
                continue
            if row is not None and row.asset_id == placed.asset_id:
                before = said.read(row.said)
                said.apply_changes(self._transaction, placed.asset_id, before=before, after=after)
            elif placed.attach:
                said.apply_first(self._transaction, placed.asset_id, after)


def lose(transaction: Transaction, source_id: int, keys: Iterable[str], *, at: datetime) -> int:
    """Rows gone, and their occurrences; returns how many rows were not so until now."""
    keys = list(keys)
    lost = 0
    for block in blocks(keys):
        lost += transaction.connection.execute(
            f"UPDATE remote_image SET state = {GONE}, lease_until = NULL, run_after = NULL "  # noqa: S608  # fixed numbers and question marks
            f"WHERE source_id = ? AND state <> {GONE} AND key IN ({marks(len(block))})",
            (source_id, *block),
        ).rowcount
    offers.mark_gone(transaction, source_id, keys, at=at)
    return lost


def _seen(image: RemoteImage, asset_id: AssetId) -> SeenOccurrence:
    size = image.size_bytes
    if size is None:
        size = 0 if image.picture is None else image.picture.size_bytes
    modified = utc_ms(image.modified_at)
    return SeenOccurrence(image.key, asset_id, size, (modified or 0) * 1_000_000, 0)


def _told(image: RemoteImage) -> bytes:
    text = repr(image).encode("utf-8", "surrogatepass")
    return hashlib.blake2b(text, digest_size=16).digest()


def _raw(sha1: str | None) -> bytes | None:
    return None if sha1 is None else bytes.fromhex(sha1)
