"""What happens on the disk is seen in the page, without a reload."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e import screen
from tests.e2e.screen import Visits, wait_for_total
from tests.e2e.server import Server
from tests.journeys.whole import until
from tests.pictures import make_picture

pytestmark = pytest.mark.browser


def pictures_of(workshop: Server) -> Path:
    return workshop.data.parent / "pictures"


def scanned_at(server: Server) -> str:
    """When the library's last scan ended."""
    folders = [s for s in server.api("GET", "/sources")["items"] if s["kind"] == "folder"]
    return str(folders[0]["last_sync"])


class TestTheFolder:
    """The next walk is a quarter of an hour away: what is seen here came by an event."""

    def test_a_new_file_appears_and_a_deleted_one_vanishes(
        self, visits: Visits, workshop: Server
    ) -> None:
        visits.allow("status of 404.*/timeline/2030-01")  # labels of a month that just went
        page = visits.open(workshop)
        before = screen.total(page)
        file = pictures_of(workshop) / "new.jpg"

        file.write_bytes(make_picture("320x240 jpeg, seed 999, taken 2030-01-02 03:04:05"))
        wait_for_total(page, before + 1)
        page.wait_for_function("__grid.library.list[0].key === '2030-01'")
        expect(page.locator(".tile").first).to_have_class(re.compile("shown"))
        file.unlink()

        wait_for_total(page, before)

    def test_what_is_seen_does_not_jump(self, visits: Visits, workshop: Server) -> None:
        visits.allow("status of 404.*/timeline/2031-01")  # a month that just went
        page = visits.open(workshop)
        before = screen.total(page)
        page.evaluate("__grid.jump(900)")
        page.wait_for_function("__grid.vtop() > 400")
        seen = screen.place(page)
        file = pictures_of(workshop) / "above.jpg"

        file.write_bytes(make_picture("320x240 jpeg, seed 998, taken 2031-01-02 03:04:05"))
        wait_for_total(page, before + 1)
        page.wait_for_function("__grid.library.list[0].key === '2031-01'")

        assert page.evaluate(screen.AT_PLACE, seen)
        file.unlink()
        wait_for_total(page, before)


class TestAnEmptyStart:
    def test_explains_itself_and_takes_a_folder(self, visits: Visits, tmp_path: Path) -> None:
        pictures = tmp_path / "My Pictures"
        pictures.mkdir()
        for n in range(3):
            (pictures / f"{n}.jpg").write_bytes(make_picture(f"320x240 jpeg, seed {n}"))
        server = Server(tmp_path / "data", [])
        try:
            page = visits.open(server)
            expect(page.get_by_text("Add the folder your pictures lie in")).to_be_visible()
            field = page.get_by_role("combobox", name="Folder on this computer")

            field.fill(str(tmp_path / "My P"))
            expect(page.get_by_role("option", name=str(pictures))).to_be_visible()
            field.press("ArrowDown")
            field.press("Enter")
            expect(field).to_have_value(re.compile(re.escape(str(pictures))))
            page.get_by_role("button", name="Add folder").click()

            wait_for_total(page, 3)
            expect(page.locator(".tile")).to_have_count(3)
            expect(page.get_by_text("Add the folder your pictures lie in")).to_be_hidden()
            page.context.close()
        finally:
            server.close()

    def test_a_folder_that_cannot_be_is_named(self, visits: Visits, server: Server) -> None:
        page = visits.open(server, "/sources")

        page.get_by_role("combobox", name="Add a folder").fill("/no/such/folder")
        page.get_by_role("button", name="Add folder").click()

        expect(page.get_by_role("alert").filter(has_text="There is no folder")).to_be_visible()


class TestTheOtherPages:
    def test_sources_show_the_folder_and_rescan_it(self, visits: Visits, server: Server) -> None:
        page = visits.open(server, "/sources")
        card = page.get_by_role("article").filter(has_text="library")

        expect(card).to_contain_text("122 pictures")
        before = scanned_at(server)
        card.get_by_role("button", name="Rescan").click()

        until(lambda: scanned_at(server) > before)
        expect(card).to_contain_text("Up to date")

    def test_jobs_list_what_failed_and_why(self, visits: Visits, server: Server) -> None:
        page = visits.open(server, "/jobs")

        row = page.get_by_role("row").filter(has_text="broken.jpg")
        expect(row).to_be_visible()
        expect(row.get_by_role("button", name="Retry")).to_be_visible()
