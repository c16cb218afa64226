"""Whether a remote counts its limit by the minute or by the hour; no answer says so itself. Pure.

Accounts of old are limited by the hour, and spending what they allow as if it came back every
minute leaves nobody anything for the rest of it. So a limit as large as theirs is taken for an
hour's until what is left has come back twice as fast as only minutes bring it back, and a smaller
one for a minute's until we are told to wait longer than any minute lasts: then for an hour more,
since so little is asked by the hour that it is never seen to come back.

Source: Freshdesk's plans by the minute allow 700 at most, accounts by the hour 1,000 to 5,000.
"""

from __future__ import annotations

MINUTE_S, HOUR_S = 60, 3600
BY_THE_HOUR = range(1_000, 5_001)  # limits
FULL = 0.9  # of the limit: so much is left soon after a new window began
CLEAR = 8  # more is left than before by so much: not just an answer that overtook another
TWICE_WITHIN_S = 100.0  # two windows of a minute begin, each seen at once or a while later
NONE_WITHIN_S = 150.0  # while we ask: there was no window of a minute
LONGER_S = 120.0  # than anybody waits for a new minute


class Window:
    """Learns from what answers say is left."""

    def __init__(self) -> None:
        self.seconds = MINUTE_S
        self._total = 0
        self._least: int | None = None  # that was left since the last window began
        self._began_s = float("-inf")  # of the last window that was seen to begin
        self._hour_until_s = float("-inf")  # what we were told holds

    def learn(self, total: int, remaining: int, now_s: float) -> None:
        """An answer said so."""
        if total != self._total:
            self._total, self._least = total, None
            self.seconds = HOUR_S if total in BY_THE_HOUR else MINUTE_S
        elif total not in BY_THE_HOUR and now_s >= self._hour_until_s:
            self.seconds = MINUTE_S
        if self._least is None or remaining < self._least:
            self._least = remaining
        if remaining >= self._least + CLEAR and remaining >= FULL * total:
            if now_s - self._began_s <= TWICE_WITHIN_S:
                self.seconds = MINUTE_S
            self._began_s, self._least = now_s, remaining
        elif total in BY_THE_HOUR and remaining < total / 2 and self._silent(now_s):
            self.seconds = HOUR_S

    def told_to_wait(self, seconds: float, now_s: float) -> None:
        """The limit was reached, and there is more after so long."""
        if seconds > LONGER_S:
            self.seconds = HOUR_S
            self._hour_until_s = now_s + seconds + HOUR_S

    def _silent(self, now_s: float) -> bool:
        """Whether no window was seen to begin lately."""
        return now_s - self._began_s > NONE_WITHIN_S
