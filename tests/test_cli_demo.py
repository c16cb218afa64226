"""The demo: made-up remotes on this machine, and a gallery connected to them."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from gallery_app.cli import STAND_INS, parser, run
from gallery_app.cli.demo import STARTS
from gallery_app.cli.terminal import Terminal

ROOT = Path(__file__).parents[1]


def test_every_stand_in_that_can_be_named_can_be_started() -> None:
    assert (*STARTS, "all") == STAND_INS


@pytest.mark.parametrize(
    ("words", "kind"), [(["demo"], "all"), (["demo", "immich"], "immich")], ids=["all", "one"]
)
def test_without_a_name_all_are_started(words: list[str], kind: str) -> None:
    options = parser().parse_args(words)

    assert (options.kind, options.port, options.data) == (kind, 0, None)


def test_a_stand_in_that_there_is_not_is_wrong_usage(tmp_path: Path) -> None:
    terminal = Terminal(io.StringIO(), io.StringIO())

    assert run(["demo", "planet"], environ={}, folder=tmp_path, terminal=terminal) == 2


def _ask(address: str) -> Any:
    with urllib.request.urlopen(address, timeout=60) as answer:
        return json.load(answer)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [kind for kind in STAND_INS if kind != "all"])
def test_a_demo_fills_itself_ends_politely_and_leaves_nothing(tmp_path: Path, kind: str) -> None:
    own = tmp_path / "own"
    environ = {
        **os.environ,
        "GALLERY_DATA": str(own),
        "GALLERY_WORKERS": "1",
        "TMPDIR": str(tmp_path),
        "GALLERY_PUBLIC_URL": "https://pictures.example",
        "IMMICH_URL": "http://127.0.0.1:9",
        "IMMICH_API_KEY": "of-the-person",
    }
    command = [sys.executable, "-m", "gallery_app.cli", "demo", kind, "--no-open"]
    with subprocess.Popen(
        command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as demo:
        assert demo.stdout is not None
        told = demo.stdout.readline()
        announced = demo.stdout.readline()
        address = re.fullmatch(r"Gallery at (http://127\.0\.0\.1:\d+) \(Ctrl-C ends\)\n", announced)
        assert address is not None, demo.communicate(timeout=60)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            total = _ask(f"{address[1]}/api/v1/assets")["total"]
            if total >= 3:
                break
            time.sleep(0.2)
        sources = _ask(f"{address[1]}/api/v1/sources")["items"]

        demo.send_signal(signal.SIGINT)
        _, err = demo.communicate(timeout=60)

    assert told.startswith("Demo ")
    assert total >= 3
    assert [s["kind"] for s in sources if s["kind"] not in {"folder", "uploads"}] == [kind]
    hooks = [source["hook"]["url"] for source in sources if source["hook"]]
    assert len(hooks) == (kind == "freshdesk")
    assert all(hook.startswith(address[1]) for hook in hooks)
    assert demo.returncode == 0, err
    assert not own.exists()
    assert not list(tmp_path.glob("gallery-demo-*"))
