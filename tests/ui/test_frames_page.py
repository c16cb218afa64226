"""Frames: named, copied, deleted and brought back."""

from __future__ import annotations

from dataclasses import replace

import pytest
from nicegui.testing import User

from gallery_app.domain.geometry import Size
from gallery_app.services.frames import FrameBook
from gallery_app.services.gallery import Gallery
from gallery_app.ui.components.frame import Frame
from gallery_app.ui.elements import IconButton
from tests.ui.conftest import elements, sees, send, until

HALL = {"name": "hall", "query": "mountains", "size": "1920x1080", "every": "900"}


def names(user: User) -> list[object]:
    """The names of all buttons that are icons alone."""
    return [e.props.get("aria-label") for e in elements(user) if isinstance(e, IconButton)]


def press(user: User, name: str) -> None:
    """Click the button of that name."""
    button = next(
        e for e in elements(user) if isinstance(e, IconButton) and e.props.get("aria-label") == name
    )
    interaction = user.find(IconButton)
    interaction.elements = {button}
    interaction.click()


async def test_a_frame_is_added_with_what_it_shows(user: User, frames: FrameBook) -> None:
    await user.open("/frames")
    await user.should_see("No frame yet")

    send(user, HALL)

    await until(lambda: sees(user, "^every 15 minutes$") and "Delete hall" in names(user))
    (frame,) = frames.list()
    assert (frame.query, frame.size, frame.interval_s) == ("mountains", Size(1920, 1080), 900)


async def test_a_frame_with_nothing_to_show_says_so_at_once(
    user: User, frames: FrameBook, told: list[str]
) -> None:
    await user.open("/frames")
    await user.should_see("No frame yet")

    send(user, HALL)

    await until(lambda: any("no picture matches “mountains” yet" in call for call in told))


async def test_a_name_that_cannot_be_is_answered_at_its_field(
    user: User, frames: FrameBook
) -> None:
    await user.open("/frames")
    await user.should_see("No frame yet")

    send(user, {**HALL, "name": ""})

    await user.should_see("This is needed.")
    assert frames.list() == []


async def test_a_search_that_cannot_be_is_answered_at_its_field(
    user: User, frames: FrameBook
) -> None:
    await user.open("/frames")
    await user.should_see("No frame yet")

    send(user, {**HALL, "query": "colour:red"})

    await until(lambda: "true" in {e.props.get("aria-invalid") for e in elements(user)})
    (field,) = [e for e in elements(user) if e.props.get("aria-invalid") == "true"]
    assert field.props["name"] == "query"
    assert frames.list() == []


async def test_a_frame_of_the_same_name_is_said_to_be_changed(
    user: User, frames: FrameBook, told: list[str]
) -> None:
    frames.put("hall", query="lakes")
    await user.open("/frames")
    await user.should_see("lakes")

    send(user, HALL)

    await until(lambda: any("hall was changed; its address stays." in call for call in told))
    assert [frame.query for frame in frames.list()] == ["mountains"]


async def test_many_frames_are_shown_in_pages(user: User, frames: FrameBook) -> None:
    for number in range(13):
        frames.put(f"room{number:02}")

    await user.open("/frames")

    await user.should_see("Page 1 of 2")
    assert "Delete room12" not in names(user)
    user.find("Next").click()
    await until(lambda: "Delete room12" in names(user))


async def test_copy_hands_the_whole_address_to_the_browser(
    user: User, frames: FrameBook, told: list[str]
) -> None:
    frame = frames.put("hall")
    await user.open("/frames")
    await user.should_see("hall")

    press(user, "Copy address")

    assert any("copy" in call and f"/frame/hall?key={frame.key}" in call for call in told)


@pytest.mark.parametrize("public", [None, "https://pictures.example"])
async def test_without_a_public_address_frames_are_said_to_open_here_alone(
    user: User, gallery: Gallery, monkeypatch: pytest.MonkeyPatch, public: str | None
) -> None:
    about = replace(gallery.about, public_url=public)
    monkeypatch.setitem(gallery.__dict__, "about", about)

    await user.open("/frames")

    await user.should_see("No frame yet")
    assert sees(user, "open on this computer alone") is (public is None)


async def test_a_deleted_frame_can_be_brought_back(
    user: User, frames: FrameBook, told: list[str]
) -> None:
    hall = frames.put("hall", query="mountains")
    await user.open("/frames")
    await user.should_see("hall")

    press(user, "Delete hall")
    await until(lambda: frames.list() == [])
    user.find(Frame).trigger("undo", {"token": 1})

    await user.should_see("mountains")
    assert frames.list() == [hall]  # its key as well: the screens that show it go on
