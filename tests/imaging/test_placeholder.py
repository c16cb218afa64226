"""The placeholder is a ThumbHash that any decoder of the format understands."""

from __future__ import annotations

import math

import numpy as np
import pytest
from PIL import Image

from gallery_app.imaging.placeholder import average_colour, thumbhash
from tests.pictures import quadrants, scene


def _decoded(data: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """The picture of a ThumbHash, by the published reference decoder's formulas.

    Source: evanw/thumbhash, js/thumbhash.js, thumbHashToRGBA.
    """
    head = data[0] | data[1] << 8 | data[2] << 16
    second = data[3] | data[4] << 8
    has_alpha, landscape = head >> 23 & 1, second >> 15
    limit = 5 if has_alpha else 7
    across = max(3, limit if landscape else second & 7)
    down = max(3, second & 7 if landscape else limit)
    scales = (head >> 18 & 31) / 31, (second >> 3 & 63) / 63 * 1.25, (second >> 9 & 63) / 63 * 1.25
    start, index = (6 if has_alpha else 5), 0

    def terms(nx: int, ny: int, scale: float) -> list[float]:
        nonlocal index
        found = []
        for cy in range(ny):
            for cx in range(1 if cy == 0 else 0, nx):
                if cx * ny >= nx * (ny - cy):
                    break
                nibble = data[start + (index >> 1)] >> ((index & 1) << 2) & 15
                found.append((nibble / 7.5 - 1) * scale)
                index += 1
        return found

    parts = [terms(across, down, scales[0]), terms(3, 3, scales[1]), terms(3, 3, scales[2])]
    size = 16
    picture = np.zeros((size, size, 3))
    for y in range(size):
        for x in range(size):
            light = (head & 63) / 63 + _sum(parts[0], across, down, x, y, size)
            yellow = (head >> 6 & 63) / 31.5 - 1 + _sum(parts[1], 3, 3, x, y, size)
            tint = (head >> 12 & 63) / 31.5 - 1 + _sum(parts[2], 3, 3, x, y, size)
            blue = light - 2 / 3 * yellow
            red = (3 * light - blue + tint) / 2
            picture[y, x] = np.clip([red, red - tint, blue], 0, 1) * 255
    return picture


def _sum(terms: list[float], nx: int, ny: int, x: int, y: int, size: int) -> float:
    total, index = 0.0, 0
    for cy in range(ny):
        for cx in range(1 if cy == 0 else 0, nx):
            if cx * ny >= nx * (ny - cy):
                break
            wave = math.cos(math.pi / size * (x + 0.5) * cx)
            total += terms[index] * wave * math.cos(math.pi / size * (y + 0.5) * cy) * 2
            index += 1
    return total


@pytest.mark.parametrize("size", [(400, 300), (300, 400), (400, 60), (60, 400), (200, 200), (1, 1)])
def test_a_placeholder_has_at_most_25_bytes(size: tuple[int, int]) -> None:
    assert 5 <= len(thumbhash(scene(size, 3))) <= 25
    assert 6 <= len(thumbhash(scene(size, 3).convert("RGBA"))) <= 25


def test_a_placeholder_shows_where_the_colours_are() -> None:
    shown = _decoded(thumbhash(quadrants((400, 300))))

    corners = [shown[3, 3], shown[3, 12], shown[12, 3], shown[12, 12]]
    assert [int(np.argmax(corner)) for corner in corners[:3]] == [0, 1, 2]
    assert corners[3][0] > 150
    assert corners[3][1] > 150
    assert corners[3][2] < 120


@pytest.mark.parametrize("colour", [(200, 40, 40), (10, 200, 90), (0, 0, 0), (255, 255, 255)])
def test_a_flat_picture_gives_its_colour(colour: tuple[int, int, int]) -> None:
    flat = Image.new("RGB", (120, 90), colour)

    assert average_colour(flat) == colour[0] << 16 | colour[1] << 8 | colour[2]
    assert np.abs(_decoded(thumbhash(flat)) - colour).max() < 12


def test_transparency_is_told() -> None:
    picture = scene((100, 100), 1).convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize((100, 100)))

    data = thumbhash(picture)

    assert data[2] & 0x80
    assert len(data) <= 25
