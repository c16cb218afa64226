"""The columns kept in memory: one number per asset and fact, at the asset's id.

SQLite is the truth; these arrays are read from it at open and follow every commit, so that
filters, totals, facets and buckets cost milliseconds at a million assets. All access is under
`lock`. An id without an asset has no EXISTS flag. Occurrences are kept as folders: an asset's
first live one in `folder`, further ones as pairs in `extra_assets` and `extra_folders`.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Collection, Iterable, Sequence
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt

from gallery_app.catalog.encoding import MISSING
from gallery_app.catalog.entity_columns import EntityColumns
from gallery_app.catalog.entity_links import all_links, links_of
from gallery_app.catalog.followed import Followed
from gallery_app.catalog.orders import Orders
from gallery_app.catalog.postings import Postings
from gallery_app.catalog.rows import blocks, marks
from gallery_app.catalog.word_hits import WordHits
from gallery_app.domain.model import Metadata

Array = npt.NDArray[Any]
Ids = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]

EXISTS, FAVOURITE, ANIMATED, TRUNCATED, LOCATED, TAGGED, TRASHED, REMOTE, PRIVATE, DATED = (
    1 << n for n in range(10)
)
_ON_TILES = 0x7F  # flags that a tile may show
DAY_MS = 86_400_000
_CHUNK = 65_536

_ROW = np.dtype(
    [
        ("id", "i8"), ("uid", "S16"), ("taken", "i8"), ("added", "i8"), ("bytes", "i8"),
        ("width", "u4"), ("height", "u4"), ("colour", "i4"), ("type", "u1"), ("camera", "u4"),
        ("status", "u1"), ("version", "i8"), ("rating", "u1"), ("flags", "u2"), ("phash", "i8"),
    ]
)  # fmt: skip
_PLACE = np.dtype([("asset", "i4"), ("folder", "i4")])
_PAIR = np.dtype([("asset", "i4"), ("entity", "i4")])
_ROWS = f"""
    SELECT id, uid, taken_at, added_at, size_bytes, width, height, coalesce(colour, 8421504),
           media_type, coalesce(camera_id, 0), status, version,
           max(0, min(5, coalesce(rating, file_rating, 0))),
           {EXISTS} | favourite * {FAVOURITE} | animated * {ANIMATED} | truncated * {TRUNCATED}
           | (latitude IS NOT NULL) * {LOCATED} | (trashed_at IS NOT NULL) * {TRASHED}
           | remote * {REMOTE}
           | (file_taken_at IS NOT NULL
              AND coalesce(taken_from, 'file') NOT IN ('file', 'name', 'remote')) * {DATED},
           coalesce(phash, 0)
      FROM asset
"""  # noqa: S608  # fixed numbers only
_ENTITIES = "SELECT id, type, ref, folded FROM entity"
# For the team only is what all say that offer it; when nobody does any more, all that did.
_PRIVATE = """
    SELECT o.asset_id FROM occurrence o
      LEFT JOIN remote_image r ON r.source_id = o.source_id AND r.key = o.key
     WHERE o.asset_id IN ({})
     GROUP BY o.asset_id
    HAVING coalesce(min(CASE WHEN o.gone_at IS NULL THEN coalesce(r.private, 0) END),
                    min(coalesce(r.private, 0))) = 1
"""
_SAID_PRIVATE = """
    SELECT p.asset_id FROM remote_image q
      JOIN occurrence p ON p.source_id = q.source_id AND p.key = q.key WHERE q.private = 1
"""
_COLUMNS: dict[str, str] = {
    "taken": "i8", "added": "i8", "bytes": "i8", "width": "u4", "height": "u4", "aspect": "u2",
    "colour": "u2", "type": "u1", "camera": "u4", "status": "u1", "version": "u1", "rating": "u1",
    "flags": "u2", "year": "i2", "stamp": "u4", "folder": "i4", "phash": "u8",
}  # fmt: skip


class Columns:
    """The arrays, at `[asset id]`; the first `size` entries are in use."""

    taken: npt.NDArray[np.int64]
    added: npt.NDArray[np.int64]
    bytes: npt.NDArray[np.int64]
    width: npt.NDArray[np.uint32]
    height: npt.NDArray[np.uint32]
    aspect: npt.NDArray[np.uint16]  # width / height * 4096, 205 to 65535
    colour: npt.NDArray[np.uint16]  # RGB 565
    type: npt.NDArray[np.uint8]
    camera: npt.NDArray[np.uint32]
    status: npt.NDArray[np.uint8]
    version: npt.NDArray[np.uint8]  # modulo 256
    rating: npt.NDArray[np.uint8]
    flags: npt.NDArray[np.uint16]
    year: npt.NDArray[np.int16]
    stamp: npt.NDArray[np.uint32]  # differs when anything a tile shows has changed
    folder: npt.NDArray[np.int32]  # 0: no source offers it
    phash: npt.NDArray[np.uint64]  # 0: unknown
    uid: npt.NDArray[np.uint8]  # shape (n, 16)

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.revision = 0
        self.size = 1
        self.capacity = 0
        self.extra_assets: Ids = np.empty(0, dtype=np.int32)
        self.extra_folders: npt.NDArray[np.int32] = np.empty(0, dtype=np.int32)
        self.folder_sources: list[int] = [0]
        self.folder_paths: list[str] = [""]
        self.cameras: dict[int, str] = {}
        self.source_names: dict[int, str] = {}
        self.tags = Postings()
        self.entities = EntityColumns()
        self.hits = WordHits()
        self.followed = Followed()
        self.tag_names: dict[int, str] = {}
        self.tag_ids: dict[str, int] = {}
        self.orders = Orders(self)
        self._reserve(1024)

    # --- reading ---------------------------------------------------------------------------

    def shown(self, *, trashed: bool, ids: Ids | None = None) -> Mask:
        """Which ids (of these, or of all) belong in the timeline, or in the trash."""
        which = slice(self.size) if ids is None else ids
        flags = self.flags[which] & (EXISTS | TRASHED)
        wanted = (EXISTS | TRASHED) if trashed else EXISTS
        mask: Mask = flags == wanted
        mask &= self.status[which] != MISSING
        return mask

    def in_folders(self, wanted: Mask) -> Mask:
        """Which ids have a live occurrence in a folder marked in `wanted` (by folder id)."""
        mask: Mask = wanted[self.folder[: self.size]]
        if len(self.extra_assets):
            mask[self.extra_assets[wanted[self.extra_folders]]] = True
        return mask

    def folders_of_source(self, source_id: int) -> Mask:
        """Marks the folders of a source, by folder id."""
        mask: Mask = np.array(self.folder_sources, dtype=np.int64) == source_id
        mask[0] = False
        return mask

    # --- following the database ------------------------------------------------------------

    def load(self, connection: sqlite3.Connection, *, revision: int) -> None:
        """Read everything; called once, before anyone else has the object."""
        top = connection.execute("SELECT coalesce(max(id), 0) FROM asset").fetchone()[0]
        self._reserve(top + 1)
        self.size = top + 1
        for start in range(1, top + 1, _CHUNK):
            rows = connection.execute(
                _ROWS + "WHERE id BETWEEN ? AND ?", (start, start + _CHUNK - 1)
            )
            self._fill(np.fromiter(rows, dtype=_ROW))
        self._load_names(connection)
        # In chunks, because what is freed of one big array at start is rarely given back.
        offers = connection.execute(
            "SELECT asset_id, folder_id FROM occurrence "
            "WHERE gone_at IS NULL AND asset_id IS NOT NULL"
        )
        while len(placed := np.fromiter(islice(offers, _CHUNK), dtype=_PLACE)):
            self._place(placed)
        tagged = connection.execute("SELECT asset_id, tag_id FROM asset_tag")
        while len(pairs := list(islice(tagged, _CHUNK))):
            self._tag(pairs)
        private = [row[0] for row in connection.execute(_PRIVATE.format(_SAID_PRIVATE))]
        self.flags[np.array(private, dtype=np.int64)] |= PRIVATE
        named = connection.execute(_ENTITIES)
        while len(entities := list(islice(named, _CHUNK))):
            self.entities.put(entities)
        self.entities.postings.load(all_links(connection))
        self.revision = revision
        self.followed.begin(revision)

    def read(
        self, connection: sqlite3.Connection, ids: Collection[int], *, entities: Collection[int]
    ) -> Changed:
        """What the database now says of these assets and entities; read in the transaction."""
        ordered = sorted(ids)
        rows: list[tuple[Any, ...]] = []
        places: list[tuple[int, int]] = []
        private: list[int] = []
        tags: list[tuple[int, int]] = []
        linked: list[tuple[int, int]] = []
        named: list[tuple[int, str, str, str]] = []
        belonging = connection.execute("SELECT 1 FROM occurrence_entity LIMIT 1").fetchone()
        remotes = connection.execute("SELECT 1 FROM remote_image LIMIT 1").fetchone()
        for block in blocks(sorted(entities)):
            named += connection.execute(f"{_ENTITIES} WHERE id IN ({marks(len(block))})", block)
        for block in blocks(ordered):
            listed = f"({marks(len(block))})"
            rows += connection.execute(f"{_ROWS} WHERE id IN {listed}", block)
            places += connection.execute(
                "SELECT asset_id, folder_id FROM occurrence "  # noqa: S608  # question marks only
                f"WHERE gone_at IS NULL AND asset_id IN {listed}",
                block,
            )
            if remotes:
                asked = _PRIVATE.format(marks(len(block)))
                private += [row[0] for row in connection.execute(asked, block)]
            if belonging:
                linked += links_of(connection, block)
            tags += connection.execute(
                f"SELECT asset_id, tag_id FROM asset_tag WHERE asset_id IN {listed}",  # noqa: S608  # question marks only
                block,
            )
        return Changed(
            ids=np.array(ordered, dtype=np.int32),
            rows=np.array(rows, dtype=_ROW),
            places=np.array(places, dtype=_PLACE),
            tags=tags,
            linked=np.array(linked, dtype=_PAIR),
            named=named,
            private=np.array(private, dtype=np.int64),
        )

    def apply(
        self,
        changed: Changed,
        connection: sqlite3.Connection,
        *,
        revision: int,
        sources_changed: bool = False,
    ) -> None:
        """Follow a commit. `connection` names the folders, cameras and tags that are new."""
        with self.lock:
            self._load_names(connection)
            self.entities.put(changed.named)
            ids = changed.ids
            if len(ids):
                top = int(ids[-1])
                if top >= self.size:
                    self._reserve(top + 1)
                    self.size = top + 1
                known = ids[self.flags[ids] != 0]
                self.orders.forget(known)
                self.flags[ids] = 0
                self.folder[ids] = 0
                self._fill(changed.rows)
                self._unplace(known)
                self._place(changed.places)
                self.tags.remove(known)
                self._tag(changed.tags)
                self.flags[changed.private] |= PRIVATE
                self.entities.postings.remove(known)
                self.entities.postings.add(changed.linked["asset"], changed.linked["entity"])
                self.orders.insert(changed.rows["id"].astype(np.int32))
            if sources_changed:  # what a source offers comes or goes with it, untouched
                self.followed.begin(revision)
            else:
                self.followed.note(revision, ids)
            self.revision = revision

    def _reserve(self, size: int) -> None:
        if size <= self.capacity:
            return
        capacity = max(size + 1024, self.capacity * 2)
        for name, dtype in _COLUMNS.items():
            grown = np.zeros(capacity, dtype=dtype)
            if self.capacity:
                grown[: self.size] = getattr(self, name)[: self.size]
            setattr(self, name, grown)
        uid = np.zeros((capacity, 16), dtype=np.uint8)
        if self.capacity:
            uid[: self.size] = self.uid[: self.size]
        self.uid = uid
        self.capacity = capacity

    def _fill(self, rows: Array) -> None:
        ids = rows["id"]
        for name in ("taken", "added", "bytes", "width", "height", "type", "camera", "status"):
            getattr(self, name)[ids] = rows[name]
        self.rating[ids] = rows["rating"]
        self.flags[ids] = rows["flags"]
        self.version[ids] = rows["version"] & 255
        self.phash[ids] = rows["phash"].view(np.uint64)
        self.uid[ids] = np.ascontiguousarray(rows["uid"]).view(np.uint8).reshape(-1, 16)
        width = np.maximum(rows["width"], 1).astype(np.float64)
        height = np.maximum(rows["height"], 1)
        known = (rows["width"] > 0) & (rows["height"] > 0)
        aspect = np.where(known, np.rint(width / height * 4096), 4096)
        self.aspect[ids] = np.clip(aspect, 205, 65535)
        colour = rows["colour"]
        self.colour[ids] = (
            ((colour >> 19) & 31) << 11 | ((colour >> 10) & 63) << 5 | ((colour >> 3) & 31)
        )
        self.year[ids] = rows["taken"].astype("M8[ms]").astype("M8[Y]").astype(np.int64) + 1970
        self._stamp(ids)

    def _stamp(self, ids: Array) -> None:
        # Source: SplitMix64's finaliser (Steele, Lea, Flood 2014): every bit of what a tile
        # shows reaches every bit of the stamp, so sums of stamps differ when one tile does.
        mixed = ids.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
        for part in (
            self.taken[ids].view(np.uint64),
            self.version[ids].astype(np.uint64)
            | (self.flags[ids] & _ON_TILES).astype(np.uint64) << np.uint64(8)
            | self.status[ids].astype(np.uint64) << np.uint64(16)
            | self.type[ids].astype(np.uint64) << np.uint64(24)
            | self.aspect[ids].astype(np.uint64) << np.uint64(32)
            | self.colour[ids].astype(np.uint64) << np.uint64(48),
        ):
            mixed ^= part
            mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
            mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
            mixed ^= mixed >> np.uint64(31)
        self.stamp[ids] = (mixed >> np.uint64(32)).astype(np.uint32)

    def _unplace(self, ids: Ids) -> None:
        if len(self.extra_assets) and len(ids):
            gone = np.zeros(self.size, dtype=np.bool_)
            gone[ids] = True
            kept = ~gone[self.extra_assets]
            self.extra_assets = self.extra_assets[kept]
            self.extra_folders = self.extra_folders[kept]

    def _place(self, pairs: Array) -> None:
        assets, folders = pairs["asset"], pairs["folder"]
        first = np.unique(assets, return_index=True)[1]
        first = first[self.folder[assets[first]] == 0]
        self.folder[assets[first]] = folders[first]
        if len(first) < len(assets):
            further = np.ones(len(assets), dtype=np.bool_)
            further[first] = False
            self.extra_assets = np.concatenate([self.extra_assets, assets[further]])
            self.extra_folders = np.concatenate([self.extra_folders, folders[further]])

    def _tag(self, pairs: Iterable[tuple[int, int]]) -> None:
        found = np.fromiter(pairs, dtype=[("asset", "i4"), ("tag", "i4")])
        self.tags.add(found["asset"], found["tag"])
        self.flags[found["asset"]] |= TAGGED

    def _load_names(self, connection: sqlite3.Connection) -> None:
        for folder_id, source_id, path in connection.execute(
            "SELECT id, source_id, path FROM folder WHERE id >= ? ORDER BY id",
            (len(self.folder_paths),),
        ):
            while len(self.folder_paths) < folder_id:  # ids are dense but for a rolled back one
                self.folder_sources.append(0)
                self.folder_paths.append("")
            self.folder_sources.append(source_id)
            self.folder_paths.append(path)
        for camera_id, make, model in connection.execute(
            "SELECT id, make, model FROM camera WHERE id > ?", (max(self.cameras, default=0),)
        ):
            self.cameras[camera_id] = Metadata(make=make, model=model).camera or ""
        for tag_id, name, folded in connection.execute(
            "SELECT id, name, folded FROM tag WHERE id > ?", (max(self.tag_names, default=0),)
        ):
            self.tag_names[tag_id] = name
            self.tag_ids[folded] = tag_id
        self.source_names = dict(connection.execute("SELECT id, name FROM source").fetchall())


class Changed:
    """What a transaction made of the assets it touched: `ids` without a row are gone."""

    def __init__(
        self,
        *,
        ids: Ids,
        rows: Array,
        places: Array,
        tags: Sequence[tuple[int, int]],
        linked: Array,
        named: Sequence[tuple[int, str, str, str]],
        private: Array,
    ) -> None:
        self.ids = ids
        self.rows = rows
        self.places = places
        self.tags = tags
        self.linked = linked
        self.named = named
        self.private = private
