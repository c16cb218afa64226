"""The forms of the bodies about what remotes bring: entities, look-alikes, products, frames.

Sources and jobs are in `schemas_sources.py`.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, StrictBool, StrictInt, StrictStr

from gallery_app.api.schemas import AssetOut, AttributionOut, In, Out
from gallery_app.api.schemas_sources import JobOut
from gallery_app.services.frames import (
    LARGEST_PX,
    LONGEST_QUERY,
    LONGEST_S,
    SHORTEST_S,
    SMALLEST_PX,
)

_UID = "01hxw3v9q2m4k8r5t7y0bcdefg"
_WHEN = "2026-07-31T12:00:00+00:00"


# --- entities, look-alikes -----------------------------------------------------------------


class EntityOut(Out):
    """An outside thing that pictures belong to, as one source tells of it."""

    type: str = Field(description="ticket, company, product, album…", examples=["ticket"])
    id: str = Field(description="The source's own.", examples=["4711"])
    name: str = Field(description="For people.", examples=["Broken on arrival"])
    url: str | None = Field(
        description="Its page.", examples=["https://acme.freshdesk.com/a/tickets/4711"]
    )
    source: int = Field(description="Number of the source.", examples=[3])
    assets: int = Field(description="Pictures of it.", examples=[3])
    cover: str | None = Field(description="One of them.", examples=[_UID])
    cover_url: str | None = Field(
        description="400 px of it.", examples=[f"/api/v1/assets/{_UID}/renditions/small"]
    )
    latest: str | None = Field(description="Its newest picture.", examples=[_WHEN])
    assets_url: str = Field(
        description="Where they are listed.", examples=["/api/v1/assets?ticket=4711"]
    )


class EntitiesOut(Out):
    """Some entities of a type."""

    items: list[EntityOut] = Field(description="The page.")
    total: int = Field(description="All that match.", examples=[120])
    page: int = Field(description="Which page this is.", examples=[1])
    per_page: int = Field(description="How many on a page.", examples=[50])


class EntityWholeOut(Out):
    """One entity, once for each source that tells of it."""

    items: list[EntityOut] = Field(description="By source.")


class TwinOut(Out):
    """A look-alike of a picture."""

    distance: int = Field(description="Bits of 64 that differ.", examples=[3])
    band: Literal["near", "similar"] = Field(
        description="near: nearly identical, 0 to 5; similar: 6 to 10.", examples=["near"]
    )
    asset: AssetOut = Field(description="The picture.")


class TwinsOut(Out):
    """The look-alikes of a picture, nearest first."""

    items: list[TwinOut] = Field(description="The look-alikes.")


# --- products ------------------------------------------------------------------------------


class ProductsIn(In):
    """Article numbers to have pictures of: a text full of them, or a list."""

    codes: StrictStr | list[StrictStr] = Field(
        description="Apart by lines, commas or blanks.", examples=["4006381333931\n96385074"]
    )
    description: StrictStr = Field("", max_length=500, examples=["Order of May"])


class AcceptedOut(Out):
    """A number that is asked for."""

    ean: str = Field(description="As people know it.", examples=["4006381333931"])
    job: JobOut = Field(description="The work.")


class InvalidCodeOut(Out):
    """A part of the text that is no article number."""

    code: str = Field(description="As given.", examples=["4006381333932"])
    reason: str = Field(description="Why.", examples=["The check digit should be 1."])
    expected: str = Field(description="The right check digit, if that is all.", examples=["1"])


class PastedOut(Out):
    """What became of a text full of article numbers."""

    accepted: list[AcceptedOut] = Field(description="Asked for.")
    invalid: list[InvalidCodeOut] = Field(description="Not asked for.")


class ProductOut(Out):
    """A product that was asked for."""

    ean: str = Field(description="As people know it.", examples=["4006381333931"])
    gtin: str = Field(description="As 14 digits.", examples=["04006381333931"])
    name: str = Field(description="For people.", examples=["Stabilo Point 88"])
    description: str = Field(description="As given.", examples=["Order of May"])
    state: Literal["waiting", "found", "none", "failed"] = Field(
        description="What came of it.", examples=["found"]
    )
    error: str | None = Field(description="Why it failed.", examples=[None])
    asked_at: str | None = Field(description="Asked for.", examples=[_WHEN])
    looked_at: str | None = Field(description="Last looked up.", examples=[_WHEN])
    found: int = Field(description="Pictures that were named.", examples=[3])
    assets: int = Field(description="Pictures that are here.", examples=[3])
    cover: str | None = Field(description="One of them.", examples=[_UID])
    cover_url: str | None = Field(
        description="400 px of it.", examples=[f"/api/v1/assets/{_UID}/renditions/small"]
    )
    job: JobOut | None = Field(description="The last work on it.")


class ProductsOut(Out):
    """Products that were asked for, newest first."""

    items: list[ProductOut] = Field(description="The page.")
    total: int = Field(description="All of them.", examples=[200])
    page: int = Field(description="Which page this is.", examples=[1])
    per_page: int = Field(description="How many on a page.", examples=[50])
    available: bool = Field(description="A source of them is connected.", examples=[True])


class ProductImageOut(AssetOut):
    """A picture of a product, and whom it is owed to."""

    attribution: AttributionOut | None = Field(description="Show it beside the picture.")


class ProductWholeOut(Out):
    """A product and its pictures, the best first."""

    ean: str = Field(description="As people know it.", examples=["4006381333931"])
    gtin: str = Field(description="As 14 digits.", examples=["04006381333931"])
    name: str = Field(description="For people.", examples=["Stabilo Point 88"])
    description: str = Field(description="As given.", examples=["Order of May"])
    product: ProductOut | None = Field(description="What was asked; null: nobody asked for it.")
    images: list[ProductImageOut] = Field(description="The pictures.")


class BesideOut(Out):
    """A product that a picture tells of."""

    ean: str = Field(description="As people know it.", examples=["4006381333931"])
    gtin: str = Field(description="As 14 digits.", examples=["04006381333931"])
    name: str = Field(description="For people.", examples=["Stabilo Point 88"])
    said_by: str = Field(description="ticket or name: where it was read.", examples=["ticket"])
    images: list[AssetOut] = Field(description="Its pictures; none: not looked up yet.")


class BesidesOut(Out):
    """The products that a picture tells of."""

    items: list[BesideOut] = Field(description="The products.")


# --- search by what is shown, frames -------------------------------------------------------


class SmartOut(Out):
    """Whether pictures can be found by what they show."""

    available: bool = Field(description="`smart=` works.", examples=[True])
    source: int | None = Field(description="Who is asked.", examples=[2])
    name: str | None = Field(description="Its name.", examples=["Photos"])


class FrameIn(In):
    """A screen on the wall."""

    query: StrictStr = Field(
        "", max_length=LONGEST_QUERY, description="As in the search box.", examples=["tag:family"]
    )
    width: StrictInt = Field(
        3840, ge=SMALLEST_PX, le=LARGEST_PX, description="px.", examples=[1920]
    )
    height: StrictInt = Field(
        2160, ge=SMALLEST_PX, le=LARGEST_PX, description="px.", examples=[1080]
    )
    interval_s: StrictInt = Field(
        3600, ge=SHORTEST_S, le=LONGEST_S, description="Seconds a picture stays.", examples=[900]
    )
    new_key: StrictBool = Field(False, description="The old address ends.", examples=[False])  # noqa: FBT003  # a default


class FrameOut(Out):
    """A screen on the wall, and its address."""

    name: str = Field(description="In its address.", examples=["kitchen"])
    query: str = Field(description="What it shows.", examples=["tag:family"])
    width: int = Field(description="px.", examples=[1920])
    height: int = Field(description="px.", examples=[1080])
    interval_s: int = Field(description="Seconds a picture stays.", examples=[900])
    created_at: str = Field(description="Made.", examples=[_WHEN])
    url: str = Field(
        description="For the screen: a page for browsers, else the picture.",
        examples=["/frame/kitchen?key=k3j9m2p5r8t1v4x7"],
    )


class FramesOut(Out):
    """All frames, by name."""

    items: list[FrameOut] = Field(description="The frames.")
