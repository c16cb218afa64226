"""How tests look at a page: opening it, waiting for it by state, finding tiles, and troubles.

Nothing here sleeps. A page is ready when NiceGUI's handshake is done, the chrome is mounted and
the grid has drawn all that is near the window, or says why there is nothing. Waits are long: a
busy machine may take its time, and nobody waits for what is there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Locator,
    Page,
    Request,
    expect,
)

from tests.e2e.server import Server

FLAGS = (
    "--no-sandbox --disable-gpu --disable-dev-shm-usage --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync"
).split()
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}
PATIENCE_MS = 60_000
# A picture may still be made when it is asked for; the page asks again, as the answer tells it.
STILL_MADE = "status of 503"

_READY = r"""() => {
  const chrome = [".gc-search", ".gc-progress", ".gc-selbar"];
  if (window.did_handshake !== true || !chrome.every((one) => document.querySelector(one)))
    return false;
  const kind = document.documentElement.dataset.kind;
  if (kind !== "grid") return document.querySelector(".place-page h1") !== null;
  const grid = window.__grid;
  if (!grid || !document.querySelector(".gc-filterbar")) return false;
  if (grid.host.shadowRoot.querySelector(".month.unloaded")) return false;
  const tiles = [...grid.canvas.tiles()];
  const shown = tiles.some((tile) => /\b(shown|unreadable)\b/.test(tile.className));
  return grid.library.list.length ? shown : grid.states.kind !== null;
}"""

# The picture the address's entry remembers and how far down it stands, once it stands there.
_PLACE = """() => {
  const place = history.state?.place;
  if (!place?.uid || __grid.host.shadowRoot.querySelector(".month.unloaded")) return null;
  const tile = [...__grid.canvas.tiles()].find((one) => one.uid === place.uid);
  const frame = __grid.scroller.getBoundingClientRect();
  const down = tile ? tile.getBoundingClientRect().top - frame.top : NaN;
  return Math.abs(down - place.dy) <= 1 ? [tile.uid, down] : null;
}"""
AT_PLACE = """([uid, down]) => {
  const tile = [...__grid.canvas.tiles()].find((one) => one.uid === uid);
  const frame = __grid.scroller.getBoundingClientRect();
  return Boolean(tile) && Math.abs(tile.getBoundingClientRect().top - frame.top - down) <= 2;
}"""


class Visits:
    """Browser contexts of one test, and everything that went wrong in them."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._contexts: list[BrowserContext] = []
        self._troubles: list[str] = []
        self._allowed = [re.compile(STILL_MADE)]

    def allow(self, pattern: str) -> None:
        """A trouble that the test means to cause, by its text."""
        self._allowed.append(re.compile(pattern))

    def context(self, *, dark: bool = False, phone: bool = False, **options: Any) -> BrowserContext:
        """A browser that has never been here; transitions are off."""
        made = self._browser.new_context(
            viewport=PHONE if phone else DESKTOP,  # type: ignore[arg-type]  # a plain dict will do
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            has_touch=phone,
            locale="en-GB",
            **options,
        )
        made.set_default_timeout(PATIENCE_MS)
        made.on("request", self._requested)
        self._contexts.append(made)
        return made

    def page(self, context: BrowserContext | None = None, **options: Any) -> Page:
        """A tab that is watched for errors."""
        page = (context or self.context(**options)).new_page()
        page.on("pageerror", lambda error: self._troubles.append(f"page error: {error}"))
        page.on("console", self._said)
        page.on("crash", lambda _: self._troubles.append("the page crashed"))
        return page

    def open(self, server: Server, path: str = "/", **options: Any) -> Page:
        """A page of the gallery, ready, in a browser of its own."""
        page = self.page(**options)
        go(page, server.url + path)
        return page

    def close(self) -> list[str]:
        """Ends the browsers; the troubles that nobody allowed."""
        for context in self._contexts:
            context.close()
        return [t for t in self._troubles if not any(p.search(t) for p in self._allowed)]

    def _requested(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.hostname != "127.0.0.1":
            self._troubles.append(f"foreign host: {request.url}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._troubles.append(f"console {message.type}: {message.text} ({message.location})")


def go(page: Page, url: str) -> None:
    """Goes there and waits until the page is ready."""
    page.goto(url)
    ready(page)


def ready(page: Page) -> None:
    """Waits until the page has everything that it will show."""
    page.wait_for_function(_READY)


def follow(page: Page, name: str) -> None:
    """Follows a link of the navigation; the header's state may say the same word."""
    places = page.get_by_role("navigation", name="Places", exact=True)
    places.get_by_role("link", name=name, exact=True).click()


def total(page: Page) -> int:
    """How many pictures the grid has, shown or not."""
    return int(page.evaluate("__grid.total"))


def wait_for_total(page: Page, count: int) -> None:
    """Returns when the grid has exactly so many pictures."""
    page.wait_for_function("n => window.__grid?.total === n", arg=count)


def place(page: Page) -> list[Any]:
    """The picture one looks at and how far down it stands, as the address remembers it by now."""
    found: list[Any] = page.wait_for_function(_PLACE).json_value()
    return found


def wait_for_place(page: Page, wanted: list[Any]) -> None:
    """Returns when what was looked at stands where it stood."""
    page.wait_for_function(AT_PLACE, arg=wanted)


def tiles(page: Page) -> Locator:
    """The tiles on the screen, in reading order."""
    return page.locator(".gallery-grid .tile")


def uids(page: Page) -> list[str]:
    """The uids of the tiles in the page, in reading order."""
    found = page.evaluate(
        "[...window.__grid.canvas.tiles()].sort((a, b) => a.b.start + a.k - b.b.start - b.k)"
        ".map((tile) => tile.uid)"
    )
    return [str(uid) for uid in found]


def wait_for_uids(page: Page, wanted: Iterable[str]) -> None:
    """Wait until exactly these assets have tiles."""
    page.wait_for_function(
        "wanted => JSON.stringify([...window.__grid.canvas.tiles()].map((t) => t.uid).sort())"
        " === wanted",
        arg=json.dumps(sorted(wanted), separators=(",", ":")),
    )


def opened(page: Page) -> None:
    """Waits until the viewer shows its picture."""
    page.wait_for_function(
        "() => { const i = document.querySelector('.pswp__item[aria-hidden=false] img.pswp__img:not"
        "(.pswp__img--placeholder)'); return i && i.complete && i.naturalWidth > 0; }"
    )


def closed(page: Page) -> None:
    """Waits until there is no viewer, so that keys are the grid's again."""
    expect(page.locator(".pswp")).to_have_count(0)


def query(page: Page) -> dict[str, list[str]]:
    """The address's parameters."""
    pairs: list[list[str]] = page.evaluate("[...new URLSearchParams(location.search)]")
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return found


def wait_for_query(page: Page, name: str, value: str | None) -> None:
    """Returns when the address's first `name` is `value` (None: when it is absent)."""
    page.wait_for_function(
        "([name, value]) => new URLSearchParams(location.search).get(name) === value",
        arg=[name, value],
    )


def toast(page: Page, text: str) -> Locator:
    """The message at the lower edge that contains this text."""
    return page.locator("gallery-toasts .toast", has_text=text)


def undo(page: Page, text: str) -> Locator:
    """The Undo button of that message; it does not vanish while the pointer rests on it."""
    button = toast(page, text).get_by_role("button", name="Undo", exact=True)
    button.hover()
    return button
