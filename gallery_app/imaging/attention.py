"""Where a picture draws the eye: fine detail, strong colour, and what has the colour of skin.

Looks at a copy of about 160 px, so it costs next to nothing, and gives the same answer for the
same pixels. A crop is moved along one side only, so the score of a window is the sum of a strip.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from gallery_app.domain.geometry import Size, around
from gallery_app.imaging.colour import on_ground
from gallery_app.imaging.placeholder import NEUTRAL

_LONG_EDGE_PX = 160
_SAMPLES = 4  # of each small pixel, along both sides
# Source: smartcrop (MIT) weighs skin far above detail, detail above plain saturation.
_DETAIL, _SATURATION, _SKIN = 1.0, 0.35, 2.5
# Of a score of 1: how much a window at the middle is worth more than one at the edge, so that
# an even picture is cut evenly.
_MIDDLE = 0.08
# Source: Chai and Ngan 1999, skin in the chroma plane of Y'CbCr.
_SKIN_CB, _SKIN_CR = (77, 127), (133, 173)
_Map = NDArray[np.float32]


def focus_of(picture: Image.Image, box: Size) -> tuple[float, float]:
    """The middle (0 to 1 from left and top) of the crop of the ratio of `box` that keeps most.

    Args:
        picture: upright, sRGB; L, RGB or RGBA.
        box: px.
    """
    score = _score(_small(picture))
    height, width = score.shape
    left, top, right, bottom = around(Size(width, height), box, (0.5, 0.5))
    if right - left < width:
        return _best(score.sum(axis=0), right - left), 0.5
    return 0.5, _best(score.sum(axis=1), bottom - top)


def _small(picture: Image.Image) -> Image.Image:
    longest = max(picture.size)
    if longest > _LONG_EDGE_PX * _SAMPLES:
        # Every nth pixel first: a mean over all of a 4K picture would cost ten times as much.
        factor = longest / (_LONG_EDGE_PX * _SAMPLES)
        size = tuple(max(1, round(side / factor)) for side in picture.size)
        picture = picture.resize(size, Image.Resampling.NEAREST)  # type: ignore[arg-type]  # two
    factor = max(1, round(max(picture.size) / _LONG_EDGE_PX))
    return on_ground(picture.reduce(factor), NEUTRAL)


def _score(small: Image.Image) -> _Map:
    """How much each pixel draws the eye."""
    luma, blue, red = (
        np.asarray(band, dtype=np.float32) for band in small.convert("YCbCr").split()
    )
    detail = _gradient(luma) / 255.0
    saturation = (np.hypot(blue - 128.0, red - 128.0) / 128.0).clip(0, 1)
    lit = (luma > 40) & (luma < 240)
    skin = (
        lit
        & (blue >= _SKIN_CB[0]) & (blue <= _SKIN_CB[1])
        & (red >= _SKIN_CR[0]) & (red <= _SKIN_CR[1])
    )  # fmt: skip
    # Skin without any detail is sand, wood or a wall.
    skin = skin * (0.15 + np.minimum(detail * 4, 0.85))
    score = _DETAIL * detail + _SATURATION * saturation**2 + _SKIN * skin * 0.3
    # What is everywhere draws the eye nowhere.
    return np.asarray(np.maximum(score - np.median(score), 0.0), dtype=np.float32)


def _gradient(luma: _Map) -> _Map:
    across, down = np.zeros_like(luma), np.zeros_like(luma)
    across[:, 1:] = np.abs(np.diff(luma, axis=1))
    down[1:, :] = np.abs(np.diff(luma, axis=0))
    return np.maximum(across, down)


def _best(line: _Map, length: float) -> float:
    """The middle (0 to 1) of the window of `length` entries with the greatest sum."""
    count = line.shape[0]
    sums = np.concatenate(([0.0], np.cumsum(line, dtype=np.float64)))
    starts = np.arange(0, int(count - length) + 1, dtype=np.float64)
    ends = np.interp(starts + length, np.arange(count + 1), sums)
    kept = ends - sums[starts.astype(int)]
    total = sums[-1]
    middles = (starts + length / 2) / count
    share = kept / total if total > 0 else np.zeros_like(kept)
    reach = max(abs(middles[0] - 0.5), 1e-9)
    worth = share + _MIDDLE * (1 - np.abs(middles - 0.5) / reach)
    return float(middles[int(np.argmax(worth))])
