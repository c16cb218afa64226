"""How the grid behaves in a real browser over a million pictures: nodes, heap, CPU, waiting.

    python -m tests.bench.browser [--assets 1000000] [--keep DIR]

The index is synthetic and the pictures are a few dozen small JPEGs handed out by uid; program,
screen and routes are the real ones. Main-thread times are CPU (Chromium's thread ticks), so a
busy machine does not change them; waiting times are wall times and it does.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import random
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PIL import Image, ImageDraw

from gallery_app.services.values import Bytes
from tests.bench.million import make

if TYPE_CHECKING:
    from playwright.sync_api import CDPSession, Page, ViewportSize

CHROMIUM = "/usr/bin/chromium"
FLAGS = (
    "--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
).split()
READY = 1  # column `status` of a picture with renditions
VIEW: ViewportSize = {"width": 1400, "height": 900}
PATIENCE_MS = 60_000


@dataclass(frozen=True, slots=True)
class Line:
    """One figure and what the issue asks of it (`most`: None when it asks nothing)."""

    name: str
    value: float
    unit: str
    most: float | None = None

    @property
    def good(self) -> bool:
        return self.most is None or self.value < self.most

    def __str__(self) -> str:
        wanted = "" if self.most is None else f"< {self.most:g} {self.unit}"
        verdict = "" if self.good else "MISSED"
        return f"{self.name:<46} {self.value:>9.1f} {self.unit:<4} {wanted:<12} {verdict}".rstrip()


# --- the server: the real program, its pictures made up ------------------------------------


class MadeUpPictures:
    """Stands where `services.media.Media` stands: any uid has a small JPEG, at once."""

    def __init__(self, count: int = 48) -> None:
        self._made = [_draw(number) for number in range(count)]

    def cached(self, uid: str, name: str) -> Bytes | None:
        """One of the pictures, always the same for a uid."""
        data = self._made[sum(uid.encode()) % len(self._made)]
        return Bytes(data, "image/jpeg", f'"{uid}-{name}"', 0)

    def rendition(self, uid: str, name: str, *, wait_s: float = 10.0) -> Bytes:
        """As `cached`."""
        found = self.cached(uid, name)
        assert found is not None
        return found


def _draw(number: int) -> bytes:
    """A picture of 400 px and about 12 kB."""
    chance = random.Random(number)
    image = Image.effect_noise((400, 267), 28).convert("RGB")
    draw = ImageDraw.Draw(image)
    for _ in range(9):
        x, y, r = chance.randint(0, 400), chance.randint(0, 267), chance.randint(15, 110)
        draw.ellipse((x - r, y - r, x + r, y + r), fill=tuple(chance.randbytes(3)))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=62)
    return out.getvalue()


def serve(data: Path) -> None:
    """Serve the index in `data` without scanning or rendering; prints the address."""
    import uvicorn

    from gallery_app.app import build, create_app
    from gallery_app.settings import Settings

    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    settings = Settings.model_validate({"data_dir": data, "port": port, "open_browser": False})
    gallery = replace(build(settings), media=MadeUpPictures())  # type: ignore[arg-type]  # its twin
    config = uvicorn.Config(create_app(gallery, settings), log_level="warning", access_log=False)
    print(f"http://127.0.0.1:{port}", flush=True)  # the socket listens already
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[listener])
    gallery.close()


@contextlib.contextmanager
def served(data: Path) -> Iterator[str]:
    """The address of a server over `data`, in a process that ends with the block."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "NICEGUI"))}
    command = [sys.executable, "-m", "tests.bench.browser", "--serve", str(data)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            assert address.startswith("http"), "the server did not start"
            yield address
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def index(folder: Path, count: int) -> Path:
    """A data folder with an index of `count` pictures that count as rendered."""
    data = folder / f"grid-{count}"
    if not (data / "gallery.db").exists():
        data.mkdir(parents=True, exist_ok=True)
        print(f"making an index of {count:,} …", file=sys.stderr, flush=True)
        make(data / "gallery.db", count)
        with contextlib.closing(sqlite3.connect(data / "gallery.db")) as db, db:
            db.execute("UPDATE asset SET status = ?", (READY,))
    return data


# --- the browser ------------------------------------------------------------------------------

NODES = """() => document.querySelectorAll('*').length
  + __grid.host.shadowRoot.querySelectorAll('*').length"""
SCROLL = """async ([px, frames]) => {
  const next = () => new Promise((done) => requestAnimationFrame(done));
  const times = []; let last = await next();
  for (let i = 0; i < frames; i++) {
    __grid.scroller.scrollTop += px;
    const now = await next(); times.push(now - last); last = now;
  }
  return times.sort((a, b) => a - b);
}"""
JUMP = """async (share) => {
  const { list } = __grid.library;
  const b = list[Math.floor(share * list.length)];
  const seen = __grid.stat.pictures, began = performance.now();
  __grid.jump(b.top);
  while (__grid.stat.pictures === seen && performance.now() - began < 10000)
    await new Promise((done) => setTimeout(done, 4));
  return performance.now() - began;
}"""


def first_tile(page: Page, address: str) -> float:
    """Milliseconds from navigation to the first painted picture."""
    page.goto(address)
    page.wait_for_function("window.__grid?.stat.firstPictureMs != null", timeout=PATIENCE_MS)
    return float(page.evaluate("__grid.stat.firstPictureMs"))


def metrics(session: CDPSession) -> dict[str, float]:
    """Chromium's own counters."""
    found: list[dict[str, Any]] = session.send("Performance.getMetrics")["metrics"]
    return {one["name"]: one["value"] for one in found}


def scroll(page: Page, session: CDPSession, px: int, frames: int) -> tuple[float, float, float]:
    """Main-thread CPU ms a frame, and median and p95 of the frames' own times, ms."""
    before = metrics(session)["TaskDuration"]
    times: list[float] = page.evaluate(SCROLL, [px, frames])
    cpu = (metrics(session)["TaskDuration"] - before) * 1000 / frames
    page.wait_for_timeout(600)
    return cpu, times[len(times) // 2], times[int(len(times) * 0.95)]


def measure(address: str) -> list[Line]:
    """Every figure, in the order of a visit."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        cold = []
        for _ in range(3):  # a fresh profile each time
            context = browser.new_context(viewport=VIEW)
            cold.append(first_tile(context.new_page(), address))
            context.close()
        page = browser.new_context(viewport=VIEW).new_page()
        first_tile(page, address)
        warm = first_tile(page, address)
        lines = [
            Line("first tile, fresh profile (median of 3)", statistics.median(cold), "ms", 1500),
            Line("first tile, warm cache", warm, "ms"),
        ]
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.wait_for_timeout(1500)
        for name, px, frames in (
            ("2 screens/s", 30, 400),
            ("20 screens/s", 300, 300),
            ("100 screens/s", 1500, 300),
        ):
            cpu, median, p95 = scroll(page, session, px, frames)
            lines.append(Line(f"main thread a frame, {name}", cpu, "ms", 4 if px < 1000 else None))
            lines.append(Line(f"frame p50, {name} (wall)", median, "ms"))
            lines.append(Line(f"frame p95, {name} (wall)", p95, "ms"))
        chance = random.Random(11)
        jumps = []
        for _ in range(20):
            jumps.append(float(page.evaluate(JUMP, chance.random())))
            page.wait_for_timeout(150)
        jumps.sort()
        lines.append(Line("jump to a random month, first picture p50", jumps[10], "ms", 500))
        lines.append(Line("jump to a random month, first picture p95", jumps[18], "ms"))
        lines.append(Line("DOM nodes of the whole page", float(page.evaluate(NODES)), "", 500))
        session.send("HeapProfiler.enable")
        session.send("HeapProfiler.collectGarbage")
        heap = metrics(session)["JSHeapUsedSize"] / 1e6
        lines.append(Line("JS heap after garbage collection", heap, "MB", 10))
        stat = page.evaluate("__grid.stat")
        lines.append(Line("tiles ever made", float(stat["tilesMade"]), ""))
        browser.close()
    return lines


def main() -> int:
    """Make, serve, measure, print; 1 when a figure the issue sets is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--assets", type=int, default=1_000_000)
    parser.add_argument("--keep", type=Path, help="make the index here and use it again")
    parser.add_argument("--json", action="store_true", help="print one object")
    parser.add_argument("--serve", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve)
        return 0
    with tempfile.TemporaryDirectory() as temporary:
        data = index(options.keep or Path(temporary), options.assets)
        with served(data) as address:
            lines = measure(address)
    if options.json:
        print(json.dumps({line.name: line.value for line in lines}, indent=1))
    else:
        print(f"{options.assets:,} pictures, window {VIEW['width']} × {VIEW['height']}")
        print("\n".join(map(str, lines)))
    return 0 if all(line.good for line in lines) else 1


if __name__ == "__main__":
    raise SystemExit(main())
