"""What pictures belong to: tickets, companies, articles, products, albums, people."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, cast

from gallery_app.catalog.catalog import Catalog
from gallery_app.catalog.entity_counts import EntitySort
from gallery_app.domain.answers import EntityCount
from gallery_app.domain.ean import Ean, eans_in
from gallery_app.domain.entities import ENTITY_TYPES, EntityType
from gallery_app.domain.errors import BadEan, BadInput, NotFound
from gallery_app.domain.model import Asset, SourceId
from gallery_app.services.browse import Browse
from gallery_app.services.product_pictures import pictures_of

MOST_PER_PAGE = 200
ORDERS = ("recent", "name", "count")
MOST_BESIDE = 24  # pictures of one product beside a complaint
_COMPLAINTS = ("ticket", "article")


@dataclass(frozen=True, slots=True)
class EntityPage:
    """Some entities of one type, and how many there are."""

    items: tuple[EntityCount, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Beside:
    """A product a picture tells of, and that product's pictures; none: not looked up yet.

    `said_by`: where its number was read, the ticket (or article) or the file's name.
    """

    ean: Ean
    name: str
    assets: tuple[Asset, ...]
    said_by: Literal["ticket", "name"]


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
        if sort not in ORDERS:
            raise BadInput(f"There is no order “{sort}”; use one of {', '.join(ORDERS)}.")
        if page < 1 or not 1 <= per_page <= MOST_PER_PAGE:
            raise BadInput(f"Pages are counted from 1 and have 1 to {MOST_PER_PAGE} lines.")
        items, total = self._catalog.remotes.entities(
            _type(type_),
            text=text.strip(),
            source=None if source is None else SourceId(source),
            limit=per_page,
            offset=(page - 1) * per_page,
            sort=cast("EntitySort", sort),
        )
        return EntityPage(tuple(items), total)

    def get(self, type_: str, id_: str) -> Sequence[EntityCount]:
        """The entity, once for each source that tells of it; a product by any form of its number.

        Raises:
            NotFound: no source does.
            BadInput: no such type.
        """
        kind = _type(type_)
        found = self._catalog.remotes.entity(kind, _product(id_) if kind == "product" else id_)
        if not found:
            raise NotFound(kind)
        return found

    def products_beside(self, uid: str) -> Sequence[Beside]:
        """The products a picture's ticket (else its file name) tells of, with their pictures.

        Raises:
            NotFound: no asset has this uid.
        """
        asset = self._browse.get(uid)
        products = {ref.id: ref.name for ref in asset.entities if ref.type == "product"}
        said_by: Literal["ticket", "name"] = "ticket"
        if not products:
            said_by = "name"
            names = [asset.filename, *(o.key for o in asset.occurrences if o.gone_at is None)]
            products = {ean.gtin: "" for name in names for ean in eans_in(_last(name))}
        found: list[Beside] = []
        for gtin, name in products.items():
            try:
                ean = Ean.parse(gtin)
            except BadEan:  # a remote's own word for a product: nothing to look up
                continue
            assets = self._pictures(gtin, asset)
            found.append(Beside(ean, name or self._name(gtin), assets, said_by))
        return found

    def _pictures(self, gtin: str, beside: Asset) -> tuple[Asset, ...]:
        """What shows the product itself: from a products source, else whatever is no complaint."""
        found = pictures_of(self._catalog, gtin)
        best = [asset for asset in found.databases if asset.id != beside.id]
        plain = [a for a in found.others if a.id != beside.id and not _has(a, _COMPLAINTS)]
        return tuple((best or plain)[:MOST_BESIDE])

    def _name(self, gtin: str) -> str:
        row = self._catalog.products.get(gtin)
        if row is not None and row.name:
            return row.name
        names = (count.ref.name for count in self._catalog.remotes.entity("product", gtin))
        return next((name for name in names if name), "")


def _type(name: str) -> EntityType:
    if name not in ENTITY_TYPES:
        raise BadInput(f"There is no “{name}” to list; use one of {', '.join(ENTITY_TYPES)}.")
    return name


def _product(code: str) -> str:
    try:
        return Ean.parse(code).gtin
    except BadEan:
        return code


def _last(key: str) -> str:
    return key.rpartition("/")[2]


def _has(asset: Asset, types: Iterable[str]) -> bool:
    return any(ref.type in types for ref in asset.entities)
