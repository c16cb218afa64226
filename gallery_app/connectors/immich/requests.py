"""How Immich is asked for assets: the same `Search`, worded for each range of versions.

`Flat` serves everything below 3.2, `Filter` 3.2 and above. Both take typed values: an unknown
flat key is ignored by the server without a word, and a misspelt one would list the whole
library. Locked pictures are never asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from gallery_app.connectors.immich.models import Page, Version

PAGE_SIZE = 1_000  # 1,001 is refused
_VISIBILITY = Version(1, 133)  # before: `withArchived`
_THREE = Version(3, 0)
_FILTER = Version(3, 2)
_ONE_MS = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Search:
    """Which assets are asked for; nothing set: all of them, newest first.

    `hidden`: also those that belong to a live photo, to learn that they were hidden.
    `details`: with EXIF and people.
    """

    album: str | None = None
    tag: str | None = None
    updated_since: datetime | None = None
    trashed_since: datetime | None = None
    hidden: bool = False
    details: bool = True
    size: int = PAGE_SIZE


@dataclass(frozen=True, slots=True)
class Position:
    """How far a listing has come; the start when nothing is set.

    A list is walked by the time of its last picture (`before`), so that pictures which come and
    go meanwhile shift nothing; `page` counts within one time. `turn`: which of the passes a
    version needs. `cursor` is the server's own mark, where it gives one.
    """

    turn: int = 0
    before: datetime | None = None
    page: int = 1
    cursor: str | None = None

    def next_turn(self) -> Position:
        """The start of the next pass."""
        return Position(self.turn + 1)


class Builder(Protocol):
    """Words a `Search` for one range of versions."""

    def turns(self, search: Search) -> int:
        """How many passes it takes to meet every asset that is meant."""

    def body(self, search: Search, at: Position) -> dict[str, object]:
        """The body of `POST /search/metadata`."""

    def after(self, at: Position, page: Page) -> Position | None:
        """Where the listing goes on behind `page`; None when that was the last of its pass."""

    def smart(self, text: str, *, size: int) -> dict[str, object]:
        """The body of `POST /search/smart`."""


class Flat:
    """Versions 1.118 to 3.1: one flat object.

    From 1.133 to 2.x a query sees one visibility and none given means the timeline, so that the
    archive takes a second pass. From 3.0 none given means all but locked ones.
    """

    def __init__(self, version: Version) -> None:
        self._version = version

    def turns(self, search: Search) -> int:
        """Two where the archive is asked for separately."""
        return 2 if _VISIBILITY <= self._version < _THREE else 1

    def body(self, search: Search, at: Position) -> dict[str, object]:
        """The body of `POST /search/metadata`."""
        body: dict[str, object] = {"size": search.size, "page": at.page, "order": "desc"}
        if self._version < _VISIBILITY:
            body["withArchived"] = True
        elif self._version < _THREE:
            body["visibility"] = ("timeline", "archive")[at.turn]
        if search.details:
            body |= {"withExif": True, "withPeople": True}
        if search.album is not None:
            body["albumIds"] = [search.album]
        if search.tag is not None:
            body["tagIds"] = [search.tag]
        if search.updated_since is not None:
            body["updatedAfter"] = instant(search.updated_since)
        if search.trashed_since is not None:
            body |= {"trashedAfter": instant(search.trashed_since), "withDeleted": True}
        if at.before is not None:
            body["takenBefore"] = instant(at.before)
        return body

    def after(self, at: Position, page: Page) -> Position | None:
        """Where the listing goes on behind `page`; None when that was the last of its pass."""
        return None if page.next_page is None else _by_time(at, page)

    def smart(self, text: str, *, size: int) -> dict[str, object]:
        """The body of `POST /search/smart`."""
        return {"query": text, "size": size, "page": 1}


class Filter:
    """Version 3.2 and above: conditions in a `filter`, which no flat one may stand beside."""

    def turns(self, search: Search) -> int:
        """Always one."""
        return 1

    def body(self, search: Search, at: Position) -> dict[str, object]:
        """The body of `POST /search/metadata`."""
        shown = ["timeline", "archive", "hidden"] if search.hidden else ["timeline", "archive"]
        conditions: dict[str, object] = {"visibility": {"in": shown}}
        if search.album is not None:
            conditions["albumIds"] = {"any": [search.album]}
        if search.tag is not None:
            conditions["tagIds"] = {"any": [search.tag]}
        if search.updated_since is not None:
            conditions["updatedAt"] = {"gte": instant(search.updated_since)}
        if search.trashed_since is not None:
            conditions["trashedAt"] = {"gte": instant(search.trashed_since)}
        if at.cursor is None and at.before is not None:
            conditions["takenAt"] = {"lte": instant(at.before)}
        body: dict[str, object] = {
            "size": search.size,
            "filter": conditions,
            "orderBy": {"field": "fileCreatedAt", "direction": "desc"},
        }
        if search.details:
            body |= {"withExif": True, "withPeople": True}
        if at.cursor is not None:
            body["cursor"] = at.cursor
        elif at.page > 1:
            body["page"] = at.page
        return body

    def after(self, at: Position, page: Page) -> Position | None:
        """Where the listing goes on behind `page`; None when that was the last of its pass."""
        if page.last:
            return None
        then = _by_time(at, page)
        if page.next_cursor is None:
            return then
        return Position(at.turn, then.before or at.before, at.page + 1, page.next_cursor)

    def smart(self, text: str, *, size: int) -> dict[str, object]:
        """The body of `POST /search/smart`."""
        shown = {"visibility": {"in": ["timeline", "archive"]}}
        return {"query": text, "size": size, "filter": shown}


def builder_for(version: Version) -> Builder:
    """The wording that a server of this version understands best."""
    return Filter() if version >= _FILTER else Flat(version)


def instant(time: datetime) -> str:
    """A time as Immich takes it: UTC, milliseconds, Z. A date or a time without a zone is 400."""
    utc = time.astimezone(UTC).replace(tzinfo=None)
    return f"{utc.isoformat(timespec='milliseconds')}Z"


def _by_time(at: Position, page: Page) -> Position:
    """The position behind a page, by the time of its last picture.

    Answers cut times to a millisecond, so the last one's millisecond is asked for again whole.
    Within one such millisecond pages are counted.
    """
    first = page.assets[0].taken_at if page.assets else None
    last = page.assets[-1].taken_at if page.assets else None
    if first is None or last is None or first - last <= _ONE_MS:
        return replace(at, page=page.next_page or at.page + 1, cursor=None)
    return Position(at.turn, before=last + _ONE_MS)
