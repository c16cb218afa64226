"""One picture in several systems: one tile, all its places, its product beside it, its link."""

from __future__ import annotations

import io
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from PIL import Image
from playwright.sync_api import Browser, Locator, Page, expect

from gallery_app.testing.freshdesk import FakeFreshdesk
from gallery_app.testing.immich import FakeImmich
from gallery_app.testing.products import FakeProducts
from tests.e2e.screen import (
    Visits,
    go,
    opened,
    query,
    tiles,
    toast,
    wait_for_query,
    wait_for_total,
)
from tests.e2e.server import Server
from tests.e2e.test_accessibility import breaches
from tests.e2e.test_choosing import bar
from tests.pictures import make_picture

pytestmark = pytest.mark.browser
PEN = "4006381333931"
PATIENCE_S = 180.0


@dataclass
class World:
    """A folder, an Immich, a Freshdesk and a product database around one gallery."""

    gallery: Server
    immich: FakeImmich
    desk: FakeFreshdesk
    shop: FakeProducts
    twin: str  # of Immich and of the folder
    copied: str  # the same, encoded anew, in the folder
    ticket: int

    def settled(self, *, timeout_s: float = PATIENCE_S) -> list[dict[str, Any]]:
        """All sources, once nothing is left to fetch."""
        deadline = time.monotonic() + timeout_s
        pause = threading.Event()
        while time.monotonic() < deadline:
            sources: list[dict[str, Any]] = self.gallery.api("GET", "/sources")["items"]
            progress = self.gallery.api("GET", "/status")["progress"]
            if (
                all(s["state"] == "online" and not s["waiting"] for s in sources)
                and all(s["last_sync"] for s in sources if s["kind"] not in {"uploads", "products"})
                and not progress["remaining"]
            ):
                return sources
            pause.wait(0.2)
        raise AssertionError(f"not settled: {sources} {progress}")


@pytest.fixture(scope="module")
def world(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    root = tmp_path_factory.mktemp("world")
    folder = root / "pictures"
    folder.mkdir()
    with (
        FakeImmich(assets=8, albums=1, tags=0) as immich,
        FakeFreshdesk(tickets=2, pictures=3, seed=4) as desk,
        FakeProducts() as shop,
    ):
        asset = immich.shown()[0]
        immich.world.tag(asset.id, "lighthouse")
        data = immich.world.original(asset)
        (folder / "mine.jpg").write_bytes(data)
        again = io.BytesIO()
        with Image.open(io.BytesIO(data)) as picture:
            picture.resize((picture.width * 3 // 4, picture.height * 3 // 4)).save(
                again, "JPEG", quality=70
            )
        (folder / "smaller.jpg").write_bytes(again.getvalue())
        (folder / "only here.jpg").write_bytes(make_picture("640x480 jpeg, seed 5"))
        ticket = desk.add_ticket(f"The pen {PEN} does not write", pictures=1).id
        shop.off.add(PEN, "Felt pen", fronts=("en",))
        gallery = Server(root / "data", [folder])
        try:
            gallery.wait_until_done(3)
            gallery.api("POST", "/sources", {"kind": "products", "options": shop.options})
            gallery.api("POST", "/products", {"codes": PEN})
            for fake, kind in ((immich, "immich"), (desk, "freshdesk")):
                options = {"allow": "127.0.0.0/8", "hosts": "127.0.0.1"}
                gallery.api(
                    "POST",
                    "/sources",
                    {
                        "kind": kind,
                        "address": fake.url,
                        "key": fake.key,
                        "options": options if kind == "freshdesk" else {},
                    },
                )
            made = World(gallery, immich, desk, shop, "mine.jpg", "smaller.jpg", ticket)
            made.settled()
            yield made
        finally:
            gallery.close()


def asset_named(world: World, name: str) -> dict[str, Any]:
    found: list[dict[str, Any]] = world.gallery.api("GET", "/assets?per_page=100")["items"]
    (one,) = [asset for asset in found if asset["filename"] == name]
    whole: dict[str, Any] = world.gallery.api("GET", f"/assets/{one['id']}")
    return whole


def panel_of(page: Page, world: World, uid: str) -> Locator:
    """The information panel of a picture, open."""
    go(page, f"{world.gallery.url}/?photo={uid}")
    opened(page)
    button = page.get_by_role("button", name="Information (i)")
    if button.get_attribute("aria-pressed") != "true":
        button.click()
    return page.get_by_role("complementary", name="Information")


def test_the_same_picture_in_a_folder_and_in_immich_is_one_tile(
    world: World, visits: Visits
) -> None:
    twin = asset_named(world, world.twin)
    assert {o["system"] for o in twin["occurrences"]} == {"folder", "immich"}
    page = visits.page()

    panel = panel_of(page, world, twin["id"])

    places = panel.get_by_role("region", name="In 2 places")
    expect(places).to_contain_text(str(world.gallery.data.parent / "pictures" / "mine.jpg"))
    expect(places).to_contain_text("Immich")
    link = places.get_by_role("link", name="Open in Immich")
    expect(link).to_have_attribute("href", re.compile(f"^{re.escape(world.immich.url)}/photos/"))
    expect(link).to_have_attribute("rel", "noopener noreferrer")


def test_a_copy_encoded_anew_is_listed_with_its_distance(world: World, visits: Visits) -> None:
    page = visits.page()

    panel = panel_of(page, world, asset_named(world, world.twin)["id"])

    alike = panel.get_by_role("region", name="Looks the same")
    row = alike.get_by_role("listitem").filter(has_text=world.copied)
    expect(row).to_contain_text("of 64")
    row.get_by_role("button", name="Compare").click()
    expect(page.get_by_role("dialog", name="Compare two pictures")).to_be_visible()


# One goes on before anything was asked for the picture, and comes back before the next is there.
_THERE_AND_BACK = """async ([mine, other]) => {
  const viewer = (await import("gallery-lightbox")).openedViewer();
  const [one, two] = await Promise.all([viewer.asset(mine), viewer.asset(other)]);
  viewer.info.update(other, two);
  viewer.info.update(mine, one);
  const asset = viewer.asset;
  viewer.asset = () => new Promise(() => {});
  viewer.info.update("slow", null);
  await new Promise((go) => setTimeout(go, 300));
  viewer.asset = asset;
  viewer.info.update(mine, one);
}"""


def test_a_picture_one_comes_back_to_has_its_copies(world: World, visits: Visits) -> None:
    page = visits.page()
    twin, other = (asset_named(world, name)["id"] for name in (world.twin, "only here.jpg"))
    copies = panel_of(page, world, twin).get_by_role("region", name="Looks the same")
    expect(copies).to_be_visible()

    page.evaluate(_THERE_AND_BACK, [twin, other])

    expect(copies).to_be_visible()


def test_a_complaint_stands_beside_its_product_with_one_zoom(world: World, visits: Visits) -> None:
    page = visits.open(world.gallery, f"/?ticket={world.ticket}")
    tiles(page).first.click()
    opened(page)

    page.keyboard.press("c")

    dialog = page.get_by_role("dialog", name="Compare two pictures")
    expect(dialog).to_contain_text("Felt pen")
    expect(dialog).to_contain_text("CC BY-SA 3.0")
    page.keyboard.press("+")
    shown = dialog.locator("img")
    expect(shown).to_have_count(2)
    for at in (0, 1):
        expect(shown.nth(at)).to_have_attribute("style", re.compile(r"translate.* scale\(1\.5\)"))
    page.keyboard.press("k")
    page.keyboard.press("0")
    assert breaches(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(page.get_by_role("dialog", name="Photo viewer")).to_be_visible()
    page.keyboard.press("c")
    expect(dialog).to_be_visible()
    page.go_back()
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_the_ticket_is_named_and_leads_back_to_freshdesk(world: World, visits: Visits) -> None:
    page = visits.open(world.gallery, f"/?ticket={world.ticket}")
    tiles(page).first.click()
    opened(page)
    page.get_by_role("button", name="Information (i)").click()

    belongs = page.get_by_role("region", name="Belongs to")

    expect(belongs).to_contain_text(f"Ticket {world.ticket} · The pen {PEN} does not write")
    expect(belongs.get_by_role("link", name="Open ticket in Freshdesk")).to_have_attribute(
        "href", f"{world.desk.url}/a/tickets/{world.ticket}"
    )
    belongs.get_by_role("link", name="Requester ·").click()
    page.wait_for_function("new URLSearchParams(location.search).has('requester')")


def test_immich_finds_what_pictures_show_from_our_own_box(world: World, visits: Visits) -> None:
    page = visits.open(world.gallery)
    box = page.get_by_role("searchbox", name="Search")

    box.fill("lighthouse")
    offer = page.get_by_role("button", name="Find photos that show “lighthouse”")
    expect(offer).to_be_visible()
    page.keyboard.press("Escape")
    expect(offer).to_be_hidden()
    box.fill("lighthouse")
    offer.click()

    wait_for_query(page, "smart", "lighthouse")
    wait_for_total(page, 1)
    asked = world.immich.counts["POST /search/smart"]
    page.reload()
    wait_for_total(page, 1)
    assert world.immich.counts["POST /search/smart"] == asked, "the second search asked again"


def test_a_search_by_what_pictures_show_keeps_the_filters(world: World, visits: Visits) -> None:
    page = visits.open(world.gallery, "/?type=png")
    box = page.get_by_role("searchbox", name="Search")
    active = page.get_by_role("group", name="Active filters")

    box.fill("lighthouse")
    page.get_by_role("button", name="Find photos that show “lighthouse”").click()

    wait_for_query(page, "smart", "lighthouse")
    wait_for_query(page, "type", "png")
    wait_for_total(page, 0)
    expect(active).to_contain_text("0 photos")
    active.get_by_role("button", name="Remove filter Type: PNG").click()
    wait_for_total(page, 1)
    expect(active).to_contain_text("1 photo")
    active.get_by_role("button", name="Remove filter Shows: lighthouse").click()
    expect(active).to_be_hidden()
    assert query(page) == {}


def test_an_immich_that_was_connected_meanwhile_is_offered(world: World, visits: Visits) -> None:
    page = visits.open(world.gallery)
    box = page.get_by_role("searchbox", name="Search")
    nobody = {"available": False, "source": None, "name": None}
    page.route("**/api/v1/smart", lambda route: route.fulfill(json=nobody))
    with page.expect_response("**/api/v1/smart"):
        box.focus()
    page.unroute("**/api/v1/smart")
    box.blur()

    box.fill("lighthouse")

    expect(page.get_by_role("button", name="Find photos that show “lighthouse”")).to_be_visible()


def test_a_selection_is_handed_to_immich_once(world: World, visits: Visits) -> None:
    page = visits.open(world.gallery, "/?q=only")
    before = len(world.immich.world.assets)
    for turn in (1, 2):
        tiles(page).first.click(position={"x": 14, "y": 14})
        expect(page.locator(".gc-selcount")).to_have_text("1 selected")
        bar(page, "More")
        page.get_by_role("menuitem", name="Upload to Immich", exact=True).click()
        expect(toast(page, "Uploading 1 photo")).to_be_visible()
        _until_pushed(world, times=turn)
        page.keyboard.press("Escape")
        go(page, f"{world.gallery.url}/?q=only")

    assert len(world.immich.world.assets) == before + 1
    world.settled()
    wait_for_total(page, 1)


def _until_pushed(world: World, *, times: int) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        jobs = [j for j in world.gallery.api("GET", "/jobs")["items"] if j["kind"] == "push"]
        if [job["state"] for job in jobs] == ["done"] * times:
            return
        threading.Event().wait(0.1)
    raise AssertionError(f"not handed over: {jobs}")


def test_a_link_to_a_ticket_s_picture_outlives_the_help_desk(
    world: World, visits: Visits, tmp_path: Path
) -> None:
    visits.allow(r"favicon\.ico")
    (asset,) = world.gallery.api("GET", f"/assets?ticket={world.ticket}")["items"]
    link = world.gallery.api(
        "POST", "/links", {"asset": asset["id"], "rendition": "large", "expires_in": 3600}
    )
    desk = f":{urlsplit(world.desk.url).port}"
    world.desk.close()  # the last test of this file: nobody needs it any more

    stranger = visits.page()
    shown = stranger.goto(link["url"])

    assert shown is not None
    assert shown.status == 200
    assert shown.headers["content-type"] == "image/jpeg"
    told = f"{link['url']} {shown.all_headers()}"
    assert world.desk.key not in told
    assert desk not in told
