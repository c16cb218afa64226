"""Every place of the program: it opens, it is marked, it stays small, and it can be sent."""

from __future__ import annotations

import pytest
from nicegui import ElementFilter, ui
from nicegui.testing import User

from gallery_app.domain.query import AssetQuery, Term
from gallery_app.ui.components.chrome import Dialogs, FilterBar, SearchBox, SelectionBar
from gallery_app.ui.components.frame import Frame
from gallery_app.ui.components.photo_grid import PhotoGrid
from gallery_app.ui.components.upload_zone import UploadZone
from gallery_app.ui.elements import Text
from gallery_app.ui.state import NOWHERE, PLACES, Place, place_of, query_of
from tests.pictures import make_picture
from tests.services.house import House
from tests.ui.conftest import MOST_ELEMENTS, elements, texts


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.title)
async def test_a_place_opens_is_marked_and_stays_small(user: User, place: Place) -> None:
    await user.open(place.path)

    await user.should_see(place.title)
    marked = {
        element.props["data-place-link"]
        for element in elements(user)
        if element.props.get("aria-current") == "page"
    }
    assert marked == {place.path}
    assert len(elements(user)) <= MOST_ELEMENTS


async def test_what_belongs_to_every_place_is_there_once(user: User) -> None:
    await user.open("/sources")

    for kind in (Frame, Dialogs, UploadZone, PhotoGrid, FilterBar, SearchBox, SelectionBar):
        assert len([e for e in elements(user) if isinstance(e, kind)]) == 1, kind


async def test_an_address_that_leads_nowhere_says_so_inside_the_frame(user: User) -> None:
    answer = await user.http_client.get("/no/such/place")

    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.text
    assert "Go to your photos" in answer.text
    assert "Sources" in answer.text


async def test_behind_a_proxy_every_address_carries_its_prefix(user: User) -> None:
    answer = await user.http_client.get("/sources", headers={"X-Forwarded-Prefix": "/photos"})

    assert '"href":"/photos/sources"' in answer.text
    assert '"href":"/sources"' not in answer.text
    assert "/photos/assets/manifest.webmanifest" in answer.text


@pytest.mark.parametrize(
    "prefix",
    ["//evil.example", "javascript:alert(1)", '/"><script>', "https://evil.example"],
    ids=["another host", "a script", "markup", "a whole address"],
)
async def test_a_prefix_that_is_no_path_is_not_believed(user: User, prefix: str) -> None:
    answer = await user.http_client.get("/sources", headers={"X-Forwarded-Prefix": prefix})

    assert '"href":"/sources"' in answer.text


async def test_no_text_of_a_file_is_ever_markup(user: User, house: House) -> None:
    name = "<img src=x onerror=alert(1)>.jpg"
    house.put(name, b"\xff\xd8\xff broken")
    house.scan()
    house.render_all_once()

    await user.open("/jobs")

    await user.should_see(name)
    assert name in texts(user)
    with user:
        assert not list(ElementFilter(kind=ui.html))
        assert not list(ElementFilter(kind=ui.markdown))


async def test_photos_never_become_elements(user: User, house: House) -> None:
    await user.open("/")
    empty = len(elements(user))
    for seed in range(12):
        house.put(f"{seed}.jpg", make_picture(f"64x48 jpeg, noise seed {seed}"))
    house.scan()

    await user.open("/")

    assert len(elements(user)) == empty


async def test_the_navigation_is_real_addresses(user: User) -> None:
    await user.open("/")

    hrefs = [e.props.get("href") for e in elements(user) if isinstance(e, Text)]
    for place in PLACES:
        assert place.path in hrefs


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("/", "/"),
        ("/?year=2016", "/"),
        ("/links/", "/links"),
        ("/folders?folder=1/2016", "/folders"),
        ("/nowhere", ""),
        ("/linksandmore", ""),
    ],
)
def test_an_address_names_its_place(address: str, path: str) -> None:
    assert place_of(address).path == path
    assert (place_of(address) is NOWHERE) == (path == "")


def test_favourites_and_trash_are_filters_of_the_same_grid() -> None:
    assert query_of("/favourites?year=2016").terms == (
        Term("year", ("2016",)),
        Term("is", ("favourite",)),
    )
    assert query_of("/trash").trashed
    assert query_of("/folders?folder=1/2016").terms == (Term("folder", ("1/2016",)),)
    assert query_of("/") == AssetQuery()
