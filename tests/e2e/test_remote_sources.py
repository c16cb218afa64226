"""Remotes in a browser: connected by the dialog, watched while they come, changed, removed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, WebSocket, expect

from gallery_app.testing.freshdesk import FakeFreshdesk
from tests.e2e.screen import PATIENCE_MS, Visits, follow, go, undo, wait_for_total
from tests.e2e.server import Server
from tests.e2e.test_accessibility import breaches
from tests.pictures import make_folder

pytestmark = pytest.mark.browser
LOCAL = 3  # pictures in the folder


@pytest.fixture(scope="module")
def desk() -> Iterator[FakeFreshdesk]:
    with FakeFreshdesk(tickets=6, pictures=12, seed=2) as served:
        yield served


@pytest.fixture
def gallery(browser: Browser, tmp_path: Path) -> Iterator[Server]:
    make_folder(tmp_path / "pictures", LOCAL, seed=5)
    made = Server(tmp_path / "data", [tmp_path / "pictures"])
    made.wait_until_done(LOCAL)
    yield made
    made.close()


def open_form(page: Page, title: str = "Freshdesk") -> Locator:
    """Press the offer; the dialog."""
    page.get_by_role("button", name=title).click()
    dialog = page.get_by_role("dialog", name=f"Connect {title}")
    expect(dialog).to_be_visible()
    return dialog


def fill(dialog: Locator, desk: FakeFreshdesk, key: str = "") -> None:
    """Type address and key."""
    dialog.get_by_label("Account").fill(desk.url)
    dialog.get_by_label("API key").fill(key or desk.key)


def connect(page: Page, desk: FakeFreshdesk) -> Locator:
    """Connect the desk and close what it says then; its card."""
    dialog = open_form(page)
    fill(dialog, desk)
    dialog.get_by_role("button", name="Connect", exact=True).click()
    page.get_by_role("button", name="Done", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    return page.get_by_role("article", name="Freshdesk", exact=True)


def test_a_desk_is_tested_connected_and_watched(
    gallery: Server, visits: Visits, desk: FakeFreshdesk
) -> None:
    page = visits.open(gallery, "/sources")
    dialog = open_form(page)
    fill(dialog, desk)

    dialog.get_by_role("button", name="Test", exact=True).click()
    expect(dialog.get_by_text("Everything works.")).to_be_visible()
    dialog.get_by_role("button", name="Connect", exact=True).click()
    expect(page.get_by_text("/hooks/freshdesk/")).to_be_visible()
    page.get_by_role("button", name="Done", exact=True).click()

    card = page.get_by_role("article", name="Freshdesk", exact=True)
    expect(card.get_by_text("Up to date", exact=True)).to_be_visible()
    count = len(desk.pictures())
    expect(card.get_by_text(f"{count} pictures", exact=True)).to_be_visible()
    follow(page, "Photos")
    wait_for_total(page, LOCAL + count)


def test_a_wrong_key_is_said_in_plain_words_and_nothing_is_lost(
    gallery: Server, visits: Visits, desk: FakeFreshdesk
) -> None:
    page = visits.open(gallery, "/sources")
    dialog = open_form(page)
    fill(dialog, desk, "not-the-key")

    dialog.get_by_role("button", name="Test", exact=True).click()

    expect(dialog.get_by_text("It does not work yet.")).to_be_visible()
    expect(dialog.get_by_label("Account")).to_have_value(desk.url)
    expect(dialog.get_by_label("API key")).to_have_value("not-the-key")


def test_a_form_begins_in_its_first_field_and_ends_with_escape(
    gallery: Server, visits: Visits
) -> None:
    page = visits.open(gallery, "/sources")
    dialog = open_form(page)

    expect(dialog.get_by_label("Account")).to_be_focused()
    page.keyboard.type("acme")
    page.mouse.click(5, 5)  # beside it: what is typed is not lost by a slip
    expect(dialog.get_by_label("Account")).to_have_value("acme")
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("button", name="Freshdesk")).to_be_focused()


def test_what_is_typed_survives_the_live_page_behind_it(
    gallery: Server, visits: Visits, desk: FakeFreshdesk
) -> None:
    page = visits.open(gallery, "/sources")
    dialog = open_form(page)
    dialog.get_by_label("Account").fill("half-typ")

    more = gallery.data.with_name("more")
    more.mkdir()
    gallery.api("POST", "/sources", {"path": str(more)})
    expect(page.locator(".source")).to_have_count(3)

    expect(dialog.get_by_label("Account")).to_have_value("half-typ")


def test_a_saved_key_is_never_sent_to_the_browser(
    gallery: Server, visits: Visits, desk: FakeFreshdesk
) -> None:
    page = visits.open(gallery, "/sources")
    card = connect(page, desk)
    answers: list[str] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda said: answers.append(str(said)))

    page.on("websocket", listen)
    go(page, gallery.url + "/sources")

    card.get_by_role("button", name="Edit", exact=True).click()

    expect(page.get_by_text("Key saved")).to_be_visible()
    assert answers
    assert desk.key not in "".join(answers) + page.content()


def test_a_removed_desk_comes_back_by_undo(
    gallery: Server, visits: Visits, desk: FakeFreshdesk
) -> None:
    page = visits.open(gallery, "/sources")
    card = connect(page, desk)
    expect(card.get_by_text("Up to date", exact=True)).to_be_visible()

    card.get_by_role("button", name="Remove", exact=True).click()
    page.get_by_role("button", name="Remove its pictures too").click()
    back = undo(page, "Freshdesk was removed")
    expect(card).to_have_count(0)
    back.click()

    expect(card).to_be_visible()
    go(page, gallery.url)
    wait_for_total(page, LOCAL + len(desk.pictures()))


def test_a_desk_that_is_gone_says_so_and_what_to_do(gallery: Server, visits: Visits) -> None:
    page = visits.open(gallery, "/sources")
    with FakeFreshdesk(tickets=2, pictures=2, seed=3) as short:
        card = connect(page, short)
        expect(card.get_by_text("Up to date", exact=True)).to_be_visible()

    card.get_by_role("button", name="Sync now").click()

    expect(card.get_by_text("Not reachable", exact=True)).to_be_visible(timeout=2 * PATIENCE_MS)
    expect(card.get_by_role("button", name="Retry now")).to_be_enabled()


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_on_dialog_and_card(
    gallery: Server, visits: Visits, desk: FakeFreshdesk, dark: bool
) -> None:
    page = visits.open(gallery, "/sources", dark=dark)
    dialog = open_form(page)
    fill(dialog, desk)
    dialog.get_by_role("button", name="Test", exact=True).click()
    expect(dialog.get_by_text("Everything works.")).to_be_visible()
    on_the_form = breaches(page)
    dialog.get_by_role("button", name="Cancel", exact=True).click()
    expect(dialog).to_have_count(0)
    connect(page, desk)

    assert on_the_form == []
    assert breaches(page) == []


def test_on_a_phone_nothing_is_wider_than_the_screen(
    gallery: Server, visits: Visits, desk: FakeFreshdesk
) -> None:
    page = visits.open(gallery, "/sources", phone=True)
    dialog = open_form(page)
    with_dialog = page.evaluate("document.documentElement.scrollWidth")
    expect(dialog.get_by_role("button", name="Connect")).to_be_in_viewport()
    dialog.get_by_role("button", name="Cancel", exact=True).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    connect(page, desk)

    assert with_dialog <= 360
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    place = page.locator(".place-page")
    assert place.evaluate("e => e.scrollWidth - e.clientWidth") == 0


def test_the_whole_way_is_gone_by_keyboard(
    gallery: Server, visits: Visits, desk: FakeFreshdesk
) -> None:
    page = visits.open(gallery, "/sources")
    page.get_by_role("button", name="Freshdesk").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="Connect Freshdesk")
    expect(dialog).to_be_visible()

    expect(dialog.get_by_label("Account")).to_be_focused()  # before it is, it would be once more
    page.keyboard.type(desk.url)
    page.keyboard.press("Tab")
    page.keyboard.type(desk.key)
    page.keyboard.press("Enter")  # the form's first button that sends: Test

    expect(dialog.get_by_text("Everything works.")).to_be_visible()
