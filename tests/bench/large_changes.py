"""Changes of 100,000 pictures at once: what each piece costs, and how long others wait to write.

`python -m tests.bench.large_changes [--pictures 100000]` fills a desk's source, renames the company
of all its pictures, removes the source and restores it, while another thread writes a little.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path

from gallery_app.app import build
from gallery_app.catalog import Catalog
from gallery_app.domain.entities import EntityRef
from gallery_app.settings import Settings
from tests.bench.image_gallery import fill

TARGET_MS = 50.0


def now() -> datetime:
    """A clock that stands still."""
    return datetime(2026, 2, 1, tzinfo=timezone.utc)


def measure(catalog: Catalog, name: str, change: Callable[[], object]) -> bool:
    """Print what a change cost in all and a piece, and what another writer waited."""
    waits: list[float] = []
    pieces: list[float] = []
    over = threading.Event()
    last = 0.0
    source = catalog.sources.uploads().id

    def write() -> None:
        while not over.wait(0.002):
            began = time.perf_counter()
            catalog.sources.set_state(source, "online")
            waits.append((time.perf_counter() - began) * 1000)

    def rest() -> None:
        nonlocal last
        pieces.append((time.thread_time() - last) * 1000)
        time.sleep(0.002)
        last = time.thread_time()

    catalog._rest = rest
    other = threading.Thread(target=write)
    other.start()
    began = last = time.thread_time()
    change()
    spent = time.thread_time() - began
    over.set()
    other.join()
    half, most = _at(pieces, 0.5), _at(pieces, 0.95)
    verdict = "ok  " if most < TARGET_MS else "OVER"
    print(
        f"{verdict} {name:<24} {spent:5.1f} s of CPU in {len(pieces)} pieces, p50 {half:.0f} "
        f"p95 {most:.0f} ms; another writer waits p50 {_at(waits, 0.5):.0f} "
        f"p95 {_at(waits, 0.95):.0f} ms"
    )
    return most < TARGET_MS


def _at(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[int(len(ordered) * share)] if ordered else 0.0


def main() -> int:
    """Fill a store, change it, say how it went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=100_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        settings = Settings(data_dir=Path(scratch), workers=1, open_browser=False)
        gallery = build(settings, random_bytes=os.urandom)
        catalog = gallery.browse._catalog
        try:
            fill(gallery, options.pictures // 2)
            source = next(s.id for s in catalog.sources.list() if s.kind == "freshdesk")

            def rename() -> None:
                with catalog.write() as writer:
                    writer.name_entities(source, [EntityRef("company", "8", "Mega Nova")])

            sources = catalog.sources
            good = [
                measure(catalog, "a company renamed", rename),
                measure(catalog, "a source removed", lambda: sources.remove(source, now())),
                measure(catalog, "and restored", lambda: sources.restore(source)),
                measure(catalog, "removed with its pictures",
                        lambda: sources.remove(source, now(), keep=False)),
            ]  # fmt: skip
        finally:
            gallery.close()
    return 0 if all(good) else 1


if __name__ == "__main__":
    raise SystemExit(main())
