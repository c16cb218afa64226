"""`python -m tests.e2e.screens OUT`: every page as a picture, in light, dark and on a phone.

For looking at, before anything is called done: a generated library of 300 pictures with links,
favourites, a tag, something in the trash and a file that cannot be shown.
"""

from __future__ import annotations

import argparse
import shutil
import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from tests.e2e.screen import FLAGS, Visits
from tests.e2e.server import Server
from tests.e2e.test_accessibility import PAGES
from tests.pictures import make_folder, make_picture

LOOKS: dict[str, dict[str, Any]] = {"light": {}, "dark": {"dark": True}, "phone": {"phone": True}}
# Prepared by a pointer at a place that a phone has not.
NOT_ON_A_PHONE = {"link dialog", "tag dialog", "filter list"}


def main() -> None:
    """Take them all."""
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.screens", description=__doc__)
    parser.add_argument("out", type=Path, help="the folder for the pictures")
    parser.add_argument("--only", default="", help="pages whose name contains this")
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="screens-") as folder, sync_playwright() as playwright:
        chromium = shutil.which("chromium")
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        server = furnished(Path(folder))
        try:
            for look in LOOKS:
                take(browser, server, look, options.out, options.only)
        finally:
            server.close()
            browser.close()


def furnished(root: Path) -> Server:
    """A gallery in which every page has something to show."""
    pictures = root / "Pictures"
    make_folder(pictures, 300, seed=5)
    (pictures / "holiday.jpg").write_bytes(make_picture("64x48 jpeg")[:200])
    server = Server(root / "data", [pictures])
    server.wait_until_done(301)
    uids = [asset["id"] for asset in server.api("GET", "/assets?per_page=100")["items"]]
    batches: list[tuple[str, list[str]]] = [("favourite", uids[2:12]), ("trash", uids[40:46])]
    for action, chosen in batches:
        server.api("POST", "/assets/batch", {"uids": chosen, "action": action})
    tagged = {"uids": uids[5:25], "action": "tag", "tags": ["summer"]}
    server.api("POST", "/assets/batch", tagged)
    for chosen, rendition in ((uids[:1], "large"), (uids[3:9], "small"), (uids[1:2], "original")):
        body = {"assets": chosen, "rendition": rendition, "note": "for the family"}
        made = server.api("POST", "/links", body)
    server.api("DELETE", f"/links/{made['id']}")
    return server


def take(browser: Browser, server: Server, look: str, out: Path, only: str) -> None:
    """Every page in one look, as OUT/page-look.png."""
    for name, (address, prepare) in PAGES.items():
        if only not in name or (look == "phone" and name in NOT_ON_A_PHONE):
            continue
        visits = Visits(browser)
        page = visits.open(server, address, **LOOKS[look])
        prepare(page)
        page.wait_for_function("document.getAnimations().every((a) => a.playState !== 'running')")
        file = out / f"{name.replace(', ', '-').replace(' ', '-')}-{look}.png"
        page.screenshot(path=file)
        print(file, *visits.close(), sep="\n  ")
    if only in "link":
        visits = Visits(browser)
        page = visits.page(**LOOKS[look])
        page.goto(server.api("GET", "/links")["items"][1]["url"])
        page.wait_for_function("[...document.images].every((image) => image.complete)")
        page.screenshot(path=out / f"link-{look}.png")
        visits.close()
    screen_count = len(list(out.glob(f"*-{look}.png")))
    print(f"{screen_count} pictures in {look}")


if __name__ == "__main__":
    main()
