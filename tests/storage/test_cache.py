"""The cache: whole or absent, deletable at any time, and no key that leads out of it."""

from __future__ import annotations

import errno
import os
import shutil
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gallery_app.domain.errors import NotFound, OutOfSpace
from gallery_app.domain.model import Sha256
from gallery_app.domain.renditions import RENDITIONS
from gallery_app.storage.local import Cache

KEY = RENDITIONS["small"].key(Sha256("ab" * 32))


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def _files(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_what_was_put_is_got_back(cache: Cache) -> None:
    cache.put(KEY, b"one")
    cache.put(KEY, b"two")

    assert cache.get(KEY) == b"two"


def test_nothing_is_an_answer(cache: Cache) -> None:
    assert cache.get(KEY) is None


def test_a_deleted_rendition_is_gone_and_may_be_deleted_again(cache: Cache) -> None:
    cache.put(KEY, b"one")

    cache.delete(KEY)
    cache.delete(KEY)

    assert cache.get(KEY) is None


def test_the_cache_may_be_deleted_while_it_is_used(cache: Cache, tmp_path: Path) -> None:
    cache.put(KEY, b"one")
    shutil.rmtree(tmp_path / "cache")

    assert cache.get(KEY) is None
    cache.put(KEY, b"two")

    assert cache.get(KEY) == b"two"


def test_files_of_the_cache_are_private(cache: Cache, tmp_path: Path) -> None:
    cache.put(KEY, b"one")

    assert (tmp_path / "cache" / KEY).stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "cache").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_said_and_keeps_the_old_bytes_alone(
    cache: Cache, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    cache.put(KEY, b"one")
    real, calls = os.write, iter(range(9))

    def write(descriptor: int, data: bytes) -> int:
        if next(calls) == 0:
            return real(descriptor, data[:1])
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", write)
        with pytest.raises(OutOfSpace):
            cache.put(KEY, b"two")

    assert cache.get(KEY) == b"one"
    assert _files(tmp_path / "cache") == [KEY]


def test_a_file_that_cannot_be_read_is_as_good_as_none(cache: Cache, tmp_path: Path) -> None:
    (tmp_path / "cache" / KEY).mkdir(parents=True)

    assert cache.get(KEY) is None


def test_readers_never_see_a_part(cache: Cache) -> None:
    texts = [bytes([letter]) * 200_000 for letter in b"abcd"]
    cache.put(KEY, texts[0])
    seen: set[bytes | None] = set()

    def write() -> None:
        for number in range(40):
            cache.put(KEY, texts[number % 4])

    writers = [threading.Thread(target=write) for _ in range(3)]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        seen.add(cache.get(KEY))
    for writer in writers:
        writer.join()

    assert seen <= set(texts)


def test_sweeping_takes_what_writers_left_half_way(cache: Cache, tmp_path: Path) -> None:
    cache.put(KEY, b"one")
    left = tmp_path / "cache" / ".tmp" / "1-1.tmp"
    left.write_bytes(b"half")
    age_from = left.stat().st_mtime

    assert cache.sweep(older_than_s=60, now_s=age_from + 59) == 0
    assert cache.sweep(older_than_s=60, now_s=age_from + 60) == 1
    assert _files(tmp_path / "cache") == [KEY]


def test_what_a_killed_writer_left_is_in_nobodys_way(cache: Cache, tmp_path: Path) -> None:
    temps = tmp_path / "cache" / ".tmp"
    cache.put(KEY, b"one")
    for number in range(9):
        (temps / f"{os.getpid()}-{number}.tmp").write_bytes(b"half")

    cache.put(KEY, b"two")
    Cache(tmp_path / "cache").put(KEY, b"three")

    assert cache.get(KEY) == b"three"
    assert cache.sweep(older_than_s=0, now_s=float("inf")) == 9


@pytest.mark.parametrize(
    "key", ["", "..", "../x", "/etc/passwd", "a/../b", "a//b", "a/b/", ".tmp/1", "a\0", "a\n", "Ä"]
)
def test_a_key_of_another_form_is_refused(cache: Cache, key: str) -> None:
    with pytest.raises(NotFound):
        cache.get(key)
    with pytest.raises(NotFound):
        cache.put(key, b"x")
    with pytest.raises(NotFound):
        cache.delete(key)


@given(st.text(alphabet=st.sampled_from(list("./\\\0ab01~\n\u2024")), max_size=40))
def test_no_key_escapes_the_root(key: str) -> None:
    cache = Cache(Path("/nowhere/cache"))

    try:
        path = cache._file(key)
    except NotFound:
        return
    assert Path(os.path.normpath(path)).is_relative_to("/nowhere/cache")
    assert path == os.path.normpath(path)
