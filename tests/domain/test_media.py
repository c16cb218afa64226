"""The table of media types: what a browser of ours may run, and what it may never."""

from __future__ import annotations

import pytest

from gallery_app.domain.media import (
    MEDIA_CODES,
    MEDIA_TYPES,
    PICTURE_EXTENSIONS,
    MediaType,
    full_name,
)

# Source: catalog columns keep the position; this order may only grow at its end.
ORDER = (
    "jpeg", "png", "gif", "webp", "avif", "heic", "tiff", "bmp", "video", "raw", "jxl", "jp2",
    "psd", "svg", "ico", "eps", "unknown",
)  # fmt: skip
each = pytest.mark.parametrize("kind", MEDIA_TYPES.values(), ids=MEDIA_TYPES.keys())


class TestTheTable:
    def test_keeps_its_order_because_catalogs_hold_positions(self) -> None:
        assert MEDIA_CODES[: len(ORDER)] == ORDER

    def test_says_no_code_twice(self) -> None:
        assert len(set(MEDIA_CODES)) == len(MEDIA_CODES)
        assert all(kind.code == code for code, kind in MEDIA_TYPES.items())

    @each
    def test_what_is_shown_inside_the_page_is_also_rendered(self, kind: MediaType) -> None:
        assert kind.shown or not kind.inline

    @each
    def test_nothing_that_can_run_is_ever_inline(self, kind: MediaType) -> None:
        dangerous = {"svg", "xml", "html", "script", "pdf", "postscript", "octet-stream"}

        if any(word in kind.content_type for word in dangerous):
            assert not kind.inline
            assert not kind.shown

    @each
    def test_its_content_type_is_plain(self, kind: MediaType) -> None:
        family, slash, name = kind.content_type.partition("/")

        assert slash
        assert name
        assert family in {"image", "video", "application"}
        assert kind.video == (family == "video")

    @each
    def test_its_extension_claims_to_be_a_picture(self, kind: MediaType) -> None:
        assert kind.extension in PICTURE_EXTENSIONS or kind.code in {"raw", "unknown"}

    @pytest.mark.parametrize("extension", ["jpg", "jpeg", "heic", "dng", "mp4", "svg"])
    def test_usual_names_are_known(self, extension: str) -> None:
        assert extension in PICTURE_EXTENSIONS

    @pytest.mark.parametrize("extension", ["", "txt", "html", "db", "xmp", "JPG", ".jpg", "ini"])
    def test_other_names_are_not(self, extension: str) -> None:
        assert extension not in PICTURE_EXTENSIONS


class TestAFullName:
    @pytest.mark.parametrize("name", ["a.jpg", "A.JPEG", "clip.mkv", "scan.dng", "wrong.png"])
    def test_is_left_alone_when_it_tells_what_the_file_is(self, name: str) -> None:
        assert full_name(name, "jpeg") == name

    @pytest.mark.parametrize(
        ("name", "code", "full"),
        [
            ("inline-80012", "jpeg", "inline-80012.jpg"),
            ("photo.of.me", "heic", "photo.of.me.heic"),
            (".jpg", "png", ".jpg.png"),
            ("", "png", ".png"),
        ],
    )
    def test_gets_the_ending_of_its_type_where_it_has_none(
        self, name: str, code: str, full: str
    ) -> None:
        assert full_name(name, code) == full

    def test_gets_no_ending_when_nobody_knows_the_type(self) -> None:
        assert full_name("readme", "unknown") == "readme"
