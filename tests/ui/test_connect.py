"""The dialogs of remotes: what their forms ask, what a test says, and how they end."""

from __future__ import annotations

import pytest
from nicegui.testing import User

from gallery_app.domain.model import Source
from gallery_app.services.remotes import RemoteBook
from gallery_app.ui.pages.connect import TESTING
from tests.services.house import House
from tests.ui.conftest import (
    MOST_ELEMENTS,
    closed,
    elements,
    hide,
    press_around,
    sees,
    send,
    texts,
    until,
)
from tests.ui.remotes import KEY, LACKING, Told

FORM = {"address": "acme", "key": KEY, "notes": "1", "since": "all"}


async def open_form(user: User) -> None:
    """The dialog that connects a Freshdesk."""
    await user.open("/sources")
    press_around(user, "Freshdesk")
    await user.should_see("Connect Freshdesk")


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
    await open_form(user)

    send(user, {**FORM, "key": " "})

    await user.should_see("This is needed.")
    assert remotes.list() == []


async def test_a_test_says_what_works_and_what_to_do(
    user: User, far: Told, remotes: RemoteBook
) -> None:
    far.findings = LACKING
    await open_form(user)

    send(user, FORM, "test")

    await user.should_see("It works; something is missing.")
    await user.should_see("Let an administrator allow contacts.")
    assert far.checked[0].secret == KEY
    assert remotes.list() == []


async def test_an_address_that_cannot_be_is_answered_in_the_dialog(
    user: User, remotes: RemoteBook
) -> None:
    await open_form(user)

    send(user, {**FORM, "address": "no domain!"})

    await user.should_see("This is no Freshdesk domain.")
    assert remotes.list() == []


async def test_connecting_lists_it_at_once_and_tells_its_webhook(
    user: User, remotes: RemoteBook, told: list[str]
) -> None:
    await open_form(user)

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
    await open_form(user)

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
    await closed(user)

    remotes.test_saved(desk.id)
    assert far.checked[-1].secret == "another"


async def test_cancel_removes_nothing(user: User, desk: Source, remotes: RemoteBook) -> None:
    await user.open("/sources")
    await user.should_see("Acme")

    user.find("Remove").click()
    await user.should_see("Remove Acme?")
    user.find("Cancel").click()
    hide(user, await closed(user))
    await user.should_not_see("Remove Acme?")

    assert [source.id for source in remotes.list()] == [desk.id]


async def test_the_saved_connection_can_be_tested(user: User, desk: Source, far: Told) -> None:
    await user.open("/sources")
    await user.should_see("Acme")

    user.find("Test").click()

    await user.should_see("Everything works.")
    assert far.checked[-1].secret == KEY


async def test_a_test_that_was_closed_meanwhile_does_not_come_back(
    user: User, desk: Source, far: Told
) -> None:
    far.answers.clear()
    await user.open("/sources")
    await user.should_see("Acme")
    user.find("Test").click()
    await user.should_see("Testing the connection…")

    user.find("Close").click()
    dialog = await closed(user)
    far.answers.set()

    await until(lambda: "Everything works." in texts(user))
    assert not dialog.value


async def test_a_dialog_is_deleted_when_the_browser_has_hidden_it(user: User, desk: Source) -> None:
    await user.open("/sources")
    await user.should_see("Acme")
    before = len(elements(user))

    user.find("Webhook").click()
    await user.should_see("New pictures within seconds")
    user.find("Close").click()
    dialog = await closed(user)
    assert not dialog.is_deleted  # it fades, and gives the keyboard back
    hide(user, dialog)

    await until(lambda: len(elements(user)) == before)


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
