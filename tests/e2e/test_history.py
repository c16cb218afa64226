"""Back and Forward through searches: each step is one that somebody meant, also after a reload."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.screen import Visits, query, ready, total, wait_for_query, wait_for_total
from tests.e2e.server import Server

pytestmark = pytest.mark.browser


def _can_search_by_content(page: Page) -> None:
    """Let Immich's search be offered, and find nothing."""
    able = {"available": True, "source": 1, "name": "Immich"}
    page.route("**/api/v1/smart", lambda route: route.fulfill(json=able))
    nothing = {
        "revision": 1, "total": 0, "keys": [], "labels": [], "counts": [], "ratios": [],
        "days": [], "stamps": [], "facets": {}, "items": [],
    }  # fmt: skip
    asked = re.compile(r"/api/v1/(timeline|facets|assets)\?.*smart=")
    page.route(asked, lambda route: route.fulfill(json=nothing))


def test_back_from_a_search_by_content_leads_to_before_one_typed(
    server: Server, visits: Visits
) -> None:
    page = visits.page()
    _can_search_by_content(page)
    page.goto(server.url + "/?orientation=landscape")
    ready(page)
    all_of_them = total(page)
    box = page.get_by_role("searchbox", name="Search")

    box.fill("lighthouse")
    wait_for_query(page, "q", "lighthouse")
    page.get_by_role("button", name="Find photos that show “lighthouse”").click()
    wait_for_query(page, "smart", "lighthouse")
    wait_for_total(page, 0)
    page.reload()
    ready(page)
    assert query(page) == {"orientation": ["landscape"], "smart": ["lighthouse"]}

    page.go_back()
    wait_for_query(page, "smart", None)
    assert query(page) == {"orientation": ["landscape"]}
    wait_for_total(page, all_of_them)
    expect(box).to_have_value("")
    page.reload()
    ready(page)
    assert query(page) == {"orientation": ["landscape"]}

    page.go_forward()
    wait_for_query(page, "smart", "lighthouse")
    wait_for_total(page, 0)
    expect(box).to_have_value("")
    page.reload()
    ready(page)
    wait_for_total(page, 0)


def test_words_that_were_searched_for_are_a_step_of_their_own(
    server: Server, visits: Visits
) -> None:
    page = visits.page()
    _can_search_by_content(page)
    page.goto(server.url)
    ready(page)
    box = page.get_by_role("searchbox", name="Search")

    box.fill("lighthouse")
    box.press("Enter")
    wait_for_query(page, "q", "lighthouse")
    box.press("Shift+Enter")
    wait_for_query(page, "smart", "lighthouse")
    page.go_back()

    wait_for_query(page, "q", "lighthouse")
    expect(box).to_have_value("lighthouse")


def test_back_takes_the_words_out_of_the_box_that_is_still_in_use(
    server: Server, visits: Visits
) -> None:
    page = visits.open(server)
    all_of_them = total(page)
    box = page.get_by_role("searchbox", name="Search")

    box.fill("lighthouse")
    wait_for_query(page, "q", "lighthouse")
    wait_for_total(page, 0)
    page.go_back()
    wait_for_query(page, "q", None)
    expect(box).to_have_value("")
    box.blur()  # searches for what stands in the box

    wait_for_total(page, all_of_them)
    assert query(page) == {}
