"""Pictures of products by article number; see `connector.py` for the key grammar.

Options: `contact` (told to the databases), `order`, `upcitemdb_key`, `addresses` and `allow`
(other hosts, for mirrors and tests). Reading order: `connector`, `found`, `off`, `upcitemdb`,
`books`, `options`.
"""

from gallery_app.connectors.base import Connector, Field, Kind, Tools
from gallery_app.connectors.products.connector import TITLE, Products
from gallery_app.connectors.products.options import ORDER
from gallery_app.domain.remote import RemoteConfig

__all__ = ["KIND", "Products"]

ADDRESS = "openfoodfacts.org"


def _address_of(_text: str) -> str:
    """There is one address, whatever was typed: the databases are public."""
    return ADDRESS


def _open(config: RemoteConfig, tools: Tools) -> Connector:
    return Products(config, tools)


KIND = Kind(
    kind="products",
    title=TITLE,
    fields=(
        Field(
            "contact",
            "Your e-mail address",
            help="Told to the product databases with each request; Open Food Facts asks for it.",
            required=True,
        ),
        Field(
            "order",
            "Databases, in the order they are asked",
            help="off is Open Food Facts (food, beauty, pet food, other products), books is Open "
            "Library, upcitemdb has shop pictures of unknown licence. Leave out what not to ask.",
            default=ORDER,
            advanced=True,
        ),
        Field(
            "upcitemdb_key",
            "UPCitemdb key",
            help="Without one, a hundred look-ups a day.",
            kind="secret",
            advanced=True,
        ),
        Field(
            "addresses",
            "Other addresses",
            help="For mirrors: off=https://… obf=… opff=… opf=… upcitemdb=… books=…",
            advanced=True,
        ),
        Field(
            "allow",
            "Private networks that may be reached",
            help="Such as 10.0.0.0/8 or 127.0.0.1:8481; needed for mirrors in your own network.",
            advanced=True,
        ),
    ),
    address_of=_address_of,
    open=_open,
    every_s=86_400.0,
    guide="No account is needed. Pictures of Open Food Facts are under CC BY-SA 3.0: whoever "
    "shows them names the source, as the gallery does.",
)
