"""The border where library exceptions become domain errors.

`translated()` is the one place that knows which exceptions Pillow, pillow-heif, PyAV and the
parsers raise on hostile bytes; everything above sees `Unreadable` or `TooManyPixels`. The list
was met on the corpus (`tests/imaging/test_faults.py` walks it), so nothing is caught that is
not named here.
"""

from __future__ import annotations

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image, ImageCms

from gallery_app.domain.errors import GalleryError, TooManyPixels, Unreadable

# ValueError also covers UnicodeError, binascii.Error and PyAV's argument errors; OSError covers
# UnidentifiedImageError and PyAV's FFmpegError; RuntimeError covers RecursionError.
LIBRARY_FAULTS: tuple[type[Exception], ...] = (
    OSError, EOFError, ValueError, SyntaxError, LookupError, TypeError, AttributeError,
    ArithmeticError, AssertionError, RuntimeError, MemoryError, NotImplementedError,
    struct.error, zlib.error, ImageCms.PyCMSError,
    Image.DecompressionBombError, Image.DecompressionBombWarning,
)  # fmt: skip

DAMAGED = "The file is damaged and cannot be decoded."
NO_MEMORY = "Decoding this file needs more memory than a picture may take."


@contextmanager
def translated(sentence: str = DAMAGED) -> Iterator[None]:
    """Turns what a library raises inside the block into a domain error with `sentence`.

    Library warnings inside the block are silenced: a bad tag is not worth a line per file.

    Raises:
        TooManyPixels: Pillow's own bomb check fired.
        Unreadable: anything else of `LIBRARY_FAULTS`; domain errors pass unchanged.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except GalleryError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooManyPixels("The picture has more pixels than may be decoded.") from error
    except MemoryError as error:
        raise Unreadable(NO_MEMORY) from error
    except LIBRARY_FAULTS as error:
        raise Unreadable(sentence) from error
