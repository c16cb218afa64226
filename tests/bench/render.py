"""CPU time of describing and rendering, beside the floor nothing can beat, in one run.

`python -m tests.bench.render` prints medians in CPU ms, the candidates taking turns so that a
busy machine slows all alike. The floor is one decode at 1/8 scale and one small JPEG encode of
the same file; the design's target for a 12 MP JPEG is 1.6 times that (pipeline.md, section 3).
"""

from __future__ import annotations

import argparse
import io
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PIL import Image

from gallery_app.domain.renditions import EAGER, RENDITIONS, UHD
from gallery_app.imaging.barcode import barcodes
from gallery_app.imaging.child import _warm_up
from gallery_app.imaging.describe import describe
from gallery_app.imaging.process import process, render
from tests.bench.corpus import CORPORA
from tests.pictures import make_picture

PHOTO = (
    "4000x3000 jpeg, noise seed 7, quality 90, orientation 6, taken 2016-07-03 14:05:06, "
    "offset +02:00, camera Canon EOS 6D, gps 48.2 11.6, exif thumbnail"
)
# An iPhone's picture with its 320 px thumbnail; without ../shared HEIC is not measured.
HEIC_NAMES = ("heic/*.heic", "heic/*.HEIC")


def floor(path: Path) -> None:
    """Read, decode at an eighth, encode one small JPEG: no resize, hash, colour or metadata."""
    data = path.read_bytes()
    image = Image.open(io.BytesIO(data), formats=["JPEG"])
    image.draft(None, (500, 375))
    image.load()
    image.save(io.BytesIO(), "JPEG", quality=80)


def heic_with_thumbnail() -> Path | None:
    """The largest corpus HEIC whose eager rendition comes from its embedded thumbnail."""
    import pillow_heif

    found: list[Path] = []
    for pattern in HEIC_NAMES:
        for path in CORPORA.glob(pattern):
            try:
                sizes = pillow_heif.open_heif(path).info.get("thumbnails") or []
            except (OSError, ValueError):
                continue
            if any(size >= 300 for size in sizes):
                found.append(path)
    return max(found, key=lambda path: path.stat().st_size, default=None)


def measure(candidates: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median CPU ms of each candidate; one turn each per round, the first round not counted."""
    taken: dict[str, list[float]] = {name: [] for name in candidates}
    for number in range(rounds + 1):
        for name, work in candidates.items():
            start = time.process_time()
            work()
            if number:
                taken[name].append((time.process_time() - start) * 1000)
    return {name: statistics.median(values) for name, values in taken.items()}


def figures(folder: Path, rounds: int = 15) -> dict[str, float]:
    """The medians of all candidates on generated files in `folder` (and one corpus HEIC)."""
    _warm_up()
    photo = folder / "IMG_0001.jpg"
    photo.write_bytes(make_picture(PHOTO))
    eager = [RENDITIONS[name] for name in EAGER]
    large = [RENDITIONS["large"]]
    candidates: dict[str, Callable[[], object]] = {
        "floor": lambda: floor(photo),
        "describe": lambda: describe(str(photo)),
        "process": lambda: process(str(photo), eager),
        "process, SHA-1": lambda: process(str(photo), eager, sha1=True),
        "render 1600": lambda: render(str(photo), large),
        "render UHD": lambda: render(str(photo), [UHD]),
        "barcodes": lambda: barcodes(str(photo)),
    }
    heic = heic_with_thumbnail() if CORPORA.exists() else None
    if heic is not None:
        candidates["describe HEIC"] = lambda: describe(str(heic))
        candidates["process HEIC"] = lambda: process(str(heic), eager)
    return measure(candidates, rounds)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        found = figures(folder, options.rounds)
        size = (folder / "IMG_0001.jpg").stat().st_size
    print(f"12 MP JPEG of {size / 1e6:.1f} MB; medians of {options.rounds}, CPU ms")
    limits = {"describe": 1.2, "process": 1.6 * found["floor"], "process HEIC": 12.0,
              "render 1600": 100.0, "process, SHA-1": 1.6 * found["floor"]}  # fmt: skip
    for label, value in found.items():
        limit = f"  (target {limits[label]:.1f})" if label in limits else ""
        print(f"{label:>14} {value:8.2f}{limit}  {value / found['floor']:.2f} x floor")


if __name__ == "__main__":
    main()
