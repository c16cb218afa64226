"""How often a remote may be asked: one budget for all threads of a source, learned as it goes.

Of what the remote allows we take a **share**, and stop when what it has left falls below a
**reserve**: people and other programs live on the same account. A **lane** is a kind of request
with a limit of its own (Freshdesk's ticket list), counted within the whole as well. What is
allowed in an hour (`window.py`) is spent evenly, minute by minute.
"""

from __future__ import annotations

import math
import threading
from collections import defaultdict, deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from gallery_app.connectors.base import Tools
from gallery_app.connectors.window import Window
from gallery_app.domain.errors import Upstream, UpstreamThrottled
from gallery_app.domain.remote import Budget

MINUTE_S = 60.0  # what is spent is counted by it
WHOLE = ""  # the lane that every request is in
TOTAL, REMAINING = "x-ratelimit-total", "x-ratelimit-remaining"
STOPPING = "The gallery, or this source, is stopping; it goes on later."


class Rate:
    """A budget that threads share.

    Args:
        fixed: requests per minute that are never exceeded, whatever the remote allows.
        share: of the limit that the remote tells, for a minute or an hour, the part we take.
        reserve: of the limit, the part that is left to others.
        lanes: limits per minute of kinds of requests, as the remote has them.
    """

    def __init__(
        self,
        *,
        fixed: int | None = None,
        share: float = 0.6,
        reserve: float = 0.1,
        lanes: Mapping[str, int] | None = None,
    ) -> None:
        self._fixed = fixed
        self._share = share
        self._reserve = reserve
        self._lock = threading.Lock()
        self._lanes = dict(lanes or {})
        self._window = Window()
        self._limit: int | None = None
        self._remaining: int | None = None
        self._learned_s = -math.inf
        self._rest_until_s = -math.inf
        self._spent: defaultdict[str, _Minute] = defaultdict(_Minute)  # by lane

    def limit_lane(self, lane: str, per_minute: int) -> None:
        """From now on requests of this lane have that limit at the remote."""
        with self._lock:
            self._lanes[lane] = per_minute

    def acquire(
        self,
        lane: str = "",
        cost: int = 1,
        *,
        tools: Tools,
        patience_s: float = 90.0,
        source: str = "",
    ) -> None:
        """Wait for the right to ask, and count it.

        Args:
            lane: the kind of request; "" is none in particular.
            cost: what the remote counts it as.
            tools: the clock and the wait.
            patience_s: a longer rest that the remote asked for raises instead.
            source: named in errors.

        Raises:
            UpstreamThrottled: the remote asked for a longer rest.
            Upstream: the gallery is stopping.
        """
        while True:
            with self._lock:
                now_s = tools.monotonic()
                rest_s = self._rest_until_s - now_s
                if rest_s > patience_s:
                    raise UpstreamThrottled(source=source, retry_after_s=math.ceil(rest_s))
                wait_s = max(rest_s, self._wait_s(lane, cost, now_s))
                if wait_s <= 0:
                    self._spend(lane, cost, now_s)
                    return
            if tools.wait(wait_s):
                raise Upstream(source=source, reason=STOPPING)

    def learn(self, headers: Mapping[str, str], now_s: float) -> None:
        """Take in what an answer says of the budget. Names of `headers` are in small letters."""
        total, remaining = _number(headers.get(TOTAL)), _number(headers.get(REMAINING))
        with self._lock:
            if total is not None and total > 0:
                self._limit = total
            if remaining is not None:
                self._remaining, self._learned_s = remaining, now_s
                if self._limit is not None:
                    self._window.learn(self._limit, remaining, now_s)

    def rest(self, seconds: float, now_s: float, *, spent: bool = False) -> None:
        """Nobody asks for so long: the remote said so; `spent`: since its limit was reached."""
        with self._lock:
            if spent:
                self._window.told_to_wait(seconds, now_s)
            self._rest_until_s = max(self._rest_until_s, now_s + seconds)

    def budget(self, now_s: float) -> Budget:
        """The limit, what is left of it, and our part, for its minute or hour."""
        with self._lock:
            minutes = self._minutes() if self._limit is not None else 1
            limit = self._limit if self._limit is not None else self._fixed
            left = self._left(now_s, minutes * MINUTE_S)
            return Budget(limit, left, self._ours(minutes), int(minutes * MINUTE_S))

    def _minutes(self) -> float:
        return self._window.seconds / MINUTE_S

    def _ours(self, minutes: float) -> int | None:
        """What we may ask in so many minutes."""
        part = self._share * minutes / self._minutes()
        learned = None if self._limit is None else max(1, int(self._limit * part))
        fixed = None if self._fixed is None else int(self._fixed * minutes)
        known = [cap for cap in (fixed, learned) if cap is not None]
        return min(known) if known else None

    def _left(self, now_s: float, good_s: float = MINUTE_S) -> int | None:
        """What the remote has left for us all; None when that was said too long ago."""
        return self._remaining if now_s - self._learned_s < good_s else None

    def _wait_s(self, lane: str, cost: int, now_s: float) -> float:
        waits = [self._spent[WHOLE].room_s(self._ours(1), cost, now_s)]
        if lane in self._lanes:
            ours = max(1, int(self._lanes[lane] * self._share))
            waits.append(self._spent[lane].room_s(ours, cost, now_s))
        left = self._left(now_s)
        if left is not None and self._limit is not None and left - cost < self._floor():
            waits.append(self._learned_s + MINUTE_S - now_s)
        return max(waits)

    def _floor(self) -> int:
        """Below it we stop; a limit so small that nothing were left for us has no floor."""
        assert self._limit is not None  # noqa: S101  # asked by its only caller
        return math.ceil(self._limit * self._reserve) if self._limit > 1 else 0

    def _spend(self, lane: str, cost: int, now_s: float) -> None:
        for name in {WHOLE, lane}:
            self._spent[name].add(cost, now_s)
        if self._remaining is not None:
            self._remaining -= cost


@dataclass(slots=True)
class _Minute:
    """What was spent in one lane within the last minute; each request costs a few steps in all."""

    requests: deque[tuple[float, int]] = field(default_factory=deque)  # when, cost; oldest first
    total: int = 0

    def add(self, cost: int, now_s: float) -> None:
        self._forget(now_s)
        self.requests.append((now_s, cost))
        self.total += cost

    def room_s(self, cap: int | None, cost: int, now_s: float) -> float:
        """Seconds until `cost` more fits below `cap`; more than the cap fits alone."""
        self._forget(now_s)
        if cap is None:
            return 0.0
        over = self.total + min(cost, cap) - cap
        if over <= 0:
            return 0.0
        for at, spent in self.requests:  # no more of them than there is over
            over -= spent
            if over <= 0:
                return at + MINUTE_S - now_s
        return 0.0

    def _forget(self, now_s: float) -> None:
        while self.requests and self.requests[0][0] <= now_s - MINUTE_S:
            self.total -= self.requests.popleft()[1]


def _number(text: str | None) -> int | None:
    """The number of a header such as `100` or `100.0`."""
    try:
        number = float(text or "")
    except ValueError:
        return None
    return int(number) if math.isfinite(number) else None
