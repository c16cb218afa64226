"""Forged links, keys and tokens are counted by client, and whoever tries many has to wait."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

from gallery_app.api.guards import BadLinkThrottle
from tests.api.conftest import Clock


def test_the_throttle_lets_a_client_go_on_when_its_window_is_over() -> None:
    clock = Clock()
    throttle = BadLinkThrottle(limit=3, window_s=60, clock=clock.monotonic)

    for _ in range(3):
        throttle.note("a")
    assert throttle.wait_s("a") == 60
    assert throttle.wait_s("b") == 0
    clock.pass_s(59.5)
    assert throttle.wait_s("a") == 1
    clock.pass_s(0.5)
    assert throttle.wait_s("a") == 0


def test_the_throttle_forgets_those_it_saw_longest_ago_first() -> None:
    throttle = BadLinkThrottle(limit=1, most_clients=2, clock=Clock().monotonic)

    for client in ("a", "b", "c"):
        throttle.note(client)

    assert [throttle.wait_s(c) > 0 for c in ("a", "b", "c")] == [False, True, True]


def test_the_throttle_counts_what_many_threads_tell_it() -> None:
    throttle = BadLinkThrottle(limit=4_000, clock=Clock().monotonic)
    switched_s = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(throttle.note, ["a"] * 4_000))
    finally:
        sys.setswitchinterval(switched_s)

    assert throttle.wait_s("a") > 0
