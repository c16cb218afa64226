"""Products in a browser: pasted, judged while one types, looked up, shown."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from gallery_app.domain.ean import check_digit
from gallery_app.testing.products import FakeProducts
from tests.e2e.screen import Visits, wait_for_query, wait_for_total
from tests.e2e.server import Server
from tests.e2e.test_accessibility import breaches

pytestmark = pytest.mark.browser
KNOWN = "4006381333931"
UNKNOWN = "4008400402222"
WRONG = "4006381333932"


@pytest.fixture(scope="module")
def shop() -> Iterator[FakeProducts]:
    with FakeProducts() as served:
        served.off.add(KNOWN, "Felt pen", fronts=("en", "de"))
        yield served


@pytest.fixture(scope="module")
def gallery(
    browser: Browser, shop: FakeProducts, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    made = Server(tmp_path_factory.mktemp("shop") / "data", [])
    made.api("POST", "/sources", {"kind": "products", "options": shop.options})
    yield made
    made.close()


def test_wrong_numbers_are_named_at_once_and_mended_by_a_press(
    visits: Visits, gallery: Server
) -> None:
    page = visits.open(gallery, "/products")
    field = page.get_by_label("Paste article numbers")

    field.fill(f"{UNKNOWN}\n{WRONG}\n123")

    expect(page.get_by_text("1 number to look up, 2 not valid")).to_be_visible()
    expect(field).to_have_attribute("aria-invalid", "true")
    page.get_by_role("button", name=f"Use {KNOWN}").click()
    expect(field).to_have_value(f"{UNKNOWN}\n{KNOWN}\n123")
    expect(page.get_by_text("2 numbers to look up, 1 not valid")).to_be_visible()


def test_two_hundred_numbers_are_judged_as_one_paste(visits: Visits, gallery: Server) -> None:
    bodies = [f"40063813{at:04}" for at in range(200)]
    good = [body + check_digit(body) for body in bodies]
    page = visits.open(gallery, "/products")

    page.get_by_label("Paste article numbers").fill("\n".join(good))

    expect(page.get_by_role("button", name="Look up 200")).to_be_enabled()


def test_pictures_are_found_shown_and_owed(visits: Visits, gallery: Server) -> None:
    page = visits.open(gallery, "/products")
    page.get_by_label("Paste article numbers").fill(f"{KNOWN} {UNKNOWN} {WRONG}")
    page.get_by_role("button", name="Look up 2", exact=True).click()

    row = page.get_by_role("row").filter(has_text=KNOWN)
    expect(row.get_by_text("2 pictures", exact=True)).to_be_visible()
    expect(page.get_by_role("row").filter(has_text=UNKNOWN)).to_contain_text("No pictures")
    expect(page.get_by_label("Paste article numbers")).to_have_value(WRONG)
    expect(page.get_by_text("CC BY-SA 3.0")).to_be_visible()
    assert breaches(page) == []
    row.get_by_role("link", name="Felt pen", exact=True).click()

    wait_for_query(page, "product", KNOWN.zfill(14))
    wait_for_total(page, 2)
    expect(page.locator(".entity-title")).to_have_text(f"Product {KNOWN} — Felt pen")


def test_without_a_source_it_says_where_to_connect_one(visits: Visits, server: Server) -> None:
    page = visits.open(server, "/products")

    page.get_by_role("link", name="Go to Sources").click()

    expect(page.get_by_role("heading", name="Sources", exact=True)).to_be_visible()
