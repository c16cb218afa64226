"""The forms of the API's bodies, for the documentation and for what comes in.

What goes out is built as plain values in `shapes.py`, which costs a tenth of building models;
tests hold every answer against the models here. What comes in is validated strictly, and a
field we do not know is refused rather than ignored.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr

from gallery_app.domain.renditions import RENDITIONS

_UID = "01hxw3v9q2m4k8r5t7y0bcdefg"
_WHEN = "2016-07-31T14:03:22+02:00"
Tags = Annotated[
    list[Annotated[StrictStr, Field(min_length=1, max_length=100)]], Field(max_length=200)
]


class Out(BaseModel):
    """An answer: exactly these fields."""

    model_config = ConfigDict(extra="forbid")


class In(BaseModel):
    """A request body: no field beyond these."""

    model_config = ConfigDict(extra="forbid")


class ErrorFacts(BaseModel):
    """What went wrong."""

    model_config = ConfigDict(extra="allow")
    code: str = Field(description="Stable word for programs.", examples=["not_found"])
    message: str = Field(
        description="One sentence for people.", examples=["There is no such picture."]
    )
    status: int = Field(description="The HTTP status again.", examples=[404])


class ErrorOut(Out):
    """The one shape of every error; `error` may carry typed facts beside these."""

    error: ErrorFacts = Field(description="What went wrong.")


class ProblemOut(Out):
    """Why an original cannot be shown, or only in part."""

    code: str = Field(description="Stable word.", examples=["truncated"])
    sentence: str = Field(
        description="For people.", examples=["The file ends early; it is shown as far as it goes."]
    )


class GpsOut(Out):
    """Where a picture was taken."""

    lat: float = Field(description="Degrees north.", examples=[48.137])
    lon: float = Field(description="Degrees east.", examples=[11.575])


class EntityRefOut(Out):
    """An outside thing a picture belongs to."""

    type: str = Field(
        description="ticket, company, requester, article, product, album or person.",
        examples=["ticket"],
    )
    id: str = Field(description="The source's own; of a product 14 digits.", examples=["4711"])
    name: str = Field(description="For people.", examples=["Broken on arrival"])
    url: str | None = Field(
        description="Its page.", examples=["https://acme.freshdesk.com/a/tickets/4711"]
    )
    source: int | None = Field(description="Number of the source.", examples=[3])


class AttributionOut(Out):
    """Whom a picture is owed to."""

    source: str = Field(description="Where it is from.", examples=["Open Food Facts"])
    page: str | None = Field(
        description="Its page there.",
        examples=["https://world.openfoodfacts.org/product/4006381333931"],
    )
    licence: str | None = Field(description="Null: unknown.", examples=["CC BY-SA 3.0"])
    creator: str | None = Field(description="Who took it.", examples=["kiliweb"])


class AssetOut(Out):
    """One picture."""

    id: str = Field(description="The asset's uid.", examples=[_UID])
    filename: str = Field(description="Name of the file.", examples=["IMG_0042.jpg"])
    content_type: str = Field(description="Of the original.", examples=["image/jpeg"])
    type: str = Field(description="Media type, as in `?type=`.", examples=["jpeg"])
    width: int = Field(description="px, upright; 0 when unknown.", examples=[4000])
    height: int = Field(description="px, upright; 0 when unknown.", examples=[3000])
    size_bytes: int = Field(description="Of the original.", examples=[3_512_004])
    taken_at: str = Field(
        description="Wall time where it was taken. The zone is +00:00 when the file names none "
        "(`metadata.offset_minutes` is null then).",
        examples=[_WHEN],
    )
    added_at: str = Field(description="When the gallery met it.", examples=[_WHEN])
    camera: str | None = Field(description="Make and model.", examples=["Canon EOS 6D"])
    lens: str | None = Field(description="Lens.", examples=["EF24-105mm f/4L IS USM"])
    gps: GpsOut | None = Field(description="Where it was taken.")
    rating: int | None = Field(description="0 to 5.", examples=[4])
    favourite: bool = Field(description="Marked by the user.", examples=[True])
    title: str | None = Field(description="The user's, else the file's.", examples=["The lake"])
    caption: str | None = Field(description="The user's, else the file's.", examples=["At dusk."])
    alt_text: str | None = Field(
        description="For those who cannot see it.", examples=["A lake between hills."]
    )
    tags: list[str] = Field(description="The user's and the file's.", examples=[["family"]])
    colour: str | None = Field(description="Average colour.", examples=["#3a5f7d"])
    placeholder: str | None = Field(
        description="ThumbHash, base64.", examples=["3OcRJYB4d3h/iIeHeEh3eIhw+j2w"]
    )
    sha256: str | None = Field(
        description="Of the original; null until it was read whole.", examples=["9f86d081…"]
    )
    perceptual_hash: str | None = Field(
        description="64 bit, 16 hex digits.", examples=["c3d1a5e0f0783c1e"]
    )
    status: Literal["described", "ready", "unreadable", "missing"] = Field(
        description="How far it has come.", examples=["ready"]
    )
    reason: str | None = Field(
        description="Why it cannot be shown.", examples=["The file is damaged."]
    )
    problem: ProblemOut | None = Field(description="The same, with a code.")
    source: int | None = Field(description="Number of the first source.", examples=[1])
    entities: list[EntityRefOut] = Field(description="What it belongs to, elsewhere.")
    private: bool = Field(description="Every place that offers it is private.", examples=[False])
    remote: bool = Field(description="Only remotes have its bytes.", examples=[False])
    version: int = Field(description="Raised when the picture changes.", examples=[1])
    animated: bool = Field(description="It moves.", examples=[False])
    truncated: bool = Field(description="The file ends early.", examples=[False])
    duration_s: float | None = Field(description="Of a video.", examples=[12.5])
    trashed_at: str | None = Field(description="When it went to the trash.", examples=[_WHEN])
    thumbnail_url: str | None = Field(
        description="400 px; null when it cannot be shown.",
        examples=[f"/api/v1/assets/{_UID}/renditions/small?v=1"],
    )
    preview_url: str | None = Field(
        description="1600 px; null when it cannot be shown.",
        examples=[f"/api/v1/assets/{_UID}/renditions/large?v=1"],
    )
    full_url: str | None = Field(
        description="The original; null when it is missing.",
        examples=[f"/api/v1/assets/{_UID}/original"],
    )


class MetadataOut(Out):
    """What the file itself says."""

    taken_at: str | None = Field(description="Local wall time.", examples=["2016-07-31T14:03:22"])
    taken_from: str | None = Field(description="Which family of fields.", examples=["exif"])
    taken_field: str | None = Field(
        description="Which field.", examples=["ExifIFD:DateTimeOriginal"]
    )
    offset_minutes: int | None = Field(description="East of UTC, if known.", examples=[120])
    make: str | None = Field(description="Camera maker.", examples=["Canon"])
    model: str | None = Field(description="Camera model.", examples=["Canon EOS 6D"])
    lens: str | None = Field(description="Lens.", examples=["EF50mm f/1.8 STM"])
    iso: int | None = Field(description="Sensitivity.", examples=[400])
    f_number: float | None = Field(description="Aperture.", examples=[4.0])
    exposure_s: float | None = Field(description="Seconds.", examples=[0.004])
    focal_mm: float | None = Field(description="Focal length.", examples=[50.0])
    gps: GpsOut | None = Field(description="Position.")
    altitude_m: float | None = Field(description="Metres above the sea.", examples=[519.0])
    orientation: int = Field(description="As stored, 1 to 8.", examples=[1])
    rating: int | None = Field(description="0 to 5.", examples=[4])
    title: str | None = Field(description="Title in the file.", examples=["The lake"])
    caption: str | None = Field(description="Caption in the file.", examples=["At dusk."])
    keywords: list[str] = Field(description="Keywords in the file.", examples=[["lake"]])
    place: str | None = Field(description="Place in words.", examples=["Munich, Germany"])
    creator: str | None = Field(description="Who took it.", examples=["A. Person"])
    copyright: str | None = Field(description="Whose it is.", examples=["© 2016 A. Person"])
    software: str | None = Field(description="What wrote it last.", examples=["darktable 4.6"])


class OccurrenceOut(Out):
    """Where a source offers the asset."""

    source: int = Field(description="Number of the source.", examples=[1])
    source_name: str | None = Field(description="Its name.", examples=["Pictures"])
    system: str | None = Field(
        description="folder, uploads, immich, freshdesk or products.", examples=["folder"]
    )
    key: str = Field(description="The source's own name for it.", examples=["2016/IMG_0042.jpg"])
    page: str | None = Field(description="Its page there, for people.", examples=[None])
    fetched_at: str | None = Field(description="When its bytes came.", examples=[_WHEN])
    private: bool = Field(description="For the team only.", examples=[False])
    visibility: str | None = Field(description="Who sees it there.", examples=["public"])
    attribution: AttributionOut | None = Field(description="Whom it is owed to.")
    entities: list[EntityRefOut] = Field(description="What it belongs to there.")
    size_bytes: int = Field(description="Bytes there.", examples=[3_512_004])
    modified_at: str = Field(description="The file's own time.", examples=[_WHEN])
    first_seen: str = Field(description="When we first saw it.", examples=[_WHEN])
    gone_at: str | None = Field(description="When it was gone.", examples=[None])


class RenditionOut(Out):
    """A size the picture can be had in."""

    url: str = Field(
        description="Its address.", examples=[f"/api/v1/assets/{_UID}/renditions/small?v=1"]
    )
    content_type: str = Field(description="Its media type.", examples=["image/webp"])
    box_width: int = Field(description="At most so many px wide.", examples=[400])
    box_height: int = Field(description="At most so many px high.", examples=[400])


class AssetWholeOut(AssetOut):
    """One picture with all that is known of it."""

    metadata: MetadataOut = Field(description="What the file says.")
    occurrences: list[OccurrenceOut] = Field(description="Everywhere it lies.")
    renditions: dict[str, RenditionOut] = Field(description="By name.")


class PageOut(Out):
    """Some assets in the order asked for."""

    items: list[AssetOut] = Field(description="The page.")
    total: int = Field(description="All that match.", examples=[1234])
    page: int = Field(description="Which page this is.", examples=[1])
    per_page: int = Field(description="How many on a page.", examples=[20])
    next_cursor: str | None = Field(description="Where the next begins.", examples=["WyItdGFr…"])


class AssetPatch(In):
    """What to change; a field that is left out stays, null gives back what the file says."""

    title: StrictStr | None = Field(None, max_length=10_000, examples=["The lake"])
    caption: StrictStr | None = Field(None, max_length=10_000, examples=["At dusk."])
    alt_text: StrictStr | None = Field(None, max_length=10_000, examples=["A lake between hills."])
    tags: Tags = Field(default_factory=list, description="All of them.", examples=[["family"]])
    rating: Annotated[StrictInt, Field(ge=0, le=5)] | None = Field(None, examples=[4])
    favourite: StrictBool = Field(False, examples=[True])  # noqa: FBT003  # a default


Action = Literal["favourite", "unfavourite", "tag", "untag", "trash", "restore"]
QueryValue = StrictStr | StrictInt | StrictBool | list[StrictStr]


class BatchIn(In):
    """One action on many: `uids`, or everything that matches `query`."""

    uids: list[StrictStr] | None = Field(None, max_length=100_000, examples=[[_UID]])
    query: dict[str, QueryValue] | None = Field(
        None, description="Parameters as of a listing.", examples=[{"type": ["jpeg"]}]
    )
    action: Action = Field(description="What to do.", examples=["favourite"])
    tags: Tags = Field(default_factory=list, description="For tag, untag.", examples=[["family"]])


class BatchFailure(Out):
    """One asset to which it could not be done."""

    uid: str = Field(description="Which.", examples=[_UID])
    code: str = Field(description="Stable word.", examples=["not_found"])
    message: str = Field(description="Why.", examples=["There is no such picture."])


class BatchOut(Out):
    """What a batch did."""

    done: list[str] = Field(description="Done to these.", examples=[[_UID]])
    failed: list[BatchFailure] = Field(description="Not done to these.")


class FacetOut(Out):
    """One value a filter can take."""

    value: str = Field(description="For the address.", examples=["jpeg"])
    label: str = Field(description="For people.", examples=["JPEG"])
    count: int = Field(description="How many match.", examples=[1201])


class FacetsOut(Out):
    """Counts per filter, each as if that filter were not set."""

    total: int = Field(description="All that match.", examples=[1234])
    facets: dict[str, list[FacetOut]] = Field(
        description="By filter: type, camera, year, source, tag, orientation, size, rating."
    )


class TimelineOut(Out):
    """The grid's buckets in columns, in the order asked for."""

    revision: int = Field(description="Of the index.", examples=[4711])
    total: int = Field(description="All that match.", examples=[1234])
    keys: list[str] = Field(description="Names of the buckets.", examples=[["2016-07"]])
    labels: list[str] = Field(description="For people.", examples=[["July 2016"]])
    counts: list[int] = Field(description="Assets in each.", examples=[[31]])
    ratios: list[float] = Field(description="Sums of width/height.", examples=[[42.5]])
    days: list[int] = Field(description="Days with pictures.", examples=[[12]])
    stamps: list[int] = Field(description="Differ when a tile changed.", examples=[[3_735_928_559]])


class LabelsOut(Out):
    """What a screen reader is told of some tiles of a bucket, in columns."""

    uid: list[str] = Field(description="Ids.", examples=[[_UID]])
    name: list[str] = Field(description="File names.", examples=[["IMG_0042.jpg"]])
    taken: list[str] = Field(description="Wall times.", examples=[["2016-07-31T14:03:22"]])
    place: list[str | None] = Field(description="Places.", examples=[["Munich"]])
    alt: list[str | None] = Field(description="Alternative texts.", examples=[[None]])


class LocatedOut(Out):
    """Where an asset stands in an answer."""

    bucket: str = Field(description="Its bucket.", examples=["2016-07"])
    index: int = Field(description="From 0, in the bucket.", examples=[4])
    position: int = Field(description="From 0, over all.", examples=[204])


RenditionOrOriginal = Literal["thumb", "small", "medium", "large", "screen", "full", "original"]
assert set(RENDITIONS) | {"original"} == set(RenditionOrOriginal.__args__)  # type: ignore[attr-defined]  # noqa: S101  # a new rendition can be linked
