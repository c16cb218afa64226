"""Whole originals: upright, in their colours, small, and without a word about anybody."""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageFile

from gallery_app.domain.errors import (
    GalleryError,
    TooManyPixels,
    Unreadable,
    UnsupportedType,
    UpstreamGone,
)
from gallery_app.domain.geometry import Size, fit
from gallery_app.domain.model import Processed
from gallery_app.domain.renditions import RENDITIONS, is_whole
from gallery_app.imaging.process import process, render
from tests.imaging.conftest import Write, corners, near, opened
from tests.pictures import FORMATS, QUADRANTS, make_picture

SMALL = [RENDITIONS["small"]]
ALL = list(RENDITIONS.values())


def _small(path: str) -> bytes:
    return process(path, SMALL).renditions["small"]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "tiff", "avif", "heic"])
def test_all_eight_orientations_give_the_same_upright_picture(
    write: Write, kind: str, orientation: int
) -> None:
    stored = "80x120" if orientation >= 5 else "120x80"
    path = write(f"{stored} {kind}, quadrants, orientation {orientation}, quality 95")

    found = process(path, SMALL)

    assert found.size == Size(120, 80)
    assert opened(found.renditions["small"]).size == (120, 80)
    assert near(corners(found.renditions["small"]), QUADRANTS)


@pytest.mark.parametrize(
    "sentence",
    [
        *(f"480x360 {kind}, quadrants" for kind in FORMATS),
        "480x360 jpeg, quadrants, progressive", "480x360 png, quadrants, palette",
        "480x360 gif, quadrants, animated 3", "480x360 webp, quadrants, animated 3",
        "480x360 tiff, quadrants, cmyk", "480x360 jpeg, quadrants, cmyk, quality 95",
        "480x360 png, quadrants, alpha",
        "1920x1080 jpeg, quadrants", "3000x200 jpeg, quadrants",
    ],
)  # fmt: skip
def test_colours_survive(write: Write, sentence: str) -> None:
    # CMYK without a profile has no exact colours; the hues must stay.
    levels = 40 if "cmyk" in sentence else 12

    assert near(corners(_small(write(sentence))), QUADRANTS, levels)


@pytest.mark.parametrize("kind", ["png", "tiff"])
def test_sixteen_bits_keep_their_levels(write: Write, kind: str) -> None:
    deep = corners(_small(write(f"480x360 {kind}, quadrants, 16 bit")))
    flat = corners(_small(write("480x360 png, quadrants, grey")))

    assert near(deep, tuple(flat), 3)


def test_a_display_p3_picture_is_converted_not_relabelled(write: Write) -> None:
    found = corners(_small(write("480x360 jpeg, quadrants, icc p3, quality 95")))

    # P3 (200, 40, 40) is a redder red than sRGB's: its sRGB numbers lie further apart.
    red, green, blue = found[0]
    assert red > 210
    assert green < 20
    assert blue < 45


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "tiff", "heic", "avif"])
@pytest.mark.parametrize("name", list(RENDITIONS))
def test_no_rendition_says_who_where_or_when(write: Write, kind: str, name: str) -> None:
    path = write(
        f"640x480 {kind}, taken 2016-07-03 14:05:06, gps 48.2 11.6, camera Canon SECRETCAM, "
        "title SECRETTITLE, keywords SECRETWORD, icc p3, orientation 6, exif thumbnail"
    )

    data = render(path, [RENDITIONS[name]]).renditions[name]

    for trace in (b"SECRET", b"Exif", b"EXIF", b"XMP ", b"ICCP", b"adobe", b"2016", b"ICC_PROFILE"):
        assert trace not in data
    assert not set(opened(data).info) & {"exif", "xmp", "icc_profile", "comment", "photoshop"}


def test_each_rendition_has_its_size_and_format(write: Write) -> None:
    made = process(write("4100x2500 jpeg, seed 2"), ALL).renditions

    sizes = {name: opened(data).size for name, data in made.items()}
    assert sizes == {
        "thumb": (150, 150), "small": (400, 244), "medium": (800, 488), "large": (1600, 976),
        "screen": (3840, 2160), "full": (4100, 2500),
    }  # fmt: skip
    assert all(is_whole(RENDITIONS[name], data) for name, data in made.items())


@pytest.mark.parametrize("size", ["1x1", "3x500", "500x3", "90x60", "149x151", "400x300"])
def test_nothing_is_enlarged(write: Write, size: str) -> None:
    width, height = map(int, size.split("x"))
    made = process(write(f"{size} png, seed 5"), ALL).renditions

    for name, data in made.items():
        found = opened(data).size
        assert found[0] <= width
        assert found[1] <= height
        if RENDITIONS[name].fit == "contain":
            assert found == fit(Size(width, height), RENDITIONS[name].box)


def test_transparency_stays_in_webp_and_is_white_in_jpeg(write: Write) -> None:
    path = write("480x360 png, alpha, quadrants")

    made = render(path, [RENDITIONS["small"], RENDITIONS["large"]]).renditions

    small, large = opened(made["small"]), opened(made["large"])
    assert small.mode == "RGBA"
    hole = small.getpixel((small.width * 2 // 5, small.height * 2 // 5))
    assert isinstance(hole, tuple)
    assert hole[3] == 0
    white = large.getpixel((large.width * 2 // 5, large.height * 2 // 5))
    assert isinstance(white, tuple)
    assert min(white) > 250


def test_hashes_size_and_time_are_those_of_the_file(write: Write) -> None:
    path = write("300x200 jpeg, seed 1")
    data = Path(path).read_bytes()

    found = process(path, SMALL, sha1=True)

    assert found.sha256 == hashlib.sha256(data).hexdigest()
    assert found.sha1 == hashlib.sha1(data).hexdigest()
    assert found.size_bytes == len(data)
    assert found.mtime_ns == Path(path).stat().st_mtime_ns
    assert process(path, SMALL).sha1 is None


def test_the_original_is_as_it_was(write: Write) -> None:
    path = write("300x200 jpeg, seed 1")
    before = (Path(path).read_bytes(), Path(path).stat().st_mtime_ns)

    process(path, ALL)

    assert (Path(path).read_bytes(), Path(path).stat().st_mtime_ns) == before


def test_an_animation_shows_its_first_frame_and_says_so(write: Write) -> None:
    found = process(write("200x150 gif, seed 3, animated 4"), SMALL)
    still = process(write("200x150 gif, seed 3"), SMALL)

    assert found.animated
    assert not still.animated
    assert near(corners(found.renditions["small"]), tuple(corners(still.renditions["small"])), 30)


@pytest.mark.parametrize(
    "sentence",
    ["800x600 jpeg, noise seed 4", "800x600 jpeg, noise seed 4, progressive",
     "800x600 png, noise seed 4", "800x600 bmp, seed 4", "800x600 gif, noise seed 4",
     "800x600 tiff, seed 4", "800x600 tiff, seed 4, orientation 6"],
)  # fmt: skip
def test_a_cut_file_is_shown_as_far_as_it_goes_and_says_so(write: Write, sentence: str) -> None:
    whole = process(write(sentence), SMALL)
    cut = process(write(f"{sentence}, truncated"), SMALL)

    assert cut.truncated
    assert not whole.truncated
    assert cut.size == whole.size
    before, after = (_first_decoded(found.renditions["small"], sentence) for found in (whole, cut))
    assert np.abs(before - after).mean() < 6


def _first_decoded(data: bytes, sentence: str) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """The third of the picture whose rows come first in the file."""
    pixels = np.asarray(opened(data).convert("RGB"), dtype=np.float64)
    if "bmp" in sentence:
        pixels = pixels[::-1]
    if "orientation 6" in sentence:
        return pixels[:, ::-1][:, : pixels.shape[1] // 3]
    return pixels[: pixels.shape[0] // 3]


@pytest.mark.parametrize("kind", ["webp", "avif", "heic"])
def test_a_cut_file_of_which_nothing_can_be_decoded_is_refused(write: Write, kind: str) -> None:
    with pytest.raises(Unreadable):
        process(write(f"800x600 {kind}, seed 4, truncated"), SMALL)


def test_showing_a_cut_file_leaves_the_library_s_switch_alone(write: Write) -> None:
    process(write("800x600 png, seed 4, truncated"), SMALL)

    assert not ImageFile.LOAD_TRUNCATED_IMAGES


def _png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    head = struct.pack(">2I5B", width, height, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(100)))
            + chunk(b"IEND", b""))  # fmt: skip


@pytest.mark.parametrize(
    ("content", "error"),
    [
        pytest.param(_png(40_000, 40_000), TooManyPixels, id="1.6 GP"),
        pytest.param(_png(65_501, 1), TooManyPixels, id="a side over 65,500"),
        pytest.param(_png(0, 10), Unreadable, id="no width"),
        pytest.param(b"\xff\xd8\xff\xd9", Unreadable, id="nothing between the markers"),
        pytest.param(b"", UnsupportedType, id="empty"),
        pytest.param(b"%!PS-Adobe", UnsupportedType, id="PostScript"),
        pytest.param(b"8BPS\0\x01" + bytes(30), UnsupportedType, id="Photoshop"),
        pytest.param(b"II*\0\x10\0\0\0CR\x02\0" + bytes(99), UnsupportedType, id="RAW"),
        pytest.param(b"GIF89a/*\0\0\0 alert(1)", Unreadable, id="script in a GIF's clothes"),
        pytest.param(b"RIFF\x20\0\0\0WEBPVP8 " + bytes(30), Unreadable, id="hollow WebP"),
    ],
)  # fmt: skip
def test_what_cannot_be_shown_is_refused(
    write: Write, content: bytes, error: type[GalleryError]
) -> None:
    path = write(content)

    with pytest.raises(error) as caught:
        process(path, SMALL)
    assert caught.value.public.endswith(".")
    with pytest.raises(error):
        render(path, SMALL)


@pytest.mark.parametrize("kind", ["jpeg", "heic"])
def test_a_later_rendering_says_which_bytes_it_is_of(write: Write, kind: str) -> None:
    path = write(f"640x480 {kind}")

    made = render(path, SMALL)

    assert made.sha256 == hashlib.sha256(Path(path).read_bytes()).hexdigest()


def test_a_missing_file_is_gone(tmp_path: Path) -> None:
    with pytest.raises(UpstreamGone):
        process(str(tmp_path / "no.jpg"), SMALL)


@pytest.mark.parametrize("kind", FORMATS)
def test_damage_anywhere_is_an_answer_or_a_domain_error(write: Write, kind: str) -> None:
    data = make_picture(f"96x64 {kind}, seed 8, orientation 3, title t")
    rng = np.random.default_rng(5)

    for _ in range(25):
        hurt = bytearray(data)
        for at in rng.integers(0, len(data), 6):
            hurt[at] = int(rng.integers(256))
        path = write(bytes(hurt))
        with suppress(TooManyPixels, Unreadable, UnsupportedType):
            assert isinstance(process(path, SMALL), Processed)


def test_small_uses_the_thumbnail_inside_a_heic_without_enlarging_it(write: Write) -> None:
    import pillow_heif

    upright = opened(make_picture("1600x1200 png, quadrants"))
    target = io.BytesIO()
    heif = pillow_heif.from_pillow(upright)
    heif.save(target, quality=80, thumbnails=[320])
    path = write(target.getvalue(), "IMG_0001.HEIC")

    found = process(path, SMALL)
    large = render(path, [RENDITIONS["medium"]]).renditions["medium"]

    assert found.size == Size(1600, 1200)
    assert opened(found.renditions["small"]).size in {(320, 240), (400, 300)}
    assert near(corners(found.renditions["small"]), QUADRANTS)
    assert opened(large).size == (800, 600)


def test_tiny_pictures_keep_every_pixel(write: Write) -> None:
    target = io.BytesIO()
    checks = (np.indices((16, 16)).sum(axis=0) % 2 * 255).astype(np.uint8)
    picture = Image.merge("RGB", [Image.fromarray(checks), Image.new("L", (16, 16)),
                                  Image.fromarray(255 - checks)])  # fmt: skip
    picture.save(target, "PNG")

    small = opened(_small(write(target.getvalue())))

    assert np.array_equal(np.asarray(small.convert("RGB")), np.asarray(picture))
