"""The head of a file, as far as it serves to stand in the timeline: no pixels but a thumbnail's.

`describe()` reads at most 128 KiB from the front and 64 KiB from the end (metadata that lies
elsewhere is fetched by itself), and never fails on bad content: a broken file is described
with a `Problem`. Budget: 1.2 ms of CPU for a camera's JPEG (tests/bench/render.py).
"""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import PurePath

from PIL import Image

from gallery_app.domain.errors import GalleryError, Unreadable
from gallery_app.domain.geometry import Size, oriented
from gallery_app.domain.media import MEDIA_TYPES, PICTURE_EXTENSIONS
from gallery_app.domain.model import (
    Described,
    Metadata,
    NotAPicture,
    Problem,
    QuickHash,
)
from gallery_app.domain.policy import IMAGE_LIMIT_BYTES, VIDEO_LIMIT_BYTES
from gallery_app.imaging import video
from gallery_app.imaging.bmff import read_turn
from gallery_app.imaging.decode import check_limits
from gallery_app.imaging.faults import LIBRARY_FAULTS, translated
from gallery_app.imaging.heads import Head, read_head
from gallery_app.imaging.metadata import merge
from gallery_app.imaging.placeholder import average_colour
from gallery_app.imaging.sniff import HEAD_BYTES as SNIFF_BYTES
from gallery_app.imaging.sniff import sniff
from gallery_app.imaging.window import Window

EDGE_BYTES = 64 * 1024


def describe(path: str) -> Described | NotAPicture:
    """What the file at `path` tells without being decoded.

    Content decides: a file of unknown content is `NotAPicture`, unless its name claims to be a
    picture or video, when it is described as "unknown" with a problem.

    Raises:
        UpstreamGone: there is no such file.
    """
    name = PurePath(path).name
    try:
        window = Window.open(path)
    except PermissionError:
        return _closed(name, Problem("denied", "The gallery may not read this file."))
    except Unreadable as error:
        return _closed(name, Problem("unreadable", error.public))
    with window:
        code = sniff(window.head[:SNIFF_BYTES])
        if not code and not _claims_to_be_a_picture(name):
            return NotAPicture(window.size_bytes, window.mtime_ns)
        if code == "video":
            return _describe_video(window, name)
        return _describe_picture(window, code or "unknown", name)


def _claims_to_be_a_picture(name: str) -> bool:
    return PurePath(name).suffix.lower().removeprefix(".") in PICTURE_EXTENSIONS


def _closed(name: str, problem: Problem) -> Described | NotAPicture:
    """The description of a file that cannot even be opened."""
    if not _claims_to_be_a_picture(name):
        return NotAPicture(0, 0)
    return Described("unknown", Size(0, 0), 0, 0, QuickHash(""), Metadata(), problem=problem)


def _describe_picture(window: Window, code: str, name: str) -> Described:
    head, metadata, thumbnail = Head(), Metadata(), b""
    try:
        with translated():
            head = read_head(window.fetch, code)
            metadata, thumbnail = merge(head.found, name=name)
    except GalleryError:
        pass  # the reader of one block failed: the rest of the description still stands
    size = oriented(head.size, head.turned or metadata.orientation)
    return Described(
        media_type=code,
        size=size,
        size_bytes=window.size_bytes,
        mtime_ns=window.mtime_ns,
        quick_hash=quick_hash(window),
        metadata=metadata,
        colour=_thumbnail_colour(thumbnail),
        animated=head.animated,
        problem=_problem(code, size, window.size_bytes),
    )


def _problem(code: str, size: Size, size_bytes: int) -> Problem | None:
    """Why a file of this kind, size and weight cannot be shown; None when it may be tried."""
    if size_bytes == 0:
        return Problem("unreadable", "The file is empty.")
    if code == "unknown":
        return Problem("unsupported", "The content of this file is no picture the gallery knows.")
    media = MEDIA_TYPES[code]
    if not media.shown:
        return Problem("unsupported", f"{media.code.upper()} files are listed but not shown.")
    limit = VIDEO_LIMIT_BYTES if media.video else IMAGE_LIMIT_BYTES
    if size_bytes > limit:
        return Problem("too_large", f"More than {limit // 1_000_000} MB are not decoded.")
    if min(size) < 1:
        return Problem("unreadable", "The head of this file is damaged.")
    try:
        check_limits(size, code)
    except GalleryError as error:
        return Problem(error.code, error.public)
    return None


def _describe_video(window: Window, name: str) -> Described:
    found, metadata, problem = None, Metadata(), None
    with os.fdopen(os.dup(window.descriptor), "rb") as file:
        file.seek(0)
        try:
            found = video.facts(file, window.head[:64])
        except GalleryError as error:
            problem = Problem(error.code, error.public)
    size = Size(0, 0)
    if found:
        turn = read_turn(window.fetch) if video.demuxer(window.head) == "mov" else 1
        size = oriented(found.size, turn)
        metadata = video.metadata(found, name)
    return Described(
        media_type="video",
        size=size,
        size_bytes=window.size_bytes,
        mtime_ns=window.mtime_ns,
        quick_hash=quick_hash(window),
        metadata=metadata,
        duration_s=found.duration_s if found else None,
        problem=problem or _problem("video", size, window.size_bytes),
    )


def quick_hash(window: Window) -> QuickHash:
    """BLAKE2b-128 over size (8 bytes, little endian), first and last 64 KiB."""
    digest = hashlib.blake2b(window.size_bytes.to_bytes(8, "little"), digest_size=16)
    digest.update(window.head[:EDGE_BYTES])
    start = max(window.size_bytes - EDGE_BYTES, 0)
    try:
        digest.update(window.fetch(start, EDGE_BYTES))
    except OSError:
        return QuickHash("")
    return QuickHash(digest.hexdigest())


def _thumbnail_colour(thumbnail: bytes) -> int | None:
    """The mean of an embedded JPEG, decoded at an eighth of its size; None without a good one."""
    if not thumbnail:
        return None
    try:
        image = Image.open(io.BytesIO(thumbnail), formats=["JPEG"])
        if image.width * image.height > 1_000_000:
            return None
        image.draft("RGB", (1, 1))
        image.load()
        return average_colour(image if image.mode == "RGB" else image.convert("RGB"))
    except LIBRARY_FAULTS:
        return None
