"""What Immich answers, read tolerantly into plain values; see `scalars` for single ones.

Every version leaves out, adds or renames something: unknown fields are ignored and everything
but an asset's id may be missing or of the wrong kind (it is then unknown).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from gallery_app.connectors.immich.scalars import (
    duration_s,
    exposure_s,
    file_name,
    flag,
    long_text,
    moment,
    next_cursor,
    next_page,
    number,
    positive,
    positive_whole,
    side,
    text,
    uuid,
    wall_time,
    whole,
)
from gallery_app.domain.geometry import Box


class Version(NamedTuple):
    """A server's version; compares like a tuple."""

    major: int
    minor: int
    patch: int = 0

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a picture; `name` is "" as long as nobody named them."""

    id: str
    name: str = ""
    hidden: bool = False
    faces: tuple[Box, ...] = ()


@dataclass(frozen=True, slots=True)
class Exif:
    """What Immich read from the file and what was written there by people."""

    make: str | None = None
    model: str | None = None
    lens: str | None = None
    iso: int | None = None
    f_number: float | None = None
    exposure_s: float | None = None
    focal_mm: float | None = None
    latitude: float | None = None
    longitude: float | None = None
    city: str | None = None
    state: str | None = None
    country: str | None = None
    description: str | None = None
    rating: int | None = None
    width: int = 0  # px as stored
    height: int = 0
    size_bytes: int | None = None
    orientation: int = 1
    time_zone: str | None = None


_NO_EXIF = Exif()


@dataclass(frozen=True, slots=True)
class AssetSeen:
    """One asset as Immich lists it. Times carry a zone, except `local_time`, a wall time."""

    id: str
    type: str = ""  # IMAGE, VIDEO, AUDIO, OTHER
    filename: str = ""
    mime: str | None = None
    checksum: str = ""  # base64 of a SHA-1
    thumbhash: str = ""
    library: str | None = None  # set: a file of an external library
    visibility: str = "timeline"
    trashed: bool | None = None  # None: it is not said
    favourite: bool | None = None
    edited: bool = False
    live_video: str | None = None
    width: int = 0  # px as shown
    height: int = 0
    duration_s: float | None = None
    taken_at: datetime | None = None
    local_time: datetime | None = None
    modified_at: datetime | None = None
    created_at: datetime | None = None
    updated_at: datetime | None = None
    exif: Exif = _NO_EXIF
    people: tuple[Person, ...] = ()
    tags: tuple[str, ...] | None = None  # None: this answer says nothing of tags


@dataclass(frozen=True, slots=True)
class Album:
    """An album, without its pictures."""

    id: str
    name: str
    updated: str = ""
    assets: int = 0


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag; `value` is its whole path ("plants/cactus")."""

    id: str
    value: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a search; `ids_refused` counts entries that have no id of the right form."""

    assets: tuple[AssetSeen, ...]
    next_page: int | None = None
    next_cursor: str | None = None
    ids_refused: int = 0

    @property
    def last(self) -> bool:
        """Whether nothing comes after it."""
        return self.next_page is None and self.next_cursor is None


class NotImmich(ValueError):
    """The answer has not the shape of anything Immich says."""


# --- whole answers -------------------------------------------------------------------------


def version_of(body: object) -> Version:
    """The version a server tells.

    Raises:
        NotImmich: it tells none.
    """
    fields = _fields(body)
    major, minor = whole(fields.get("major")), whole(fields.get("minor"))
    if major is None or minor is None:
        raise NotImmich("no version")
    return Version(major, minor, whole(fields.get("patch")) or 0)


def page_of(body: object) -> Page:
    """One page of `POST /search/metadata` or `/search/smart`.

    Raises:
        NotImmich: there is no list of assets in it.
    """
    assets = _fields(_fields(body).get("assets"))
    items = assets.get("items")
    if not isinstance(items, list):
        raise NotImmich("no list of assets")
    seen = [asset for item in items if (asset := asset_of(item)) is not None]
    return Page(
        tuple(seen),
        next_page=next_page(assets.get("nextPage")),
        next_cursor=next_cursor(assets.get("nextCursor")),
        ids_refused=len(items) - len(seen),
    )


def albums_of(body: object) -> list[Album]:
    """The albums of `GET /albums`.

    Raises:
        NotImmich: it is no list.
    """
    return [
        Album(
            key,
            text(fields.get("albumName")) or "",
            text(fields.get("updatedAt")) or "",
            whole(fields.get("assetCount")) or 0,
        )
        for fields in _list(body)
        if (key := uuid(fields.get("id"))) is not None
    ]


def tags_of(body: object) -> list[Tag]:
    """The tags of `GET /tags`, those without a name left out.

    Raises:
        NotImmich: it is no list.
    """
    tags = []
    for fields in _list(body):
        key, value = uuid(fields.get("id")), _tag_name(fields)
        if key is not None and value:
            tags.append(Tag(key, value))
    return tags


def faces_of(body: object) -> tuple[Box, ...]:
    """The faces of `GET /faces`, whoever they are of.

    Raises:
        NotImmich: it is no list.
    """
    return _faces(_list(body))


def permissions_of(body: object) -> tuple[str, frozenset[str]] | None:
    """Name and permissions of the key, from `GET /api-keys/me`; None when it tells none."""
    fields = body if isinstance(body, dict) else {}
    permissions = fields.get("permissions")
    if not isinstance(permissions, list):
        return None
    return text(fields.get("name")) or "", frozenset(p for p in permissions if isinstance(p, str))


def asset_of(item: object) -> AssetSeen | None:
    """One asset; None when its id is not one that Immich gives."""
    if not isinstance(item, dict):
        return None
    key = uuid(item.get("id"))
    if key is None:
        return None
    exif = item.get("exifInfo")
    get = item.get
    people = get("people")
    return AssetSeen(
        id=key,
        type=text(get("type")) or "",
        filename=file_name(get("originalFileName")),
        mime=text(get("originalMimeType")),
        checksum=text(get("checksum")) or "",
        thumbhash=text(get("thumbhash")) or "",
        library=text(get("libraryId")),
        visibility=_visibility(get("visibility"), get("isArchived")),
        trashed=flag(get("isTrashed")),
        favourite=flag(get("isFavorite")),
        edited=get("isEdited") is True,
        live_video=uuid(get("livePhotoVideoId")),
        width=side(get("width")),
        height=side(get("height")),
        duration_s=duration_s(get("duration")),
        taken_at=moment(get("fileCreatedAt")),
        local_time=wall_time(get("localDateTime")),
        modified_at=moment(get("fileModifiedAt")),
        created_at=moment(get("createdAt")),
        updated_at=moment(get("updatedAt")),
        exif=_exif(exif) if isinstance(exif, dict) else _NO_EXIF,
        people=_people(people, get("unassignedFaces")) if people else (),
        tags=_asset_tags(get("tags")),
    )


# --- parts ---------------------------------------------------------------------------------


def _exif(fields: dict[str, object]) -> Exif:
    get = fields.get
    latitude, longitude = number(get("latitude")), number(get("longitude"))
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        latitude = longitude = None
    rating = whole(get("rating"))
    orientation = whole(get("orientation"))
    return Exif(
        make=text(get("make")),
        model=text(get("model")),
        lens=text(get("lensModel")),
        iso=positive_whole(get("iso")),
        f_number=positive(get("fNumber")),
        exposure_s=exposure_s(get("exposureTime")),
        focal_mm=positive(get("focalLength")),
        latitude=latitude,
        longitude=longitude,
        city=text(get("city")),
        state=text(get("state")),
        country=text(get("country")),
        description=long_text(get("description")),
        rating=rating if rating is not None and 1 <= rating <= 5 else None,
        width=side(get("exifImageWidth")),
        height=side(get("exifImageHeight")),
        size_bytes=positive_whole(get("fileSizeInByte")),
        orientation=orientation if orientation is not None and 1 <= orientation <= 8 else 1,
        time_zone=text(get("timeZone")),
    )


def _people(value: object, unassigned: object) -> tuple[Person, ...]:
    people = [
        Person(
            key,
            text(fields.get("name")) or "",
            fields.get("isHidden") is True,
            _faces(fields.get("faces")),
        )
        for fields in (value if isinstance(value, list) else ())
        if isinstance(fields, dict) and (key := uuid(fields.get("id"))) is not None
    ]
    if (strangers := _faces(unassigned)) and people:
        people.append(Person("", faces=strangers))
    return tuple(people)


def _faces(value: object) -> tuple[Box, ...]:
    """Boxes as parts of the picture; those without an area or a picture's size left out."""
    faces = []
    for fields in value if isinstance(value, list) else ():
        if not isinstance(fields, dict):
            continue
        face = Box(
            _part(fields, "X1", "imageWidth"),
            _part(fields, "Y1", "imageHeight"),
            _part(fields, "X2", "imageWidth"),
            _part(fields, "Y2", "imageHeight"),
        )
        if face.right > face.left and face.bottom > face.top:
            faces.append(face)
    return tuple(faces)


def _part(fields: dict[str, object], side: str, of: str) -> float:
    """How far a side of a box is across the picture; 0 when unknown, so that it has no area."""
    at, whole = number(fields.get(f"boundingBox{side}")), positive(fields.get(of))
    return 0.0 if at is None or whole is None else min(1.0, max(0.0, at / whole))


def _asset_tags(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list):
        return None
    names = [_tag_name(fields) for fields in value if isinstance(fields, dict)]
    return tuple(name for name in names if name)


def _tag_name(fields: dict[str, object]) -> str:
    return text(fields.get("value")) or text(fields.get("name")) or ""


def _visibility(value: object, archived: object) -> str:
    if isinstance(value, str) and value:
        return value[:20]
    return "archive" if archived is True else "timeline"


def _fields(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise NotImmich("no object")
    return value


def _list(value: object) -> list[dict[str, object]]:
    if not isinstance(value, list):
        raise NotImmich("no list")
    return [item for item in value if isinstance(item, dict)]
