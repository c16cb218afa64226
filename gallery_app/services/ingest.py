"""The door for files that lie in folders: what was described becomes rows, in batches.

For each described file one of five things is true: it is known and unchanged, its bytes changed
in place, it moved here from a path that vanished, it came back, or it is new. Uploads have their
own door (`uploads.py`), which ends at the same writer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from gallery_app.catalog.catalog import Catalog
from gallery_app.catalog.values import Known, NewAsset, SeenOccurrence
from gallery_app.catalog.writer import Writer
from gallery_app.connectors.base import FileSeen
from gallery_app.domain.errors import BadInput, Conflict, NotFound
from gallery_app.domain.model import (
    Asset,
    AssetId,
    Described,
    NotAPicture,
    QuickHash,
    SourceId,
    TakenFrom,
)
from gallery_app.services.failures import failure_key, note_failures

# The quick hash covers every byte of a file up to this size: its first and last 64 KiB.
HASHED_BYTES = 128 * 1024


@dataclass(slots=True)
class Tally:
    """What a scan found and did, in files."""

    found: int = 0
    described: int = 0
    unchanged: int = 0
    moved: int = 0
    changed: int = 0
    gone: int = 0
    failed: int = 0
    problems: list[tuple[str, str]] = field(default_factory=list)  # key, sentence
    passed_over: list[tuple[str, str]] = field(default_factory=list)  # those never looked into

    def passed_over_sentence(self) -> str | None:
        """How many files and folders were left out and why the first was; None without any."""
        if not self.passed_over:
            return None
        key, reason = self.passed_over[0]
        count = len(self.passed_over)
        many = "One file or folder was" if count == 1 else f"{count:,} files or folders were"
        return f"{many} passed over. “{key or '/'}”: {reason}"

    def add(self, part: Tally) -> None:
        """Count what a part of the scan found and did as well."""
        for name, count in part.as_progress().items():
            setattr(self, name, getattr(self, name) + count)
        self.problems.extend(part.problems)

    def as_progress(self) -> dict[str, int]:
        """The counts by name, for a job's row."""
        return {
            "found": self.found,
            "described": self.described,
            "unchanged": self.unchanged,
            "moved": self.moved,
            "changed": self.changed,
            "gone": self.gone,
            "failed": self.failed,
        }


@dataclass(frozen=True, slots=True)
class Sighting:
    """One file that was looked into: where it was seen and what its head says."""

    seen: FileSeen
    described: Described | NotAPicture


class Ingest:
    """Turns sightings of one source into rows; give one object per scan."""

    def __init__(
        self,
        catalog: Catalog,
        source_id: SourceId,
        *,
        known: Mapping[str, Known],
        vanished: set[str],
        now: Callable[[], datetime],
        local_time: Callable[[float], datetime],
    ) -> None:
        """Prepare for one scan.

        Args:
            catalog: where the rows go.
            source_id: the folder source that was walked.
            known: what the catalog knew of the scanned part before.
            vanished: known keys the walk did not meet; those found elsewhere are taken out.
            now: UTC clock.
            local_time: seconds since the epoch to local wall time, for files without a date.
        """
        self._catalog = catalog
        self._source_id = source_id
        self._known = known
        self._vanished = vanished
        self._now = now
        self._local_time = local_time

    def take(self, sightings: list[Sighting], tally: Tally) -> None:
        """Write one batch in one transaction; a crash before its end leaves the files unseen.

        A sighting that cannot be written is a problem of the tally and stops no other one.

        Raises:
            NotFound: the source was removed meanwhile; nothing was written.
        """
        batch, part = _Batch(), Tally()
        try:
            written = self._write(sightings, batch, part)
        except (BadInput, Conflict) as error:
            # Nothing was written: what vanished is again where moves may be found.
            self._vanished.update(batch.spent)
            if len(sightings) > 1:
                for sighting in sightings:
                    self.take([sighting], tally)
                return
            tally.failed += 1
            tally.problems.append((sightings[0].seen.key, error.public))
            return
        tally.add(part)
        if part.failed:
            note_failures(self._catalog, written)

    def _write(self, sightings: list[Sighting], batch: _Batch, tally: Tally) -> list[AssetId]:
        """All of the sightings in one transaction, or none; the assets that have new bytes."""
        by_hash = self._owners(sightings)
        at = self._now()
        with self._catalog.write() as writer:
            self._require_source()
            for sighting in sightings:
                self._sort_in(writer, sighting, by_hash, batch, tally)
            ids = writer.insert_assets(
                [self._new_asset(s, described, at) for s, described in batch.new]
            )
            occurrences = batch.occurrences + [
                _occurrence(sighting.seen, sighting.described, asset_id)
                for (sighting, _), asset_id in zip(batch.new, ids, strict=True)
            ]
            if batch.moves:
                writer.move_occurrences(self._source_id, batch.moves, at=at)
            if occurrences:
                writer.put_occurrences(self._source_id, occurrences, at=at)
        return [*ids, *batch.changed]

    def bury(self, tally: Tally) -> None:
        """Note every file that vanished and was not found elsewhere as gone; raises as `take`."""
        keys = sorted(key for key in self._vanished if not self._known[key].gone)
        if keys:
            with self._catalog.write() as writer:
                self._require_source()
                writer.mark_gone(self._source_id, keys, at=self._now())
            tally.gone += len(keys)

    def _require_source(self) -> None:
        """Asked while nobody else can write, so that nothing is written after a removal."""
        source = self._catalog.sources.get(self._source_id, counted=False)
        if source is None or source.removed_at is not None:
            raise NotFound("source")

    # --- one sighting ----------------------------------------------------------------------

    def _sort_in(
        self,
        writer: Writer,
        sighting: Sighting,
        by_hash: Mapping[QuickHash, list[Asset]],
        batch: _Batch,
        tally: Tally,
    ) -> None:
        key, described = sighting.seen.key, sighting.described
        if isinstance(described, NotAPicture):
            batch.occurrences.append(_occurrence(sighting.seen, described, None))
            return
        tally.described += 1
        if described.problem is not None:
            tally.failed += 1
            tally.problems.append((key, described.problem.sentence))
        before = self._known.get(key)
        if before is not None and before.asset_id is not None:
            self._again(writer, before, sighting, described, batch, tally)
            return
        old_key = self._moved_from(described, by_hash)
        if old_key is not None:
            batch.spent.append(old_key)
            owner = self._known[old_key].asset_id
            batch.moves.append((old_key, _occurrence(sighting.seen, described, owner)))
            tally.moved += 1
            return
        for asset in by_hash.get(described.quick_hash, ()):
            if asset.status == "missing" and asset.id not in batch.revived:
                batch.revived.add(asset.id)
                self._revive(asset, _occurrence(sighting.seen, described, asset.id), batch)
                return
        batch.new.append((sighting, described))

    def _revive(self, asset: Asset, seen: SeenOccurrence, batch: _Batch) -> None:
        """A missing asset is back; under a new name where its old path was in this source."""
        old = next((o.key for o in asset.occurrences if o.source_id == self._source_id), None)
        if old is None or old == seen.key:
            batch.occurrences.append(seen)
        else:
            batch.moves.append((old, seen))

    def _again(
        self,
        writer: Writer,
        before: Known,
        sighting: Sighting,
        described: Described,
        batch: _Batch,
        tally: Tally,
    ) -> None:
        """A path we know: the same bytes touched, or other bytes in their place.

        The quick hash of a large file leaves out its middle, so a new time may mean new bytes:
        such a file is read whole again, and becomes one with its former self if it is the same.
        """
        asset = before.asset_id and self._catalog.assets.by_id(before.asset_id)
        if not asset:
            batch.new.append((sighting, described))
            return
        asset_id = asset.id
        written = before.mtime_ns != described.mtime_ns and described.size_bytes > HASHED_BYTES
        if written or asset.quick_hash != described.quick_hash:
            tally.changed += 1
            alone = not asset.stored and all(
                o.gone_at is not None
                or (o.source_id, o.key) == (self._source_id, sighting.seen.key)
                for o in asset.occurrences
            )
            if not alone:
                batch.new.append((sighting, described))
                return
            batch.changed.append(asset_id)
            self._catalog.jobs.close_failure(failure_key(asset.uid))
            dated, taken_at = dated_by(described, self._local_time)
            writer.redescribe(
                asset_id, filename=_name(sighting.seen.key), described=dated, taken_at=taken_at
            )
        batch.occurrences.append(_occurrence(sighting.seen, described, asset_id))

    def _moved_from(
        self, described: Described, by_hash: Mapping[QuickHash, list[Asset]]
    ) -> str | None:
        """A vanished path of this source that had these bytes; it is spent by this call."""
        for asset in by_hash.get(described.quick_hash, ()):
            for occurrence in asset.occurrences:
                key = occurrence.key
                if (
                    occurrence.source_id == self._source_id
                    and key in self._vanished
                    and self._known[key].asset_id == asset.id
                ):
                    self._vanished.discard(key)
                    return key
        return None

    def _owners(self, sightings: list[Sighting]) -> dict[QuickHash, list[Asset]]:
        """Assets that may be the same as an unknown file, by quick hash."""
        hashes = [
            s.described.quick_hash
            for s in sightings
            if isinstance(s.described, Described) and s.seen.key not in self._known
        ]
        found = self._catalog.assets.by_quick_hash(hashes) if hashes else {}
        return {h: self._catalog.assets.many(ids) for h, ids in found.items()}

    def _new_asset(self, sighting: Sighting, described: Described, at: datetime) -> NewAsset:
        dated, taken_at = dated_by(described, self._local_time)
        return NewAsset(
            filename=_name(sighting.seen.key), described=dated, taken_at=taken_at, added_at=at
        )


@dataclass(slots=True)
class _Batch:
    new: list[tuple[Sighting, Described]] = field(default_factory=list)
    occurrences: list[SeenOccurrence] = field(default_factory=list)
    moves: list[tuple[str, SeenOccurrence]] = field(default_factory=list)
    revived: set[AssetId] = field(default_factory=set)
    changed: list[AssetId] = field(default_factory=list)
    spent: list[str] = field(default_factory=list)  # vanished keys that were found elsewhere


def dated_by(
    described: Described,
    local_time: Callable[[float], datetime],
    *,
    taken_from: TakenFrom = "file",
    taken_field: str = "file modified",
) -> tuple[Described, datetime]:
    """The description with a date in any case, and that date.

    The file's own time serves where no tag gives one; `taken_from` and `taken_field` then say so.
    """
    meta = described.metadata
    if meta.taken_at is not None:
        return described, meta.taken_at
    taken_at = local_time(described.mtime_ns / 1e9).replace(tzinfo=None)
    dated = replace(meta, taken_at=taken_at, taken_from=taken_from, taken_field=taken_field)
    return replace(described, metadata=dated), taken_at


def _occurrence(
    seen: FileSeen, described: Described | NotAPicture, asset_id: AssetId | None
) -> SeenOccurrence:
    # Size and time as they were when the bytes were read, so that a later change is noticed.
    return SeenOccurrence(
        key=seen.key,
        asset_id=asset_id,
        size_bytes=described.size_bytes,
        mtime_ns=described.mtime_ns,
        inode=seen.inode,
    )


def _name(key: str) -> str:
    return key.rpartition("/")[2]
