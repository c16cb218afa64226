"""What a file's head says, as columns of `asset`: shared by inserting and redescribing."""

from __future__ import annotations

import json

from gallery_app.catalog.encoding import DESCRIBED, TYPE_CODES, UNREADABLE, local_ms
from gallery_app.catalog.transaction import Transaction
from gallery_app.domain.model import Described

DESCRIBED_COLUMNS: tuple[str, ...] = (
    "filename", "name_key", "taken_at", "media_type", "width", "height", "size_bytes", "mtime_ns",
    "status", "quick_hash", "colour", "animated", "duration_s", "problem_code",
    "problem_sentence", "file_taken_at", "taken_from", "taken_field", "offset_minutes",
    "camera_id", "lens", "iso", "f_number", "exposure_s", "focal_mm", "latitude", "longitude",
    "altitude_m", "orientation", "file_rating", "file_title", "file_caption", "keywords", "place",
    "creator", "copyright", "software",
)  # fmt: skip


# What the same bytes may be told anew: not what was found in them (colour, problem, status).
_FOUND = frozenset({"status", "quick_hash", "colour", "problem_code", "problem_sentence"})
FACT_COLUMNS: tuple[str, ...] = tuple(c for c in DESCRIBED_COLUMNS if c not in _FOUND)


def facts_only(values: tuple[object, ...]) -> tuple[object, ...]:
    """Of `described_values`, one value for each of FACT_COLUMNS."""
    pairs = zip(DESCRIBED_COLUMNS, values, strict=True)
    return tuple(value for name, value in pairs if name not in _FOUND)


def described_values(
    transaction: Transaction, filename: str, taken_ms: int, *, described: Described
) -> tuple[object, ...]:
    """One value for each of DESCRIBED_COLUMNS."""
    meta = described.metadata
    problem = described.problem
    latitude, longitude = meta.gps or (None, None)
    return (
        filename, filename.casefold(), taken_ms, TYPE_CODES[described.media_type],
        described.size.width, described.size.height, described.size_bytes, described.mtime_ns,
        DESCRIBED if problem is None else UNREADABLE, bytes.fromhex(described.quick_hash),
        described.colour, described.animated, described.duration_s,
        problem and problem.code, problem and problem.sentence,
        None if meta.taken_at is None else local_ms(meta.taken_at), meta.taken_from,
        meta.taken_field, meta.offset_minutes, transaction.camera_id(meta.make, meta.model),
        meta.lens, meta.iso, meta.f_number, meta.exposure_s, meta.focal_mm, latitude, longitude,
        meta.altitude_m, meta.orientation, meta.rating, meta.title, meta.caption,
        json.dumps(meta.keywords, ensure_ascii=False) if meta.keywords else None, meta.place,
        meta.creator, meta.copyright, meta.software,
    )  # fmt: skip
