"""A link, from the dialog to a stranger's browser, and its end on the Links page."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e import screen
from tests.e2e.screen import Visits, closed, opened, tiles, toast
from tests.e2e.server import Server
from tests.e2e.test_choosing import bar, choose

pytestmark = pytest.mark.browser


def dialog_of(page: Page) -> Locator:
    """The link dialog; the viewer below it is one as well."""
    return page.get_by_role("dialog", name=re.compile("^Link to"))


def make(page: Page) -> str:
    """Confirms the open dialog; the link's address."""
    dialog = dialog_of(page)
    dialog.get_by_role("button", name="Create link").click()
    field = dialog.get_by_role("textbox", name="Address of the link")
    expect(field).to_be_visible()
    address = field.input_value()
    assert re.fullmatch(r"http://127\.0\.0\.1:\d+/i/[\w-]+\.[\w-]{43}/[\w.]+", address)
    return address


class TestALink:
    @pytest.fixture(autouse=True)
    def _without_an_icon(self, visits: Visits) -> None:
        visits.allow(r"favicon\.ico")  # a stranger's page names none, so the browser asks

    def test_is_made_opened_by_a_stranger_and_revoked(self, visits: Visits, server: Server) -> None:
        visits.allow("status of 410")
        page = visits.open(server)
        tiles(page).nth(1).click()
        opened(page)
        page.get_by_role("button", name="Share by link (l)", exact=True).click()
        dialog_of(page).get_by_text("1 hour", exact=True).click()
        dialog_of(page).get_by_label("Note (only you see it)").fill("for a stranger")
        address = make(page)
        expect(dialog_of(page).get_by_alt_text("QR code of the link")).to_be_visible()
        expect(dialog_of(page)).to_contain_text("this computer")
        page.get_by_role("button", name="Done", exact=True).click()
        expect(dialog_of(page)).to_have_count(0)
        page.keyboard.press("Escape")
        closed(page)

        stranger = visits.page()
        shown = stranger.goto(address)
        assert shown is not None
        assert shown.status == 200
        assert shown.headers["content-type"] == "image/jpeg"
        assert shown.header_value("set-cookie") is None
        expect(stranger.locator("img")).to_be_visible()

        screen.follow(page, "Links")
        row = page.get_by_role("row").filter(has_text="for a stranger")
        expect(row).to_contain_text("1 time")
        row.get_by_role("button", name="Revoke", exact=True).click()
        page.get_by_role("dialog").get_by_role("button", name="Revoke", exact=True).click()
        expect(toast(page, "The link was revoked.")).to_be_visible()
        expect(row).to_contain_text("Revoked")

        gone = stranger.goto(address + "?again")
        assert gone is not None
        assert gone.status == 410
        expect(stranger.locator("body")).to_contain_text("withdrawn")

    def test_to_several_is_a_page_of_them(self, visits: Visits, server: Server) -> None:
        page = visits.open(server)
        choose(page, 0, 2)
        bar(page, "Share by link (l)")
        address = make(page)

        stranger = visits.page()
        stranger.goto(address)

        expect(stranger.locator("img")).to_have_count(3)
        stranger.wait_for_function("[...document.images].every((i) => i.naturalWidth > 0)")
        assert "IMG_" not in stranger.content()
        server.api("DELETE", "/links")

    def test_a_forged_one_is_a_plain_page(self, visits: Visits, server: Server) -> None:
        visits.allow("status of 404")
        page = visits.page()

        answer = page.goto(f"{server.url}/i/{'A' * 60}.{'A' * 43}/picture.webp")

        assert answer is not None
        assert answer.status == 404
        expect(page.locator("body")).to_contain_text("There is nothing here")

    def test_an_original_says_what_it_carries(self, visits: Visits, server: Server) -> None:
        page = visits.open(server)
        tiles(page).nth(1).click()
        opened(page)
        page.get_by_role("button", name="Share by link (l)", exact=True).click()

        dialog_of(page).get_by_role("radio", name=re.compile("^Original")).check()

        expect(dialog_of(page).locator(".gc-warning").first).to_contain_text("GPS")


class TestTheLinksPage:
    def test_without_links_says_so(self, visits: Visits, workshop: Server) -> None:
        page = visits.open(workshop, "/links")

        expect(page.get_by_text("No link has been made yet.")).to_be_visible()

    def test_all_are_revoked_at_once(self, visits: Visits, server: Server) -> None:
        uid = server.api("GET", "/assets?per_page=1")["items"][0]["id"]
        made = {server.api("POST", "/links", {"asset": uid})["id"] for _ in range(2)}
        page = visits.open(server, "/links")

        page.get_by_role("button", name="Revoke all", exact=True).click()
        sure = page.get_by_role("dialog", name=re.compile("^Revoke"))
        sure.get_by_role("button", name="Revoke all", exact=True).click()

        expect(toast(page, "were revoked.")).to_be_visible()
        expect(page.get_by_role("button", name="Revoke all", exact=True)).to_be_hidden()
        states = {one["id"]: one["state"] for one in server.api("GET", "/links")["items"]}
        assert {states[one] for one in made} == {"revoked"}
