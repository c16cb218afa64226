"""What stands in the grid's place while the gallery is empty: how the first pictures come in.

The grid itself shows and hides it (it is its child), so pictures replace it without a reload.
"""

from __future__ import annotations

from dataclasses import dataclass

from nicegui import run, ui

from gallery_app.domain.errors import GalleryError
from gallery_app.domain.model import Source
from gallery_app.ui.components.frame import Frame, PathField
from gallery_app.ui.components.upload_zone import UploadButton
from gallery_app.ui.elements import Text, box, link, note, picture
from gallery_app.ui.state import Given

EVERY_S = 1.0
CONNECT = "button button-line i i-s i-plug"
FIRST = "Add the folder your pictures lie in, or drop pictures anywhere on this page."


@dataclass(frozen=True)
class _Seen:
    total: int
    folders: tuple[Source, ...]
    found: int


class Welcome:
    """Builds itself where it is made; asks the services only while the gallery is empty."""

    def __init__(self, given: Given, frame: Frame) -> None:
        self._given = given
        self._frame = frame
        with box("welcome"), box("welcome-in"):
            picture(given.urls.asset("empty/pictures.svg"))
            self._title = Text("h2", "Your pictures, in one place", "welcome-title")
            self._lead = Text("p", FIRST, "lead")
            self._error = note("", icon="warn", kind="warn")
            self._error.set_visibility(False)
            PathField("Folder on this computer", on_add=self._add)
            Text("p", "or", "or")
            with box("row"):
                UploadButton(label="Choose pictures")
                link("Connect Immich or Freshdesk", given.urls.to("/sources"), CONNECT)
        self._timer = ui.timer(EVERY_S, self._refresh)

    def _look(self) -> _Seen:
        gallery = self._given.gallery
        folders = tuple(s for s in gallery.sources.list() if s.kind == "folder")
        return _Seen(gallery.status.total(), folders, gallery.status.progress().found)

    async def _refresh(self) -> None:
        seen = await run.io_bound(self._look)
        if seen is None:
            return
        if seen.total:
            # the grid has taken over; should it be emptied later, it begins from the start
            self._timer.deactivate()
            self._tell(_Seen(0, (), 0))
            return
        self._tell(seen)

    def _tell(self, seen: _Seen) -> None:
        error = next((s.error for s in seen.folders if s.error), None)
        self._error.say(error or "")
        self._error.set_visibility(error is not None)
        scanning = [s for s in seen.folders if s.state == "scanning" or s.last_scan_at is None]
        if scanning:
            self._title.say(f"Looking through {scanning[0].name}")
            number = f"{seen.found:,} files so far. " if seen.found else ""
            self._lead.say(f"{number}The first pictures appear here in a moment.")
        elif seen.folders:
            names = ", ".join(s.name for s in seen.folders[:3])
            self._title.say("No pictures there yet")
            self._lead.say(
                f"There is no picture in {names}. New ones appear here by themselves, or add "
                "another folder."
            )
        else:
            self._title.say("Your pictures, in one place")
            self._lead.say(FIRST)

    async def _add(self, path: str) -> str:
        try:
            await run.io_bound(self._given.gallery.sources.add_folder, path)
        except GalleryError as error:
            return error.public
        self._timer.activate()
        await self._refresh()
        return ""
