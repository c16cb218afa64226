"""Pictures for a frame: exactly its size, undistorted, and the subject is in them."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw

from gallery_app.domain.geometry import Size
from gallery_app.domain.renditions import UHD, is_whole
from gallery_app.imaging.attention import focus_of
from gallery_app.imaging.process import render
from tests.imaging.conftest import Write, near, opened
from tests.pictures import QUADRANTS

SKIN = (224, 172, 140)
WALL = (120, 125, 130)


def _with_subject(size: tuple[int, int], centre: tuple[int, int], radius: int) -> Image.Image:
    """A grey wall, and on it a round face with eyes and a mouth."""
    image = Image.new("RGB", size, WALL)
    draw = ImageDraw.Draw(image)
    x, y = centre
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), SKIN)
    for side in (-1, 1):
        eye = x + side * radius // 3, y - radius // 4
        draw.ellipse((eye[0] - 9, eye[1] - 9, eye[0] + 9, eye[1] + 9), (40, 30, 30))
    draw.arc((x - 60, y, x + 60, y + radius // 2), 20, 160, (150, 40, 50), 12)
    return image


def _bytes(image: Image.Image, kind: str = "JPEG") -> bytes:
    target = io.BytesIO()
    image.save(target, kind, quality=92)
    return target.getvalue()


def _uhd(path: str, focus: tuple[float, float] | None = None) -> Image.Image:
    data = render(path, [replace(UHD, focus=focus)]).renditions["uhd"]
    assert is_whole(UHD, data)
    return opened(data)


@pytest.mark.parametrize(
    "sentence",
    [
        "4000x3000 jpeg, seed 3", "3000x4000 jpeg, seed 3", "640x480 png, seed 4",
        "4000x3000 heic, seed 3, orientation 6", "3840x2160 webp", "3841x2160 png", "16x16 png",
        "500x3 png", "3x500 png", "1x1 png", "800x600 gif, animated 2", "1200x900 tiff, cmyk",
    ],
)  # fmt: skip
def test_it_is_exactly_as_large_as_the_frame(write: Write, sentence: str) -> None:
    assert _uhd(write(sentence)).size == (3840, 2160)


def test_a_circle_stays_a_circle(write: Write) -> None:
    image = Image.new("RGB", (1000, 900), (0, 0, 0))
    ImageDraw.Draw(image).ellipse((400, 350, 600, 550), (255, 255, 255))

    found = np.asarray(_uhd(write(_bytes(image)), (0.5, 0.5)).convert("L")) > 128

    rows, columns = found.any(axis=1).sum(), found.any(axis=0).sum()
    assert columns == pytest.approx(200 * 3.84, rel=0.01)
    assert rows == pytest.approx(columns, rel=0.01)


@pytest.mark.parametrize("down", [0.15, 0.5, 0.85], ids=["high", "in the middle", "low"])
def test_a_known_focus_is_in_the_picture(write: Write, down: float) -> None:
    image = Image.new("RGB", (3000, 4000), WALL)
    y = round(4000 * down)
    ImageDraw.Draw(image).rectangle((1450, y - 50, 1550, y + 50), (250, 0, 0))
    path = write(_bytes(image))

    found = np.asarray(_uhd(path, (0.5, down)))

    red = (found[:, :, 0] > 200) & (found[:, :, 1] < 60)
    assert red.sum() == pytest.approx((100 * 1.28) ** 2, rel=0.05)


@pytest.mark.parametrize(
    ("size", "centre"),
    [
        ((3000, 4000), (1500, 600)), ((3000, 4000), (1500, 3400)), ((6000, 2000), (700, 1000)),
        ((6000, 2000), (5400, 1000)), ((2000, 3000), (1000, 1500)),
    ],
    ids=["high", "low", "left", "right", "middle"],
)  # fmt: skip
def test_a_face_is_not_cut_when_nobody_says_where_it_is(
    write: Write, size: tuple[int, int], centre: tuple[int, int]
) -> None:
    radius = 300
    image = _with_subject(size, centre, radius)

    found = np.asarray(_uhd(write(_bytes(image))))

    face = np.abs(found.astype(int) - np.array(SKIN)).max(axis=2) < 24
    scale = 3840 / size[0] if size[0] / size[1] < 16 / 9 else 2160 / size[1]
    rows, columns = np.flatnonzero(face.any(axis=1)), np.flatnonzero(face.any(axis=0))
    assert rows[-1] - rows[0] == pytest.approx(2 * radius * scale, rel=0.05)
    assert columns[-1] - columns[0] == pytest.approx(2 * radius * scale, rel=0.05)


def test_an_even_picture_is_cut_in_the_middle() -> None:
    assert focus_of(Image.new("RGB", (900, 1600), WALL), Size(3840, 2160)) == pytest.approx(
        (0.5, 0.5), abs=0.01
    )


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_the_answer_is_the_same_every_time(mode: str) -> None:
    image = _with_subject((1200, 1600), (600, 400), 200).convert(mode)

    assert focus_of(image, Size(3840, 2160)) == focus_of(image, Size(3840, 2160))


def test_finding_it_costs_no_more_than_to_read_every_pixel_once() -> None:
    noise = np.random.default_rng(1).integers(0, 255, (2880, 3840, 3), dtype=np.uint8)
    image = Image.fromarray(noise)
    image.load()

    def cost_s(act: Callable[[], object]) -> float:
        start = time.process_time()
        act()
        return time.process_time() - start

    # 3 ms and 10 ms; both in turn, so that a slow moment of the machine is slow for both
    costs = [
        (cost_s(lambda: focus_of(image, Size(3840, 2160))), cost_s(lambda: image.reduce(4)))
        for _ in range(5)
    ]

    assert min(found for found, _ in costs) < min(read for _, read in costs)


def test_colours_survive_on_the_frame(write: Write) -> None:
    image = _uhd(write("3840x2160 jpeg, quadrants, quality 95"))

    spots = [image.getpixel((x, y)) for y in (540, 1620) for x in (960, 2880)]
    assert near([tuple(map(int, spot)) for spot in spots], QUADRANTS)  # type: ignore[arg-type]  # RGB
