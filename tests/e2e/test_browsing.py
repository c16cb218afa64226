"""Looking over the pictures: the grid, filters, search, pages, folders, and the way back."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import screen
from tests.e2e.conftest import COUNT
from tests.e2e.screen import Visits, tiles, wait_for_query, wait_for_total
from tests.e2e.server import Server

pytestmark = pytest.mark.browser
ALL = COUNT + 2


def found(server: Server, params: str) -> int:
    """How many the API finds."""
    return int(server.api("GET", f"/assets?{params}&per_page=1")["total"])


class TestTheGrid:
    def test_shows_the_pictures_of_the_folder(self, visits: Visits, server: Server) -> None:
        page = visits.open(server)

        assert screen.total(page) == ALL
        expect(page.get_by_role("heading", name="2024").first).to_be_visible()
        shown = page.locator(".tile.shown img").first
        assert shown.evaluate("image => image.naturalWidth") > 100

    def test_gives_every_tile_words(self, visits: Visits, server: Server) -> None:
        page = visits.open(server)

        expect(tiles(page).first).to_have_attribute("aria-label", re.compile("20[12][0-9]"))
        page.wait_for_function("[...__grid.canvas.tiles()].every((tile) => tile.img.alt)")

    def test_keeps_few_elements_whatever_the_number(self, visits: Visits, server: Server) -> None:
        page = visits.open(server)

        assert page.evaluate("__grid.host.shadowRoot.querySelectorAll('*').length") < 500

    def test_can_be_made_larger_and_smaller(self, visits: Visits, server: Server) -> None:
        page = visits.open(server)
        before = page.evaluate("__grid.geometry.row")

        page.get_by_role("slider", name="Size of the photos").press("ArrowRight")

        page.wait_for_function("h => __grid.geometry.row > h", arg=before)

    def test_can_be_ordered_by_name(self, visits: Visits, server: Server) -> None:
        page = visits.open(server)

        page.get_by_role("button", name=re.compile("^Sort")).click()
        page.get_by_role("menuitemradio", name="Name A to Z", exact=True).click()

        wait_for_query(page, "sort", "name")
        first = server.api("GET", "/assets?sort=name&per_page=1")["items"][0]["id"]
        page.wait_for_function(
            "uid => [...__grid.canvas.tiles()].find((t) => t.b.start + t.k === 0)?.uid === uid",
            arg=first,
        )


class TestAPageThatIsNoMore:
    def test_an_address_past_the_end_opens_the_last_page(
        self, visits: Visits, server: Server
    ) -> None:
        page = visits.open(server, "/?view=pages&per_page=20&page=999")

        wait_for_query(page, "page", str(-(-screen.total(page) // 20)))
        page.wait_for_function("[...__grid.canvas.tiles()].length > 0")


class TestFilters:
    def test_a_chip_filters_and_is_taken_away_again(self, visits: Visits, server: Server) -> None:
        page = visits.open(server)

        page.get_by_role("button", name="Type", exact=True).click()
        page.get_by_role("checkbox", name=re.compile("^PNG")).click()
        wait_for_query(page, "type", "png")
        wait_for_total(page, found(server, "type=png"))
        page.keyboard.press("Escape")
        page.get_by_role("button", name=re.compile("Remove filter.*PNG")).click()

        wait_for_query(page, "type", None)
        wait_for_total(page, ALL)

    def test_filters_combine_and_stand_in_an_address_that_can_be_sent(
        self, visits: Visits, server: Server
    ) -> None:
        address = "type=jpeg&orientation=landscape&q=walk"

        page = visits.open(server, f"/?{address}")

        assert screen.total(page) == found(server, address) > 0
        expect(page.get_by_role("searchbox", name="Search")).to_have_value("walk")
        expect(
            page.get_by_role("group", name="Active filters").get_by_role("button")
        ).to_have_count(4)

    def test_search_finds_while_one_types(self, visits: Visits, server: Server) -> None:
        page = visits.open(server)

        page.keyboard.press("/")
        page.keyboard.type("wal")

        wait_for_query(page, "q", "wal")
        wait_for_total(page, found(server, "q=wal"))

    def test_a_search_that_is_wrong_says_which_word(self, visits: Visits, server: Server) -> None:
        visits.allow("status of 400")
        page = visits.open(server)

        page.get_by_role("searchbox", name="Search").fill("walk colour:red")

        expect(page.locator(".gc-search-error")).to_contain_text("colour")
        expect(page.get_by_role("heading", name="This search cannot be understood")).to_be_visible()
        page.get_by_role("button", name="Clear the search", exact=True).click()
        wait_for_query(page, "q", None)
        expect(page.locator(".gc-search-error")).to_be_hidden()
        expect(page.get_by_role("searchbox", name="Search")).to_have_value("")

    def test_an_empty_answer_says_which_filter_to_drop(
        self, visits: Visits, server: Server
    ) -> None:
        page = visits.open(server, "/?type=png&q=nothinglikethis")

        expect(page.get_by_role("heading", name="Nothing matches these filters")).to_be_visible()
        page.get_by_role("button", name=re.compile("Without “.*nothinglikethis.*” there")).click()

        wait_for_query(page, "q", None)
        wait_for_total(page, found(server, "type=png"))


class TestPages:
    def test_the_page_number_stands_in_the_address(self, visits: Visits, server: Server) -> None:
        page = visits.open(server, "/?view=pages&per_page=20")
        second = server.api("GET", "/assets?page=2&per_page=20")["items"][0]["id"]

        page.get_by_role("link", name="Next page", exact=True).click()

        wait_for_query(page, "page", "2")
        page.wait_for_function(
            "uid => [...__grid.canvas.tiles()].find((t) => t.b.start + t.k === 0)?.uid === uid",
            arg=second,
        )
        expect(page.locator(".pager .range")).to_have_text(f"21–40 of {ALL}")

    def test_that_address_opens_the_same_page(self, visits: Visits, server: Server) -> None:
        seventh = server.api("GET", "/assets?page=7&per_page=20")["items"]

        page = visits.open(server, "/?view=pages&per_page=20&page=7")

        screen.wait_for_uids(page, (item["id"] for item in seventh))
        assert screen.uids(page) == [item["id"] for item in seventh]
        expect(page.get_by_role("link", name="Page 7", exact=True)).to_have_attribute(
            "aria-current", "page"
        )

    def test_back_turns_back(self, visits: Visits, server: Server) -> None:
        page = visits.open(server, "/?view=pages&per_page=20")
        page.get_by_role("link", name="Next page", exact=True).click()
        wait_for_query(page, "page", "2")

        page.go_back()

        wait_for_query(page, "page", None)
        expect(page.locator(".pager .range")).to_have_text(f"1–20 of {ALL}")

    def test_the_mode_is_switched_in_the_bar(self, visits: Visits, server: Server) -> None:
        page = visits.open(server)

        page.get_by_role("button", name="Pages", exact=True).click()

        wait_for_query(page, "view", "pages")
        expect(page.locator(".pager .range")).to_have_text(f"1–50 of {ALL}")


class TestTheWayBack:
    def test_back_from_another_page_restores_the_place(
        self, visits: Visits, server: Server
    ) -> None:
        page = visits.open(server)
        page.evaluate("__grid.jump(1500)")
        page.wait_for_function("__grid.vtop() > 1400")
        before = screen.place(page)

        screen.follow(page, "Jobs")
        expect(page.get_by_role("heading", name="Jobs", level=1)).to_be_visible()
        page.go_back()

        page.wait_for_function("document.documentElement.dataset.kind === 'grid'")
        screen.wait_for_place(page, before)

    def test_a_reload_restores_the_place(self, visits: Visits, server: Server) -> None:
        page = visits.open(server)
        page.evaluate("__grid.jump(1500)")
        page.wait_for_function("__grid.vtop() > 1400")
        before = screen.place(page)

        page.reload()
        screen.ready(page)

        screen.wait_for_place(page, before)

    def test_back_takes_a_filter_back(self, visits: Visits, server: Server) -> None:
        page = visits.open(server)
        page.get_by_role("button", name="Favourites", exact=True).click()
        wait_for_query(page, "is", "favourite")

        page.go_back()

        wait_for_query(page, "is", None)
        wait_for_total(page, ALL)

    def test_an_address_that_leads_nowhere_says_so(self, visits: Visits, server: Server) -> None:
        visits.allow("status of 404")
        page = visits.open(server, "/no/such/place")

        page.get_by_role("link", name="Go to your photos").click()

        page.wait_for_function("document.documentElement.dataset.kind === 'grid'")
        wait_for_total(page, ALL)


class TestFolders:
    def test_the_tree_is_the_one_on_disk(self, visits: Visits, server: Server) -> None:
        page = visits.open(server, "/folders")
        tree = page.get_by_role("tree", name="Folders")

        year = tree.get_by_role("treeitem", name=re.compile("^2024, "))
        expect(year).to_be_visible()
        year.locator(".folder-name").first.click()

        page.wait_for_function(
            "/^\\d+\\/2024$/.test(new URLSearchParams(location.search).get('folder'))"
        )
        folder = screen.query(page)["folder"][0]
        wait_for_total(page, found(server, f"folder={folder}"))

    def test_a_folders_address_opens_the_way_to_it(self, visits: Visits, server: Server) -> None:
        source = next(
            s["id"] for s in server.api("GET", "/sources")["items"] if s["kind"] == "folder"
        )
        months = server.api("GET", f"/folders?source={source}&path=2024")["folders"]
        month = months[0]["path"]

        page = visits.open(server, f"/folders?folder={source}/{month}")

        wait_for_total(page, months[0]["assets"])
        chosen = page.locator("[role=treeitem][aria-selected=true]")
        expect(chosen).to_have_attribute("data-value", f"{source}/{month}")


class TestTheTheme:
    def test_is_switched_and_kept(self, visits: Visits, server: Server) -> None:
        page = visits.open(server)
        assert page.evaluate("document.documentElement.dataset.theme") == "light"

        page.get_by_role("button", name="Theme", exact=True).click()
        page.get_by_role("menuitemradio", name="Dark", exact=True).click()
        page.reload()
        screen.ready(page)

        assert page.evaluate("document.documentElement.dataset.theme") == "dark"
        assert _brightness(page) < 60

    def test_follows_the_system_until_then(self, visits: Visits, server: Server) -> None:
        light, dark = visits.open(server), visits.open(server, dark=True)

        assert _brightness(light) > 220
        assert _brightness(dark) < 60


def _brightness(page: Page) -> int:
    """0 to 255, of the page's ground."""
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return sum(int(part) for part in re.findall(r"\d+", colour)[:3]) // 3
