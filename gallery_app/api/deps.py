"""What routes share: how a listing's parameters are read, named and documented.

The query itself is the domain's (`AssetQuery.from_params`); here stands only what the address
looks like and what the documentation says of it.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import Annotated, Any

from fastapi import Path, Query, Request

from gallery_app.api.schemas import ErrorOut
from gallery_app.domain.errors import NotFound
from gallery_app.domain.media import MEDIA_CODES
from gallery_app.domain.model import uid_to_bytes
from gallery_app.domain.query import (
    BEST,
    MOST_PER_PAGE,
    ORIENTATION_NAMES,
    PARAMS,
    SIZE_BANDS,
    SORTS,
    STATES,
    AssetQuery,
    Term,
)
from gallery_app.services.gallery import Gallery

# What a route's documentation says of its answers, by status: the framework's own form.
Told = dict[int | str, dict[str, Any]]

PageNumber = Annotated[
    int, Query(ge=1, le=1_000_000_000, description="Which page, from 1.", examples=[1])
]
PerPage = Annotated[
    int, Query(ge=1, le=MOST_PER_PAGE, description="How many on a page.", examples=[20])
]
UidPath = Annotated[
    str,
    Path(description="The asset's id: 26 digits.", examples=["01hxw3v9q2m4k8r5t7y0bcdefg"]),
]
NumberPath = Annotated[
    int, Path(ge=1, le=2**62, description="Its number in the list.", examples=[1])
]

MOST_SMART = 500  # pictures that a search by what they show brings
MOST_SMART_CHARS = 500

# One line each: what a filter means, and an example of its value.
FILTERS: dict[str, tuple[str, str]] = {
    "q": ("Words, and filters such as `camera:canon` or `-tag:old`; prefixes count.", "beach"),
    "type": (f"Media type: {', '.join(MEDIA_CODES)}.", "jpeg"),
    "camera": ("Camera, exactly as the facets name it.", "Canon EOS 6D"),
    "year": ("Year taken.", "2016"),
    "source": ("Number of a source.", "1"),
    "folder": ("A folder of a source and all below it: `source/path`.", "1/2016/July"),
    "tag": ("A tag; repeated: all of them.", "family"),
    "orientation": (f"{', '.join(ORIENTATION_NAMES)}.", "landscape"),
    "size": (f"By pixels: {', '.join(SIZE_BANDS)}.", "large"),
    "from": ("Taken on this day or later.", "2016-07-01"),
    "to": ("Taken on this day or earlier.", "2016-07-31"),
    "min_bytes": ("At least so many bytes.", "100000"),
    "max_bytes": ("At most so many bytes.", "5000000"),
    "min_width": ("At least so many pixels wide.", "1920"),
    "min_height": ("At least so many pixels high.", "1080"),
    "min_rating": ("At least so many stars.", "4"),
    "is": (f"A state: {', '.join(STATES)}.", "favourite"),
    "ticket": ("A ticket: its number, or its subject.", "4711"),
    "company": ("A company: its number or name.", "Acme"),
    "requester": ("Who asked: number, name or address.", "Anna Muster"),
    "article": ("An article of a knowledge base: its number or title.", "62000"),
    "product": ("A product: its name, or its number in any form.", "4006381333931"),
    "album": ("An album of a remote: its id or name.", "Summer"),
    "person": ("A person a remote knows: id or name.", "Anna"),
    "uid": ("A picture's own id.", "01hxw3v9q2m4k8r5t7y0bcdefg"),
    "not_tag": ("Without this tag.", "private"),
    "smart": ("What it shows, in plain words; asks a connected Immich.", "dog on a beach"),
    "trashed": ("`1`: the trash instead of the timeline.", "1"),
    "sort": (
        f"Order: {', '.join(SORTS)}; with `smart` also {BEST}, which is then the usual one.",
        "-taken",
    ),
}
assert set(PARAMS) <= set(FILTERS)  # noqa: S101  # a new filter has to be described here


def _parameters() -> list[dict[str, object]]:
    listed = []
    for name, (meaning, example) in FILTERS.items():
        many = name not in {"sort", "trashed", "q", "smart"}
        one: dict[str, object] = {"type": "string"}
        listed.append(
            {
                "name": name,
                "in": "query",
                "required": False,
                "description": meaning + (" May be repeated." if many else ""),
                "schema": {"type": "array", "items": one} if many else one,
                "example": [example] if many else example,
            }
        )
    return listed


# For `openapi_extra` of a route that reads its filters with `asked`.
FILTER_PARAMETERS: dict[str, list[dict[str, object]]] = {"parameters": _parameters()}
# What such a route answers when a filter cannot be kept.
FILTER_REFUSALS: Told = {
    400: {"model": ErrorOut, "description": "A filter that cannot be."},
    409: {"model": ErrorOut, "description": "`smart`: no connected source can search now."},
    502: {"model": ErrorOut, "description": "`smart`: the source that is asked has a fault."},
    503: {"model": ErrorOut, "description": "`smart`: the source asks for patience."},
    504: {"model": ErrorOut, "description": "`smart`: the source does not answer in time."},
}


def asked(request: Request, gallery: Gallery) -> AssetQuery:
    """The query of a request's address.

    Raises:
        BadQuery: a filter's value, or a part of `q`, that cannot be.
        Conflict: `smart`, and no connected source can search.
        Upstream: the source that is asked for `smart` does not answer.
    """
    return query_of(list(request.query_params.multi_items()), gallery)


def query_of(pairs: list[tuple[str, str]], gallery: Gallery) -> AssetQuery:
    """The query of (name, value) pairs, repeated names meaning what they do in an address."""
    params: dict[str, list[str]] = {}
    for name, value in pairs:
        params.setdefault(name, []).append(value)
    shows = " ".join(params.get("smart", ())).strip()
    if not shows:
        return AssetQuery.from_params(params)
    best = params.get("sort", [""])[0] in {"", BEST}
    if best:
        params.pop("sort", None)
    query = AssetQuery.from_params(params)
    found = Term("uid", tuple(gallery.smart.find(shows[:MOST_SMART_CHARS], limit=MOST_SMART)))
    # First of the terms: should the address name a uid too, the order is still the search's.
    return replace(query, terms=(found, *query.terms), sort=BEST if best else query.sort)


def paged(query: AssetQuery, page: int, per_page: int) -> AssetQuery:
    """The same query, begun at a page; a cursor in it wins."""
    return replace(query, page=page, limit=per_page)


def known_uid(uid: str) -> str:
    """The uid itself, if it has the form of one; others cannot exist.

    Raises:
        NotFound: not 26 digits of ours.
    """
    if uid_to_bytes(uid) is None:
        raise NotFound("picture")
    return uid


@dataclass(frozen=True)
class Fresh:
    """ETag of an answer made from the index: its revision, and which start of the program.

    The start stands in it because another data folder on the same address may be at the same
    revision, and because another version of the program may write another form.
    """

    gallery: Gallery
    start: str

    def etag(self, form: str = "j") -> str:
        """The ETag of answers made now."""
        return f'"{self.start}-{self.gallery.browse.revision():x}-{form}"'

    def etag_of(self, query: AssetQuery, form: str = "j") -> str:
        """The ETag of a query's answer: what a remote found is no part of our revision."""
        found = [uid for term in query.terms if term.name == "uid" for uid in term.values]
        if found:
            form += hashlib.blake2b("".join(found).encode(), digest_size=8).hexdigest()
        return self.etag(form)

    def unchanged(self, request: Request, etag: str) -> bool:
        """Whether the client holds the answer of this ETag."""
        held = request.headers.get("if-none-match", "")
        return etag in {part.strip().removeprefix("W/") for part in held.split(",")}
