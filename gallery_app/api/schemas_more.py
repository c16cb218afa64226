"""The forms of the bodies around the pictures: links, folders, status, health, zips.

The pictures themselves are in `schemas.py`, sources and jobs in `schemas_sources.py`, what
remotes bring in `schemas_remotes.py`.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, StrictInt, StrictStr

from gallery_app.api.schemas import In, Out, RenditionOrOriginal
from gallery_app.services.sharing import MOST_PICTURES

_UID = "01hxw3v9q2m4k8r5t7y0bcdefg"
_WHEN = "2026-07-31T12:00:00+00:00"


class LinkIn(In):
    """A grant to make: which pictures, in which size, for how long."""

    asset: StrictStr | None = Field(None, description="One uid.", examples=[_UID])
    assets: list[StrictStr] | None = Field(None, max_length=MOST_PICTURES, examples=[[_UID]])
    album: StrictStr | None = Field(None, description="Not yet.", examples=[None])
    rendition: RenditionOrOriginal = Field(
        "large", description="A size, or the original with its metadata.", examples=["large"]
    )
    expires_in: StrictInt = Field(
        86_400, ge=1, le=10**9, description="Seconds; one minute to 366 days.", examples=[86_400]
    )
    max_views: StrictInt | None = Field(None, ge=1, le=2**31, examples=[10])
    note: StrictStr = Field("", max_length=500, description="For yourself.", examples=["Anna"])
    watermark: StrictStr | bool | None = Field(None, description="Not yet.", examples=[None])
    strip: bool | None = Field(None, description="Renditions always are.", examples=[None])
    password: StrictStr | None = Field(None, description="Not yet.", examples=[None])


class LinkAssetOut(Out):
    """A picture of a link."""

    uid: str = Field(description="Its id.", examples=[_UID])
    filename: str = Field(description="Its name.", examples=["IMG_0042.jpg"])


class LinkOut(Out):
    """A link as its owner sees it."""

    id: str = Field(description="For revoking it.", examples=["7f3k9m2p5r8t1v4x"])
    url: str = Field(description="What to hand out.", examples=["/i/AbC….dEf…/picture.jpg"])
    state: Literal["active", "expired", "revoked", "spent"] = Field(
        description="What it is worth now.", examples=["active"]
    )
    rendition: str = Field(description="What it shows.", examples=["large"])
    created_at: str = Field(description="Made.", examples=[_WHEN])
    expires_at: str = Field(description="Opens strictly before.", examples=[_WHEN])
    revoked_at: str | None = Field(description="Withdrawn.", examples=[None])
    last_used_at: str | None = Field(description="Last opened.", examples=[_WHEN])
    hits: int = Field(description="How often it was opened.", examples=[3])
    bytes_sent: int = Field(description="How much left by it.", examples=[812_000])
    max_views: int | None = Field(description="How often it may be.", examples=[10])
    note: str = Field(description="For yourself.", examples=["Anna"])
    assets: list[LinkAssetOut] = Field(description="The first twelve.")
    asset_count: int = Field(description="All of them.", examples=[1])


class NewLinkOut(Out):
    """A link just made."""

    id: str = Field(description="For revoking it.", examples=["7f3k9m2p5r8t1v4x"])
    url: str = Field(description="What to hand out.", examples=["/i/AbC….dEf…/picture.jpg"])
    expires_at: str = Field(description="Opens strictly before.", examples=[_WHEN])
    warnings: list[str] = Field(
        description="What it does not do, in plain words.",
        examples=[["This link only opens on this machine."]],
    )


class LinksOut(Out):
    """All links, newest first."""

    items: list[LinkOut] = Field(description="The links.")


class HitOut(Out):
    """One time somebody opened a link, or could not."""

    at: str = Field(description="When.", examples=[_WHEN])
    uid: str | None = Field(description="Which picture; null: the link's page.", examples=[_UID])
    rendition: str = Field(description="In which size.", examples=["large"])
    bytes: int = Field(description="How much left.", examples=[231_004])
    client: str = Field(description="Whose address.", examples=["127.0.0.1"])
    refused: str | None = Field(description="Why not, as a code.", examples=[None])


class HitsOut(Out):
    """The hits of a link, newest first."""

    items: list[HitOut] = Field(description="The hits.")


class CountOut(Out):
    """How many things something was done to."""

    count: int = Field(description="How many.", examples=[3])


class PathsOut(Out):
    """Folders that begin as asked."""

    paths: list[str] = Field(description="At most 20.", examples=[["/home/you/Pictures"]])


class FolderOut(Out):
    """A folder below another."""

    path: str = Field(description="From the source's root.", examples=["2016/July"])
    name: str = Field(description="Its own name.", examples=["July"])
    assets: int = Field(description="In it and below.", examples=[31])
    folders: int = Field(description="Directly in it.", examples=[0])


class FoldersOut(Out):
    """One level of a source's folders."""

    source: int = Field(description="Number of the source.", examples=[1])
    path: str = Field(description="Below which folder.", examples=["2016"])
    folders: list[FolderOut] = Field(description="By name.")


class ProgressOut(Out):
    """Where the indexing stands."""

    found: int = Field(description="Files found.", examples=[10_000])
    described: int = Field(description="In the timeline.", examples=[9_000])
    rendered: int = Field(description="With renditions.", examples=[4_000])
    failed: int = Field(description="Cannot be shown.", examples=[2])
    remaining: int = Field(description="Still to do.", examples=[6_000])
    fetching: int = Field(description="On their way from remotes.", examples=[71])
    fetched: int = Field(description="Those of the same remotes that are here.", examples=[174])
    per_second: float = Field(description="Over the last seconds.", examples=[31.5])
    scanning: bool = Field(description="A folder is being walked.", examples=[True])
    paused_for: str | None = Field(description="Why it rests.", examples=[None])


class StatusOut(Out):
    """What the header shows; asked every two seconds."""

    revision: int = Field(description="Grows when a listing may differ.", examples=[4711])
    progress: ProgressOut = Field(description="The indexing.")
    total: int = Field(description="Assets in the timeline.", examples=[9_000])


class CheckOut(Out):
    """One line of the health report."""

    ok: bool = Field(description="It works.", examples=[True])
    required: bool = Field(description="Without it the program is not well.", examples=[True])
    detail: str = Field(description="In words.", examples=["12 GB free"])
    remedy: str = Field(description="What to do if not.", examples=[""])


class HealthOut(Out):
    """Whether the program is well."""

    status: Literal["ok", "failing"] = Field(description="Over all.", examples=["ok"])
    checks: dict[str, CheckOut] = Field(description="By name.")


class DownloadIn(In):
    """Pictures to have in one zip."""

    uids: list[StrictStr] = Field(min_length=1, max_length=100_000, examples=[[_UID]])
    name: StrictStr = Field("pictures", max_length=120, examples=["lake"])


class DownloadOut(Out):
    """Where the zip can be had."""

    url: str = Field(description="Its address.", examples=["/api/v1/downloads/k3j9"])
