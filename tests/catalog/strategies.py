"""Hypothesis strategies: assets as a source might hold them, and queries about them.

Small alphabets on purpose: most generated queries match some of the generated assets.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from hypothesis import strategies as st

from gallery_app.catalog import Changes
from gallery_app.domain.entities import ENTITY_TYPES, EntityRef
from gallery_app.domain.geometry import Size
from gallery_app.domain.media import MEDIA_CODES
from gallery_app.domain.model import Metadata, Problem, uid_from_bytes
from gallery_app.domain.query import (
    ORIENTATION_NAMES,
    SIZE_BANDS,
    SORTS,
    STATES,
    AssetQuery,
    Term,
    Word,
)
from gallery_app.domain.text import words
from tests.catalog.shelf import described

CAMERAS = ((None, None), ("Canon", "Canon EOS 6D"), ("Canon", "EOS 6D"), ("Nikon", None))
TEXTS = ("Beach", "beach house", "Straße", "Zoë at the LAKE", "x", "img_0042", "2016", "日本 旅行")
TAGS = ("Beach", "BEACH", "Straße", "lake", "two words")
PATHS = ("", "2016", "2016/July", "2016/July!", "2016/Jul", "x", "x/y/z", "Ünï")
IDS = ("4711", "04006381333931", "Beach", "a-1")
ENTITY_NAMES = ("", "Acme Straße", "beach", "4711", "Zoë")
UIDS = tuple(uid_from_bytes(n.to_bytes(16, "big")) for n in (1, 2, 3, 99))
NAMES = ("a.jpg", "B.jpg", "b.JPG", "IMG_0042.heic", "ärger.png", "Z", "0042 beach.tif")


@dataclass(frozen=True)
class Told:
    """What a remote says of an asset: as one of its own, or as one with the asset's SHA-1."""

    remote: int  # which of the remotes
    key: str
    private: bool
    entities: tuple[EntityRef, ...]
    copied: bool  # its bytes came and were stored
    members: tuple[EntityRef, ...]
    gone: bool


@dataclass(frozen=True)
class Kept:
    """What is done to make one asset."""

    filename: str
    described: object
    taken: datetime
    added_s: int
    keys: tuple[tuple[int, str, bool], ...]  # source number, key, gone
    changes: Changes
    trashed: bool
    rendered: bool
    sha1: str | None
    told: tuple[Told, ...]


moments = st.one_of(
    st.sampled_from(("2016-07-31T23:59:59.999", "2016-08-01T00:00", "1969-05-01T00:00")).map(
        datetime.fromisoformat
    ),
    st.integers(0, 600_000).map(
        lambda n: (
            datetime.fromisoformat("2015-12-01T00:00") + timedelta(minutes=n, milliseconds=n % 7)
        )
    ),
)
metadata = st.builds(
    lambda camera, gps, rating, title, keywords, place: Metadata(
        make=camera[0], model=camera[1], gps=gps, rating=rating, title=title, keywords=keywords,
        place=place, lens="EF 50mm", creator="Anna",
    ),
    st.sampled_from(CAMERAS),
    st.sampled_from((None, (52.5, 13.4))),
    st.sampled_from((None, 0, 3, 5)),
    st.sampled_from((None, *TEXTS)),
    st.lists(st.sampled_from(TAGS), max_size=3).map(tuple),
    st.sampled_from((None, "Lisboa, Portugal")),
)  # fmt: skip
heads = st.builds(
    lambda kind, width, height, size_bytes, meta, animated, problem: described(
        media_type=kind, size=Size(width, height), size_bytes=size_bytes, metadata=meta,
        animated=animated, problem=problem,
    ),
    st.sampled_from(MEDIA_CODES),
    st.sampled_from((0, 1, 999, 1000, 4000, 60_000)),
    st.sampled_from((0, 1, 1000, 1001, 3000)),
    st.sampled_from((0, 1_000, 3_000_000, 5_000_000_000)),
    metadata,
    st.booleans(),
    st.sampled_from((None, None, Problem("unreadable", "It is damaged."))),
)  # fmt: skip
changes = st.builds(
    Changes,
    title=st.sampled_from((None, *TEXTS)),
    caption=st.sampled_from((None, *TEXTS)),
    rating=st.sampled_from((None, 0, 4)),
    favourite=st.booleans(),
    add_tags=st.lists(st.sampled_from(TAGS), max_size=2),
    remove_tags=st.lists(st.sampled_from(TAGS), max_size=1),
)
keys = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.builds(
            lambda path, name: f"{path}/{name}" if path else name,
            st.sampled_from(PATHS),
            st.sampled_from(NAMES),
        ),
        st.booleans(),
    ),
    max_size=3,
).map(tuple)
refs = st.builds(
    EntityRef,
    st.sampled_from(("ticket", "company", "product", "person")),
    st.sampled_from(IDS),
    st.sampled_from(ENTITY_NAMES),
)
told = st.builds(
    Told,
    remote=st.integers(0, 1),
    key=st.sampled_from(("x", "y/z", "ticket/4711/attachment/1")),
    private=st.sampled_from((True, True, False)),
    entities=st.lists(refs, min_size=1, max_size=3).map(tuple) | st.just(()),
    copied=st.booleans(),
    members=st.lists(
        st.builds(EntityRef, st.just("album"), st.sampled_from(IDS), st.sampled_from(TEXTS)),
        max_size=1,
    ).map(tuple),
    gone=st.sampled_from((False, False, True)),
)
kept = st.builds(
    Kept,
    filename=st.sampled_from(NAMES),
    described=heads,
    taken=moments,
    added_s=st.integers(0, 3),
    keys=keys,
    changes=changes,
    trashed=st.sampled_from((False, False, True)),
    rendered=st.booleans(),
    sha1=st.sampled_from((None, "1" * 40, "2" * 40, "3" * 40)),
    told=st.lists(told, min_size=1, max_size=3).map(tuple) | st.just(()),
)

_dates = st.sampled_from(("2016-07-31", "2016-08-01", "1969-05-01", "9999-12-31", "0001-01-01"))
VALUES: dict[str, st.SearchStrategy[str]] = {
    "type": st.sampled_from(MEDIA_CODES),
    "camera": st.sampled_from(("Canon EOS 6D", "Nikon", "Canon", "")),
    "camera_words": st.sampled_from(("canon", "can 6d", "nik", "eos canon", "")),
    "year": st.sampled_from(("2015", "2016", "1969", "0", "99999", "123456789012345")),
    "source": st.sampled_from(("1", "2", "3", "02", "99", "x")),
    "folder": st.builds(
        lambda source, path: f"{source}/{path}",
        st.sampled_from(("2", "3", "02", "9")),
        st.sampled_from((*PATHS, "2016/", "/2016")),
    ),
    "tag": st.sampled_from((*TAGS, "strasse", "none")),
    "orientation": st.sampled_from(ORIENTATION_NAMES),
    "size": st.sampled_from(tuple(SIZE_BANDS)),
    "from": _dates,
    "to": _dates,
    "min_bytes": st.sampled_from(("0", "3000000", "5000000000", "999999999999999")),
    "max_bytes": st.sampled_from(("0", "3000000", "5000000000", "999999999999999")),
    "min_width": st.sampled_from(("0", "1000", "4000", "999999999999999")),
    "min_height": st.sampled_from(("0", "1000", "3000", "999999999999999")),
    "min_rating": st.sampled_from(("0", "1", "4", "5", "999")),
    "is": st.sampled_from(STATES),
    "uid": st.sampled_from(UIDS),
    **{
        kind: st.sampled_from((*IDS, *ENTITY_NAMES, "400-6381 333931", "BEACH", "none"))
        for kind in ENTITY_TYPES
    },
}
FILTERS = tuple(VALUES)
terms = st.sampled_from(FILTERS).flatmap(
    lambda name: st.builds(
        Term,
        st.just(name),
        st.lists(VALUES[name], min_size=1, max_size=2).map(tuple),
        st.booleans(),
    )
)
_vocabulary = sorted(
    {w for text in (*TEXTS, *TAGS, *NAMES, "canon eos lisboa anna absent") for w in words(text)}
)
query_words = st.builds(
    lambda text, length, prefix, negated: Word(
        text[:length] if prefix else text, prefix=prefix, negated=negated
    ),
    st.sampled_from(_vocabulary),
    st.integers(1, 12),
    st.booleans(),
    st.booleans(),
)
queries = st.builds(
    AssetQuery,
    words=st.lists(query_words, max_size=2).map(tuple),
    terms=st.lists(terms, max_size=3).map(tuple),
    trashed=st.booleans(),
    sort=st.sampled_from(SORTS),
    limit=st.integers(1, 5),
)
