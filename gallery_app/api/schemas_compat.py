"""The forms that programs written before us know: the brief's, field by field, and some more."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, StrictStr

from gallery_app.api.schemas import AttributionOut, In, Out

_UID = "01hxw3v9q2m4k8r5t7y0bcdefg"
_WHEN = "2026-07-31T12:00:00+00:00"


class ImageMetadata(Out):
    """What the picture itself says."""

    width: int = Field(description="px, upright.", examples=[4000])
    height: int = Field(description="px, upright.", examples=[3000])
    format: str = Field(description="In capitals.", examples=["JPEG"])
    size_bytes: int = Field(description="Of the original.", examples=[3_512_004])
    exif: dict[str, str] = Field(
        description="By EXIF's names.", examples=[{"Model": "Canon EOS 6D"}]
    )


class ImageItem(Out):
    """One picture of a ticket or an article."""

    id: str = Field(description="The asset's uid.", examples=[_UID])
    ticket_id: int | None = Field(description="Null: of an article.", examples=[4711])
    article_id: int | None = Field(description="Null: of a ticket.", examples=[None])
    company_id: int | None = Field(description="Whose ticket it is.", examples=[80])
    origin: str = Field(description="Where it is from.", examples=["ticket 4711"])
    filename: str = Field(description="As attached.", examples=["damage.jpg"])
    content_type: str = Field(description="By content.", examples=["image/jpeg"])
    created_at: str = Field(description="When it was attached.", examples=[_WHEN])
    thumbnail_url: str | None = Field(
        description="400 px; null when it cannot be shown.",
        examples=[f"/api/v1/assets/{_UID}/renditions/small?v=1"],
    )
    full_url: str | None = Field(
        description="The original; null when it is missing.",
        examples=[f"/api/v1/assets/{_UID}/original"],
    )
    private: bool = Field(description="Of a note for the team only.", examples=[False])
    metadata: ImageMetadata = Field(description="What the picture says.")


class ImageGalleryOut(Out):
    """The pictures of a ticket, an article or a company."""

    images: list[ImageItem] = Field(description="The page.")
    total: int = Field(description="All of them.", examples=[45])
    page: int = Field(description="Which page this is.", examples=[1])
    per_page: int = Field(description="How many on a page.", examples=[20])
    waiting: int = Field(description="Known of, and still on their way.", examples=[0])


class FetchIn(In):
    """A product to have pictures of."""

    ean_code: StrictStr = Field(
        max_length=40, description="8, 12, 13 or 14 digits.", examples=["4006381333931"]
    )
    description: StrictStr = Field("", max_length=500, examples=["Order of May"])


class FetchOut(Out):
    """The job that fetches a product's pictures."""

    job_id: int = Field(description="For /api/v1/jobs/{id}.", examples=[17])
    status: Literal["queued", "running", "done", "failed", "retrying"] = Field(
        description="How far it is.", examples=["queued"]
    )
    ean_code: str = Field(description="As given.", examples=["4006381333931"])
    description: str = Field(description="As given.", examples=["Order of May"])
    created_at: str = Field(description="When.", examples=[_WHEN])
    job_url: str = Field(description="How far it is.", examples=["/api/v1/jobs/17"])
    image_url: str = Field(
        description="The picture, once it is here.", examples=["/api/v1/images/4006381333931"]
    )


class EanImageOut(Out):
    """One picture of a product."""

    id: str = Field(description="The asset's uid.", examples=[_UID])
    filename: str = Field(description="Its name.", examples=["front_fr.jpg"])
    content_type: str = Field(description="Of the original.", examples=["image/jpeg"])
    width: int = Field(description="px.", examples=[1200])
    height: int = Field(description="px.", examples=[1600])
    size_bytes: int = Field(description="Of the original.", examples=[231_004])
    url: str = Field(description="The original.", examples=[f"/api/v1/assets/{_UID}/original"])
    thumbnail_url: str | None = Field(
        description="400 px.", examples=[f"/api/v1/assets/{_UID}/renditions/small?v=1"]
    )
    attribution: AttributionOut | None = Field(description="Whom it is owed to.")


class EanImagesOut(Out):
    """The pictures of a product: the best, and all of them."""

    ean_code: str = Field(description="As people know it.", examples=["4006381333931"])
    name: str = Field(description="For people.", examples=["Stabilo Point 88"])
    description: str = Field(description="As given.", examples=["Order of May"])
    primary: EanImageOut | None = Field(description="The best one.")
    images: list[EanImageOut] = Field(description="All, the best first.")


class CacheStatusOut(Out):
    """What is kept of remotes' answers."""

    entries: int = Field(description="Answers kept.", examples=[12])
    bytes: int = Field(description="How much that is.", examples=[48_120])
    hits: int = Field(description="Given again, since the start.", examples=[40])
    misses: int = Field(description="Asked for, since the start.", examples=[12])
    oldest: str | None = Field(description="Kept since.", examples=[_WHEN])
    next_expiry: str | None = Field(description="When the next one ends.", examples=[_WHEN])
    expires_after_s: int = Field(description="How long a search is kept.", examples=[10_800])


class ImagesInfoOut(Out):
    """The pictures made for frames that are kept."""

    count: int = Field(description="How many.", examples=[7])
    total_bytes: int = Field(description="How much that is.", examples=[9_812_001])
    images: list[str] = Field(description="Names, newest first.", examples=[["lake.jpg"]])
    newest: str | None = Field(description="When the last one was made.", examples=[_WHEN])


class HeardOut(Out):
    """A webhook was understood."""

    status: Literal["accepted"] = Field(description="Always this.", examples=["accepted"])
