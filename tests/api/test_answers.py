"""Ranges, conditions and file names, as values."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gallery_app.api.answers import disposition, dumps, is_unchanged, parse_range


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(b"bytes=0-0", (0, 1), id="the first byte"),
        pytest.param(b"bytes=0-99", (0, 100), id="all of it"),
        pytest.param(b"bytes=10-", (10, 100), id="from a byte on"),
        pytest.param(b"bytes=90-1000", (90, 100), id="past the end is cut"),
        pytest.param(b"bytes=-1", (99, 100), id="the last byte"),
        pytest.param(b"bytes=-1000", (0, 100), id="a suffix longer than the file"),
        pytest.param(b"BYTES = 5-6", (5, 7), id="unit in capitals with blanks"),
        pytest.param(b"bytes=100-", False, id="beginning at the end"),
        pytest.param(b"bytes=5000-6000", False, id="beyond the end"),
        pytest.param(b"bytes=-0", False, id="no last bytes"),
        pytest.param(b"bytes=0-1,5-6", None, id="two ranges give the whole"),
        pytest.param(b"bytes=" + b",".join([b"0-0"] * 5000), None, id="5000 ranges"),
        pytest.param(b"bytes=9-3", None, id="reversed"),
        pytest.param(b"bytes=-", None, id="no numbers"),
        pytest.param(b"bytes=a-b", None, id="letters"),
        pytest.param(b"bytes=1-b", None, id="half letters"),
        pytest.param(b"bytes=--1", None, id="two dashes"),
        pytest.param(b"items=0-1", None, id="another unit"),
        pytest.param(b"0-1", None, id="no unit"),
        pytest.param(b"bytes=" + b"9" * 5000 + b"-", None, id="a number of 5000 digits"),
        pytest.param("bytes=١-٢".encode(), None, id="Arabic digits"),
    ],
)
def test_a_range_of_a_hundred_bytes_is_read_as_http_says(
    text: bytes, expected: tuple[int, int] | bool | None
) -> None:
    assert parse_range(text, 100) == expected


@given(st.binary(max_size=40), st.integers(0, 10_000))
def test_no_range_ever_leaves_the_file(text: bytes, size: int) -> None:
    span = parse_range(b"bytes=" + text, size)

    if isinstance(span, tuple):
        assert 0 <= span[0] < span[1] <= size


@pytest.mark.parametrize(
    ("held", "same"),
    [
        pytest.param(b'"a"', True, id="the very tag"),
        pytest.param(b'W/"a"', True, id="the tag, weakly"),
        pytest.param(b'"b", "a"', True, id="one of several"),
        pytest.param(b"*", True, id="any"),
        pytest.param(b'"b"', False, id="another"),
        pytest.param(b"a", False, id="without quotes"),
        pytest.param(b"", False, id="none"),
    ],
)
def test_a_client_holds_a_version_when_its_tag_is_among_those_named(
    held: bytes, same: bool
) -> None:
    assert is_unchanged(held, b'"a"') is same


@pytest.mark.parametrize(
    "name",
    [
        pytest.param('a"b\r\nSet-Cookie: x=1.jpg', id="quote and line break"),
        pytest.param("../../etc/passwd", id="path"),
        pytest.param("..\\..\\windows", id="backslashes"),
        pytest.param("Möwe ☀.jpg", id="not ASCII"),
        pytest.param("\ud800.jpg", id="half a surrogate"),
        pytest.param("", id="empty"),
        pytest.param("100%25.jpg", id="percent signs"),
    ],
)
def test_no_file_name_can_leave_its_header(name: str) -> None:
    header = disposition(name, inline=False)

    assert header.startswith(b'attachment; filename="')
    assert not set(header) & set(b"\r\n\\/")
    assert header.count(b'"') == 2


def test_a_file_name_comes_back_exactly_for_those_who_read_utf_8() -> None:
    header = disposition("Möwe.jpg", inline=True)

    assert header == b"inline; filename=\"M_we.jpg\"; filename*=UTF-8''M%C3%B6we.jpg"


def test_json_writes_dates_in_iso_8601() -> None:
    from datetime import datetime, timezone

    assert dumps(datetime(2026, 1, 2, tzinfo=timezone.utc)) == b'"2026-01-02T00:00:00+00:00"'
