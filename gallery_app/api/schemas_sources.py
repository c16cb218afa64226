"""The forms of the bodies about sources and jobs.

No answer carries a key: what comes in is a secret, what goes out says that there is one.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, SecretStr, StrictBool, StrictStr

from gallery_app.api.schemas import In, Out

_UID = "01hxw3v9q2m4k8r5t7y0bcdefg"
_WHEN = "2026-07-31T12:00:00+00:00"
Key = Annotated[SecretStr, Field(max_length=4096, description="Its key.", examples=["(secret)"])]
Options = Annotated[
    dict[str, Annotated[StrictStr, Field(max_length=4096)]],
    Field(max_length=50, description="Of its kind, by name.", examples=[{"private_notes": "1"}]),
]


# --- sources -------------------------------------------------------------------------------


class SourceIn(In):
    """A folder to watch (`path`), or a remote to connect (`kind`, `address`, `key`, `options`)."""

    path: StrictStr | None = Field(
        None, min_length=1, max_length=4096, description="A folder.", examples=["~/Pictures"]
    )
    kind: StrictStr | None = Field(
        None, max_length=40, description="Of a remote.", examples=["immich"]
    )
    name: StrictStr = Field("", max_length=200, description="For people.", examples=["Photos"])
    address: StrictStr = Field(
        "", max_length=2000, description="Where it is.", examples=["http://photos.lan:2283"]
    )
    key: Key = SecretStr("")
    options: Options = Field(default_factory=dict)


class RemoteIn(In):
    """A remote to try out before it is connected."""

    kind: StrictStr = Field(max_length=40, description="Its kind.", examples=["freshdesk"])
    address: StrictStr = Field(
        "", max_length=2000, description="Where it is.", examples=["acme.freshdesk.com"]
    )
    key: Key = SecretStr("")
    options: Options = Field(default_factory=dict)


class SourcePatch(In):
    """What to change of a remote; what is left out stays. A key is replaced, never shown."""

    name: StrictStr | None = Field(
        None, min_length=1, max_length=200, description="For people.", examples=["Photos"]
    )
    key: Key | None = None
    options: Options | None = None
    paused: StrictBool | None = Field(None, description="It rests.", examples=[True])


class BudgetOut(Out):
    """How much the remote lets be asked in a minute or an hour, as its answers tell."""

    limit: int | None = Field(description="By anyone.", examples=[400])
    remaining: int | None = Field(description="Left of it.", examples=[312])
    ours: int | None = Field(description="What we allow ourselves.", examples=[240])
    window_s: int = Field(description="Within so many seconds.", examples=[60])


class HookOut(Out):
    """Where a webhook of the remote may tell of changes."""

    url: str = Field(
        description="POST it there.", examples=["http://127.0.0.1:8080/hooks/freshdesk/3"]
    )
    header: str = Field(description="Which header bears the token.", examples=["X-Gallery-Token"])
    token_hint: str = Field(description="How the token begins.", examples=["k3j9…"])
    token: str | None = Field(
        description="The token; only where one source is shown.", examples=["k3j9m2p5r8t1v4x7"]
    )


class RestOut(Out):
    """Why no pictures are fetched from a remote for now, though it may be synced."""

    error: str = Field(description="What went wrong.", examples=["Photos did not answer in time."])
    until: str = Field(description="When it is tried again.", examples=[_WHEN])
    failures: int = Field(description="Failed in a row; 0: it asks for patience.", examples=[5])


class SourceOut(Out):
    """A configured origin of pictures."""

    id: int = Field(description="Its number.", examples=[1])
    kind: str = Field(
        description="folder, uploads, immich, freshdesk or products.", examples=["folder"]
    )
    name: str = Field(description="For people.", examples=["Pictures"])
    address: str = Field(description="The folder, or the server.", examples=["/home/you/Pictures"])
    state: str = Field(description="online, scanning, offline or attention.", examples=["online"])
    assets: int = Field(description="Pictures it offers.", examples=[1234])
    problems: int = Field(description="Files that cannot be shown.", examples=[2])
    added_at: str = Field(description="Since when.", examples=[_WHEN])
    last_sync: str | None = Field(description="Last looked through.", examples=[_WHEN])
    last_sync_s: float | None = Field(description="How long that took.", examples=[0.8])
    error: str | None = Field(description="What is wrong, and the remedy.", examples=[None])
    paused: bool = Field(description="It rests until told to go on.", examples=[False])
    waiting: int = Field(description="Pictures listed whose bytes are to come.", examples=[12])
    held: int = Field(description="Pictures that came.", examples=[1200])
    refused: int = Field(description="Pictures given up; see its jobs.", examples=[0])
    next_sync: str | None = Field(description="When it is looked through next.", examples=[_WHEN])
    resume_at: str | None = Field(description="Until when failures pause it.", examples=[None])
    failures: int = Field(description="Failed in a row.", examples=[0])
    resting: RestOut | None = Field(description="Why no pictures are fetched now.")
    budget: BudgetOut | None = Field(description="Of a remote that counts requests.")
    facts: dict[str, str] = Field(
        description="What it said of itself.", examples=[{"version": "3.1.0"}]
    )
    options: dict[str, str] = Field(
        description="As set; never a secret.", examples=[{"mirror": "0"}]
    )
    has_key: bool = Field(description="A key is kept, encrypted.", examples=[True])
    can_search: bool = Field(description="It finds by what pictures show.", examples=[True])
    can_upload: bool = Field(description="It takes pictures.", examples=[True])
    hook: HookOut | None = Field(description="For its webhook.")
    progress: dict[str, int] = Field(
        description="Counters of the sync.", examples=[{"tickets": 120}]
    )


class SourcesOut(Out):
    """All sources."""

    items: list[SourceOut] = Field(description="The sources.")


class FieldOut(Out):
    """One field of the form that connects a remote."""

    name: str = Field(description="address, key, or an option's name.", examples=["address"])
    label: str = Field(description="For people.", examples=["Server"])
    help: str = Field(description="What to write.", examples=["As in the browser."])
    kind: str = Field(description="text, secret, choice or flag.", examples=["text"])
    default: str = Field(description="Without a word.", examples=[""])
    choices: list[list[str]] = Field(
        description="Of a choice: value and words.", examples=[[["1", "Yes"]]]
    )
    required: bool = Field(description="It has to be given.", examples=[True])
    advanced: bool = Field(description="Most leave it alone.", examples=[False])


class KindOut(Out):
    """One kind of remote."""

    kind: str = Field(description="Its word.", examples=["immich"])
    title: str = Field(description="For people.", examples=["Immich"])
    guide: str = Field(description="What its administrator sets up.", examples=["Make a key with…"])
    copies: bool = Field(description="Its originals are copied to the store.", examples=[False])
    fields: list[FieldOut] = Field(description="The form, in order.")


class KindsOut(Out):
    """What can be connected."""

    items: list[KindOut] = Field(description="The kinds.")


class FindingOut(Out):
    """One line of a connection test."""

    what: str = Field(description="What was looked at.", examples=["Key"])
    ok: bool = Field(description="It works.", examples=[True])
    detail: str = Field(description="In words.", examples=["It belongs to anna@acme.example."])
    remedy: str = Field(description="What to do if not.", examples=[""])
    required: bool = Field(description="Nothing works without it.", examples=[True])


class FindingsOut(Out):
    """What a connection test found."""

    ok: bool = Field(description="It can be connected.", examples=[True])
    items: list[FindingOut] = Field(description="Line by line.")
    facts: dict[str, str] = Field(
        description="What it said of itself.", examples=[{"version": "3.1.0"}]
    )


class PushIn(In):
    """Pictures to hand to a remote."""

    assets: list[StrictStr] = Field(min_length=1, max_length=10_000, examples=[[_UID]])


# --- jobs ----------------------------------------------------------------------------------


class JobOut(Out):
    """A stored unit of work."""

    id: int = Field(description="Its number.", examples=[17])
    job_id: int = Field(description="The same.", examples=[17])
    kind: str = Field(description="scan, render, sync, fetch, product or push.", examples=["sync"])
    subject: str = Field(description="About what.", examples=["2016/IMG_0042.jpg"])
    state: Literal["ready", "running", "done", "failed"] = Field(
        description="How far it is.", examples=["failed"]
    )
    status: Literal["queued", "running", "done", "failed", "retrying"] = Field(
        description="The same in other words; retrying: it waits for another try.",
        examples=["failed"],
    )
    attempts: int = Field(description="Tries so far.", examples=[3])
    created_at: str = Field(description="Since when.", examples=[_WHEN])
    updated_at: str = Field(description="Last change.", examples=[_WHEN])
    run_after: str | None = Field(description="When it is tried again.", examples=[None])
    progress: dict[str, int] = Field(description="Counters.", examples=[{"found": 120}])
    error: str | None = Field(description="Why it failed.", examples=["The file is damaged."])
    uid: str | None = Field(description="The picture it is about.", examples=[_UID])
    ean_code: str | None = Field(description="The product it is about.", examples=[None])


class JobsOut(Out):
    """Some jobs, newest first."""

    items: list[JobOut] = Field(description="The page.")
    total: int = Field(description="All in that state.", examples=[1])
    page: int = Field(description="Which page this is.", examples=[1])
    per_page: int = Field(description="How many on a page.", examples=[50])
