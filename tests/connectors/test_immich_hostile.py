"""Answers that no honest Immich gives: they do no harm, and make a picture where they can."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gallery_app.connectors.immich.api import Api
from gallery_app.connectors.immich.models import NotImmich, Version, asset_of, page_of, version_of
from gallery_app.connectors.immich.pictures import Site, picture_of
from gallery_app.domain.remote import RemoteConfig
from tests.connectors.wire import BEGAN, Time, Wire, answer, kept

KEY = "3fa85f64-5717-4562-b3fc-2c963f66afa6"
SITE = Site("https://photos.example.org")


class TestHostileAnswers:
    @pytest.mark.parametrize(
        "key", ["../../x", "", None, 5, "3fa85f64", KEY + "0", KEY.replace("-", "/"), KEY + "\n"]
    )
    def test_with_ids_that_are_none_are_refused(self, key: object) -> None:
        assert asset_of({"id": key}) is None

    def test_are_counted_where_an_entry_is_refused(self) -> None:
        page = page_of({"assets": {"items": [{"id": KEY}, {"id": "x"}, 7, None]}})

        assert len(page.assets) == 1
        assert page.ids_refused == 3

    @pytest.mark.parametrize(
        "body", [None, [], "text", {}, {"assets": []}, {"assets": {"items": {}}}]
    )
    def test_without_a_list_of_assets_are_not_immichs(self, body: object) -> None:
        with pytest.raises(NotImmich):
            page_of(body)

    @pytest.mark.parametrize(
        ("told", "page"),
        [("2", 2), (2, 2), (None, None), ("", None), ("two", None), ("-1", None), (True, None)],
    )
    def test_name_the_next_page_as_text(self, told: object, page: int | None) -> None:
        assert page_of({"assets": {"items": [], "nextPage": told}}).next_page == page

    @pytest.mark.parametrize("mark", ["", "\ud800", "a\n", "a" * 5000, 7, None, ["a"]])
    def test_with_a_mark_that_cannot_be_sent_back_have_none(self, mark: object) -> None:
        assert page_of({"assets": {"items": [], "nextCursor": mark}}).next_cursor is None

    def test_name_a_version_or_are_not_immichs(self) -> None:
        assert version_of({"major": 3, "minor": 2, "patch": 2}) == Version(3, 2, 2)
        with pytest.raises(NotImmich):
            version_of({"version": "3.2.2"})

    def test_with_a_date_that_is_none_leave_our_own_clock(
        self, serve: Callable[..., Wire], time: Time
    ) -> None:
        date = "Thu, 26 Nov 2026 12:00:00 +99999999999999"
        wire = serve(answer(b'{"res":"pong"}', date=date))
        api = Api(RemoteConfig(wire.url), time.tools)
        kept(api.http)

        assert api.ping()
        assert api.now() == BEGAN

    @given(
        st.dictionaries(
            st.sampled_from(
                "type originalFileName originalMimeType checksum thumbhash libraryId visibility "
                "isTrashed isFavorite isEdited livePhotoVideoId width height duration tags people "
                "fileCreatedAt localDateTime fileModifiedAt createdAt updatedAt exifInfo "
                "unassignedFaces isArchived unheardOf".split()
            ),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
                lambda inner: (
                    st.lists(inner, max_size=3)
                    | st.dictionaries(
                        st.sampled_from(
                            "make orientation rating latitude longitude exposureTime fNumber iso "
                            "timeZone description fileSizeInByte exifImageWidth id name faces "
                            "value imageWidth imageHeight boundingBoxX1 boundingBoxX2".split()
                        ),
                        inner,
                        max_size=6,
                    )
                ),
                max_leaves=12,
            ),
        )
    )
    def test_of_any_kind_still_make_a_picture(self, fields: dict[str, Any]) -> None:
        asset = asset_of({**fields, "id": KEY})

        assert asset is not None
        image = picture_of(asset, SITE)
        assert image.key == KEY
        assert image.filename
        assert image.filename.encode()
        assert image.sha1 is None or len(image.sha1) == 40
        assert image.picture is not None
        assert image.picture.mtime_ns >= 0
        offset = image.picture.metadata.offset_minutes
        assert offset is None or abs(timedelta(minutes=offset)) <= timedelta(hours=16)
