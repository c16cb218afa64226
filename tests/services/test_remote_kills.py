"""What a kill leaves of a source that is connected or changed: all that was said, or nothing."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from gallery_app.domain.errors import UpstreamRefused
from gallery_app.domain.model import SourceId
from gallery_app.services.facts import STOPPED
from tests.services.remote_house import RemoteHouse

HOUSE = RemoteHouse


@pytest.fixture
def after_each_commit(
    house: RemoteHouse, monkeypatch: pytest.MonkeyPatch
) -> Callable[[Callable[[], None]], None]:
    """Has a function called at every state that a kill could leave behind."""
    database = house.catalog._database
    writing = database.writing

    def watch(look: Callable[[], None]) -> None:
        @contextmanager
        def watched() -> Iterator[sqlite3.Connection]:
            with writing() as connection:
                yield connection
            if not database.nested:
                look()

        monkeypatch.setattr(database, "writing", watched)

    return watch


@pytest.mark.parametrize("before", ["nothing", "a removed one"])
def test_a_source_is_never_there_without_its_key(
    house: RemoteHouse, after_each_commit: Callable[[Callable[[], None]], None], before: str
) -> None:
    if before == "a removed one":
        house.desk.fails = [UpstreamRefused(reason="The key was refused.")]
        house.bring(colour="blue")
        house.book.remove(house.source().id, keep=True)
        assert STOPPED in house.catalog.remotes.config(SourceId(2)).facts
    states: set[tuple[str, str | None, bool]] = set()

    def look() -> None:
        for source in house.book.list():
            state = house.catalog.remotes.config(source.id)
            key = house.book._lines.secrets(source).get("key", "")
            states.add((key, state.options.get("colour"), STOPPED in state.facts))

    after_each_commit(look)

    house.book.add("freshdesk", "", "https://there.example", "new-key", {"colour": "red"})

    assert states == {("new-key", "red", False)}


def test_other_options_are_never_there_at_the_old_place(
    house: RemoteHouse, after_each_commit: Callable[[Callable[[], None]], None]
) -> None:
    house.desk.put("ticket/1/1")
    source = house.bring(colour="red")
    states: set[tuple[str, str, bool]] = set()

    def look() -> None:
        state = house.catalog.remotes.config(source.id)
        states.add((state.options["colour"], state.cursor, state.walked_at is None))

    after_each_commit(look)

    house.book.change(source.id, options={"colour": "blue"})

    assert states == {("blue", "", True)}


def test_a_sync_under_way_cannot_put_its_cursor_behind_other_options(
    house: RemoteHouse, after_each_commit: Callable[[Callable[[], None]], None]
) -> None:
    source = house.bring(colour="red")
    old = house.book.connector(source.id)
    current: set[bool] = set()
    after_each_commit(lambda: current.add(house.book.is_current(source.id, old)))

    house.book.change(source.id, options={"colour": "blue"})

    assert current == {False}
