"""Pictures from Open Food Facts and its sisters: which are taken, and how gently."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from gallery_app.connectors.faults import answer_of
from gallery_app.connectors.products import Products
from gallery_app.connectors.products.off import folder_of
from gallery_app.domain.ean import Ean
from gallery_app.domain.entities import Attribution, EntityRef
from gallery_app.domain.errors import (
    BadInput,
    Upstream,
    UpstreamGone,
    UpstreamRefused,
    UpstreamThrottled,
)
from gallery_app.domain.remote import RemoteConfig
from gallery_app.testing.products import FakeProducts
from tests.connectors.shelf import APPLE, NUTELLA, SHAMPOO, names, picture, products
from tests.connectors.wire import Time, kept


@pytest.mark.parametrize("nested", [True, False], ids=["nested images", "flat images"])
def test_the_front_in_the_products_own_language_comes_first(
    fake: FakeProducts, time: Time, nested: bool
) -> None:
    fake.off.add(
        "3017620422003",
        "Nutella",
        brands="Ferrero,Nutella",
        lc="fr",
        fronts=("de", "en", "fr"),
        sides=("nutrition_fr", "packaging_de", "ingredients_fr"),
        photos=4,
        nested=nested,
    )

    listing = products(fake, time).look_up(NUTELLA)

    assert names(listing) == [
        "front_fr.9",
        "front_en.6",
        "front_de.3",
        "packaging_de.15",
        "ingredients_fr.18",
        "nutrition_fr.12",
    ]
    page = f"{fake.off.addresses['off']}/product/3017620422003"
    assert listing.entities == (EntityRef("product", "03017620422003", "Ferrero Nutella", page),)


def test_a_picture_says_whom_it_is_owed_to(fake: FakeProducts, time: Time) -> None:
    fake.off.add("3017620422003", "Nutella", uploader="kiliweb")

    (image,) = products(fake, time).look_up(NUTELLA).seen

    page = f"{fake.off.addresses['off']}/product/3017620422003"
    assert image.attribution == Attribution("Open Food Facts", page, "CC BY-SA 3.0", "kiliweb")
    assert image.key == "gtin/03017620422003/off/front_en.3"
    assert image.parent == "gtin/03017620422003/off"
    assert image.filename == "3017620422003_front_en_3.jpg"
    assert (image.page, image.version) == (page, "3")
    assert image.created_at is not None
    assert image.entities == (EntityRef("product", "03017620422003", "Nutella", page),)


def test_the_full_size_is_fetched(fake: FakeProducts, time: Time) -> None:
    fake.off.add("3017620422003", "Nutella").size = (1200, 1600)
    connector = products(fake, time)

    (image,) = connector.look_up(NUTELLA).seen

    assert picture(connector, image).size == (1200, 1600)


@pytest.mark.parametrize(
    ("code", "folder"),
    [
        ("3017620422003", "301/762/042/2003"),
        ("42015086", "000/004/201/5086"),
        ("0885909950805", "088/590/995/0805"),
        ("13017620422000", "130/176/204/22000"),
    ],
)
def test_pictures_lie_in_a_folder_made_of_the_number(code: str, folder: str) -> None:
    assert folder_of(code) == folder


def test_a_short_number_is_found_and_its_picture_fetched(fake: FakeProducts, time: Time) -> None:
    fake.off.add("42015086", "Gum")
    connector = products(fake, time)

    (image,) = connector.look_up(Ean.parse("42015086")).seen

    assert image.key == "gtin/00000042015086/off/front_en.3"
    assert picture(connector, image).size == (900, 1200)


def test_a_number_of_twelve_digits_is_the_one_of_thirteen(fake: FakeProducts, time: Time) -> None:
    fake.off.add("0885909950805", "Phone")

    assert names(products(fake, time).look_up(APPLE)) == ["front_en.3"]


def test_of_a_case_what_is_inside_is_shown(fake: FakeProducts, time: Time) -> None:
    fake.off.add("3017620422003", "Nutella")
    connector = products(fake, time)
    case = Ean.parse("13017620422000")

    listing = connector.look_up(case)

    assert [image.key for image in listing.seen] == ["gtin/13017620422000/off/front_en.3"]
    assert listing.entities[0].id == "13017620422000"
    assert picture(connector, listing.seen[0]).size == (900, 1200)


def test_raw_photos_are_taken_when_nobody_chose_any(fake: FakeProducts, time: Time) -> None:
    fake.off.add("3017620422003", "Nutella", fronts=(), photos=9)
    connector = products(fake, time)

    listing = connector.look_up(NUTELLA)

    assert names(listing) == ["9", "8", "7", "6", "5", "4"]
    assert picture(connector, listing.seen[0]).size == (900, 1200)


@pytest.mark.parametrize("tells_kind", [False, True], ids=["by a redirect", "by a 404 that says"])
def test_a_product_of_a_sister_is_found_there(
    fake: FakeProducts, time: Time, tells_kind: bool
) -> None:
    fake.off.add("3600523351893", "Shampoo", kind="beauty")
    fake.off.tells_kind = tells_kind
    connector = products(fake, time)

    listing = connector.look_up(SHAMPOO)

    (image,) = listing.seen
    assert image.key == "gtin/03600523351893/obf/front_en.3"
    assert image.attribution is not None
    assert image.attribution.source == "Open Beauty Facts"
    assert fake.off.counts["read"] == 2
    assert picture(connector, image).size == (900, 1200)


def test_a_redirect_out_of_the_family_is_not_followed(fake: FakeProducts, time: Time) -> None:
    fake.off.add("3600523351893", "Shampoo", kind="beauty")
    fake.off.leads_to = fake.upc.url
    connector = products(fake, time, order="off")

    with pytest.raises(Upstream, match="sends us on to"):
        connector.look_up(SHAMPOO)

    assert fake.upc.counts == {}


@pytest.mark.parametrize("to", ["http://127.0.0.1:99999", "http://xn--a", "http://[x"])
def test_a_redirect_to_no_address_is_no_crash(to: str, fake: FakeProducts, time: Time) -> None:
    fake.off.add("3600523351893", "Shampoo", kind="beauty")
    fake.off.leads_to = to
    connector = products(fake, time, order="off")

    with pytest.raises(Upstream, match="sends us on to"):
        connector.look_up(SHAMPOO)


def test_a_failure_keeps_what_was_answered(fake: FakeProducts, time: Time) -> None:
    fake.faults.plan("/product/", "500")

    with pytest.raises(Upstream) as failed:
        products(fake, time, order="off").look_up(NUTELLA)

    seen = answer_of(failed.value)
    assert seen is not None
    assert seen.status == 500


def test_nobody_is_asked_without_a_contact(fake: FakeProducts, time: Time) -> None:
    with pytest.raises(BadInput, match="reach you"):
        products(fake, time, contact="")


@pytest.mark.parametrize("contact", ["me", "a b@c", "a@b\r\nX-Key: 1", "ä@b.de", "@", "x" * 300])
def test_a_contact_must_fit_a_header(contact: str, fake: FakeProducts, time: Time) -> None:
    with pytest.raises(BadInput):
        products(fake, time, contact=contact)


def test_the_contact_is_told_with_each_request(fake: FakeProducts, time: Time) -> None:
    products(fake, time, order="off").look_up(NUTELLA)

    assert fake.off.agents == ["Gallery/test (gallery@acme.test)"]


def test_a_storm_lets_everybody_rest_longer_each_time(fake: FakeProducts, time: Time) -> None:
    fake.faults.plan("/api/v3/product", "503", "503", "429:7", "503")
    connector = products(fake, time, order="off")
    waits: list[int] = []

    for _ in range(4):
        with pytest.raises(UpstreamThrottled) as error:
            connector.look_up(NUTELLA)
        waits.append(error.value.retry_after_s)
        time.passed_s += error.value.retry_after_s

    assert waits == [60, 120, 240, 480]


def test_a_storm_is_sat_out_as_long_as_it_asks_for(fake: FakeProducts, time: Time) -> None:
    fake.faults.plan("/api/v3/product", "429:600")
    connector = products(fake, time, order="off")
    waits: list[int] = []

    for passed_s in (0, 300):
        time.passed_s += passed_s
        with pytest.raises(UpstreamThrottled) as error:
            connector.look_up(NUTELLA)
        waits.append(error.value.retry_after_s)

    assert waits == [600, 300]
    assert fake.faults.seen == {"429:600": 1}


def test_a_storm_is_over_with_the_first_answer(fake: FakeProducts, time: Time) -> None:
    fake.off.add("3017620422003", "Nutella")
    fake.faults.plan("/api/v3/product", "503", "", "503")
    connector = products(fake, time, order="off")
    with pytest.raises(UpstreamThrottled):
        connector.look_up(NUTELLA)
    time.passed_s += 60

    assert names(connector.look_up(NUTELLA)) == ["front_en.3"]
    with pytest.raises(UpstreamThrottled) as error:
        connector.look_up(NUTELLA)

    assert error.value.retry_after_s == 60


def test_nobody_is_asked_during_a_storm(fake: FakeProducts, time: Time) -> None:
    fake.faults.plan("/api/v3/product", "503", "503")
    connector = products(fake, time, order="off")
    for wait_s in (60, 0):
        with pytest.raises(UpstreamThrottled):
            connector.look_up(NUTELLA)
        time.passed_s += wait_s

    with pytest.raises(UpstreamThrottled):
        connector.look_up(SHAMPOO)

    assert fake.faults.seen["503"] == 2


def test_ten_reads_a_minute_and_no_more(fake: FakeProducts, time: Time) -> None:
    connector = products(fake, time, order="off")

    for _ in range(25):
        connector.look_up(NUTELLA)

    assert time.waits == [60.0, 60.0]
    assert connector.budget()[:3] == (10, None, 10)


def test_one_picture_is_fetched_at_a_time(fake: FakeProducts, time: Time) -> None:
    fake.off.add("3017620422003", "Nutella", fronts=("en", "de", "fr", "it", "es", "pl"))
    connector = kept(Products(RemoteConfig("", options=fake.options), time.real))
    images = connector.look_up(NUTELLA).seen

    with ThreadPoolExecutor(6) as pool:
        sizes = list(pool.map(lambda image: picture(connector, image).size, images))

    assert sizes == [(900, 1200)] * 6
    assert fake.off.most_at_once == 1


def test_being_turned_away_is_said(fake: FakeProducts, time: Time) -> None:
    fake.faults.plan("/api/v3/product", "403")

    with pytest.raises(UpstreamRefused, match="turns us away"):
        products(fake, time, order="off").look_up(NUTELLA)


def test_a_404_of_somebody_else_is_no_miss(fake: FakeProducts, time: Time) -> None:
    fake.faults.plan("/api/v3/product", "empty 404")

    with pytest.raises(Upstream):
        products(fake, time, order="off").look_up(NUTELLA)


@pytest.mark.parametrize("fault", ["not json", "500", "truncated", "gzip bomb"])
def test_a_broken_answer_is_no_miss(fake: FakeProducts, time: Time, fault: str) -> None:
    fake.off.add("3017620422003", "Nutella")
    fake.faults.plan("/api/v3/product", fault)

    with pytest.raises(Upstream):
        products(fake, time, order="off").look_up(NUTELLA)


def test_an_answer_about_another_product_is_not_believed(fake: FakeProducts, time: Time) -> None:
    fake.off.add("3017620422003", "Nutella").code = "4006381333931"

    with pytest.raises(Upstream, match="another product"):
        products(fake, time, order="off").look_up(NUTELLA)


def test_a_picture_that_is_gone_is_gone(fake: FakeProducts, time: Time) -> None:
    product = fake.off.add("3017620422003", "Nutella")
    connector = products(fake, time)
    (image,) = connector.look_up(NUTELLA).seen
    product.lost.add("front_en")

    with pytest.raises(UpstreamGone):
        picture(connector, image)


def test_a_name_is_plain_text_of_one_line(fake: FakeProducts, time: Time) -> None:
    fake.off.add("3017620422003", "<b>Nu\ttella\x00</b>\n" + "x" * 500, brands="")

    (entity,) = products(fake, time).look_up(NUTELLA).entities

    assert entity.name.startswith("<b>Nu tella </b> xxx")
    assert len(entity.name) == 200
