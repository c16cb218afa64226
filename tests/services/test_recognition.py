"""Article numbers in names and on pictures become products of the place they were offered at."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import cast

import pytest

from gallery_app.domain.entities import EntityRef
from gallery_app.domain.errors import GalleryError, Unreadable
from gallery_app.domain.model import AssetId, Source, SourceId
from gallery_app.imaging.workers import WorkerPool
from gallery_app.services.recognition import Recognition, entities_of_name
from tests.pictures import make_picture
from tests.services.far import Book, Desk, Shop, hold, image, list_images
from tests.services.house import House

GTIN = "04006381333931"
KEY = "ticket/1/attachment/9"


@dataclass
class Reader:
    """A pool that reads the barcodes it is told."""

    numbers: list[str] | GalleryError = field(default_factory=list)
    able: bool = True
    asked: list[bool] = field(default_factory=list)  # trusted

    def reads_barcodes(self) -> bool:
        """As told."""
        return self.able

    def barcodes(self, path: str, *, trusted: bool) -> Future[list[str]]:
        """As told."""
        self.asked.append(trusted)
        future: Future[list[str]] = Future()
        if isinstance(self.numbers, GalleryError):
            future.set_exception(self.numbers)
        else:
            future.set_result(self.numbers)
        return future


@pytest.fixture
def reader() -> Reader:
    return Reader()


@pytest.fixture
def recognition(house: House, reader: Reader) -> Recognition:
    return Recognition(house.catalog, house.origins, cast("WorkerPool", reader))


def _offer(house: House, filename: str, kind: str = "freshdesk") -> tuple[AssetId, Source]:
    house.put("a.jpg", make_picture("64x48 jpeg"))
    house.scan()
    house.render_all()
    book = Book(house)
    source = book.connect(kind, Shop() if kind == "products" else Desk())
    list_images(house, source, image(KEY, filename=filename))
    hold(house, source, KEY, house.only().id)
    return house.only().id, source


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("4006381333931_front.jpg", [GTIN]), ("EAN 96385074.png", ["00000096385074"]),
        ("4006381333932.jpg", []), ("IMG_20260714_120000.jpg", []), ("2112345678900.jpg", []),
        ("4006381333931 and 5449000000996, 4006381333931.jpg", [GTIN, "05449000000996"]),
    ],
)  # fmt: skip
def test_a_name_tells_of_valid_numbers_once(name: str, expected: list[str]) -> None:
    assert entities_of_name(name) == tuple(EntityRef("product", gtin) for gtin in expected)


def test_the_name_and_the_barcode_are_noted_at_the_offer(
    house: House, recognition: Recognition, reader: Reader
) -> None:
    asset_id, source = _offer(house, "5449000000996.jpg")
    reader.numbers = ["4006381333931", "5449000000996"]

    found = recognition.look(asset_id, source.id, KEY)

    assert [ref.id for ref in found] == ["05449000000996", GTIN]
    assert {ref.id for ref in house.only().entities} == {"05449000000996", GTIN}
    assert reader.asked == [False]  # a stranger's picture is fenced off


def test_a_shop_s_own_barcode_is_no_product(
    house: House, recognition: Recognition, reader: Reader
) -> None:
    asset_id, source = _offer(house, "a.jpg")
    reader.numbers = ["2112345678900"]

    assert recognition.look(asset_id, source.id, KEY) == ()
    assert house.only().entities == ()


def test_a_picture_that_cannot_be_looked_at_tells_its_name_only(
    house: House, recognition: Recognition, reader: Reader
) -> None:
    asset_id, source = _offer(house, "4006381333931.jpg")
    reader.numbers = Unreadable("Broken.")

    assert [ref.id for ref in recognition.look(asset_id, source.id, KEY)] == [GTIN]


def test_without_the_extra_no_picture_is_opened(
    house: House, recognition: Recognition, reader: Reader
) -> None:
    asset_id, source = _offer(house, "4006381333931.jpg")
    reader.able = False

    assert len(recognition.look(asset_id, source.id, KEY)) == 1
    assert reader.asked == []


def test_a_database_s_picture_is_left_alone(
    house: House, recognition: Recognition, reader: Reader
) -> None:
    asset_id, source = _offer(house, "4006381333931.jpg", "products")

    assert recognition.look(asset_id, source.id, KEY) == ()
    assert reader.asked == []


def test_an_unknown_offer_tells_nothing(recognition: Recognition) -> None:
    assert recognition.look(AssetId(9), SourceId(9), "x") == ()
