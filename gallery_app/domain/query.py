"""What is asked of the index: filters, words, sort and place, and what each means.

`AssetQuery.from_params` reads the address of a view and the API's parameters alike; `parse`
reads the search box. `matches` says in Python what a query means; the catalog's fast answer
is bound to it by a law (tests/catalog/test_law.py).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal, get_args

from gallery_app.domain.ean import Ean
from gallery_app.domain.entities import ENTITY_TYPES, EntityRef
from gallery_app.domain.errors import BadCursor, BadEan, BadQuery
from gallery_app.domain.media import MEDIA_TYPES
from gallery_app.domain.model import Asset, Occurrence, uid_to_bytes
from gallery_app.domain.text import search_text, words

Kept = Literal["-taken", "taken", "-added", "added", "name", "-name", "-size", "size"]
# BEST is no property of a picture: it is the order in which the query's `uid` filter names them.
Sort = Literal[Kept, "best"]
BEST: Literal["best"] = "best"
SORTS: tuple[str, ...] = get_args(Kept)
ORIENTATION_NAMES = ("landscape", "portrait", "square")
MOST_PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class Word:
    """One word to find; `prefix`: its beginning is enough; `negated`: it must be absent."""

    text: str
    prefix: bool = True
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Term:
    """One filter: the asset's `name` field is one of `values` (or none, when `negated`)."""

    name: str
    values: tuple[str, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class AssetQuery:
    """Which assets, in which order. All words and terms must hold.

    `trashed` asks for the trash instead of the timeline. `page` (from 1) and `cursor` are two
    ways to say where to begin; a cursor wins.
    """

    words: tuple[Word, ...] = ()
    terms: tuple[Term, ...] = ()
    trashed: bool = False
    sort: Sort = "-taken"
    page: int = 1
    cursor: str | None = None
    limit: int = MOST_PER_PAGE

    def matches(self, asset: Asset) -> bool:
        """Whether the asset belongs to this query's answer: the meaning of every filter."""
        if self.trashed:
            if asset.trashed_at is None or asset.status == "missing":
                return False
        elif not asset.live:
            return False
        for term in self.terms:
            test = FIELDS[term.name]
            if any(test(asset, value) for value in term.values) == term.negated:
                return False
        if not self.words:
            return True
        have = search_text(asset).split()
        return all(_found(word, have) != word.negated for word in self.words)

    @property
    def named(self) -> tuple[str, ...]:
        """The uids it is confined to, in the order they were given."""
        return next((t.values for t in self.terms if t.name == "uid" and not t.negated), ())

    def without(self, name: str) -> AssetQuery:
        """The same query with every filter on `name` dropped ("q" drops the words)."""
        kept = tuple(t for t in self.terms if t.name != name)
        return replace(self, terms=kept, words=() if name == "q" else self.words)

    @classmethod
    def from_params(cls, params: Mapping[str, Sequence[str]]) -> AssetQuery:
        """The query of an address such as `?type=jpeg&type=png&from=2016-07-01&q=beach`.

        A repeated filter means "any of these", a repeated `tag` "all of these". Unknown names
        are not ours and are left alone; empty values are no filter.

        Raises:
            BadQuery: a value that the filter cannot take; `at` is the value.
        """
        found_words, found_terms = parse(" ".join(params.get("q", ())))
        terms = list(found_terms)
        for name in PARAMS:
            values = tuple(v for v in params.get(name, ()) if v)
            if not values:
                continue
            for value in values:
                _check(name, value)
            if name == "tag":
                terms.extend(Term("tag", (value,)) for value in values)
            else:
                terms.append(Term(name, values))
        terms.extend(
            Term("tag", (value,), negated=True) for value in params.get("not_tag", ()) if value
        )
        sort = (params.get("sort") or ("-taken",))[0] or "-taken"
        if sort not in SORTS:
            raise BadQuery(f"There is no order “{sort}”; use one of {', '.join(SORTS)}.", at=sort)
        return cls(
            words=tuple(found_words),
            terms=tuple(terms),
            trashed=(params.get("trashed") or ("",))[0] in {"1", "true"},
            sort=sort,  # type: ignore[arg-type]  # checked against SORTS above
            cursor=(params.get("cursor") or (None,))[0] or None,
        )


def _found(word: Word, have: list[str]) -> bool:
    if word.prefix:
        return any(h.startswith(word.text) for h in have)
    return word.text in have


# --- the fields: what each filter means --------------------------------------------------

# Source: usual camera classes; a 1 MP picture fills a small screen, 8 MP a 4K one.
SIZE_BANDS: dict[str, tuple[int, int]] = {  # px: at least, below
    "small": (0, 1_000_000),
    "medium": (1_000_000, 8_000_000),
    "large": (8_000_000, 24_000_000),
    "huge": (24_000_000, 1 << 62),
}
STATES = (
    "favourite", "video", "animated", "unreadable", "located", "tagged", "private", "remote",
)  # fmt: skip


def orientation_of(asset: Asset) -> str:
    """landscape, portrait or square (which includes an unknown shape)."""
    if asset.size.width > asset.size.height:
        return "landscape"
    return "portrait" if asset.size.width < asset.size.height else "square"


def _has_state(asset: Asset, state: str) -> bool:
    tests: dict[str, bool] = {
        "favourite": asset.favourite,
        "video": asset.media_type == "video",
        "animated": asset.animated,
        "unreadable": asset.status == "unreadable",
        "located": asset.metadata.gps is not None,
        "tagged": bool(asset.tags),
        "private": asset.private,
        "remote": asset.remote,
    }
    return tests[state]


def camera_has(camera: str | None, value: str) -> bool:
    """Whether every word of `value` begins a word of the camera's name ("canon 6d")."""
    have = words(camera or "")
    return all(any(h.startswith(w) for h in have) for w in words(value)) and bool(have)


def in_folder(source: str, key: str, value: str) -> bool:
    """Whether (source, key) lies in or below the folder `value` = "3/2016/July" ("3/": all)."""
    wanted, _, path = value.partition("/")
    return source == wanted and (not path or key.startswith(path + "/"))


def _lies_in(occurrence: Occurrence, value: str) -> bool:
    """Whether a live occurrence lies in the folder; a remote's keys are no paths."""
    key = occurrence.key if occurrence.remote is None else ""
    return occurrence.gone_at is None and in_folder(str(occurrence.source_id), key, value)


def gtin_of(text: str) -> str | None:
    """The 14 digits of a text that is an article number in any of its forms, else None."""
    try:
        return Ean.parse(text).gtin
    except BadEan:
        return None


def belongs(refs: Iterable[EntityRef], kind: str, value: str) -> bool:
    """Whether one of that type is meant: its id, its name in any case; a product by any form."""
    ids = {value, gtin_of(value)} if kind == "product" else {value}
    folded = value.casefold()
    return any(
        ref.id in ids or (ref.name != "" and ref.name.casefold() == folded)
        for ref in refs
        if ref.type == kind
    )


def _belongs(kind: str) -> Callable[[Asset, str], bool]:
    return lambda asset, value: belongs(asset.entities, kind, value)


def _in_band(asset: Asset, band: str) -> bool:
    low, high = SIZE_BANDS[band]
    return low <= asset.size.pixels < high


FIELDS: dict[str, Callable[[Asset, str], bool]] = {
    "type": lambda a, v: a.media_type == v,
    "camera": lambda a, v: a.metadata.camera == v,
    "camera_words": lambda a, v: camera_has(a.metadata.camera, v),
    "year": lambda a, v: a.taken_at.year == int(v),
    "source": lambda a, v: any(str(o.source_id) == v for o in a.occurrences if o.gone_at is None),
    "folder": lambda a, v: any(_lies_in(o, v) for o in a.occurrences),
    "tag": lambda a, v: v.casefold() in {t.casefold() for t in a.tags},
    "orientation": lambda a, v: orientation_of(a) == v,
    "size": _in_band,
    "from": lambda a, v: a.taken_at.date() >= date.fromisoformat(v),
    "to": lambda a, v: a.taken_at.date() <= date.fromisoformat(v),
    "min_bytes": lambda a, v: a.size_bytes >= int(v),
    "max_bytes": lambda a, v: a.size_bytes <= int(v),
    "min_width": lambda a, v: a.size.width >= int(v),
    "min_height": lambda a, v: a.size.height >= int(v),
    "min_rating": lambda a, v: (a.rating or 0) >= int(v),
    "is": _has_state,
    "uid": lambda a, v: a.uid == v,
    **{kind: _belongs(kind) for kind in ENTITY_TYPES},
}
# Fields that are parameters of an address, in the order chips are shown.
PARAMS: tuple[str, ...] = (
    "type", "camera", "year", "source", "folder", "tag", "orientation", "size", "from", "to",
    "min_bytes", "max_bytes", "min_width", "min_height", "min_rating", "is", *ENTITY_TYPES, "uid",
)  # fmt: skip


_NUMBERS = frozenset(
    {"year", "source", "min_bytes", "max_bytes", "min_width", "min_height", "min_rating"}
)


def _check(name: str, value: str) -> None:
    """Raise BadQuery unless `value` is one the field can take."""
    allowed: dict[str, Sequence[str]] = {
        "type": tuple(MEDIA_TYPES),
        "orientation": ORIENTATION_NAMES,
        "size": tuple(SIZE_BANDS),
        "is": STATES,
    }
    if name in allowed:
        if value not in allowed[name]:
            choices = ", ".join(allowed[name])
            raise BadQuery(f"“{value}” is no {name}; use one of {choices}.", at=value)
    elif name in {"from", "to"}:
        if not _is_date(value):
            raise BadQuery(f"“{value}” is no date; write it as 2016-07-31.", at=value)
    elif name == "folder":
        if not _is_number(value.partition("/")[0]):
            raise BadQuery(f"“{value}” is no folder of a source.", at=value)
    elif name == "uid":
        if uid_to_bytes(value) is None:
            raise BadQuery(f"“{value}” is no picture's id; it has 26 digits.", at=value)
    elif name in _NUMBERS and not _is_number(value):
        raise BadQuery(f"“{value}” is no whole number.", at=value)


def _is_date(text: str) -> bool:
    try:  # one form only, so that dates compare as texts: fromisoformat also reads 2016-W26-7
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 15


# --- the search box ------------------------------------------------------------------------

# What may stand before a colon, and the field it means.
KEYS: dict[str, str] = {
    "camera": "camera_words", "type": "type", "tag": "tag", "year": "year", "is": "is",
    "orientation": "orientation", "size": "size", "from": "from", "to": "to",
    "rating": "min_rating", **{kind: kind for kind in ENTITY_TYPES}, "ean": "product",
}  # fmt: skip


def parse(text: str) -> tuple[list[Word], list[Term]]:
    """Words and filters of a search such as `beach -anna camera:canon rating:4 "new york"`.

    A bare word finds words that begin with it, a quoted one only whole words, a minus negates.
    A key without a value yet is no filter, so that typing never shows an error half-way.

    Raises:
        BadQuery: an unknown key or a value it cannot take; `at` is that part of the text.
    """
    found: list[Word] = []
    terms: list[Term] = []
    for negated, key, quoted, value in _parts(text):
        if key is None:
            found.extend(Word(w, prefix=not quoted, negated=negated) for w in words(value))
            continue
        name = KEYS.get(key)
        if name is None:
            hint = ", ".join(f"{k}:" for k in KEYS)
            raise BadQuery(f"There is no filter “{key}:”. Known are {hint}.", at=key)
        if value:
            _check(name, value)
            terms.append(Term(name, (value,), negated))
    return found, terms


def _parts(text: str) -> list[tuple[bool, str | None, bool, str]]:
    """(negated, key, quoted, value) of each part; an open quote runs to the end."""
    parts: list[tuple[bool, str | None, bool, str]] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        negated = text[at] == "-" and at + 1 < len(text) and not text[at + 1].isspace()
        at += negated
        start = at
        key: str | None = None
        while at < len(text) and text[at].isalpha():
            at += 1
        if at > start and at < len(text) and text[at] == ":":
            key = text[start:at].casefold()
            at += 1
            start = at
        else:
            at = start
        if at < len(text) and text[at] == '"':
            end = text.find('"', at + 1)
            end = len(text) if end < 0 else end
            parts.append((negated, key, True, text[at + 1 : end]))
            at = end + 1
            continue
        while at < len(text) and not text[at].isspace():
            at += 1
        parts.append((negated, key, False, text[start:at]))
    return parts


# --- cursors -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last asset of a page: where the next one begins, even if that asset has gone."""

    sort: Sort
    key: int | str
    uid: str

    def encode(self) -> str:
        """An opaque text for the outside."""
        raw = json.dumps([self.sort, self.key, self.uid], separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")

    @classmethod
    def decode(cls, text: str, *, sort: Sort) -> Cursor:
        """The cursor of `encode`, for the same order.

        Raises:
            BadCursor: not a text that `encode` gives for this order.
        """
        try:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            parts = json.loads(raw)
        except (binascii.Error, ValueError, RecursionError) as error:
            raise BadCursor from error
        if not isinstance(parts, list) or len(parts) != 3 or parts[0] != sort:
            raise BadCursor
        _, key, uid = parts
        kind = str if sort.lstrip("-") == "name" else int
        if type(key) is not kind or not isinstance(uid, str) or uid_to_bytes(uid) is None:
            raise BadCursor
        cursor = cls(sort, key, uid)
        # One text for one place, and nothing that the index could not hold.
        if cursor.encode() != text or not _is_storable(key):
            raise BadCursor
        return cursor


def _is_storable(key: int | str) -> bool:
    if isinstance(key, int):
        return -(1 << 63) <= key < 1 << 63
    return not any("\ud800" <= c <= "\udfff" for c in key)
