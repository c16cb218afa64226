"""How far a sync came: text that is kept with each batch and stays below 64 kB.

`at` is the second up to which tickets were read. `done` are the tickets read within the overlap
before it, each with the second of its last change, so that meeting them again costs nothing.
`articles` tells each article by a fingerprint of what it depends on. Both are packed: numbers
in order, their differences as bytes, squeezed. Of what does not fit the oldest is forgotten and
read again: of articles the fingerprints first (beyond 5,000), and much later (beyond 20,000)
their numbers, without which nobody notices that one is removed.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate

OVERLAP_S = 120
_ROOM = 27_000  # characters for each of the two
_ROOM_THROWN = 3_000  # for each list of what was thrown away
_UNSETTLED_S = 5
_VERSION = 2
STALE = 0xFFFFFF  # instead of a fingerprint: that article is known, and is to be read again


@dataclass(slots=True)
class Thrown:
    """How far a list of thrown away tickets was told: like `at` and `done` of the others."""

    at: int = 0
    told: dict[int, int] = field(default_factory=dict)

    def news(self, found: dict[int, int]) -> list[int]:
        """Those that were not told yet; they count as told from now on."""
        new = [ticket for ticket, second in found.items() if self.told.get(ticket) != second]
        self.at = max(self.at, *found.values()) if found else self.at
        self.told = {t: at for t, at in {**self.told, **found}.items() if at >= self.at - OVERLAP_S}
        return new


@dataclass(slots=True)
class Progress:
    """A cursor, opened."""

    at: int = 0  # 0: not begun
    floor: int = 0  # never look before it: it was all read, and is too much to meet again
    done: dict[int, int] = field(default_factory=dict)  # ticket -> second
    thrown: dict[str, Thrown] = field(default_factory=dict)  # by list: deleted, spam
    tickets_for: str = ""  # the options that `done` was read with
    articles: dict[int, int] = field(default_factory=dict)  # article -> fingerprint
    articles_for: str = ""
    walk_open: bool = True  # a walk of the articles is to be done or to be ended
    _packed: tuple[int, tuple[str, str]] = (-1, ("", ""))  # the articles, by their generation
    _generation: int = 0

    @classmethod
    def of(cls, text: str) -> Progress:
        """The progress a cursor tells; one that cannot be read is a new beginning."""
        try:
            told = json.loads(text or "{}")
            if told.get("v") != _VERSION:
                return cls()
            return cls(
                at=int(told["at"]),
                floor=int(told.get("floor", 0)),
                done=_unpacked_times(told.get("done", ""), int(told["at"])),
                thrown={
                    str(which): Thrown(int(at), _unpacked_times(packed, int(at)))
                    for which, (at, packed) in told.get("thrown", {}).items()
                },
                tickets_for=str(told.get("tickets_for", "")),
                articles=_unpacked_articles(*told.get("articles", ("", ""))),
                articles_for=str(told.get("articles_for", "")),
                walk_open=bool(told.get("walk", True)),
            )
        except (ValueError, KeyError, TypeError, AttributeError, IndexError, zlib.error):
            return cls()

    def text(self) -> str:
        """As it is kept."""
        self.forget()
        told = {
            "v": _VERSION,
            "at": self.at,
            "floor": self.floor,
            "done": _fitting(self.done, self.at, _ROOM),
            "thrown": {
                which: (list_.at, _fitting(list_.told, list_.at, _ROOM_THROWN))
                for which, list_ in self.thrown.items()
            },
            "tickets_for": self.tickets_for,
            "articles": self._articles(),
            "articles_for": self.articles_for,
            "walk": self.walk_open,
        }
        return json.dumps(told, separators=(",", ":"))

    def read(self, ticket: int, second: int, *, now_s: float) -> None:
        """That ticket was read as it was at that second, which had passed when it was read.

        In the same second it may change once more without its time moving, so one that was
        read that early is read again next time.
        """
        self.at = max(self.at, second)
        if now_s - second >= _UNSETTLED_S:
            self.done[ticket] = second
        else:
            self.done.pop(ticket, None)

    def known(self, ticket: int, second: int) -> bool:
        """Whether it was read as it was then."""
        return self.done.get(ticket) == second

    def since(self, start: int) -> int:
        """The second from which tickets are listed."""
        return max(start, self.at - OVERLAP_S, self.floor)

    def forget(self) -> None:
        """Let go of what lies before the overlap."""
        oldest = self.at - OVERLAP_S
        if len(self.done) > 4 and min(self.done.values()) < oldest:
            self.done = {ticket: at for ticket, at in self.done.items() if at >= oldest}

    def set_article(self, article: int, fingerprint: int | None) -> None:
        """That article was read so; None: it is no more."""
        self._generation += 1
        if fingerprint is None:
            self.articles.pop(article, None)
        else:
            self.articles[article] = fingerprint

    def _articles(self) -> tuple[str, str]:
        if self._packed[0] != self._generation:
            self._packed = (self._generation, _packed_articles(self.articles))
        return self._packed[1]


def fingerprint(*parts: object) -> int:
    """24 bits that change with any of the parts; never those of `STALE`."""
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:3], "big") % STALE


# --- packing -------------------------------------------------------------------------------


def _fitting(done: dict[int, int], at: int, room: int) -> str:
    """The packed times; the oldest half is let go until the rest fits."""
    rows = sorted((second, ticket) for ticket, second in done.items())
    while True:
        text = _packed_times(rows, at)
        if len(text) <= room:
            return text
        rows = rows[len(rows) // 2 :]


def _packed_times(rows: list[tuple[int, int]], at: int) -> str:
    out = bytearray()
    second, last = None, 0
    for when, ticket in rows:
        if when != second:
            if second is not None:
                _put(out, 0)  # ends the tickets of a second: no difference is 0
            _put(out, max(0, at - when))
            second, last = when, -1
        _put(out, ticket - last)
        last = ticket
    return _squeezed(out)


def _unpacked_times(text: str, at: int) -> dict[int, int]:
    done: dict[int, int] = {}
    numbers = _numbers(_spread(text))
    for behind in numbers:
        last = -1
        for step in numbers:
            if step == 0:
                break
            last += step
            done[last] = at - behind
    return done


def _packed_articles(articles: dict[int, int]) -> tuple[str, str]:
    """The articles' numbers, and the fingerprints of as many of the newest as there is room for."""
    rows = sorted(articles.items())
    while len(ids := _packed_numbers([article for article, _ in rows])) > _ROOM:
        rows = rows[len(rows) // 8 + 1 :]
    told = min(len(rows), (_ROOM - len(ids)) // 5 * 4 // 3)  # four bytes are five characters
    prints = b"".join(value.to_bytes(3, "big") for _, value in rows[len(rows) - told :])
    return ids, base64.b85encode(prints).decode()


def _packed_numbers(numbers: list[int]) -> str:
    out, last = bytearray(), 0
    for number in numbers:
        _put(out, number - last)
        last = number
    return _squeezed(out)


def _unpacked_articles(ids: str, prints: str) -> dict[int, int]:
    known = list(accumulate(_numbers(_spread(ids))))
    packed = base64.b85decode(prints)
    told = [int.from_bytes(packed[at : at + 3], "big") for at in range(0, len(packed), 3)]
    return dict(zip(known, [STALE] * (len(known) - len(told)) + told, strict=True))


def _put(out: bytearray, number: int) -> None:
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)


def _numbers(data: Iterable[int]) -> Iterator[int]:
    number = shift = 0
    for byte in data:
        number |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            yield number
            number = shift = 0


def _squeezed(data: bytes | bytearray) -> str:
    return base64.b85encode(zlib.compress(bytes(data), 6)).decode() if data else ""


def _spread(text: str) -> bytes:
    return zlib.decompress(base64.b85decode(text)) if text else b""
