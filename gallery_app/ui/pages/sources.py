"""Sources: the folders that are watched, how each of them is, and adding and removing them.

Live by one timer that asks the services in a thread; rows are made anew only when a source
came or went, else their words change in place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from nicegui import run, ui

from gallery_app.domain.errors import GalleryError
from gallery_app.domain.model import Source
from gallery_app.ui import words
from gallery_app.ui.components.chrome import Dialogs
from gallery_app.ui.components.frame import Frame, PathField
from gallery_app.ui.elements import Button, Text, attributes, box, note, picture
from gallery_app.ui.state import Given

EVERY_S = 1.0
MOST_ROWS = 12  # sources on one page: each is about a dozen elements

# word, icon, kind of badge
STATES: dict[str, tuple[str, str, str]] = {
    "online": ("Up to date", "check", "ok"),
    "scanning": ("Scanning", "refresh", "busy"),
    "offline": ("Not reachable", "offline", "warn"),
    "attention": ("Needs attention", "warn", "bad"),
}


@dataclass
class _Row:
    """The parts of one source's card that change."""

    state: Text
    counts: Text
    problems: Text
    scanned: Text
    error: Text
    gone: Text


class SourcesPage:
    """Builds itself where it is made."""

    def __init__(self, given: Given, frame: Frame, dialogs: Dialogs) -> None:
        self._given = given
        self._frame = frame
        self._dialogs = dialogs
        self._sources: Sequence[Source] = ()
        self._rows: dict[int, _Row] = {}
        self._page = 0
        with box("page"):
            with box("page-head"):
                Text("h1", "Sources")
                self._all = Button("Rescan all", self._scan_all, icon="refresh", kind="line")
                self._all.set_visibility(False)
            Text(
                "p",
                "The gallery shows the pictures of these folders and follows every change in "
                "them. It never writes into a folder.",
                "lead",
            )
            with box("card"):
                PathField("Add a folder", on_add=self._add)
            self._list = box("section")
            attributes(self._list, aria_label="Sources")
            self._pager = box("pager")
        self._timer = ui.timer(EVERY_S, self._refresh)

    async def _refresh(self) -> None:
        found = await run.io_bound(self._given.gallery.sources.list)
        if found is None:
            return
        shown = [s.id for s in self._sources]
        found = sorted(found, key=lambda source: source.kind != "folder")
        self._sources = found
        if [s.id for s in found] != shown or not self._list.default_slot.children:
            self._draw()
        for source in found:
            if source.id in self._rows:
                self._tell(self._rows[source.id], source)

    def _draw(self) -> None:
        self._rows.clear()
        folders = [s for s in self._sources if s.kind == "folder"]
        self._all.set_visibility(len(folders) > 1)
        pages = max(1, -(-len(self._sources) // MOST_ROWS))
        self._page = min(self._page, pages - 1)
        self._list.clear()
        with self._list:
            if not folders:
                with box("empty"):
                    picture(self._given.urls.asset("empty/folder.svg"))
                    Text("p", "No folder is watched yet. Add the one your pictures lie in.", "lead")
            for source in self._sources[self._page * MOST_ROWS : (self._page + 1) * MOST_ROWS]:
                self._rows[source.id] = self._card(source)
        self._pager.clear()
        if pages > 1:
            with self._pager:
                Button("Previous", lambda: self._turn(-1), kind="line")
                Text("span", f"Page {self._page + 1} of {pages}", "quiet")
                Button("Next", lambda: self._turn(1), kind="line")

    def _turn(self, step: int) -> None:
        self._page = max(0, self._page + step)
        self._draw()
        for source in self._sources:
            if source.id in self._rows:
                self._tell(self._rows[source.id], source)

    def _card(self, source: Source) -> _Row:
        with box("card source", tag="article"):
            with box("row"):
                Text("h2", source.name, "source-name i i-folder row")
                state = Text("span", "", "badge i")
                with box("row row-end"):
                    gone = Button("They are gone", lambda: self._ask_about_loss(source), kind="bad")
                    if source.kind == "folder":
                        Button("Rescan", lambda: self._scan(source), icon="refresh")
                        Button("Remove", lambda: self._ask_to_remove(source), icon="trash")
            if source.address:
                Text("p", source.address, "mono quiet")
            with box("facts"):
                counts = Text("span", "", "number")
                problems = Text("span", "", "number")
                scanned = Text("span")
            error = note("", icon="warn", kind="warn")
        return _Row(state, counts, problems, scanned, error, gone)

    def _tell(self, row: _Row, source: Source) -> None:
        word, icon, kind = STATES[source.state]
        row.state.say("Ready" if source.kind == "uploads" and source.state == "online" else word)
        row.state.classes(replace=f"badge i i-{icon} badge-{kind}")
        row.counts.say(words.count_of(source.assets, "picture"))
        row.problems.say(f"{source.problems:,} cannot be shown" if source.problems else "")
        row.problems.set_visibility(source.problems > 0)
        row.scanned.say(self._last_scan(source))
        row.error.say(source.error or "")
        row.error.set_visibility(bool(source.error))
        row.gone.set_visibility(source.state == "attention")

    def _last_scan(self, source: Source) -> str:
        if source.kind == "uploads":
            return "What you drop into the browser is kept here"
        if source.last_scan_at is None:
            return (
                "Scanning for the first time" if source.state == "scanning" else "Not scanned yet"
            )
        took = f", took {words.span(source.last_scan_s)}" if source.last_scan_s is not None else ""
        return f"Scanned {words.ago(source.last_scan_at, self._given.now())}{took}"

    # --- acts ------------------------------------------------------------------------------

    async def _add(self, path: str) -> str:
        try:
            source = await run.io_bound(self._given.gallery.sources.add_folder, path)
        except GalleryError as error:
            return error.public
        if source is not None:
            self._frame.toast(f"{source.name} is being scanned.")
            await self._refresh()
        return ""

    def _ask_about_loss(self, source: Source) -> None:
        self._dialogs.ask(
            f"Are the missing files of {source.name} really gone?",
            "If a disk or share is only disconnected, connect it and rescan instead. Otherwise "
            "their pictures leave the gallery; they come back when the files do.",
            action="They are gone",
            on_yes=lambda: self._scan(source, believe_loss=True),
            danger=True,
        )

    async def _scan(self, source: Source, *, believe_loss: bool = False) -> None:
        scan = self._given.gallery.sources.scan
        try:
            await run.io_bound(scan, source.id, believe_loss=believe_loss)
        except GalleryError as error:
            self._frame.toast(error.public, error=True)
            return
        self._frame.toast(f"Scanning {source.name}.")
        await self._refresh()

    async def _scan_all(self) -> None:
        await run.io_bound(self._given.gallery.sources.scan_all)
        self._frame.toast("Scanning all folders.")
        await self._refresh()

    def _ask_to_remove(self, source: Source) -> None:
        self._dialogs.ask(
            f"Stop watching {source.name}?",
            f"{words.count_of(source.assets, 'picture')} of it will leave the gallery. The files "
            "on the disk stay exactly as they are, and adding the folder again brings back tags "
            "and titles.",
            action="Remove from gallery",
            on_yes=lambda: self._remove(source),
            danger=True,
        )

    async def _remove(self, source: Source) -> None:
        try:
            await run.io_bound(self._given.gallery.sources.remove, source.id)
        except GalleryError as error:
            self._frame.toast(error.public, error=True)
            return
        self._frame.toast(
            f"{source.name} was removed. Its files are untouched.",
            undo=lambda: self._restore(source),
        )
        await self._refresh()

    async def _restore(self, source: Source) -> None:
        try:
            await run.io_bound(self._given.gallery.sources.restore, source.id)
        except GalleryError as error:
            self._frame.toast(error.public, error=True)
            return
        self._frame.toast(f"{source.name} is back.")
        if not self._list.is_deleted:
            await self._refresh()
