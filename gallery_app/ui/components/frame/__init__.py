"""The parts of the frame that live in the browser (`gallery-frame`).

`Frame` moves between places, sets the theme and shows toasts; `PathField` asks for a folder of
the server; `FolderTree` and `FolderTrail` show the folders as on disk. Python decides what
happens, these decide how it looks and answer at once.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from nicegui import ui
from nicegui.events import GenericEventArguments

from gallery_app.ui.components.core import register_modules

MOST_UNDO = 20  # offers kept open; older ones have left the screen long ago

register_modules("gallery-frame", Path(__file__).with_name("dist"))


class Frame(ui.element, component="frame.js"):
    """One per page: navigation, theme and messages.

    Args:
        places: (path, title, kind) of every place; kind is "grid" or "page".
    """

    def __init__(self, places: Sequence[tuple[str, str, str]]) -> None:
        super().__init__()
        self._undo: dict[int, Callable[[], Awaitable[None]]] = {}
        self._tokens = 0
        self._props["places"] = [
            {"path": path, "title": title, "kind": kind} for path, title, kind in places
        ]
        self.on("undo", self._on_undo)

    def toast(
        self,
        text: str,
        *,
        error: bool = False,
        undo: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Say something at the lower edge, with an Undo button when `undo` is given."""
        token = None
        if undo is not None:
            self._tokens += 1
            token = self._tokens
            self._undo[token] = undo
            while len(self._undo) > MOST_UNDO:
                del self._undo[min(self._undo)]
        self.run_method("toast", text, {"error": error, "undo": token})

    def copy(self, text: str, said: str) -> None:
        """Put `text` on the clipboard and say `said`; a path becomes a whole address."""
        self.run_method("copy", text, said)

    def centre(self, element: ui.element) -> None:
        """Scroll the strip that an element lies in sideways, so that it is in the middle."""
        self.run_method("centre", element.html_id)

    def go(self, address: str, *, replace: bool = False) -> None:
        """Move to an address of this program (path and query, without the prefix).

        With `replace` it takes the place of the one that Back would lead to.
        """
        self.run_method("go", address, replace)

    async def _on_undo(self, event: GenericEventArguments) -> None:
        token = event.args.get("token") if isinstance(event.args, dict) else None
        undo = self._undo.pop(token, None) if isinstance(token, int) else None
        if undo is not None:
            await undo()


class PathField(ui.element, component="path_field.js", default_classes="path-host"):
    """A labelled field for a folder of the server, with suggestions and an Add button.

    Args:
        label: what stands above it.
        on_add: asked to add a path; answers with a sentence when that failed, else "".
    """

    def __init__(self, label: str, *, on_add: Callable[[str], Awaitable[str]]) -> None:
        super().__init__()
        self._add = on_add
        self._props["label"] = label
        self.on("add", self._on_add)

    async def _on_add(self, event: GenericEventArguments) -> None:
        path = event.args.get("path") if isinstance(event.args, dict) else None
        if not isinstance(path, str):
            return
        sentence = await self._add(path)
        # adding the first folder may have replaced the page this field stood on
        if not self.is_deleted:
            self.run_method("answer", sentence)


class FolderTree(ui.element, component="folder_tree.js"):
    """The folders of all sources as a tree; opens what the address names."""


class FolderTrail(ui.element, component="folder_trail.js"):
    """The way from the top to the folder of the address."""
