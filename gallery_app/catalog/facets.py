"""How many of the matching assets have each value a filter can take.

Each facet is counted as if its own filter were not set; the masks of all filters are made once
and combined anew for each facet that has one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping

import numpy as np

from gallery_app.catalog.columns import Columns, Mask
from gallery_app.catalog.filters import pixels, term_mask
from gallery_app.catalog.postings import distinct
from gallery_app.domain.answers import Facets, FacetValue
from gallery_app.domain.entities import ENTITY_TYPES
from gallery_app.domain.media import MEDIA_CODES
from gallery_app.domain.query import ORIENTATION_NAMES, SIZE_BANDS, AssetQuery

_MOST_TAGS = 200
_MOST_CAMERAS = 200
_MOST_ENTITIES = 200


def facets(columns: Columns, query: AssetQuery, base: Mask) -> Facets:
    """The facets of a query; `base` marks the ids its words and its place let through.

    Entities stand in it by their numbers (`labelled` puts their ids and names).
    """
    masks = [(term.name, term_mask(columns, term)) for term in query.terms]

    def without(name: str) -> Mask:
        mask = base.copy()
        for other, let_through in masks:
            if other != name:
                mask &= let_through
        return mask

    full = without("")
    names = {name for name, _ in masks}
    found: dict[str, tuple[FacetValue, ...]] = {}
    for name, (field, count) in _COUNTS.items():
        found[name] = tuple(count(columns, without(field) if field in names else full))
    by_type = columns.entities.by_type(full, _MOST_ENTITIES)
    for kind in ENTITY_TYPES:
        counted = by_type
        if kind in names:
            counted = columns.entities.by_type(without(kind), _MOST_ENTITIES)
        found[kind] = tuple(FacetValue(str(entity), "", n) for entity, n in counted[kind])
    return Facets(total=int(np.count_nonzero(full)), names=found)


def labelled(found: Facets, refs: Mapping[int, tuple[str, str]]) -> Facets:
    """The facets with ids and names for the numbers of entities."""
    names = dict(found.names)
    for kind in ENTITY_TYPES:
        values = []
        for value in names[kind]:
            ref, name = refs.get(int(value.value), (value.value, ""))
            values.append(FacetValue(ref, name or ref, value.count))
        names[kind] = tuple(_most_first(values))
    return Facets(found.total, names)


def _by_type(columns: Columns, mask: Mask) -> Iterable[FacetValue]:
    counts = np.bincount(columns.type[: columns.size][mask], minlength=1).tolist()
    return _most_first(
        FacetValue(MEDIA_CODES[code], MEDIA_CODES[code].upper(), n)
        for code, n in enumerate(counts)
        if n
    )


def _by_camera(columns: Columns, mask: Mask) -> Iterable[FacetValue]:
    counts: Counter[str] = Counter()
    for code, n in enumerate(np.bincount(columns.camera[: columns.size][mask]).tolist()):
        if n and code:
            counts[columns.cameras[code]] += n
    return _most_first(FacetValue(name, name, n) for name, n in counts.items())[:_MOST_CAMERAS]


def _by_year(columns: Columns, mask: Mask) -> Iterable[FacetValue]:
    counts = np.bincount(columns.year[: columns.size][mask]).tolist()
    years = [FacetValue(str(year), str(year), n) for year, n in enumerate(counts) if n]
    return reversed(years)


def _by_source(columns: Columns, mask: Mask) -> Iterable[FacetValue]:
    return _most_first(
        FacetValue(str(source_id), columns.source_names.get(source_id, str(source_id)), n)
        for source_id, n in count_by_source(columns, mask).items()
        if n
    )


def count_by_source(columns: Columns, mask: Mask) -> dict[int, int]:
    """How many marked assets each source offers."""
    folders = np.bincount(columns.folder[: columns.size][mask], minlength=len(columns.folder_paths))
    sources = np.array(columns.folder_sources)
    counts = np.bincount(sources, weights=folders, minlength=1).astype(np.int64)
    # An asset that one source offers twice counts once: only further occurrences need a look.
    assets, further = columns.extra_assets, sources[columns.extra_folders]
    elsewhere = mask[assets] & (sources[columns.folder[assets]] != further)
    pairs = distinct(assets[elsewhere].astype(np.int64) << 32 | further[elsewhere])
    counts += np.bincount(pairs & 0xFFFF_FFFF, minlength=len(counts))
    return {source_id: int(counts[source_id]) for source_id in np.unique(sources[1:]).tolist()}


def _by_tag(columns: Columns, mask: Mask) -> Iterable[FacetValue]:
    counted = (
        FacetValue(columns.tag_names[tag], columns.tag_names[tag], n)
        for tag in columns.tags.tags()
        if (n := int(np.count_nonzero(mask[columns.tags.of(tag)])))
    )
    return _most_first(counted)[:_MOST_TAGS]


def _by_orientation(columns: Columns, mask: Mask) -> Iterable[FacetValue]:
    width, height = columns.width[: columns.size][mask], columns.height[: columns.size][mask]
    landscape = int(np.count_nonzero(width > height))
    portrait = int(np.count_nonzero(width < height))
    counts = (landscape, portrait, len(width) - landscape - portrait)
    return [
        FacetValue(name, name.capitalize(), n)
        for name, n in zip(ORIENTATION_NAMES, counts, strict=True)
        if n
    ]


def _by_size(columns: Columns, mask: Mask) -> Iterable[FacetValue]:
    area = pixels(columns)[mask]
    below = [int(np.count_nonzero(area < low)) for low, _ in SIZE_BANDS.values()] + [len(area)]
    return [
        FacetValue(name, name.capitalize(), n)
        for name, start, end in zip(SIZE_BANDS, below, below[1:], strict=False)
        if (n := end - start)
    ]


def _by_rating(columns: Columns, mask: Mask) -> Iterable[FacetValue]:
    """The filter means "at least", so each value counts all ratings from it upwards."""
    counts = np.bincount(columns.rating[: columns.size][mask], minlength=6)
    upwards = np.cumsum(counts[::-1])[::-1].tolist()
    return [
        FacetValue(str(stars), "★" * stars, upwards[stars])
        for stars in range(5, 0, -1)
        if upwards[stars]
    ]


def _most_first(values: Iterable[FacetValue]) -> list[FacetValue]:
    return sorted(values, key=lambda value: (-value.count, value.label.casefold()))


# Facet name: the filter it is counted without, and how it is counted.
_COUNTS: dict[str, tuple[str, Callable[[Columns, Mask], Iterable[FacetValue]]]] = {
    "type": ("type", _by_type),
    "camera": ("camera", _by_camera),
    "year": ("year", _by_year),
    "source": ("source", _by_source),
    "tag": ("tag", _by_tag),
    "orientation": ("orientation", _by_orientation),
    "size": ("size", _by_size),
    "rating": ("min_rating", _by_rating),
}
