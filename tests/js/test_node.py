"""The specifications in JavaScript, run by node where there is one: layout, data, address, words.

Start with `layout.test.mjs`. By hand: `node --import ./resolve.mjs --test` in this directory.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NODE = shutil.which("node")
LONGEST_S = 120


@pytest.mark.skipif(NODE is None, reason="node is not installed (Debian: apt-get install nodejs)")
@pytest.mark.parametrize("file", sorted(p.name for p in HERE.glob("*.test.mjs")))
def test_the_browser_side_keeps_its_laws(file: str) -> None:
    assert NODE is not None
    command = [NODE, "--import", "./resolve.mjs", "--test", "--test-reporter=spec", file]

    run = subprocess.run(
        command, cwd=HERE, capture_output=True, text=True, timeout=LONGEST_S, check=False
    )

    assert run.returncode == 0, run.stdout + run.stderr
