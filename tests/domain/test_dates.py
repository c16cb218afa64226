"""Times of HTTP headers, sound and otherwise."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gallery_app.domain.dates import http_date

NOON = datetime(2026, 11, 26, 12, 0, tzinfo=timezone.utc)


class TestHttpDate:
    @pytest.mark.parametrize(
        "text",
        [
            "Thu, 26 Nov 2026 12:00:00 GMT",
            "Thu, 26 Nov 2026 13:00:00 +0100",
            "Thu, 26 Nov 2026 12:00:00 -0000",
            "Thursday, 26-Nov-26 12:00:00 GMT",
        ],
    )
    def test_is_one_moment_however_it_is_written(self, text: str) -> None:
        assert http_date(text) == NOON

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "yesterday",
            "Thu, 99 Nov 2026 12:00:00 GMT",
            "Thu, 26 Nov 9999999999999 12:00:00 GMT",
            "Thu, 26 Nov 2026 12:00:00 +99999999999999",
        ],
    )
    def test_that_cannot_be_is_none(self, text: str) -> None:
        assert http_date(text) is None

    @given(
        st.lists(
            st.sampled_from(
                ["Thu,", "26", "Nov", "2026", "12:00:00", "GMT", "+", "9" * 20, "(", ""]
            )
            | st.text(max_size=5),
            max_size=9,
        )
    )
    def test_of_any_text_can_be_counted_with(self, parts: list[str]) -> None:
        at = http_date(" ".join(parts))

        assert at is None or isinstance(at - NOON, timedelta)
