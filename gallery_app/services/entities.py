"""What pictures belong to: tickets, companies, articles, products, albums, people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gallery_app.catalog.catalog import Catalog
from gallery_app.domain.ean import Ean
from gallery_app.domain.model import Asset
from gallery_app.services.browse import Browse

if TYPE_CHECKING:
    from gallery_app.catalog.remotes import EntityCount

MOST_PER_PAGE = 200
ORDERS = ("recent", "name", "count")


@dataclass(frozen=True, slots=True)
class EntityPage:
    """Some entities of one type, and how many there are."""

    items: tuple[EntityCount, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Beside:
    """A product a picture tells of, and the pictures of that product; none: not looked up yet."""

    ean: Ean
    name: str
    assets: tuple[Asset, ...]
    said_by: str  # "ticket" or "name": where the number was read


class Entities:
    """Lists entities that have pictures, and the products beside a complaint."""

    def __init__(self, catalog: Catalog, browse: Browse) -> None:
        self._catalog = catalog
        self._browse = browse

    def list(
        self,
        type_: str,
        *,
        text: str = "",
        source: int | None = None,
        page: int = 1,
        per_page: int = 50,
        sort: str = "recent",
    ) -> EntityPage:
        """Entities of one type with pictures; `text` is part of a name or the begin of an id.

        Raises:
            BadInput: no such type or order, or a page that cannot be.
        """
        raise NotImplementedError

    def get(self, type_: str, id_: str) -> list[EntityCount]:
        """The entity, once for each source that tells of it.

        Raises:
            NotFound: no source does.
        """
        raise NotImplementedError

    def products_beside(self, uid: str) -> list[Beside]:
        """The products a picture's ticket (else its file name) tells of, with their pictures.

        Raises:
            NotFound: no asset has this uid.
        """
        raise NotImplementedError
