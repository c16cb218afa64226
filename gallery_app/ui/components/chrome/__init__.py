"""Everything around the grid (`gallery-chrome`): filters, search, selection, progress, dialogs.

Each class is a place in the page; what it shows is built in the browser from `dist/` and fed by
REST, so none of them sends a picture, a filter or a count through NiceGUI. Mount each at most
once a page, `Dialogs` in the shell.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

from nicegui import events, ui

from gallery_app.ui.components.core import register_modules

register_modules("gallery-chrome", Path(__file__).with_name("dist"))


class FilterBar(ui.element, component="filter_bar.js"):
    """Chips with counts, active filters, order, mode and tile size. The address is its state."""


class SearchBox(ui.element, component="search_box.js"):
    """Finds while one types; `/` focuses it; explains its language and names a refused word."""


class SelectionBar(ui.element, component="selection_bar.js"):
    """Covers the header while pictures are chosen: how many, and what may be done with them."""


class ProgressPill(ui.element, component="progress_pill.js"):
    """Says what the indexing is busy with; hidden when it rests. Leads to /jobs."""


class Dialogs(ui.element, component="dialogs.js"):
    """The `?` sheet and the question before what cannot be taken back."""

    def __init__(self) -> None:
        super().__init__()
        self._asked: dict[int, Callable[[], Awaitable[None] | None]] = {}
        self._next = 0
        self.on("answer", self._answered)

    def ask(
        self,
        title: str,
        text: str,
        *,
        action: str,
        on_yes: Callable[[], Awaitable[None] | None],
        danger: bool = False,
    ) -> None:
        """Asks a question; `on_yes` runs when it is answered with `action`, nothing otherwise."""
        self._next += 1
        self._asked[self._next] = on_yes
        options = {"title": title, "text": text, "action": action, "danger": danger}
        self.run_method("ask", self._next, options)

    async def _answered(self, event: events.GenericEventArguments) -> None:
        on_yes = self._asked.pop(int(event.args["token"]), None)
        if on_yes is None or not event.args["sure"]:
            return
        running = on_yes()
        if running is not None:
            await running
