"""How long until the next try: pure, so every answer is known beforehand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gallery_app.connectors.retry import backoff_s, told_s, worth_another
from tests.connectors.wire import BEGAN


@given(failed=st.integers(1, 10_000), chance=st.floats(0, 1, exclude_max=True))
def test_a_wait_lies_between_a_second_and_five_minutes(failed: int, chance: float) -> None:
    assert 1.0 <= backoff_s(failed, chance) <= 300.0


@given(failed=st.integers(1, 8))
def test_waits_double(failed: int) -> None:
    assert backoff_s(failed + 1, 0.5) == 2 * backoff_s(failed, 0.5)


def test_chance_spreads_a_wait_by_half_of_it() -> None:
    assert backoff_s(5, 0.0) == 8.0
    assert backoff_s(5, 0.999) == pytest.approx(24, abs=0.1)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("34", 34.0),
        ("0", 0.0),
        ("99999", 3600.0),
        ("-1", 0.0),
        ("Thu, 26 Nov 2026 12:01:00 GMT", 60.0),
        ("Thu, 26 Nov 2026 13:01:00 +0100", 60.0),
        ("Thu, 26 Nov 2026 12:01:00 -0000", 60.0),
        ("Thu, 26 Nov 2026 11:00:00 GMT", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 3600.0),
        ("Thu, 99 Nov 2026 12:01:00 GMT", None),
        ("Thu, 26 Nov 9999999999999 12:01:00 GMT", None),
        ("Thu, 26 Nov 2026 12:01:00 +99999999999999", None),
        ("inf", None),
        ("nan", None),
        ("", None),
        ("soon", None),
    ],
)
def test_what_a_remote_tells_is_believed_for_an_hour_at_most(
    said: str, seconds: float | None
) -> None:
    assert told_s({"retry-after": said}, BEGAN) == seconds


def test_nothing_said_is_nothing_told() -> None:
    assert told_s({}, BEGAN) is None


def test_only_what_may_pass_is_worth_another_try() -> None:
    assert [s for s in range(200, 600) if worth_another(s)] == [
        408,
        429,
        *(s for s in range(500, 600) if s not in {501, 505}),
    ]
