"""About: where things lie, and which part does not work."""

from __future__ import annotations

from nicegui.testing import User

from tests.services.house import House


async def test_it_tells_version_data_folder_and_limits(user: User, house: House) -> None:
    await user.open("/about")

    await user.should_see("Gallery 9.8.7")
    await user.should_see(str(house.data))
    await user.should_see("500 MB")


async def test_a_part_that_does_not_work_says_what_to_do(user: User) -> None:
    await user.open("/about")

    await user.should_see("Workers", retries=20)
    await user.should_see("1 of 2")
