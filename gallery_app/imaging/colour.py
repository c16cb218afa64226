"""Pixels of any mode to 8-bit sRGB: palettes, 16 bit, CMYK, Lab, alpha, ICC profiles.

`plain()` brings a mode to L, RGB or RGBA (CMYK and LAB wait for their profile), `to_srgb()`
applies a profile through a cached transform, `on_ground()` lays transparency on a colour. All
are meant for a picture already small; transforms at full size cost more than the decode.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from PIL import Image, ImageCms

_DIRECT = {"L", "RGB", "RGBA", "CMYK", "LAB"}
_VIA_RGBA = {"LA", "PA", "La", "RGBa"}
_SPACES = {"RGB ": ("RGB", "RGBA"), "GRAY": ("L",), "CMYK": ("CMYK",), "Lab ": ("LAB",)}


@dataclass(frozen=True, slots=True)
class Levels:
    """Which stored values mean black and white, for modes of more than 8 bits."""

    black: float
    white: float


def levels_of(image: Image.Image, bits: int | None = None) -> Levels | None:
    """The range of a deep picture; None for 8 bits.

    Args:
        image: loaded.
        bits: of one sample, when its file says so (12-bit TIFFs fill 12 of 16 bits).
    """
    if image.mode.startswith("I;16"):
        return Levels(0, (1 << bits) - 1 if bits and 8 < bits < 16 else 65535)
    if image.mode not in {"I", "F"}:
        return None
    low, high = (float(edge) for edge in image.getextrema())  # type: ignore[arg-type]  # one band
    if not (np.isfinite(low) and np.isfinite(high)):
        return Levels(0, 1)
    for white in (1.0, 255.0, 65535.0) if image.mode == "F" else (255.0, 65535.0):
        if low >= 0 and high <= white:
            return Levels(0, white)
    return Levels(low, high)


def plain(image: Image.Image, levels: Levels | None) -> Image.Image:
    """The picture as L, RGB or RGBA, or as CMYK or LAB, which `to_srgb` finishes."""
    if levels is not None:
        return _to_eight_bits(image, levels)
    if "transparency" in image.info and image.mode in {"P", "L", "RGB", "1"}:
        return image.convert("RGBA")
    if image.mode in _DIRECT:
        return image
    if image.mode in _VIA_RGBA:
        return image.convert("RGBA")
    if image.mode == "P":
        alpha = image.palette is not None and image.palette.mode in {"RGBA", "LA"}
        return image.convert("RGBA" if alpha else "RGB")
    return image.convert("L" if image.mode == "1" else "RGB")


def _to_eight_bits(image: Image.Image, levels: Levels) -> Image.Image:
    values = np.nan_to_num(np.asarray(image).astype(np.float32), posinf=levels.white)
    span = (levels.white - levels.black) or 1.0
    values = (values - levels.black) * (255.0 / span)
    return Image.fromarray(np.clip(values + 0.5, 0, 255).astype(np.uint8))


def to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """L, RGB or RGBA in sRGB. A profile that is broken or of another space counts as none."""
    if profile:
        transform = _transform(profile, image.mode)
        if transform is not None:
            converted = transform.apply(image)
            converted.info.pop("icc_profile", None)
            return converted
    if image.mode == "LAB":
        transform = _lab()
        return transform.apply(image)
    return image.convert("RGB") if image.mode == "CMYK" else image


@lru_cache(maxsize=32)
def _transform(profile: bytes, mode: str) -> ImageCms.ImageCmsTransform | None:
    """A transform to sRGB, None when there is nothing to convert or no way to."""
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        if mode not in _SPACES.get(source.profile.xcolor_space, ()):
            return None
        if mode != "CMYK" and "srgb" in ImageCms.getProfileName(source).casefold():
            return None
        target = "RGBA" if mode == "RGBA" else "RGB"
        return ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, target)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError, AttributeError):
        return None


@lru_cache(maxsize=1)
def _lab() -> ImageCms.ImageCmsTransform:
    # Source: TIFF 6.0 section 23, CIE L*a*b* under D50.
    lab, srgb = ImageCms.createProfile("LAB"), ImageCms.createProfile("sRGB")
    return ImageCms.buildTransform(lab, srgb, "LAB", "RGB")


def on_ground(image: Image.Image, ground: tuple[int, int, int]) -> Image.Image:
    """An RGB picture: transparency shows `ground`."""
    if image.mode != "RGBA":
        return image if image.mode == "RGB" else image.convert("RGB")
    base = Image.new("RGB", image.size, ground)
    base.paste(image, mask=image.getchannel("A"))
    return base
