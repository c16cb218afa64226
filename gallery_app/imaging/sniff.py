"""What a file is, from its first bytes and never from its name.

One table of signatures, the brands of ISO containers, and a look into the first directory of
TIFF files: RAW formats are TIFF inside and would decode to a thumbnail of 160 px, so they are
told apart before anything opens them. Start with `sniff()`.
"""

from __future__ import annotations

import re
import struct

# Enough for the brands of a container and the first directory of a camera's RAW file.
HEAD_BYTES = 4096

# Signature at offset 0 -> code. Source: file(1)'s magic, the formats' own specifications.
_SIGNATURES: tuple[tuple[bytes, str], ...] = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"II\x1a\x00\x00\x00HEAPCCDR", "raw"),  # CRW
    (b"IIRO", "raw"), (b"IIRS", "raw"), (b"MMOR", "raw"),  # ORF
    (b"IIU\x00", "raw"),  # RW2
    (b"FUJIFILMCCD-RAW", "raw"),
    (b"FOVb", "raw"),
    (b"\x00MRM", "raw"),
    (b"8BPS", "psd"),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", "jxl"),
    (b"\xff\x0a", "jxl"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "jp2"),
    (b"\xff\x4f\xff\x51", "jp2"),
    (b"\x00\x00\x01\x00", "ico"),
    (b"%!PS", "eps"),
    (b"\xc5\xd0\xd3\xc6", "eps"),
    (b"\x1a\x45\xdf\xa3", "video"),  # Matroska, WebM
)  # fmt: skip

_HEIC = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs", b"heif"}
_AVIF = {b"avif", b"avis"}
_EITHER = {b"mif1", b"msf1", b"miaf", b"MiHB", b"MiHA", b"mif2", b"1pic"}
_VIDEO = re.compile(
    rb"qt  |isom|iso[2-9]|mp4[12v]|mp7[1t]|M4V[ HP]|MSNV|3g[pgers2]\w|avc1|dash|mmp4|NDX[CHMPSX]"
    rb"|F4V |XAVC|hvc1|hev1|FACE|CAEP"
)
_OLD_MOVIE = {b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}
_DIB_HEADERS = {12, 16, 40, 52, 56, 64, 108, 124}
_TAG_MAKE, _TAG_SUBFILE, _TAG_SUB_DIRECTORIES, _TAG_DNG_VERSION = 0x10F, 0xFE, 0x14A, 0xC612
_RAW_MAKERS = (b"NIKON", b"SONY", b"PENTAX", b"SAMSUNG", b"Canon", b"RICOH", b"Hasselblad",
               b"Phase One", b"EPSON", b"EASTMAN KODAK", b"Kodak", b"LEAF", b"Mamiya")  # fmt: skip
_SVG = re.compile(rb"^(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?"
                  rb"(?:<!--.*?-->\s*|<!DOCTYPE\s+svg[^>\[]*(?:\[.*?\])?[^>]*>\s*|<\?.*?\?>\s*)*"
                  rb"<(?:\w+:)?svg[\s>/:]", re.DOTALL)  # fmt: skip


def sniff(head: bytes) -> str:
    """The media code of `domain.media` that these first bytes prove, "" when none.

    Args:
        head: the file's first `HEAD_BYTES`, or all of a shorter file.
    """
    for signature, code in _SIGNATURES:
        if head.startswith(signature):
            return code
    if head[:4] == b"RIFF":
        return {b"WEBP": "webp", b"AVI ": "video"}.get(head[8:12], "")
    if head[:2] == b"BM":
        size = int.from_bytes(head[14:18], "little")
        return "bmp" if size in _DIB_HEADERS else ""
    if head[:4] in {b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+"}:
        return "raw" if _is_raw(head) else "tiff"
    if head[4:8] == b"ftyp":
        return _brand(head)
    if head[4:8] in _OLD_MOVIE and int.from_bytes(head[:4], "big") not in range(2, 8):
        return "video"
    return "svg" if _SVG.match(head) else ""


def _brand(head: bytes) -> str:
    """The type an ISO base media file claims: its major brand, else its compatible ones.

    Source: ISO/IEC 14496-12 (ftyp), 23008-12 (HEIF brands), AV1 Image File Format.
    """
    end = min(int.from_bytes(head[:4], "big"), len(head))
    major = head[8:12]
    if major in _HEIC:
        return "heic"
    if major in _AVIF:
        return "avif"
    if major == b"crx ":
        return "raw"
    if major == b"jxl ":
        return "jxl"
    others = {head[at : at + 4] for at in range(16, end - 3, 4)}
    if major in _EITHER or (others & _EITHER and not _VIDEO.match(major)):
        return "avif" if others & _AVIF and not others & _HEIC else "heic"
    return "video" if _VIDEO.match(major) or any(map(_VIDEO.match, others)) else ""


def _is_raw(head: bytes) -> bool:
    """Whether a TIFF's first directory is that of a camera's RAW file."""
    order = "<" if head[:2] == b"II" else ">"
    if head[8:10] == b"CR" and head[:2] == b"II":
        return True
    at = struct.unpack(order + "I", head[4:8])[0] if len(head) >= 8 else 0
    table = head[at + 2 : at + 2 + 12 * 200]
    count = int.from_bytes(head[at : at + 2], "little" if order == "<" else "big")
    entries = {
        tag: (size, field)
        for tag, _, size, field in struct.iter_unpack(
            order + "HHI4s", table[: min(count, len(table) // 12) * 12]
        )
    }
    if _TAG_DNG_VERSION in entries:
        return True
    if _TAG_SUB_DIRECTORIES not in entries or _TAG_MAKE not in entries:
        return False
    size, field = entries[_TAG_MAKE]
    start = struct.unpack(order + "I", field)[0]
    maker = head[start : start + size] if size > 4 else field
    reduced = _TAG_SUBFILE in entries and entries[_TAG_SUBFILE][1] in {
        b"\1\0\0\0", b"\0\0\0\1",
    }  # fmt: skip
    return reduced and maker.startswith(_RAW_MAKERS)
