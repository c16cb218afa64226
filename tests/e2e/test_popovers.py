"""Popovers below their buttons."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.e2e.screen import Visits
from tests.e2e.server import Server

pytestmark = pytest.mark.browser
# Between the press that closes a popover and its click the page is busy for a while.
BUSY = """addEventListener("pointerup", () => {
  const until = performance.now() + 300;
  while (performance.now() < until);
}, true)"""


def test_a_press_on_its_button_closes_one_however_busy_the_page(
    server: Server, visits: Visits
) -> None:
    page = visits.open(server)
    chip = page.get_by_role("button", name="Type", exact=True)
    panel = page.get_by_role("dialog", name="Type")
    chip.click()
    expect(panel).to_be_visible()
    page.evaluate(BUSY)
    # what the click does is done in one turn with it: nothing comes later
    page.evaluate("document.addEventListener('click', () => { window.clicked = true })")

    chip.click()
    page.wait_for_function("window.clicked")
    expect(panel).to_be_hidden()
    expect(chip).to_have_attribute("aria-expanded", "false")

    chip.click()
    expect(panel).to_be_visible()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    page.keyboard.press("Enter")
    expect(panel).to_be_visible()
