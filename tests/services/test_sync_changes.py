"""A source that is changed, paused or removed in the middle of a sync."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gallery_app.domain.errors import (
    GalleryError,
    NotReady,
    UpstreamGone,
    UpstreamRefused,
    UpstreamTimeout,
)
from gallery_app.domain.model import Job, JobId
from tests.catalog.shelf import keys_of
from tests.services.remote_house import RemoteHouse
from tests.services.remote_world import KEY

HOUSE = RemoteHouse


def _after_one_batch(house: RemoteHouse, do: Callable[[], object]) -> None:
    def then() -> None:
        if house.desk.listed == 1:
            house.desk.before_batch = lambda: None
            do()

    house.desk.before_batch = then


def test_a_new_key_has_its_sync_although_one_was_under_way(house: RemoteHouse) -> None:
    keys = house.desk.fill(9)
    source = house.connect()
    _after_one_batch(house, lambda: house.book.change(source.id, key="better"))

    house.sync()

    assert keys_of(house.catalog, source.id) == set(keys)
    assert house.desk.configs[-1].secret == "better"
    assert house.source().state == "online"


def test_a_new_key_has_its_sync_although_the_old_one_failed(house: RemoteHouse) -> None:
    keys = house.desk.fill(9)
    source = house.connect()

    def change() -> None:
        house.book.change(source.id, key="better")
        house.desk.fails = [UpstreamRefused(reason="The old key was refused.")]

    _after_one_batch(house, change)

    house.sync()

    assert keys_of(house.catalog, source.id) == set(keys)
    assert house.source().state == "online"


def test_a_new_key_has_its_sync_although_the_old_one_was_at_its_end(house: RemoteHouse) -> None:
    house.desk.fill(2)
    source = house.connect()

    def change() -> None:
        if house.desk.listed == 2:  # the changes, and the walk
            house.syncing.wanted = lambda: None
            house.book.change(source.id, key="better")

    house.syncing.wanted = change  # told after each batch

    house.sync()

    assert [config.secret for config in house.desk.configs] == [KEY, "better"]
    assert house.jobs.list("done")[1] == 2


def test_a_walk_that_a_new_key_broke_off_is_still_asked_for(house: RemoteHouse) -> None:
    keys = house.desk.fill(9)
    source = house.bring()
    house.desk.take_away(keys[0])
    house.clock.pass_(minutes=1)
    house.desk.listed = 0
    _after_one_batch(house, lambda: house.book.change(source.id, key="better"))

    house.sync_again(walk=True)

    assert house.row(keys[0]).state == "gone"


def test_a_pause_leaves_no_trouble_of_before_at_the_source(house: RemoteHouse) -> None:
    house.desk.fill(9)
    source = house.connect()
    house.desk.fails = [UpstreamTimeout()]
    house.sync()
    assert house.source().state == "offline"
    _after_one_batch(house, lambda: house.book.change(source.id, paused=True))

    house.book.sync_now(source.id)
    house.sync()

    assert (house.source().state, house.source().error) == ("online", None)
    assert house.catalog.jobs.open(f"sync:{source.id}") is None


def test_a_removal_leaves_no_failed_job(house: RemoteHouse) -> None:
    source = house.connect()
    house.book.remove(source.id, keep=True)

    house.sync()

    assert house.jobs.list("failed")[1] == 0


def test_other_options_forget_a_walk_that_broke_off(house: RemoteHouse) -> None:
    keys = house.desk.fill(9)
    source = house.bring()
    house.clock.pass_(minutes=1)
    house.desk.fails = [None, UpstreamTimeout()]
    house.sync_again(walk=True)
    house.clock.pass_(minutes=1)
    house.desk.take_away(keys[0])  # it was met by the walk that broke off

    house.book.change(source.id, options={"colour": "blue"})
    house.sync()

    assert house.row(keys[0]).state == "gone"


def test_a_pause_forgets_the_walk_that_it_broke_off(house: RemoteHouse) -> None:
    keys = house.desk.fill(9)
    source = house.bring()
    house.clock.pass_(minutes=1)
    house.desk.listed = 0
    _after_one_batch(house, lambda: house.book.change(source.id, paused=True))
    house.sync_again(walk=True)
    house.clock.pass_(minutes=1)
    house.desk.take_away(keys[0])  # it was met by the walk that broke off
    house.book.change(source.id, paused=False)
    house.sync()
    house.clock.pass_(minutes=1)

    house.sync_again(walk=True)

    assert house.row(keys[0]).state == "gone"


@pytest.mark.parametrize(
    "error", [UpstreamGone(), UpstreamRefused(reason="Not for this key.")], ids=str
)
def test_whoever_sees_a_look_at_one_ticket_ended_finds_the_source_as_it_is(
    house: RemoteHouse, monkeypatch: pytest.MonkeyPatch, error: GalleryError
) -> None:
    source = house.bring()
    house.desk.fails = [error]
    seen: list[str] = []
    done, fail = house.catalog.jobs.done, house.catalog.jobs.fail

    def noted(end: Callable[..., None]) -> Callable[..., None]:
        def then(job_id: JobId, *given: object, **more: object) -> None:
            seen.append(house.source().state)
            end(job_id, *given, **more)

        return then

    monkeypatch.setattr(house.catalog.jobs, "done", noted(done))
    monkeypatch.setattr(house.catalog.jobs, "fail", noted(fail))
    job: Job = house.book.hint(source.id, "ticket/99")

    house.sync()

    assert house.jobs.get(job.id).state in {"done", "failed"}
    assert set(seen) == {"online"}


def test_nobody_opens_a_line_when_all_were_closed(house: RemoteHouse) -> None:
    source = house.bring()

    house.book.close()

    with pytest.raises(NotReady):
        house.book.connector(source.id)
