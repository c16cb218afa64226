"""Rows to domain values: the one place that knows the order of an asset's columns."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TypeVar

from gallery_app.catalog.database import Row
from gallery_app.catalog.encoding import STATUSES, from_local_ms, from_utc_ms, hexed, unsigned
from gallery_app.domain.entities import Attribution, EntityRef, RemoteFacts
from gallery_app.domain.geometry import Size
from gallery_app.domain.media import MEDIA_CODES
from gallery_app.domain.model import (
    Asset,
    AssetId,
    Metadata,
    Occurrence,
    Problem,
    QuickHash,
    Sha256,
    SourceId,
    uid_from_bytes,
)

_COLUMNS = """
    a.id, a.uid, a.filename, a.media_type, a.width, a.height, a.size_bytes, a.status, a.version,
    a.added_at, a.taken_at, a.quick_hash, a.sha256, a.sha1, a.phash, a.colour, a.placeholder,
    a.animated, a.truncated, a.duration_s, a.problem_code, a.problem_sentence, a.stored_key,
    a.file_taken_at, a.taken_from, a.taken_field, a.offset_minutes, c.make, c.model, a.lens, a.iso,
    a.f_number, a.exposure_s, a.focal_mm, a.latitude, a.longitude, a.altitude_m, a.orientation,
    a.file_rating, a.file_title, a.file_caption, a.keywords, a.place, a.creator, a.copyright,
    a.software, a.title, a.caption, a.alt_text, a.rating, a.favourite, a.trashed_at, a.remote
"""
# SQLite's default limit of variables is 32,766; blocks keep statements few and cacheable.
_BLOCK = 500
T = TypeVar("T")
# The numbers of what an occurrence `o` belongs to, as `entities` reads them.
LINKED = (
    "(SELECT group_concat(x.entity_id) FROM occurrence_entity x "
    "WHERE x.source_id = o.source_id AND x.key = o.key)"
)


def marks(count: int) -> str:
    """`?,?,?` for an IN list."""
    return ",".join("?" * count)


def blocks(values: Sequence[T], size: int = _BLOCK) -> Iterable[Sequence[T]]:
    """The values in runs short enough for one statement."""
    for start in range(0, len(values), size):
        yield values[start : start + size]


def whole_assets(connection: sqlite3.Connection, ids: Sequence[int]) -> list[Asset]:
    """The assets of `ids` in that order, each with occurrences and tags; unknown ids are left out.

    Four statements for every 500.
    """
    return _assets(connection, ids, whole=True)


def bare_assets(connection: sqlite3.Connection, ids: Sequence[int]) -> list[Asset]:
    """The same without occurrences, entities and tags: one statement for every 500."""
    return _assets(connection, ids, whole=False)


def _assets(connection: sqlite3.Connection, ids: Sequence[int], *, whole: bool) -> list[Asset]:
    found: dict[int, Asset] = {}
    for block in blocks(list(dict.fromkeys(ids))):
        listed = f"({marks(len(block))})"
        places = occurrences(connection, f"o.asset_id IN {listed}", block) if whole else {}
        tags = _tags(connection, block, listed) if whole else {}
        for row in connection.execute(
            f"SELECT {_COLUMNS} FROM asset a LEFT JOIN camera c ON c.id = a.camera_id "  # noqa: S608  # fixed text and question marks only
            f"WHERE a.id IN {listed}",
            block,
        ):
            asset_id = row[0]
            found[asset_id] = _asset(row, places.get(asset_id, ()), tags.get(asset_id, ()))
    return [found[i] for i in ids if i in found]


def occurrences(
    connection: sqlite3.Connection, where: str, values: Sequence[object]
) -> dict[int, list[Occurrence]]:
    """The occurrences `o` that a condition lets through, by asset, ordered by source and key."""
    rows = connection.execute(
        f"SELECT {LINKED}, o.asset_id, o.source_id, o.key, o.size_bytes, o.mtime_ns, o.inode, "  # noqa: S608  # conditions of this room
        "o.first_seen, o.gone_at, r.private, r.page, r.fetched_at, r.visibility, r.attribution, "
        "r.filename FROM occurrence o "
        "LEFT JOIN remote_image r ON r.source_id = o.source_id AND r.key = o.key "
        f"WHERE {where} ORDER BY o.source_id, o.key",
        values,
    ).fetchall()
    refs = entities(connection, {row[0] for row in rows})
    found: defaultdict[int, list[Occurrence]] = defaultdict(list)
    for row in rows:
        linked, asset_id, source_id, key, size, mtime_ns, inode, first_seen, gone_at = row[:9]
        found[asset_id].append(
            Occurrence(
                SourceId(source_id), key, size, mtime_ns, unsigned(inode),
                from_utc_ms(first_seen), from_utc_ms(gone_at), _remote_facts(row[9:]),
                refs[linked],
            )
        )  # fmt: skip
    return dict(found)


def entities(
    connection: sqlite3.Connection, linked: Iterable[str | None]
) -> dict[str | None, tuple[EntityRef, ...]]:
    """The entities that each text of `LINKED` names, by type and id.

    A page of pictures belongs to few different ones, so each is read and made once.
    """
    texts = set(linked)
    numbers = sorted({int(n) for text in texts if text for n in text.split(",")})
    known: dict[str, EntityRef] = {}
    for block in blocks(numbers):
        for number, kind, ref, name, url in connection.execute(
            f"SELECT id, type, ref, name, url FROM entity WHERE id IN ({marks(len(block))})",  # noqa: S608  # question marks only
            block,
        ):
            known[str(number)] = EntityRef(kind, ref, name, url)
    return {
        text: tuple(
            sorted((known[n] for n in (text or "").split(",") if n), key=lambda r: (r.type, r.id))
        )
        for text in texts
    }


def _remote_facts(row: Row) -> RemoteFacts | None:
    private, page, fetched_at, visibility, attribution, filename = row
    if private is None:
        return None
    owed = None if attribution is None else Attribution(**json.loads(attribution))
    return RemoteFacts(page, from_utc_ms(fetched_at), bool(private), visibility, owed, filename)


def _tags(
    connection: sqlite3.Connection, block: Sequence[int], listed: str
) -> dict[int, Sequence[str]]:
    found: defaultdict[int, list[str]] = defaultdict(list)
    for asset_id, name in connection.execute(
        "SELECT asset_tag.asset_id, tag.name FROM asset_tag JOIN tag ON tag.id = asset_tag.tag_id "  # noqa: S608  # question marks only
        f"WHERE asset_tag.asset_id IN {listed} ORDER BY tag.folded",
        block,
    ):
        found[asset_id].append(name)
    return dict(found)


def _asset(row: Row, occurrences: Sequence[Occurrence], tags: Sequence[str]) -> Asset:
    (
        asset_id, uid, filename, media_type, width, height, size_bytes, status, version,
        added_at, taken_at, quick_hash, sha256, sha1, phash, colour, placeholder,
        animated, truncated, duration_s, problem_code, problem_sentence, stored_key,
        file_taken_at, taken_from, taken_field, offset_minutes, make, model, lens, iso,
        f_number, exposure_s, focal_mm, latitude, longitude, altitude_m, orientation,
        file_rating, file_title, file_caption, keywords, place, creator, copyright_, software,
        title, caption, alt_text, rating, favourite, trashed_at, remote,
    ) = row  # fmt: skip
    metadata = Metadata(
        taken_at=None if file_taken_at is None else from_local_ms(file_taken_at),
        taken_from=taken_from,
        taken_field=taken_field,
        offset_minutes=offset_minutes,
        make=make or None,
        model=model or None,
        lens=lens,
        iso=iso,
        f_number=f_number,
        exposure_s=exposure_s,
        focal_mm=focal_mm,
        gps=None if latitude is None else (latitude, longitude),
        altitude_m=altitude_m,
        orientation=orientation,
        rating=file_rating,
        title=file_title,
        caption=file_caption,
        keywords=tuple(json.loads(keywords)) if keywords else (),
        place=place,
        creator=creator,
        copyright=copyright_,
        software=software,
    )
    return Asset(
        id=AssetId(asset_id),
        uid=uid_from_bytes(uid),
        filename=filename,
        media_type=MEDIA_CODES[media_type],
        size=Size(width, height),
        size_bytes=size_bytes,
        status=STATUSES[status],
        metadata=metadata,
        taken_at=from_local_ms(taken_at),
        added_at=from_utc_ms(added_at),
        quick_hash=QuickHash(quick_hash.hex()),
        sha256=None if sha256 is None else Sha256(sha256.hex()),
        sha1=hexed(sha1),
        phash=None if phash is None else unsigned(phash),
        colour=colour,
        placeholder=placeholder,
        animated=bool(animated),
        duration_s=duration_s,
        truncated=bool(truncated),
        version=version,
        problem=None if problem_code is None else Problem(problem_code, problem_sentence or ""),
        title=(title if title is not None else file_title) or None,
        caption=(caption if caption is not None else file_caption) or None,
        alt_text=alt_text,
        rating=rating if rating is not None else file_rating,
        favourite=bool(favourite),
        tags=tuple(tags),
        trashed_at=from_utc_ms(trashed_at),
        occurrences=tuple(occurrences),
        stored=stored_key is not None,
        entities=_of_live(occurrences),
        remote=bool(remote),
    )


def _of_live(occurrences: Sequence[Occurrence]) -> tuple[EntityRef, ...]:
    """The entities of the live occurrences, each once per source."""
    each = {
        (o.source_id, ref.type, ref.id): ref
        for o in occurrences
        if o.gone_at is None
        for ref in o.entities
    }
    return tuple(each.values())
