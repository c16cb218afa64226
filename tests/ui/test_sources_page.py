"""Sources, and the first one of an empty gallery: added, watched, removed and brought back."""

from __future__ import annotations

from nicegui.testing import User

from gallery_app.ui.components.chrome import Dialogs
from gallery_app.ui.components.frame import Frame, PathField
from gallery_app.ui.pages.welcome import FIRST
from tests.pictures import make_picture
from tests.services.house import House
from tests.ui.conftest import MOST_ELEMENTS, elements, sees, until


def scan(house: House) -> None:
    """Scan the folder as the background does, two and a half seconds long."""
    source = house.scan()
    house.catalog.sources.finish_scan(source.id, house.clock(), 2.5)


def add(user: User, path: str, *, at: int = -1) -> None:
    """Ask to add a path; the first field of the page stands in the welcome."""
    field = [e for e in elements(user) if isinstance(e, PathField)][at]
    interaction = user.find(PathField)
    interaction.elements = {field}
    interaction.trigger("add", {"path": path})


async def test_an_empty_gallery_says_in_one_sentence_how_to_begin(user: User) -> None:
    await user.open("/")

    await user.should_see(FIRST)
    await user.should_see(PathField)


async def test_the_first_folder_is_looked_through_at_once(user: User, house: House) -> None:
    await user.open("/")

    add(user, str(house.pictures), at=0)

    await user.should_see("Looking through Pictures")
    assert [s.address for s in house.sources.list() if s.kind == "folder"] == [str(house.pictures)]
    assert house.jobs.list("ready")[0][0].kind == "scan"


async def test_a_folder_without_pictures_is_said_to_have_none(user: User, house: House) -> None:
    scan(house)

    await user.open("/")

    await user.should_see("No pictures there yet")


async def test_a_folder_is_added_and_listed_without_a_reload(user: User, house: House) -> None:
    await user.open("/sources")
    await user.should_see("No folder is watched yet")

    add(user, str(house.pictures))

    await user.should_see(str(house.pictures))
    await user.should_not_see("No folder is watched yet")


async def test_a_path_that_is_no_folder_is_answered_with_a_sentence(
    user: User, house: House, told: list[str]
) -> None:
    await user.open("/sources")
    await user.should_see("No folder is watched yet")

    add(user, "/there/is/nothing")

    await until(lambda: any("answer" in call and "There is no folder" in call for call in told))
    assert all(s.kind != "folder" for s in house.sources.list())


async def test_a_source_tells_state_counts_and_last_scan(user: User, house: House) -> None:
    house.put("good.jpg", make_picture("64x48 jpeg"))
    house.put("broken.jpg", b"\xff\xd8\xff broken")
    scan(house)
    house.render_all_once()
    house.clock.pass_(minutes=2)

    await user.open("/sources")

    await user.should_see("Up to date")
    await user.should_see("2 pictures")
    await user.should_see("1 cannot be shown")
    assert sees(user, r"^Scanned 2 minutes ago, took 2.5 s$")


async def test_a_folder_that_went_away_says_what_to_do(user: User, house: House) -> None:
    source = house.watch()
    house.catalog.sources.set_state(source.id, "offline", error="Connect the disk.")

    await user.open("/sources")

    await user.should_see("Not reachable")
    await user.should_see("Connect the disk.")


async def test_a_great_loss_is_believed_only_when_confirmed(user: User, house: House) -> None:
    source = house.watch()
    first = house.catalog.jobs.claim(["scan"], lease_s=60)
    assert first is not None
    house.catalog.jobs.done(first.id)
    house.catalog.sources.set_state(source.id, "attention", error="12 of 12 files are missing.")
    await user.open("/sources")
    await user.should_see("12 of 12 files are missing.")

    user.find("They are gone").click()
    assert list(house.jobs.list("ready")[0]) == []
    user.find(Dialogs).trigger("answer", {"token": 1, "sure": True})

    await until(lambda: house.jobs.list("ready")[1] == 1)
    assert house.jobs.list("ready")[0][0].payload["believe_loss"] is True


async def test_rescan_asks_for_a_scan(user: User, house: House, told: list[str]) -> None:
    house.scan()
    await user.open("/sources")
    await user.should_see("Rescan")
    first = house.catalog.jobs.claim(["scan"], lease_s=60)
    assert first is not None
    house.catalog.jobs.done(first.id)

    user.find("Rescan").click()

    await until(lambda: any("Scanning Pictures" in call for call in told))
    assert [job.kind for job in house.jobs.list("ready")[0]] == ["scan"]


async def test_remove_asks_first_and_a_no_changes_nothing(user: User, house: House) -> None:
    house.scan()
    await user.open("/sources")
    await user.should_see("Remove")

    user.find("Remove").click()
    user.find(Dialogs).trigger("answer", {"token": 1, "sure": False})
    await user.should_see(str(house.pictures))

    assert len(house.sources.list()) == 2


async def test_a_removed_folder_can_be_brought_back(
    user: User, house: House, told: list[str]
) -> None:
    house.put("good.jpg", make_picture("64x48 jpeg"))
    house.scan()
    await user.open("/sources")
    await user.should_see("Remove")

    user.find("Remove").click()
    user.find(Dialogs).trigger("answer", {"token": 1, "sure": True})
    await user.should_see("No folder is watched yet")

    assert house.all() == []
    assert (house.pictures / "good.jpg").exists()
    assert any("Its files are untouched" in call for call in told)

    user.find(Frame).trigger("undo", {"token": 1})
    await user.should_see(str(house.pictures))

    assert [s.kind for s in house.sources.list()].count("folder") == 1


async def test_many_sources_are_shown_in_pages(user: User, house: House) -> None:
    for number in range(30):
        folder = house.root / f"folder{number:02}"
        folder.mkdir()
        house.sources.add_folder(str(folder))

    await user.open("/sources")

    await user.should_see("Page 1 of 3")
    assert len(elements(user)) <= MOST_ELEMENTS
    user.find("Next").click()
    await user.should_see("Page 2 of 3")
    await user.should_see("folder12")
