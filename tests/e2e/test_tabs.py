"""The tabs of Collections where they are wider than the screen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from gallery_app.testing.freshdesk import FakeFreshdesk
from tests.e2e.screen import Visits, ready
from tests.e2e.server import Server

pytestmark = pytest.mark.browser
LARGE = "<style>.tab { font-size: 34px !important }</style>"


@pytest.fixture(scope="module")
def gallery(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with FakeFreshdesk(tickets=3, pictures=6, seed=4) as desk:
        made = Server(tmp_path_factory.mktemp("desk") / "data", [])
        body = {"kind": "freshdesk", "address": desk.url, "key": desk.key, "name": "Acme"}
        made.api("POST", "/sources", body)
        made.wait_until_done(len(desk.pictures()))
        yield made
        made.close()


def test_the_chosen_one_is_seen_whole_also_in_large_letters(
    visits: Visits, gallery: Server
) -> None:
    page = visits.page(phone=True)
    page.add_init_script(
        "addEventListener('DOMContentLoaded', () => "
        f"document.head.insertAdjacentHTML('beforeend', '{LARGE}'))"
    )

    page.goto(gallery.url + "/collections?tab=company")
    ready(page)

    chosen = page.locator(".tab[aria-current=true]")
    expect(chosen).to_contain_text("Companies")
    expect(chosen).to_be_in_viewport(ratio=0.99)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
