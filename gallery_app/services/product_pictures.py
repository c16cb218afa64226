"""The pictures of a product: what its databases show, and what else names it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from gallery_app.catalog.catalog import Catalog
from gallery_app.domain.model import Asset
from gallery_app.domain.query import MOST_PER_PAGE, AssetQuery, Term


class Pictures(NamedTuple):
    """Front views first, then the newest; at most MOST_PER_PAGE each.

    A thousand complaints about a product hide no picture of a database.
    """

    databases: Sequence[Asset]
    others: Sequence[Asset]


def pictures_of(catalog: Catalog, gtin: str) -> Pictures:
    """The pictures of the product with this number (14 digits)."""
    product = Term("product", (gtin,))
    shops = tuple(str(s.id) for s in catalog.sources.list() if s.kind == "products")

    def page(*terms: Term) -> Sequence[Asset]:
        found = catalog.index.page(AssetQuery(terms=terms, limit=MOST_PER_PAGE)).items
        return sorted(found, key=_is_no_front)

    if not shops:
        return Pictures((), page(product))
    return Pictures(
        page(product, Term("source", shops)), page(product, Term("source", shops, negated=True))
    )


def _is_no_front(asset: Asset) -> bool:
    """Whether nobody calls it a front, as databases do (`front_de`)."""
    live = (o.key.rpartition("/")[2] for o in asset.occurrences if o.gone_at is None)
    return not any("front" in name for name in live)
