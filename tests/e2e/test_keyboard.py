"""Everything by keyboard alone, with the focus always in sight."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import screen
from tests.e2e.screen import Visits, toast, wait_for_query, wait_for_total
from tests.e2e.server import Server

pytestmark = pytest.mark.browser

# The element that has the focus, also inside shadow roots.
_ACTIVE = """() => {
  let e = document.activeElement;
  while (e?.shadowRoot?.activeElement) e = e.shadowRoot.activeElement;
  return e;
}"""


def focused(page: Page) -> dict[str, object]:
    """What has the focus: its words, whether it is a tile, and whether one can see that."""
    found: dict[str, object] = page.evaluate(
        f"""() => {{
          const e = ({_ACTIVE})();
          const box = e.getBoundingClientRect();
          const seen = (style) => style.boxShadow !== "none"
            || (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0);
          const near = [e, e.parentElement, ...e.children];
          const marked = near.some((one) => one && seen(getComputedStyle(one)))
            || seen(getComputedStyle(e, "::after")) || seen(getComputedStyle(e, "::before"));
          const words = (e.getAttribute("aria-label") || e.textContent || "").trim();
          return {{ tag: e.tagName, words,
            tile: e.classList.contains("tile"), marked, size: box.width * box.height,
            inside: box.bottom > 0 && box.top < innerHeight }};
        }}"""
    )
    return found


class TestTheGridByKeys:
    def test_tab_reaches_the_grid_and_arrows_walk_it(self, visits: Visits, server: Server) -> None:
        page = visits.open(server)
        order = screen.uids(page)

        for _ in range(60):
            page.keyboard.press("Tab")
            if focused(page)["tile"]:
                break
        assert focused(page)["tile"], "Tab never came to a picture"
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowLeft")

        page.wait_for_function(f"uid => ({_ACTIVE})().uid === uid", arg=order[1])

    def test_every_stop_on_the_way_can_be_seen(self, visits: Visits, server: Server) -> None:
        page = visits.open(server)
        stops = []
        for _ in range(40):
            page.keyboard.press("Tab")
            stop = focused(page)
            if stop["tag"] == "BODY":
                break
            stops.append(stop)

        assert len(stops) > 10
        assert [s for s in stops if not s["marked"]] == []
        assert [s for s in stops if not s["words"] and s["tag"] != "INPUT"] == []

    def test_end_goes_to_the_last_and_home_back(self, visits: Visits, server: Server) -> None:
        page = visits.open(server)
        page.locator(".tile").first.focus()
        first = screen.uids(page)[0]
        last = server.api("GET", "/assets?sort=taken&per_page=1")["items"][0]["id"]

        page.keyboard.press("End")
        page.wait_for_function(f"uid => ({_ACTIVE})().uid === uid", arg=last)
        page.keyboard.press("Home")

        page.wait_for_function(f"uid => ({_ACTIVE})().uid === uid", arg=first)

    def test_a_whole_errand(self, visits: Visits, workshop: Server) -> None:
        """Search, choose two, trash them, undo; no pointer anywhere."""
        visits.allow("status of 400")  # half a word of the search, where typing takes its time
        page = visits.open(workshop)
        before = screen.total(page)

        page.keyboard.press("/")
        page.keyboard.type("type:jpeg")
        wait_for_query(page, "q", "type:jpeg")
        shown = int(workshop.api("GET", "/assets?q=type:jpeg&per_page=1")["total"])
        assert shown < before
        wait_for_total(page, shown)
        page.keyboard.press("Enter")
        page.locator(".tile").first.focus()
        page.keyboard.press("Space")
        page.keyboard.press("Shift+ArrowRight")
        expect(page.locator(".gc-selcount")).to_have_text("2 selected")
        page.keyboard.press("Delete")
        undo = toast(page, "2 photos moved to the trash.").get_by_role("button", name="Undo")
        undo.focus()  # so it stays until it is pressed
        wait_for_total(page, shown - 2)
        undo.press("Enter")
        wait_for_total(page, shown)

        assert workshop.api("GET", "/status")["total"] == before

    def test_the_question_mark_lists_the_keys(self, visits: Visits, server: Server) -> None:
        page = visits.open(server)

        page.keyboard.press("?")
        expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
        page.keyboard.press("Escape")

        expect(page.get_by_role("dialog")).to_have_count(0)

    def test_the_skip_link_leads_to_the_content(self, visits: Visits, server: Server) -> None:
        page = visits.open(server)

        page.keyboard.press("Tab")
        assert focused(page)["words"] == "Skip to content"
        page.keyboard.press("Enter")

        page.wait_for_function("document.querySelector('main').contains(document.activeElement)")
