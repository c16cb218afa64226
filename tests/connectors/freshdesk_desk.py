"""A Freshdesk account that runs, a clock that both sides go by, and connectors to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gallery_app.connectors.freshdesk import KIND, Freshdesk
from gallery_app.domain.remote import RemoteConfig
from gallery_app.testing.freshdesk import FakeFreshdesk
from tests.contracts.case import Clock, Ledger
from tests.contracts.freshdesk_case import article_keys, key_of


class Desk:
    """The account (`fake`), time, and what a gallery would have of it (`ledger`)."""

    def __init__(self, fake: FakeFreshdesk, clock: Clock, options: dict[str, str]) -> None:
        self.fake = fake
        self.clock = clock
        self.options = options
        self.ledger = Ledger()
        self.opened: list[Freshdesk] = []

    def connect(self, **options: str) -> Freshdesk:
        """A new connector, as after a restart."""
        config = RemoteConfig(self.fake.url, self.fake.key, {**self.options, **options})
        connector = KIND.open(config, self.clock.tools())
        assert isinstance(connector, Freshdesk)
        self.opened.append(connector)
        return connector

    def sync(self, connector: Freshdesk | None = None, *, walk: bool = False) -> Ledger:
        return self.ledger.sync(connector or self.connect(), walk=walk)

    def expected(self) -> set[str]:
        return {key_of(picture) for picture in self.fake.pictures()} | article_keys(self.fake)

    def counted(self, connector: Freshdesk, *, walk: bool = False) -> dict[str, int]:
        """What one more sync asks, by route."""
        self.fake.forget_counts()
        self.ledger.sync(connector, walk=walk)
        return dict(self.fake.counts)


@contextmanager
def desk(options: dict[str, str] | None = None, **account: Any) -> Iterator[Desk]:
    clock = Clock()
    account = {"tickets": 0, "pictures": 0, **account}
    with FakeFreshdesk(clock=clock.seconds, **account) as fake:
        made = Desk(fake, clock, options or {})
        try:
            yield made
        finally:
            for connector in made.opened:
                connector.close()
