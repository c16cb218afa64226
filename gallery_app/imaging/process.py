"""One read, one decode: everything the gallery keeps of an original, as a literal list of steps.

`process()` is for a new original (hashes, first renditions), `render()` for a size asked for
later. Both raise domain errors only, and neither writes anything. `workers.py` runs them in
processes of their own.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image

from gallery_app.domain.errors import TooLarge, Unreadable, UnsupportedType
from gallery_app.domain.geometry import Size, fit
from gallery_app.domain.media import MEDIA_TYPES
from gallery_app.domain.model import Processed, Sha256
from gallery_app.domain.policy import IMAGE_LIMIT_BYTES, VIDEO_LIMIT_BYTES
from gallery_app.domain.renditions import RenditionSpec
from gallery_app.imaging import video
from gallery_app.imaging.colour import on_ground
from gallery_app.imaging.decode import Decoded, decode
from gallery_app.imaging.phash import phash
from gallery_app.imaging.placeholder import NEUTRAL, average_colour, thumbhash
from gallery_app.imaging.render import largest_box, renditions, upright
from gallery_app.imaging.sniff import HEAD_BYTES, sniff
from gallery_app.imaging.window import Window
from gallery_app.imaging.wire import Rendered

# Hash, colour and placeholder are taken from a picture of this long edge.
_ANALYSED_PX = 400
_CHUNK = 1 << 20


@dataclass(slots=True)
class Original:
    """A file, read: its bytes (b"" for a video, which stays on disk), type and hashes."""

    data: bytes
    code: str
    size_bytes: int
    mtime_ns: int
    head: bytes
    sha256: str = ""
    sha1: str | None = None


def process(path: str, specs: Sequence[RenditionSpec], *, sha1: bool = False) -> Processed:
    """Reads the original once, decodes it once, and gives hashes and first renditions.

    Args:
        path: a regular file, opened for reading only.
        specs: the renditions to make.
        sha1: also compute SHA-1, which some sources name their originals by.

    Raises:
        UpstreamGone: there is no such file.
        UnsupportedType, TooLarge, TooManyPixels, Unreadable: no rendition can be made.
    """
    with _opened(path) as window:
        original = _read(window, hashes=("sha256", "sha1") if sha1 else ("sha256",))
        decoded = _decode(window, original, specs)
    picture = upright(decoded, _box(specs, decoded.size))
    made = renditions(picture, decoded.size, specs)
    small = on_ground(_analysed(picture), NEUTRAL)
    return Processed(
        sha256=Sha256(original.sha256),
        sha1=original.sha1,
        size_bytes=original.size_bytes,
        mtime_ns=original.mtime_ns,
        size=decoded.size,
        phash=phash(small.convert("L")),
        colour=average_colour(small),
        placeholder=thumbhash(_analysed(picture)),
        renditions=made,
        truncated=decoded.truncated,
        animated=decoded.animated,
    )


def render(path: str, specs: Sequence[RenditionSpec]) -> Rendered:
    """Renditions of an original that was processed before, and the hash of what was read.

    The file may have been edited since: whoever keeps the renditions compares the hash.

    Raises:
        UpstreamGone, UnsupportedType, TooLarge, TooManyPixels, Unreadable: as `process`.
    """
    with _opened(path) as window:
        original = _read(window, hashes=("sha256",))
        decoded = _decode(window, original, specs)
    picture = upright(decoded, _box(specs, decoded.size))
    return Rendered(Sha256(original.sha256), renditions(picture, decoded.size, specs))


def read_original(path: str) -> Original:
    """The bytes and type of an original, for whoever looks at its pixels otherwise.

    Raises:
        UpstreamGone, UnsupportedType, TooLarge, Unreadable: as `process`.
    """
    with _opened(path) as window:
        return _read(window, hashes=())


def _opened(path: str) -> Window:
    try:
        return Window.open(path, head_bytes=HEAD_BYTES)
    except PermissionError as error:
        raise Unreadable("The gallery may not read this file.") from error


def _read(window: Window, hashes: Sequence[str]) -> Original:
    """The whole file, hashed while it is read; a video's bytes are not kept."""
    code = sniff(window.head)
    media = MEDIA_TYPES.get(code)
    if media is None or not media.shown:
        raise UnsupportedType("This kind of file cannot be shown here.", found=code or "unknown")
    limit = VIDEO_LIMIT_BYTES if media.video else IMAGE_LIMIT_BYTES
    if window.size_bytes > limit:
        text = f"More than {limit // 1_000_000} MB are not decoded."
        raise TooLarge(text, limit_bytes=limit)
    digests = [hashlib.new(name, usedforsecurity=False) for name in hashes]
    try:
        if media.video:
            data = b""
            os.lseek(window.descriptor, 0, os.SEEK_SET)
            while digests and (chunk := os.read(window.descriptor, _CHUNK)):
                for digest in digests:
                    digest.update(chunk)
        else:
            data = _whole(window)
            for digest in digests:
                digest.update(data)
    except OSError as error:
        raise Unreadable("The disk could not read this file.") from error
    found = {digest.name: digest.hexdigest() for digest in digests}
    return Original(
        data,
        code,
        len(data) if data else window.size_bytes,
        window.mtime_ns,
        window.head,
        found.get("sha256", ""),
        found.get("sha1"),
    )


def _whole(window: Window) -> bytes:
    """All bytes of the file, in one read where the system gives them at once."""
    os.lseek(window.descriptor, 0, os.SEEK_SET)
    data = os.read(window.descriptor, window.size_bytes)
    while len(data) < window.size_bytes:
        more = os.read(window.descriptor, window.size_bytes - len(data))
        if not more:
            break
        data += more
    return data


def _decode(window: Window, original: Original, specs: Sequence[RenditionSpec]) -> Decoded:
    if original.code == "video":
        with os.fdopen(os.dup(window.descriptor), "rb") as file:
            file.seek(0)
            return video.poster(file, original.head)
    largest_px = max((max(spec.box) for spec in specs), default=_ANALYSED_PX)
    return decode(
        original.data,
        original.code,
        need=lambda size: _box(specs, size),
        thumbnail=largest_px <= _ANALYSED_PX,
    )


def _box(specs: Sequence[RenditionSpec], size: Size) -> Size:
    if not specs:
        return fit(size, Size(_ANALYSED_PX, _ANALYSED_PX))
    return largest_box(specs, size)


def _analysed(picture: Image.Image) -> Image.Image:
    """The picture at most 400 px large, as everything measured is measured on it."""
    longest = max(picture.size)
    if longest <= _ANALYSED_PX:
        return picture if picture.mode in {"RGB", "RGBA"} else picture.convert("RGB")
    factor = -(-longest // _ANALYSED_PX)
    return _analysed(picture.reduce(factor))
