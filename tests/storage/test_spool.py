"""What passes through is kept while there is room; the oldest go first."""

from __future__ import annotations

from pathlib import Path

import pytest

from gallery_app.domain.errors import NotFound, TooLarge
from gallery_app.storage.spool import Spool, spool_bytes


def _name(number: int) -> str:
    return f"{number:064x}"


def _put(spool: Spool, number: int, size: int = 100) -> Path:
    with spool.receive(_name(number), limit_bytes=10_000) as passing:
        passing.write(b"x" * size)
        return passing.keep()


@pytest.fixture
def spool(tmp_path: Path) -> Spool:
    return Spool(tmp_path / "spool", limit_bytes=300)


def test_what_was_kept_is_found(spool: Spool) -> None:
    path = _put(spool, 1)

    assert spool.find(_name(1)) == path
    assert path.read_bytes() == b"x" * 100


def test_the_least_recently_used_makes_room(spool: Spool) -> None:
    for number in (1, 2, 3):
        _put(spool, number)
    spool.find(_name(1))

    _put(spool, 4)

    assert spool.find(_name(2)) is None
    assert spool.find(_name(1)) is not None
    assert spool.total_bytes() <= 300


def test_a_file_larger_than_the_room_is_there_alone(spool: Spool) -> None:
    _put(spool, 1)

    _put(spool, 2, size=5_000)

    assert spool.find(_name(1)) is None
    assert spool.find(_name(2)) is not None


def test_nothing_is_left_of_a_file_that_was_not_kept(spool: Spool, tmp_path: Path) -> None:
    with spool.receive(_name(1), limit_bytes=100) as passing:
        passing.write(b"x")

    assert spool.find(_name(1)) is None
    assert list((tmp_path / "spool").iterdir()) == []


def test_more_than_the_limit_is_refused(spool: Spool) -> None:
    with (
        pytest.raises(TooLarge) as refused,
        spool.receive(_name(1), limit_bytes=10) as passing,
    ):
        passing.write(b"x" * 11)

    assert refused.value.limit_bytes == 10
    assert spool.find(_name(1)) is None


def test_a_new_run_begins_empty(tmp_path: Path) -> None:
    root = tmp_path / "spool"
    held = _put(Spool(root, limit_bytes=300), 1)
    held.write_bytes(b"")  # as a power loss may leave it
    (root / "half.part").write_bytes(b"x")
    (root / "notes.txt").write_bytes(b"not ours")

    again = Spool(root, limit_bytes=300)

    assert again.find(_name(1)) is None
    assert [path.name for path in root.iterdir()] == ["notes.txt"]


def test_what_is_lent_stays_until_it_is_given_back(spool: Spool) -> None:
    first = _put(spool, 1)
    held = [first, spool.find(_name(1))]
    del first

    _put(spool, 2, size=300)
    assert held.pop() is not None
    _put(spool, 3, size=300)
    assert held[0] is not None
    assert held[0].read_bytes() == b"x" * 100
    held.clear()
    _put(spool, 4, size=300)

    assert spool.find(_name(1)) is None
    assert spool.total_bytes() == 300


def test_a_file_is_lent_before_others_come(spool: Spool) -> None:
    paths = [_put(spool, number, size=300) for number in range(5)]

    assert all(path.is_file() for path in paths)


def test_a_path_may_be_let_go_of_while_the_spool_is_at_work(spool: Spool) -> None:
    path = _put(spool, 1)

    with spool._lock:
        del path

    _put(spool, 2, size=300)
    assert spool.find(_name(1)) is None


def test_a_file_deleted_by_hand_is_not_found(spool: Spool) -> None:
    _put(spool, 1).unlink()

    assert spool.find(_name(1)) is None
    assert spool.total_bytes() == 0


@pytest.mark.parametrize("name", ["", "..", "../" + "0" * 61, "A" * 64, "0" * 65])
def test_a_name_of_another_form_names_nothing(spool: Spool, name: str) -> None:
    with pytest.raises(NotFound):
        spool.find(name)


def test_a_small_disk_gives_less_room() -> None:
    assert spool_bytes(10**9) == 10**8
    assert spool_bytes(10**13) == 2 * 10**9
