"""Frames over the services of a house, and pictures for them."""

from __future__ import annotations

import random

from gallery_app.domain.geometry import Size
from gallery_app.domain.model import Source
from gallery_app.services.errands import Errands
from gallery_app.services.frames import FrameBook
from gallery_app.services.smart import SmartSearch
from gallery_app.services.subjects import Subjects
from gallery_app.storage.shelf import Shelf
from tests.catalog.shelf import image as listed
from tests.catalog.shelf import processed
from tests.pictures import make_picture
from tests.services.far import Book, Library, hold, image, list_images
from tests.services.house import House

SCREEN = Size(128, 72)


def frames_of(house: House, book: Book, *, default_query: str = "") -> FrameBook:
    chance = random.Random(4)
    return FrameBook(
        house.catalog,
        house.browse,
        house.media,
        SmartSearch(house.catalog, book),
        Subjects(house.catalog, book, Errands()),
        Shelf(house.data / "frames", most=50),
        now=house.clock,
        monotonic=house.clock.monotonic,
        chance=chance.random,
        random_bytes=chance.randbytes,
        default_query=default_query,
    )


def fill(house: House, count: int = 4) -> dict[str, str]:
    """`count` pictures; uid by file name."""
    for number in range(count):
        house.put(f"beach{number}.jpg", make_picture(f"64x48 jpeg, seed {number}"))
    house.scan()
    house.render_all()
    return {asset.filename: asset.uid for asset in house.all()}


def immich_of(house: House, book: Book, library: Library, **keys: str) -> Source:
    """An Immich that lists pictures of ours: key to file name."""
    source = book.connect("immich", library)
    ids = {asset.filename: asset.id for asset in house.all()}
    for key, name in keys.items():
        list_images(house, source, image(key))
        hold(house, source, key, ids[name])
    return source


def put_far(house: House, book: Book, library: Library, *names: str) -> None:
    """Pictures of another Immich that gave their previews, and is away now."""
    source = book.connect("immich", library)
    with house.catalog.write() as writer:
        far = [listed(f"far{number}", filename=name) for number, name in enumerate(names)]
        writer.list_remote(source.id, far, at=house.clock(), copies=False)
    remote = [asset.id for asset in house.all() if asset.remote]
    with house.catalog.write() as writer:
        for asset_id in remote:
            writer.finish_preview(asset_id, processed(), "e" * 64, at=house.clock())
