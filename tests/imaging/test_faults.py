"""Every exception a library is known to raise on hostile bytes becomes a domain error."""

from __future__ import annotations

import struct
import warnings
import zlib

import av
import pytest
from PIL import Image, ImageCms, UnidentifiedImageError

from gallery_app.domain.errors import GalleryError, TooLarge, TooManyPixels, Unreadable
from gallery_app.imaging.faults import NO_MEMORY, translated


@pytest.mark.parametrize(
    "error",
    [
        OSError("image file is truncated"), UnidentifiedImageError("cannot identify"),
        EOFError("no more images"), SyntaxError("not a PNG"), ValueError("bad value"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad"), struct.error("unpack"),
        zlib.error("bad"), IndexError("index"), KeyError(273), TypeError("type"),
        AttributeError("palette"), ZeroDivisionError("x"), OverflowError("x"),
        RuntimeError("decoder"), NotImplementedError("x"), RecursionError("deep"),
        AssertionError("x"), ImageCms.PyCMSError("profile"),
        av.error.InvalidDataError(1094995529, "Invalid data"),
        av.error.EOFError(541478725, "End of file"),
    ],
    ids=lambda error: f"{type(error).__module__}.{type(error).__name__}",
)  # fmt: skip
def test_a_library_s_exception_is_unreadable(error: Exception) -> None:
    with pytest.raises(Unreadable) as caught, translated():
        raise error

    assert caught.value.__cause__ is error
    assert str(error) not in caught.value.public


@pytest.mark.parametrize("error", [Image.DecompressionBombError("big"),
                                   Image.DecompressionBombWarning("big")])  # fmt: skip
def test_a_bomb_is_too_many_pixels(error: Exception) -> None:
    with pytest.raises(TooManyPixels), translated():
        raise error


def test_no_memory_says_so() -> None:
    with pytest.raises(Unreadable, match=NO_MEMORY), translated():
        raise MemoryError


def test_a_domain_error_passes_unchanged() -> None:
    error = TooLarge("Too large.", limit_bytes=5)

    with pytest.raises(GalleryError) as caught, translated():
        raise error

    assert caught.value is error


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit])
def test_what_is_no_fault_of_a_file_passes(error: type[BaseException]) -> None:
    with pytest.raises(error), translated():
        raise error


def test_library_warnings_stay_inside() -> None:
    with translated():
        warnings.warn("Corrupt EXIF data", UserWarning, stacklevel=1)
