"""Listing an Immich: requests, and CPU for each asset, on this side of the wire.

`python -m tests.bench.remotes_immich [--assets 50000] [--version 3.1.0]` serves the fake from a
process of its own and lists it twice: CPU of this process, so that neither the fake nor a busy
machine counts. Then it reads pages that are in memory already: the parsing alone. Targets: fewer
than 60 requests for 50,000, at most 3 when nothing is new, at most 0.3 ms of CPU an asset.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import random
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing.connection import Connection

from gallery_app.connectors.base import Tools
from gallery_app.connectors.immich import KIND
from gallery_app.connectors.immich.models import page_of
from gallery_app.connectors.immich.pictures import Site, picture_of
from gallery_app.domain.remote import RemoteConfig
from gallery_app.testing.immich import FakeImmich

_REQUESTS, _NOTHING_NEW, _ASSET_MS = 60, 3, 0.3


def _tools() -> Tools:
    chance = random.Random(1).random
    return Tools(lambda: datetime.now(UTC), time.monotonic, lambda _s: False, chance, "bench")


def _serve(pipe: Connection, assets: int, version: str) -> None:
    with FakeImmich(assets=assets, version=version) as fake:
        pipe.send(fake.url)
        while pipe.recv() == "count":
            pipe.send(fake.asked)
            fake.counts.clear()


@contextmanager
def served(assets: int, version: str) -> Iterator[Connection]:
    """A pipe to the fake: its address first; "count" asks how many requests came since."""
    ours, theirs = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=_serve, args=(theirs, assets, version)
    )
    process.start()
    try:
        yield ours
    finally:
        ours.send("stop")
        process.join(10)


def _count(pipe: Connection) -> int:
    pipe.send("count")
    return int(pipe.recv())


def listing(assets: int, version: str) -> None:
    """List it, list it again, and print what that took."""
    with served(assets, version) as pipe:
        config = RemoteConfig(KIND.address_of(pipe.recv()), "immich-demo-key-0123456789")
        connector = KIND.open(config, _tools())
        began, wall = time.process_time(), time.perf_counter()
        seen, cursor = 0, ""
        for batch in connector.changes(""):
            seen += len(batch.seen)
            cursor = batch.cursor
        each = (time.process_time() - began) / max(seen, 1) * 1000
        wall = time.perf_counter() - wall
        first = _count(pipe)
        for batch in connector.changes(cursor):
            cursor = batch.cursor
        again = _count(pipe)
        connector.close()
    print(
        f"{seen} assets of Immich {version}: {first} requests (target < {_REQUESTS}), {wall:.1f} s"
    )
    print(f"  CPU {each:.3f} ms an asset, network and JSON and all (target <= {_ASSET_MS})")
    print(f"  nothing new: {again} requests (target <= {_NOTHING_NEW})")


def parsing(version: str) -> None:
    """Pages of 1,000 in memory: JSON, then values, then pictures."""
    fake = FakeImmich(assets=1_000, version=version, people=3)
    assets, _, _ = fake.searching.page({"size": 1000})
    items = [fake.views.asset(asset, exif=True, people=True) for asset in assets]
    text = json.dumps({"assets": {"items": items, "nextPage": None}})
    site, times = Site("https://photos.example.org"), []
    for _ in range(9):
        began = time.process_time()
        body = json.loads(text)
        loaded = time.process_time()
        page = page_of(body)
        read = time.process_time()
        for asset in page.assets:
            picture_of(asset, site)
        times.append((loaded - began, read - loaded, time.process_time() - read))
    json_us, values_us, pictures_us = (
        statistics.median(part) * 1000 for part in zip(*times, strict=True)
    )
    print(f"  parsing alone, us an asset: JSON {json_us:.0f}, values {values_us:.0f}, "
          f"pictures {pictures_us:.0f}; a page has {len(text) / 1000:.0f} kB")  # fmt: skip


def main() -> None:
    """Run it."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--assets", type=int, default=50_000)
    options.add_argument("--version", default="3.1.0")
    given = options.parse_args()
    listing(given.assets, given.version)
    parsing(given.version)


if __name__ == "__main__":
    main()
