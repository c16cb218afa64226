"""Choosing pictures and doing something with all of them."""

from __future__ import annotations

import io
import zipfile

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import screen
from tests.e2e.screen import Visits, tiles, toast, wait_for_query, wait_for_total
from tests.e2e.server import Server

pytestmark = pytest.mark.browser


def choose(page: Page, first: int, last: int) -> list[str]:
    """Chooses tiles `first` to `last`: one at its corner, the other by shift; their uids."""
    order = screen.uids(page)
    tiles(page).nth(first).click(position={"x": 14, "y": 14})
    tiles(page).nth(last).click(modifiers=["Shift"])
    expect(page.locator(".gc-selcount")).to_have_text(f"{last - first + 1} selected")
    return order[first : last + 1]


def bar(page: Page, name: str) -> None:
    """Presses a button of the selection bar."""
    tools = page.get_by_role("toolbar", name="Selection", exact=True)
    tools.get_by_role("button", name=name, exact=True).click()


class TestChoosing:
    def test_shift_chooses_all_between(self, visits: Visits, workshop: Server) -> None:
        page = visits.open(workshop)

        wanted = choose(page, 1, 4)

        assert sorted(page.evaluate("__grid.selection.uids()")) == sorted(wanted)
        assert len(wanted) == 4
        expect(page.locator(".tile.selected")).to_have_count(4)

    def test_escape_lets_go(self, visits: Visits, workshop: Server) -> None:
        page = visits.open(workshop)
        choose(page, 0, 1)

        page.keyboard.press("Escape")

        expect(page.get_by_role("toolbar", name="Selection", exact=True)).to_be_hidden()

    def test_a_day_is_chosen_by_its_heading(self, visits: Visits, workshop: Server) -> None:
        page = visits.open(workshop)
        check = page.get_by_role("checkbox", name="Select all of").nth(1)

        check.focus()
        check.click(force=True)

        expect(check).to_have_attribute("aria-checked", "true")
        assert page.evaluate("__grid.selection.count") >= 1

    def test_ctrl_a_chooses_everything(self, visits: Visits, workshop: Server) -> None:
        page = visits.open(workshop)
        count = screen.total(page)

        tiles(page).first.focus()
        page.keyboard.press("Control+a")

        expect(page.locator(".gc-selcount")).to_have_text(f"{count} selected")

    def test_dragging_a_frame_chooses_what_it_touches(
        self, visits: Visits, workshop: Server
    ) -> None:
        page = visits.open(workshop)
        first, second = tiles(page).nth(0).bounding_box(), tiles(page).nth(1).bounding_box()
        assert first is not None
        assert second is not None

        page.mouse.move(first["x"] + 40, first["y"] - 6)
        page.mouse.down()
        page.mouse.move(first["x"] + 60, first["y"] + 30, steps=4)
        page.mouse.move(second["x"] + 20, second["y"] + 30, steps=4)
        page.mouse.up()

        expect(page.locator(".tile.selected")).to_have_count(2)


class TestActing:
    def test_favourites_are_found_under_favourites(self, visits: Visits, workshop: Server) -> None:
        page = visits.open(workshop)
        chosen = choose(page, 0, 1)

        bar(page, "Favourite (f)")
        expect(toast(page, "2 photos marked as favourites.")).to_be_visible()
        screen.follow(page, "Favourites")

        wait_for_total(page, 2)
        screen.wait_for_uids(page, chosen)
        workshop.api("POST", "/assets/batch", {"uids": chosen, "action": "unfavourite"})

    def test_a_tag_can_be_searched_at_once(self, visits: Visits, workshop: Server) -> None:
        page = visits.open(workshop)
        chosen = choose(page, 0, 2)

        bar(page, "Tags (t)")
        dialog = page.get_by_role("dialog", name="Tags for 3 photos", exact=True)
        dialog.get_by_role("textbox", name="Tag", exact=True).fill("harvest")
        page.keyboard.press("Enter")
        dialog.get_by_role("button", name="Add tags", exact=True).click()
        expect(toast(page, "Tagged 3 photos with harvest.")).to_be_visible()
        page.keyboard.press("Escape")
        page.get_by_role("searchbox", name="Search").fill("tag:harvest")

        wait_for_query(page, "q", "tag:harvest")
        wait_for_total(page, 3)
        screen.wait_for_uids(page, chosen)

    def test_to_the_trash_and_undone(self, visits: Visits, workshop: Server) -> None:
        page = visits.open(workshop)
        before = screen.total(page)
        choose(page, 0, 2)

        page.keyboard.press("Delete")
        undo = screen.undo(page, "3 photos moved to the trash.")
        wait_for_total(page, before - 3)
        undo.click()

        wait_for_total(page, before)

    def test_and_back_from_the_trash(self, visits: Visits, workshop: Server) -> None:
        page = visits.open(workshop)
        before = screen.total(page)
        chosen = choose(page, 0, 1)
        bar(page, "Move to trash (Delete)")
        wait_for_total(page, before - 2)

        screen.follow(page, "Trash")
        wait_for_total(page, 2)
        screen.wait_for_uids(page, chosen)
        choose(page, 0, 1)
        bar(page, "Restore from trash (#)")

        wait_for_total(page, 0)
        assert workshop.api("GET", "/status")["total"] == before

    def test_as_one_zip_file(self, visits: Visits, workshop: Server) -> None:
        page = visits.open(workshop)
        choose(page, 0, 3)

        with page.expect_download() as waiting:
            bar(page, "Download as zip (d)")
        path = waiting.value.path()

        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
            assert archive.testzip() is None
            assert len(archive.namelist()) == 4
