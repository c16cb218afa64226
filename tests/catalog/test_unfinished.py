"""Changes of very many pictures: in pieces, others between, and whole in the end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from typing import Any

import pytest

from gallery_app.catalog import catalog
from gallery_app.catalog.unfinished import PIECE
from gallery_app.domain.entities import EntityRef
from gallery_app.domain.errors import OutOfSpace
from gallery_app.domain.model import SourceId
from tests.catalog.shelf import START, Shelf, attachment, image

MANY = 2 * PIECE + 7
WORDS = [
    ("drop",),
    ("keep",),
    *product(("drop", "keep"), ("restore",)),
    *product(("drop", "keep"), ("restore",), ("drop", "keep")),
    ("drop", "keep"),
    ("keep", "drop"),
]
NOVA = EntityRef("company", "8", "Super Nova")


class Killed(BaseException):
    """The program is ended here."""


def _kill_after(shelf: Shelf, pieces: int, act: Callable[[], object]) -> None:
    """Do it, but for what comes after so many pieces; the program starts again."""
    left = [pieces]

    def rest() -> None:
        left[0] -= 1
        if not left[0]:
            raise Killed

    shelf.catalog._rest = rest
    with pytest.raises(Killed):
        act()
    shelf.reopen()


def _say(shelf: Shelf, source: SourceId, word: str, pieces: int | None) -> None:
    """Have the source removed or restored; but for what comes after so many pieces."""
    sources = shelf.catalog.sources

    def act() -> None:
        if word == "restore":
            sources.restore(source)
        else:
            sources.remove(source, shelf.now(), keep=word == "keep")

    if pieces is None:
        act()
    else:
        _kill_after(shelf, pieces, act)
    shelf.wait(60)


def _catch_up(shelf: Shelf) -> int:
    pieces = 0
    while shelf.catalog.catch_up():
        pieces += 1
    return pieces


@pytest.fixture
def desk(shelf: Shelf) -> SourceId:
    """Many pictures of one company, a few of them copied and one in a folder too."""
    desk = shelf.desk()
    listed = [image(f"ticket/1/file/{n:04}", entities=(NOVA,)) for n in range(MANY)]
    shelf.hear(desk, *listed)
    for number, digit in ((3, "a"), (PIECE + 3, "b"), (2 * PIECE + 3, "c")):
        shelf.fetch(desk, attachment(f"ticket/2/file/{number:04}", entities=(NOVA,)), digit)
    shared = shelf.fetch(desk, attachment("ticket/2/file/9999"), "d")
    shelf.offer(shared, "d.jpg")
    shelf.wait(60)
    return desk


class TestRemoving:
    @pytest.mark.parametrize("keep", [True, False], ids=["keep", "drop"])
    @pytest.mark.parametrize("pieces", [1, 2])
    def test_goes_on_where_the_program_was_ended(
        self, shelf: Shelf, desk: SourceId, keep: bool, pieces: int
    ) -> None:
        at = shelf.now()

        _kill_after(shelf, pieces, lambda: shelf.catalog.sources.remove(desk, at, keep=keep))
        assert 0 < sum(asset.live for asset in shelf.all()) < len(shelf.all())
        assert _catch_up(shelf) == 3 - pieces

        assert sum(asset.live for asset in shelf.all()) == (4 if keep else 1)
        copied = [asset for asset in shelf.all() if asset.stored and len(asset.occurrences) == 1]
        assert [asset.trashed_at for asset in copied] == [None if keep else at] * 3
        assert {o.gone_at for a in shelf.all() for o in a.occurrences if o.source_id == desk} == {
            at
        }

    @pytest.mark.parametrize("keep", [True, False], ids=["keep", "drop"])
    def test_is_undone_whole_where_it_had_come(
        self, shelf: Shelf, desk: SourceId, keep: bool
    ) -> None:
        before = shelf.all()
        remove = shelf.catalog.sources.remove

        _kill_after(shelf, 2, lambda: remove(desk, shelf.now(), keep=keep))
        shelf.wait(60)
        shelf.catalog.sources.restore(desk)

        assert shelf.all() == before
        assert not shelf.catalog.catch_up()

    def test_while_it_comes_back_takes_what_was_not_back_yet(
        self, shelf: Shelf, desk: SourceId
    ) -> None:
        before = shelf.all()
        shelf.catalog.sources.remove(desk, shelf.now(), keep=False)
        shelf.wait(60)

        _kill_after(shelf, 1, lambda: shelf.catalog.sources.restore(desk))
        shelf.wait(60)
        shelf.catalog.sources.remove(desk, shelf.now(), keep=False)
        assert sum(asset.live for asset in shelf.all()) == 1
        shelf.wait(60)
        shelf.catalog.sources.restore(desk)

        assert shelf.all() == before

    def test_again_changes_nothing(self, shelf: Shelf, desk: SourceId) -> None:
        before = shelf.all()

        for _ in range(2):
            shelf.catalog.sources.remove(desk, shelf.now(), keep=False)
            shelf.wait(60)
        shelf.catalog.sources.restore(desk)

        assert shelf.all() == before

    @pytest.mark.parametrize("last", ["keep", "drop", "restore"])
    @pytest.mark.parametrize("words", WORDS, ids=" ".join)
    @pytest.mark.parametrize("pieces", [1, None], ids=["begun", "done"])
    def test_ends_as_the_last_word_says(
        self, shelf: Shelf, desk: SourceId, words: Sequence[str], last: str, pieces: int | None
    ) -> None:
        before = shelf.all()

        for word in words:
            _say(shelf, desk, word, pieces)
        _say(shelf, desk, last, None)
        _catch_up(shelf)

        if last == "restore":
            assert shelf.all() == before
            return
        live = [asset for asset in shelf.all() if asset.live]
        assert len(live) == (4 if last == "keep" else 1)
        assert all(o.gone_at for a in shelf.all() for o in a.occurrences if o.source_id == desk)
        _say(shelf, desk, "restore", None)
        assert shelf.all() == before

    def test_comes_back_as_a_sync_meanwhile_tells(self, shelf: Shelf, desk: SourceId) -> None:
        before = shelf.find()
        copied, lost = f"ticket/2/file/{PIECE + 3:04}", f"ticket/1/file/{MANY - 1:04}"
        shelf.catalog.sources.remove(desk, shelf.now(), keep=False)
        shelf.wait(60)

        _kill_after(shelf, 1, lambda: shelf.catalog.sources.restore(desk))
        shelf.hear(desk, attachment(copied, entities=(NOVA,)), copies=True)
        with shelf.catalog.write() as writer:
            writer.lose_remote(desk, [lost], at=shelf.now())
        _catch_up(shelf)

        gone = shelf.row(desk, lost).asset_id
        assert shelf.find() == [asset_id for asset_id in before if asset_id != gone]
        assert [asset.id for asset in shelf.all() if not asset.live] == [gone]

    def test_lets_others_write_between(self, shelf: Shelf, desk: SourceId) -> None:
        written: list[object] = []

        def rest() -> None:
            with ThreadPoolExecutor(1) as pool:
                state = shelf.catalog.sources.set_state
                written.append(pool.submit(state, desk, "online").result(60))

        shelf.catalog._rest = rest
        shelf.catalog.sources.remove(desk, START)

        assert written == [None] * 3

    def test_says_when_it_is_left_before_the_first_piece(
        self, shelf: Shelf, desk: SourceId
    ) -> None:
        live: list[int] = []

        def then() -> None:
            left = shelf.catalog.sources.get(desk)
            assert left is not None
            assert left.removed_at is not None
            live.append(sum(asset.live for asset in shelf.all()))

        shelf.catalog.sources.remove(desk, START, then=then)

        assert live == [MANY + 4]
        assert sum(asset.live for asset in shelf.all()) == 4


class TestFailing:
    @pytest.fixture
    def failing(self, monkeypatch: pytest.MonkeyPatch) -> dict[str, Exception]:
        """What the pieces of a kind fail with, by kind."""
        errors: dict[str, Exception] = {}
        for kind, write in catalog._PIECES.items():

            def piece(*args: Any, kind: str = kind, write: Any = write) -> str | None:
                if kind in errors:
                    raise errors[kind]
                found: str | None = write(*args)
                return found

            monkeypatch.setitem(catalog._PIECES, kind, piece)
        return errors

    @pytest.mark.parametrize("error", [OutOfSpace(), KeyError("at")], ids=["full", "a fault"])
    def test_one_lets_those_behind_it_go_on(
        self, shelf: Shelf, desk: SourceId, failing: dict[str, Exception], error: Exception,
        caplog: pytest.LogCaptureFixture,
    ) -> None:  # fmt: skip
        everyone = shelf.find(company="super nova")
        failing["remove"] = error

        shelf.catalog.sources.remove(shelf.photos(), shelf.now())
        with shelf.catalog.write() as writer:
            writer.name_entities(desk, [EntityRef("company", "8", "Mega")])

        assert shelf.find(q="mega") == everyone
        assert "remove" in caplog.text
        assert not shelf.catalog.catch_up()

    def test_one_is_tried_again_later(
        self, shelf: Shelf, desk: SourceId, failing: dict[str, Exception]
    ) -> None:
        failing["remove"] = OutOfSpace()
        shelf.catalog.sources.remove(desk, shelf.now())
        del failing["remove"]

        assert not shelf.catalog.catch_up()
        shelf.wait(catalog.AGAIN_S)
        assert _catch_up(shelf) == 3

        assert sum(asset.live for asset in shelf.all()) == 4

    def test_one_that_is_asked_for_again_is_tried_at_once(
        self, shelf: Shelf, desk: SourceId, failing: dict[str, Exception]
    ) -> None:
        failing["remove"] = OutOfSpace()
        shelf.catalog.sources.remove(desk, shelf.now())
        del failing["remove"]

        shelf.catalog.sources.remove(desk, shelf.now(), keep=False)

        assert sum(asset.live for asset in shelf.all()) == 1


class TestRenaming:
    def test_goes_on_where_the_program_was_ended(self, shelf: Shelf, desk: SourceId) -> None:
        everyone = shelf.find(company="super nova")

        def rename() -> None:
            with shelf.catalog.write() as writer:
                writer.name_entities(desk, [EntityRef("company", "8", "Mega")])

        _kill_after(shelf, 1, rename)
        assert shelf.find(company="mega") == everyone
        assert 0 < len(shelf.find(q="mega")) < len(everyone)
        assert _catch_up(shelf) == 2

        assert shelf.find(q="mega") == everyone
        assert shelf.find(q="nova") == []

    def test_again_meanwhile_begins_anew(self, shelf: Shelf, desk: SourceId) -> None:
        everyone = shelf.find(company="super nova")

        def rename(name: str) -> None:
            with shelf.catalog.write() as writer:
                writer.name_entities(desk, [EntityRef("company", "8", name)])

        _kill_after(shelf, 2, lambda: rename("Mega"))
        rename("Giga")

        assert shelf.find(q="giga") == everyone
        assert shelf.find(q="mega") == []
