"""Pictures as people send them: a thing on a table, a label, daylight from a corner.

`sample_picture(7)` is always the same bytes; another seed is plainly another picture, to the
eye and to a perceptual hash. `size_bytes` pads to an exact length, so that a fake can announce
a size before the picture is drawn.
"""

from __future__ import annotations

import colorsys
import io
import random
import struct
import zlib

from PIL import Image, ImageDraw, ImageFilter

Colour = tuple[int, int, int]
_PAD_CHUNK = 65_533


class TooSmall(ValueError):
    """The picture is larger than the length it was to be padded to."""


def sample_picture(
    seed: int,
    *,
    width: int = 900,
    height: int = 600,
    format: str = "JPEG",  # noqa: A002 - Pillow's own word
    text: str = "",
    size_bytes: int | None = None,
) -> bytes:
    """The picture of that seed, encoded.

    Args:
        seed: which picture.
        width: px.
        height: px.
        format: JPEG, PNG, WEBP, GIF, BMP or TIFF.
        text: printed on the label.
        size_bytes: pad to this length (JPEG and PNG only).

    Raises:
        TooSmall: it needs more than `size_bytes`.
    """
    picture = draw(seed, width=width, height=height, text=text)
    out = io.BytesIO()
    if format == "JPEG":
        picture.save(out, "JPEG", quality=82)
    elif format == "PNG":
        picture.quantize(128).save(out, "PNG")
    else:
        picture.save(out, format)
    data = out.getvalue()
    return data if size_bytes is None else _padded(data, size_bytes)


def draw(seed: int, *, width: int, height: int, text: str = "") -> Image.Image:
    """The picture of that seed, as pixels."""
    dice = random.Random(seed * 7919 + 13)  # noqa: S311 - a picture, not a secret
    hue = dice.random()
    picture = _backdrop(dice, hue, (width, height))
    table = height * dice.uniform(0.55, 0.8)
    pen = ImageDraw.Draw(picture)
    pen.rectangle((0, table, width, height), fill=_colour(hue + 0.08, 0.35, dice.uniform(0.3, 0.7)))
    for _ in range(dice.randint(1, 3)):
        _thing(picture, dice, table)
    _label(picture, dice, text or f"No. {seed}")
    return picture


def _colour(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue % 1.0, saturation, value)
    return int(red * 255), int(green * 255), int(blue * 255)


def _backdrop(dice: random.Random, hue: float, size: tuple[int, int]) -> Image.Image:
    """Light that falls from one side of a wall."""
    light = Image.linear_gradient("L").rotate(dice.choice((0, 90, 180, 270)))
    dark = Image.new("RGB", (256, 256), _colour(hue, 0.45, dice.uniform(0.2, 0.5)))
    bright = Image.new("RGB", (256, 256), _colour(hue + 0.05, 0.2, dice.uniform(0.8, 1.0)))
    return Image.composite(bright, dark, light).resize(size, Image.Resampling.BILINEAR)


def _thing(picture: Image.Image, dice: random.Random, table: float) -> None:
    width, height = picture.size
    unit = min(width, height)
    wide = unit * dice.uniform(0.16, 0.4)
    tall = unit * dice.uniform(0.25, 0.6)
    left = dice.uniform(0.02, 0.95) * (width - wide)
    bottom = min(height - 2, table + unit * dice.uniform(0.02, 0.12))
    box = (left, bottom - tall, left + wide, bottom)
    shadow = Image.new("L", (64, 32), 0)
    ImageDraw.Draw(shadow).ellipse((6, 6, 58, 26), fill=150)
    shadow = shadow.filter(ImageFilter.GaussianBlur(4)).resize((int(wide * 1.5), int(wide * 0.4)))
    picture.paste((15, 15, 20), (int(left - wide * 0.15), int(bottom - wide * 0.2)), shadow)
    pen = ImageDraw.Draw(picture)
    body = _colour(dice.random(), dice.uniform(0.4, 0.9), dice.uniform(0.45, 0.95))
    edge = (body[0] * 2 // 3, body[1] * 2 // 3, body[2] * 2 // 3)
    shape = dice.choice(("box", "bottle", "cup", "ball", "phone"))
    if shape == "box":
        pen.rectangle(box, fill=body, outline=edge, width=2)
        pen.polygon(
            (box[2], box[1], box[2] + wide * 0.2, box[1] - tall * 0.1,
             box[2] + wide * 0.2, box[3] - tall * 0.1, box[2], box[3]), fill=edge,
        )  # fmt: skip
    elif shape == "bottle":
        pen.rounded_rectangle((left, box[1] + tall * 0.3, box[2], bottom), wide * 0.2, fill=body)
        pen.rectangle((left + wide * 0.35, box[1], box[2] - wide * 0.35, bottom - tall / 2), body)
        pen.rectangle((left + wide * 0.3, box[1], box[2] - wide * 0.3, box[1] + tall * 0.06), edge)
    elif shape == "cup":
        pen.arc((left + wide * 0.7, box[1] + tall * 0.5, box[2] + wide * 0.3, bottom - tall * 0.1),
                -110, 110, fill=edge, width=max(2, int(wide * 0.08)))  # fmt: skip
        pen.rounded_rectangle((left, box[1] + tall * 0.4, box[2], bottom), wide * 0.15, fill=body)
    elif shape == "ball":
        pen.ellipse((left, bottom - wide, box[2], bottom), fill=body, outline=edge, width=3)
    else:
        pen.rounded_rectangle(box, wide * 0.12, fill=(25, 25, 30))
        pen.rectangle(
            (left + wide * 0.06, box[1] + wide * 0.12, box[2] - wide * 0.06, bottom - wide * 0.2),
            fill=body,
        )


def _label(picture: Image.Image, dice: random.Random, text: str) -> None:
    width, height = picture.size
    pen = ImageDraw.Draw(picture)
    size = max(10, min(width, height) // 16)
    left, top, right, bottom = pen.textbbox((0, 0), text, font_size=size)
    wide, tall = right - left + size, bottom - top + size
    x = dice.uniform(0, max(1.0, width - wide))
    y = dice.uniform(height * 0.02, max(height * 0.03, height - tall * 1.2))
    pen.rounded_rectangle((x, y, x + wide, y + tall), size * 0.3, fill=(250, 249, 244))
    pen.text((x + size / 2 - left, y + size / 2 - top), text, fill=(30, 30, 34), font_size=size)


def _padded(data: bytes, size_bytes: int) -> bytes:
    missing = size_bytes - len(data)
    if missing == 0:
        return data
    if missing < 0:
        raise TooSmall(f"{len(data)} bytes do not fit into {size_bytes}")
    if data.startswith(b"\x89PNG"):
        return _padded_png(data, missing)
    return _padded_jpeg(data, missing)


def _padded_jpeg(data: bytes, missing: int) -> bytes:
    """Comment segments behind the start of the image (four bytes each, and their text)."""
    if missing < 4:
        raise TooSmall("a comment needs four bytes")
    segments = []
    while missing:
        take = min(missing, _PAD_CHUNK + 2)
        if 0 < missing - take < 4:
            take -= 4
        segments.append(b"\xff\xfe" + struct.pack(">H", take - 2) + b" " * (take - 4))
        missing -= take
    return data[:2] + b"".join(segments) + data[2:]


def _padded_png(data: bytes, missing: int) -> bytes:
    """One text chunk behind the header (twelve bytes, and what it says)."""
    if missing < 16:
        raise TooSmall("a chunk needs sixteen bytes")
    body = b"tEXt" + b"pad\x00" + b" " * (missing - 16)
    chunk = struct.pack(">I", len(body) - 4) + body + struct.pack(">I", zlib.crc32(body))
    return data[:33] + chunk + data[33:]
