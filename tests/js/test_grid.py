"""The grid in Debian's Chromium over the real program and an index of 12,000 made-up pictures.

What only a browser can show: that nothing jumps, that keys and focus go where they should, that
addresses give places back. The server is the bench's (tests/bench/browser.py): everything is
real but the pictures' bytes.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.bench.browser import CHROMIUM, FLAGS, NODES, index, served

pytestmark = [pytest.mark.browser, pytest.mark.slow]
ASSETS = 12_000
PATIENCE_MS = 30_000

SEEN = """() => {
  const frame = __grid.scroller.getBoundingClientRect();
  const tiles = [...__grid.canvas.tiles()].map((t) => [t, t.getBoundingClientRect()])
    .filter(([, r]) => r.bottom > frame.top && r.top < frame.bottom);
  return Object.fromEntries(tiles.map(([t, r]) => [t.uid, r.top - frame.top]));
}"""
SETTLED = """() => { const tiles = [...__grid.canvas.tiles()];
  return tiles.length && tiles.every((t) => t.classList.contains('shown')); }"""
# Scrolls up step by step and says how far any picture strayed from where it should be.
# Of the pictures in sight, before and after: what lies outside the window may move unseen.
STRAYED_UPWARDS = """async ([steps, px]) => {
  const next = () => new Promise((done) => requestAnimationFrame(done));
  const box = __grid.scroller.getBoundingClientRect();
  const seen = () => new Map([...__grid.canvas.tiles()]
    .map((t) => [t.uid, t.getBoundingClientRect()])
    .filter(([, r]) => r.bottom > box.top && r.top < box.bottom).map(([uid, r]) => [uid, r.top]));
  let worst = 0, compared = 0;
  for (let i = 0; i < steps; i++) {
    const before = seen();
    __grid.scroller.scrollTop -= px;
    await next(); await next();
    for (const [uid, top] of seen()) {
      if (!before.has(uid)) continue;
      worst = Math.max(worst, Math.abs(top - before.get(uid) - px));
      compared++;
    }
  }
  return [worst, compared];
}"""
UIDS_FROM_TOP = """(n) => [...__grid.canvas.tiles()]
  .sort((a, b) => a.b.start + a.k - b.b.start - b.k).slice(0, n).map((t) => t.uid)"""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    data = index(tmp_path_factory.mktemp("grid"), ASSETS)
    with served(data) as found:
        yield found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield found
        found.close()


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(
        viewport={"width": 1400, "height": 900}, base_url=address, reduced_motion="reduce"
    )
    found = context.new_page()
    found.set_default_timeout(PATIENCE_MS)
    errors: list[str] = []
    found.on("pageerror", lambda error: errors.append(str(error)))
    yield found
    context.close()
    assert errors == []


def visit(page: Page, path: str = "/") -> None:
    page.goto(path)
    page.wait_for_function("window.__grid && window.did_handshake")
    page.evaluate("__grid.ready")
    settle(page)


def settle(page: Page) -> None:
    page.wait_for_function(SETTLED)


def jump(page: Page, share: float) -> None:
    page.evaluate("(share) => __grid.jump(share * __grid.library.height)", share)
    settle(page)


def strayed(before: dict[str, float], after: dict[str, float]) -> float:
    both = before.keys() & after.keys()
    assert both, f"nothing is left to compare: {len(before)} and {len(after)}"
    return max(abs(before[uid] - after[uid]) for uid in both)


def position(page: Page) -> int:
    return int(page.evaluate("__grid.keys.active.position"))


class TestScrolling:
    def test_nothing_strays_while_months_arrive_above(self, page: Page) -> None:
        visit(page)
        jump(page, 0.6)

        worst, compared = page.evaluate(STRAYED_UPWARDS, [250, 60])

        assert compared > 1000
        assert worst == 0
        assert page.evaluate("__grid.stat.fetches") > 5

    def test_the_end_shows_the_last_picture_and_the_top_the_first(self, page: Page) -> None:
        visit(page)

        page.evaluate("__grid.jump(1e9)")
        settle(page)
        page.evaluate("__grid.jump(1e9)")
        last = page.evaluate("Math.max(...[...__grid.canvas.tiles()].map((t) => t.b.start + t.k))")
        page.evaluate("__grid.jump(0)")

        assert last == ASSETS - 1
        assert page.evaluate("__grid.vtop()") == 0

    def test_another_size_leaves_what_is_looked_at_where_it_was(self, page: Page) -> None:
        visit(page)
        jump(page, 0.4)
        anchor = page.evaluate(
            """() => { const top = __grid.scroller.getBoundingClientRect().top;
            const tiles = [...__grid.canvas.tiles()]
              .filter((t) => t.getBoundingClientRect().top >= top);
            tiles.sort((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top);
            return [tiles[0].uid, tiles[0].getBoundingClientRect().top - top]; }"""
        )

        page.evaluate("__grid.setRowHeight(320)")
        settle(page)

        assert abs(page.evaluate(SEEN)[anchor[0]] - anchor[1]) <= 1

    def test_the_page_stays_small(self, page: Page) -> None:
        visit(page)
        nodes = []
        for share in (0.1, 0.5, 0.9, 0.3):
            jump(page, share)
            nodes.append(page.evaluate(NODES))

        assert max(nodes) < 600  # with the whole frame around the grid
        assert page.evaluate("__grid.stat.tilesMade") < 150


class TestAddresses:
    def test_a_reload_stands_where_it_stood(self, page: Page) -> None:
        visit(page)
        jump(page, 0.5)
        before: dict[str, float] = page.evaluate(SEEN)
        page.wait_for_function("history.state?.place")

        page.reload()
        page.wait_for_function("window.__grid")
        page.evaluate("__grid.ready")
        settle(page)

        assert strayed(before, page.evaluate(SEEN)) <= 1

    def test_back_from_a_filter_gives_the_place_back(self, page: Page) -> None:
        visit(page)
        jump(page, 0.5)
        before: dict[str, float] = page.evaluate(SEEN)
        page.wait_for_function("history.state?.place")
        page.evaluate("import('gallery-core').then(({ view }) => view.set('year', ['2020']))")
        page.wait_for_function(f"__grid.total < {ASSETS}")

        page.go_back()
        page.wait_for_function(f"__grid.total === {ASSETS}")
        page.evaluate("__grid.ready")
        settle(page)

        assert strayed(before, page.evaluate(SEEN)) <= 1

    def test_a_page_shows_exactly_that_page(self, page: Page) -> None:
        visit(page, "/?view=pages&page=3&per_page=20")
        wanted = page.evaluate(
            "fetch('/api/v1/assets?page=3&per_page=20').then((r) => r.json())"
            ".then((r) => r.items.map((one) => one.id))"
        )

        shown = page.evaluate("__grid.library.list.flatMap((b) => __grid.library.uids(b))")

        assert shown == wanted

    def test_the_next_page_stands_in_the_address(self, page: Page) -> None:
        visit(page, "/?view=pages&page=3&per_page=20")

        page.get_by_role("link", name="Next page").click()
        page.wait_for_url("**page=4*")
        page.go_back()

        page.wait_for_function("__grid.library.paging?.page === 3")

    def test_filters_that_exclude_everything_say_which_to_drop(self, page: Page) -> None:
        page.goto("/?year=2010&from=2020-01-01")
        page.get_by_role("button", name="Without “year: 2010”").click()

        page.wait_for_url("**/?from=2020-01-01")
        page.wait_for_function("__grid.total > 0")


class TestKeys:
    def test_arrows_move_one_tab_stop(self, page: Page) -> None:
        visit(page)

        page.evaluate("__grid.focus()")
        first = position(page)
        page.keyboard.press("ArrowRight")
        page.keyboard.press("ArrowRight")

        page.wait_for_function(f"__grid.keys.active.position === {first + 2}")
        stops = "[...__grid.canvas.tiles()].filter((t) => t.tabIndex === 0).length"
        assert page.evaluate(stops) == 1

    def test_down_and_up_come_back(self, page: Page) -> None:
        visit(page)
        page.evaluate("__grid.focus()")
        first = position(page)

        for key in ("ArrowDown", "ArrowDown", "ArrowUp", "ArrowUp"):
            page.keyboard.press(key)

        page.wait_for_function(f"__grid.keys.active.position === {first}")

    def test_end_and_home_reach_the_ends(self, page: Page) -> None:
        visit(page)
        page.evaluate("__grid.focus()")

        page.keyboard.press("End")
        page.wait_for_function(f"__grid.keys.active.position === {ASSETS - 1}")
        page.keyboard.press("Home")

        page.wait_for_function("__grid.keys.active.position === 0")

    def test_the_focus_outlives_its_tile(self, page: Page) -> None:
        visit(page)
        page.evaluate("__grid.focus()")
        uid = page.evaluate("__grid.keys.active.uid")

        jump(page, 0.5)
        jump(page, 0.0)

        focused = "__grid.host.shadowRoot.activeElement.uid"
        assert page.evaluate(focused) == uid

    def test_every_picture_in_sight_has_a_name(self, page: Page) -> None:
        visit(page)
        dates_alone = "[...__grid.canvas.tiles()].filter((t) => /^(Photo|Video),/.test(t.img.alt))"
        page.wait_for_function(f"{dates_alone}.length === 0")
        assert page.evaluate("[...__grid.canvas.tiles()][0].ariaLabel").startswith("IMG_")


class TestChoosing:
    def click(self, page: Page, number: int, *keys: Any) -> int:
        """Click the `number`-th whole tile; its position."""
        x, y, found = page.evaluate(
            """(n) => { const frame = __grid.scroller.getBoundingClientRect();
            const t = [...__grid.canvas.tiles()].filter((t) => {
              const r = t.getBoundingClientRect();
              return r.top >= frame.top && r.bottom <= frame.bottom; })[n];
            const r = t.getBoundingClientRect();
            return [r.left + r.width / 2, r.top + r.height / 2, t.b.start + t.k]; }""",
            number,
        )
        for key in keys:
            page.keyboard.down(key)
        page.mouse.click(x, y)
        for key in keys:
            page.keyboard.up(key)
        return int(found)

    def test_shift_chooses_over_months_that_were_never_loaded(self, page: Page) -> None:
        visit(page)
        first = self.click(page, 1, "Control")
        jump(page, 0.7)

        last = self.click(page, 2, "Shift")

        page.wait_for_function(f"__grid.selection.count === {last - first + 1}")

    def test_control_a_chooses_all_and_escape_none(self, page: Page) -> None:
        visit(page)

        page.keyboard.press("Control+a")
        page.wait_for_function(f"__grid.selection.count === {ASSETS}")
        page.keyboard.press("Escape")

        page.wait_for_function("__grid.selection.count === 0")

    def test_a_day_is_chosen_whole(self, page: Page) -> None:
        visit(page)
        day = page.locator(".day").first
        photos = int((day.get_attribute("title") or "").rpartition(", ")[2].split()[0])

        day.hover()
        day.get_by_role("checkbox").click()

        page.wait_for_function(f"__grid.selection.count === {photos}")


class TestLiveRefresh:
    def test_pictures_that_go_above_move_nothing_below(self, page: Page) -> None:
        visit(page)
        gone = page.evaluate(UIDS_FROM_TOP, 5)
        jump(page, 0.3)
        before: dict[str, float] = page.evaluate(SEEN)

        answer = page.request.post("/api/v1/assets/batch", data={"uids": gone, "action": "trash"})
        page.wait_for_function(f"__grid.total === {ASSETS - 5}")

        assert answer.ok
        assert strayed(before, page.evaluate(SEEN)) == 0
        page.request.post("/api/v1/assets/batch", data={"uids": gone, "action": "restore"})
        page.wait_for_function(f"__grid.total === {ASSETS}")
        assert strayed(before, page.evaluate(SEEN)) == 0

    def test_at_the_top_what_is_new_appears(self, page: Page) -> None:
        visit(page)
        gone = page.evaluate(UIDS_FROM_TOP, 3)
        page.request.post("/api/v1/assets/batch", data={"uids": gone, "action": "trash"})
        page.wait_for_function(f"__grid.total === {ASSETS - 3}")

        page.request.post("/api/v1/assets/batch", data={"uids": gone, "action": "restore"})
        page.wait_for_function(f"__grid.total === {ASSETS}")

        assert page.evaluate("__grid.vtop()") == 0
        assert page.evaluate(UIDS_FROM_TOP, 3) == gone
