"""A thing is ready when it stood still; the clock moves when told."""

from __future__ import annotations

import pytest

from gallery_app.connectors.settle import Settler


@pytest.fixture
def settler() -> Settler[str]:
    return Settler(quiet_s=2, longest_s=10)


def test_a_key_is_due_once_it_stood_still(settler: Settler[str]) -> None:
    settler.note("a", 100)

    assert settler.due(101.9) == []
    assert settler.due(102) == ["a"]


def test_each_key_is_given_once(settler: Settler[str]) -> None:
    settler.note("a", 100)
    settler.due(110)

    assert settler.due(120) == []
    assert len(settler) == 0


def test_another_note_starts_the_wait_anew(settler: Settler[str]) -> None:
    settler.note("a", 100)
    settler.note("a", 101)

    assert settler.due(102.5) == []
    assert settler.due(103) == ["a"]


def test_a_key_that_never_stands_still_is_given_all_the_same(settler: Settler[str]) -> None:
    given: list[int] = []
    for now in range(100, 130):
        settler.note("a", now)
        given.extend(now for _ in settler.due(now))

    assert given == [110, 121]


def test_the_longest_waiting_key_comes_first(settler: Settler[str]) -> None:
    for now, key in enumerate("cab"):
        settler.note(key, now)
    settler.note("c", 3)

    assert settler.due(10) == ["c", "a", "b"]


def test_a_long_quiet_time_is_not_cut_short() -> None:
    settler: Settler[str] = Settler(quiet_s=60, longest_s=10)
    settler.note("a", 0)

    assert settler.due(59) == []
