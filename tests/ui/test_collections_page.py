"""Collections: cards of tickets and albums, a filter, and a ticket by its number."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from nicegui import ui
from nicegui.testing import User

from gallery_app.domain.entities import EntityRef
from gallery_app.domain.model import Source
from gallery_app.services.remotes import RemoteBook
from gallery_app.ui.elements import Text
from tests.pictures import make_picture
from tests.services.far import hold, image, list_images
from tests.services.house import House
from tests.ui.conftest import MOST_ELEMENTS, elements, sees, send, until
from tests.ui.remotes import KEY

Tickets = Callable[[int], None]


@pytest.fixture
def desk(remotes: RemoteBook) -> Source:
    return remotes.add("freshdesk", "Acme", "acme", KEY, {})


@pytest.fixture
def tickets(house: House, desk: Source) -> Tickets:
    """So many tickets, all with the one same picture, of one company."""

    def make(number: int) -> None:
        house.put("a.jpg", make_picture("64x48 jpeg, noise seed 1"))
        house.scan()
        house.render_all()
        asset = house.only()
        for at in range(number):
            ticket = EntityRef(
                "ticket", str(4711 + at), f"Broken {at:02}", f"https://acme.freshdesk.com/a/{at}"
            )
            key = f"ticket/{4711 + at}/attachment/{at}"
            list_images(house, desk, image(key, ticket, EntityRef("company", "9", "Nordwind")))
            hold(house, desk, key, asset.id)

    return make


async def test_nothing_connected_says_what_will_be_here(user: User) -> None:
    await user.open("/collections")

    assert await shown(user, "appear here once they are connected")
    await user.should_see("Connect one")
    await user.should_not_see("Open ticket")


async def test_only_kinds_that_have_something_are_offered(user: User, tickets: Tickets) -> None:
    tickets(2)

    await user.open("/collections")

    await user.should_see("Tickets 2")
    await user.should_see("Companies 1")
    assert not sees(user, "^Albums")


async def test_a_card_leads_to_its_pictures_and_to_the_remote(user: User, tickets: Tickets) -> None:
    tickets(1)

    await user.open("/collections")
    await user.should_see("Broken 00")

    links = {e.props.get("href"): e.props for e in elements(user) if isinstance(e, Text)}
    assert "/?ticket=4711" in links
    out = links["https://acme.freshdesk.com/a/0"]
    assert out["rel"] == "noopener noreferrer"
    assert out["target"] == "_blank"
    assert "Freshdesk" in out["aria-label"]


async def test_an_address_names_the_tab(user: User, tickets: Tickets) -> None:
    tickets(1)

    await user.open("/collections?tab=company")

    await user.should_see("Nordwind")
    await user.should_not_see("Broken 00")


async def test_typing_filters_by_name_and_number(
    user: User, tickets: Tickets, told: list[str]
) -> None:
    tickets(3)
    await user.open("/collections")
    await user.should_see("Broken 02")

    field = next(e for e in elements(user) if e.props.get("type") == "search")
    interaction = user.find(ui.element)
    interaction.elements = {field}
    interaction.trigger("input", "4712")

    await user.should_see("Broken 01")
    await user.should_not_see("Broken 02")
    assert any("text=4712" in call for call in told)


async def test_many_tickets_are_shown_in_pages(user: User, tickets: Tickets) -> None:
    tickets(60)

    await user.open("/collections")

    await user.should_see("Page 1 of 3")
    assert len(elements(user)) <= MOST_ELEMENTS
    user.find("Next").click()
    await user.should_see("Page 2 of 3")


async def test_who_turns_past_the_end_sees_the_last_page(user: User, tickets: Tickets) -> None:
    tickets(30)
    await user.open("/collections")
    await user.should_see("Page 1 of 2")

    for _ in range(2):  # a double click
        user.find("Next").click()

    await user.should_see("Page 2 of 2")
    await user.should_see("Broken 29")


async def test_a_known_ticket_is_opened_by_its_number(
    user: User, tickets: Tickets, told: list[str]
) -> None:
    tickets(1)
    await user.open("/collections")
    await user.should_see("Open ticket")

    send(user, {"ticket": " #4711 "})

    await until(lambda: any("/?ticket=4711" in call for call in told))


async def test_a_ticket_that_is_not_there_is_said_to_be_missing(
    user: User, tickets: Tickets
) -> None:
    tickets(1)
    await user.open("/collections")
    await user.should_see("Open ticket")

    send(user, {"ticket": "99"})

    await user.should_see("There is no ticket 99 in Freshdesk.")


async def shown(user: User, pattern: str) -> bool:
    """Wait until a text matches."""
    await until(lambda: sees(user, pattern))
    return True
