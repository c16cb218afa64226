"""Makes synthetic assets in the shape of a real library: for the benchmarks and the laws.

`rows(count, seed)` gives NewAsset and key pairs, the same for the same arguments: pictures of
twenty-five years in folders by year and event, a few cameras that share most of them, tags,
places and titles with the long tails they have in life. Nothing here is a recorded person's.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import NamedTuple

from gallery_app.catalog import NewAsset
from gallery_app.domain.geometry import Size
from gallery_app.domain.model import Described, Metadata, QuickHash

CAMERAS: tuple[tuple[str, str, str, tuple[int, int], str], ...] = (
    ("Canon", "Canon EOS 6D", "EF24-105mm f/4L IS USM", (5472, 3648), "IMG_"),
    ("NIKON CORPORATION", "NIKON D750", "24.0-70.0 mm f/2.8", (6016, 4016), "DSC_"),
    ("Apple", "iPhone 12", "iPhone 12 back dual wide camera", (4032, 3024), "IMG_"),
    ("Apple", "iPhone 15 Pro", "iPhone 15 Pro back camera 6.86mm f/1.78", (5712, 4284), "IMG_"),
    ("samsung", "SM-G991B", "", (4000, 3000), "2021_"),
    ("Google", "Pixel 7", "Pixel 7 back camera 6.81mm f/1.85", (4080, 3072), "PXL_"),
    ("FUJIFILM", "X-T4", "XF35mmF2 R WR", (6240, 4160), "DSCF"),
    ("SONY", "DSC-RX100", "28-100mm F1.8-4.9", (5472, 3648), "DSC0"),
    ("Panasonic", "DMC-LX3", "", (3648, 2736), "P100"),
)
EVENTS: tuple[str, ...] = tuple(
    "Summer Beach,Birthday,Christmas,Hiking,Wedding Anna,Garden,Zoo,School,Lake,New York,Rome,"
    "Football,Snow,Easter,Concert,House,Kitchen,Museum,Harbour,Road Trip,Paris,Berlin,Forest,"
    "Party,Office,Graduation,Sunset,Castle,Market,Island".split(",")
)
PLACES: tuple[str, ...] = tuple(
    f"{city}, {land}"
    for city, land in (
        pair.split("/")
        for pair in (
            "Hamburg/Germany,Lisboa/Portugal,Roma/Italia,Zürich/Schweiz,Kyoto/Japan,Oslo/Norge,"
            "New York/USA,Reykjavík/Iceland,Paris/France,Praha/Czechia,Dublin/Ireland"
        ).split(",")
    )
)
TAGS: tuple[str, ...] = tuple(f"{a} {b}" for a in EVENTS[:10] for b in ("best", "print", "share"))
_FIRST = datetime(2000, 1, 1)  # noqa: DTZ001  # camera time has no zone
_ADDED = datetime(2026, 1, 1, tzinfo=timezone.utc)


class Row(NamedTuple):
    """An asset and the key it is offered under."""

    new: NewAsset
    key: str


def rows(count: int, *, seed: int = 7) -> Iterator[Row]:
    """`count` assets, oldest picture first, as a folder of years would be scanned."""
    chance = random.Random(seed)
    step_s = 25 * 365 * 86_400 / max(count, 1)
    event, left, camera = EVENTS[0], 0, CAMERAS[0]
    for number in range(count):
        if left == 0:
            left = chance.randint(20, 400)
            event = chance.choice(EVENTS)
            camera = CAMERAS[min(int(chance.expovariate(0.5)), len(CAMERAS) - 1)]
        left -= 1
        taken = _FIRST + timedelta(seconds=number * step_s + chance.random() * 3600)
        yield _row(chance, number, taken, event=event, camera=camera)


def _row(
    chance: random.Random,
    number: int,
    taken: datetime,
    *,
    event: str,
    camera: tuple[str, str, str, tuple[int, int], str],
) -> Row:
    make, model, lens, (width, height), prefix = camera
    kind, extension = chance.choices(
        (("jpeg", "JPG"), ("heic", "HEIC"), ("png", "png"), ("video", "MP4"), ("webp", "webp")),
        (80, 12, 4, 3, 1),
    )[0]
    filename = f"{prefix}{number % 10000:04d}.{extension}"
    if chance.random() < 0.25:
        width, height = height, width
    located = chance.random() < 0.5
    metadata = Metadata(
        taken_at=taken,
        taken_from="exif",
        taken_field="ExifIFD:DateTimeOriginal",
        offset_minutes=60,
        make=make,
        model=model,
        lens=lens or None,
        iso=chance.choice((100, 200, 400, 800)),
        f_number=chance.choice((1.8, 2.8, 4.0, 8.0)),
        exposure_s=1 / chance.choice((30, 60, 125, 500)),
        focal_mm=chance.choice((24.0, 35.0, 50.0)),
        gps=(chance.uniform(-60, 70), chance.uniform(-180, 180)) if located else None,
        rating=chance.choice((3, 4, 5)) if chance.random() < 0.1 else None,
        title=f"{event} {number}" if chance.random() < 0.05 else None,
        keywords=(chance.choice(TAGS),) if chance.random() < 0.2 else (),
        place=chance.choice(PLACES) if located else None,
    )
    described = Described(
        media_type=kind,
        size=Size(width, height),
        size_bytes=chance.randint(800_000, 9_000_000),
        mtime_ns=number * 1_000_000_007,
        quick_hash=QuickHash(f"{chance.getrandbits(128):032x}"),
        metadata=metadata,
        colour=chance.getrandbits(24),
        animated=False,
    )
    added = _ADDED + timedelta(milliseconds=number // 500 * 50)
    folder = f"{taken.year}/{taken:%Y-%m} {event}"
    return Row(
        NewAsset(filename, described, taken, added), f"{folder}/{number // 10000}-{filename}"
    )
