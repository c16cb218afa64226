"""How a picture fits a box, and what the eight orientations do to its shape."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gallery_app.domain.errors import BadInput
from gallery_app.domain.geometry import (
    ORIENTATIONS,
    Box,
    Size,
    around,
    cover,
    fit,
    middle_of,
    oriented,
)

sizes = st.builds(Size, st.integers(1, 70_000), st.integers(1, 70_000))


class TestSize:
    def test_pixels_are_width_times_height(self) -> None:
        assert Size(4000, 3000).pixels == 12_000_000

    def test_the_aspect_is_width_over_height(self) -> None:
        assert Size(300, 200).aspect == 1.5

    @pytest.mark.parametrize("size", [Size(0, 0), Size(0, 5), Size(5, 0)])
    def test_an_unknown_side_counts_as_square(self, size: Size) -> None:
        assert size.aspect == 1.0


class TestFit:
    @pytest.mark.parametrize(
        ("original", "box", "expected"),
        [
            pytest.param((4000, 3000), (400, 400), (400, 300), id="landscape fills the width"),
            pytest.param((3000, 4000), (400, 400), (300, 400), id="portrait fills the height"),
            pytest.param((200, 100), (400, 400), (200, 100), id="a small picture stays"),
            pytest.param((400, 400), (400, 400), (400, 400), id="an exact one stays"),
            pytest.param((30_000, 10), (400, 400), (400, 1), id="a hair keeps one pixel"),
            pytest.param((10, 30_000), (400, 400), (1, 400), id="an upright hair too"),
            pytest.param(
                (401, 401), (400, 300), (300, 300), id="the smaller side of the box rules"
            ),
        ],
    )
    def test_a_picture_fits_its_box(
        self, original: tuple[int, int], box: tuple[int, int], expected: tuple[int, int]
    ) -> None:
        assert fit(Size(*original), Size(*box)) == expected

    @given(sizes, sizes)
    def test_it_never_enlarges_and_never_leaves_the_box(self, original: Size, box: Size) -> None:
        width, height = fit(original, box)

        assert 1 <= width <= min(original.width, box.width)
        assert 1 <= height <= min(original.height, box.height)

    @given(sizes, sizes)
    def test_it_keeps_the_ratio_to_a_pixel(self, original: Size, box: Size) -> None:
        width, height = fit(original, box)

        assert abs(width - max(1, original.width * height / original.height)) <= max(
            1, original.width / original.height
        )
        assert abs(height - max(1, original.height * width / original.width)) <= max(
            1, original.height / original.width
        )

    @given(sizes, sizes)
    def test_it_is_the_largest_that_fits(self, original: Size, box: Size) -> None:
        fitted = fit(original, box)

        assert fitted == original or fitted.width == box.width or fitted.height == box.height, (
            "neither its own size nor touching the box"
        )

    @given(sizes, sizes)
    def test_fitting_twice_changes_nothing_more(self, original: Size, box: Size) -> None:
        fitted = fit(original, box)

        assert fit(fitted, box) == fitted

    @pytest.mark.parametrize("empty", [Size(0, 10), Size(10, 0), Size(-1, 10)])
    def test_a_picture_or_box_without_pixels_is_refused(self, empty: Size) -> None:
        with pytest.raises(BadInput, match="at least one pixel"):
            fit(empty, Size(10, 10))
        with pytest.raises(BadInput, match="at least one pixel"):
            fit(Size(10, 10), empty)


class TestCover:
    @pytest.mark.parametrize(
        ("original", "box", "expected"),
        [
            pytest.param((400, 200), (150, 150), (100, 0, 300, 200), id="wide loses its sides"),
            pytest.param((200, 400), (150, 150), (0, 100, 200, 300), id="tall loses top and foot"),
            pytest.param((300, 300), (150, 150), (0, 0, 300, 300), id="the same ratio loses none"),
            pytest.param(
                (1, 30_000), (150, 150), (0, 14_999, 1, 15_000), id="a hair keeps a pixel"
            ),
            pytest.param((30_000, 1), (1, 150), (14_999, 0, 15_000, 1), id="an upright hair too"),
        ],
    )
    def test_the_crop_is_the_middle(
        self, original: tuple[int, int], box: tuple[int, int], expected: tuple[int, int, int, int]
    ) -> None:
        assert cover(Size(*original), Size(*box)) == expected

    @given(sizes, sizes)
    def test_it_lies_inside_and_touches_two_opposite_sides(self, original: Size, box: Size) -> None:
        left, top, right, bottom = cover(original, box)

        assert 0 <= left < right <= original.width
        assert 0 <= top < bottom <= original.height
        assert (left, right) == (0, original.width) or (top, bottom) == (0, original.height)

    @given(sizes, sizes)
    def test_it_has_the_ratio_of_the_box_to_a_pixel(self, original: Size, box: Size) -> None:
        left, top, right, bottom = cover(original, box)
        width, height = right - left, bottom - top

        across = abs(width - height * box.width / box.height)
        down = abs(height - width * box.height / box.width)
        assert min(across, down) <= 1 or min(width, height) == 1

    @given(sizes, sizes)
    def test_it_is_centred_to_a_pixel(self, original: Size, box: Size) -> None:
        left, top, right, bottom = cover(original, box)

        assert abs(left - (original.width - right)) <= 1
        assert abs(top - (original.height - bottom)) <= 1

    def test_a_box_without_pixels_is_refused(self) -> None:
        with pytest.raises(BadInput, match="at least one pixel"):
            cover(Size(10, 10), Size(0, 10))


# What each orientation does to the corners of a picture, clockwise from the upper left:
# where the stored corners a b c d are seen. Source: Exif 2.32, tag 0x0112, drawn by hand.
SEEN = {1: "abcd", 2: "badc", 3: "cdab", 4: "dcba", 5: "adcb", 6: "dabc", 7: "cbad", 8: "bcda"}


class TestOrientations:
    @pytest.mark.parametrize("code", range(1, 9))
    def test_mirror_then_turn_gives_what_exif_means(self, code: int) -> None:
        turn = ORIENTATIONS[code]
        corners = list("abcd")

        if turn.mirrored:
            corners = [corners[1], corners[0], corners[3], corners[2]]
        for _ in range(turn.quarter_turns):
            corners = [corners[3], *corners[:3]]

        assert "".join(corners) == SEEN[code]

    def test_the_table_is_exactly_one_to_eight_and_no_two_are_alike(self) -> None:
        assert sorted(ORIENTATIONS) == list(range(1, 9))
        assert len(set(ORIENTATIONS.values())) == 8

    @pytest.mark.parametrize("code", range(1, 9))
    def test_sides_change_places_from_five_on(self, code: int) -> None:
        seen = oriented(Size(40, 30), code)

        assert seen == ((30, 40) if code >= 5 else (40, 30))

    @pytest.mark.parametrize("nonsense", [0, 9, -1, 65535])
    def test_nonsense_counts_as_upright(self, nonsense: int) -> None:
        assert oriented(Size(40, 30), nonsense) == (40, 30)

    @given(sizes, st.integers(-5, 20))
    def test_no_orientation_changes_the_number_of_pixels(self, size: Size, code: int) -> None:
        assert oriented(size, code).pixels == size.pixels


class TestTheCropAroundAFocus:
    @given(sizes, sizes, st.floats(-1, 2), st.floats(-1, 2))
    def test_has_the_box_s_ratio_and_lies_in_the_picture(
        self, original: Size, box: Size, across: float, down: float
    ) -> None:
        left, top, right, bottom = around(original, box, (across, down))

        assert -1e-6 <= left < right <= original.width * (1 + 1e-9) + 1e-6
        assert -1e-6 <= top < bottom <= original.height * (1 + 1e-9) + 1e-6
        assert (right - left) / (bottom - top) == pytest.approx(box.width / box.height)

    def test_touches_the_picture_on_two_opposite_sides(self) -> None:
        assert around(Size(4000, 3000), Size(3840, 2160), (0.5, 0.5)) == (0, 375, 4000, 2625)

    def test_goes_as_near_the_focus_as_the_picture_allows(self) -> None:
        high = around(Size(4000, 3000), Size(3840, 2160), (0.5, 0.1))
        low = around(Size(4000, 3000), Size(3840, 2160), (0.5, 0.6))

        assert high == (0, 0, 4000, 2250)
        assert low == (0, 675, 4000, 2925)


class TestTheMiddleOfBoxes:
    def test_is_drawn_nearer_by_the_larger_one(self) -> None:
        small, large = Box(0, 0, 0.1, 0.2), Box(0.6, 0.4, 0.9, 1)

        assert middle_of([small, large]) == pytest.approx((0.68, 0.64))

    @pytest.mark.parametrize("boxes", [[], [Box(0.5, 0.5, 0.5, 0.5)]], ids=["none", "no area"])
    def test_is_unknown_without_an_area(self, boxes: list[Box]) -> None:
        assert middle_of(boxes) is None
