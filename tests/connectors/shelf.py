"""Products that the tests ask for, and how they ask."""

from __future__ import annotations

import io

from PIL import Image

from gallery_app.connectors.products import Products
from gallery_app.domain.ean import Ean
from gallery_app.domain.remote import Listing, RemoteConfig, RemoteImage
from gallery_app.testing.products import FakeProducts
from tests.connectors.wire import Time, kept

NUTELLA = Ean.parse("3017620422003")
SHAMPOO = Ean.parse("3600523351893")
PENCIL = Ean.parse("4006381333931")
BOOK = Ean.parse("9780140328721")
APPLE = Ean.parse("885909950805")


def products(fake: FakeProducts, time: Time, **options: str) -> Products:
    config = RemoteConfig("openfoodfacts.org", options={**fake.options, **options})
    return kept(Products(config, time.tools))


def picture(connector: Products, image: RemoteImage | str) -> Image.Image:
    key = image if isinstance(image, str) else image.key
    with connector.open(key) as stream:
        data = b"".join(stream.chunks)
    return Image.open(io.BytesIO(data))


def names(listing: Listing) -> list[str]:
    return [image.key.rpartition("/")[2] for image in listing.seen]
