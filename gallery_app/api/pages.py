"""The few HTML pages that are not the app's screen: a link's gallery, a refusal, a frame.

Strangers see them, so they are plain: nothing loaded but the link's own pictures, no script but
a frame's, no name of a file or a place. Every text is escaped.
"""

from __future__ import annotations

from datetime import datetime
from html import escape
from urllib.parse import urlencode

from gallery_app.domain.errors import GalleryError, Gone, Upstream
from gallery_app.domain.frames import Frame
from gallery_app.services.values import LinkPage

PAGE_CSP = (
    b"default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; "
    b"form-action 'none'; frame-ancestors 'none'"
)
_STYLE = """
:root { color-scheme: light dark; --ground: #fafaf8; --ink: #1c1c1a; --soft: #5c5c58; }
@media (prefers-color-scheme: dark) {
  :root { --ground: #141413; --ink: #f0f0ec; --soft: #a8a8a2; }
}
body { margin: 0; background: var(--ground); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 90rem; margin: 0 auto; padding: clamp(1rem, 4vw, 3rem); }
.calm { min-height: 80vh; display: grid; place-content: center; text-align: center;
  max-width: 34rem; }
h1 { font-size: 1.4rem; font-weight: 600; margin: 0 0 .5rem; text-wrap: balance; }
p { color: var(--soft); margin: 0 0 1rem; text-wrap: pretty; }
ul { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: .5rem; }
li { flex: var(--r, 1) 1 calc(var(--r, 1) * 13rem); aspect-ratio: var(--r, 1);
  max-height: 26rem; background: color-mix(in srgb, var(--soft) 15%, transparent); }
li:last-child { flex-grow: 0; }
a { display: block; height: 100%; }
a:focus-visible { outline: 3px solid #2f6fde; outline-offset: 2px; }
img { width: 100%; height: 100%; object-fit: cover; display: block; }
"""


FRAME_CSP = (
    "default-src 'none'; img-src 'self'; script-src 'self'; connect-src 'self'; "
    "style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_FRAME_STYLE = """
html, body { margin: 0; height: 100%; background: #000; overflow: hidden; cursor: none; }
img { position: fixed; inset: 0; width: 100vw; height: 100vh; object-fit: contain;
  opacity: 0; transition: opacity 1.2s ease; }
img.on { opacity: 1; }
@media (prefers-reduced-motion: reduce) { img { transition: none; } }
"""
# A picture is put over the old one once it is decoded, so that nothing flickers; the old one
# stays when the new one does not come. The number in the address asks past the browser's memory.
# Once a minute the page asks for itself: it stays open for months, and its interval may change.
FRAME_SCRIPT = r"""
"use strict";
const stage = document.body;
let interval = Number(stage.dataset.interval) * 1000;
let due = Date.now() + Number(stage.dataset.left) * 1000;
let shown = null;
let timer = 0;

function plan(wait) {
  clearTimeout(timer);
  timer = setTimeout(show, Math.min(wait, 2147483647));
}

async function show() {
  const address = new URL(location.href);
  address.searchParams.set("t", String(Math.floor(Date.now() / 1000)));
  const next = new Image();
  next.alt = "";
  next.src = address.href;
  try {
    await next.decode();
  } catch {
    plan(Math.min(interval, 15000));
    return;
  }
  stage.append(next);
  next.getBoundingClientRect();
  next.classList.add("on");
  const before = shown;
  shown = next;
  if (before) setTimeout(() => before.remove(), 2000);
  while (due <= Date.now()) due += interval;
  plan(due - Date.now() + 250);
}

async function follow() {
  try {
    const asked = { headers: { accept: "text/html" }, cache: "no-store" };
    const page = await (await fetch(location.href, asked)).text();
    const told = /data-interval="(\d+)" data-left="(\d+)"/.exec(page);
    if (!told || Number(told[1]) * 1000 === interval) return;
    interval = Number(told[1]) * 1000;
    due = Date.now() + Number(told[2]) * 1000;
    plan(due - Date.now() + 250);
  } catch {
    // The gallery is away; it is asked again in a minute.
  }
}

show();
setInterval(follow, 60000);
"""


def frame_page(frame: Frame, *, key: str, left_s: int) -> bytes:
    """A black page that shows a frame's picture and changes it; without scripts by reloading."""
    address = escape("?" + urlencode({"key": key, "t": left_s}))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex, nofollow"><link rel="icon" href="/favicon.ico">'
        f'<noscript><meta http-equiv="refresh" content="{left_s}"></noscript>'
        f"<title>{escape(frame.name)}</title><style>{_FRAME_STYLE}</style></head>"
        f'<body data-interval="{frame.interval_s}" data-left="{left_s}">'
        f'<noscript><img class="on" src="{address}" alt=""></noscript>'
        '<script src="/frame/-/show.js" defer></script></body></html>'
    ).encode()


def page(title: str, body: str) -> bytes:
    """A whole document; `title` is text, `body` is markup of ours."""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="robots" content="noindex, nofollow"><link rel="icon" href="/favicon.ico">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>"
        f"<body><main{body}</main></body></html>"
    ).encode()


def refusal_page(error: GalleryError) -> bytes:
    """What a person sees of a link that does not open: what happened, and what to do."""
    if isinstance(error, Gone):
        title, text = "This link no longer opens", error.public
    elif error.status == 404 and not isinstance(error, Upstream):
        title = "There is nothing here"
        text = "Check that the whole address was copied, to its very end."
    elif error.status == 429:
        title, text = "Too many attempts", error.public
    else:
        title, text = "This cannot be shown", error.public
    return page(title, f' class="calm"><h1>{escape(title)}</h1><p>{escape(text)}</p>')


def link_page(found: LinkPage) -> bytes:
    """The pictures of a link, each behind its own signed address, with the date it ends."""
    count = len(found.items)
    # The link's note is its owner's own reminder and is not shown to those who open it.
    title = "One picture" if count == 1 else f"{count} pictures"
    tiles = "".join(
        f'<li style="--r:{_ratio(item.width, item.height):.3f}">'
        f'<a href="{escape(item.url)}"><img src="{escape(item.preview_url)}" loading="lazy" '
        f'decoding="async" alt="Picture {item.number} of {count}"></a></li>'
        for item in found.items
    )
    until = f"Open until {_day(found.link.expires_at)}."
    return page(title, f"><h1>{escape(title)}</h1><p>{until}</p><ul>{tiles}</ul>")


def _ratio(width: int, height: int) -> float:
    return min(3.0, max(0.4, width / height)) if width > 0 and height > 0 else 1.0


def _day(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
