"""A remote that keeps failing is left alone, longer each time."""

from __future__ import annotations

from gallery_app.services.breaker import next_pause_s


def test_the_first_four_failures_pause_nothing() -> None:
    assert [next_pause_s(failures) for failures in range(5)] == [None] * 5


def test_pauses_grow_to_an_hour_and_stay_there() -> None:
    minutes = [(next_pause_s(failures) or 0) / 60 for failures in (5, 6, 7, 8, 9, 1000)]

    assert minutes == [1, 5, 15, 60, 60, 60]
