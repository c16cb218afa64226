"""The shelf keeps the last files, newest first, and is made again when somebody deletes it."""

from __future__ import annotations

import os
import shutil
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from gallery_app.domain.errors import Conflict, NotFound
from gallery_app.storage.shelf import Shelf

AT = datetime(2026, 11, 20, 12, 0, tzinfo=timezone.utc)


def test_the_newest_comes_first_whatever_its_name(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "frames", most=5)

    shelf.put("zz.jpg", b"one", at=AT)
    shelf.put("aa.jpg", b"three", at=AT + timedelta(seconds=2))
    shelf.put("mm.jpg", b"22", at=AT + timedelta(seconds=1))

    assert [(s.name, s.size_bytes) for s in shelf.list()] == [
        ("aa.jpg", 5), ("mm.jpg", 2), ("zz.jpg", 3),
    ]  # fmt: skip
    assert shelf.list()[0].at == AT + timedelta(seconds=2)
    assert shelf.get("mm.jpg") == b"22"


def test_a_file_that_is_being_written_is_not_there_yet(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, most=3)
    shelf.put("a.jpg", b"whole", at=AT)

    (tmp_path / "tmp0a1b2c3d.tmp").write_bytes(b"ha")

    assert [s.name for s in shelf.list()] == ["a.jpg"]


def test_halves_of_an_earlier_run_are_deleted(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, most=3)
    old, new = tmp_path / "tmp0a1b2c3d.tmp", tmp_path / "tmp_a1b2c3e.tmp"
    for half, age in ((old, timedelta(hours=2)), (new, timedelta(seconds=2))):
        half.write_bytes(b"ha")
        at = (AT - age).timestamp()
        os.utime(half, (at, at))

    shelf.put("a.jpg", b"whole", at=AT)

    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.jpg", new.name]


def test_the_oldest_are_deleted(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "frames", most=3)

    for number in range(6):
        shelf.put(f"{number}.jpg", b"x", at=AT + timedelta(seconds=number))

    assert [s.name for s in shelf.list()] == ["5.jpg", "4.jpg", "3.jpg"]


def test_a_deleted_folder_is_made_again(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "frames", most=3)
    shelf.put("a.jpg", b"x", at=AT)

    shutil.rmtree(tmp_path / "frames")

    assert shelf.list() == []
    assert shelf.get("a.jpg") is None
    shelf.put("b.jpg", b"y", at=AT)
    assert shelf.get("b.jpg") == b"y"


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "frames").write_text("a file in its place")
    shelf = Shelf(tmp_path / "frames", most=3)

    with pytest.raises(Conflict, match=r"frames.* cannot be written"):
        shelf.put("a.jpg", b"x", at=AT)


def test_foreign_files_are_left_alone(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, most=1)
    (tmp_path / "My Notes.txt").write_text("mine")

    shelf.put("a.jpg", b"x", at=AT)
    shelf.put("b.jpg", b"x", at=AT + timedelta(seconds=1))

    assert sorted(path.name for path in tmp_path.iterdir()) == ["My Notes.txt", "b.jpg"]


@pytest.mark.parametrize("name", ["../a.jpg", "a/b.jpg", "", "A.jpg", ".jpg", "a"])
def test_a_name_never_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    shelf = Shelf(tmp_path, most=1)

    with pytest.raises(NotFound):
        shelf.put(name, b"x", at=AT)
    with pytest.raises(NotFound):
        shelf.get(name)
