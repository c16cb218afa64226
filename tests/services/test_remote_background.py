"""The background for remotes, in real threads: it begins, takes up what was left, and ends."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from gallery_app.domain.errors import UpstreamTimeout
from tests.services.remote_house import RemoteHouse
from tests.services.remote_world import numbered, picture

HOUSE = RemoteHouse


@pytest.fixture
def house(house: RemoteHouse) -> Iterator[RemoteHouse]:
    # The threads' own time is real.
    house.remote_background._monotonic = house.fetching.turns._monotonic = time.monotonic
    house.remote_background._beat_s = house.remote_background._chore_s = time.monotonic()
    yield house
    house.remote_background.close()


def _until(true: Callable[[], bool]) -> None:
    pause = threading.Event()
    for _ in range(2000):
        if true():
            return
        pause.wait(0.01)
    pytest.fail("the background did not do it within twenty seconds")


def test_a_connected_remote_is_synced_and_fetched_by_itself(house: RemoteHouse) -> None:
    for key in numbered(7):
        house.desk.put(key)
    house.remote_background.start()

    house.connect()

    _until(lambda: house.source().held == 7)
    _until(lambda: house.source().state == "online")


def test_a_remote_whose_pictures_do_not_come_says_why(house: RemoteHouse) -> None:
    for key in numbered(7):
        house.desk.put(key)
    house.desk.fails_open = [UpstreamTimeout(reason="No answer came.")] * 7
    house.remote_background.start()

    source = house.connect()

    def told() -> str:
        resting = house.book.view(source.id).resting
        return "" if resting is None else resting.error

    _until(lambda: told() == "No answer came.")
    _until(lambda: house.source().state == "online")


def test_what_a_killed_program_left_is_taken_up(house: RemoteHouse) -> None:
    for key in numbered(4):
        house.desk.put(key)
    source = house.connect()
    house.sync()
    # As a kill leaves it: a picture claimed, and a sync under way.
    house.catalog.remotes.claim([source.id], 2, lease_s=1800)
    house.book.sync_now(source.id)
    assert house.catalog.jobs.claim(["sync"], lease_s=120) is not None
    house.catalog.jobs.release()  # the other background does this first

    house.remote_background.start()

    _until(lambda: house.source().held == 4)
    _until(lambda: house.catalog.jobs.open(f"sync:{source.id}") is None)
    assert len(house.all()) == 4


def test_a_sync_is_due_after_its_time(house: RemoteHouse) -> None:
    source = house.bring()
    house.remote_background.tick()
    assert house.catalog.jobs.open(f"sync:{source.id}") is None

    house.clock.pass_(seconds=601)
    house.remote_background.tick()

    assert house.catalog.jobs.open(f"sync:{source.id}") is not None


def test_the_nightly_walk_is_done_once_a_day(house: RemoteHouse) -> None:
    key = next(numbered(1))
    house.desk.put(key)
    house.desk.put("ticket/9/9")
    house.bring()
    house.desk.take_away(key)
    house.clock.pass_(hours=23)
    house.remote_background.tick()
    house.sync()
    assert house.row(key).state == "held"

    house.clock.pass_(hours=2)
    house.remote_background.tick()
    house.sync()

    assert house.row(key).state == "gone"


@pytest.mark.parametrize("kept", ["paused", "resting"])
def test_a_source_that_is_to_be_left_alone_is_not_due(house: RemoteHouse, kept: str) -> None:
    source = house.bring()
    if kept == "paused":
        house.book.change(source.id, paused=True)
    else:
        house.catalog.remotes.set_schedule(source.id, resume_at=house.clock.at.replace(year=2030))
    house.clock.pass_(days=2)

    house.remote_background.tick()

    assert house.catalog.jobs.open(f"sync:{source.id}") is None


def test_a_remote_that_hangs_holds_up_no_other(house: RemoteHouse) -> None:
    hang = threading.Event()

    def wait() -> None:
        hang.wait(60)

    house.desk.before_batch = wait
    for number in range(3):
        house.server.put(f"a{number}", preview=picture(number))
    house.remote_background.start()

    house.connect()
    server = house.connect("immich")

    _until(lambda: house.catalog.remotes.counts(server.id)["held"] == 3)
    hang.set()


def test_it_ends_soon_although_a_remote_hangs(house: RemoteHouse) -> None:
    began, hang = threading.Event(), threading.Event()
    ended: list[bool] = []

    def wait() -> None:
        began.set()
        ended.append(hang.wait(60))

    house.desk.before_batch = wait
    house.desk.put("ticket/1/1")
    close = house.book.close

    def closed() -> None:
        close()
        hang.set()  # as a closed connection ends a read

    house.book.close = closed  # type: ignore[method-assign]
    house.remote_background.start()
    source = house.connect()
    assert began.wait(60)

    house.remote_background.close()

    assert False not in ended, "it waited until the remote gave up by itself"
    job = house.catalog.jobs.open(f"sync:{source.id}")
    assert job is not None  # taken up at the next start
    assert job.state == "running"


def test_a_job_that_takes_long_keeps_its_lease(house: RemoteHouse) -> None:
    began, hang = threading.Event(), threading.Event()

    def wait() -> None:
        began.set()
        hang.wait(60)

    house.desk.before_batch = wait
    house.remote_background.start()
    source = house.connect()
    assert began.wait(60)
    house.clock.pass_(seconds=100)
    house.remote_background._beat_s -= 60

    house.remote_background.tick()
    house.clock.pass_(seconds=100)
    house.catalog.jobs.reap()

    job = house.catalog.jobs.open(f"sync:{source.id}")
    assert job is not None
    assert job.state == "running"
    hang.set()


def test_a_sync_that_bursts_ends_no_thread(house: RemoteHouse) -> None:
    house.desk.put("ticket/1/1")

    def burst() -> None:
        raise RuntimeError("boom")

    house.desk.before_batch = burst
    house.remote_background.start()
    source = house.connect()
    key = f"sync:{source.id}"
    _until(lambda: (job := house.catalog.jobs.open(key)) is not None and job.run_after is not None)
    assert house.source().state == "attention"

    house.desk.before_batch = lambda: None
    house.book.sync_now(source.id)

    _until(lambda: house.source().held == 1)
