"""What all tests share: who is skipped where, and why.

Browser tests need Debian's Chromium: without it they are skipped with the way to get it, and
fail in CI. Tests that read `../shared` are skipped where it is absent. On several cores a file's
tests stay together, for what they share is made once, and so do all that drive a browser.
Laws are tried the same way on every run, on a machine however busy, and keep no examples.
"""

from __future__ import annotations

import gc
import importlib
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

SHARED = Path(__file__).parents[2] / "shared"
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome")
NO_CHROMIUM = "Chromium is not installed; get it with: sudo apt install chromium"
BROWSERS = ("tests/e2e/", "tests/js/test_grid.py")  # where browsers are driven
NO_SHARED = "../shared is only on the project's own machines"

settings.register_profile(
    "house",
    deadline=None,
    database=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],  # the first text of a fresh clone takes seconds
)
settings.load_profile("house")


def chromium_path() -> str | None:
    """Where the system's Chromium is; None when there is none."""
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


def together(nodeid: str) -> str:
    """The group of a test; those of one group run in one process."""
    file = nodeid.partition("::")[0]
    return "browser" if file.startswith(BROWSERS) else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    # xdist 3.8 reads no groups from pytest 9.2 on: its marks would spread single tests.
    if config.getoption("dist") != "loadgroup":
        return None
    scheduler = importlib.import_module("xdist.scheduler").LoadScopeScheduling(config, log)
    scheduler._split_scope = together
    return scheduler


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    in_ci = os.environ.get("CI") == "true"
    browser = chromium_path() is not None
    for item in items:
        if not browser and item.get_closest_marker("browser") and not in_ci:
            item.add_marker(pytest.mark.skip(reason=NO_CHROMIUM))
        if item.get_closest_marker("corpus") and not SHARED.is_dir():
            item.add_marker(pytest.mark.skip(reason=NO_SHARED))


def pytest_collection_finish() -> None:
    # What the modules hold stays to the end; NiceGUI collects after every simulated browser.
    gc.collect()
    gc.freeze()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    missing = item.get_closest_marker("browser") and chromium_path() is None
    if missing and os.environ.get("CI") == "true":
        pytest.fail(f"{NO_CHROMIUM}. In CI no browser test may be skipped.", pytrace=False)
