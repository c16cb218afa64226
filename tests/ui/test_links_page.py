"""Links: listed with state and use, withdrawn after a question, never many elements."""

from __future__ import annotations

import gc

import pytest
from nicegui import ui
from nicegui.testing import User

from gallery_app.domain.errors import LinkRevoked
from gallery_app.services.values import NewLink
from gallery_app.ui.components.chrome import Dialogs
from gallery_app.ui.elements import IconButton
from tests.pictures import make_picture
from tests.services.house import House
from tests.ui.conftest import MOST_ELEMENTS, closed, elements, hide, sees, until


@pytest.fixture
def uids(house: House) -> list[str]:
    for seed in range(4):
        house.put(f"p{seed}.jpg", make_picture(f"64x48 jpeg, noise seed {seed}"))
    house.scan()
    house.render_all()
    return [asset.uid for asset in house.all()]


def make(house: House, uids: list[str], note: str = "") -> NewLink:
    return house.sharing.create(uids, rendition="small", expires_in_s=7 * 86_400, note=note)


def press(user: User, name: str) -> None:
    """Click the first button of that name."""
    button = next(
        e for e in elements(user) if isinstance(e, IconButton) and e.props.get("aria-label") == name
    )
    interaction = user.find(IconButton)
    interaction.elements = {button}
    interaction.click()


async def test_no_link_yet_says_where_links_are_made(user: User) -> None:
    await user.open("/links")

    await user.should_see("No link has been made yet.")
    assert sees(user, "Make one from the viewer")


async def test_a_link_tells_what_until_when_and_how_often(
    user: User, house: House, uids: list[str]
) -> None:
    made = make(house, uids, note="For Anna")
    token = made.url.split("/i/")[1].split("/")[0]
    house.sharing.open(token, client="192.0.2.7")
    house.clock.pass_(hours=3)

    await user.open("/links")

    await user.should_see("4 pictures")
    await user.should_see("Small, made 3 hours ago")
    await user.should_see("For Anna")
    await user.should_see("in 7 days")
    await user.should_see("Active")
    await user.should_see("1 time, 3 hours ago")


async def test_the_history_names_every_opening(user: User, house: House, uids: list[str]) -> None:
    made = make(house, uids[:1])
    house.sharing.open(made.url.split("/i/")[1].split("/")[0], client="192.0.2.7")
    await user.open("/links")
    await user.should_see("Active")

    press(user, "History")

    await user.should_see("from 192.0.2.7")


async def test_revoke_asks_and_then_the_link_is_dead(
    user: User, house: House, uids: list[str]
) -> None:
    made = make(house, uids[:1])
    await user.open("/links")
    await user.should_see("Active")

    press(user, "Revoke")
    assert house.sharing.get(made.link.id).state == "active"
    user.find(Dialogs).trigger("answer", {"token": 1, "sure": True})
    await user.should_see("Revoked")

    with pytest.raises(LinkRevoked):
        house.sharing.open(made.url.split("/i/")[1].split("/")[0], client="192.0.2.7")


async def test_revoke_all_leaves_none_active(user: User, house: House, uids: list[str]) -> None:
    for uid in uids:
        make(house, [uid])
    await user.open("/links")
    await user.should_see("Revoke all")

    user.find("Revoke all").click()
    user.find(Dialogs).trigger("answer", {"token": 1, "sure": True})
    await user.should_not_see("Active", retries=20)

    assert {view.state for view in house.sharing.list()} == {"revoked"}


async def test_copy_hands_the_address_to_the_browser(
    user: User, house: House, uids: list[str], told: list[str]
) -> None:
    made = make(house, uids[:1])
    await user.open("/links")
    await user.should_see("Active")

    press(user, "Copy link")

    assert any("copy" in call and made.url in call for call in told)


async def test_a_code_stays_while_somebody_scans_it(
    user: User, house: House, uids: list[str]
) -> None:
    made = make(house, uids[:1])
    await user.open("/links")
    await user.should_see("Active")
    before = len(elements(user))
    press(user, "Show QR code")
    await user.should_see("Scan to open")
    (dialog,) = [element for element in elements(user) if isinstance(element, ui.dialog)]

    house.sharing.open(made.url.split("/i/")[1].split("/")[0], client="192.0.2.7")
    await until(lambda: sees(user, "^1 time"))
    gc.collect()

    assert dialog.value
    assert not dialog.is_deleted
    user.find("Close").click()
    assert not (await closed(user)).is_deleted  # it fades, and gives the keyboard back
    hide(user, dialog)
    await until(lambda: len(elements(user)) == before)


async def test_many_links_are_shown_in_pages(user: User, house: House, uids: list[str]) -> None:
    for _ in range(30):
        make(house, uids)

    await user.open("/links")

    await user.should_see("Page 1 of 4")
    assert len(elements(user)) <= MOST_ELEMENTS
    press(user, "History")
    await user.should_see("Nobody has opened this link yet.")
    assert len(elements(user)) <= MOST_ELEMENTS
