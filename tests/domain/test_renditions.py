"""The renditions, their fingerprints, and how a torn cache file is known."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gallery_app.domain.geometry import Size
from gallery_app.domain.model import Sha256
from gallery_app.domain.renditions import EAGER, RENDITIONS, UHD, RenditionSpec, is_whole
from tests.pictures import make_picture

SMALL = RENDITIONS["small"]
LARGE = RENDITIONS["large"]
CHANGES = {
    "name": "tiny", "box": Size(400, 401), "fit": "cover", "format": "jpeg", "quality": 79,
    "effort": 3, "recipe": 2, "focus": (0.5, 0.5),
}  # fmt: skip
WEBP = make_picture("64x48 webp")
JPEG = make_picture("64x48 jpeg")


class TestTheTable:
    @pytest.mark.parametrize(
        ("name", "box", "fit"),
        [
            ("thumb", (150, 150), "cover"), ("small", (400, 400), "contain"),
            ("medium", (800, 800), "contain"), ("large", (1600, 1600), "contain"),
            ("screen", (3840, 2160), "cover"), ("full", (65_500, 65_500), "contain"),
        ],
    )  # fmt: skip
    def test_has_the_sizes_of_the_brief(self, name: str, box: tuple[int, int], fit: str) -> None:
        assert (RENDITIONS[name].box, RENDITIONS[name].fit) == (box, fit)

    def test_every_entry_stands_under_its_own_name(self) -> None:
        assert all(spec.name == name for name, spec in RENDITIONS.items())

    def test_what_is_made_at_once_is_in_it(self) -> None:
        assert set(EAGER) <= set(RENDITIONS)

    @pytest.mark.parametrize("spec", RENDITIONS.values(), ids=RENDITIONS.keys())
    def test_every_rendition_is_served_as_what_it_is(self, spec: RenditionSpec) -> None:
        assert spec.content_type == f"image/{spec.format}"
        assert 1 <= spec.quality <= 100


class TestFingerprint:
    @pytest.mark.parametrize("name", CHANGES)
    def test_changes_with(self, name: str) -> None:
        changed = replace(SMALL, **{name: CHANGES[name]})  # type: ignore[arg-type]  # by name

        assert changed.fingerprint != SMALL.fingerprint

    def test_no_field_is_left_out_above(self) -> None:
        assert set(CHANGES) == {field.name for field in fields(RenditionSpec) if field.init}

    def test_is_eight_hex_digits_and_the_same_every_time(self) -> None:
        assert SMALL.fingerprint == replace(SMALL).fingerprint
        assert len(SMALL.fingerprint) == 8
        assert int(SMALL.fingerprint, 16) >= 0

    def test_no_two_renditions_share_one(self) -> None:
        assert len({spec.fingerprint for spec in RENDITIONS.values()}) == len(RENDITIONS)

    def test_the_frame_s_is_none_of_them_and_has_a_name_of_its_own(self) -> None:
        assert UHD.name not in RENDITIONS
        assert UHD.fingerprint not in {spec.fingerprint for spec in RENDITIONS.values()}

    def test_stays_what_it_was_for_renditions_without_a_focus(self) -> None:
        # Caches that are there keep their worth.
        assert SMALL.fingerprint == "b01dfb31"

    def test_the_key_fans_out_by_the_first_two_digits(self) -> None:
        sha = Sha256("ab" + "0" * 62)

        assert SMALL.key(sha) == f"{SMALL.fingerprint}/ab/{sha}"


class TestIsWhole:
    @pytest.mark.parametrize(
        ("spec", "data"),
        [pytest.param(SMALL, WEBP, id="webp"), pytest.param(LARGE, JPEG, id="jpeg")],
    )
    def test_a_file_as_written_is(self, spec: RenditionSpec, data: bytes) -> None:
        assert is_whole(spec, data)

    @pytest.mark.parametrize(
        ("spec", "data"),
        [pytest.param(SMALL, WEBP, id="webp"), pytest.param(LARGE, JPEG, id="jpeg")],
    )
    def test_a_file_cut_anywhere_is_not(self, spec: RenditionSpec, data: bytes) -> None:
        whole = [n for n in range(len(data)) if is_whole(spec, data[:n])]

        assert whole == []

    @pytest.mark.parametrize(
        ("spec", "data"),
        [
            pytest.param(SMALL, bytes(len(WEBP)), id="webp of zeros"),
            pytest.param(LARGE, bytes(len(JPEG)), id="jpeg of zeros"),
            pytest.param(LARGE, JPEG[:-512] + bytes(512), id="jpeg with a zeroed end"),
            pytest.param(SMALL, WEBP + b"\0", id="webp with more behind it"),
            pytest.param(SMALL, JPEG, id="a jpeg where a webp should be"),
            pytest.param(LARGE, WEBP, id="a webp where a jpeg should be"),
            pytest.param(SMALL, WEBP[:8] + b"WAVE" + WEBP[12:], id="another RIFF"),
            pytest.param(LARGE, b"\xff\xd8\xff\xd9", id="a jpeg of nothing"),
            pytest.param(SMALL, b"", id="no webp"),
            pytest.param(LARGE, b"", id="no jpeg"),
        ],
    )
    def test_a_torn_file_is_not(self, spec: RenditionSpec, data: bytes) -> None:
        assert not is_whole(spec, data)

    @given(st.sampled_from([SMALL, LARGE]), st.binary(max_size=64))
    def test_any_bytes_get_an_answer(self, spec: RenditionSpec, data: bytes) -> None:
        assert is_whole(spec, data) in {True, False}
