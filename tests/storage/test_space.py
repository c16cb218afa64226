"""When the gallery stops filling a disk."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import NamedTuple

import pytest

from gallery_app.domain.errors import GalleryError, OutOfSpace
from gallery_app.storage.space import require_space, reserve_bytes, space

GIB = 1 << 30


class Usage(NamedTuple):
    total: int
    used: int
    free: int


@pytest.mark.parametrize(
    ("total", "reserve"),
    [(4_000 * GIB, GIB), (50 * GIB, GIB), (10 * GIB, GIB // 5), (100_000_000, 2_000_000)],
    ids=["a large disk keeps 1 GiB", "where 2 % are 1 GiB", "a card keeps 2 %", "a tmpfs too"],
)
def test_the_reserve(total: int, reserve: int) -> None:
    assert reserve_bytes(total) == reserve


def test_the_reserve_can_be_set() -> None:
    assert reserve_bytes(4_000 * GIB, min_free_bytes=5) == 5


def test_the_room_of_a_real_disk_is_known(tmp_path: Path) -> None:
    room = space(tmp_path)

    assert 0 < room.free_bytes <= room.total_bytes


def test_a_folder_that_is_not_there_has_no_room(tmp_path: Path) -> None:
    with pytest.raises(GalleryError):
        space(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("free", "wanted", "fits"),
    [(GIB, 0, True), (GIB - 1, 0, False), (GIB + 9, 9, True), (GIB + 9, 10, False)],
)
def test_bytes_are_taken_while_the_reserve_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, wanted: int, *, fits: bool
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: Usage(4_000 * GIB, 0, free))

    if fits:
        require_space(tmp_path, for_bytes=wanted)
    else:
        with pytest.raises(OutOfSpace):
            require_space(tmp_path, for_bytes=wanted)
