"""What the tests of this room share: writing a picture from a sentence, and its corner colours."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from tests.pictures import make_picture

Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes bytes or the picture of a sentence, and gives its path."""

    def writer(content: str | bytes, name: str = "picture.jpg") -> str:
        path = tmp_path / name
        path.write_bytes(make_picture(content) if isinstance(content, str) else content)
        return str(path)

    return writer


def opened(data: bytes) -> Image.Image:
    """The picture in `data`, loaded."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def corners(data: bytes) -> list[tuple[int, ...]]:
    """The colours in the middle of the four quarters of a picture."""
    image = opened(data).convert("RGB")
    width, height = image.size
    found = []
    for down in (0.25, 0.75):
        for across in (0.25, 0.75):
            pixel = image.getpixel((int(width * across), int(height * down)))
            assert isinstance(pixel, tuple)
            found.append(tuple(int(value) for value in pixel))
    return found


def near(one: list[tuple[int, ...]], other: tuple[tuple[int, ...], ...], levels: int = 12) -> bool:
    """Whether all channels of all colours lie within `levels` of one another."""
    return all(
        abs(a - b) <= levels
        for left, right in zip(one, other, strict=True)
        for a, b in zip(left, right, strict=True)
    )
