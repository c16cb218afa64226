"""How it looks: the shared style sheet, the logo, and the theme that is set before first paint.

The rules lie in `styles/*.css`, unlayered, so that they win over Quasar's layers; colours and
measures are the tokens of `styles/tokens.css` and nothing else. No Tailwind.
"""

from __future__ import annotations

import html
from pathlib import Path

from gallery_app.ui import icons

_STYLES = Path(__file__).with_name("styles")
_SHEETS = ("tokens", "shell", "controls", "pages", "forms", "places")

# Two colours that hold on light and dark ground alike; the picture `assets/logo.svg` is the same.
LOGO = (
    "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'>"
    "<rect x='2' y='2' width='28' height='28' rx='9' fill='#3554d1'/>"
    "<path d='M7 22.5 12.6 15a1.5 1.5 0 0 1 2.4 0l3.4 4.5 1.7-2.2a1.5 1.5 0 0 1 2.4 0"
    "L26 22.5V23a3 3 0 0 1-3 3H10a3 3 0 0 1-3-3z' fill='#ffffff'/>"
    "<circle cx='21.5' cy='10.5' r='3' fill='#ffcf5c'/></svg>"
)

# Runs before the body exists: the page is never painted in the wrong theme, and the grid's
# place is never painted on a page that hides it. The rest of it is frame/dist.
FIRST_SCRIPT = """<script>(() => {
  const root = document.documentElement;
  let theme = "auto";
  try { theme = localStorage.getItem("gallery.theme") || "auto"; } catch { /* storage refused */ }
  const system = matchMedia("(prefers-color-scheme: dark)").matches;
  const dark = theme === "dark" || (theme === "auto" && system);
  root.dataset.chosen = theme;
  root.dataset.theme = dark ? "dark" : "light";
  root.dataset.place = "__PLACE__";
  root.dataset.kind = "__KIND__";
})()</script>"""


def style_sheet() -> str:
    """Everything the pages of this program look like, as one style sheet."""
    parts = [f":root{{--logo:{icons.data_uri(LOGO)}}}", icons.css()]
    parts += [(_STYLES / f"{name}.css").read_text(encoding="utf-8") for name in _SHEETS]
    return "\n".join(parts)


def first_script(*, place: str, kind: str) -> str:
    """The script of the head for a page of this place; both are words of ours (`state.PLACES`)."""
    return FIRST_SCRIPT.replace("__PLACE__", place).replace("__KIND__", kind)


def manifest_link(address: str) -> str:
    """What tells a browser that the program can be installed."""
    return f'<link rel="manifest" href="{html.escape(address, quote=True)}">'
