"""Choosing that takes its time while one goes on to another search."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Route, expect

from tests.e2e.screen import Visits, ready
from tests.e2e.server import Server

pytestmark = pytest.mark.browser


def test_what_was_to_be_chosen_of_another_search_is_not(server: Server, visits: Visits) -> None:
    page = visits.open(server)
    page.wait_for_function("__grid.library.list.some((b) => !b.columns)")
    held: list[Route] = []
    holding = True

    def hold(route: Route) -> None:
        if holding:
            held.append(route)
        else:
            route.continue_()

    page.route(re.compile(r"/api/v1/timeline/\d"), hold)
    page.keyboard.press("Control+a")
    page.wait_for_function("__grid.choosing.pending !== undefined")

    page.get_by_role("button", name="Favourites", exact=True).click()
    page.wait_for_function("__grid.choosing.pending.signal.aborted")
    holding = False
    for route in held:
        route.continue_()

    ready(page)
    page.wait_for_function("__grid.library.list.every((b) => b.state !== 1)")
    assert page.evaluate("__grid.selection.count") == 0
    expect(page.locator("gallery-toasts .toast")).to_have_count(0)
