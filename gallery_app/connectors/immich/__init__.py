"""Pictures of an Immich server: listed with a key, shown by its previews, not copied.

A key is the asset's id at Immich (a UUID). There are no parents. Albums come as
`Listing.members`, people as entities of a picture, tags and the rest of what people said as
`Said`. The moving part of a live photo is not listed; its key is the still's `live_video`.

Options: `mirror` ("1": originals are copied into the gallery's own store as well), `archived`
("0": what was archived at Immich stays out). Reading order: `connector`, `changes`, `paging`,
`requests`, `models`, `pictures`.
"""

from gallery_app.connectors.base import Connector, Field, Kind, Tools
from gallery_app.connectors.immich.address import address_of
from gallery_app.connectors.immich.checking import SCOPES
from gallery_app.connectors.immich.connector import Immich
from gallery_app.domain.remote import RemoteConfig

__all__ = ["KIND", "Immich"]


def _open(config: RemoteConfig, tools: Tools) -> Connector:
    return Immich(config, tools)


KIND = Kind(
    kind="immich",
    title="Immich",
    fields=(
        Field(
            "address",
            "Address",
            help="What you open Immich with in a browser.",
            required=True,
        ),
        Field(
            "key",
            "API key",
            help=f"Immich > Account settings > API keys. It needs {SCOPES}.",
            kind="secret",
            required=True,
        ),
        Field(
            "archived",
            "Show what is archived there",
            kind="flag",
            default="1",
            advanced=True,
        ),
        Field(
            "mirror",
            "Copy originals into the gallery",
            help="Takes as much space again; pictures stay when Immich loses them.",
            kind="flag",
            default="0",
            advanced=True,
        ),
    ),
    address_of=address_of,
    open=_open,
    copies=False,
    every_s=300.0,
    guide="In Immich, make a key for the gallery alone, as the user whose pictures it is to show.",
)
