"""The page for an address that leads nowhere: says so, and where to go instead."""

from __future__ import annotations

from gallery_app.ui.elements import Text, box, link, picture
from gallery_app.ui.state import Given


def missing_page(given: Given) -> None:
    """Build the page inside the frame, so that the way out is in view."""
    with box("page"), box("empty"):
        picture(given.urls.asset("empty/nowhere.svg"))
        Text("h1", "There is nothing at this address")
        Text("p", "The page may have moved, or the address was mistyped.", "lead")
        link("Go to your photos", given.urls.to("/"), "button button-main")
