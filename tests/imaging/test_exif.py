"""EXIF: what is there is read, what is nonsense is absent."""

from __future__ import annotations

import struct
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gallery_app.imaging.exif import ExifTags, read_exif
from tests.picture_blocks import (
    Entry,
    exif_block,
    rational_entry,
    short_entry,
    text_entry,
    tiff_block,
)

SUMMER = datetime(2016, 7, 3, 14, 5, 6)  # noqa: DTZ001  # wall time


def _position(*entries: Entry) -> ExifTags:
    return read_exif(tiff_block([], [], entries, b""))


WHOLE = [(48, 1), (30, 1), (0, 1)]


@pytest.mark.parametrize("north", [48.13743, -33.85678, 0.00001, 89.9])
@pytest.mark.parametrize("east", [11.57549, -179.99999])
def test_positions_are_right_to_a_metre(north: float, east: float) -> None:
    found = read_exif(exif_block(gps=(north, east))).gps

    assert found is not None
    assert found == pytest.approx((north, east), abs=1e-5)


@pytest.mark.parametrize(
    "entries",
    [
        pytest.param([text_entry(1, "N"), rational_entry(2, WHOLE)], id="no longitude"),
        pytest.param([text_entry(1, "X"), rational_entry(2, WHOLE), text_entry(3, "E"),
                      rational_entry(4, WHOLE)], id="reference X"),
        pytest.param([rational_entry(2, WHOLE), rational_entry(4, WHOLE)], id="no references"),
        pytest.param([text_entry(1, "N"), rational_entry(2, [(480, 1), (0, 1), (0, 1)]),
                      text_entry(3, "E"), rational_entry(4, WHOLE)], id="480 degrees"),
        pytest.param([text_entry(1, "N"), rational_entry(2, [(48, 0), (0, 0), (0, 0)]),
                      text_entry(3, "E"), rational_entry(4, WHOLE)], id="n/0"),
        pytest.param([text_entry(1, "N"), rational_entry(2, [(0, 0), (0, 0), (0, 0)]),
                      text_entry(3, "E"), rational_entry(4, [(0, 0), (0, 0), (0, 0)])], id="0/0"),
        pytest.param([text_entry(1, "N"), rational_entry(2, [(48, 1)]), text_entry(3, "E"),
                      rational_entry(4, [(11, 1)])], id="one fraction"),
        pytest.param([text_entry(1, "N"), rational_entry(2, [(0, 1)] * 3), text_entry(3, "E"),
                      rational_entry(4, [(0, 1)] * 3), text_entry(9, "V")], id="void fix"),
    ],
)  # fmt: skip
def test_a_position_that_is_nonsense_is_none(entries: list[Entry]) -> None:
    assert _position(*entries).gps is None


def test_the_shutter_s_date_wins_over_the_digitized_one() -> None:
    entries = [text_entry(0x9003, "2016:07:03 14:05:06"), text_entry(0x9004, "2017:01:01 00:00:00")]

    moment, field = read_exif(tiff_block([], entries, [], b"")).taken or (None, "")

    assert moment is not None
    assert moment.at == SUMMER
    assert field == "ExifIFD:DateTimeOriginal"


def test_a_nonsense_date_leaves_the_next_one() -> None:
    entries = [text_entry(0x9003, "0000:00:00 00:00:00"), text_entry(0x9004, "2016:07:03 14:05:06")]

    moment, field = read_exif(tiff_block([], entries, [], b"")).taken or (None, "")

    assert moment is not None
    assert field == "ExifIFD:CreateDate"


def test_gps_time_gives_the_offset_a_camera_does_not_write() -> None:
    clock = rational_entry(7, [(12, 1), (5, 1), (1, 1)])
    tags = read_exif(
        tiff_block([], [text_entry(0x9003, "2016:07:03 14:05:06")],
                   [clock, text_entry(0x1D, "2016:07:03")], b"")
    )  # fmt: skip

    assert tags.taken is not None
    assert tags.taken[0].offset_minutes == 120


@pytest.mark.parametrize("value", [0, 9, 99, 65535])
def test_an_orientation_outside_one_to_eight_is_none(value: int) -> None:
    assert read_exif(tiff_block([short_entry(0x112, value)], [], [], b"")).orientation is None


@pytest.mark.parametrize("filler", ["OLYMPUS DIGITAL CAMERA", "   ", "SONY DSC"])
def test_a_camera_s_filler_is_no_caption(filler: str) -> None:
    assert read_exif(tiff_block([text_entry(0x10E, filler)], [], [], b"")).caption is None


def test_what_stands_behind_a_nul_is_not_text() -> None:
    tags = read_exif(tiff_block([text_entry(0x10F, "GoPro\0\x01junk")], [], [], b""))

    assert tags.main[0x10F] == "GoPro"


def test_the_embedded_thumbnail_is_found() -> None:
    small = b"\xff\xd8\xff\xe0 a small picture \xff\xd9"

    assert read_exif(exif_block(thumbnail=small)).thumbnail == small


@given(st.binary(max_size=300))
def test_no_block_is_an_error(junk: bytes) -> None:
    for start in (b"", b"Exif\0\0II*\0\x08\0\0\0", b"MM\0*\0\0\0\x08", b"II+\0\x08\0\0\0"):
        tags = read_exif(start + junk)
        assert tags.gps is None or abs(tags.gps[0]) <= 90
        assert tags.orientation in {None, *range(1, 9)}
        assert (tags.taken, tags.caption, tags.iso, tags.altitude_m) is not None


def test_directories_that_point_at_themselves_end() -> None:
    loop = b"II*\0\x08\0\0\0" + struct.pack("<HHHII", 1, 0x8769, 4, 1, 8) + struct.pack("<I", 8)

    assert read_exif(loop).taken is None


def test_a_trail_camera_s_date_is_in_its_maker_note() -> None:
    note = b"\x01\xf1" + bytes(20) + struct.pack("<6H", 6, 5, 14, 7, 3, 2016) + bytes(40)

    taken = read_exif(tiff_block([], [(0x927C, 7, note, len(note))], [], b"")).taken

    assert taken is not None
    assert (taken[0].at, taken[1]) == (SUMMER, "MakerNotes:DateTimeOriginal")
