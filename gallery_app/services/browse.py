"""Looking: pages, facets, timeline, folders and single assets, straight from the index."""

from __future__ import annotations

from dataclasses import replace

from gallery_app.catalog.catalog import Catalog
from gallery_app.domain.answers import Facets, FolderEntry, Label, Located, Page, Timeline
from gallery_app.domain.errors import NotFound
from gallery_app.domain.model import Asset, SourceId, Uid
from gallery_app.domain.query import AssetQuery

MOST_UIDS = 1_000_000


class Browse:
    """Reads of the index; each answers from one consistent state of it."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog

    def revision(self) -> int:
        """A number that grows whenever a listing may have changed."""
        return self._catalog.revision

    def get(self, uid: str) -> Asset:
        """The whole asset, trashed and missing ones too.

        Raises:
            NotFound: no asset has this uid.
        """
        asset = self._catalog.assets.get(uid)
        if asset is None:
            raise NotFound("picture")
        return asset

    def page(self, query: AssetQuery) -> Page:
        """One page of assets, by the query's cursor or page number; past the end it is empty."""
        return self._catalog.index.page(query)

    def uids(self, query: AssetQuery, limit: int = MOST_UIDS) -> list[Uid]:
        """The uids of the first `limit` assets of the answer, in order."""
        return self._catalog.index.uids(query, limit)

    def facets(self, query: AssetQuery) -> Facets:
        """What the filters could be set to, with counts."""
        return self._catalog.index.facets(query)

    def timeline(self, query: AssetQuery) -> Timeline:
        """The buckets of the answer in columns."""
        return self._catalog.index.timeline(query)

    def bucket(self, query: AssetQuery, key: str) -> bytes:
        """One bucket in binary columns.

        Raises:
            NotFound: the answer has no such bucket.
        """
        return self._catalog.index.bucket(query, key)

    def labels(self, query: AssetQuery, key: str, start: int, stop: int) -> list[Label]:
        """Names, dates and places of some tiles of a bucket, for those who cannot see them."""
        return self._catalog.index.labels(query, key, start, stop)

    def locate(self, query: AssetQuery, uid: str) -> Located:
        """Where an asset stands in the answer.

        Raises:
            NotFound: it is not in the answer.
        """
        return self._catalog.index.locate(query, uid)

    def folders(self, source_id: int, path: str) -> list[FolderEntry]:
        """The folders directly below `path` ("" is the source's root), by name."""
        return self._catalog.index.folders(SourceId(source_id), path)

    def total(self, query: AssetQuery) -> int:
        """How many assets the query answers with."""
        return self._catalog.index.page(replace(query, limit=1, page=1, cursor=None)).total
