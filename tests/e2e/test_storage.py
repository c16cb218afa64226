"""A browser that keeps nothing: all works, and forgets with the page."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.screen import Visits, ready, tiles
from tests.e2e.server import Server

pytestmark = pytest.mark.browser
REFUSED = """Object.defineProperty(window, "localStorage", {
  get() { throw new DOMException("refused", "SecurityError"); },
})"""


def test_where_storage_is_refused_viewer_header_and_theme_work(
    server: Server, visits: Visits
) -> None:
    page = visits.page()
    page.add_init_script(REFUSED)
    page.goto(server.url)
    ready(page)
    expect(page.locator(".gc-progress")).to_be_visible()  # of the one that cannot be shown

    page.get_by_role("button", name="Theme").click()
    page.get_by_role("menuitemradio", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")

    tiles(page).first.click()
    panel = page.get_by_role("complementary", name="Information")
    page.get_by_role("button", name="Information (i)", exact=True).click()
    expect(panel.get_by_label("Caption")).to_be_visible()
