"""No page has a serious or critical breach of WCAG 2.2 AA that axe can find, in light and dark."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e import screen
from tests.e2e.screen import Visits, tiles
from tests.e2e.server import Server

pytestmark = pytest.mark.browser
AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
_RUN = """async () => {
  const found = await axe.run(document, {
    runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], resultTypes: ["violations"],
    preload: false,  // its own requests would set Quasar's loading bar going
  });
  // A tree's item holds the rows below it: its visible text is never just its own name.
  for (const v of found.violations)
    if (v.id === "label-content-name-mismatch")
      v.nodes = v.nodes.filter((n) => !n.html.startsWith('<li role="treeitem"'));
  const counts = (v) => v.nodes.length && ["serious", "critical"].includes(v.impact);
  return found.violations.filter(counts).map((v) =>
    `${v.id}: ${v.nodes.slice(0, 4).map((n) => `${n.target.flat().join(" ")} (${
      n.any[0]?.message ?? n.all[0]?.message ?? n.none[0]?.message ?? ""})`).join("; ")}`);
}"""

# Our pages follow the system by a script, a frame later; a link's page does by its style sheet.
_STILL = """(theme) => (document.documentElement.dataset.theme ?? theme) === theme
  && document.getAnimations().every((a) => a.playState !== "running")"""
# What fades in is judged once it is there; a ring that turns as long as something is busy may.
_FADED = """() => document.getAnimations().every((a) =>
  a.playState !== "running" || a.effect.getComputedTiming().iterations === Infinity)"""


def breaches(page: Page) -> list[str]:
    """What axe finds to be serious or critical."""
    page.wait_for_function(_FADED)
    page.evaluate(AXE)  # past the page's CSP, which rightly forbids foreign scripts
    found: list[str] = page.evaluate(_RUN)
    return found


def viewer(page: Page) -> None:
    tiles(page).nth(1).click()
    expect(page.locator(".pswp__img").first).to_be_visible()
    page.keyboard.press("i")
    expect(page.locator(".gl-info dd").first).to_be_visible()


def link_dialog(page: Page) -> None:
    tiles(page).nth(0).click(position={"x": 14, "y": 14})
    page.get_by_role("button", name="Share by link (l)").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def tag_dialog(page: Page) -> None:
    tiles(page).nth(0).click(position={"x": 14, "y": 14})
    page.get_by_role("button", name="Tags (t)").click()
    expect(page.get_by_role("dialog")).to_be_visible()


def filter_list(page: Page) -> None:
    page.get_by_role("button", name="Camera", exact=True).click()
    expect(page.locator(".gc-option").first).to_be_visible()


def shortcuts(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()


def nothing(_: Page) -> None:
    """The page as it opens."""


def a_row(page: Page) -> None:
    """The page with what its table or list tells."""
    expect(page.locator(".place-page tbody tr").first).to_be_visible()


def a_card(page: Page) -> None:
    """The page with the cards of its sources."""
    expect(page.locator(".source").first).to_be_visible()


PAGES: dict[str, tuple[str, Callable[[Page], None]]] = {
    "photos": ("/", nothing),
    "photos, filtered": ("/?type=jpeg&q=walk", nothing),
    "photos, page by page": ("/?view=pages&per_page=20", nothing),
    "photos, none fit": ("/?q=nothinglikethis", nothing),
    "viewer": ("/", viewer),
    "link dialog": ("/", link_dialog),
    "tag dialog": ("/", tag_dialog),
    "filter list": ("/", filter_list),
    "shortcuts": ("/", shortcuts),
    "folders": ("/folders", nothing),
    "favourites": ("/favourites", nothing),
    "trash": ("/trash", nothing),
    "collections": ("/collections", nothing),
    "products": ("/products", nothing),
    "frames": ("/frames", nothing),
    "links": ("/links", nothing),
    "sources": ("/sources", a_card),
    "jobs": ("/jobs", a_row),
    "about": ("/about", nothing),
    "nowhere": ("/no/such/place", nothing),
}


@pytest.fixture(scope="module")
def tab(browser: Browser) -> Iterator[Page]:
    """One browser for all these looks: it has the program's files after the first."""
    visits = Visits(browser)
    visits.allow("status of 4(04|10)")
    yield visits.page()
    assert visits.close() == []


def in_both_themes(page: Page) -> dict[str, list[str]]:
    """What axe finds in light and in dark; the page follows the system."""
    found: dict[str, list[str]] = {}
    themes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for theme in themes:
        page.emulate_media(color_scheme=theme)
        page.wait_for_function(_STILL, arg=theme)
        found[theme] = breaches(page)
    return found


class TestAxeFindsNothing:
    @pytest.mark.parametrize("name", PAGES)
    def test_on(self, tab: Page, server: Server, name: str) -> None:
        address, prepare = PAGES[name]
        screen.go(tab, server.url + address)
        prepare(tab)

        assert in_both_themes(tab) == {"light": [], "dark": []}
        assert tab.evaluate("document.documentElement.dataset.theme") == "dark"

    def test_on_a_links_page_and_its_end(self, tab: Page, server: Server) -> None:
        uids = [a["id"] for a in server.api("GET", "/assets?per_page=3")["items"]]
        link = server.api("POST", "/links", {"assets": uids, "rendition": "small"})

        tab.goto(link["url"])
        while_it_lives = in_both_themes(tab)
        server.api("DELETE", f"/links/{link['id']}")
        tab.goto(link["url"])

        assert while_it_lives == {"light": [], "dark": []}
        assert in_both_themes(tab) == {"light": [], "dark": []}


class TestOnAPhone:
    @pytest.mark.parametrize("name", ["photos", "viewer", "links", "sources", "jobs", "folders"])
    def test_nothing_is_wider_than_the_screen(
        self, visits: Visits, server: Server, name: str
    ) -> None:
        address, prepare = PAGES[name]
        page = visits.open(server, address, phone=True)
        if name == "viewer":
            tiles(page).nth(1).click()
            expect(page.locator(".pswp__img").first).to_be_visible()
        else:
            prepare(page)

        assert page.evaluate("document.documentElement.scrollWidth") <= 360

    def test_axe_finds_nothing_there_either(self, visits: Visits, server: Server) -> None:
        page = visits.open(server, phone=True)

        assert breaches(page) == []
        screen.ready(page)
