"""A picture whose remote is left alone: what is here is shown, and what to do is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from gallery_app.testing.immich import FakeImmich
from tests.e2e import screen
from tests.e2e.screen import Visits, wait_for_total
from tests.e2e.server import Server

pytestmark = pytest.mark.browser


@pytest.fixture
def paused(browser: Browser, tmp_path: Path) -> Iterator[Server]:
    """A gallery that has the small renditions of an Immich, which is paused since."""
    (tmp_path / "pictures").mkdir()
    with FakeImmich(assets=4, albums=0, tags=0) as immich:
        served = Server(tmp_path / "data", [tmp_path / "pictures"])
        try:
            source = served.api(
                "POST", "/sources", {"kind": "immich", "address": immich.url, "key": immich.key}
            )
            served.wait_until_done(len(immich.shown()))
            served.api("PATCH", f"/sources/{source['id']}", {"paused": True})
            yield served
        finally:
            served.close()


def test_a_picture_of_a_paused_remote_is_shown_small_with_what_to_do(
    paused: Server, visits: Visits
) -> None:
    visits.allow("409")
    page = visits.open(paused)
    wait_for_total(page, paused.api("GET", "/assets")["total"])

    screen.tiles(page).first.click()

    told = page.locator(".pswp__item[aria-hidden=false]").get_by_role("alert")
    expect(told).to_contain_text("is paused. Resume it first.")
    page.wait_for_function(
        "document.querySelector('.pswp__item[aria-hidden=false] .gl-small')?.naturalWidth > 0"
    )


def test_where_no_small_picture_is_here_there_are_words_alone(
    paused: Server, visits: Visits
) -> None:
    visits.allow("409")
    page = visits.open(paused)
    uid = paused.api("GET", "/assets")["items"][0]["id"]

    shown = page.evaluate(
        """async (uid) => {
          const { failedCard } = await import("gallery-lightbox/slides.js");
          const place = failedCard({ uid, item: { flags: 0, version: 0 } }, () => {});
          return [place.querySelectorAll("img").length, place.textContent];
        }""",
        uid,
    )

    assert shown == [0, "The photo could not be loaded.Try againDownload original"]
