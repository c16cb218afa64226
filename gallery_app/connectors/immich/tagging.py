"""Which tags a picture has. Immich's searches do not say: it has to be asked the other way round.

For everything: the pictures of each tag. For a few that changed: each of them by itself. A
search for a tag also finds what has only a tag below it ("plants" finds "plants/cactus"), so of
a tag and one below it only the latter counts.
"""

from __future__ import annotations

from collections import OrderedDict, defaultdict
from collections.abc import Generator, Iterator, Mapping, Sequence
from datetime import datetime

from gallery_app.connectors.immich.api import Api, permission_lacking
from gallery_app.connectors.immich.models import AssetSeen, Tag
from gallery_app.connectors.immich.paging import Pages
from gallery_app.connectors.immich.requests import Search
from gallery_app.domain.errors import Upstream

Tags = Mapping[str, tuple[str, ...]]

_ONE_BY_ONE = 20  # pictures asked for singly, at most
_KEPT = 5_000
_TOLD_EVERY = 25


class Tagging:
    """The tags of pictures. `refused`: the key may not see any."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self.refused = False
        # Changes are listed again for some minutes: what was asked for one state of a picture.
        self._kept: OrderedDict[tuple[str, datetime | None], tuple[str, ...]] = OrderedDict()

    def whole(self) -> Iterator[tuple[int, Tags | None]]:
        """The tags of everything, after so many tags; only the last one given is complete.

        None in the end: tags cannot be seen.
        """
        tags = self._tags()
        if tags is None:
            yield 0, None
            return
        found = yield from self._by_tag(tags, None)
        yield 0, found

    def of_changed(self, assets: Sequence[AssetSeen], since: datetime) -> Tags | None:
        """The tags of these assets, all of which changed after `since`; None: not to be seen."""
        known = {asset.id: asset.tags for asset in assets if asset.tags is not None}
        left = []
        for asset in assets:
            if asset.id in known:
                continue
            if (tags := self._kept.get((asset.id, asset.updated_at))) is not None:
                known[asset.id] = tags
            else:
                left.append(asset)
        if left:
            found = self._singly(left) if len(left) <= _ONE_BY_ONE else self._cheaper(left, since)
            if found is None:
                return known or None
            for asset in left:
                self._keep(asset, found.get(asset.id, ()))
                known[asset.id] = found.get(asset.id, ())
        return known

    def _singly(self, assets: Sequence[AssetSeen]) -> Tags | None:
        found: dict[str, tuple[str, ...]] = {}
        for asset in assets:
            whole = self._api.asset(asset.id)
            if whole is not None and whole.tags is not None:
                found[asset.id] = whole.tags
        return found

    def _cheaper(self, assets: Sequence[AssetSeen], since: datetime) -> Tags | None:
        """The tags of these, with a request for each of them or for each tag."""
        tags = self._tags()
        if tags is None or len(tags) > len(assets):
            return None if tags is None else self._singly(assets)
        run = self._by_tag(tags, since)
        while True:
            try:
                next(run)
            except StopIteration as end:
                found: Tags = end.value
                return found

    def _tags(self) -> list[Tag] | None:
        """All tags there are; None when the key may not see them."""
        self.refused = False
        try:
            return self._api.tags()
        except Upstream as error:
            if permission_lacking(error) is None:
                raise
            self.refused = True
            return None

    def _by_tag(
        self, tags: Sequence[Tag], since: datetime | None
    ) -> Generator[tuple[int, Tags | None], None, Tags]:
        found: dict[str, set[str]] = defaultdict(set)
        for number, tag in enumerate(tags, 1):
            search = Search(tag=tag.id, updated_since=since, details=False)
            for key in Pages(self._api, search).ids():
                found[key].add(tag.value)
            if number % _TOLD_EVERY == 0:
                yield number, None
        return {key: lowest(values) for key, values in found.items()}

    def _keep(self, asset: AssetSeen, tags: tuple[str, ...]) -> None:
        self._kept[asset.id, asset.updated_at] = tags
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)


def lowest(values: set[str]) -> tuple[str, ...]:
    """The tags of which none is above another, in order.

    "plants" goes when "plants/cactus" is there.
    """
    ordered = sorted(values)
    return tuple(
        value for value in ordered if not any(other.startswith(f"{value}/") for other in ordered)
    )
