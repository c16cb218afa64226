"""The perceptual hash: 64 bits that stay nearly the same when a picture is resized or saved anew.

The same bits as `imagehash.phash`, without scipy: a DCT-II of the 32 x 32 grey picture by two
small matrix products, its 8 x 8 low frequencies against their median. Two photos of one motif
are within 4 bits, strangers 16 or more apart (design/pipeline.md, section 6).
"""

from __future__ import annotations

import numpy as np
from PIL import Image

_SIDE, _LOW = 32, 8
# Source: DCT-II as scipy.fftpack.dct defines it, 2 * sum(x[n] * cos(pi * k * (2n + 1) / 2N)).
_BASIS = 2.0 * np.cos(
    np.pi * np.arange(_LOW)[:, None] * (2 * np.arange(_SIDE)[None, :] + 1) / (2 * _SIDE)
)


def phash(grey: Image.Image) -> int:
    """The 64-bit hash of a picture of mode L, first bit highest.

    Source: imagehash.phash (hash_size 8, highfreq_factor 4).
    """
    small = grey.resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    pixels = np.asarray(small, dtype=np.float64)
    low = _BASIS @ pixels @ _BASIS.T
    # A flat picture has no frequencies but rounding noise, which must not become bits.
    low[np.abs(low) < 1e-6] = 0.0
    bits = low > np.median(low)
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def hamming(one: int, other: int) -> int:
    """How many of the 64 bits differ; a plain int, which SQLite stores as one."""
    return ((one ^ other) & 0xFFFF_FFFF_FFFF_FFFF).bit_count()
