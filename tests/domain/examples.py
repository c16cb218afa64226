"""Assets and keys for the domain's specifications: plain values with one thing changed."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

from gallery_app.domain.entities import EntityRef, RemoteFacts
from gallery_app.domain.geometry import Size
from gallery_app.domain.model import (
    Asset,
    AssetId,
    Metadata,
    Occurrence,
    QuickHash,
    SourceId,
    uid_from_bytes,
)
from gallery_app.domain.tokens import Key, Keyring

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=timezone.utc)

_PLAIN = Asset(
    id=AssetId(1),
    uid=uid_from_bytes(bytes(range(16))),
    filename="IMG_0042.jpg",
    media_type="jpeg",
    size=Size(4000, 3000),
    size_bytes=3_500_000,
    status="ready",
    metadata=Metadata(),
    taken_at=datetime(2016, 7, 3, 14, 5, 6),  # noqa: DTZ001  # the camera's wall time has no zone
    added_at=NOW,
    quick_hash=QuickHash("0" * 32),
)


def asset(**changes: Any) -> Asset:
    """A ready 12 MP JPEG of July 2016, with these fields changed."""
    return replace(_PLAIN, **changes)


def occurrence(key: str, *, source: int = 3, gone_at: datetime | None = None) -> Occurrence:
    """Where source `source` offers an asset (or offered it, when it is gone)."""
    return Occurrence(SourceId(source), key, 3_500_000, 1, 1, first_seen=NOW, gone_at=gone_at)


def told(*refs: EntityRef, private: bool = False, gone_at: datetime | None = None) -> Occurrence:
    """Where a remote offers an asset, for the team only or not."""
    plain = occurrence("x", source=4, gone_at=gone_at)
    return replace(plain, remote=RemoteFacts(private=private), entities=refs)


def secret(seed: str) -> bytes:
    """32 bytes that look random, the same for the same seed."""
    return hashlib.sha256(seed.encode()).digest()


def key(kid: str = "k001", **changes: Any) -> Key:
    """An active key of its own."""
    return replace(Key(kid, secret(kid), NOW), **changes)


def ring(*keys: Key) -> Keyring:
    """A ring of these keys, or of one."""
    return Keyring(keys or (key(),))
