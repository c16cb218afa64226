"""What a person set: who we are to the databases, whom to ask in which order, and where."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from gallery_app.connectors.pinned import Allowed, parse_allowed
from gallery_app.domain.errors import BadInput
from gallery_app.domain.remote import RemoteConfig

DATABASES = ("off", "books", "upcitemdb")
ORDER = ",".join(DATABASES)
ADDRESSES = {
    "off": "https://world.openfoodfacts.org",
    "obf": "https://world.openbeautyfacts.org",
    "opff": "https://world.openpetfoodfacts.org",
    "opf": "https://world.openproductsfacts.org",
    "upcitemdb": "https://api.upcitemdb.com",
    "books": "https://covers.openlibrary.org",
}
_CONTACT = re.compile(r"[\x21-\x7e]+@[\x21-\x7e]+|https?://[\x21-\x7e]+")
_LONGEST_CONTACT = 200


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one source, checked."""

    contact: str
    order: tuple[str, ...] = DATABASES
    addresses: Mapping[str, str] = field(default_factory=lambda: dict(ADDRESSES))
    allow: tuple[Allowed, ...] = ()
    upcitemdb_key: str = field(default="", repr=False)

    @classmethod
    def of(cls, config: RemoteConfig) -> Options:
        """Those of a source.

        Raises:
            BadInput: one of them cannot be; the sentence says which.
        """
        given = config.options
        return cls(
            contact_of(given.get("contact", "")),
            _order(given.get("order", "") or ORDER),
            _addresses(given.get("addresses", "")),
            parse_allowed(given.get("allow", "")),
            given.get("upcitemdb_key", "").strip(),
        )


def contact_of(text: str) -> str:
    """An e-mail address or a web page, fit for a header.

    Raises:
        BadInput: it is neither.
    """
    contact = text.strip()
    if len(contact) > _LONGEST_CONTACT or not _CONTACT.fullmatch(contact):
        raise BadInput(
            "Give an e-mail address (or web page) at which the product databases can reach you; "
            "Open Food Facts asks for one."
        )
    return contact


def _order(text: str) -> tuple[str, ...]:
    names = tuple(dict.fromkeys(text.replace(",", " ").lower().split()))
    if not names or not set(names) <= set(DATABASES):
        raise BadInput(f"The order names databases such as {ORDER}; leave out what not to ask.")
    return names


def _addresses(text: str) -> dict[str, str]:
    addresses = dict(ADDRESSES)
    for part in text.replace(",", " ").split():
        name, _, address = part.partition("=")
        if name not in ADDRESSES or not address.startswith(("http://", "https://")):
            raise BadInput(f"Addresses are written like off={ADDRESSES['off']}, one after another.")
        addresses[name] = address.rstrip("/")
    return addresses
