"""One budget for all who ask: learned, shared, and never spent to its end."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import pytest

from gallery_app.connectors.base import Tools
from gallery_app.connectors.rate import WHOLE, Rate
from gallery_app.domain.errors import Upstream, UpstreamThrottled
from tests.connectors.wire import BEGAN, Time


@pytest.fixture
def time() -> Time:
    return Time()


def told(total: str, remaining: str) -> dict[str, str]:
    return {"x-ratelimit-total": total, "x-ratelimit-remaining": remaining}


def test_an_unknown_remote_is_asked_without_waiting(time: Time) -> None:
    rate = Rate()

    for _ in range(1000):
        rate.acquire(tools=time.tools)

    assert time.waits == []
    assert rate.budget(1000.0)[:3] == (None, None, None)


def test_a_fixed_number_per_minute_is_kept(time: Time) -> None:
    rate = Rate(fixed=10)

    for _ in range(25):
        rate.acquire(tools=time.tools)

    assert time.waits == [60.0, 60.0]
    assert rate.budget(1000.0)[:3] == (10, None, 10)


def test_a_share_of_the_limit_is_ours(time: Time) -> None:
    rate = Rate(share=0.6)
    rate.learn(told("100", "100"), 1000.0)

    for _ in range(60):
        rate.acquire(tools=time.tools)
    assert time.waits == []

    rate.acquire(tools=time.tools)
    assert time.waits == [60.0]


def test_a_request_that_counts_for_three_is_paid_thrice(time: Time) -> None:
    rate = Rate(fixed=10)

    for _ in range(4):
        rate.acquire(cost=3, tools=time.tools)

    assert time.waits == [60.0]


def test_one_that_costs_more_than_the_whole_waits_for_an_empty_minute_only(time: Time) -> None:
    rate = Rate(fixed=2)

    rate.acquire(cost=3, tools=time.tools)
    rate.acquire(cost=3, tools=time.tools)

    assert time.waits == [60.0]


def test_the_last_tenth_is_left_to_people(time: Time) -> None:
    rate = Rate(share=1.0, reserve=0.1)
    rate.learn(told("100.0", "10.0"), 1000.0)
    time.passed_s = 20

    rate.acquire(tools=time.tools)

    assert time.waits == [40.0]


def test_our_own_requests_are_taken_off_until_the_next_answer(time: Time) -> None:
    rate = Rate(share=1.0, reserve=0.1)
    rate.learn(told("100", "12"), 1000.0)

    for _ in range(3):
        rate.acquire(tools=time.tools)

    assert time.waits == [60.0]


def test_what_was_left_a_minute_ago_means_nothing(time: Time) -> None:
    rate = Rate()
    rate.learn(told("100", "0"), 1000.0)

    assert rate.budget(1059.0)[:3] == (100, 0, 60)
    assert rate.budget(1060.0)[:3] == (100, None, 60)


@pytest.mark.parametrize("total", ["", "x", "nan", "inf", "0", "-5"])
def test_a_limit_that_is_none_is_passed_over(total: str) -> None:
    rate = Rate()

    rate.learn(told(total, "x"), 1000.0)

    assert rate.budget(1000.0)[:3] == (None, None, None)


def test_a_limit_of_one_still_lets_us_ask(time: Time) -> None:
    rate = Rate()
    rate.learn(told("1", "1"), 1000.0)

    rate.acquire(tools=time.tools)

    assert time.waits == []


def test_a_lane_has_a_limit_of_its_own_within_the_whole(time: Time) -> None:
    rate = Rate(lanes={"list": 20}, share=0.6)
    rate.learn(told("200", "200"), 1000.0)

    for _ in range(12):
        rate.acquire("list", tools=time.tools)
    for _ in range(108):
        rate.acquire(tools=time.tools)
    assert time.waits == []

    rate.acquire(tools=time.tools)
    assert time.waits == [60.0]


def test_a_full_lane_holds_nobody_else_up(time: Time) -> None:
    rate = Rate()
    rate.limit_lane("list", 5)

    for _ in range(3):
        rate.acquire("list", tools=time.tools)
    rate.acquire(tools=time.tools)
    assert time.waits == []

    rate.acquire("list", tools=time.tools)
    assert time.waits == [60.0]


def test_a_lane_that_gets_its_limit_late_counts_what_was_asked_before(time: Time) -> None:
    rate = Rate(share=1.0)
    for _ in range(5):
        rate.acquire("list", tools=time.tools)
    time.passed_s += 20

    rate.limit_lane("list", 5)
    rate.acquire("other", tools=time.tools)
    rate.acquire("list", tools=time.tools)

    assert time.waits == [40.0]


def test_a_request_is_as_cheap_after_many_as_after_few(time: Time) -> None:
    rate = Rate(fixed=100_000)
    looked: list[int] = []

    class Counted(deque[tuple[float, int]]):
        def __iter__(self) -> Iterator[tuple[float, int]]:
            for item in super().__iter__():
                looked.append(1)
                yield item

    rate._spent[WHOLE].requests = Counted()
    for _ in range(100_001):
        rate.acquire(tools=time.tools)

    assert time.waits == [60.0]
    assert len(looked) == 1


def test_a_rest_is_kept_by_all(time: Time) -> None:
    rate = Rate()
    rate.rest(30, 1000.0)

    rate.acquire(tools=time.tools)

    assert time.waits == [30.0]


def test_a_rest_beyond_patience_is_told(time: Time) -> None:
    rate = Rate()
    rate.rest(120.2, 1000.0)

    with pytest.raises(UpstreamThrottled) as error:
        rate.acquire(tools=time.tools, patience_s=90, source="Acme")

    assert (error.value.retry_after_s, error.value.source) == (121, "Acme")


def test_a_wish_to_stop_ends_the_wait() -> None:
    rate = Rate(fixed=1)
    stopping = Time(stop_after=1)
    rate.acquire(tools=stopping.tools)

    with pytest.raises(Upstream, match="stopping"):
        rate.acquire(tools=stopping.tools)


def test_threads_share_one_lane() -> None:
    lock = Lock()
    passed_s = [0.0]
    spent_at: list[float] = []

    def wait(seconds: float) -> bool:
        with lock:
            passed_s[0] += 1.0  # others may have waited as well: look again soon
        return False

    tools = Tools(lambda: BEGAN, lambda: passed_s[0], wait, lambda: 0.5, "x")
    rate = Rate(lanes={"list": 10}, share=1.0)

    def ask(_: int) -> None:
        for _ in range(5):
            rate.acquire("list", tools=tools)
            with lock:
                spent_at.append(passed_s[0])

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(8)))

    assert len(spent_at) == 40
    assert max(spent_at) >= 180


class Account:
    """A remote whose limit is counted anew as often as it says, and nowhere said for how long."""

    def __init__(self, total: int, window_s: int, time: Time) -> None:
        self.total, self.window_s, self.time = total, window_s, time
        self.spent: dict[int, int] = {}
        self.asked_s: list[float] = []

    def ask(self, rate: Rate) -> None:
        """One request, half a second long."""
        rate.acquire(tools=self.time.tools)
        now_s = self.time.tools.monotonic()
        window = int(now_s // self.window_s)
        self.spent[window] = self.spent.get(window, 0) + 1
        self.asked_s.append(now_s)
        rate.learn(told(str(self.total), str(self.total - self.spent[window])), now_s)
        self.time.passed_s += 0.5

    def in_the_last_minute(self) -> int:
        """How often it was asked then."""
        return sum(at > self.asked_s[-1] - 60 for at in self.asked_s)


@pytest.mark.parametrize("total", [1000, 3000, 5000])
def test_what_an_account_allows_in_an_hour_is_spent_evenly(time: Time, total: int) -> None:
    rate, account = Rate(share=0.6), Account(total, 3600, time)

    for _ in range(total):
        account.ask(rate)

    assert max(account.spent.values()) <= 0.62 * total
    assert account.in_the_last_minute() <= total * 0.6 / 60
    assert rate.budget(time.tools.monotonic())[2:] == (int(total * 0.6), 3600)
    assert max(time.waits) <= 60  # nobody waits long for the next one


def test_an_account_as_large_that_counts_minutes_is_found_out(time: Time) -> None:
    rate, account = Rate(share=0.6), Account(2000, 60, time)

    for _ in range(300):
        account.ask(rate)

    assert account.in_the_last_minute() >= 100
    assert rate.budget(time.tools.monotonic())[2:] == (1200, 60)


def test_a_plan_that_counts_minutes_is_never_taken_for_another(time: Time) -> None:
    rate, account = Rate(), Account(200, 60, time)

    for _ in range(600):
        account.ask(rate)

    assert rate.budget(time.tools.monotonic())[2:] == (120, 60)
    assert time.passed_s < 600


def test_who_is_told_to_wait_longer_than_a_minute_is_limited_by_the_hour(time: Time) -> None:
    rate = Rate(share=0.6)
    rate.learn(told("600", "0"), 1000.0)

    rate.rest(1800, 1000.0)
    assert rate.budget(1000.0).window_s == 60  # an outage says nothing of limits
    rate.rest(1800, 1000.0, spent=True)

    assert rate.budget(1000.0) == (600, 0, 360, 3600)


def test_one_long_wait_does_not_slow_a_plan_by_the_minute_for_good(time: Time) -> None:
    """As a server asks for whose clock is wrong."""
    rate, account = Rate(share=0.6), Account(400, 60, time)
    account.ask(rate)
    rate.rest(600, time.tools.monotonic(), spent=True)
    assert rate.budget(time.tools.monotonic()).window_s == 3600
    time.passed_s += 600

    while time.passed_s < 3 * 3600:
        account.ask(rate)

    assert account.in_the_last_minute() >= 100
    assert rate.budget(time.tools.monotonic()).window_s == 60


def test_an_hour_that_was_taken_for_a_minute_is_found_out_as_it_is_spent(time: Time) -> None:
    rate = Rate(share=0.6)
    for now_s, left in ((0, 2900), (1, 2990), (2, 2900), (3, 2990)):  # answers in disorder
        rate.learn(told("3000", str(left)), 1000.0 + now_s)
    before = rate.budget(1003.0).window_s

    rate.learn(told("3000", "1400"), 1200.0)

    assert (before, rate.budget(1200.0).window_s) == (60, 3600)
