"""About: where the data lies, what is accepted, and whether every part works."""

from __future__ import annotations

from nicegui import run, ui

from gallery_app.services.values import Health
from gallery_app.ui import words
from gallery_app.ui.elements import Text, badge, box, link
from gallery_app.ui.state import Given


class AboutPage:
    """Builds itself where it is made; the checks follow when they have answered."""

    def __init__(self, given: Given) -> None:
        self._given = given
        about = given.gallery.about
        with box("page"):
            Text("h1", "About")
            with box("card"):
                Text("h2", f"Gallery {about.version}")
                with box("pairs", tag="dl"):
                    _pair("Data folder", about.data_dir)
                    _pair("Address for links", about.public_url or "This computer only")
                    _pair("Largest picture", words.size_of(about.image_limit_bytes))
                    _pair("Largest video", words.size_of(about.video_limit_bytes))
                link("How to use the HTTP API", given.urls.to("/docs"))
            with box("section"):
                Text("h2", "Health")
                self._checks = box("card")
                with self._checks:
                    Text("p", "Asking every part…", "quiet")
        ui.timer(0.05, self._check, once=True)

    async def _check(self) -> None:
        health = await run.io_bound(self._given.gallery.health.ask)
        if health is not None:
            self._draw(health)

    def _draw(self, health: Health) -> None:
        self._checks.clear()
        with self._checks:
            for check in health.checks:
                with box("row"):
                    kind = "ok" if check.ok else "bad" if check.required else "warn"
                    badge(_called(check.name), icon="check" if check.ok else "warn", kind=kind)
                    Text("span", check.detail)
                    if check.remedy and not check.ok:
                        Text("span", check.remedy, "quiet")


def _called(name: str) -> str:
    """The name of a part for people: "immich-2" is the program's own way to tell two apart."""
    kind = name.partition("-")[0]
    return {"cpu": "CPU"}.get(kind, kind.capitalize())


def _pair(name: str, value: str) -> None:
    Text("dt", name)
    Text("dd", value)
