"""What a picture costs on its way out, beside nginx, and how late the event loop gets.

`python -m tests.bench.serving` starts the real server over a small generated folder, watches the
event loop while it indexes, then lets wrk ask for one rendition of about 15 kB in three ways,
turn and turn about with nginx and the same file: CPU of each process from /proc, not wall time,
so that a busy machine tells the same. Target: at most 0.15 ms of CPU a request
(design/pipeline.md, section 10). Needs wrk and nginx; says so and ends when one is missing.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.pictures import make_folder, make_picture

TARGET_MS = 0.15
LATE_TARGET_MS = 20.0
WANTED_BYTES = 15_000
CONNECTIONS = 32
_TICKS = os.sysconf("SC_CLK_TCK")
_STEP_S = 0.005


# --- the server's side: the real `serve`, with an ear at its event loop ---------------------


async def _listen_for_lateness(late_ms: list[float]) -> None:
    while True:
        began = time.perf_counter()
        await asyncio.sleep(_STEP_S)
        late_ms.append((time.perf_counter() - began - _STEP_S) * 1000)


def _obey(loop: asyncio.AbstractEventLoop) -> None:
    """Read commands: `watch` begins to measure lateness, `report` prints and ends it."""
    late_ms: list[float] = []
    task: asyncio.Future[None] | None = None
    for line in sys.stdin:
        if line.strip() == "watch":
            late_ms.clear()
            task = asyncio.run_coroutine_threadsafe(  # type: ignore[assignment]  # only cancelled
                _listen_for_lateness(late_ms), loop
            )
        elif task is not None:
            task.cancel()
            print(json.dumps(sorted(late_ms)), flush=True)


def serve(data: Path, folder: Path) -> int:
    """Run the program as `gallery serve` does, and say its address."""
    from gallery_app.app import serve as run
    from gallery_app.settings import Settings

    def announce(address: str) -> None:
        print(address, flush=True)
        loop = asyncio.get_running_loop()
        threading.Thread(target=_obey, args=(loop,), daemon=True).start()

    values = {"data_dir": data, "folders": [folder], "port": 0, "open_browser": False}
    with contextlib.suppress(KeyboardInterrupt):  # how it is told to end
        return run(Settings.model_validate(values), announce=announce)
    return 0


# --- this side: asking ------------------------------------------------------------------


@dataclass
class Served:
    """A running server: its processes' CPU is what is measured."""

    address: str
    pids: list[int]
    process: subprocess.Popen[str]

    def cpu_s(self) -> float:
        """User and system seconds of its own processes so far (not of its render workers)."""
        total = 0
        for pid in self.pids:
            parts = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
            total += int(parts[11]) + int(parts[12])
        return total / _TICKS

    def command(self, word: str) -> None:
        """Tell the server's ear something."""
        assert self.process.stdin is not None
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    def lateness_ms(self) -> list[float]:
        """End the measurement; each sample's lateness, sorted."""
        assert self.process.stdout is not None
        self.command("report")
        found: list[float] = json.loads(self.process.stdout.readline())
        return found


@contextlib.contextmanager
def gallery(data: Path, folder: Path) -> Iterator[Served]:
    """The gallery over `folder`, measured from its first moment on."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.serving", "--serve", str(data), str(folder)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        assert address.startswith("http"), "the server did not start"
        yield Served(address, [process.pid], process)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()


@contextlib.contextmanager
def nginx(root: Path, port: int) -> Iterator[Served]:
    """nginx with one worker, sendfile and an open file cache over `root`."""
    config = root / "nginx.conf"
    config.write_text(
        f"""daemon off; user root; worker_processes 1;
        pid {root}/nginx.pid; error_log {root}/error.log;
        events {{ worker_connections 512; }}
        http {{ access_log off; sendfile on; keepalive_requests 1000000000;
          open_file_cache max=1000; types {{ image/webp webp; }}
          client_body_temp_path {root}/b; proxy_temp_path {root}/p; fastcgi_temp_path {root}/f;
          uwsgi_temp_path {root}/u; scgi_temp_path {root}/s;
          server {{ listen 127.0.0.1:{port}; root {root}/www; etag on; }} }}"""
    )
    process = subprocess.Popen(["nginx", "-e", f"{root}/error.log", "-c", str(config)], text=True)
    try:
        address = f"http://127.0.0.1:{port}"
        _until(lambda: httpx.get(f"{address}/").status_code > 0)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        yield Served(address, [int(pid) for pid in children], process)
    finally:
        process.send_signal(signal.SIGQUIT)
        process.wait(10)


def _until(works: object, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with contextlib.suppress(httpx.HTTPError):
            if callable(works) and works():
                return
        time.sleep(0.05)
    raise TimeoutError("the server did not answer")


@dataclass
class Way:
    """One way to the same picture, and what a request cost in each round."""

    name: str
    server: Served
    path: str
    headers: tuple[str, ...] = ()
    cpu_us: list[float] = field(default_factory=list)
    per_s: list[float] = field(default_factory=list)

    def run(self, seconds: int) -> None:
        """Let wrk ask for so long."""
        asked = [part for header in self.headers for part in ("-H", header)]
        before = self.server.cpu_s()
        out = subprocess.run(
            ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", *asked,
             self.server.address + self.path],
            capture_output=True, text=True, check=True,
        ).stdout  # fmt: skip
        cpu_s = self.server.cpu_s() - before
        match = re.search(r"(\d+) requests in ([\d.]+)", out)
        assert match is not None, out
        assert "Non-2xx" not in out or self.headers, out
        number = int(match[1])
        self.cpu_us.append(cpu_s / number * 1e6)
        self.per_s.append(number / float(match[2]))


def watch_indexing(server: Served) -> tuple[list[float], list[float], float]:
    """Lateness (ms) while everything is described and rendered, then at rest; and seconds."""
    began = time.monotonic()
    server.command("watch")
    with httpx.Client(base_url=server.address) as client:
        while True:
            status = client.get("/api/v1/status").json()
            progress = status["progress"]
            if status["total"] and not progress["remaining"] and not progress["scanning"]:
                break
            # What a visible page does meanwhile: the timeline, and a screen of pictures.
            client.get("/api/v1/timeline")
            for item in client.get("/api/v1/assets?per_page=20").json()["items"]:
                if item["status"] == "ready":
                    client.get(item["thumbnail_url"])
            time.sleep(0.5)
    busy, took_s = server.lateness_ms(), time.monotonic() - began
    server.command("watch")
    time.sleep(5)
    return busy, server.lateness_ms(), took_s


def choose(client: httpx.Client) -> tuple[str, bytes]:
    """Address and bytes of the rendition nearest to 15 kB."""
    items = client.get("/api/v1/assets?per_page=100&q=bench").json()["items"]
    found = [(item["thumbnail_url"], client.get(item["thumbnail_url"]).content) for item in items]
    return min(found, key=lambda pair: abs(len(pair[1]) - WANTED_BYTES))


def measure(pictures: int, rounds: int, seconds: int) -> int:
    """Print the table; 0 when the target is met."""
    for tool in ("wrk", "nginx"):
        if shutil.which(tool) is None:
            print(f"skipped: {tool} is not installed (apt-get install {tool})")
            return 0
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        folder, www = root / "Pictures", root / "www"
        make_folder(folder, pictures)
        # Noise does not shrink, so the side decides the weight: one of them is near 15 kB.
        for side in range(100, 260, 20):
            data = make_picture(f"{side}x{side} jpeg, noise seed {side}")
            (folder / f"bench-{side}.jpg").write_bytes(data)
        www.mkdir()
        with gallery(root / "data", folder) as ours:
            busy, idle, took_s = watch_indexing(ours)
            print(f"event loop while indexing {pictures + 8} pictures ({took_s:.0f} s), ms late:")
            for name, late in (("indexing", busy), ("at rest", idle)):
                print(f"  {name:<9} {_percentiles(late)}")
            with httpx.Client(base_url=ours.address, timeout=30) as client:
                path, data = choose(client)
                (www / "picture.webp").write_bytes(data)
                uid = path.split("/")[4]
                link = client.post("/api/v1/links", json={"asset": uid, "rendition": "small"})
                etag = client.get(path).headers["etag"]
            signed = "/i/" + link.json()["url"].partition("/i/")[2]
            print(f"a rendition of {len(data):,} bytes, wrk -t1 -c{CONNECTIONS} -d{seconds}s, "
                  f"median of {rounds} rounds in turn:")  # fmt: skip
            with nginx(root, int(ours.address.rpartition(":")[2]) + 1) as peer:
                ways = [
                    Way("through the access check", ours, path),
                    Way("the same, 304 by ETag", ours, path, (f"If-None-Match: {etag}",)),
                    Way("through a signed link", ours, signed),
                    Way("nginx, sendfile", peer, "/picture.webp"),
                ]
                for _ in range(rounds):
                    for way in ways:
                        way.run(seconds)
    return _table(ways, busy)


def _table(ways: list[Way], busy: list[float]) -> int:
    print(f"  {'':<26}{'CPU us/request':>15}{'least':>8}{'requests/s':>12}")
    for way in ways:
        print(f"  {way.name:<26}{statistics.median(way.cpu_us):>15.1f}"
              f"{min(way.cpu_us):>8.1f}{statistics.median(way.per_s):>12,.0f}")  # fmt: skip
    met = all(statistics.median(way.cpu_us) <= TARGET_MS * 1000 for way in ways)
    late_met = busy[int(len(busy) * 0.95)] < LATE_TARGET_MS
    words = {True: "met", False: "NOT met"}
    print(f"target {TARGET_MS} ms of CPU a request: {words[met]}")
    print(f"target {LATE_TARGET_MS:.0f} ms for the event loop's p95: {words[late_met]}")
    return 0 if met and late_met else 1


def _percentiles(late: list[float]) -> str:
    at = {name: late[min(len(late) - 1, int(len(late) * part))]
          for name, part in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))}  # fmt: skip
    return "  ".join(f"{k} {v:6.2f}" for k, v in at.items()) + f"  worst {late[-1]:6.2f}"


def main() -> int:
    """Read the arguments and do as they say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", nargs=2, type=Path, metavar=("DATA", "FOLDER"))
    parser.add_argument("--pictures", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=4)
    asked = parser.parse_args()
    if asked.serve:
        return serve(*asked.serve)
    return measure(asked.pictures, asked.rounds, asked.seconds)


if __name__ == "__main__":
    sys.exit(main())
