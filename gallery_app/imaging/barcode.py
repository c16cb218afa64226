"""Article numbers read from the barcodes a picture shows; needs the extra `barcode`.

Looks for EAN, UPC and ITF-14 only: anything else on a photograph of a product is noise. Without
the extra nothing is found, and nothing fails.
"""

from __future__ import annotations

import importlib.util
from functools import cache

import numpy as np
from PIL import Image

from gallery_app.domain.ean import Ean, expand_upc_e
from gallery_app.domain.errors import BadEan
from gallery_app.domain.geometry import Size, fit
from gallery_app.imaging.colour import on_ground
from gallery_app.imaging.decode import decode
from gallery_app.imaging.process import read_original
from gallery_app.imaging.render import WHITE, upright

# Bars of 2 px are read at this size when the code takes a tenth of the picture's width; more
# pixels cost time and find next to nothing more.
LONGEST_SIDE_PX = 2500
_MOST = 20  # codes of one picture
_TURNS = (0, 45)  # degrees: the reader itself also looks across


@cache
def available() -> bool:
    """Whether barcodes can be read here."""
    return importlib.util.find_spec("zxingcpp") is not None


def barcodes(path: str) -> list[str]:
    """The numbers of all article barcodes in a picture, each once: 8, 13 or 14 digits.

    A UPC-A number comes as the EAN-13 it is, with a leading 0. Videos show none.

    Raises:
        UpstreamGone: there is no such file.
        UnsupportedType, TooLarge, TooManyPixels, Unreadable: it is no picture to look at.
    """
    if not available():
        return []
    original = read_original(path)
    if original.code == "video":
        return []
    box = Size(LONGEST_SIDE_PX, LONGEST_SIDE_PX)
    decoded = decode(original.data, original.code, need=lambda size: fit(size, box))
    grey = on_ground(upright(decoded, fit(decoded.size, box)), WHITE).convert("L")
    found: dict[str, None] = {}
    for angle in _TURNS:
        turned = (
            grey.rotate(angle, Image.Resampling.BILINEAR, expand=True, fillcolor=255)
            if angle
            else grey
        )
        found.update(dict.fromkeys(_read(turned)))
        if found:
            break
    return list(found)[:_MOST]


def _read(grey: Image.Image) -> list[str]:
    # Here, not above: an extra that may be missing, and loaded by workers alone.
    import zxingcpp

    wanted = zxingcpp.BarcodeFormat
    read = zxingcpp.read_barcodes(
        np.ascontiguousarray(grey),
        formats=zxingcpp.BarcodeFormats([wanted.EANUPC, wanted.ITF14]),
        text_mode=zxingcpp.TextMode.Plain,
        try_invert=False,
    )
    found = (_number(code.text, upc_e=code.format == wanted.UPCE) for code in read if code.valid)
    return [number for number in found if number is not None]


def _number(text: str, *, upc_e: bool) -> str | None:
    """A code's digits as EAN-8, EAN-13 or GTIN-14; None when they are no article number."""
    digits = text.strip()
    if upc_e and len(digits) == 8 and digits.isdigit():
        digits = expand_upc_e(digits)
    try:
        ean = Ean.parse(digits, upc_e=False)
    except BadEan:
        return None
    if len(ean.given) == 8:
        return ean.given
    return ean.gtin[1:] if ean.gtin[0] == "0" else ean.gtin


def warm_up() -> None:
    """Loads the reader, so that forked children have it."""
    if available():
        import zxingcpp

        del zxingcpp
