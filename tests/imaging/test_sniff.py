"""What a file is follows from its content alone."""

from __future__ import annotations

import struct

import pytest

from gallery_app.domain.media import MEDIA_TYPES
from gallery_app.imaging.sniff import sniff
from tests.picture_blocks import long_entry, text_entry, tiff_block
from tests.pictures import FORMATS, make_picture


@pytest.mark.parametrize("kind", FORMATS)
def test_every_shown_format_is_known_by_its_first_bytes(kind: str) -> None:
    head = make_picture(f"64x48 {kind}")[:4096]

    assert sniff(head) == kind
    assert MEDIA_TYPES[kind].shown


@pytest.mark.parametrize(
    ("head", "code"),
    [
        pytest.param(b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", "avif", id="mif1 with avif inside"),
        pytest.param(b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "heic", id="mif1 with heic inside"),
        pytest.param(b"\0\0\0\x18ftypmsf1\0\0\0\0hevcmsf1", "heic", id="HEIF sequence"),
        pytest.param(b"\0\0\0\x14ftypcrx \0\0\0\0isom", "raw", id="CR3"),
        pytest.param(b"\0\0\0\x18ftypisom\0\0\0\0mp42avc1", "video", id="MP4"),
        pytest.param(b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "video", id="QuickTime"),
        pytest.param(b"\0\0\x10\0moov\0\0\0\0", "video", id="QuickTime before ftyp"),
        pytest.param(b"\x1a\x45\xdf\xa3\x01", "video", id="Matroska"),
        pytest.param(b"RIFF\0\0\0\0AVI LIST", "video", id="AVI"),
        pytest.param(b"RIFF\0\0\0\0WAVEfmt ", "", id="sound is nothing we know"),
        pytest.param(b"II+\0\x08\0\0\0\x10\0\0\0\0\0\0\0", "tiff", id="BigTIFF"),
        pytest.param(b"II*\0\x10\0\0\0CR\x02\0", "raw", id="CR2"),
        pytest.param(b"FUJIFILMCCD-RAW 0201", "raw", id="RAF"),
        pytest.param(b"8BPS\0\x01", "psd", id="Photoshop"),
        pytest.param(b"<?xml version='1.0'?>\n<!-- x --><svg xmlns='", "svg", id="SVG"),
        pytest.param(b"%!PS-Adobe-3.0 EPSF", "eps", id="PostScript"),
        pytest.param(b"\0\0\0\x0cJXL \r\n\x87\n", "jxl", id="JPEG XL"),
        pytest.param(b"<!DOCTYPE html><svg>", "", id="HTML is no SVG"),
        pytest.param(b"#EXTM3U\nhttp://x/", "", id="playlist"),
        pytest.param(b"ffconcat version 1.0", "", id="ffconcat"),
        pytest.param(b"BM\0\0\0\0\0\0\0\0\0\0\0\0\xff\0\0\0", "", id="BM without a header size"),
        pytest.param(b"\x7fELF", "", id="program"),
        pytest.param(b"", "", id="nothing"),
    ],
)
def test_a_head_is_told_by_its_signature(head: bytes, code: str) -> None:
    assert sniff(head) == code


def test_a_dng_is_raw_although_it_is_a_tiff_inside() -> None:
    dng = tiff_block([text_entry(0x10F, "Pentax"), long_entry(0xC612, 0x0401)], [], [], b"")

    assert sniff(dng) == "raw"


def test_a_nef_is_raw_because_its_first_directory_is_a_thumbnail() -> None:
    entries = [long_entry(0xFE, 1), text_entry(0x10F, "NIKON"), long_entry(0x14A, 200)]

    assert sniff(tiff_block(entries, [], [], b"")) == "raw"


def test_a_scan_with_a_maker_and_no_sub_directories_stays_a_tiff() -> None:
    entries = [long_entry(0x100, 10), text_entry(0x10F, "Canon")]

    assert sniff(tiff_block(entries, [], [], b"")) == "tiff"


@pytest.mark.parametrize("cut", [0, 1, 3, 7, 9, 20])
def test_a_cut_head_is_no_error(cut: int) -> None:
    for kind in FORMATS:
        assert isinstance(sniff(make_picture(f"16x16 {kind}")[:cut]), str)
    assert isinstance(sniff(b"II*\0" + struct.pack("<I", 1 << 31)), str)
