"""The grid of photos: one element whose pictures never become NiceGUI elements.

The browser does everything (`dist/`, import name `gallery-grid`): it reads the address, fetches
the timeline and draws. Python places it, gives it words for an empty gallery as children, and
may listen to what happens. Start reading in `dist/engine.js`.
"""

from __future__ import annotations

from pathlib import Path

from nicegui import ui

from gallery_app.ui.components.core import register_modules

register_modules("gallery-grid", Path(__file__).with_name("dist"))
# Asks for the timeline while the page's own code still loads (a third of the time to the first
# picture, when the server is busy).
_HEAD = Path(__file__).with_name("head.js").read_text(encoding="utf-8")


class PhotoGrid(ui.element, component="photo_grid.js"):
    """The virtualised, justified grid of what the address asks for; fills its parent.

    Elements placed inside it are shown instead of pictures while the gallery has none at all.
    Events for `on`: open {uid, position}, close, select {count}, empty {path}, loaded {total}.

    Args:
        viewer: import name of the module whose `openViewer(engine, {uid, position})` shows one
            picture; "" for none.
    """

    def __init__(self, *, viewer: str = "gallery-lightbox") -> None:
        super().__init__()
        self._props["viewer"] = viewer
        ui.add_head_html(f"<script>\n{_HEAD}</script>")
