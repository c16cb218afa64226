"""The table of media types: what the gallery calls them, serves them as, and may show.

A type is decided from content (`imaging/sniff.py`), never from a name. `code` is the word in
`?type=` and in the catalog; everything the outside sees derives from this table.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MediaType:
    """One kind of file.

    `shown`: renditions are made. `inline`: a browser may render the original itself from our
    origin; everything else is only ever offered as an attachment.
    """

    code: str
    content_type: str
    extension: str
    shown: bool
    inline: bool
    video: bool = False


_TABLE = (
    MediaType("jpeg", "image/jpeg", "jpg", shown=True, inline=True),
    MediaType("png", "image/png", "png", shown=True, inline=True),
    MediaType("gif", "image/gif", "gif", shown=True, inline=True),
    MediaType("webp", "image/webp", "webp", shown=True, inline=True),
    MediaType("avif", "image/avif", "avif", shown=True, inline=True),
    MediaType("heic", "image/heic", "heic", shown=True, inline=False),
    MediaType("tiff", "image/tiff", "tiff", shown=True, inline=False),
    MediaType("bmp", "image/bmp", "bmp", shown=True, inline=True),
    MediaType("video", "video/mp4", "mp4", shown=True, inline=True, video=True),
    MediaType("raw", "image/x-raw", "raw", shown=False, inline=False),
    MediaType("jxl", "image/jxl", "jxl", shown=False, inline=False),
    MediaType("jp2", "image/jp2", "jp2", shown=False, inline=False),
    MediaType("psd", "image/vnd.adobe.photoshop", "psd", shown=False, inline=False),
    MediaType("svg", "image/svg+xml", "svg", shown=False, inline=False),
    MediaType("ico", "image/vnd.microsoft.icon", "ico", shown=False, inline=False),
    MediaType("eps", "application/postscript", "eps", shown=False, inline=False),
    # A file with a picture's name whose content is nothing we know.
    MediaType("unknown", "application/octet-stream", "bin", shown=False, inline=False),
)

MEDIA_TYPES: dict[str, MediaType] = {t.code: t for t in _TABLE}
# Catalog columns keep a type as its position in this tuple: append only, never reorder.
MEDIA_CODES: tuple[str, ...] = tuple(t.code for t in _TABLE)
# Names that claim to be pictures or videos: only these are listed when their content is not
# one we can show. Anything else is listed only if its content is a picture.
PICTURE_EXTENSIONS: frozenset[str] = frozenset(
    "jpg jpeg jpe jfif mpo png apng gif webp avif avifs heic heif heics heifs hif tif tiff bmp dib "
    "mp4 m4v mov avi mkv webm 3gp dng cr2 cr3 crw nef arw raf rw2 orf pef srw raw jxl jp2 j2k "
    "psd psb svg svgz ico eps".split()
)


def full_name(filename: str, code: str) -> str:
    """The name with an ending that tells what the file is, added only where it has none.

    Pictures inside a mail's text often come without; other programs go by it.
    """
    dot = filename.rfind(".")
    if dot > 0 and filename[dot + 1 :].lower() in PICTURE_EXTENSIONS:
        return filename
    return filename if code == "unknown" else f"{filename}.{MEDIA_TYPES[code].extension}"
