"""What a scan does not take for granted: that a file is the same, that workers answer."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any

import pytest

from tests.pictures import make_picture
from tests.services.house import House


def _photo(seed: int) -> bytes:
    return make_picture(f"64x48 jpeg, noise seed {seed}")


class TestWhatCannotBeTrusted:
    def test_a_file_put_in_anothers_place_with_its_size_and_time_is_read_anew(
        self, house: House
    ) -> None:
        old = house.put("a.bmp", make_picture("64x48 bmp, noise seed 1"))
        house.scan()
        before = house.only()
        stat = old.stat()
        new = house.put("b.bmp", make_picture("64x48 bmp, noise seed 2"))
        assert new.stat().st_size == stat.st_size
        os.utime(new, ns=(stat.st_atime_ns, stat.st_mtime_ns))

        new.replace(old)
        tally = house.scanning.scan(house.watch())

        assert tally.unchanged == 0
        assert tally.found == 1
        assert house.only().uid == before.uid

    def test_new_inodes_for_all_cost_one_more_look_and_lose_nothing(self, house: House) -> None:
        path = house.put("a.jpg", _photo(1))
        house.scan()
        before = house.only()
        stat = path.stat()
        copy = path.with_name("copy")
        shutil.copy2(path, copy)
        copy.replace(path)
        os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))

        house.scan()
        again = house.scanning.scan(house.watch())

        assert house.only().uid == before.uid
        assert again.unchanged == 1

    def test_workers_that_never_answer_do_not_hold_the_scan(
        self, house: House, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        house.put("a.jpg", _photo(1))
        waits: list[float | None] = []

        class Silent(Future[Any]):
            def result(self, timeout: float | None = None) -> Any:
                waits.append(timeout)
                raise FutureTimeout

        with monkeypatch.context() as stuck:
            stuck.setattr(house.pool, "describe", lambda *_a, **_k: Silent())
            tally = house.scanning.scan(house.watch())

        after = house.scanning.scan(house.watch())

        assert waits == [80.0]
        assert [key for key, _ in tally.problems] == ["a.jpg"]
        assert after.found == 1
        assert house.only().filename == "a.jpg"
