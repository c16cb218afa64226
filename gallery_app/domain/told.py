"""What is told of a picture at one place it is offered at, and which queries that answers.

A company may learn nothing of a picture's other places: not by a word that only another ticket
has, nor by one that it lacks. So its words and filters are held against this and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gallery_app.domain.entities import ENTITY_TYPES, EntityRef
from gallery_app.domain.query import AssetQuery, Term, belongs, in_folder

# Filters that ask of the picture itself, whoever offers it.
OF_THE_PICTURE = frozenset(
    "type camera camera_words year orientation size from to min_bytes max_bytes min_width "
    "min_height uid".split()
)


@dataclass(frozen=True, slots=True)
class ToldThere:
    """The picture as if it were offered at this place alone, and nobody here had said a word.

    `words`: what `search_text` would give, in any order, with a blank around each. `states`: those
    of the filter `is` that hold. `keywords` and `rating` are its file's.
    """

    words: str
    source: str
    entities: tuple[EntityRef, ...]
    keywords: tuple[str, ...]
    rating: int
    states: frozenset[str]


def asker(query: AssetQuery) -> Callable[[ToldThere], bool]:
    """Says of a place whether the query's words hold, and those filters that ask of the place."""
    words = [
        (f" {word.text}" if word.prefix else f" {word.text} ", word.negated) for word in query.words
    ]
    terms = [term for term in query.terms if term.name not in OF_THE_PICTURE]

    def holds(there: ToldThere) -> bool:
        for text, negated in words:
            if (text in there.words) == negated:
                return False
        return all(_holds(there, term) != term.negated for term in terms)

    return holds


def asks_of_places(query: AssetQuery) -> bool:
    """Whether the query asks of more than the picture itself."""
    return bool(query.words) or any(term.name not in OF_THE_PICTURE for term in query.terms)


def _holds(there: ToldThere, term: Term) -> bool:
    test = _TESTS[term.name]
    return any(test(there, value) for value in term.values)


def _belongs(kind: str) -> Callable[[ToldThere, str], bool]:
    return lambda there, value: belongs(there.entities, kind, value)


_TESTS: dict[str, Callable[[ToldThere, str], bool]] = {
    "source": lambda t, v: t.source == v,
    "folder": lambda t, v: in_folder(t.source, "", v),  # a remote's keys are no paths
    "tag": lambda t, v: v.casefold() in {keyword.casefold() for keyword in t.keywords},
    "min_rating": lambda t, v: t.rating >= int(v),
    "is": lambda t, v: v in t.states,
    **{kind: _belongs(kind) for kind in ENTITY_TYPES},
}
