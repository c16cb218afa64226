"""Videos: one poster frame, size, duration, date and position, through PyAV.

The demuxer is chosen from the content and forced, the file is handed over as an open object, so
a playlist (HLS, ffconcat) can neither be recognised nor open anything else. Only the first
video stream is decoded, on one thread, until its first good frame.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, BinaryIO

from PIL import Image

from gallery_app.domain.errors import Unreadable
from gallery_app.domain.geometry import Size, oriented
from gallery_app.domain.model import Metadata
from gallery_app.imaging.decode import Decoded, check_limits
from gallery_app.imaging.faults import translated
from gallery_app.imaging.metadata import Found, merge

if TYPE_CHECKING:
    from av.container import InputContainer

_NO_PICTURE = "This video has no picture that can be decoded."
_MOST_PACKETS = 300
_TURNS = {0: 1, 90: 6, 180: 3, 270: 8}  # clockwise degrees -> EXIF orientation
_TITLES = {"com.apple.quicktime.make": "make", "com.apple.quicktime.model": "model",
           "title": "Title", "comment": "Description", "description": "Description"}  # fmt: skip
# ISO 6709: +48.1374+011.5755+520.000/
_PLACE = re.compile(r"([+-]\d{1,2}(?:\.\d+)?)([+-]\d{1,3}(?:\.\d+)?)")


@dataclass(slots=True)
class VideoFacts:
    """What a container says: size as stored, seconds, texts in the names `metadata` uses."""

    size: Size
    duration_s: float | None = None
    texts: dict[str, str] = field(default_factory=dict)
    gps: tuple[float, float] | None = None


def demuxer(head: bytes) -> str:
    """The one demuxer for these first bytes."""
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "matroska"
    return "avi" if head[:4] == b"RIFF" else "mov"


def _container(file: BinaryIO, head: bytes) -> InputContainer:
    import av

    return av.open(
        file, "r", format=demuxer(head), options={"protocol_whitelist": "", "enable_drefs": "0"}
    )


def facts(file: BinaryIO, head: bytes) -> VideoFacts:
    """Reads the container's tables, no frame.

    Raises:
        Unreadable: it has no video stream, or is broken.
    """
    with translated("This video is damaged and cannot be read."), _container(file, head) as box:
        stream = box.streams.video[0] if box.streams.video else None
        if stream is None:
            raise Unreadable(_NO_PICTURE)
        size = Size(stream.codec_context.width, stream.codec_context.height)
        seconds = box.duration / 1_000_000 if box.duration and box.duration > 0 else None
        tags = {key.lower(): value for key, value in box.metadata.items()}
        texts = {name: tags[key] for key, name in _TITLES.items() if tags.get(key)}
        stamp = tags.get("com.apple.quicktime.creationdate") or tags.get("creation_time", "")
        if stamp and not stamp.startswith(("1904", "1970-01-01")):
            texts["creation_time"] = stamp
        place = _PLACE.match(tags.get("com.apple.quicktime.location.iso6709")
                             or tags.get("location", ""))  # fmt: skip
        gps = (float(place[1]), float(place[2])) if place else None
        if gps and not (abs(gps[0]) <= 90 and abs(gps[1]) <= 180 and any(gps)):
            gps = None
    return VideoFacts(size, seconds, texts, gps)


def poster(file: BinaryIO, head: bytes) -> Decoded:
    """The first good frame, in full size.

    Raises:
        TooManyPixels: frames larger than the policy allows.
        Unreadable: no frame can be decoded.
    """
    with translated(_NO_PICTURE), _container(file, head) as box:
        if not box.streams.video:
            raise Unreadable(_NO_PICTURE)
        stream = box.streams.video[0]
        check_limits(Size(stream.codec_context.width, stream.codec_context.height), "video")
        stream.codec_context.thread_count = 1
        for index, packet in enumerate(box.demux(stream)):
            for frame in packet.decode():
                check_limits(Size(frame.width, frame.height), "video")
                image: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
                orientation = _TURNS.get(-int(frame.rotation) % 360, 1)
                return Decoded(image, oriented(Size(*image.size), orientation), orientation)
            if index > _MOST_PACKETS:
                break
    raise Unreadable(_NO_PICTURE)


def metadata(found: VideoFacts, name: str) -> Metadata:
    """The metadata of a video: container dates are UTC unless they carry their own offset."""
    merged, _ = merge(Found(texts=found.texts), name=name)
    if merged.taken_from == "container" and merged.offset_minutes is None:
        merged = replace(merged, offset_minutes=0)
    return replace(merged, gps=found.gps)
