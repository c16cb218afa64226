"""A simulated browser over the real services: NiceGUI's `User` on a house of its own.

The services are those of `tests.services.house` (real catalog, in-process decoding, a clock that
stands still). NiceGUI's pytest plugin is not loaded: its fixtures need pytest-asyncio, and
AnyIO's own plugin runs these just as well.
"""

from __future__ import annotations

import os
import random
import re
import sys
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import anyio
import pytest
from nicegui import Client, run, ui
from nicegui.storage import Storage
from nicegui.testing import User
from nicegui.testing.user_simulation import user_simulation

from gallery_app.connectors.base import Tools
from gallery_app.domain.model import Source
from gallery_app.services.entities import Entities
from gallery_app.services.errands import Errands
from gallery_app.services.frames import FrameBook
from gallery_app.services.gallery import About, Gallery
from gallery_app.services.health import HealthChecks
from gallery_app.services.hooks import Hooks
from gallery_app.services.products import ProductBook
from gallery_app.services.pushing import Pushing
from gallery_app.services.remote_background import RemoteBackground
from gallery_app.services.remotes import RemoteBook
from gallery_app.services.similar import Similar
from gallery_app.services.smart import SmartSearch
from gallery_app.services.subjects import Subjects
from gallery_app.services.ticket_gallery import TicketGallery
from gallery_app.services.worker import Background
from gallery_app.storage.shelf import Shelf
from gallery_app.storage.vault import Vault
from gallery_app.ui import register
from gallery_app.ui.forms import Form
from tests.services.house import House
from tests.ui.remotes import KEY, Told

MOST_ELEMENTS = 300  # of one browser; source: design/interface.md, rule 2


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.close()


@pytest.fixture
def far() -> Told:
    return Told()


@pytest.fixture
def remotes(house: House, far: Told) -> Iterator[RemoteBook]:
    kinds = {name: far.kind(name) for name in ("freshdesk", "products")}
    tools = Tools(
        now=house.clock,
        monotonic=house.clock.monotonic,
        wait=house.stop.wait,
        chance=random.Random(7).random,
        user_agent="gallery-test",
    )
    book = RemoteBook(
        house.catalog,
        Vault(house.root / "secrets", os.urandom),
        kinds,
        tools=tools,
        base_url=lambda: house.base_url,
        hook_token=lambda number: f"token-of-{number}",
    )
    yield book
    book.close()


@pytest.fixture
def desk(remotes: RemoteBook) -> Source:
    return remotes.add("freshdesk", "Acme", "acme", KEY, {})


@pytest.fixture
def products(house: House, remotes: RemoteBook) -> ProductBook:
    return ProductBook(house.catalog, remotes, now=house.clock, chance=random.Random(7).random)


@pytest.fixture
def frames(house: House, remotes: RemoteBook, smart: SmartSearch) -> FrameBook:
    return FrameBook(
        house.catalog,
        house.browse,
        house.media,
        smart,
        Subjects(house.catalog, remotes, Errands()),
        Shelf(house.data / "frames", most=10),
        now=house.clock,
        monotonic=house.clock.monotonic,
        chance=random.Random(7).random,
        random_bytes=os.urandom,
    )


@pytest.fixture
def smart(house: House, remotes: RemoteBook) -> SmartSearch:
    return SmartSearch(house.catalog, remotes)


@pytest.fixture
def gallery(
    house: House,
    remotes: RemoteBook,
    products: ProductBook,
    frames: FrameBook,
    smart: SmartSearch,
) -> Iterator[Gallery]:
    health = HealthChecks(
        house.catalog,
        data_dir=house.data,
        min_free_bytes=0,
        alive_workers=lambda: 1,
        wanted_workers=2,
        watch_warning=lambda: None,
    )
    yield Gallery(
        browse=house.browse,
        media=house.media,
        uploads=house.uploads,
        sharing=house.sharing,
        curation=house.curation,
        sources=house.sources,
        jobs=house.jobs,
        downloads=house.downloads,
        status=house.status,
        health=health,
        background=cast("Background", None),  # the screen never speaks to it
        remotes=remotes,
        entities=Entities(house.catalog, house.browse),
        products=products,
        smart=smart,
        frames=frames,
        tickets=TicketGallery(
            house.catalog, remotes, monotonic=house.clock.monotonic, wait=lambda _: True
        ),
        similar=cast("Similar", None),
        pushing=cast("Pushing", None),
        hooks=cast("Hooks", None),
        remote_background=cast("RemoteBackground", None),
        about=About("9.8.7", str(house.data), None, 200_000_000, 500_000_000),
        release=lambda: None,
    )
    health.close()


@pytest.fixture
async def user(
    gallery: Gallery,
    house: House,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> AsyncIterator[User]:
    """A visitor of the gallery; an ERROR in the log fails the test."""
    monkeypatch.setattr(Storage, "path", tmp_path / "nicegui")
    for look in (User.should_see, User.should_not_see):
        # three tries are 0.3 s: too short for a thread's answer on a busy machine
        assert look.__kwdefaults__ is not None
        monkeypatch.setitem(look.__kwdefaults__, "retries", 100)
    ours = {name: m for name, m in sys.modules.items() if name.partition(".")[0] == "gallery_app"}
    async with user_simulation() as visitor:
        register(gallery, now=house.clock)
        yield visitor
    run.reset()
    sys.modules.update(ours)  # NiceGUI forgets the modules of pages; the tests after have them
    # of the visit alone: at its end NiceGUI logs tasks that a busy machine cancels late
    visit = caplog.get_records("call")
    errors = [record.getMessage() for record in visit if record.levelname == "ERROR"]
    assert not errors


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every call that Python makes of a component in the browser, as JavaScript."""
    calls: list[str] = []
    original = Client.run_javascript

    def listen(self: Client, code: str, **options: Any) -> Any:
        calls.append(code)
        return original(self, code, **options)

    monkeypatch.setattr(Client, "run_javascript", listen)
    return calls


@pytest.fixture
def many_failures(house: House) -> Callable[[int], None]:
    """Files that claim to be pictures and are none, scanned and tried."""

    def make(number: int) -> None:
        for at in range(number):
            house.put(f"broken{at:02}.jpg", b"\xff\xd8\xff" + bytes([at]) * 40)
        house.scan()
        house.render_all_once()

    return make


async def until(look: Callable[[], bool]) -> None:
    """Let the page work until `look` holds; fails after ten seconds."""
    with anyio.fail_after(60):
        while not look():  # noqa: ASYNC110  # NiceGUI tells nobody when a handler is done
            await anyio.sleep(0.01)


def elements(user: User) -> list[ui.element]:
    """Every element the server keeps for this visitor."""
    assert user.client is not None
    return list(user.client.elements.values())


def texts(user: User) -> list[str]:
    """Every text on the page that is not hidden."""
    found = (getattr(element, "text", None) for element in elements(user) if element.visible)
    return [text for text in found if isinstance(text, str) and text]


def sees(user: User, pattern: str) -> bool:
    """Whether one of the page's texts matches."""
    return any(re.search(pattern, text) for text in texts(user))


def send(user: User, values: Mapping[str, str], act: str = "save") -> None:
    """Send the form that was opened last, as the browser does."""
    form = [e for e in elements(user) if isinstance(e, Form)][-1]
    interaction = user.find(Form)
    interaction.elements = {form}
    interaction.trigger("submit.prevent", [dict(values), act])


def press_around(user: User, text: str) -> None:
    """Click the button that holds these words among others."""
    (inside,) = [e for e in elements(user) if getattr(e, "text", None) == text and e.tag == "span"]
    assert inside.parent_slot is not None
    interaction = user.find(ui.element)
    interaction.elements = {inside.parent_slot.parent}
    interaction.trigger("click")


async def closed(user: User) -> ui.dialog:
    """The one dialog there is, as soon as it has begun to close."""
    (dialog,) = [element for element in elements(user) if isinstance(element, ui.dialog)]
    await until(lambda: not dialog.value)
    return dialog


def hide(user: User, dialog: ui.dialog) -> None:
    """Say that it has faded out, as the browser does."""
    interaction = user.find(ui.element)
    interaction.elements = {dialog}
    interaction.trigger("hide")
