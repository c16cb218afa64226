"""Products: numbers are judged while they are pasted, looked up, and tried again."""

from __future__ import annotations

from threading import Event

import pytest
from nicegui import ui
from nicegui.testing import User

from gallery_app.services.codes import BadCode
from gallery_app.services.products import Pasted, ProductBook
from gallery_app.services.remotes import RemoteBook
from gallery_app.ui.pages import products as page
from gallery_app.ui.pages.products import mended, replaced
from tests.services.house import House
from tests.ui.conftest import MOST_ELEMENTS, elements, sees, texts, until
from tests.ui.remotes import KEY

GOOD = "4006381333931"
WRONG = "4006381333932"
SHORT = "12345"


def paste(user: User, text: str) -> None:
    """Paste into the large field, as the browser tells of it."""
    field = next(e for e in elements(user) if e.tag == "textarea")
    interaction = user.find(ui.element)
    interaction.elements = {field}
    interaction.trigger("input", text)


def connect(remotes: RemoteBook) -> None:
    remotes.add("products", "", "shop", KEY, {})


def gtins(number: int) -> list[str]:
    """Good 13-digit numbers, one after the other."""
    from gallery_app.domain.ean import check_digit

    bodies = (f"40063813{at:04}" for at in range(number))
    return [body + check_digit(body) for body in bodies]


async def test_without_a_products_source_it_says_where_to_connect_one(user: User) -> None:
    await user.open("/products")

    await user.should_see("To look products up, connect product pictures first.")
    await user.should_see("Go to Sources")


async def test_wrong_numbers_are_named_as_they_are_pasted(user: User) -> None:
    await user.open("/products")
    await user.should_see("Paste article numbers")

    paste(user, f"{GOOD}\n{WRONG}, {SHORT}")

    await user.should_see("1 number to look up, 2 not valid")
    await user.should_see(WRONG)
    assert sees(user, "should be 1, not 2")
    assert sees(user, "has 5 digits")
    await user.should_see(f"Use {GOOD}")


async def test_the_right_digit_is_put_in_by_a_press(user: User, told: list[str]) -> None:
    await user.open("/products")
    await user.should_see("Paste article numbers")
    paste(user, WRONG)
    await user.should_see(f"Use {GOOD}")

    user.find(f"Use {GOOD}").click()

    await user.should_see("1 number to look up")
    assert any("setRangeText" in call and GOOD in call for call in told)


async def test_looking_up_asks_for_the_good_and_leaves_the_wrong(
    user: User, house: House, remotes: RemoteBook, told: list[str]
) -> None:
    connect(remotes)
    await user.open("/products")
    await user.should_see("Paste article numbers")
    paste(user, f"{GOOD} {SHORT}")
    await user.should_see("1 number to look up, 1 not valid")

    user.find("Look up").click()

    await user.should_see("Looking up 1 product")
    await user.should_see("Asking")
    assert any("setRangeText" in call and SHORT in call for call in told)
    assert "product" in {job.kind for job in house.jobs.list("ready")[0]}


async def test_what_is_typed_while_products_are_asked_for_stays(
    user: User,
    remotes: RemoteBook,
    products: ProductBook,
    told: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connect(remotes)
    taken, going_on = Event(), Event()

    def slow(text: str) -> Pasted:
        pasted = ProductBook.paste(products, text)
        taken.set()
        assert going_on.wait(20)
        return pasted

    monkeypatch.setattr(products, "paste", slow)
    await user.open("/products")
    await user.should_see("Paste article numbers")
    paste(user, GOOD)
    await user.should_see("1 number to look up")

    user.find("Look up").click()
    await until(taken.is_set)
    paste(user, f"{GOOD} {SHORT}")
    await user.should_see("1 number to look up, 1 not valid")
    going_on.set()

    await until(lambda: any("Looking up 1 product." in call for call in told))
    assert not any("setRangeText" in call for call in told)


async def test_two_hundred_numbers_are_shown_in_pages(
    user: User, remotes: RemoteBook, products: ProductBook
) -> None:
    connect(remotes)
    products.paste("\n".join(gtins(200)))

    await user.open("/products")

    await user.should_see("Looking up 200 products")
    await user.should_see("Page 1 of 17")
    assert len(elements(user)) <= MOST_ELEMENTS


async def test_what_failed_says_why_and_is_asked_again(
    user: User, house: House, remotes: RemoteBook, products: ProductBook, told: list[str]
) -> None:
    connect(remotes)
    products.ask(GOOD)
    job = house.catalog.jobs.claim(["product"], lease_s=60)
    assert job is not None
    house.catalog.jobs.fail(job.id, "The database does not answer.", retry_at=None)
    await user.open("/products")
    await user.should_see("The database does not answer.")

    user.find("Retry all failed").click()

    await until(lambda: any("1 product asked again." in call for call in told))
    await user.should_see("Asking")
    assert "Failed" not in texts(user)


async def test_of_more_than_are_looked_at_all_that_failed_are_asked_again(
    user: User,
    house: House,
    remotes: RemoteBook,
    products: ProductBook,
    told: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(page, "LATEST", 2)
    monkeypatch.setattr(page, "MOST_CODES", 6)
    connect(remotes)
    products.paste("\n".join(gtins(5)))
    while (job := house.catalog.jobs.claim(["product"], lease_s=60)) is not None:
        house.catalog.jobs.fail(job.id, "The database does not answer.", retry_at=None)
    await user.open("/products")
    await user.should_see("2 failed")

    user.find("Retry all failed").click()

    await until(lambda: any("5 products asked again." in call for call in told))
    await user.should_see("Looking up more than 2 products")


def test_only_the_wrong_number_itself_is_replaced() -> None:
    text = "196385075, 96385075;963850750\n96385075"

    assert replaced(text, "96385075", "96385074") == "196385075, 96385074;963850750\n96385074"


def test_only_a_wrong_check_digit_can_be_mended() -> None:
    assert mended(BadCode("4006381-33393 2", "", "1")) == GOOD
    assert mended(BadCode(SHORT, "")) == ""
