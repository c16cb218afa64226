"""Immich's case: 40 pictures in the timeline, and one of everything that is special there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gallery_app.connectors.immich import KIND
from gallery_app.domain.remote import RemoteConfig
from gallery_app.testing.faults import Faults
from gallery_app.testing.immich import FakeImmich
from tests.contracts.case import Case, Clock


@contextmanager
def make_case() -> Iterator[Case]:
    clock, faults = Clock(), Faults()
    fake = FakeImmich(assets=40, specials=True, faults=faults, clock=clock.seconds)

    def add_one() -> str:
        clock.move(600)
        return fake.add_asset("another.jpg")

    def remove_one() -> str:
        clock.move(600)
        key = fake.shown()[0].id
        fake.world.delete(key)
        return key

    case = Case(
        kind=KIND,
        config=RemoteConfig(fake.url, fake.key),
        clock=clock,
        expected=lambda: {asset.id for asset in fake.shown()},
        bytes_of=lambda key: fake.world.original(fake.world.assets[key]),
        add_one=add_one,
        remove_one=remove_one,
        break_with=faults.always,
        unknown="00000000-0000-4000-8000-000000000000",
    )
    try:
        yield case
    finally:
        case.close()
        fake.close()
