"""Runs every file of ../shared/corpora through the worker pool and says how many come out right.

`python -m tests.bench.corpus` prints the figures; `--mixed` makes 300 files of many formats with
../shared/tools/make_corpus.py and counts correct thumbnails. `tests/imaging/test_corpus.py`
asserts them. "Right" is upright and in its colours: the quadrant means of the rendition against
a slow, independent decode (`reference_quadrants`), the aspect against the manifest.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageCms, ImageOps

from gallery_app.domain.errors import GalleryError
from gallery_app.domain.geometry import oriented
from gallery_app.domain.model import Described, NotAPicture, Processed
from gallery_app.domain.renditions import EAGER, RENDITIONS
from gallery_app.imaging.workers import CRASHED, TIMED_OUT, WorkerPool

SHARED = Path(__file__).resolve().parents[3] / "shared"
CORPORA = SHARED / "corpora"
TOOLS = SHARED / "tools"
# Manifest and design: within 12 levels, aspect within 2 % (reliability.md, A8 and A15).
LEVELS, ASPECT = 12.0, 0.02
GREY = (128, 128, 128)
Quadrants = list[tuple[float, float, float]]


@dataclass(slots=True)
class Outcome:
    """What came of one file."""

    entry: dict[str, Any]
    described: Described | NotAPicture | GalleryError
    processed: Processed | GalleryError
    seconds: float = 0.0
    wrong: str = ""


@dataclass(slots=True)
class Report:
    """All outcomes, and what the workers needed."""

    outcomes: list[Outcome] = field(default_factory=list)
    peak_bytes: int = 0
    seconds: float = 0.0

    def of(self, expectation: str) -> list[Outcome]:
        """The outcomes of files with this expectation."""
        return [o for o in self.outcomes if o.entry["expect"] == expectation]

    def right(self, expectation: str) -> int:
        """How many of them came out as expected."""
        return sum(not outcome.wrong for outcome in self.of(expectation))

    @property
    def crashes(self) -> list[str]:
        """Files that ended a worker, by crash or by hang."""
        return [
            o.entry["file"]
            for o in self.outcomes
            if isinstance(o.processed, GalleryError) and o.processed.public in {CRASHED, TIMED_OUT}
        ]


def run(
    files: Sequence[dict[str, Any]], root: Path, *, workers: int = 2, trusted: bool = True
) -> Report:
    """Describes and processes each file, and judges what comes out.

    As the owner's files (`trusted`) all go through the same few processes, so that memory that
    is not given back and damage that one file leaves behind would show.
    """
    report = Report()
    pool = WorkerPool(workers, nice=0)
    start = time.monotonic()
    specs = [RENDITIONS[name] for name in EAGER]
    waiting: list[tuple[dict[str, Any], float, Future[Any], Future[Processed]]] = []
    try:
        for entry in files:
            path = str(root / entry["file"])
            first = pool.describe([path], priority=10, trusted=trusted)
            second = pool.process(path, specs, priority=10, trusted=trusted)
            waiting.append((entry, 0.0, first, second))
        last = start
        for entry, _, first, second in waiting:
            described = first.result(120)[0]
            try:
                processed: Processed | GalleryError = second.result(120)
            except GalleryError as error:
                processed = error
            now = time.monotonic()
            outcome = Outcome(entry, described, processed, now - last)
            last = now
            report.peak_bytes = max(report.peak_bytes, _peak_bytes(pool.pids()))
            outcome.wrong = judge(outcome, root)
            last = time.monotonic()
            report.outcomes.append(outcome)
    finally:
        pool.close()
    report.seconds = time.monotonic() - start
    return report


def _peak_bytes(pids: Sequence[int]) -> int:
    """The largest resident size these processes ever had."""
    peak = 0
    for pid in pids:
        try:
            status = Path(f"/proc/{pid}/status").read_text()
        except OSError:
            continue
        peak = max(peak, *(int(line.split()[1]) for line in status.splitlines()
                           if line.startswith("VmHWM")), 0)  # fmt: skip
    return peak * 1024


def judge(outcome: Outcome, root: Path) -> str:
    """Why the outcome is not what the manifest expects; "" when it is."""
    expectation = outcome.entry["expect"]
    processed = outcome.processed
    if isinstance(processed, GalleryError):
        return processed.public if expectation == "decode" else ""
    if expectation in {"refuse", "store"}:
        return "a rendition came out"
    if expectation == "decode":
        return compare(outcome.entry, processed, root / outcome.entry["file"])
    return ""


def compare(entry: dict[str, Any], processed: Processed, path: Path) -> str:
    """How the small rendition differs from the reference; "" when it is right."""
    picture = Image.open(BytesIO(processed.renditions["small"]))
    picture.load()
    reference = entry.get("reference") or {}
    aspect = reference.get("upright_aspect")
    # The manifest's aspect is that of a 512 px thumbnail, whole pixels again.
    rounding = 0.5 * max(aspect or 1, 1 / (aspect or 1)) / 512
    if aspect and abs(processed.size.aspect / aspect - 1) > max(ASPECT, rounding):
        return f"aspect {processed.size.aspect:.3f} instead of {aspect}"
    shape = picture.width / picture.height
    tolerance = max(ASPECT, 1.01 / min(picture.size))
    if abs(shape / processed.size.aspect - 1) > tolerance:
        return f"rendition {picture.size} of {processed.size}"
    found = quadrant_means(_flat(picture))
    listed = reference.get("upright_quadrants")
    if listed and _apart(found, listed) <= LEVELS:
        return ""
    expected = reference_quadrants(path)
    if expected is None:
        return "" if listed is None else f"colours {found} instead of {listed}"
    apart = _apart(found, expected)
    return "" if apart <= LEVELS else f"colours {apart:.0f} levels off: {found}, not {expected}"


def _flat(picture: Image.Image) -> Image.Image:
    if "A" not in picture.getbands():
        return picture.convert("RGB")
    ground = Image.new("RGBA", picture.size, (*GREY, 255))
    return Image.alpha_composite(ground, picture.convert("RGBA")).convert("RGB")


def quadrant_means(picture: Image.Image) -> Quadrants:
    """The mean colours of the four quarters of an RGB picture."""
    pixels = np.asarray(picture, dtype=np.float64)
    down, across = (pixels.shape[0] + 1) // 2, (pixels.shape[1] + 1) // 2
    parts = (
        pixels[:down, :across], pixels[:down, -across:],
        pixels[-down:, :across], pixels[-down:, -across:],
    )  # fmt: skip
    return [tuple(np.round(part.mean(axis=(0, 1)), 1).tolist()) for part in parts]


def _apart(found: Sequence[Sequence[float]], expected: Sequence[Sequence[float]]) -> float:
    return float(np.abs(np.asarray(found) - np.asarray(expected)).max())


def reference_quadrants(path: Path) -> Quadrants | None:
    """Quadrants by the slow way: a full decode, 16 bits scaled, transparency on grey."""
    import pillow_heif

    pillow_heif.register_heif_opener()
    warnings.simplefilter("ignore")
    try:
        with Image.open(path) as image:
            image.load()
            bits = getattr(image, "tag_v2", {}).get(258, (16,))[0]
            upright = ImageOps.exif_transpose(image)
            if upright.mode.startswith("I;16"):
                top = (1 << bits) - 1 if 8 < bits < 16 else 65535
                levels = np.asarray(upright).astype(np.float64) * 255 / top
                upright = Image.fromarray(levels.astype(np.uint8))
            if "transparency" in upright.info or upright.mode in {"LA", "PA", "RGBa", "La"}:
                upright = upright.convert("RGBA")
            profile = image.info.get("icc_profile")
            if profile and upright.mode in {"RGB", "RGBA", "CMYK", "L"}:
                upright = _converted(upright, profile)
            return quadrant_means(_flat(upright))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _converted(image: Image.Image, profile: bytes) -> Image.Image:
    """The full picture in sRGB, where the profile fits it."""
    source = ImageCms.ImageCmsProfile(BytesIO(profile))
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    try:
        target = ImageCms.createProfile("sRGB")
        return ImageCms.profileToProfile(image, source, target, outputMode=mode) or image
    except (ImageCms.PyCMSError, ValueError):
        return image


# --- metadata truth --------------------------------------------------------------------------


def truth(
    report: Report, counted: Sequence[str] = ("decode",)
) -> dict[str, tuple[int, int, list[str]]]:
    """Per field: how many agree with exiftool, of how many, and where they do not."""
    table: dict[str, tuple[int, int, list[str]]] = {}
    for name, check in _CHECKS.items():
        agree, total, misses = 0, 0, []
        for outcome in report.outcomes:
            known = outcome.entry.get("exif") or {}
            if outcome.entry["expect"] not in counted or not isinstance(
                outcome.described, Described
            ):
                continue
            verdict = check(known, outcome.described)
            if verdict is None:
                continue
            total += 1
            agree += verdict == ""
            if verdict:
                misses.append(f"{outcome.entry['file']}: {verdict}")
        table[name] = (agree, total, misses)
    return table


def _check_taken(known: dict[str, Any], described: Described) -> str | None:
    if "taken" not in known:
        return None
    meta = described.metadata
    said = str(known["taken"])[:19].replace("-", ":").replace("T", " ")
    ours = f"{meta.taken_at:%Y:%m:%d %H:%M:%S}" if meta.taken_at else ""
    if ours and ours.lstrip("0").startswith(said.lstrip("0")):
        return ""
    if ours and said.startswith(ours[: len(said)]):
        return ""
    return f"{ours or None} ({meta.taken_field}), exiftool {known['taken']!r}"


def _check_position(known: dict[str, Any], described: Described) -> str | None:
    if "lat" not in known or "lon" not in known:
        return None
    gps = described.metadata.gps
    if abs(known["lat"]) > 90 or abs(known["lon"]) > 180:
        return "" if gps is None else f"{gps}, exiftool {known['lat']}, {known['lon']}"
    if gps and abs(gps[0] - known["lat"]) <= 1e-5 and abs(gps[1] - known["lon"]) <= 1e-5:
        return ""
    return f"{gps}, exiftool {known['lat']}, {known['lon']}"


def _check_orientation(known: dict[str, Any], described: Described) -> str | None:
    if "orientation" not in known:
        return None
    ours = described.metadata.orientation
    # Outside 1 to 8 the tag means nothing, which is what 1 says.
    valid = known["orientation"] if known["orientation"] in range(1, 9) else 1
    return "" if ours == valid else f"{ours}, exiftool {known['orientation']}"


def _check_text(field_name: str) -> Any:
    def check(known: dict[str, Any], described: Described) -> str | None:
        if field_name not in known:
            return None
        ours = getattr(described.metadata, field_name)
        same = str(ours or "").strip() == str(known[field_name]).strip()
        return "" if same else f"{ours!r}, exiftool {known[field_name]!r}"

    return check


_CHECKS: dict[str, Any] = {
    "taken": _check_taken, "orientation": _check_orientation, "position": _check_position,
    "make": _check_text("make"), "model": _check_text("model"),
}  # fmt: skip


# --- the mixed corpus ------------------------------------------------------------------------


def run_mixed(target: Path, *, count: int = 300, seed: int = 7) -> tuple[int, int, list[str]]:
    """Makes a mixed corpus in `target`; correct thumbnails, valid files, what is wrong."""
    command = [sys.executable, str(TOOLS / "make_corpus.py"), str(target), "--count", str(count),
               "--mix", "mixed", "--seed", str(seed), "--megapixels", "2"]  # fmt: skip
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    text = (target / "manifest.json").read_text(encoding="utf-8")
    listed = json.loads(text)
    entries = listed["files"] if isinstance(listed, dict) else listed
    files = [{"file": e["path"], "expect": "decode" if e["valid"] else "either", **e}
             for e in entries]  # fmt: skip
    report = run(files, target)
    misses = []
    for outcome in report.of("decode"):
        wrong = outcome.wrong or _shape_wrong(outcome)
        if wrong:
            misses.append(f"{outcome.entry['file']}: {wrong}")
    misses += [
        f"{outcome.entry['file']}: broken, shown without a word"
        for outcome in report.of("either")
        if isinstance(outcome.processed, Processed) and not outcome.processed.truncated
    ]
    valid = len(report.of("decode"))
    return valid - sum("broken" not in miss for miss in misses), valid, misses


def _shape_wrong(outcome: Outcome) -> str:
    if not isinstance(outcome.processed, Processed):
        return outcome.processed.public
    entry, size = outcome.entry, outcome.processed.size
    if (size.width, size.height) != (entry["display_width"], entry["display_height"]):
        return f"size {size}"
    described = outcome.described
    if not isinstance(described, Described) or described.size != size:
        return f"described as {getattr(described, 'size', described)}"
    meta = described.metadata
    if oriented(size, meta.orientation) is None:
        return "orientation"
    if entry["taken_at"] and (meta.taken_at is None or not entry["taken_at"].startswith(
        meta.taken_at.isoformat()[:19]
    )):  # fmt: skip
        return f"taken {meta.taken_at}, not {entry['taken_at']}"
    return ""


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mixed", "--make-corpus", action="store_true",
                        help="make and run the mixed corpus instead")  # fmt: skip
    parser.add_argument("--isolated", action="store_true", help="each file in its own fork")
    parser.add_argument("--only", default="", help="files whose path begins so")
    options = parser.parse_args()
    if options.mixed:
        with tempfile.TemporaryDirectory() as folder:
            right, valid, misses = run_mixed(Path(folder))
        print("\n".join(misses))
        print(f"correct thumbnails of valid files: {right} of {valid}")
        return
    manifest = json.loads((CORPORA / "manifest.json").read_text(encoding="utf-8"))
    files = [e for e in manifest["files"] if e["expect"] != "sidecar"]
    files = [e for e in files if e["file"].startswith(options.only)]
    report = run(files, CORPORA, trusted=not options.isolated)
    for expectation in ("decode", "refuse", "either", "store"):
        outcomes = report.of(expectation)
        for outcome in outcomes:
            if outcome.wrong:
                print(f"  {expectation}: {outcome.entry['file']}: {outcome.wrong}")
        share = 100 * report.right(expectation) / max(1, len(outcomes))
        print(f"{expectation}: {report.right(expectation)} of {len(outcomes)} ({share:.2f} %)")
    for counted in (("decode",), ("decode", "either")):
        print(f"metadata of files to {' or '.join(counted)}:")
        for name, (agree, total, misses) in truth(report, counted).items():
            for miss in misses:
                print(f"    {name}: {miss}")
            print(f"  {name}: {agree} of {total} ({100 * agree / max(1, total):.2f} %)")
    slow = sorted(report.outcomes, key=lambda o: -o.seconds)[:3]
    print("longest:", ", ".join(f"{o.entry['file']} {o.seconds:.1f} s" for o in slow))
    print(f"crashes or hangs: {len(report.crashes)} {report.crashes[:5]}")
    print(f"reasons: {_reasons(report)}")
    print(f"peak memory of a worker: {report.peak_bytes / 2**20:.0f} MiB")
    print(f"all: {len(report.outcomes)} files in {report.seconds:.0f} s")


def _reasons(report: Report) -> dict[str, int]:
    errors = (o.processed for o in report.outcomes if isinstance(o.processed, GalleryError))
    return dict(Counter(type(error).__name__ for error in errors))


if __name__ == "__main__":
    main()
