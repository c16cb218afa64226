"""Bytes to pixels, no larger than needed: limits, scaled decode, truncated files.

`decode()` opens one allowed format, checks the header against `domain.policy` before a pixel is
made, lets JPEG decode at 1/2, 1/4 or 1/8 and HEIC give its embedded thumbnail, and shows a cut
file as far as it goes. `ImageFile.LOAD_TRUNCATED_IMAGES` stays untouched: it is one switch for
the process, and this needs it for one picture (see `_load`). Colour and turn: `render.py`.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from PIL import Image, ImageFile

from gallery_app.domain.errors import TooManyPixels, Unreadable, UnsupportedType
from gallery_app.domain.geometry import Size, oriented
from gallery_app.domain.policy import LONGEST_SIDE_PX, PIXEL_LIMITS
from gallery_app.imaging.colour import levels_of, plain
from gallery_app.imaging.exif import read_exif
from gallery_app.imaging.faults import DAMAGED, translated
from gallery_app.imaging.heads import read_head

# Pillow's name of each media type; nothing else is ever opened.
_FORMATS = {"jpeg": "JPEG", "png": "PNG", "gif": "GIF", "webp": "WEBP", "tiff": "TIFF",
            "bmp": "BMP", "avif": "AVIF", "heic": "HEIF"}  # fmt: skip
# These hand over pixels already turned.
_TURNED_BY_LIBRARY = {"heic", "tiff"}
_PARTIAL = {"jpeg", "png", "gif", "bmp", "tiff"}
_MOST_SCANS = 200
_BAND_PX = 2_000_000
# The smallest embedded HEIC thumbnail that may stand for a 400 px rendition: iPhones have 320.
SMALLEST_THUMBNAIL_PX = 300
_END_OF_IMAGE = b"\xff\xd9"


@dataclass(slots=True)
class Decoded:
    """Pixels as stored (not yet turned, not yet sRGB) at about the size needed.

    `size` is px of the whole original, upright; `orientation` is what remains to be applied.
    """

    image: Image.Image
    size: Size
    orientation: int = 1
    profile: bytes | None = None
    truncated: bool = False
    animated: bool = False


@cache
def _openers() -> None:
    """Registers HEIF once per process, with one decoder thread: parallelism is by process."""
    import pillow_heif

    pillow_heif.register_heif_opener(decode_threads=1)


def check_limits(size: Size, code: str) -> None:
    """Refuses a picture by its header.

    Raises:
        TooManyPixels: more pixels, or a longer side, than the policy allows for this format.
        Unreadable: a side of no length.
    """
    limit = PIXEL_LIMITS.get(code, min(PIXEL_LIMITS.values()))
    if min(size) < 1:
        raise Unreadable("The file says that its picture has no pixels.")
    if size.pixels > limit or max(size) > LONGEST_SIDE_PX:
        text = f"{size.width} x {size.height} pixels are more than may be decoded ({limit:,})."
        raise TooManyPixels(text, limit_px=limit)


def decode(
    data: bytes, code: str, *, need: Callable[[Size], Size], thumbnail: bool = False
) -> Decoded:
    """The picture in `data`, decoded at a scale that serves `need`.

    Args:
        data: the whole file.
        code: its media type, as sniffed.
        need: from the original's upright size to the smallest one the result must have.
        thumbnail: an embedded HEIC thumbnail of at least 300 px will do.

    Raises:
        UnsupportedType: a type the gallery does not show.
        TooManyPixels, Unreadable: as they say.
    """
    name = _FORMATS.get(code)
    if name is None:
        raise UnsupportedType("This kind of file cannot be shown here.", found=code)
    if code == "heic":
        _openers()
    with translated():
        # By our own reader first: some libraries reserve the canvas when they open a file.
        stated = read_head(lambda at, length: data[at : at + length], code).size
        if any(stated):
            check_limits(stated, code)
        opened = _open(data, name)
        size = Size(*opened.size)
        check_limits(size, code)
        orientation = 1 if code in _TURNED_BY_LIBRARY else _orientation(opened)
        animated = code != "tiff" and bool(getattr(opened, "is_animated", False))
        profile = opened.info.get("icc_profile")
        target = oriented(need(oriented(size, orientation)), orientation)
        _check_scans(opened, data)
        _draft(opened, code, target, thumbnail=thumbnail)
        loaded, truncated = _load(opened, code, data, target)
        image = _shrunk(loaded, target)
    return Decoded(
        image,
        oriented(size, orientation),
        orientation,
        profile if isinstance(profile, bytes) else None,
        truncated,
        animated,
    )


def _open(data: bytes, name: str) -> ImageFile.ImageFile:
    return Image.open(io.BytesIO(data), formats=[name])


def _orientation(image: Image.Image) -> int:
    block = image.info.get("exif")
    return (read_exif(block).orientation or 1) if isinstance(block, bytes) else 1


def _check_scans(image: Image.Image, data: bytes) -> None:
    """Refuses progressive JPEGs that would be gone over hundreds of times.

    A camera's or an encoder's script has about 10 scans; each more costs a full pass.
    """
    if image.info.get("progressive") and data.count(b"\xff\xda") > _MOST_SCANS:
        raise Unreadable("The file asks to be decoded in more passes than any picture needs.")


def _draft(image: Image.Image, code: str, target: Size, *, thumbnail: bool) -> None:
    """Asks the decoder for less than everything, with a box of the picture's own ratio."""
    if code == "jpeg":
        image.draft(None, target)
    elif code == "heic" and thumbnail:
        width, height = image.size
        scale = SMALLEST_THUMBNAIL_PX / max(width, height)
        if scale < 1:
            image.draft(None, (max(1, int(width * scale)), max(1, int(height * scale))))


def _load(
    image: ImageFile.ImageFile, code: str, data: bytes, target: Size
) -> tuple[Image.Image, bool]:
    """The loaded picture, and whether its file ended (or broke) before it was complete.

    A JPEG gets the end marker its file lacks, which makes libjpeg give out what it has, also of
    a progressive one. Other decoders fill the pixels as they go: dropping the unread tiles
    leaves what was decoded. A picture of which nothing was decoded is unreadable.
    """
    try:
        image.load()
    except (OSError, SyntaxError, ValueError, IndexError, EOFError) as error:
        if code not in _PARTIAL:
            raise
        partial = _partial_jpeg(data, image.size, target) if code == "jpeg" else _partial(image)
        if partial is None or not _shows_anything(partial):
            raise Unreadable(DAMAGED) from error
        return partial, True
    return image, False


def _partial_jpeg(data: bytes, size: tuple[int, int], target: Size) -> Image.Image | None:
    image = _open(data + _END_OF_IMAGE, "JPEG")
    if image.size != size:
        _draft(image, "jpeg", target, thumbnail=False)
    try:
        image.load()
    except OSError:
        return _partial(image)
    return image


def _partial(image: ImageFile.ImageFile) -> Image.Image | None:
    image.tile = []
    try:
        copy = image.copy()
        if image.format == "TIFF":
            image.load_end()
            copy = image.copy()
    except (OSError, ValueError, AttributeError, EOFError):
        return None
    return copy


def _shows_anything(image: Image.Image) -> bool:
    return any(band.getextrema()[0] != band.getextrema()[1] for band in image.split())


def _shrunk(image: Image.Image, target: Size) -> Image.Image:
    """The picture in a plain mode, by a whole factor smaller but at least twice `target`.

    Works in bands, so that a 100 MP palette or RGBA picture never exists twice in memory.
    """
    levels = levels_of(image, _bits(image))
    factor = int(min(image.width / target.width, image.height / target.height) / 2)
    if factor < 2:
        return plain(image, levels)
    if image.mode in {"RGB", "L", "CMYK"} and "transparency" not in image.info:
        return image.reduce(factor)
    rows = max(factor, _BAND_PX // image.width // factor * factor)
    result: Image.Image | None = None
    for top in range(0, image.height, rows):
        band = image.crop((0, top, image.width, min(top + rows, image.height)))
        small = plain(band, levels).reduce(factor)
        if result is None:
            result = Image.new(small.mode, (small.width, -(-image.height // factor)))
        result.paste(small, (0, top // factor))
    assert result is not None  # noqa: S101  # a picture has at least one row
    return result


def _bits(image: Image.Image) -> int | None:
    tags = getattr(image, "tag_v2", None)
    value = tags.get(258) if tags is not None else None
    return int(value[0]) if isinstance(value, tuple) and value else None
