"""The error tree: each leaf has a status, a code, a sentence and data a machine can read."""

from __future__ import annotations

import copy
import json
import pickle
from collections.abc import Iterator
from datetime import datetime

import pytest

from gallery_app.domain import errors
from gallery_app.domain.errors import (
    BadInput,
    BadQuery,
    GalleryError,
    LinkExpired,
    LinkSpent,
    LinkTampered,
    Misconfigured,
    NotFound,
    Throttled,
    TooLarge,
    Upstream,
)
from tests.domain.examples import NOW


def _tree(top: type[GalleryError] = GalleryError) -> Iterator[type[GalleryError]]:
    yield top
    for kind in top.__subclasses__():
        yield from _tree(kind)


ALL = [kind for kind in _tree() if kind.__module__ == errors.__name__]
LEAVES = [kind for kind in ALL if not kind.__subclasses__()]
STATUS = {
    "GalleryError": 500, "BadInput": 400, "UnsupportedType": 415, "TooLarge": 413,
    "TooManyPixels": 422, "Unreadable": 422, "BadCursor": 400, "BadQuery": 400, "BadDigest": 422,
    "Incomplete": 400, "NotSignedIn": 401, "NotAllowed": 403, "NotFound": 404, "LinkTampered": 404,
    "Conflict": 409, "JobRunning": 409, "StoreInUse": 409, "Gone": 410, "LinkExpired": 410,
    "LinkRevoked": 410, "LinkSpent": 410, "Throttled": 429, "OutOfSpace": 507, "NotReady": 503,
    "Upstream": 502, "UpstreamTimeout": 504, "UpstreamGone": 404, "UpstreamRefused": 502,
    "UpstreamThrottled": 503, "BadEan": 422, "Misconfigured": 500,
}  # fmt: skip
each = pytest.mark.parametrize("kind", ALL, ids=[kind.__name__ for kind in ALL])


class TestEveryError:
    def test_stands_in_this_table_with_its_status(self) -> None:
        assert {kind.__name__: kind.status for kind in ALL} == STATUS

    def test_stands_in_the_drawing(self) -> None:
        assert [k.__name__ for k in ALL if k.__name__ not in (errors.__doc__ or "")] == []

    def test_has_a_code_of_its_own(self) -> None:
        codes: dict[str, list[str]] = {}
        for kind in ALL:
            codes.setdefault(kind.code, []).append(kind.__name__)

        shared = {code: names for code, names in codes.items() if len(names) > 1}
        assert shared == {"not_found": ["NotFound", "LinkTampered"]}

    @each
    def test_is_one_public_sentence(self, kind: type[GalleryError]) -> None:
        error = kind() if kind is not Misconfigured else Misconfigured("GALLERY_PORT", "is taken.")

        assert str(error) == error.public == error.args[0]
        assert error.public
        assert error.public.endswith((".", "?"))
        assert "\n" not in error.public

    @each
    def test_has_data_of_plain_values(self, kind: type[GalleryError]) -> None:
        def iso(value: object) -> str:
            assert isinstance(value, datetime)
            return value.isoformat()

        data = json.loads(json.dumps(kind().data(), default=iso))

        assert not set(data) & {"code", "message", "status"}

    @each
    def test_survives_the_way_between_processes(self, kind: type[GalleryError]) -> None:
        error = kind()

        for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
            assert type(twin) is kind
            assert twin.public == error.public
            assert twin.data() == error.data()

    def test_can_be_told_apart_from_another_like_it(self) -> None:
        assert NotFound() != NotFound()


ASK = "Ask the person who sent it for a new one."


class TestSentences:
    @pytest.mark.parametrize(
        ("error", "sentence"),
        [
            (BadInput("Send a title."), "Send a title."),
            (NotFound("asset"), "There is no such asset."),
            (LinkTampered(), "There is no such link."),
            (LinkExpired(NOW), f"This link expired on 2026-11-20 12:00 UTC. {ASK}"),
            (LinkExpired(), f"This link expired. {ASK}"),
            (LinkSpent(3), "This link could be opened 3 times and has been."),
            (Throttled(7), "Too many requests. Try again in 7 seconds."),
            (Misconfigured("data", "is not a folder."), "data: is not a folder."),
        ],
        ids=lambda value: type(value).__name__ if isinstance(value, GalleryError) else "",
    )  # fmt: skip
    def test_says(self, error: GalleryError, sentence: str) -> None:
        assert error.public == sentence

    def test_data_are_the_facts_and_not_the_sentence(self) -> None:
        assert TooLarge("The file is too large.", 10).data() == {"limit_bytes": 10}
        assert BadQuery("There is no filter.", at="x").data() == {"at": "x"}
        assert LinkExpired(NOW).data() == {"at": NOW}
        assert Upstream("NAS").data() == {"source": "NAS"}

    def test_a_cause_is_kept_but_never_said(self) -> None:
        with pytest.raises(Upstream) as caught:
            raise Upstream("NAS") from OSError("/home/anna/secret")

        assert isinstance(caught.value.__cause__, OSError)
        assert "anna" not in caught.value.public
