"""What the contract suite needs to know of one kind of remote, and a ledger that a sync keeps.

`tests/contracts/<kind>_case.py` has a `make_case()` that answers a context manager of a `Case`:
a stand-in that is running, and the verbs that change or break it. The `Ledger` obeys listings as
the catalog does, so that a suite without a catalog sees what a gallery would have.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone

from gallery_app.connectors.base import Connector, Kind, Tools
from gallery_app.domain.entities import EntityRef
from gallery_app.domain.remote import Listing, RemoteConfig, RemoteImage

EPOCH = datetime(2026, 5, 14, 12, 0, 0, tzinfo=timezone.utc)


class Clock:
    """Time that passes when somebody waits, and when it is told to."""

    def __init__(self, now: datetime = EPOCH) -> None:
        self.at = now
        self.waited_s = 0.0
        self.stopping = False
        self._dice = random.Random(1)

    def now(self) -> datetime:
        return self.at

    def seconds(self) -> float:
        """Of the epoch."""
        return self.at.timestamp()

    def move(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)

    def wait(self, seconds: float) -> bool:
        self.waited_s += seconds
        self.move(seconds)
        return self.stopping

    def tools(self) -> Tools:
        return Tools(self.now, self.seconds, self.wait, self._dice.random, "gallery-tests/1")


@dataclass
class Ledger:
    """Rows as a sync writes them down, and the cursor it would go on from."""

    rows: dict[str, RemoteImage] = field(default_factory=dict)
    entities: dict[tuple[str, str], EntityRef] = field(default_factory=dict)
    cursor: str = ""
    batches: int = 0
    seen: int = 0
    removed: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _met: set[str] = field(default_factory=set)

    def write(self, listing: Listing, *, keep_cursor: bool = True) -> None:
        self.batches += 1
        here = {image.key for image in listing.seen}
        assert len(here) == len(listing.seen), "one listing tells a picture twice"
        for image in listing.seen:
            self.rows[image.key] = image
            self.seen += 1
        for ref in (*listing.entities, *(r for image in listing.seen for r in image.entities)):
            self.entities[ref.type, ref.id] = ref
        for parent in listing.whole:
            self._drop(key for key in self._below(parent) if key not in here)
        for parent in listing.gone_parents:
            self._drop(self._below(parent))
        self._drop(key for key in listing.gone if key in self.rows)
        if listing.walking:
            self._met |= here
        if listing.walked:
            self._drop(key for key in self.rows if key not in self._met)
            self._met = set()
        if listing.note:
            self.notes.append(listing.note)
        if keep_cursor:
            self.cursor = listing.cursor

    def sync(self, connector: Connector, *, walk: bool = False) -> Ledger:
        """Write down everything that changed since the cursor."""
        for listing in connector.changes(self.cursor, walk=walk):
            self.write(listing)
        return self

    def _below(self, parent: str) -> list[str]:
        return [
            key
            for key, image in self.rows.items()
            if image.parent == parent or image.parent.startswith(f"{parent}/")
        ]

    def _drop(self, keys: Iterable[str]) -> None:
        for key in list(keys):
            del self.rows[key]
            self.removed.append(key)


@dataclass
class Case:
    """One kind of remote with its stand-in.

    Args:
        kind: as in `CONNECTORS`.
        config: reaches the stand-in with a key it accepts.
        clock: the stand-in's and the connector's.
        expected: keys of all that the stand-in offers now.
        bytes_of: of a picture, by key.
        add_one: puts one picture there; answers its key.
        remove_one: takes one away; answers its key.
        break_with: from now on every answer is that status ("500", "401", "429") or "".
        leaks: addresses that were sent a key they must not see.
        lists: `changes` tells of pictures (a remote that is only asked does not).
        unknown: a key in the right grammar of something that is not there.
    """

    kind: Kind
    config: RemoteConfig
    clock: Clock
    expected: Callable[[], set[str]]
    bytes_of: Callable[[str], bytes]
    add_one: Callable[[], str]
    remove_one: Callable[[], str]
    break_with: Callable[[str], None]
    unknown: str
    leaks: Callable[[], list[str]] = list
    lists: bool = True
    opened: list[Connector] = field(default_factory=list)

    def connect(self, *, secret: str | None = None) -> Connector:
        """A connector of its own, closed with the case."""
        config = RemoteConfig(
            self.kind.address_of(self.config.address),
            self.config.secret if secret is None else secret,
            self.config.options,
        )
        connector = self.kind.open(config, self.clock.tools())
        self.opened.append(connector)
        return connector

    def close(self) -> None:
        for connector in self.opened:
            connector.close()
