"""An Immich's searches: what a body may hold, and which assets it means.

Unknown flat keys are ignored without a word, so that a misspelt one finds the whole library. From
3.2 on a `filter` may stand in their place, in which nothing unknown is taken.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from gallery_app.testing.immich_world import Asset, World

Body = dict[str, Any]
Test = Callable[[Asset], bool]

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)")
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.I)
_VISIBILITIES = ("archive", "timeline", "hidden", "locked")
_TIMES = {
    "takenAfter": ("taken", "gte"),
    "takenBefore": ("taken", "lte"),
    "updatedAfter": ("updated", "gte"),
    "updatedBefore": ("updated", "lte"),
    "trashedAfter": ("trashed", "gte"),
    "trashedBefore": ("trashed", "lte"),
    "createdAfter": ("created", "gte"),
    "createdBefore": ("created", "lte"),
}
_FILTER_TIMES = {
    "takenAt": "taken",
    "createdAt": "created",
    "updatedAt": "updated",
    "trashedAt": "trashed",
}
_FILTER_KEYS = frozenset({*_FILTER_TIMES, "visibility", "albumIds", "tagIds", "personIds", "type"})
_BESIDE_FILTER = frozenset(
    {"filter", "size", "cursor", "orderBy", "withExif", "withPeople", "withStacked", "query"}
)
_FLAT = frozenset(
    {*_TIMES, "page", "albumIds", "tagIds", "personIds", "visibility", "withDeleted", "order"}
    | {"type", "isFavorite", "city", "rating", "checksum", "withArchived"}
)


class Refused(Exception):
    """The body is not taken: which field, and why."""

    def __init__(self, path: str, message: str, *, status: int = 400) -> None:
        super().__init__(message)
        self.path, self.message, self.status = path, message, status


class Elevated(Exception):
    """Only somebody who gave the PIN may see that."""


class Searching:
    """Finds assets for one version."""

    def __init__(self, world: World, version: tuple[int, int, int]) -> None:
        self._world = world
        self._version = version

    def page(self, body: Body, *, size: int = 250) -> tuple[list[Asset], str | None, str | None]:
        """Assets of the page that is asked for, the next page's number and mark.

        Raises:
            Refused, Elevated: as the real one refuses.
        """
        tests = self.tests(body)
        wanted = _whole(body, "size", size, most=1000)
        page = _whole(body, "page", 1)
        found = [a for a in self._ordered(body) if all(test(a) for test in tests)]
        begin = (page - 1) * wanted
        mark = body.get("cursor") if self._version >= (3, 2, 0) else None
        if mark is not None:
            time, key = _unmarked(mark)
            begin = next(
                (
                    n
                    for n, a in enumerate(found)
                    if (a.taken.isoformat(timespec="microseconds"), a.id) < (time, key)
                ),
                len(found),
            )
        part = found[begin : begin + wanted]
        if len(found) <= begin + wanted:
            return part, None, None
        cursor = _marked(part[-1]) if self._version >= (3, 2, 0) else None
        return part, str(page + 1), cursor

    def tests(self, body: Body) -> list[Test]:
        """What an asset must pass.

        Raises:
            Refused, Elevated: as the real one refuses.
        """
        if self._version >= (3, 2, 0) and "filter" in body:
            flat = sorted(set(body) & _FLAT - _BESIDE_FILTER)
            if flat:
                raise Refused(flat[0], f"Deprecated field {flat[0]} cannot be combined with filter")
            return self._filter(body["filter"])
        return self._flat(body)

    def _ordered(self, body: Body) -> Iterable[Asset]:
        newest = self._world.newest_first()
        return reversed(newest) if body.get("order") == "asc" else newest

    # --- flat ------------------------------------------------------------------------------

    def _flat(self, body: Body) -> list[Test]:
        tests: list[Test] = [*self._seen(body), *self._ids(body)]
        for name, (field, way) in _TIMES.items():
            if name in body:
                tests.append(_compare(field, way, _time(name, body[name])))
        for name in ("withExif", "withPeople", "withDeleted", "withStacked"):
            if name in body and not isinstance(body[name], bool):
                raise Refused(name, "Invalid input: expected boolean, received string")
        if not body.get("withDeleted") and "trashedAfter" not in body:
            tests.append(lambda a: a.trashed is None)
        return tests

    def _seen(self, body: Body) -> list[Test]:
        if self._version < (1, 133, 0):
            if body.get("withArchived"):
                return [lambda a: a.visibility in {"timeline", "archive"}]
            return [lambda a: a.visibility == "timeline"]
        wanted = body.get("visibility")
        if wanted is None:
            if self._version >= (3, 0, 0):
                return [lambda a: a.visibility != "locked"]
            return [lambda a: a.visibility == "timeline"]
        if wanted not in _VISIBILITIES:
            raise Refused(
                "visibility", "Invalid option: expected one of " + "|".join(_VISIBILITIES)
            )
        if wanted == "locked":
            raise Elevated
        return [lambda a: a.visibility == wanted]

    def _ids(self, body: Body) -> list[Test]:
        tests: list[Test] = []
        if body.get("albumIds"):
            members = self._members(_uuids("albumIds", body["albumIds"]))
            tests.append(lambda a: a.id in members)
        if body.get("tagIds"):
            below = self._below(_uuids("tagIds", body["tagIds"]))
            tests.append(lambda a: bool(a.tags & below))
        if body.get("personIds"):
            who = set(_uuids("personIds", body["personIds"]))
            tests.append(lambda a: bool(who & set(a.faces)))
        return tests

    # --- filter ----------------------------------------------------------------------------

    def _filter(self, conditions: object) -> list[Test]:
        if not isinstance(conditions, dict):
            raise Refused("filter", "Invalid input: expected object")
        unknown = sorted(set(conditions) - _FILTER_KEYS)
        if unknown:
            raise Refused("filter", f'Unrecognized key: "{unknown[0]}"')
        tests: list[Test] = []
        for name, field in _FILTER_TIMES.items():
            for way, value in conditions.get(name, {}).items():
                tests.append(_compare(field, way, _time(name, value)))
        seen = conditions.get("visibility", {}).get("in", ["timeline", "archive", "hidden"])
        if "locked" in seen:
            raise Elevated
        shown = frozenset(seen)
        tests.append(lambda a: a.visibility in shown)
        flat = {n: c["any"] for n, c in conditions.items() if n.endswith("Ids") and "any" in c}
        tests.extend(self._ids(flat))
        if "trashedAt" not in conditions:
            tests.append(lambda a: a.trashed is None)
        return tests

    def _members(self, albums: list[str]) -> set[str]:
        known = [self._world.albums[key] for key in albums if key in self._world.albums]
        return {key for album in known for key in album.members}

    def _below(self, tags: list[str]) -> set[str]:
        """The tags and all below them."""
        paths = [self._world.tags[key].value for key in tags if key in self._world.tags]
        return {
            tag.id
            for tag in self._world.tags.values()
            if any(tag.value == path or tag.value.startswith(f"{path}/") for path in paths)
        }


def _compare(field: str, way: str, time: datetime) -> Test:
    ways: dict[str, Callable[[datetime], bool]] = {
        "gte": lambda found: found >= time,
        "gt": lambda found: found > time,
        "lte": lambda found: found <= time,
        "lt": lambda found: found < time,
    }
    if way not in ways:
        raise Refused("filter", f'Unrecognized key: "{way}"')
    passes = ways[way]

    def test(asset: Asset) -> bool:
        found: datetime | None = getattr(asset, field)
        return found is not None and passes(found)

    return test


def _whole(body: Body, name: str, default: int, *, most: int = 2**31) -> int:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Refused(name, f"Invalid input: expected number, received {type(value).__name__}")
    if value < 1:
        raise Refused(name, "Too small: expected number to be >=1")
    if value > most:
        raise Refused(name, f"Too big: expected number to be <={most}")
    return value


def _time(name: str, value: object) -> datetime:
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise Refused(name, "Invalid input: expected ISO 8601 datetime string, received string")
    return datetime.fromisoformat(value)


def _uuids(name: str, value: object) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        raise Refused(name, "Invalid input: expected array")
    if not all(_UUID.fullmatch(v) for v in value):
        raise Refused(name, "Invalid UUID")
    return value


def _marked(asset: Asset) -> str:
    return base64.b64encode(
        json.dumps([asset.taken.isoformat(timespec="microseconds"), asset.id]).encode()
    ).decode()


def _unmarked(mark: object) -> tuple[str, str]:
    try:
        time, key = json.loads(base64.b64decode(str(mark), validate=True))
    except ValueError as error:
        raise Refused("cursor", "Invalid cursor") from error
    return str(time), str(key)
