"""The theme's promises that can be computed: contrast, icons, words and addresses."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone
from pathlib import Path
from xml.dom import minidom

import pytest
from nicegui.testing import User

from gallery_app.ui import icons, theme, words
from gallery_app.ui.state import PLACES
from gallery_app.ui.urls import Urls

TOKENS = (Path(theme.__file__).with_name("styles") / "tokens.css").read_text("utf-8")
ASSETS = Path(__file__).parents[2] / "assets"
NOW = datetime(2026, 11, 20, 12, 0, tzinfo=timezone.utc)

# Source: WCAG 2.2, 1.4.3 (text, 4.5) and 1.4.11 (edges of controls, 3).
PAIRS = [
    ("ink", "surface", 4.5), ("ink", "surface-2", 4.5), ("ink", "surface-3", 4.5),
    ("ink-2", "surface", 4.5), ("ink-2", "surface-2", 4.5), ("ink-2", "surface-3", 4.5),
    ("accent", "surface", 4.5), ("accent-strong", "accent-soft", 4.5),
    ("accent-strong", "surface", 4.5), ("on-accent", "accent", 4.5),
    ("on-accent", "accent-strong", 4.5), ("ok", "ok-soft", 4.5), ("warn", "warn-soft", 4.5),
    ("bad", "bad-soft", 4.5), ("bad", "surface", 4.5), ("edge", "surface", 3.0),
    ("accent", "surface-2", 3.0),
]  # fmt: skip


def tokens(name: str) -> dict[str, str]:
    """The colours of a theme: the light ones, with the dark ones over them for "dark"."""
    light = re.search(r":root \{(.*?)\}", TOKENS, re.DOTALL)
    dark = re.search(r':root\[data-theme="dark"\] \{(.*?)\}', TOKENS, re.DOTALL)
    assert light is not None
    assert dark is not None
    text = light[1] + (dark[1] if name == "dark" else "")
    return dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", text))


def luminance(colour: str) -> float:
    """Relative luminance. Source: WCAG 2.2, definition of relative luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("name", ["light", "dark"])
@pytest.mark.parametrize(
    ("front", "ground", "least"), PAIRS, ids=[f"{front} on {ground}" for front, ground, _ in PAIRS]
)
def test_a_colour_can_be_read_on_its_ground(
    name: str, front: str, ground: str, least: float
) -> None:
    colours = tokens(name)

    assert contrast(colours[front], colours[ground]) >= least


def test_both_themes_name_the_same_state_colours() -> None:
    assert set(tokens("light")) == set(tokens("dark"))


def test_the_style_sheet_knows_every_icon_of_the_navigation() -> None:
    sheet = theme.style_sheet()

    for place in PLACES:
        assert f".i-{place.icon}{{" in sheet
    assert "@import" not in sheet
    assert "http://" not in sheet.replace("http://www.w3.org", "")


@pytest.mark.parametrize("name", sorted(icons.PATHS))
def test_an_icon_is_a_whole_drawing(name: str) -> None:
    path = icons.PATHS[name]

    assert re.fullmatch(r"[MmLlHhVvCcSsAaZz0-9 .\-]+", path)
    assert path[0] == "M"


@pytest.mark.parametrize(
    "path", sorted(ASSETS.rglob("*.svg")), ids=lambda path: str(path.relative_to(ASSETS))
)
def test_a_drawing_is_well_formed_and_runs_nothing(path: Path) -> None:
    document = minidom.parseString(path.read_bytes())

    assert document.documentElement is not None
    assert document.documentElement.tagName == "svg"
    assert not document.getElementsByTagName("script")
    assert path.stat().st_size < 10_000


async def test_the_theme_is_chosen_before_anything_is_painted(user: User) -> None:
    html = (await user.http_client.get("/jobs")).text

    script = html.index('localStorage.getItem("gallery.theme")')
    assert script < html.index("<body")
    assert 'root.dataset.place = "/jobs"' in html
    assert 'root.dataset.kind = "page"' in html


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "just now"), (44, "just now"), (60, "1 minute ago"), (7200, "2 hours ago"),
     (86_400 * 3, "3 days ago")],
)  # fmt: skip
def test_how_long_ago(seconds: int, said: str) -> None:
    assert words.ago(NOW - timedelta(seconds=seconds), NOW) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(-7200, "2 hours ago"), (30, "in 1 minute"), (3600 * 24, "in 24 hours"),
     (86_400 * 7, "in 7 days")],
)  # fmt: skip
def test_how_soon(seconds: int, said: str) -> None:
    assert words.until(NOW + timedelta(seconds=seconds), NOW) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.0001, "1 ms"), (0.374, "374 ms"), (3.12, "3.1 s"), (42, "42 s"), (600, "10 min"),
     (7200, "2 h"), (200_000, "2 days")],
)  # fmt: skip
def test_how_long_it_took(seconds: float, said: str) -> None:
    assert words.span(seconds) == said


@pytest.mark.parametrize(
    ("when", "said"),
    [("2026-03-01", "1 Mar"), ("2016-11-20", "20 Nov 2016")],
    ids=["this year", "another year"],
)
def test_a_day_is_named_with_its_year_only_when_it_is_another_one(when: str, said: str) -> None:
    assert words.day(datetime.fromisoformat(when), NOW) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [(1, "1 byte"), (999, "999 bytes"), (1500, "1.5 kB"), (3_456_789, "3.5 MB"),
     (200_000_000, "200 MB")],
)  # fmt: skip
def test_how_large(number: int, said: str) -> None:
    assert words.size_of(number) == said


def test_an_address_escapes_what_it_is_given() -> None:
    urls = Urls("/photos", "/assets")

    assert urls.to("/folders", {"folder": "1/a&b=c"}) == "/photos/folders?folder=1%2Fa%26b%3Dc"
    assert urls.asset("empty/link.svg") == "/photos/assets/empty/link.svg"
    assert urls.photo("u1") == "/photos/?photo=u1"
