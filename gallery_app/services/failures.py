"""What could not be shown, as rows of the job ledger that people read and retry."""

from __future__ import annotations

from collections.abc import Iterable

from gallery_app.catalog.catalog import Catalog
from gallery_app.domain.model import AssetId, SourceId, Uid

FETCH = "fetch"  # the kind of a remote's picture that did not come


def failure_key(uid: Uid) -> str:
    """The one failed row an asset can have."""
    return f"render:{uid}"


def fetch_key(source_id: int, key: str) -> str:
    """The one failed row a picture of a remote can have."""
    return f"{FETCH}:{source_id}:{key}"


def named_by(dedup_key: str) -> tuple[SourceId, str] | None:
    """The remote's picture that a failed row is about; None when it is about another thing."""
    kind, _, rest = dedup_key.partition(":")
    number, _, key = rest.partition(":")
    return (SourceId(int(number)), key) if kind == FETCH and number.isdigit() else None


def note_failures(catalog: Catalog, asset_ids: Iterable[AssetId]) -> None:
    """List each of these assets that has a problem, with its path and the reason."""
    for asset in catalog.assets.many(list(asset_ids)):
        if asset.problem is None:
            continue
        where = next((o.key for o in asset.occurrences if o.gone_at is None), asset.filename)
        catalog.jobs.record_failure(
            "render",
            failure_key(asset.uid),
            subject=where,
            error=asset.problem.sentence,
            asset_uid=asset.uid,
        )
