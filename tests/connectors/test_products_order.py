"""Which product database is asked when, and what comes from those after the first."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest

from gallery_app.connectors.base import Connector, LooksUp
from gallery_app.connectors.products import KIND, Products, found
from gallery_app.domain.ean import Ean
from gallery_app.domain.entities import Attribution, EntityRef
from gallery_app.domain.errors import (
    BadInput,
    Unreadable,
    Upstream,
    UpstreamGone,
    UpstreamRefused,
    UpstreamThrottled,
    UpstreamTimeout,
)
from gallery_app.domain.remote import Listing, RemoteConfig
from gallery_app.testing.products import FakeProducts
from tests.connectors.shelf import APPLE, BOOK, NUTELLA, PENCIL, picture, products
from tests.connectors.wire import BEGAN, Time, kept

# --- the order of asking ---------------------------------------------------------------------


def test_a_product_nobody_knows_is_a_miss(fake: FakeProducts, time: Time) -> None:
    listing = products(fake, time).look_up(PENCIL)

    assert listing == Listing(cursor="")
    assert (fake.off.counts["read"], fake.upc.counts["lookup"]) == (1, 1)


def test_the_first_that_has_a_picture_spares_the_others(fake: FakeProducts, time: Time) -> None:
    fake.off.add("3017620422003", "Nutella")
    fake.upc.add("3017620422003", "Spread", ["a.jpg"])

    products(fake, time).look_up(NUTELLA)

    assert fake.upc.counts == {}


def test_the_order_is_anybodys_choice(fake: FakeProducts, time: Time) -> None:
    fake.off.add("3017620422003", "Nutella")
    fake.upc.add("3017620422003", "Spread", ["a.jpg"])

    listing = products(fake, time, order="upcitemdb, off").look_up(NUTELLA)

    assert [image.parent for image in listing.seen] == ["gtin/03017620422003/upcitemdb"]
    assert fake.off.counts == {}


@pytest.mark.parametrize("order", ["off,google", ",", "off;books"])
def test_an_unknown_database_is_said(order: str, fake: FakeProducts, time: Time) -> None:
    with pytest.raises(BadInput, match="order"):
        products(fake, time, order=order)


def test_a_name_without_a_picture_is_kept_while_the_next_is_asked(
    fake: FakeProducts, time: Time
) -> None:
    fake.off.add("4006381333931", "Point 88", brands="Stabilo", fronts=())
    fake.upc.add("4006381333931", "stabilo POINT 88 fineliner!!!", ["a.jpg"])

    listing = products(fake, time).look_up(PENCIL)

    assert listing.entities[0].name == "Stabilo Point 88"
    assert len(listing.seen) == 1


def test_a_silent_database_is_noted_when_another_has_pictures(
    fake: FakeProducts, time: Time
) -> None:
    fake.upc.add("3017620422003", "Spread", ["a.jpg"])
    fake.faults.plan("/api/v3/product", "500")

    listing = products(fake, time).look_up(NUTELLA)

    assert len(listing.seen) == 1
    assert listing.note == "No answer from Open Food Facts; there may be better pictures."


def test_a_database_that_may_not_be_connected_to_holds_up_no_other(
    fake: FakeProducts, time: Time
) -> None:
    fake.upc.add("3017620422003", "Nutella", ["jar.jpg"])
    mirror = f"{fake.options['addresses']} off=http://10.0.0.1"

    listing = products(fake, time, addresses=mirror, order="off,upcitemdb").look_up(NUTELLA)

    assert len(listing.seen) == 1
    assert listing.note == "No answer from Open Food Facts; there may be better pictures."


def test_no_picture_and_a_silent_database_is_no_miss(fake: FakeProducts, time: Time) -> None:
    fake.faults.plan("/api/v3/product", "503")

    with pytest.raises(UpstreamThrottled) as error:
        products(fake, time).look_up(NUTELLA)

    assert error.value.retry_after_s == 60
    assert fake.upc.counts["lookup"] == 1


@pytest.mark.parametrize("order", ["off,upcitemdb", "upcitemdb,off"])
def test_of_several_waits_the_shortest_is_told(fake: FakeProducts, time: Time, order: str) -> None:
    fake.faults.plan("/api/v3/product", "503")
    fake.upc.per_day = 0
    fake.upc.reset_at = int((BEGAN + timedelta(hours=5)).timestamp())

    with pytest.raises(UpstreamThrottled) as error:
        products(fake, time, order=order).look_up(NUTELLA)

    assert error.value.retry_after_s == 60


def test_numbers_of_one_shop_are_asked_nowhere(fake: FakeProducts, time: Time) -> None:
    assert products(fake, time).look_up(Ean.parse("2012345678903")) == Listing(cursor="")
    assert fake.off.counts == fake.upc.counts == {}


# --- UPCitemdb -------------------------------------------------------------------------------


def test_pictures_of_shops_have_no_licence_and_the_encrypted_come_first(
    fake: FakeProducts, time: Time
) -> None:
    fake.upc.add(
        "0885909950805",
        "Phone",
        [
            "http://img1.shop.example/a b.jpg",
            "https://img2.shop.example/dir/c.jpg?w=1",
            "http://img1.shop.example/a b.jpg",
            "ftp://img3.shop.example/x.jpg",
            "https://user@shop.example/x.jpg",
            "javascript://x/y",
            "https://" + "x" * 2000,
        ],
    )

    listing = products(fake, time).look_up(APPLE)

    assert [image.filename for image in listing.seen] == ["c.jpg", "a b.jpg"]
    page = "https://www.upcitemdb.com/upc/885909950805"
    assert listing.seen[0].attribution == Attribution("UPCitemdb", page, None, "img2.shop.example")
    assert listing.entities == (EntityRef("product", "00885909950805", "Phone", page),)


def test_a_shops_picture_is_fetched_without_telling_who_we_are(
    fake: FakeProducts, time: Time
) -> None:
    fake.upc.add("0885909950805", "Phone", ["a.jpg"])
    connector = products(fake, time, upcitemdb_key=fake.upc.key)

    (image,) = connector.look_up(APPLE).seen

    assert picture(connector, image).size == (900, 600)
    assert fake.upc.agents == ["Gallery/test"]


def test_a_dead_picture_is_gone(fake: FakeProducts, time: Time) -> None:
    fake.upc.add("0885909950805", "Phone", ["dead.jpg"])
    connector = products(fake, time)
    (image,) = connector.look_up(APPLE).seen

    with pytest.raises(UpstreamGone):
        picture(connector, image)


def test_a_picture_that_leads_into_a_private_network_is_refused(
    fake: FakeProducts, time: Time
) -> None:
    fake.upc.add("0885909950805", "Phone", ["away.jpg"])
    connector = products(fake, time)
    (image,) = connector.look_up(APPLE).seen

    with pytest.raises(Unreadable):
        picture(connector, image)


@pytest.mark.parametrize(("reset_h", "waited_h"), [(5, 5), (24 * 365, 24)])
def test_used_up_look_ups_are_waited_for_a_day_at_most(
    fake: FakeProducts, time: Time, reset_h: int, waited_h: int
) -> None:
    fake.upc.per_day = 0
    fake.upc.reset_at = int((BEGAN + timedelta(hours=reset_h)).timestamp())
    connector = products(fake, time, order="upcitemdb")

    with pytest.raises(UpstreamThrottled) as error:
        connector.look_up(APPLE)
    with pytest.raises(UpstreamThrottled):
        connector.look_up(NUTELLA)

    assert error.value.retry_after_s == waited_h * 3600
    assert fake.upc.counts["lookup"] == 1


def test_the_last_look_up_of_the_day_is_the_last(fake: FakeProducts, time: Time) -> None:
    fake.upc.per_day = 1
    fake.upc.reset_at = int((BEGAN + timedelta(hours=5)).timestamp())
    connector = products(fake, time, order="upcitemdb")

    connector.look_up(APPLE)
    with pytest.raises(UpstreamThrottled):
        connector.look_up(NUTELLA)

    assert fake.upc.counts["lookup"] == 1


def test_a_wrong_key_is_said_and_never_repeated(fake: FakeProducts, time: Time) -> None:
    connector = products(fake, time, order="upcitemdb", upcitemdb_key="sesame-wrong")

    with pytest.raises(UpstreamRefused, match="does not accept the key") as error:
        connector.look_up(APPLE)

    assert "sesame" not in repr(error.value) + repr(connector) + str(error.value.data())


@pytest.mark.parametrize("fault", ["502", "not json"])
def test_a_broken_answer_of_upcitemdb_is_no_miss(
    fake: FakeProducts, time: Time, fault: str
) -> None:
    fake.faults.plan("/prod/trial", fault, fault)

    with pytest.raises(Upstream):
        products(fake, time, order="upcitemdb").look_up(APPLE)


# --- books -----------------------------------------------------------------------------------


def test_a_books_cover_comes_from_open_library(fake: FakeProducts, time: Time) -> None:
    fake.upc.covers.add("9780140328721")
    connector = products(fake, time)

    (image,) = connector.look_up(BOOK).seen

    assert image.key == "gtin/09780140328721/books/cover"
    assert image.attribution == Attribution(
        "Open Library", "https://openlibrary.org/isbn/9780140328721"
    )
    assert picture(connector, image).size == (900, 600)
    assert fake.off.counts["read"] == fake.upc.counts["lookup"] == 0


def test_a_book_without_a_cover_is_a_miss(fake: FakeProducts, time: Time) -> None:
    assert products(fake, time, order="books").look_up(BOOK) == Listing(cursor="")


def test_music_is_no_book(fake: FakeProducts, time: Time) -> None:
    products(fake, time).look_up(Ean.parse("9790060115615"))  # ISMN

    assert fake.upc.counts["cover"] == 0


# --- the rest --------------------------------------------------------------------------------


def test_a_part_of_a_picture_may_be_asked_for(fake: FakeProducts, time: Time) -> None:
    fake.off.add("3017620422003", "Nutella")
    connector = products(fake, time)
    (image,) = connector.look_up(NUTELLA).seen

    with connector.open(image.key, start=5, end=9) as stream:
        assert stream.start == 0  # this host gives the whole and says so

    assert stream.content_type == "image/jpeg"


@pytest.mark.parametrize(
    "key",
    [
        "",
        "ticket/1",
        "gtin/03017620422003/off",
        "gtin/03017620422003/google/x",
        "gtin/3017620422003/off/front_fr.3",
        "gtin/03017620422003/off/../../x",
        "gtin/03017620422003/off/..",
        "gtin/03017620422003/off/front_fr.3.full",
        "gtin/03017620422003/off/front_fr.3?x=1",
        "gtin/03017620422003/books/other",
        "gtin/03017620422003/upcitemdb/" + quote("file:///etc/passwd", safe=""),
        "gtin/03017620422003/upcitemdb/x",
    ],
)
def test_a_key_that_is_none_is_gone(key: str, fake: FakeProducts, time: Time) -> None:
    with pytest.raises(UpstreamGone):
        picture(products(fake, time), key)

    assert fake.off.counts == fake.upc.counts == {}


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/x.jpg", "http://192.168.0.1/x.jpg", "http://[::1]/x.jpg"]
)
def test_a_key_leads_into_no_private_network(url: str, fake: FakeProducts, time: Time) -> None:
    key = "gtin/03017620422003/upcitemdb/" + quote(url, safe="")

    with pytest.raises(Unreadable):
        picture(products(fake, time), key)


def test_a_network_allowed_for_mirrors_is_none_for_shops_pictures(
    fake: FakeProducts, time: Time
) -> None:
    key = "gtin/03017620422003/upcitemdb/" + quote(f"{fake.off.addresses['off']}/x.jpg", safe="")

    with pytest.raises(Unreadable):
        picture(products(fake, time), key)

    assert fake.off.counts == {}


def test_a_picture_that_stalls_is_given_up(
    fake: FakeProducts, time: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(found, "PICTURE_WITHIN_S", 0.3)
    fake.off.add("3017620422003", "Nutella")
    connector = kept(Products(RemoteConfig("", options=fake.options), time.real))
    (image,) = connector.look_up(NUTELLA).seen
    fake.faults.plan("/images/", "stall")

    with pytest.raises(UpstreamTimeout):
        picture(connector, image)


def test_nothing_is_listed_by_itself(fake: FakeProducts, time: Time) -> None:
    connector = products(fake, time)

    assert list(connector.changes("")) == list(connector.changes("", walk=True)) == []
    assert fake.off.counts == fake.upc.counts == {}


def test_a_test_says_who_answers(fake: FakeProducts, time: Time) -> None:
    fake.faults.plan("/prod/trial", "401")

    findings = products(fake, time).check()

    assert [(item.what, item.ok) for item in findings.items] == [
        ("Open Food Facts", True),
        ("Open Library", True),
        ("UPCitemdb", False),
    ]
    assert findings.ok
    assert findings.items[2].remedy


def test_a_test_without_the_first_of_them_fails(fake: FakeProducts, time: Time) -> None:
    fake.faults.plan("/api/v3/product", "500")

    findings = products(fake, time).check()

    assert not findings.ok
    assert "fault of its own" in findings.items[0].detail


def test_the_kind_opens_what_its_form_describes(fake: FakeProducts, time: Time) -> None:
    options = {field.name: field.default for field in KIND.fields}
    assert KIND.address_of("anything") == KIND.address_of("") == "openfoodfacts.org"
    with pytest.raises(BadInput):
        KIND.open(RemoteConfig("", options=options), time.tools)

    made = KIND.open(RemoteConfig("", options={**options, **fake.options}), time.tools)

    assert isinstance(made, Connector)
    assert isinstance(made, LooksUp)
    made.close()
    assert {field.name for field in KIND.fields if field.kind == "secret"} == {"upcitemdb_key"}


@pytest.mark.parametrize(
    "options",
    [
        {"addresses": "google=https://x"},
        {"addresses": "off=ftp://x"},
        {"addresses": "off"},
        {"allow": "everything"},
    ],
)
def test_an_option_that_cannot_be_is_said(
    options: dict[str, Any], fake: FakeProducts, time: Time
) -> None:
    with pytest.raises(BadInput):
        products(fake, time, **options)
