"""About: where things lie, and which part does not work."""

from __future__ import annotations

import pytest
from nicegui.testing import User

from gallery_app.services.gallery import Gallery
from gallery_app.services.values import Check, Health
from tests.services.house import House
from tests.ui.conftest import sees


async def test_it_tells_version_data_folder_and_limits(user: User, house: House) -> None:
    await user.open("/about")

    await user.should_see("Gallery 9.8.7")
    await user.should_see(str(house.data))
    await user.should_see("500 MB")


async def test_a_part_that_does_not_work_says_what_to_do(user: User) -> None:
    await user.open("/about")

    await user.should_see("Workers", retries=20)
    await user.should_see("1 of 2")


@pytest.mark.parametrize(
    ("name", "shown"), [("immich-2", "Immich"), ("cpu", "CPU"), ("index", "Index")]
)
async def test_a_part_is_called_as_people_call_it(
    user: User, monkeypatch: pytest.MonkeyPatch, gallery: Gallery, name: str, shown: str
) -> None:
    told = Health(ok=True, checks=(Check(name, ok=True, required=False, detail="well"),))
    monkeypatch.setattr(gallery.health, "ask", lambda: told)

    await user.open("/about")

    await user.should_see("well", retries=20)
    assert sees(user, f"^{shown}$")
