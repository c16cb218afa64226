"""Sizes in pixels: how a picture fits a box, and what the eight EXIF orientations do to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gallery_app.domain.errors import BadInput


class Size(NamedTuple):
    """Width and height in pixels."""

    width: int
    height: int

    @property
    def pixels(self) -> int:
        """Width times height."""
        return self.width * self.height

    @property
    def aspect(self) -> float:
        """Width over height; 1.0 where a side is unknown (0)."""
        return self.width / self.height if self.width > 0 and self.height > 0 else 1.0


class Box(NamedTuple):
    """A part of a picture as it is shown: 0 to 1 from left and top."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def area(self) -> float:
        """Width times height: the share of the picture."""
        return (self.right - self.left) * (self.bottom - self.top)


def middle_of(boxes: Sequence[Box]) -> tuple[float, float] | None:
    """The middle of all boxes, 0 to 1 from left and top, larger ones drawing it nearer.

    None where no box has an area.
    """
    whole = sum(box.area for box in boxes)
    if whole <= 0:
        return None
    across = sum(box.area * (box.left + box.right) / 2 for box in boxes) / whole
    down = sum(box.area * (box.top + box.bottom) / 2 for box in boxes) / whole
    return across, down


@dataclass(frozen=True, slots=True)
class Turn:
    """What one EXIF orientation asks for: mirror left to right first, then turn clockwise."""

    mirrored: bool
    quarter_turns: int

    @property
    def swaps_sides(self) -> bool:
        """Whether width and height change places."""
        return self.quarter_turns % 2 == 1


# Source: Exif 2.32, tag 0x0112 "Orientation".
ORIENTATIONS: dict[int, Turn] = {
    1: Turn(mirrored=False, quarter_turns=0),
    2: Turn(mirrored=True, quarter_turns=0),
    3: Turn(mirrored=False, quarter_turns=2),
    4: Turn(mirrored=True, quarter_turns=2),
    5: Turn(mirrored=True, quarter_turns=3),
    6: Turn(mirrored=False, quarter_turns=1),
    7: Turn(mirrored=True, quarter_turns=1),
    8: Turn(mirrored=False, quarter_turns=3),
}


def oriented(size: Size, orientation: int) -> Size:
    """The size a viewer sees once `orientation` (1 to 8; anything else counts as 1) is applied."""
    turn = ORIENTATIONS.get(orientation, ORIENTATIONS[1])
    return Size(size.height, size.width) if turn.swaps_sides else size


def fit(original: Size, box: Size) -> Size:
    """The largest size with the ratio of `original` that fits `box`; never enlarges.

    Args:
        original: px, oriented, sides >= 1.
        box: px, sides >= 1.

    Returns:
        A size whose sides are >= 1 and <= those of both arguments.

    Raises:
        BadInput: a side of `original` or `box` is below 1.

    Source: CSS object-fit: scale-down.
    """
    _require_sides(original, box)
    scale = min(box.width / original.width, box.height / original.height, 1.0)
    width = min(box.width, original.width, max(1, round(original.width * scale)))
    height = min(box.height, original.height, max(1, round(original.height * scale)))
    return Size(width, height)


def cover(original: Size, box: Size) -> tuple[int, int, int, int]:
    """The centred crop of `original` with the ratio of `box`, as (left, top, right, bottom) px.

    The crop touches the picture on two opposite sides; whoever resizes it never enlarges, so a
    picture smaller than the box keeps its own pixels.

    Raises:
        BadInput: a side of `original` or `box` is below 1.

    Source: CSS object-fit: cover.
    """
    _require_sides(original, box)
    if original.width * box.height > box.width * original.height:
        width = max(1, round(original.height * box.width / box.height))
        left = (original.width - width) // 2
        return left, 0, left + width, original.height
    height = max(1, round(original.width * box.height / box.width))
    top = (original.height - height) // 2
    return 0, top, original.width, top + height


def around(
    original: Size, box: Size, focus: tuple[float, float]
) -> tuple[float, float, float, float]:
    """The largest crop with exactly the ratio of `box`, its centre as near `focus` as can be.

    Args:
        original: px, oriented, sides >= 1.
        box: px, sides >= 1.
        focus: 0 to 1 from left and top; what lies outside counts as the edge.

    Returns:
        left, top, right, bottom in px, within the picture; not whole numbers, so that no
        rounding distorts what is made of it.

    Raises:
        BadInput: a side of `original` or `box` is below 1.
    """
    _require_sides(original, box)
    if original.width * box.height > box.width * original.height:
        width, height = original.height * box.width / box.height, float(original.height)
    else:
        width, height = float(original.width), original.width * box.height / box.width
    left = min(max(0.0, focus[0] * original.width - width / 2), original.width - width)
    top = min(max(0.0, focus[1] * original.height - height / 2), original.height - height)
    # Never beyond the picture, not even by the last bit of a fraction.
    right, bottom = min(left + width, original.width), min(top + height, original.height)
    return left, top, right, bottom


def _require_sides(original: Size, box: Size) -> None:
    if min(original) < 1 or min(box) < 1:
        raise BadInput("A picture needs at least one pixel on each side.")
