"""The real program as a process of its own, for a browser to visit.

`Server` starts `gallery serve` on a free port of 127.0.0.1 with a data folder of its own and
waits until it answers; `close` ends that process and no other.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

ROOT = Path(__file__).parents[2]
PATIENCE_S = 180.0


class Server:
    """A running gallery; `url` is its address, `data` its folder, `log` what it wrote."""

    def __init__(self, data: Path, folders: list[Path]) -> None:
        self.data = data
        self.log = data.with_name(data.name + ".log")
        command = [sys.executable, "-m", "gallery_app.cli", "serve", *map(str, folders)]
        command += ["--data", str(data), "--port", "0", "--no-open"]
        env = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST", "NICEGUI"))}
        env["PYTHONUNBUFFERED"] = "1"
        self._sink = self.log.open("wb")
        self.process = subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=self._sink, stderr=subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        try:
            self.url = self._address()
        except AssertionError:
            self.close()
            raise

    def _address(self) -> str:
        """The address it prints once it answers."""
        deadline = time.monotonic() + PATIENCE_S
        while time.monotonic() < deadline:
            for word in self.log.read_text().split():
                if word.startswith("http://127.0.0.1:"):
                    return word.rstrip("/")
            assert self.process.poll() is None, f"it ended:\n{self.log.read_text()}"
            threading.Event().wait(0.05)
        raise AssertionError(f"no address after {PATIENCE_S:.0f} s:\n{self.log.read_text()}")

    def api(self, method: str, path: str, body: object = None) -> Any:
        """The answer of the HTTP API, as a program on this machine gets it."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"content-type": "application/json"} if data else {}
        request = Request(self.url + "/api/v1" + path, data, headers, method=method)
        with urlopen(request, timeout=PATIENCE_S) as answer:
            content = answer.read()
        return json.loads(content) if content else None

    def wait_until_done(self, count: int) -> None:
        """Returns when `count` pictures are there and nothing is left to do."""
        deadline = time.monotonic() + PATIENCE_S
        status: Any = None
        while time.monotonic() < deadline:
            try:
                status = self.api("GET", "/status")
            except OSError:  # it refuses, or takes its time
                status = None
            busy = status is None or status["progress"]["scanning"]
            if not busy and status["total"] >= count and not status["progress"]["remaining"]:
                return
            threading.Event().wait(0.1)
        raise AssertionError(f"not {count} pictures after {PATIENCE_S:.0f} s: {status}")

    @contextmanager
    def silent(self) -> Iterator[None]:
        """A while in which it answers nobody, and is still there."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def close(self) -> int:
        """Ends it as Ctrl-C does; its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait(5)
        self._sink.close()
        return self.process.returncode
