"""The folder tree while answers are slow and folders go; the server's answers are made up."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.screen import Visits
from tests.e2e.server import Server

pytestmark = pytest.mark.browser


class Folders:
    """Two sources; `below` is what lies in "source/path", and `held` what is not answered yet."""

    def __init__(self, page: Page) -> None:
        self.sources = [1, 2]
        self.below: dict[str, dict[str, int]] = {"1/": {"a": 3, "b": 4}, "1/a": {"a/x": 1}}
        self.hold: set[str] = set()
        self.held: list[Route] = []
        page.route("**/api/v1/sources", self._sources)
        page.route("**/api/v1/folders?*", self._folders)

    def _sources(self, route: Route) -> None:
        items = [
            {"id": number, "kind": "folder", "name": f"Disk {number}", "assets": 9}
            for number in self.sources
        ]
        route.fulfill(json={"items": items})

    def _folders(self, route: Route) -> None:
        if self._place(route) in self.hold:
            self.held.append(route)
        else:
            self._answer(route)

    def _place(self, route: Route) -> str:
        asked = parse_qs(urlsplit(route.request.url).query)
        return f"{asked['source'][0]}/{asked.get('path', [''])[0]}"

    def _answer(self, route: Route) -> None:
        place = self._place(route)
        if int(place.partition("/")[0]) not in self.sources:
            route.fulfill(status=404, json={"error": {"message": "There is no such source."}})
            return
        folders: list[dict[str, Any]] = [
            {
                "path": path,
                "name": path.rpartition("/")[2],
                "assets": assets,
                "folders": len(self.below.get(f"{place[0]}/{path}", {})),
            }
            for path, assets in self.below.get(place, {}).items()
        ]
        route.fulfill(json={"folders": folders})

    def release(self) -> None:
        """Answer what was held."""
        self.hold.clear()
        for route in self.held:
            self._answer(route)


def _row(page: Page, name: str) -> Any:
    return page.get_by_role("treeitem", name=f"{name}, ")


def test_the_folder_one_went_on_to_is_marked_though_another_answers_late(
    server: Server, visits: Visits
) -> None:
    visits.allow("status of 4")  # the grid asks the server for folders that are made up
    page = visits.page()
    folders = Folders(page)
    folders.hold = {"1/a"}
    page.goto(server.url + "/folders?folder=1/a/x")
    expect(_row(page, "b")).to_be_visible()

    _row(page, "b").locator(".folder-row").first.click()
    expect(_row(page, "b")).to_have_attribute("aria-selected", "true")
    folders.release()

    expect(_row(page, "x")).to_be_visible()
    expect(_row(page, "b")).to_have_attribute("aria-selected", "true")
    expect(page.locator("[role=treeitem][aria-selected=true]")).to_have_count(1)


def test_after_a_source_went_the_others_are_still_followed(server: Server, visits: Visits) -> None:
    visits.allow("status of 4")
    page = visits.page()
    folders = Folders(page)
    folders.below["2/"] = {"c": 5}
    page.goto(server.url + "/folders?folder=1/a")
    expect(_row(page, "a")).to_be_visible()
    _row(page, "Disk 2").locator(".folder-twist").first.click()
    expect(_row(page, "c")).to_have_attribute("aria-label", "c, 5 photos")

    folders.sources.remove(1)
    folders.below["2/"] = {"c": 6}
    page.evaluate(
        "async () => (await import('gallery-core')).events.dispatchEvent(new Event('revision'))"
    )

    expect(_row(page, "c")).to_have_attribute("aria-label", "c, 6 photos")
    expect(_row(page, "Disk 1")).to_have_count(0)
