"""What bytes from outside are, by their first ones, and what may come in. Pure."""

from __future__ import annotations

from gallery_app.domain.errors import BadInput, TooLarge, Unreadable, UnsupportedType
from gallery_app.domain.media import MEDIA_TYPES
from gallery_app.domain.model import Problem
from gallery_app.domain.policy import UploadLimits
from gallery_app.imaging.sniff import sniff

HEAD_BYTES = 4096  # enough to tell every type we know
LONGEST_NAME = 255
PAGE = "html"  # `UnsupportedType.found` of a web page


class CutOff(Unreadable):
    """The bytes end before the picture does."""


class TooSlow(Unreadable):
    """The decoder did not come to an end in time: the file's fault, or that of a busy machine."""


def limit_of(head: bytes, limits: UploadLimits) -> int:
    """How many bytes a file that begins so may have.

    Args:
        head: its first HEAD_BYTES, or all of a shorter file.
        limits: per type.

    Raises:
        UnsupportedType: it is of no type we show.
    """
    code = sniff(head)
    kind = MEDIA_TYPES.get(code)
    if kind is None:
        raise UnsupportedType(
            "This is not a picture or video the gallery knows.",
            found=PAGE if _is_page(head) else code or "unknown",
        )
    if not kind.shown:
        raise UnsupportedType(
            f"Files of type {code.upper()} cannot be shown here, so they are not taken.",
            found=code,
        )
    return limits.video_bytes if kind.video else limits.image_bytes


def told_by(problem: Problem) -> Unreadable:
    """The refusal of a file that was described with this problem."""
    return (CutOff if problem.code == "truncated" else Unreadable)(problem.sentence)


def too_large(size: int, limit: int) -> TooLarge:
    """The refusal of a file of that size."""
    return TooLarge(
        f"The file has {size / 1e6:,.1f} MB; at most {limit / 1e6:,.0f} MB are accepted.",
        limit_bytes=limit,
    )


def display_name(filename: str) -> str:
    """The last part of a name, safe to show and to offer as a download, never empty.

    Raises:
        BadInput: nothing of it can be shown.
    """
    last = filename.replace("\\", "/").rpartition("/")[2]
    clean = "".join(c for c in last if c.isprintable()).strip()
    while len(clean.encode("utf-8", "surrogatepass")) > LONGEST_NAME:
        clean = clean[1:]
    clean = clean.encode("utf-8", "ignore").decode("utf-8")
    if not clean.strip("."):
        raise BadInput("The upload needs a file name.")
    return clean


def _is_page(head: bytes) -> bool:
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:64].lower()
    return start.startswith((b"<!doctype html", b"<html", b"<head", b"<!--", b"<script"))
