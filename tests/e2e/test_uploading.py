"""Dropping files into the page: progress, a verdict for each, and the same again."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import screen
from tests.e2e.screen import Visits, wait_for_total
from tests.e2e.server import Server
from tests.pictures import make_picture

pytestmark = pytest.mark.browser

_DROP = """(files) => {
  const data = new DataTransfer();
  for (const [name, content] of files) {
    const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0));
    data.items.add(new File([bytes], name, { type: "image/jpeg", lastModified: 1469966602000 }));
  }
  for (const type of ["dragenter", "dragover", "drop"])
    document.body.dispatchEvent(
      new DragEvent(type, { dataTransfer: data, bubbles: true, cancelable: true, composed: true }));
}"""


def drop(page: Page, files: list[tuple[str, bytes]]) -> None:
    """Drops files on the page as from the desktop, once it takes them."""
    page.locator(".gu-veil").wait_for(state="attached")
    page.evaluate(_DROP, [[name, base64.b64encode(data).decode()] for name, data in files])


def pictures(count: int, seed: int) -> list[tuple[str, bytes]]:
    return [
        (f"drop{seed}-{n:02}.jpg", make_picture(f"320x240 jpeg, seed {seed * 100 + n}"))
        for n in range(count)
    ]


def verdicts(page: Page, state: str, count: int) -> None:
    """Waits until so many files have this verdict."""
    expect(page.locator(f".gu-row[data-state={state}]")).to_have_count(count)


class TestDropping:
    def test_twenty_files_are_taken_and_the_same_again_are_here_already(
        self, visits: Visits, workshop: Server
    ) -> None:
        page = visits.open(workshop)
        before = screen.total(page)
        files = pictures(20, seed=5)

        drop(page, files)
        verdicts(page, "added", 20)
        wait_for_total(page, before + 20)
        expect(page.locator(".gu-title")).to_have_text("Upload finished")
        page.get_by_role("button", name="Close", exact=True).click()
        drop(page, files)
        verdicts(page, "known", 20)

        expect(page.locator(".gu-row").first).to_contain_text("Already here")
        assert screen.total(page) == before + 20
        shown = page.get_by_role("link", name=f"Show {files[0][0]}")
        uid = shown.get_attribute("href")
        assert uid is not None
        assert workshop.api("GET", f"/assets/{uid.rpartition('=')[2]}")["filename"] == files[0][0]

    def test_what_is_refused_gets_a_sentence(self, visits: Visits, workshop: Server) -> None:
        visits.allow("status of 4(15|22)")
        page = visits.open(workshop)
        whole = make_picture("640x480 jpeg, noise seed 3")

        drop(page, [("notes.jpg", b"just words " * 500), ("half.jpg", whole[: len(whole) // 2])])
        verdicts(page, "failed", 2)

        rows = page.locator(".gu-row")
        expect(rows.filter(has_text="notes.jpg").locator(".gu-bad")).to_have_text(
            "This is not a picture or video the gallery knows."
        )
        expect(rows.filter(has_text="half.jpg").locator(".gu-bad")).to_contain_text("cut off")

    def test_a_button_does_the_same(self, visits: Visits, workshop: Server, tmp_path: Path) -> None:
        page = visits.open(workshop)
        name, data = pictures(1, seed=6)[0]
        (tmp_path / name).write_bytes(data)

        page.get_by_role("button", name="Upload", exact=True).click()
        with page.expect_file_chooser() as chooser:
            page.get_by_role("menuitem", name="Files…").click()
        chooser.value.set_files(tmp_path / name)

        verdicts(page, "added", 1)
