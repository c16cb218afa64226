"""Outside things that pictures belong to, and what a remote says of one place of a picture.

An **entity** is a ticket, a company, an article, a product, an album or a person at a remote.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, get_args

EntityType = Literal["ticket", "company", "requester", "article", "product", "album", "person"]
ENTITY_TYPES: tuple[EntityType, ...] = get_args(EntityType)


@dataclass(frozen=True, slots=True)
class EntityRef:
    """One outside thing: `id` is the remote's own, `name` what people call it.

    `url` is its page for people, where the remote has one. A product's id is its GTIN as 14
    digits.
    """

    type: EntityType
    id: str
    name: str = ""
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Attribution:
    """Whom a picture is owed to: shown wherever it is shown."""

    source: str  # "Open Food Facts"
    page: str | None = None
    licence: str | None = None  # "CC BY-SA 3.0"; None: unknown
    creator: str | None = None


@dataclass(frozen=True, slots=True)
class RemoteFacts:
    """What a remote says of a picture it offers; its entities stand in `Occurrence.entities`."""

    page: str | None = None  # where people find it at the remote
    fetched_at: datetime | None = None  # when its bytes, or a preview of them, came
    private: bool = False  # for the team only, never for customers
    visibility: str = ""  # who may see it at the remote, in its words
    attribution: Attribution | None = None
    filename: str = ""  # as it is called there
