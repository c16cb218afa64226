"""Errands to remotes: shared, few at a time, and none in the way of another source's."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from unittest.mock import Mock

import pytest

from gallery_app.domain.errors import NotReady, UpstreamGone
from gallery_app.domain.model import SourceId
from gallery_app.services.errands import MOST, PER_SOURCE, Errands

ONE, OTHER = SourceId(1), SourceId(2)


@pytest.fixture
def hang() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def test_two_who_want_the_same_share_one(hang: threading.Event) -> None:
    errands, done = Errands(), []

    def slow() -> str:
        hang.wait(60)
        done.append(1)
        return "it"

    first, second = errands.run("a", ONE, slow), errands.run("a", ONE, slow)
    hang.set()

    assert (first.result(60), second.result(60)) == ("it", "it")
    assert done == [1]


def test_a_source_has_so_many_under_way_at_a_time(hang: threading.Event) -> None:
    errands, begun = Errands(), threading.Semaphore(0)
    running: list[int] = []

    def slow() -> int:
        running.append(1)
        begun.release()
        hang.wait(60)
        running.pop()
        return len(running)

    futures = [errands.run(number, ONE, slow) for number in range(PER_SOURCE + 2)]
    for _ in range(PER_SOURCE):
        assert begun.acquire(timeout=60)

    assert len(running) == PER_SOURCE
    hang.set()
    assert all(future.result(60) < PER_SOURCE for future in futures)


def test_a_source_that_hangs_leaves_room_for_the_others(hang: threading.Event) -> None:
    errands = Errands()
    for number in range(MOST):
        errands.run(number, ONE, lambda: hang.wait(60))

    with pytest.raises(NotReady):
        errands.run("one more", ONE, lambda: "never").result(60)
    assert errands.run("b", OTHER, lambda: "it").result(60) == "it"


def test_whoever_waits_hears_of_a_failure() -> None:
    def gone() -> None:
        raise UpstreamGone

    def bursts() -> None:
        raise RuntimeError("boom")

    with pytest.raises(UpstreamGone):
        Errands().run("a", ONE, gone).result(60)
    with pytest.raises(NotReady):
        Errands().run("a", ONE, bursts).result(60)


def test_one_that_gets_no_thread_is_told_to_come_back_and_may(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    errands = Errands()
    with monkeypatch.context() as crowded:
        crowded.setattr(threading.Thread, "start", Mock(side_effect=RuntimeError))
        refused = errands.run("a", ONE, lambda: "it")

    assert isinstance(refused.exception(10), NotReady)
    assert errands.run("a", ONE, lambda: "it").result(60) == "it"
