"""Files into the gallery (`gallery-upload`): drop anywhere, paste, or pick; our own endpoint.

The queue and its panel live in the browser's page, beside NiceGUI: bytes never pass through the
socket, and uploads go on while one moves about. `UploadZone` belongs into the shell.
"""

from __future__ import annotations

from pathlib import Path

from nicegui import ui

from gallery_app.ui.components.core import register_modules

register_modules("gallery-upload", Path(__file__).with_name("dist"))


class UploadZone(ui.element, component="upload_zone.js"):
    """Takes what is dropped or pasted anywhere in the window.

    Args:
        limit_bytes: a larger file is refused before it is sent; 0 leaves that to the server.
    """

    def __init__(self, *, limit_bytes: int = 0) -> None:
        super().__init__()
        self._props["limit_bytes"] = limit_bytes


class UploadButton(ui.element, component="upload_button.js"):
    """A button with a menu (files or a folder) that opens the picker in the browser itself."""

    def __init__(self, *, label: str = "Upload") -> None:
        super().__init__()
        self._props["label"] = label
