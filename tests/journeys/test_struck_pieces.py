"""`kill -9` while a large change is written in pieces: the next start writes it to its end."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gallery_app.catalog.unfinished import PIECE
from gallery_app.domain.entities import EntityRef
from gallery_app.domain.model import SourceId
from tests.catalog.shelf import Shelf, attachment, image
from tests.journeys.struck_pieces import BETWEEN, WITHIN, strike
from tests.journeys.whole import Whole, until

MANY = 3 * PIECE + 7
NOVA = EntityRef("company", "8", "Super Nova")


@pytest.mark.slow
@pytest.mark.parametrize("place", [BETWEEN, WITHIN])
@pytest.mark.parametrize("change", ["keep", "drop", "restore", "rename"])
def test_the_next_start_writes_a_large_change_to_its_end(
    tmp_path: Path, change: str, place: str
) -> None:
    index = tmp_path / "data" / "gallery.db"
    index.parent.mkdir()
    desk, live = _fill(index.parent, removed=change == "restore")

    strike(index, desk, change, place)
    ((_, after),) = _unfinished(index)
    assert after, "not even its first piece was written"
    whole = Whole(tmp_path)
    try:
        until(lambda: not _unfinished(index), saying=lambda: str(_unfinished(index)))
    finally:
        whole.close()

    shelf = Shelf(index.parent)
    everyone = [asset.id for asset in shelf.all()]
    assert len(everyone) == live
    shown = shelf.find()
    if change == "rename":
        assert shelf.find(q="mega") == shelf.find(company="mega") == shown == everyone
        assert shelf.find(q="nova") == []
    elif change == "restore":
        assert shown == everyone
    else:
        stored = [asset.id for asset in shelf.all() if asset.stored]
        trashed = [asset.id for asset in shelf.all() if asset.trashed_at is not None]
        assert shown == (stored if change == "keep" else [])
        assert trashed == (stored if change == "drop" else [])
    shelf.catalog.close()


def _fill(data: Path, *, removed: bool) -> tuple[SourceId, int]:
    """Very many pictures of one company, some of them copied, at a desk nobody asks anything."""
    shelf = Shelf(data)
    desk = shelf.desk()
    shelf.hear(desk, *(image(f"ticket/1/file/{n:04}", entities=(NOVA,)) for n in range(MANY)))
    for number, digit in ((3, "a"), (PIECE + 3, "b"), (2 * PIECE + 3, "c")):
        shelf.fetch(desk, attachment(f"ticket/1/file/{number:04}x", entities=(NOVA,)), digit)
    shelf.catalog.remotes.configure(desk, paused=True)
    if removed:
        shelf.catalog.sources.remove(desk, shelf.now(), keep=False)
    count = len(shelf.all())
    shelf.catalog.close()
    return desk, count


def _unfinished(index: Path) -> list[tuple[str, str]]:
    """What is left to be written in pieces, as the index on disk has it, and how far it came."""
    with closing(sqlite3.connect(f"file:{index}?mode=ro", uri=True, timeout=5)) as connection:
        return connection.execute("SELECT kind, after FROM unfinished").fetchall()
