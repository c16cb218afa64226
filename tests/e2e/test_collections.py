"""Collections in a browser: tickets as cards, one by its number, and the head of its grid."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from gallery_app.testing.freshdesk import FakeFreshdesk
from tests.e2e.screen import Visits, ready, wait_for_query, wait_for_total
from tests.e2e.server import Server
from tests.e2e.test_accessibility import breaches

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def desk() -> Iterator[FakeFreshdesk]:
    with FakeFreshdesk(tickets=5, pictures=10, seed=4) as served:
        yield served


@pytest.fixture(scope="module")
def gallery(
    browser: Browser, desk: FakeFreshdesk, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("desk") / "data", [])
    body = {"kind": "freshdesk", "address": desk.url, "key": desk.key, "name": "Acme"}
    made.api("POST", "/sources", body)
    made.wait_until_done(len(desk.pictures()))
    yield made
    made.close()


def test_a_card_opens_its_pictures_and_back_returns(
    visits: Visits, gallery: Server, desk: FakeFreshdesk
) -> None:
    page = visits.open(gallery, "/collections?tab=ticket")
    cards = page.locator(".collection")
    expect(cards).to_have_count(len({picture.ticket for picture in desk.pictures()}))
    number = desk.pictures()[0].ticket
    subject = desk.world.tickets[number].subject

    cards.filter(has_text=f"#{number} ·").get_by_role("link", name=subject, exact=True).click()

    expect(page.locator(".entity-title")).to_have_text(f"Ticket {number} — {subject}")
    expect(page.get_by_role("link", name="Open in Freshdesk")).to_have_attribute(
        "rel", "noopener noreferrer"
    )
    page.go_back()
    expect(cards.first).to_be_visible()


def test_a_ticket_opens_by_its_number(visits: Visits, gallery: Server, desk: FakeFreshdesk) -> None:
    number = desk.pictures()[0].ticket
    page = visits.open(gallery, "/collections")
    page.get_by_label("Ticket number").fill(str(number))

    page.keyboard.press("Enter")

    wait_for_query(page, "ticket", str(number))
    subject = desk.world.tickets[number].subject
    expect(page.locator(".entity-title")).to_have_text(f"Ticket {number} — {subject}")
    wait_for_total(page, sum(picture.ticket == number for picture in desk.pictures()))


def test_a_ticket_that_no_sync_has_seen_is_read_at_once(
    visits: Visits, gallery: Server, desk: FakeFreshdesk
) -> None:
    page = visits.open(gallery, "/collections")
    new = desk.add_ticket("Lid does not close", pictures=2)

    page.get_by_label("Ticket number").fill(str(new.id))
    page.get_by_role("button", name="Open ticket").click()

    expect(page.locator(".entity-title")).to_have_text(f"Ticket {new.id} — Lid does not close")
    wait_for_total(page, 2)


def test_a_ticket_that_is_not_there_is_said_to_be_missing(visits: Visits, gallery: Server) -> None:
    page = visits.open(gallery, "/collections")

    page.get_by_label("Ticket number").fill("987654")
    page.keyboard.press("Enter")

    expect(page.get_by_role("alert").filter(has_text="There is no ticket 987654")).to_be_visible()


def test_typing_filters_and_stands_in_the_address(
    visits: Visits, gallery: Server, desk: FakeFreshdesk
) -> None:
    number = desk.pictures()[0].ticket
    page = visits.open(gallery, "/collections?tab=ticket")
    expect(page.locator(".collection").first).to_be_visible()

    page.get_by_label("Filter by name or number").fill(str(number))

    expect(page.locator(".collection")).to_have_count(1)
    wait_for_query(page, "text", str(number))
    page.reload()
    ready(page)
    expect(page.locator(".collection")).to_have_count(1)


def test_the_head_goes_with_the_filter(visits: Visits, gallery: Server) -> None:
    visits.allow("status of 404")  # nobody knows this ticket
    page = visits.open(gallery, "/?ticket=1")
    expect(page.locator(".entity-title")).to_have_text("Ticket 1")

    page.get_by_role("button", name="Clear all", exact=True).click()

    expect(page.locator(".entity-head")).to_be_hidden()
    page.wait_for_function("window.__grid.total > 0")


@pytest.mark.parametrize("phone", [False, True], ids=["desktop", "phone"])
def test_axe_finds_nothing(
    visits: Visits, gallery: Server, desk: FakeFreshdesk, phone: bool
) -> None:
    page = visits.open(gallery, "/collections?tab=ticket", phone=phone)
    expect(page.locator(".collection").first).to_be_visible()
    cards = breaches(page)
    page.locator(".collection").first.get_by_role("link").first.click()
    expect(page.get_by_role("link", name="Open in Freshdesk")).to_be_visible()
    ready(page)

    assert cards == []
    assert breaches(page) == []
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
