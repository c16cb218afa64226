"""Remote sources: connected by a form, tested in plain words, paused, changed, removed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from nicegui.testing import User

from gallery_app.domain.model import Source
from gallery_app.domain.remote import Budget
from gallery_app.services.remotes import RemoteBook
from gallery_app.services.values import FetchRest
from gallery_app.ui.components.chrome import Dialogs
from gallery_app.ui.components.frame import Frame
from tests.services.house import House
from tests.ui.conftest import MOST_ELEMENTS, elements, press_around, sees, texts, until
from tests.ui.remotes import KEY, Told

FORM = {"address": "acme", "key": KEY, "notes": "1", "since": "all"}


async def test_every_kind_of_remote_is_offered(user: User) -> None:
    await user.open("/sources")

    for title in ("Freshdesk", "Product pictures"):
        await user.should_see(title)


@pytest.mark.parametrize(("window_s", "window"), [(60, "a minute"), (3600, "an hour")])
async def test_a_card_tells_what_may_still_be_asked(
    user: User, desk: Source, far: Told, window_s: int, window: str
) -> None:
    far.budget = Budget(200, 120, 120, window_s)

    await user.open("/sources")

    await user.should_see(f"120 of 200 requests {window} left, we use at most 60 %")


async def test_a_paused_remote_says_so_and_goes_on(
    user: User, desk: Source, remotes: RemoteBook
) -> None:
    await user.open("/sources")
    await user.should_see("Pause")

    user.find("Pause").click()
    await user.should_see("Paused")
    assert remotes.get(desk.id).paused

    user.find("Resume").click()
    await user.should_not_see("Paused")
    assert not remotes.get(desk.id).paused


async def test_a_remote_that_rests_after_failures_says_for_how_long(
    user: User, house: House, desk: Source
) -> None:
    until_ = house.clock() + timedelta(minutes=5)
    house.catalog.remotes.set_schedule(desk.id, failures=5, resume_at=until_)
    house.catalog.sources.set_state(desk.id, "offline", "Freshdesk does not answer.")

    await user.open("/sources")

    await user.should_see("Not reachable")
    assert sees(
        user, r"^Freshdesk does not answer\. Resting for 5 min after 5 failures in a row\.$"
    )
    await user.should_see("Retry now")


async def test_a_remote_that_syncs_while_no_picture_comes_says_so(
    user: User, house: House, desk: Source, remotes: RemoteBook, told: list[str]
) -> None:
    house.catalog.sources.finish_scan(desk.id, house.clock(), 1.0)
    until_ = house.clock() + timedelta(minutes=5)
    resting = {desk.id: FetchRest("Freshdesk does not answer.", until_, 5)}
    remotes.resting = resting.get
    remotes.hastened = lambda source_id: resting.clear()

    await user.open("/sources")

    await user.should_see("No pictures come")
    assert sees(
        user,
        r"^Pictures do not come: Freshdesk does not answer\. "
        r"Resting for 5 min after 5 failures in a row\.$",
    )
    user.find("Retry now").click()
    await until(lambda: any("Syncing Acme." in call for call in told))
    await user.should_see("Sync now")
    assert not sees(user, "Pictures do not come")


async def test_a_renamed_remote_is_called_by_its_new_name(
    user: User, desk: Source, remotes: RemoteBook
) -> None:
    await user.open("/sources")
    await user.should_see("Acme")

    remotes.change(desk.id, name="Support")

    await user.should_see("Support")
    named = [str(element.props.get("aria-label", "")) for element in elements(user)]
    assert {"Support", "Pictures fetched from Support"} <= set(named)
    assert not any("Acme" in name for name in named)


async def test_a_remark_on_a_remote_that_works_is_no_warning(
    user: User, house: House, desk: Source
) -> None:
    house.catalog.sources.finish_scan(desk.id, house.clock(), 1.0)
    house.catalog.sources.set_state(desk.id, "online", "Archived tickets are not listed.")

    await user.open("/sources")

    await user.should_see("Up to date")
    await user.should_see("Archived tickets are not listed.")


async def test_sync_now_asks_for_a_sync(
    user: User, house: House, desk: Source, told: list[str]
) -> None:
    await user.open("/sources")
    await user.should_see("Sync now")

    user.find("Sync now").click()

    await until(lambda: any("Syncing Acme." in call for call in told))
    assert [job.kind for job in house.jobs.list("ready")[0]] == ["sync"]


@pytest.mark.parametrize(
    ("choice", "said"),
    [("Keep its pictures", "Its pictures stay."), ("Remove its pictures too", "went with it.")],
)
async def test_a_removed_remote_can_be_brought_back(
    user: User, desk: Source, remotes: RemoteBook, told: list[str], choice: str, said: str
) -> None:
    await user.open("/sources")
    await user.should_see("Acme")

    user.find("Remove").click()
    await user.should_see("Remove Acme?")
    press_around(user, choice)
    await until(lambda: any(said in call for call in told))
    assert remotes.list() == []

    user.find(Frame).trigger("undo", {"token": 1})
    await until(lambda: [source.id for source in remotes.list()] == [desk.id])
    await user.should_see("https://acme.freshdesk.com")


@pytest.mark.parametrize("button", ["Edit", "Webhook"])
async def test_of_a_remote_that_went_meanwhile_it_is_said_so(
    user: User, desk: Source, remotes: RemoteBook, told: list[str], button: str
) -> None:
    await user.open("/sources")
    await user.should_see("Acme")

    remotes.remove(desk.id, keep=False)
    user.find(button).click()

    await until(lambda: any("no such source" in call.lower() for call in told))


async def test_a_great_loss_is_believed_only_when_a_person_says_so(
    user: User, house: House, desk: Source, remotes: RemoteBook
) -> None:
    house.catalog.sources.set_state(desk.id, "attention", "300 of 400 pictures are missing.")
    house.catalog.remotes.set_schedule(desk.id, facts={"_asks_belief": "1"})
    await user.open("/sources")
    await user.should_see("They are gone")

    user.find("They are gone").click()
    user.find(Dialogs).trigger("answer", {"token": 1, "sure": True})
    await until(lambda: any(job.payload.get("believe_loss") for job in house.jobs.list("ready")[0]))


async def test_many_remotes_are_shown_in_pages(user: User, remotes: RemoteBook) -> None:
    for number in range(12):
        remotes.add("freshdesk", f"Desk {number:02}", f"desk{number:02}", KEY, {})

    await user.open("/sources")

    await user.should_see("Page 1 of 3")
    assert len(elements(user)) <= MOST_ELEMENTS
    assert KEY not in " ".join(texts(user))
