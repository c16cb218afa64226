"""A wall display: what it shows, how large, and how often it changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from gallery_app.domain.geometry import Size


@dataclass(frozen=True, slots=True)
class Frame:
    """A named address for a display. `key` is its secret part, for those from outside.

    `query` is in the search language; "smart:" before it asks Immich.
    """

    name: str
    query: str
    size: Size
    interval_s: int
    key: str = field(repr=False)
    created_at: datetime
