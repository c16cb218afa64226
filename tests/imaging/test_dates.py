"""Dates are believed only when they exist."""

from __future__ import annotations

from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gallery_app.imaging.dates import (
    Moment,
    offset_from_utc,
    parse_iptc,
    parse_name,
    parse_offset,
    parse_stamp,
)

SUMMER = datetime(2016, 7, 3, 14, 5, 6)  # noqa: DTZ001  # wall time


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        pytest.param("2016:07:03 14:05:06", Moment(SUMMER), id="EXIF"),
        pytest.param("2016-07-03T14:05:06+02:00", Moment(SUMMER, 120), id="XMP with offset"),
        pytest.param("2016-07-03T14:05:06Z", Moment(SUMMER, 0), id="UTC"),
        pytest.param("2016:07:03 14:05", Moment(SUMMER.replace(second=0)), id="no seconds"),
        pytest.param("2016-07-03T14:05:06.25", Moment(SUMMER.replace(microsecond=250_000)),
                     id="fraction"),
        pytest.param("2016-07-03", Moment(datetime(2016, 7, 3)), id="day alone"),  # noqa: DTZ001
    ],
)  # fmt: skip
def test_a_stamp_is_read_as_written(text: str, moment: Moment) -> None:
    assert parse_stamp(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "0000:00:00 00:00:00", "2016:02:30 10:00:00", "9999:12:31 23:59:59", "2016:07:03 14:05:60",
        "2016:13:01 00:00:00", "2016:07:03 24:00:00", "    :  :     :  :  ", "", "soon",
        "1066:10:14 09:00:00", "2016:07:00 10:00:00",
    ],
)  # fmt: skip
def test_a_date_that_does_not_exist_is_none(text: str) -> None:
    assert parse_stamp(text) is None


@given(st.text(max_size=40))
def test_no_text_is_an_error(text: str) -> None:
    for read in (parse_stamp, parse_name):
        found = read(text)
        assert found is None or 1826 <= found.at.year <= 2100
    parse_offset(text)
    parse_iptc(text, text)


@pytest.mark.parametrize(
    ("text", "minutes"),
    [("+02:00", 120), ("-0330", -210), ("Z", 0), ("+15:00", None), ("+02:75", None), ("", None)],
)
def test_an_offset_is_minutes_east_of_utc(text: str, minutes: int | None) -> None:
    assert parse_offset(text) == minutes


def test_iptc_dates_join_day_and_clock() -> None:
    assert parse_iptc("20160703", "140506+0200") == Moment(SUMMER, 120)
    assert parse_iptc("20160703", "") == Moment(SUMMER.replace(hour=0, minute=0, second=0))


@pytest.mark.parametrize(
    "name",
    ["IMG_20160703_140506.jpg", "PXL_20160703_140506123.jpg", "2016-07-03 14.05.06.png",
     "Screenshot 2016-07-03 at 14.05.06.png", "20160703_140506(1).jpg"],
)  # fmt: skip
def test_a_phone_s_file_name_has_a_date(name: str) -> None:
    assert parse_name(name) == Moment(SUMMER)


@pytest.mark.parametrize(
    "name", ["2019-02-30 99.99.99.jpg", "IMG_0001.JPG", "123456789012345678.jpg"]
)
def test_other_names_have_none(name: str) -> None:
    assert parse_name(name) is None


def test_gps_time_tells_the_zone_only_when_it_is_of_the_same_moment() -> None:
    assert offset_from_utc(SUMMER, SUMMER.replace(hour=12, second=40)) == 120
    assert offset_from_utc(SUMMER, SUMMER.replace(hour=8, minute=35)) == 330
    assert offset_from_utc(SUMMER, SUMMER.replace(hour=12, minute=17)) is None
