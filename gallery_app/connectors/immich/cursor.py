"""How far the sync of an Immich has come, as the text that is kept between two runs.

JSON: `since` and `slow` (changes are asked for from then on; `slow` is that of the archive where
a version needs a pass of its own), `until` and `at` (a listing under way: when it began and how
far it is), `albums` (what each album looked like when its pictures were last listed).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from gallery_app.connectors.immich.models import Album
from gallery_app.connectors.immich.requests import Position
from gallery_app.connectors.immich.scalars import moment


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where a run goes on. `since` None: not everything was listed yet."""

    since: datetime | None = None
    slow: datetime | None = None
    until: datetime | None = None
    at: Position | None = None
    albums: Mapping[str, str] = field(default_factory=dict)

    def write(self) -> str:
        """The text that is kept."""
        kept: dict[str, object] = {"v": 1}
        times = {"since": self.since, "slow": self.slow, "until": self.until}
        kept |= {name: time.isoformat() for name, time in times.items() if time is not None}
        if self.at is not None:
            before = self.at.before
            kept["at"] = [
                self.at.turn,
                None if before is None else before.isoformat(),
                self.at.page,
                self.at.cursor,
            ]
        if self.albums:
            kept["albums"] = dict(self.albums)
        return json.dumps(kept, separators=(",", ":"))


def read(text: str) -> Cursor:
    """The cursor of a text; one that cannot be read is a new beginning."""
    try:
        kept = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return Cursor()
    if not isinstance(kept, dict) or kept.get("v") != 1:
        return Cursor()
    albums = kept.get("albums")
    return Cursor(
        since=moment(kept.get("since")),
        slow=moment(kept.get("slow")),
        until=moment(kept.get("until")),
        at=_position(kept.get("at")),
        albums=albums if isinstance(albums, dict) else {},
    )


def look_of(album: Album) -> str:
    """What an album looks like from outside: another text when its pictures or name changed."""
    seen = f"{album.name}\0{album.updated}\0{album.assets}".encode("utf-8", "replace")
    return hashlib.blake2b(seen, digest_size=5).hexdigest()


def _position(value: object) -> Position | None:
    if not isinstance(value, list) or len(value) != 4:
        return None
    turn, before, page, cursor = value
    if not isinstance(turn, int) or not isinstance(page, int) or page < 1:
        return None
    return Position(turn, moment(before), page, cursor if isinstance(cursor, str) else None)
