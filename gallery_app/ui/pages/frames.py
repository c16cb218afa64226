"""Frames: addresses for screens on the wall, each with what it shows, how large, how often.

Deleting one can be undone: it comes back as it was, with the same address.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from nicegui import run, ui

from gallery_app.domain.errors import BadQuery, GalleryError, NotFound, NotReady
from gallery_app.domain.frames import Frame
from gallery_app.domain.geometry import Size
from gallery_app.ui import words
from gallery_app.ui.components.frame import Frame as Chrome
from gallery_app.ui.elements import (
    IconButton,
    Text,
    attributes,
    box,
    cell,
    empty,
    link,
    note,
    pager,
    table,
)
from gallery_app.ui.forms import Asked, Form, Send, Values, field
from gallery_app.ui.state import Given
from gallery_app.ui.urls import Urls

PER_PAGE = 12

SIZES = (
    ("3840x2160", "4K, 3840 × 2160"),
    ("1920x1080", "Full HD, 1920 × 1080"),
    ("2160x3840", "4K upright, 2160 × 3840"),
    ("1280x800", "Tablet, 1280 × 800"),
)
EVERY = (
    ("60", "every minute"),
    ("900", "every 15 minutes"),
    ("3600", "every hour"),
    ("86400", "every day"),
)


FIELDS = (
    Asked("name", "Name", "A short word for the address, such as kitchen"),
    Asked("query", "Shows", "As in the search box, such as album:Best; empty: all but tickets"),
    Asked("size", "Size", kind="choice", choices=SIZES, default="3840x2160"),
    Asked("every", "Changes", kind="choice", choices=EVERY, default="3600"),
)


class FramesPage:
    """Builds itself where it is made."""

    def __init__(self, given: Given, frame: Chrome) -> None:
        self._given = given
        self._frame = frame
        self._frames: Sequence[Frame] = ()
        self._page = 0
        with box("page"):
            Text("h1", "Frames")
            Text(
                "p",
                "A frame is an address that answers with one picture, exactly as large as a "
                "screen, and with another one later. Open it on a wall display or a tablet.",
                "lead",
            )
            if given.gallery.about.public_url is None:
                note(
                    "These addresses open on this computer alone. For other screens set "
                    "GALLERY_PUBLIC_URL to the address under which they reach the gallery."
                )
            self._build_form()
            self._list = box("section")
        ui.timer(0.02, self._refresh, once=True)

    def _build_form(self) -> None:
        with box("card"), Form(self._add, classes="form form-line") as self._form:
            for asked in FIELDS:
                field(self._form, asked)
            with box("form-end"):
                Send("Add frame", icon="plus")

    async def _refresh(self) -> None:
        frames = await run.io_bound(self._given.gallery.frames.list)
        if frames is not None and not self._list.is_deleted:
            self._frames = frames
            self._draw()

    def _draw(self) -> None:
        pages = max(1, -(-len(self._frames) // PER_PAGE))
        self._page = min(self._page, pages - 1)
        start = self._page * PER_PAGE
        self._list.clear()
        with self._list:
            if not self._frames:
                picture = self._given.urls.asset("empty/pictures.svg")
                empty(picture, "No frame yet. Name one above.")
                return
            with table("Frame", "Shows", "Size", "Changes"):
                for frame in self._frames[start : start + PER_PAGE]:
                    self._row(frame)
            pager(self._page, pages, self._turn)

    def _row(self, frame: Frame) -> None:
        address = self._address(frame)
        with box(tag="tr"):
            with cell(label="Frame"):
                out = link(frame.name, self._path(frame))
                attributes(out, target="_blank", rel="noopener noreferrer")
            cell(frame.query or "All pictures", label="Shows")
            size = f"{frame.size.width} × {frame.size.height}"
            cell(size, label="Size", classes="number tight")
            every = (
                dict(EVERY).get(str(frame.interval_s)) or f"every {words.span(frame.interval_s)}"
            )
            cell(every, label="Changes", classes="tight")
            with cell(classes="actions"):
                IconButton(
                    "copy", "Copy address", lambda: self._frame.copy(address, "Address copied.")
                )
                IconButton("trash", f"Delete {frame.name}", lambda: self._delete(frame))

    def _path(self, frame: Frame) -> str:
        return self._given.urls.to(*_way(frame))

    def _address(self, frame: Frame) -> str:
        """As copied: whole where the public address is known, else the browser makes it so."""
        public = self._given.gallery.about.public_url
        return Urls(public.rstrip("/")).to(*_way(frame)) if public else self._path(frame)

    # --- acts ------------------------------------------------------------------------------

    def _turn(self, step: int) -> None:
        self._page = max(0, self._page + step)
        self._draw()

    async def _add(self, values: Values, _: str) -> None:
        name = values.get("name", "").strip()
        if not name:
            self._form.complain({"name": "This is needed."})
            return
        known = any(frame.name == name for frame in self._frames)
        width, _, height = values.get("size", "3840x2160").partition("x")
        try:
            frame = await run.io_bound(
                self._given.gallery.frames.put,
                name,
                query=values.get("query", "").strip(),
                size=Size(int(width), int(height)),
                interval_s=int(values.get("every", "3600")),
            )
        except GalleryError as error:
            wrong = "query" if isinstance(error, BadQuery) else "name"
            self._form.complain({wrong: error.public})
            return
        self._form.complain({})
        if frame is not None:
            for one in ("name", "query"):
                self._form.write(one, "")
            said = "was changed; its address stays" if known else "has its address now"
            self._frame.toast(f"{frame.name} {said}.")
        await self._refresh()
        if frame is not None:
            await self._look_at(frame)

    async def _look_at(self, frame: Frame) -> None:
        """Say it when there is nothing to show: else one learns it from an empty screen."""
        try:
            await run.io_bound(self._given.gallery.frames.picture_for, frame)
        except NotReady:
            pass  # it has something to show, only not yet
        except NotFound:
            self._frame.toast(
                f"{frame.name} has nothing to show: no picture matches “{frame.query}” yet."
                if frame.query
                else f"{frame.name} has nothing to show yet.",
                error=True,
            )
        except GalleryError as error:
            self._frame.toast(error.public, error=True)

    async def _delete(self, frame: Frame) -> None:
        try:
            await run.io_bound(self._given.gallery.frames.delete, frame.name)
        except GalleryError as error:
            self._frame.toast(error.public, error=True)
        else:
            self._frame.toast(f"{frame.name} was deleted.", undo=lambda: self._restore(frame))
        await self._refresh()

    async def _restore(self, frame: Frame) -> None:
        try:
            await run.io_bound(self._given.gallery.frames.restore, frame)
        except GalleryError as error:
            self._frame.toast(error.public, error=True)
            return
        self._frame.toast(f"{frame.name} is back.")
        if not self._list.is_deleted:
            await self._refresh()


def _way(frame: Frame) -> tuple[str, dict[str, str]]:
    return f"/frame/{quote(frame.name, safe='')}", {"key": frame.key}
