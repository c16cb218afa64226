"""The viewer: opened by a click or an address, moved by keys, closed where one came from."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e import screen
from tests.e2e.conftest import HOSTILE_NAME
from tests.e2e.screen import Visits, closed, opened, tiles, wait_for_query
from tests.e2e.server import Server
from tests.pictures import make_picture

pytestmark = pytest.mark.browser


class TestOpening:
    def test_by_a_click_on_a_tile(self, visits: Visits, server: Server) -> None:
        page = visits.open(server)
        second = screen.uids(page)[1]

        tiles(page).nth(1).click()

        opened(page)
        wait_for_query(page, "photo", second)
        expect(page.locator(".gl-counter")).to_have_text(re.compile("^2 of 12[0-9]$"))

    def test_by_its_address(self, visits: Visits, server: Server) -> None:
        asset = server.api("GET", "/assets?page=60&per_page=1")["items"][0]

        page = visits.open(server, f"/?photo={asset['id']}")

        opened(page)
        expect(page.locator(".gl-name")).to_have_text(asset["filename"])
        expect(page.locator(".gl-counter")).to_have_text(re.compile("^60 of"))

    def test_leaves_room_for_a_panel_asked_for_while_it_opens(
        self, visits: Visits, server: Server
    ) -> None:
        context = visits.context()
        page = visits.page(context)
        page.emulate_media(reduced_motion="no-preference")
        screen.go(page, server.url)

        tiles(page).first.click()
        page.locator(".pswp--open").wait_for()
        page.keyboard.press("i")

        page.wait_for_function(
            """() => {
              const panel = document.querySelector(".gl-info--open")?.getBoundingClientRect();
              const picture = document.querySelector(
                ".pswp__item[aria-hidden=false] .pswp__img:not(.pswp__img--placeholder)"
              )?.getBoundingClientRect();
              return panel && picture && picture.width && picture.right <= panel.left + 1;
            }"""
        )

    def test_shows_the_tile_before_the_server_has_answered(
        self, visits: Visits, server: Server
    ) -> None:
        page = visits.open(server)
        tiles(page).first.click()
        opened(page)
        page.keyboard.press("Escape")
        closed(page)

        with server.silent():
            tiles(page).nth(3).click()
            page.wait_for_function(
                """() => {
                  const now = ".pswp__item[aria-hidden=false] .pswp__img";
                  return [...document.querySelectorAll(now)].some((i) => i.naturalWidth > 0);
                }"""
            )

        opened(page)


class TestMoving:
    def test_arrows_go_through_the_pictures_and_the_address_follows(
        self, visits: Visits, server: Server
    ) -> None:
        page = visits.open(server)
        order = screen.uids(page)
        tiles(page).first.click()
        opened(page)

        page.keyboard.press("ArrowRight")
        wait_for_query(page, "photo", order[1])
        page.keyboard.press("ArrowRight")
        wait_for_query(page, "photo", order[2])
        page.keyboard.press("ArrowLeft")
        wait_for_query(page, "photo", order[1])

    def test_home_and_end_are_the_first_and_the_last(self, visits: Visits, server: Server) -> None:
        page = visits.open(server)
        last = server.api("GET", "/assets?sort=taken&per_page=1")["items"][0]["id"]
        tiles(page).nth(2).click()
        opened(page)

        page.keyboard.press("End")
        wait_for_query(page, "photo", last)
        page.keyboard.press("Home")

        wait_for_query(page, "photo", server.api("GET", "/assets?per_page=1")["items"][0]["id"])

    def test_escape_closes_and_the_focus_is_on_the_tile(
        self, visits: Visits, server: Server
    ) -> None:
        page = visits.open(server)
        uid = screen.uids(page)[1]
        tiles(page).nth(1).click()
        opened(page)

        page.keyboard.press("Escape")

        closed(page)
        wait_for_query(page, "photo", None)
        page.wait_for_function("uid => __grid.host.shadowRoot.activeElement?.uid === uid", arg=uid)

    def test_back_closes_too(self, visits: Visits, server: Server) -> None:
        page = visits.open(server)
        tiles(page).first.click()
        opened(page)

        page.go_back()

        closed(page)
        wait_for_query(page, "photo", None)

    def test_z_shows_the_original_pixels(self, visits: Visits, server: Server) -> None:
        page = visits.open(server)
        tiles(page).first.click()
        opened(page)
        zoom = page.get_by_role("button", name="Original pixels (z)")

        page.keyboard.press("z")

        expect(zoom).to_have_attribute("aria-pressed", "true")

    @pytest.mark.parametrize(
        ("kind", "sharp"), [("heic", "full"), ("tiff", "full"), ("jpeg", "original")]
    )
    def test_z_brings_every_pixel_of_any_format(
        self, visits: Visits, tmp_path: Path, kind: str, sharp: str
    ) -> None:
        pictures = tmp_path / "pictures"
        pictures.mkdir()
        (pictures / f"large.{kind}").write_bytes(make_picture(f"2400x1800 {kind}, seed 4"))
        server = Server(tmp_path / "data", [pictures])
        try:
            server.wait_until_done(1)
            page = visits.open(server)
            tiles(page).first.click()
            opened(page)

            page.keyboard.press("z")

            page.wait_for_function(
                "kind => document.querySelector(`img.pswp__img[data-sharp=${kind}]`)"
                "?.naturalWidth === 2400",
                arg=sharp,
            )
            page.close()
        finally:
            server.close()


class TestInformation:
    def test_i_shows_what_the_file_says_and_where_it_is(
        self, visits: Visits, server: Server
    ) -> None:
        asset = server.api("GET", "/assets?q=canon&per_page=1")["items"][0]
        page = visits.open(server, f"/?photo={asset['id']}")
        opened(page)

        page.keyboard.press("i")

        panel = page.get_by_role("complementary", name="Information")
        expect(panel).to_contain_text("Canon EOS 6D")
        expect(panel).to_contain_text(f"{asset['width']} × {asset['height']}")
        whole = server.api("GET", f"/assets/{asset['id']}")
        expect(panel).to_contain_text(whole["occurrences"][0]["key"])
        page.keyboard.press("i")
        expect(page.locator(".gl-info--open")).to_have_count(0)

    def test_a_title_can_be_written(self, visits: Visits, workshop: Server) -> None:
        uid = workshop.api("GET", "/assets?per_page=1")["items"][0]["id"]
        page = visits.open(workshop, f"/?photo={uid}")
        opened(page)

        page.keyboard.press("i")
        page.get_by_role("textbox", name="Title").fill("A <b>fine</b> day")
        page.keyboard.press("Enter")

        expect(page.locator(".gl-caption")).to_have_text("A <b>fine</b> day")  # as it was answered
        assert workshop.api("GET", f"/assets/{uid}")["title"] == "A <b>fine</b> day"


class TestHostileNames:
    """Whatever a file says of itself is text, wherever it is shown."""

    def test_are_shown_as_they_are_and_never_run(self, visits: Visits, server: Server) -> None:
        asset = server.api("GET", "/assets?q=evil&per_page=1")["items"][0]
        assert asset["filename"] == HOSTILE_NAME

        page = visits.open(server, "/?q=evil")
        expect(tiles(page)).to_have_count(1)
        page.get_by_role("button", name="Camera", exact=True).click()
        expect(page.get_by_role("checkbox", name="<b>Evil")).to_be_visible()
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Tag", exact=True).click()
        expect(page.get_by_role("checkbox", name="<svg/onload")).to_be_visible()
        page.keyboard.press("Escape")
        expect(page.locator(".gc-pop:popover-open")).to_have_count(0)
        tiles(page).first.click()
        opened(page)
        page.keyboard.press("i")

        expect(page.locator(".gl-name")).to_have_text(HOSTILE_NAME)
        expect(page.locator(".gl-caption")).to_have_text("<script>window.pwned=1</script>")
        expect(page.locator(".gl-info")).to_contain_text("<b>Evil</b> {{7*7}}")
        assert page.evaluate("window.pwned") is None
        assert "Evil</b> 49" not in page.content()

    def test_on_the_pages_of_the_server_too(self, visits: Visits, server: Server) -> None:
        asset = server.api("GET", "/assets?q=evil&per_page=1")["items"][0]
        link = server.api(
            "POST",
            "/links",
            {"asset": asset["id"], "note": "<img src=x onerror=window.pwned=5> {{7*7}}"},
        )

        page = visits.open(server, "/links")

        expect(page.locator(".place-page")).to_contain_text(HOSTILE_NAME)
        expect(page.locator(".place-page")).to_contain_text("onerror=window.pwned=5> {{7*7}}")
        assert page.evaluate("window.pwned") is None
        server.api("DELETE", f"/links/{link['id']}")

    def test_a_file_that_cannot_be_shown_says_why(self, visits: Visits, server: Server) -> None:
        asset = server.api("GET", "/assets?is=unreadable&per_page=1")["items"][0]

        page = visits.open(server, f"/?photo={asset['id']}&is=unreadable")

        card = page.locator(".gl-card")
        expect(card).to_contain_text("broken.jpg")
        expect(card).to_contain_text(asset["reason"])
        expect(card.get_by_role("link", name="Download original")).to_be_visible()
