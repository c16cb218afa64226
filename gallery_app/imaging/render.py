"""Pixels to renditions: resize, colour, turn, then each spec from the one before, then encode.

The order is the cheap one: colour and turn are applied to the largest rendition, never to the
original's pixels. No metadata leaves: pictures are encoded without EXIF, XMP or profile, because
they are sRGB, which every viewer assumes.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image

from gallery_app.domain.geometry import ORIENTATIONS, Size, around, cover, fit, oriented
from gallery_app.domain.renditions import RenditionSpec
from gallery_app.imaging.attention import focus_of
from gallery_app.imaging.colour import on_ground, to_srgb
from gallery_app.imaging.decode import Decoded
from gallery_app.imaging.faults import translated

WHITE = (255, 255, 255)
_TURNS = {1: Image.Transpose.ROTATE_270, 2: Image.Transpose.ROTATE_180,
          3: Image.Transpose.ROTATE_90}  # fmt: skip
# Above this long edge the sharper filter costs 25 ms and shows nothing (pipeline.md, section 2).
_LANCZOS_UP_TO_PX = 1000
# Icons and the like: lossy chroma would smear their colours, and lossless they weigh little.
_LOSSLESS_UP_TO_PX = 128 * 128


def needed(size: Size, spec: RenditionSpec) -> Size:
    """The size `size` must be scaled to before `spec` crops it; never enlarged."""
    if spec.fit == "contain":
        return fit(size, spec.box)
    scale = min(1.0, max(spec.box.width / size.width, spec.box.height / size.height))
    return Size(max(1, round(size.width * scale)), max(1, round(size.height * scale)))


def largest_box(specs: Sequence[RenditionSpec], size: Size) -> Size:
    """The upright size all of `specs` can be made from."""
    sizes = [needed(size, spec) for spec in specs]
    return Size(max(s.width for s in sizes), max(s.height for s in sizes))


def upright(decoded: Decoded, need: Size) -> Image.Image:
    """The picture as people see it: at most `need` large, sRGB, turned; L, RGB or RGBA."""
    with translated():
        base = Size(*decoded.image.size)
        target = oriented(need, decoded.orientation)
        if target.width > base.width or target.height > base.height:
            target = fit(base, target)
        picture = to_srgb(_resized(decoded.image, target), decoded.profile)
        return turned(picture, decoded.orientation)


def turned(picture: Image.Image, orientation: int) -> Image.Image:
    """The picture with an EXIF orientation applied."""
    turn = ORIENTATIONS[orientation]
    if turn.mirrored:
        picture = picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if turn.quarter_turns:
        picture = picture.transpose(_TURNS[turn.quarter_turns])
    return picture


def renditions(
    picture: Image.Image, size: Size, specs: Sequence[RenditionSpec]
) -> dict[str, bytes]:
    """Each spec's encoded bytes, made from the large one down to the small one.

    Args:
        picture: upright, sRGB, as large as the largest spec needs.
        size: px of the upright original, whose ratio all renditions keep to the pixel.
        specs: in any order.
    """
    made: dict[str, bytes] = {}
    with translated():
        for spec in sorted(specs, key=lambda s: -needed(size, s).pixels):
            target = needed(size, spec)
            if target.width > picture.width or target.height > picture.height:
                target = needed(Size(*picture.size), spec)
            picture = _resized(picture, target)
            made[spec.name] = encode(_in_shape(picture, spec), spec)
    return made


def _in_shape(picture: Image.Image, spec: RenditionSpec) -> Image.Image:
    if spec.fit == "contain":
        return picture
    if spec.fit == "subject":
        return _around_subject(picture, spec)
    left, top, right, bottom = cover(Size(*picture.size), spec.box)
    # A picture scaled to cover the box may be one pixel over by rounding.
    width, height = min(right - left, spec.box.width), min(bottom - top, spec.box.height)
    return picture.crop((left, top, left + width, top + height))


def _around_subject(picture: Image.Image, spec: RenditionSpec) -> Image.Image:
    """Exactly the spec's box, showing its focus or else what draws the eye; never distorted."""
    size = Size(*picture.size)
    focus = spec.focus or focus_of(picture, spec.box)
    left, top, right, bottom = around(size, spec.box, focus)
    if (round(right - left), round(bottom - top)) == spec.box:
        whole = round(left), round(top)
        return picture.crop((*whole, whole[0] + spec.box.width, whole[1] + spec.box.height))
    method = Image.Resampling.BICUBIC
    return picture.resize(spec.box, method, box=(left, top, right, bottom), reducing_gap=2.0)


def _resized(picture: Image.Image, size: Size) -> Image.Image:
    if picture.size == size:
        return picture
    sharp = max(size) <= _LANCZOS_UP_TO_PX
    method = Image.Resampling.LANCZOS if sharp else Image.Resampling.BICUBIC
    return picture.resize(size, method, reducing_gap=2.0)


def encode(picture: Image.Image, spec: RenditionSpec) -> bytes:
    """The bytes of one rendition: WebP keeps transparency, JPEG shows white behind it."""
    target = io.BytesIO()
    # Pillow's savers copy what `info` holds (profile, EXIF, comment) unless it is empty.
    if spec.format == "webp":
        picture = picture if picture.mode in {"RGB", "RGBA"} else picture.convert("RGB")
        picture.info = {}
        lossless = picture.width * picture.height <= _LOSSLESS_UP_TO_PX and spec.fit == "contain"
        quality = 60 if lossless else spec.quality  # the effort, when lossless
        picture.save(target, "WEBP", quality=quality, method=spec.effort, lossless=lossless)
    else:
        picture = picture if picture.mode == "L" else on_ground(picture, WHITE)
        picture.info = {}
        tiny = picture.width * picture.height <= _LOSSLESS_UP_TO_PX
        picture.save(target, "JPEG", quality=spec.quality, subsampling=0 if tiny else -1)
    return target.getvalue()
