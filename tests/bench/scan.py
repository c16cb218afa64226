"""Scanning: the walk beside its floor, and a whole rescan in which nothing changed.

    python -m tests.bench.scan [--files 100000]

Makes a tree of empty files below a temporary folder (100 a folder), walks it with the connector
and with bare `os.scandir` and `stat` in turn, then puts rows for all of them into a real catalog
and lets the scan find that nothing changed. Prints CPU seconds; figures to expect stand in
design/pipeline.md, section 9: floor 0.38 s, walk and compare 0.42 s.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import datetime, timezone
from pathlib import Path

from gallery_app.app import build
from gallery_app.catalog.catalog import Catalog
from gallery_app.catalog.values import NewAsset, SeenOccurrence
from gallery_app.connectors.folder import FolderConnector
from gallery_app.domain.geometry import Size
from gallery_app.domain.model import Described, Metadata, QuickHash, SourceId
from gallery_app.settings import Settings

PER_FOLDER = 100
ROUNDS = 5
BATCH = 5_000


def make_tree(root: Path, files: int) -> None:
    for number in range(files // PER_FOLDER):
        folder = root / f"{2000 + number // 50}" / f"{number % 50:02}"
        folder.mkdir(parents=True)
        for picture in range(PER_FOLDER):
            (folder / f"IMG_{picture:05}.jpg").touch()


def floor(folder: str) -> int:
    """What no walk can do without: every folder listed, every file's entry read."""
    found = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                found += floor(entry.path)
            else:
                entry.stat(follow_symlinks=False)
                found += 1
    return found


def walk(root: Path) -> int:
    return sum(1 for _ in FolderConnector(root).walk())


def cpu_s(work: Callable[[], int], expected: int) -> float:
    began = time.process_time()
    found = work()
    spent = time.process_time() - began
    assert found == expected, (found, expected)
    return spent


def fill(catalog: Catalog, source_id: SourceId, root: Path) -> None:
    """Rows as a scan of these files would have left them."""
    now = _now()
    seen = list(FolderConnector(root).walk())
    for start in range(0, len(seen), BATCH):
        part = seen[start : start + BATCH]
        new = [
            NewAsset(
                filename=f.key.rpartition("/")[2],
                described=Described(
                    "jpeg",
                    Size(400, 300),
                    f.size_bytes,
                    f.mtime_ns,
                    QuickHash(f"{start + n:032x}"),
                    Metadata(),
                ),
                taken_at=datetime(2016, 7, 1 + n % 28),  # noqa: DTZ001 - a camera's local time
                added_at=now,
            )
            for n, f in enumerate(part)
        ]
        with catalog.write() as writer:
            ids = writer.insert_assets(new)
            rows = [
                SeenOccurrence(f.key, i, f.size_bytes, f.mtime_ns, f.inode)
                for f, i in zip(part, ids, strict=True)
            ]
            writer.put_occurrences(source_id, rows, at=now)


def _now() -> datetime:
    return datetime.now(timezone.utc)


def rescan_s(data: Path, root: Path, files: int) -> tuple[float, float]:
    """CPU and wall seconds of a scan that finds everything as it was; the best of three."""
    gallery = build(Settings(data_dir=data, workers=1, quiet_s=0))
    try:
        source = gallery.sources.add_folder(str(root))
        catalog = Catalog.open(data / "gallery.db", now=_now, random_bytes=os.urandom)
        fill(catalog, source.id, root)
        catalog.close()
        best = (float("inf"), float("inf"))
        for _ in range(3):
            job = gallery.sources.scan(source.id)
            cpu, wall = time.process_time(), time.perf_counter()
            tally = gallery.background.run_scan(job)
            spent = (time.process_time() - cpu, time.perf_counter() - wall)
            assert (tally.unchanged, tally.described) == (files, 0), tally
            best = min(best, spent)
        return best
    finally:
        gallery.close()


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--files", type=int, default=100_000)
    files = options.parse_args().files // PER_FOLDER * PER_FOLDER
    folder = Path(tempfile.mkdtemp(prefix="gallery-bench-"))
    try:
        root = folder / "pictures"
        make_tree(root, files)
        floors, walks = [], []
        for _ in range(ROUNDS):
            floors.append(cpu_s(lambda: floor(str(root)), files))
            walks.append(cpu_s(lambda: walk(root), files))
        low, best = min(floors), min(walks)
        print(f"{files:,} files: scandir and stat {low:.2f} s CPU, walk {best:.2f} s")
        print(f"  {best / low:.2f} x the floor, {best / files * 1e6:.1f} us a file")
        cpu, wall = rescan_s(folder / "data", root, files)
        print(f"unchanged rescan of {files:,} files: {cpu:.2f} s CPU, {wall:.2f} s wall")
    finally:
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
