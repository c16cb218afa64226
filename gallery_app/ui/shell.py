"""The one page of the program: header, navigation, the grid that stays, the pages that change.

The grid lives beside the pages and is hidden, never rebuilt: going back shows it as it was.
Which of the two is seen is decided in the browser (`components/frame`), at once; the server
follows and fills the page.
"""

from __future__ import annotations

from typing import Any

from nicegui import ui

from gallery_app.ui import theme
from gallery_app.ui.components import lightbox  # noqa: F401  # registers the viewer's modules
from gallery_app.ui.components.chrome import (
    Dialogs,
    FilterBar,
    ProgressPill,
    SearchBox,
    SelectionBar,
)
from gallery_app.ui.components.entity_head import EntityHead
from gallery_app.ui.components.frame import FolderTrail, FolderTree, Frame
from gallery_app.ui.components.photo_grid import PhotoGrid
from gallery_app.ui.components.upload_zone import UploadButton, UploadZone
from gallery_app.ui.elements import IconButton, Text, attributes, box, link, note
from gallery_app.ui.pages.about import AboutPage
from gallery_app.ui.pages.collections import CollectionsPage
from gallery_app.ui.pages.frames import FramesPage
from gallery_app.ui.pages.jobs import JobsPage
from gallery_app.ui.pages.links import LinksPage
from gallery_app.ui.pages.missing import missing_page
from gallery_app.ui.pages.products import ProductsPage
from gallery_app.ui.pages.sources import SourcesPage
from gallery_app.ui.pages.welcome import Welcome
from gallery_app.ui.state import PLACES, Given, Place

THEMES = (("auto", "System", "auto"), ("light", "Light", "sun"), ("dark", "Dark", "moon"))
TRASH_NOTE = (
    "Pictures here are hidden from the gallery, nothing more: files in your folders stay where "
    "they are. Select some to put them back."
)


class _Pages(ui.sub_pages):
    """The changing part; an address that leads nowhere gets our own page."""

    def __init__(self, routes: dict[str, Any], given: Given) -> None:
        self._given = given
        super().__init__(routes)

    def _render_404(self) -> None:
        missing_page(self._given)

    def _render_error(self, error: Exception) -> None:
        super()._render_error(error)
        self.clear()
        with self, box("page"):
            Text("h1", "This page could not be shown")
            note(
                "Something went wrong on the server; its log says what. Reload to try again.",
                icon="warn",
                kind="bad",
            )


def build(given: Given, place: Place) -> None:
    """Build the frame and everything in it for one browser, at `place`."""
    ui.add_head_html(theme.first_script(place=place.path, kind=place.kind))
    ui.add_head_html(theme.manifest_link(given.urls.asset("manifest.webmanifest")))
    # Quasar's page would be a <main> around header and navigation too; ours is inside it
    page = ui.context.client.content.parent_slot
    if page is not None:
        page.parent.tag = "div"
        page.parent.classes("frame-page")
    with box("frame"):
        frame = Frame([(p.path, p.title, p.kind) for p in PLACES])
        dialogs = Dialogs()
        _header(given)
        _navigation(given, place)
        with box("main", tag="main") as main:
            attributes(main, tabindex="-1", aria_label="Content")
            _grid(given, frame, place)
            with box("place-page"):
                _pages(given, frame, dialogs)
        limit = max(given.gallery.about.image_limit_bytes, given.gallery.about.video_limit_bytes)
        UploadZone(limit_bytes=limit)
    ui.skip_link("Skip to content", target=main)


def _header(given: Given) -> None:
    with box("top", tag="header"):
        link("Gallery", given.urls.to("/"), "brand")
        with box("top-search"):
            SearchBox()
        with box("top-status"):
            ProgressPill()
        UploadButton()
        theme_button = IconButton("auto", "Theme")
        theme_button.classes("theme-button")
        attributes(theme_button, popovertarget="theme-menu", aria_haspopup="menu")
        with box("sheet sheet-theme") as menu:
            attributes(menu, id="theme-menu", popover="auto", role="menu", aria_label="Theme")
            for choice, words, icon in THEMES:
                item = Text("button", words, f"sheet-item i i-{icon}")
                attributes(item, type="button", role="menuitemradio", data_theme_choice=choice)
        SelectionBar()


def _navigation(given: Given, place: Place) -> None:
    with box("rail", tag="nav") as nav:
        attributes(nav, aria_label="Places")
        for one in PLACES:
            if one.path == "/about":
                box("rail-gap")
            _place_link(given, one, place, f"rail-item {'' if one.first else 'rail-rest'}")
        more = Text("button", "More", "rail-item rail-more i i-more")
        attributes(more, type="button", popovertarget="more-menu", aria_haspopup="true")
    with box("sheet sheet-more", tag="nav") as sheet:
        attributes(sheet, id="more-menu", popover="auto", aria_label="More places")
        for one in PLACES:
            if not one.first:
                _place_link(given, one, place, "sheet-item")


def _place_link(given: Given, one: Place, place: Place, classes: str) -> None:
    element = link(one.title, given.urls.to(one.path), f"{classes} i i-{one.icon}")
    attributes(element, data_place_link=one.path)
    if one == place:
        attributes(element, aria_current="page")


def _grid(given: Given, frame: Frame, place: Place) -> None:
    with box("place-grid"):
        with box("place-side"):
            FolderTree().classes("folder-tree")
        with box("place-head"):
            heading = Text("h1", place.title if place.grid else PLACES[0].title, "unseen")
            attributes(heading, id="grid-title")
            FolderTrail().classes("folder-trail")
            EntityHead()
            Text("p", TRASH_NOTE, "trash-note i i-s i-info")
        with box("place-bar"):
            FilterBar()
        with box("place-photos"), PhotoGrid():
            Welcome(given, frame)


def _pages(given: Given, frame: Frame, dialogs: Dialogs) -> None:
    routes: dict[str, Any] = {one.path: _nothing for one in PLACES if one.grid}
    routes["/collections"] = lambda tab="", text="": CollectionsPage(
        given, frame, tab=tab, text=text
    )
    routes["/products"] = lambda: ProductsPage(given, frame)
    routes["/frames"] = lambda: FramesPage(given, frame)
    routes["/links"] = lambda: LinksPage(given, frame, dialogs)
    routes["/sources"] = lambda: SourcesPage(given, frame, dialogs)
    routes["/jobs"] = lambda: JobsPage(given, frame)
    routes["/about"] = lambda: AboutPage(given)
    _Pages(routes, given)


def _nothing() -> None:
    """The grid is the page."""
