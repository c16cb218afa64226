"""On several cores a file's tests stay in one process, and so do all that drive a browser."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import together

ROOT = Path(__file__).parents[1]
_TESTS = """
import os, pathlib, pytest

@pytest.mark.parametrize("number", range(8))
def test_it(number):
    with open({told!r}, "a") as told:
        told.write(f"{{os.environ['PYTEST_XDIST_WORKER']}}\\n")
"""


def test_all_that_drive_a_browser_are_one_group() -> None:
    files = [path for path in ROOT.joinpath("tests").rglob("test_*.py") if path != Path(__file__)]
    driving = [str(p.relative_to(ROOT)) for p in files if "pytest.mark.browser" in p.read_text()]

    assert len(driving) > 10
    assert {together(f"{file}::test_it[::1]") for file in driving} == {"browser"}
    assert together("tests/test_run.py::TestIt::test_it") == "tests/test_run.py"


def test_what_a_test_leaves_behind_ends_with_its_file() -> None:
    """Which files share a process is chance; one order of them must not pass where another fails.

    Browser tests always run together, in one order.
    """
    rooms = [path for path in ROOT.joinpath("tests").rglob("*.py") if path != Path(__file__)]
    kept = {
        path.relative_to(ROOT).parts[1]
        for path in rooms
        if re.search(r"""scope=["'](session|package)""", path.read_text())
    }

    assert kept == {"e2e"}


@pytest.mark.slow
def test_a_file_is_run_by_one_process(tmp_path: Path) -> None:
    for name in ("a", "b"):
        file = tmp_path / f"test_{name}.py"
        file.write_text(_TESTS.format(told=str(tmp_path / f"{name}.txt")))
    spread = ("-p", "tests.conftest", "-n", "2", "--dist", "loadgroup")
    environ = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}

    subprocess.run(
        [sys.executable, "-m", "pytest", "-q", *spread, str(tmp_path)],
        cwd=ROOT, env=environ, check=True, capture_output=True, timeout=120,
    )  # fmt: skip

    by_file = [set((tmp_path / f"{name}.txt").read_text().split()) for name in ("a", "b")]
    assert sorted(map(len, by_file)) == [1, 1]
    assert by_file[0] != by_file[1]
