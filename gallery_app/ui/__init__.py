"""The screen. Start at `register` below, then `shell.py`, then one of `pages/`.

The only room that knows NiceGUI. Photos never become NiceGUI elements: they are drawn in the
browser by `components/photo_grid`, from the HTTP API.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone

from nicegui import ui

from gallery_app.services.gallery import Gallery
from gallery_app.ui import shell, theme
from gallery_app.ui.state import Given, place_of
from gallery_app.ui.urls import Urls, prefix_of

# Phones put a tab to sleep for minutes: within this time it wakes up where it was.
# Source: design/interface.md section 5.
RECONNECT_S = 600.0


def _utc_now() -> datetime:
    return datetime.now(timezone.utc)


def register(
    gallery: Gallery, *, assets_url: str = "/assets", now: Callable[[], datetime] = _utc_now
) -> None:
    """Make the pages of this gallery known to NiceGUI; call once, before `ui.run_with`.

    Args:
        gallery: what the pages show and do.
        assets_url: the path at which the parent app serves the assets folder.
        now: UTC clock.
    """
    ui.add_css(theme.style_sheet(), shared=True)

    def index() -> None:
        request = ui.context.client.request
        prefix = prefix_of(
            root_path=request.scope.get("root_path", ""),
            forwarded=request.headers.get("x-forwarded-prefix", ""),
        )
        given = Given(gallery, Urls(prefix, assets_url), now)
        shell.build(given, place_of(request.url.path.removeprefix(prefix)))

    for path in ("/", "/{_:path}"):
        ui.page(
            path,
            title="Gallery",
            favicon=theme.LOGO,
            language="en-US",
            reconnect_timeout=RECONNECT_S,
        )(index)
