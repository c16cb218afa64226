"""Remotes in the catalog: what listing costs, and what filters and look-alikes cost at a million.

`python -m tests.bench.remotes [--images 50000] [--million PATH]` lists synthetic Immich images in
batches of 1,000, prints CPU ms an asset of the first listing, of the same again and of one where
all facts changed, and asks the entities. With `--million` it opens a copy of a catalog made by
`tests.bench.million --keep`, gives it a support desk's tickets, and measures filters and near.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import partial
from itertools import islice
from pathlib import Path

from gallery_app.catalog import Catalog, SeenOccurrence
from gallery_app.domain.entities import EntityRef
from gallery_app.domain.geometry import Size
from gallery_app.domain.model import AssetId, Described, Metadata, QuickHash, SourceId
from gallery_app.domain.query import AssetQuery
from gallery_app.domain.remote import RemoteImage, Said
from tests.bench.million import measure, resident_mb

_BATCH = 1_000
_START = datetime(2015, 1, 1, tzinfo=timezone.utc)
_PEOPLE = tuple(
    EntityRef("person", f"{n:08x}-aaaa-bbbb-cccc-{n:012x}", f"Person {n}") for n in range(200)
)
# Targets, CPU ms.
_LISTING_MS, _FILTER_MS, _NEAR_MS = 0.5, 20.0, 10.0


def now() -> datetime:
    """A clock that stands still."""
    return datetime(2026, 2, 1, tzinfo=timezone.utc)


def images(count: int, *, seed: int = 3, caption: str = "") -> Iterator[RemoteImage]:
    """Pictures as an Immich server lists them: facts, a SHA-1, people, what was said."""
    chance = random.Random(seed)
    for number in range(count):
        moment = _START + timedelta(minutes=number * 90)
        key = f"{chance.getrandbits(128):032x}"
        metadata = Metadata(
            taken_at=moment.replace(tzinfo=None), taken_from="remote", taken_field="localDateTime",
            make="Apple", model="iPhone 12", lens="back camera", iso=100, f_number=1.8,
            exposure_s=0.01, focal_mm=4.2, gps=(52.5, 13.4), place="Berlin, Germany",
            caption=caption or None,
        )  # fmt: skip
        picture = Described(
            "jpeg", Size(4032, 3024), 3_000_000 + number, 0, QuickHash("0" * 32), metadata
        )
        yield RemoteImage(
            key=key, filename=f"IMG_{number:05d}.jpg", content_type="image/jpeg",
            size_bytes=picture.size_bytes, created_at=moment, modified_at=moment, version=key,
            page=f"https://photos.example/photos/{key}", visibility="timeline",
            sha1=hashlib.sha1(key.encode(), usedforsecurity=False).hexdigest(),
            entities=tuple(chance.sample(_PEOPLE, chance.randint(0, 2))),
            said=Said(favourite=number % 10 == 0, rating=None, tags=()), picture=picture,
            placeholder=bytes(25), focus=(0.5, 0.4),
        )  # fmt: skip


def listing(catalog: Catalog, source: SourceId, made: Iterator[RemoteImage]) -> float:
    """CPU ms an image of listing them all, batch by batch; making them is left out."""
    spent, count = 0.0, 0
    while batch := list(islice(made, _BATCH)):
        started = time.process_time()
        with catalog.write() as writer:
            writer.list_remote(source, batch, at=now(), copies=False)
            writer.set_cursor(source, batch[-1].key)
        spent += time.process_time() - started
        count += len(batch)
    return spent / max(count, 1) * 1000


def list_remotes(count: int) -> None:
    """List, list again, list with other facts; claim; ask the entities."""
    with tempfile.TemporaryDirectory() as scratch:
        catalog = Catalog.open(Path(scratch) / "gallery.db", now=now, random_bytes=os.urandom)
        source = catalog.sources.add("immich", "Photos", "https://photos.example").id
        for name, caption in (
            ("first listing", ""), ("the same again", ""), ("every caption changed", "New words"),
        ):  # fmt: skip
            ms = listing(catalog, source, images(count, caption=caption))
            verdict = "ok  " if ms < _LISTING_MS else "OVER"
            print(f"{verdict} {name:<44} {ms:.3f} ms of CPU an image, target {_LISTING_MS:g}")
        claim = partial(catalog.remotes.claim, [source], 20, lease_s=60)
        measure("claim 20 of all wanted", 20, [claim] * 50)
        ask = partial(catalog.remotes.entities, "person")
        measure("people, newest first", 50, [ask] * 20)
        measure("sources with their counts", 20, [catalog.sources.list] * 20)
        catalog.close()


def desk(catalog: Catalog, count: int) -> None:
    """Copies of a support desk: one picture in ten belongs to a ticket, company and requester."""
    source = catalog.sources.add("freshdesk", "Desk", "https://desk.example").id
    chance = random.Random(5)
    every = range(1, count + 1, 10)
    for start in range(0, len(every), _BATCH):
        with catalog.write() as writer:
            for number in every[start : start + _BATCH]:
                ticket = number // 30
                refs = (
                    EntityRef("ticket", str(ticket), f"Display of order {ticket} cracked"),
                    EntityRef("company", str(ticket % 2_000), f"Company {ticket % 2_000}"),
                    EntityRef("requester", str(ticket % 9_000), f"Person {ticket % 9_000}"),
                )
                key = f"ticket/{ticket}/attachment/{number}"
                image = RemoteImage(
                    key, f"{number}.jpg", f"ticket/{ticket}", entities=refs,
                    private=chance.random() < 0.1,
                )  # fmt: skip
                writer.list_remote(source, [image], at=now(), copies=True)
                _hold(catalog, source, image, AssetId(number))


def _hold(catalog: Catalog, source: SourceId, image: RemoteImage, asset_id: AssetId) -> None:
    with catalog.write() as writer:
        seen = SeenOccurrence(image.key, asset_id, 1, 1, 0)
        writer.hold_remote(source, image.key, asset_id, occurrence=seen, at=now())


def ask_million(path: Path) -> None:
    """Open a copy of a catalog of a million, with a desk, and put the questions."""
    with tempfile.TemporaryDirectory(dir=path.parent) as scratch:
        copy = Path(scratch) / "gallery.db"
        shutil.copy(path, copy)
        catalog = Catalog.open(copy, now=now, random_bytes=os.urandom)
        count = len(catalog.index.ids(AssetQuery()))
        started = time.process_time()
        desk(catalog, count)
        print(f"desk of {count // 10:,} pictures: {time.process_time() - started:.0f} s of CPU")
        chance = random.Random(9)
        hashes = [(chance.getrandbits(63), i) for i in range(1, count + 1)]
        with catalog._database.writing() as connection:
            connection.executemany("UPDATE asset SET phash = ? WHERE id = ?", hashes)
        catalog.close()
        before = resident_mb()
        started = time.process_time()
        catalog = Catalog.open(copy, now=now, random_bytes=os.urandom)
        print(
            f"open: {time.process_time() - started:.2f} s of CPU, "
            f"{resident_mb() - before:.0f} MB more"
        )
        index = catalog.index
        asked = _queries(chance, count)
        for name, queries in asked.items():
            measure(f"filter by {name}, cold", _FILTER_MS, [partial(index.ids, q) for q in queries])
        picked = [AssetId(chance.randint(1, count)) for _ in range(100)]
        measure("near", _NEAR_MS, [partial(catalog.similar.near, i) for i in picked])
        measure("facets, no filter", 150, [lambda: index.facets(AssetQuery())] * 10)
        ask = partial(catalog.remotes.entities, "ticket")
        measure("tickets, newest first", 150, [ask] * 10)
        found = partial(catalog.remotes.entities, "ticket", text="order 77")
        measure("tickets with a text", 150, [found] * 10)
        catalog.close()


def _queries(chance: random.Random, count: int) -> dict[str, Sequence[AssetQuery]]:
    def of(name: str, *values: str) -> list[AssetQuery]:
        return [AssetQuery.from_params({name: [value]}) for value in values]

    tickets = [chance.randint(0, count // 30) for _ in range(100)]
    plain = AssetQuery.from_params({"is": ["private"]})
    return {
        "ticket": of("ticket", *map(str, tickets)),
        "ticket's name": of("ticket", *(f"Display of order {t} CRACKED" for t in tickets)),
        "company": of("company", *(f"company {n}" for n in range(100))),
        "private": [replace(plain, limit=1)],
        "uid": of("uid", "0" * 26),
    }


def main() -> None:
    """List, then ask."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--images", type=int, default=50_000)
    parser.add_argument("--million", type=Path, help="gallery.db of tests.bench.million --keep")
    options = parser.parse_args()
    list_remotes(options.images)
    if options.million:
        ask_million(options.million)


if __name__ == "__main__":
    main()
