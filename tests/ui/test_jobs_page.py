"""Jobs: numbers that add up, failures with their reasons, and another try."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Literal

import pytest
from nicegui.testing import User

from gallery_app.domain.answers import Coming
from gallery_app.domain.model import SourceId
from gallery_app.services.remotes import RemoteBook
from gallery_app.services.values import FetchRest
from tests.pictures import make_picture
from tests.services.house import House
from tests.ui.conftest import MOST_ELEMENTS, elements, sees, texts


async def test_nothing_to_do_is_said_plainly(user: User) -> None:
    await user.open("/jobs")

    await user.should_see("Everything is done")
    await user.should_see("Nothing has failed.")


async def test_progress_is_told_in_numbers(user: User, house: House) -> None:
    for seed in range(3):
        house.put(f"{seed}.jpg", make_picture(f"64x48 jpeg, noise seed {seed}"))
    house.scan()
    await user.open("/jobs")

    await user.should_see("Preparing pictures")
    shown = texts(user)
    assert shown[shown.index("Remaining") + 1] == "3"

    house.render_all()
    await user.should_see("Everything is done", retries=20)
    shown = texts(user)
    assert shown[shown.index("Remaining") + 1] == "0"
    assert shown[shown.index("Rendered") + 1] == "3"


async def test_pictures_on_their_way_from_a_remote_are_told(
    user: User, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.put("a.jpg", make_picture("64x48 jpeg"))
    house.scan()
    house.render_all()
    remotes = [Coming(SourceId(7), 10, 30), Coming(SourceId(8), 20, 40, "stopped")]
    monkeypatch.setattr(house.sources, "coming", lambda: remotes)

    await user.open("/jobs")

    await user.should_see("Fetching 10 pictures")
    await user.should_not_see("Everything is done")


@pytest.mark.parametrize("state", ["coming", "resting"])
async def test_pictures_that_do_not_come_are_not_said_to_be_on_their_way(
    user: User,
    house: House,
    remotes: RemoteBook,
    monkeypatch: pytest.MonkeyPatch,
    state: Literal["coming", "resting"],
) -> None:
    house.put("a.jpg", make_picture("64x48 jpeg"))
    house.scan()
    house.render_all()
    stuck = Coming(SourceId(7), 10, 30, state)
    monkeypatch.setattr(house.sources, "coming", lambda: [stuck])
    if state == "coming":
        rest = FetchRest("It does not answer.", house.clock(), 5)
        monkeypatch.setattr(remotes, "resting", lambda _source_id: rest)

    await user.open("/jobs")

    await user.should_see("Waiting to try again")
    assert not sees(user, "Fetching")


async def test_a_full_disk_is_named(user: User, house: House) -> None:
    house.status.pause("The disk is full.")

    await user.open("/jobs")

    await user.should_see("Paused")
    await user.should_see("The disk is full.")


async def test_a_failure_has_its_file_and_its_reason(
    user: User, house: House, many_failures: Callable[[int], None]
) -> None:
    many_failures(1)
    (job,), _ = house.jobs.list("failed")

    await user.open("/jobs")

    await user.should_see("broken00.jpg")
    assert job.error
    await user.should_see(job.error)
    assert sees(user, r"^Failures \(1\)$")


async def test_retry_gives_the_file_another_try(
    user: User, house: House, many_failures: Callable[[int], None]
) -> None:
    many_failures(1)
    await user.open("/jobs")
    await user.should_see("Retry")
    house.put("broken00.jpg", make_picture("64x48 jpeg"))

    user.find("Retry").click()
    await user.should_see("Nothing has failed.", retries=20)

    assert house.jobs.list("failed")[1] == 0
    house.scan()
    house.render_all()
    assert house.only().status == "ready"


async def test_retry_all_leaves_no_failure(
    user: User, house: House, many_failures: Callable[[int], None], told: list[str]
) -> None:
    many_failures(3)
    await user.open("/jobs")
    await user.should_see("Retry all")

    user.find("Retry all").click()
    await user.should_see("Nothing has failed.", retries=20)

    assert house.jobs.list("failed")[1] == 0
    assert any("3 jobs tried again" in call for call in told)


async def test_many_failures_are_shown_in_pages(
    user: User, many_failures: Callable[[int], None]
) -> None:
    many_failures(40)

    await user.open("/jobs")

    await user.should_see("Page 1 of 3")
    assert len(elements(user)) <= MOST_ELEMENTS
    first = {text for text in texts(user) if text.startswith("broken")}
    user.find("Next").click()
    await user.should_see("Page 2 of 3")
    second = {text for text in texts(user) if text.startswith("broken")}
    assert len(first) == len(second) == 15
    assert not first & second


async def test_what_runs_is_called_by_its_kind(user: User, house: House) -> None:
    house.catalog.jobs.put("sync", "sync:7", subject="Help desk")
    running = house.catalog.jobs.claim(["sync"], lease_s=60)
    assert running is not None

    await user.open("/jobs")

    await user.should_see("Sync")
    await user.should_see("Help desk")
    await user.should_see("At work")
    await user.should_not_see("Everything is done")


async def test_what_is_tried_again_is_told_with_its_reason(user: User, house: House) -> None:
    house.catalog.jobs.put("push", "push:7", subject="3 pictures to Immich")
    job = house.catalog.jobs.claim(["push"], lease_s=60)
    assert job is not None
    again = house.clock.at + timedelta(minutes=4)
    house.catalog.jobs.fail(job.id, "Immich is being updated.", retry_at=again)

    await user.open("/jobs")

    await user.should_see("Upload")
    await user.should_see("3 pictures to Immich")
    await user.should_see("Tried again in 4 minutes. Immich is being updated.")
    await user.should_see("Waiting to try again")


async def test_of_many_that_wait_one_is_named_and_the_rest_counted(
    user: User, house: House
) -> None:
    house.catalog.jobs.put("push", "push:7", subject="3 pictures to Immich")
    for number in range(160):
        house.catalog.jobs.put("product", f"product:{number}", subject=f"{number:08}")

    await user.open("/jobs")

    await user.should_see("and 159 more wait for their turn")
    await user.should_see("3 pictures to Immich")
    shown = texts(user)
    assert shown[shown.index("Remaining") + 1] == "161"


async def test_of_very_many_that_wait_those_nobody_looked_at_are_counted_too(
    user: User, house: House
) -> None:
    for number in range(230):
        house.catalog.jobs.put("product", f"product:{number}", subject=f"{number:08}")
    house.clock.pass_(minutes=1)  # what failed is the latest change
    for number in range(20):
        job = house.catalog.jobs.claim(["product"], lease_s=60)
        assert job is not None
        again = house.clock.at + timedelta(minutes=number + 1)
        house.catalog.jobs.fail(job.id, "It does not answer.", retry_at=again)

    await user.open("/jobs")

    await user.should_see("and 179 more wait for their turn")
    await user.should_see("and 43 more")
    assert len(elements(user)) <= MOST_ELEMENTS


async def test_what_only_remotes_bring_is_told_as_fetched(
    user: User, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house.sources, "coming", lambda: [Coming(SourceId(7), 10, 30)])

    await user.open("/jobs")

    await user.should_see("Fetching 10 pictures")
    shown = texts(user)
    assert shown[shown.index("Fetched") + 1] == "30"
    assert shown[shown.index("Remaining") + 1] == "10"
    await user.should_not_see("Rendered")
