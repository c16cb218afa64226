"""Pictures made from a sentence, and folders of them: the same sentence gives the same bytes.

`make_picture("4000x3000 jpeg, orientation 6, taken 2016-07-03 14:05:06")` for one picture,
`make_folder(path, 300, seed=1)` for a small dated library. The size in a sentence is the stored
one, as a camera's sensor has it; `quadrants` and scenes stand upright once `orientation` is
applied. Raw blocks (EXIF, XMP, ICC) are built in `tests/picture_blocks.py`.
"""

from __future__ import annotations

import io
import os
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pillow_heif
from PIL import Image, ImageDraw, PngImagePlugin

from tests.picture_blocks import display_p3_profile, exif_block, xmp_packet

Colour = tuple[int, int, int]
# Upper left, upper right, lower left, lower right, of the upright picture.
QUADRANTS: tuple[Colour, Colour, Colour, Colour] = (
    (200, 40, 40), (40, 170, 60), (40, 60, 190), (220, 200, 50),
)  # fmt: skip
FORMATS = ("jpeg", "png", "gif", "webp", "tiff", "bmp", "avif", "heic")
# What turns an upright picture into the stored one whose orientation tag is the key.
_TO_STORED: dict[int, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


@dataclass(slots=True)
class Wish:
    """A sentence, understood."""

    width: int = 0
    height: int = 0
    format: str = "jpeg"
    orientation: int = 1
    gps: tuple[float, float] | None = None
    taken: datetime | None = None
    offset: str = ""
    make: str = ""
    model: str = ""
    title: str = ""
    caption: str = ""
    keywords: tuple[str, ...] = ()
    rating: int | None = None
    seed: int = 0
    quality: int = 88
    frames: int = 1
    flags: set[str] = field(default_factory=set)


_FLAGS = {
    "quadrants", "noise", "cmyk", "16 bit", "palette", "alpha", "grey", "icc p3",
    "exif thumbnail", "truncated", "progressive",
}  # fmt: skip


def understand(sentence: str) -> Wish:
    """The wish a sentence states; an unknown phrase is a ValueError that names it."""
    wish = Wish()
    for phrase in (part.strip() for part in sentence.split(",")):
        noise = re.fullmatch(r"(?:noise )?seed (\d+)", phrase)
        size = re.fullmatch(r"(\d+)x(\d+) (\w+)", phrase)
        if size and size[3] in FORMATS:
            wish.width, wish.height, wish.format = int(size[1]), int(size[2]), size[3]
        elif noise:
            wish.seed = int(noise[1])
            wish.flags |= {"noise"} if phrase.startswith("noise") else set()
        elif phrase in _FLAGS:
            wish.flags.add(phrase)
        else:
            _understand_value(wish, phrase)
    if wish.format in {"gif", "bmp"}:
        wish.orientation = 1  # they cannot say that they are turned
    if not wish.width:
        raise ValueError(f"no size and format in {sentence!r}")
    return wish


def _understand_value(wish: Wish, phrase: str) -> None:
    word, _, rest = phrase.partition(" ")
    setters: dict[str, Callable[[], None]] = {
        "orientation": lambda: setattr(wish, "orientation", int(rest)),
        "taken": lambda: setattr(wish, "taken", datetime.fromisoformat(rest)),
        "offset": lambda: setattr(wish, "offset", rest),
        "title": lambda: setattr(wish, "title", rest),
        "caption": lambda: setattr(wish, "caption", rest),
        "keywords": lambda: setattr(wish, "keywords", tuple(rest.split())),
        "rating": lambda: setattr(wish, "rating", int(rest)),
        "quality": lambda: setattr(wish, "quality", int(rest)),
        "animated": lambda: setattr(wish, "frames", int(rest)),
        "gps": lambda: setattr(wish, "gps", _position(rest)),
        "camera": lambda: _camera(wish, rest),
    }
    if word not in setters or not rest:
        raise ValueError(f"not understood: {phrase!r}")
    setters[word]()


def _position(text: str) -> tuple[float, float]:
    north, east = text.split()
    return float(north), float(east)


def _camera(wish: Wish, text: str) -> None:
    wish.make, _, wish.model = text.partition(" ")
    wish.model = f"{wish.make} {wish.model}" if wish.make == "Canon" else wish.model


def make_picture(sentence: str) -> bytes:
    """The file a sentence describes, the same bytes every time.

    Args:
        sentence: size and format first ("640x480 jpeg"; jpeg, png, gif, webp, tiff, bmp, avif
            or heic), then any of: orientation N, gps NORTH EAST, taken YYYY-MM-DD HH:MM:SS,
            offset +02:00, camera MAKE MODEL, title TEXT, caption TEXT, keywords A B C,
            rating N, quadrants, noise seed N, seed N, quality N, animated N, cmyk, 16 bit,
            palette, alpha, grey, icc p3, exif thumbnail, progressive, truncated.

    Raises:
        ValueError: a phrase that is not one of these.
    """
    wish = understand(sentence)
    stored = _stored_pixels(wish, frame=0)
    data = _encode(wish, stored)
    return data[: len(data) * 6 // 10] if "truncated" in wish.flags else data


def _stored_pixels(wish: Wish, frame: int) -> Image.Image:
    swapped = wish.orientation >= 5
    size = (wish.height, wish.width) if swapped else (wish.width, wish.height)
    if "quadrants" in wish.flags:
        upright = quadrants(size)
    elif "noise" in wish.flags:
        upright = _noise(size, wish.seed + frame)
    else:
        upright = scene(size, wish.seed + frame)
    turn = _TO_STORED.get(wish.orientation)
    return upright.transpose(turn) if turn is not None else upright


def quadrants(size: tuple[int, int]) -> Image.Image:
    """A picture whose corners have the four QUADRANTS colours."""
    image = Image.new("RGB", size)
    draw = ImageDraw.Draw(image)
    middle, centre = size[0] / 2, size[1] / 2
    for index, colour in enumerate(QUADRANTS):
        left, top = index % 2 * middle, index // 2 * centre
        draw.rectangle((left, top, left + middle, top + centre), fill=colour)
    return image


def _noise(size: tuple[int, int], seed: int) -> Image.Image:
    """A scene under sensor-like noise: about 0.3 bytes a pixel as a JPEG of quality 88."""
    rng = np.random.default_rng(seed)
    grain = rng.normal(0.0, 7.0, (size[1], size[0], 1)).astype(np.float32)
    pixels = np.asarray(scene(size, seed), dtype=np.float32) + grain
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8), "RGB")


def scene(size: tuple[int, int], seed: int) -> Image.Image:
    """A small landscape: sky, sun, ridges; every seed another place, time of day and season."""
    chance = random.Random(seed)
    hue = chance.random()
    sky = (_colour(hue, 0.55, 0.95), _colour(hue + 0.12 + chance.random() * 0.2, 0.35, 1.0))
    ramp = Image.linear_gradient("L").resize(size)
    image = Image.composite(Image.new("RGB", size, sky[1]), Image.new("RGB", size, sky[0]), ramp)
    draw = ImageDraw.Draw(image)
    width, height = size
    radius = max(1.0, min(size) * chance.uniform(0.05, 0.16))
    x, y = width * chance.uniform(0.15, 0.85), height * chance.uniform(0.15, 0.5)
    draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_colour(hue + 0.5, 0.25, 1))
    ground = chance.random()
    ridges = chance.randint(2, 4)
    for ridge in range(ridges):
        base = height * (0.5 + 0.45 * ridge / ridges)
        points: list[tuple[float, float]] = [(0.0, float(height))]
        points += [
            (width * step / 8, base - height * chance.uniform(-0.04, 0.14)) for step in range(9)
        ]
        points.append((float(width), float(height)))
        draw.polygon(points, fill=_colour(ground + ridge * 0.05, 0.5, 0.75 - ridge * 0.15))
    return image


def _colour(hue: float, saturation: float, value: float) -> Colour:
    channel = [
        value * (1 - saturation * max(0.0, min(1.0, 2 - abs((hue * 6 + shift) % 6 - 3))))
        for shift in (0.0, 4.0, 2.0)
    ]
    return round(channel[0] * 255), round(channel[1] * 255), round(channel[2] * 255)


# --- encoding ------------------------------------------------------------------------------


def _encode(wish: Wish, image: Image.Image) -> bytes:
    thumbnail = b""
    if "exif thumbnail" in wish.flags:
        small = image.copy()
        small.thumbnail((160, 160))
        thumbnail = _saved(small, "JPEG", {"quality": 80})
    exif = exif_block(
        orientation=wish.orientation, taken=wish.taken, offset=wish.offset, make=wish.make,
        model=wish.model, gps=wish.gps, thumbnail=thumbnail,
    )  # fmt: skip
    xmp = xmp_packet(wish.title, wish.caption, wish.keywords, wish.rating)
    profile = display_p3_profile() if "icc p3" in wish.flags else None
    frames = [_in_mode(wish, image)]
    frames += [_in_mode(wish, _stored_pixels(wish, n)) for n in range(1, wish.frames)]
    return _SAVERS[wish.format](wish, frames, _Blocks(exif, xmp, profile))


@dataclass(frozen=True, slots=True)
class _Blocks:
    exif: bytes
    xmp: bytes
    profile: bytes | None


def _in_mode(wish: Wish, image: Image.Image) -> Image.Image:
    if "grey" in wish.flags:
        image = image.convert("L")
    if "cmyk" in wish.flags:
        return image.convert("CMYK")
    if "16 bit" in wish.flags:
        levels = np.asarray(image.convert("L"), dtype=np.uint16) * 257
        return Image.fromarray(levels.astype(np.uint16))
    if "alpha" in wish.flags:
        veil = Image.new("L", image.size, 255)
        box = (image.width // 3, image.height // 3, image.width // 2, image.height // 2)
        veil.paste(0, box)
        image.putalpha(veil)
    if "palette" in wish.flags:
        return image.quantize(64)
    return image


def _options(frames: list[Image.Image], blocks: _Blocks, **more: object) -> dict[str, object]:
    options: dict[str, object] = {"icc_profile": blocks.profile, **more}
    if blocks.exif:
        options["exif"] = blocks.exif
    if blocks.xmp:
        options["xmp"] = blocks.xmp
    if len(frames) > 1:
        options |= {"save_all": True, "append_images": frames[1:], "duration": 80, "loop": 0}
    return options


def _jpeg(wish: Wish, frames: list[Image.Image], blocks: _Blocks) -> bytes:
    options = _options(frames[:1], blocks, quality=wish.quality)
    options["progressive"] = "progressive" in wish.flags
    return _saved(frames[0], "JPEG", options)


def _png(_: Wish, frames: list[Image.Image], blocks: _Blocks) -> bytes:
    options = _options(frames, blocks)
    if xmp := options.pop("xmp", None):
        text = PngImagePlugin.PngInfo()
        assert isinstance(xmp, bytes)
        text.add_itxt("XML:com.adobe.xmp", xmp.decode())
        options["pnginfo"] = text
    return _saved(frames[0], "PNG", options)


def _webp(wish: Wish, frames: list[Image.Image], blocks: _Blocks) -> bytes:
    return _saved(frames[0], "WEBP", _options(frames, blocks, quality=wish.quality, method=0))


def _avif(wish: Wish, frames: list[Image.Image], blocks: _Blocks) -> bytes:
    return _saved(frames[0], "AVIF", _options(frames, blocks, quality=wish.quality, speed=10))


def _tiff(_: Wish, frames: list[Image.Image], blocks: _Blocks) -> bytes:
    options = _options(frames, blocks)
    if xmp := options.pop("xmp", None):
        tags = Image.Exif()
        tags.load(blocks.exif)
        tags[700] = xmp
        options["exif"] = tags
    return _saved(frames[0], "TIFF", options)


def _plain(wish: Wish, frames: list[Image.Image], blocks: _Blocks) -> bytes:
    options = _options(frames, _Blocks(b"", b"", None))
    del options["icc_profile"], blocks
    return _saved(frames[0], wish.format.upper(), options)


def _heic(wish: Wish, frames: list[Image.Image], blocks: _Blocks) -> bytes:
    heif = pillow_heif.HeifFile()  # type: ignore[no-untyped-call]  # its __init__ has no hints
    for frame in frames:
        added = heif.add_from_pillow(frame)
        added.info["exif"] = blocks.exif or None
        added.info["xmp"] = blocks.xmp or None
        added.info["icc_profile"] = blocks.profile
    target = io.BytesIO()
    heif.save(target, quality=wish.quality)
    return target.getvalue()


_SAVERS: dict[str, Callable[[Wish, list[Image.Image], _Blocks], bytes]] = {
    "jpeg": _jpeg, "png": _png, "gif": _plain, "webp": _webp, "tiff": _tiff, "bmp": _plain,
    "avif": _avif, "heic": _heic,
}  # fmt: skip


def _saved(image: Image.Image, kind: str, options: dict[str, object]) -> bytes:
    target = io.BytesIO()
    image.save(target, kind, **options)
    return target.getvalue()


# --- folders -------------------------------------------------------------------------------

_SIZES = ("480x360", "480x320", "320x480", "480x270", "360x480", "400x400", "640x240")
_CAMERAS = ("Canon EOS 6D", "NIKON D750", "Apple iPhone 12", "FUJIFILM X-T3", "")
_OTHER_FORMATS = ("png", "webp", "gif", "tiff", "bmp", "heic", "avif")
_PLACES = ("48.13743 11.57549", "52.51627 13.37770", "-33.85678 151.21530", "64.14667 -21.94000")


def make_folder(
    path: Path, count: int, *, seed: int = 1, years: tuple[int, int] = (2012, 2024)
) -> list[Path]:
    """Writes a small dated library into `path`, sub folders YYYY/MM; the files, oldest first.

    Nearly all are JPEGs of about 10 kB with camera, date and now and then a position, a title
    and keywords; each 20th is of another format. Days with several pictures and empty months
    occur. A file's modification time is its date, read as UTC.

    Args:
        path: created when absent.
        count: number of pictures.
        seed: another seed gives other pictures on other days.
        years: first and last year, both included.
    """
    chance = random.Random(seed)
    first = datetime(years[0], 1, 1, tzinfo=timezone.utc)
    span_s = (datetime(years[1], 12, 31, 20, tzinfo=timezone.utc) - first).total_seconds()
    days = sorted(chance.random() for _ in range(max(1, count // 3)))
    picks = sorted(chance.choice(days) for _ in range(count))
    files: list[Path] = []
    for number, pick in enumerate(picks):
        day = (first + timedelta(seconds=pick * span_s)).replace(hour=8)
        taken = day + timedelta(seconds=number % 41 * 997 % 39_000)
        kind = _OTHER_FORMATS[number // 20 % 7] if number % 20 == 19 else "jpeg"
        data = make_picture(_sentence(chance, number, kind, f"{taken:%Y-%m-%d %H:%M:%S}", seed))
        suffix = {"jpeg": "jpg"}.get(kind, kind)
        file = path / f"{taken:%Y}" / f"{taken:%m}" / f"IMG_{number:05d}.{suffix}"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        stamp = taken.timestamp()
        os.utime(file, (stamp, stamp))
        files.append(file)
    return files


def _sentence(chance: random.Random, number: int, kind: str, taken: str, seed: int) -> str:
    parts = [f"{chance.choice(_SIZES)} {kind}", f"seed {seed * 1_000_003 + number}"]
    parts += [f"taken {taken}", "quality 80"]
    camera = chance.choice(_CAMERAS)
    parts += [f"camera {camera}"] if camera else []
    if number % 4 == 0:
        parts.append(f"gps {chance.choice(_PLACES)}")
    if number % 7 == 0:
        parts += [f"title Walk {number}", f"keywords walk trip{number % 5}", "rating 4"]
    if number % 9 == 0:
        parts.append("exif thumbnail")
    if number % 11 == 0:
        parts.append(f"orientation {chance.randint(2, 8)}")
    return ", ".join(parts)
