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
from gallery_app.ui.pages.connect import TESTING
from tests.services.house import House
from tests.ui.conftest import MOST_ELEMENTS, elements, press_around, sees, send, texts, until
from tests.ui.remotes import KEY, LACKING, Told

FORM = {"address": "acme", "key": KEY, "notes": "1", "since": "all"}


@pytest.fixture
def desk(remotes: RemoteBook) -> Source:
    return remotes.add("freshdesk", "Acme", "acme", KEY, {})


async def test_every_kind_of_remote_is_offered(user: User) -> None:
    await user.open("/sources")

    for title in ("Freshdesk", "Product pictures"):
        await user.should_see(title)


async def test_the_form_has_the_fields_of_its_kind_and_its_guide(user: User) -> None:
    await user.open("/sources")

    press_around(user, "Freshdesk")

    await user.should_see("Connect Freshdesk")
    for text in ("An administrator makes the key.", "Domain", "API key", "Private notes"):
        await user.should_see(text)
    await user.should_see("More options")
    assert len(elements(user)) <= MOST_ELEMENTS


async def test_a_field_that_is_needed_is_named_where_it_is_missing(
    user: User, remotes: RemoteBook
) -> None:
    await user.open("/sources")
    press_around(user, "Freshdesk")
    await user.should_see("Connect Freshdesk")

    send(user, {**FORM, "key": " "})

    await user.should_see("This is needed.")
    assert remotes.list() == []


async def test_a_test_says_what_works_and_what_to_do(
    user: User, far: Told, remotes: RemoteBook
) -> None:
    far.findings = LACKING
    await user.open("/sources")
    press_around(user, "Freshdesk")
    await user.should_see("Connect Freshdesk")

    send(user, FORM, "test")

    await user.should_see("It works; something is missing.")
    await user.should_see("Let an administrator allow contacts.")
    assert far.checked[0].secret == KEY
    assert remotes.list() == []


async def test_an_address_that_cannot_be_is_answered_in_the_dialog(
    user: User, remotes: RemoteBook
) -> None:
    await user.open("/sources")
    press_around(user, "Freshdesk")
    await user.should_see("Connect Freshdesk")

    send(user, {**FORM, "address": "no domain!"})

    await user.should_see("This is no Freshdesk domain.")
    assert remotes.list() == []


async def test_connecting_lists_it_at_once_and_tells_its_webhook(
    user: User, remotes: RemoteBook, told: list[str]
) -> None:
    await user.open("/sources")
    press_around(user, "Freshdesk")
    await user.should_see("Connect Freshdesk")

    send(user, {**FORM, "notes": "1"})

    await user.should_see("Freshdesk is connected")
    (source,) = remotes.list()
    await user.should_see(f"/hooks/freshdesk/{source.id}")
    user.find("Done").click()
    await user.should_see("https://acme.freshdesk.com")
    assert any("Freshdesk is connected." in call for call in told)


@pytest.mark.parametrize(
    ("base", "here"), [("http://127.0.0.1:8080", True), ("https://pictures.example", False)]
)
async def test_a_webhook_that_freshdesk_cannot_reach_is_said_to_be_none(
    user: User, house: House, desk: Source, base: str, here: bool
) -> None:
    house.base_url = base
    await user.open("/sources")
    await user.should_see("Acme")

    user.find("Webhook").click()

    await user.should_see("New pictures within seconds")
    assert sees(user, "Freshdesk cannot reach this computer") is here


async def test_a_flag_that_was_not_ticked_is_off(user: User, remotes: RemoteBook) -> None:
    await user.open("/sources")
    press_around(user, "Freshdesk")
    await user.should_see("Connect Freshdesk")

    send(user, {"address": "acme", "key": KEY, "since": "year"})
    await user.should_see("Freshdesk is connected")

    (source,) = remotes.list()
    assert remotes.view(source.id).options == {"notes": "0", "since": "year"}


async def test_no_key_ever_comes_back_to_the_browser(user: User, desk: Source) -> None:
    await user.open("/sources")
    await user.should_see("Acme")
    user.find("Edit").click()
    await user.should_see("Edit Acme")

    await user.should_see("Key saved")
    assert KEY not in repr([(e.props, getattr(e, "text", "")) for e in elements(user)])


async def test_a_saved_key_stays_when_something_else_changes(
    user: User, desk: Source, remotes: RemoteBook, far: Told
) -> None:
    await user.open("/sources")
    await user.should_see("Acme")
    user.find("Edit").click()
    await user.should_see("Edit Acme")

    send(user, {"name": "Support", "notes": "1", "since": "year"})
    await user.should_see("Support")

    remotes.test_saved(desk.id)
    assert far.checked[-1].secret == KEY
    assert remotes.view(desk.id).options["since"] == "year"


async def test_a_key_can_be_replaced(
    user: User, desk: Source, remotes: RemoteBook, far: Told
) -> None:
    await user.open("/sources")
    await user.should_see("Acme")
    user.find("Edit").click()
    await user.should_see("Key saved")

    user.find("Replace").click()
    await user.should_not_see("Key saved")
    send(user, {"name": "Acme", "key": "another", "notes": "1", "since": "all"})
    await until(lambda: remotes.connector(desk.id) is not None and not sees(user, "^Edit Acme$"))

    remotes.test_saved(desk.id)
    assert far.checked[-1].secret == "another"


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


async def test_cancel_removes_nothing(user: User, desk: Source, remotes: RemoteBook) -> None:
    await user.open("/sources")
    await user.should_see("Acme")

    user.find("Remove").click()
    await user.should_see("Remove Acme?")
    user.find("Cancel").click()
    await user.should_not_see("Remove Acme?")

    assert [source.id for source in remotes.list()] == [desk.id]


async def test_the_saved_connection_can_be_tested(user: User, desk: Source, far: Told) -> None:
    await user.open("/sources")
    await user.should_see("Acme")

    user.find("Test").click()

    await user.should_see("Everything works.")
    assert far.checked[-1].secret == KEY


async def test_what_was_changed_is_tested_with_the_saved_key_before_it_is_saved(
    user: User, desk: Source, far: Told, remotes: RemoteBook
) -> None:
    await user.open("/sources")
    await user.should_see("Acme")
    user.find("Edit").click()
    await user.should_see("Edit Acme")

    send(user, {"name": "Acme", "notes": "1", "since": "year"}, "test")

    await user.should_see("Everything works.")
    assert (far.checked[-1].secret, far.checked[-1].options["since"]) == (KEY, "year")
    assert remotes.view(desk.id).options["since"] == "all"


async def test_while_enough_are_tested_a_further_one_holds_up_no_thread(
    user: User, desk: Source, far: Told
) -> None:
    await user.open("/sources")
    await user.should_see("Acme")

    with TESTING.one(), TESTING.one():
        user.find("Test").click()
        await user.should_see("A remote keeps others waiting. Try again in a moment.")

    assert far.checked == []


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
