"""A browser, real servers and pictures for them; every page is watched for what must not happen.

Without Chromium these tests skip with a line that says how to get it; in CI they fail instead.
Everything of the browser ends with this folder's last test: its event loop may not outlive it.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.e2e.screen import FLAGS, PATIENCE_MS, Visits
from tests.e2e.server import Server
from tests.pictures import make_folder, make_picture

COUNT = 120
# Hostile in every field that a page shows; each would set window.pwned if it were run.
HOSTILE = (
    "480x320 jpeg, seed 77, taken 2011-02-03 04:05:06, camera <b>Evil</b> {{7*7}}, "
    "title <script>window.pwned=1</script>, caption <img src=x onerror=window.pwned=2>, "
    "keywords <svg/onload=window.pwned=3>"
)
HOSTILE_NAME = "<img src=x onerror=window.pwned=4> {{7*7}} ${8*8} & 'q'.jpg"


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Chromium, started once."""
    chromium = (
        os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    )
    if chromium is None:
        missing = "there is no Chromium: `apt install chromium`, or set CHROMIUM to its path"
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()


@pytest.fixture(scope="package")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """120 dated pictures, one hostile one and one that cannot be shown."""
    folder = tmp_path_factory.mktemp("library")
    make_folder(folder, COUNT, seed=3)
    (folder / HOSTILE_NAME).write_bytes(make_picture(HOSTILE))
    broken = folder / "broken.jpg"
    broken.write_bytes(make_picture("64x48 jpeg")[:200])
    os.utime(broken, (1_290_000_000, 1_290_000_000))  # of 2010: the oldest, so the last tile
    return folder


@pytest.fixture(scope="package")
def server(
    browser: Browser, library: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """A gallery over the library, done with its work; tests leave it as they found it."""
    made = Server(tmp_path_factory.mktemp("store") / "data", [library])
    made.wait_until_done(COUNT + 2)
    yield made
    made.close()


@pytest.fixture(scope="package")
def workshop(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A gallery of 30 pictures in `data`/../pictures, for tests that change what is in it."""
    root = tmp_path_factory.mktemp("workshop")
    make_folder(root / "pictures", 30, seed=11, years=(2020, 2021))
    made = Server(root / "data", [root / "pictures"])
    made.wait_until_done(30)
    yield made
    made.close()


@pytest.fixture
def visits(browser: Browser) -> Iterator[Visits]:
    """Opens pages; at the end of the test none of them may have met an error."""
    opened = Visits(browser)
    yield opened
    troubles = opened.close()
    assert troubles == []
