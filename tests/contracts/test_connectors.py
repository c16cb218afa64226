"""What every remote connector promises, whatever it connects to.

A kind is tested by being in `CONNECTORS` and having a `tests/contracts/<kind>_case.py`.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import timezone
from pathlib import Path
from typing import get_args

import pytest

from gallery_app import connectors
from gallery_app.connectors.base import Connector, HasFaces
from gallery_app.domain.entities import EntityType
from gallery_app.domain.errors import (
    GalleryError,
    Upstream,
    UpstreamGone,
    UpstreamRefused,
    UpstreamThrottled,
)
from tests.contracts.case import Case, Ledger

CASES = sorted(
    path.name.removesuffix("_case.py") for path in Path(__file__).parent.glob("*_case.py")
)


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Iterator[Case]:
    module = importlib.import_module(f"tests.contracts.{request.param}_case")
    made: AbstractContextManager[Case] = module.make_case()
    with made as case:
        yield case


@pytest.fixture
def listing(case: Case) -> Case:
    if not case.lists:
        pytest.skip("this kind is only asked, it tells of nothing by itself")
    return case


def test_every_kind_has_a_case() -> None:
    assert set(getattr(connectors, "CONNECTORS", {})) <= set(CASES)


def test_a_kind_tells_how_to_connect_it(case: Case) -> None:
    names = [field.name for field in case.kind.fields]

    assert len(names) == len(set(names))
    assert "address" in names or not case.config.address
    assert all(field.label for field in case.kind.fields)
    kept = case.kind.address_of(case.config.address)
    assert case.kind.address_of(kept) == kept


def test_the_test_of_a_good_connection_finds_it_good(case: Case) -> None:
    connector = case.connect()

    found = connector.check()

    assert isinstance(connector, Connector)
    assert found.ok, found
    assert all(item.what and item.detail.endswith(".") for item in found.items)


def test_everything_offered_is_listed_once(listing: Case) -> None:
    ledger = Ledger().sync(listing.connect())

    assert set(ledger.rows) == listing.expected()
    assert ledger.removed == []


def test_what_is_listed_is_well_formed(listing: Case) -> None:
    ledger = Ledger().sync(listing.connect())

    for image in ledger.rows.values():
        assert image.filename
        assert "/" not in image.filename
        assert image.created_at is None or image.created_at.tzinfo == timezone.utc
        assert all(ref.id for ref in image.entities)
    assert {kind for kind, _ in ledger.entities} <= set(get_args(EntityType))


def test_a_second_sync_with_nothing_new_changes_nothing(listing: Case) -> None:
    connector = listing.connect()
    ledger = Ledger().sync(connector)
    rows, told = dict(ledger.rows), ledger.seen

    ledger.sync(connector)

    assert ledger.rows == rows
    assert ledger.seen - told <= len(rows) // 10 + 2


def test_a_sync_interrupted_after_any_batch_goes_on_from_its_cursor(listing: Case) -> None:
    ledger = Ledger()

    for _ in range(10_000):
        batch = next(iter(listing.connect().changes(ledger.cursor)), None)
        if batch is None or batch.cursor == ledger.cursor:
            break
        ledger.write(batch)

    ledger.sync(listing.connect())
    assert set(ledger.rows) == listing.expected()
    assert ledger.removed == []


def test_cursors_stay_small(listing: Case) -> None:
    longest = max(len(batch.cursor) for batch in listing.connect().changes(""))

    assert longest < 64_000


def test_a_picture_that_is_added_comes_with_the_next_sync(listing: Case) -> None:
    connector = listing.connect()
    ledger = Ledger().sync(connector)

    key = listing.add_one()
    ledger.sync(connector)

    assert key in ledger.rows
    assert set(ledger.rows) == listing.expected()


def test_a_picture_that_is_taken_away_is_gone_after_a_walk(listing: Case) -> None:
    connector = listing.connect()
    ledger = Ledger().sync(connector)

    key = listing.remove_one()
    ledger.sync(connector, walk=True)

    assert ledger.removed == [key]
    assert set(ledger.rows) == listing.expected()


def test_a_picture_is_opened_whole_and_in_part(case: Case) -> None:
    connector = case.connect()
    key = sorted(case.expected())[0]
    whole = case.bytes_of(key)

    with connector.open(key) as stream:
        assert b"".join(stream.chunks) == whole
        assert stream.total_bytes in {None, len(whole)}
    with connector.open(key, start=10, end=19) as stream:
        part = b"".join(stream.chunks)
        assert part == whole[stream.start : stream.start + len(part)]
    assert case.leaks() == []


def test_a_picture_that_is_not_there_is_gone(case: Case) -> None:
    with pytest.raises(UpstreamGone), case.connect().open(case.unknown):
        pass


def test_faces_lie_within_their_pictures(case: Case) -> None:
    connector = case.connect()
    if not isinstance(connector, HasFaces):
        pytest.skip("this kind knows no faces")

    found = [box for key in sorted(case.expected()) for box in connector.faces(key)]

    assert found
    for box in found:
        assert 0 <= box.left < box.right <= 1
        assert 0 <= box.top < box.bottom <= 1
    with pytest.raises(UpstreamGone):
        connector.faces(case.unknown)


def test_a_key_that_is_not_accepted_stops_everything_and_shows_nowhere(listing: Case) -> None:
    secret = "wrong-but-secret-key-123"
    connector = listing.connect(secret=secret)

    found = connector.check()
    with pytest.raises(UpstreamRefused) as refused:
        list(connector.changes(""))

    assert not found.ok
    assert secret not in repr(connector) + repr(found) + str(refused.value) + repr(refused.value)
    assert any(item.remedy for item in found.items if not item.ok)


@pytest.mark.parametrize("status", ["500", "not json", "empty 404", "429:7200"])
def test_a_remote_that_fails_loses_nothing(listing: Case, status: str) -> None:
    connector = listing.connect()
    ledger = Ledger().sync(connector)
    before = set(ledger.rows)

    listing.break_with(status)
    with pytest.raises(Upstream) as failed:
        ledger.sync(connector, walk=True)
    listing.break_with("")
    listing.clock.move(7200)
    ledger.sync(connector, walk=True)

    assert ledger.removed == []
    assert set(ledger.rows) == before == listing.expected()
    if status.startswith("429"):
        assert isinstance(failed.value, UpstreamThrottled)


@pytest.mark.parametrize("status", ["500", "not json", "401", "403"])
def test_the_test_of_a_bad_connection_never_raises(case: Case, status: str) -> None:
    case.break_with(status)

    found = case.connect().check()

    assert not found.ok
    assert all(item.detail for item in found.items)


def test_errors_are_the_houses_own(case: Case) -> None:
    case.break_with("500")

    with pytest.raises(GalleryError), case.connect().open(sorted(case.expected())[0]):
        pass


def test_a_connector_tells_its_budget_and_can_be_closed_twice(case: Case) -> None:
    connector = case.connect()
    connector.check()

    assert connector.budget().window_s in {60, 3600}
    connector.close()
    connector.close()
