"""Originals: durable, private, whole or absent; and no key that leads out of the store."""

from __future__ import annotations

import errno
import hashlib
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gallery_app.domain.errors import GalleryError, NotFound, OutOfSpace
from gallery_app.storage.local import Incoming, Originals, _inside

HELLO = hashlib.sha256(b"hello").hexdigest()
HELLO_KEY = f"{HELLO[:2]}/{HELLO[2:4]}/{HELLO}"
ODD_KEYS = [
    "",
    "/",
    "..",
    "../../etc/passwd",
    "/etc/passwd",
    "ab/cd/../../../x",
    HELLO,
    HELLO_KEY + "/",
    HELLO_KEY + "\n",
    "/" + HELLO_KEY,
    HELLO_KEY.upper(),
    f"00/00/{HELLO}",
    f"{HELLO[:2]}\\{HELLO[2:4]}\\{HELLO}",
    HELLO_KEY + "\0",
]


@pytest.fixture
def store(tmp_path: Path) -> Originals:
    return _store(tmp_path)


def _store(folder: Path) -> Originals:
    return Originals(folder / "originals", folder / "incoming", folder / "trash")


def _put(store: Originals, data: bytes) -> str:
    with store.receive() as incoming:
        incoming.write(data)
        return incoming.commit()


def _finish(incoming: Incoming) -> str:
    incoming.write(b"hello")
    return incoming.commit()


def _files(folder: Path) -> list[str]:
    return sorted(p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file())


def test_a_committed_original_lies_under_its_hash_byte_for_byte(store: Originals) -> None:
    with store.receive() as incoming:
        incoming.write(b"hel")
        incoming.write(memoryview(b"lo"))
        sha256 = incoming.seal()
        key = incoming.commit()

    assert (sha256, key, incoming.size_bytes) == (HELLO, HELLO_KEY, 5)
    assert store.exists(key)
    assert store.path(key).read_bytes() == b"hello"


def test_an_original_can_be_read_by_its_owner_and_written_by_nobody(
    store: Originals, tmp_path: Path
) -> None:
    path = store.path(_put(store, b"hello"))

    assert path.stat().st_mode & 0o777 == 0o440
    for folder in ("originals", "incoming", "trash", f"originals/{HELLO[:2]}"):
        assert (tmp_path / folder).stat().st_mode & 0o777 == 0o700


def test_an_original_on_its_way_in_is_private(store: Originals) -> None:
    with store.receive() as incoming:
        assert incoming.path.stat().st_mode & 0o777 == 0o600


def test_the_same_bytes_again_give_the_same_key_and_touch_nothing(
    store: Originals, tmp_path: Path
) -> None:
    first = store.path(_put(store, b"hello")).stat()

    again = store.path(_put(store, b"hello")).stat()

    assert (again.st_ino, again.st_mtime_ns) == (first.st_ino, first.st_mtime_ns)
    assert _files(tmp_path) == [f"originals/{HELLO_KEY}"]


@pytest.mark.parametrize("damaged", [b"hel", b"hallo", b""], ids=["shorter", "as long", "empty"])
def test_a_damaged_original_is_set_aside_and_replaced_by_the_right_bytes(
    store: Originals, tmp_path: Path, damaged: bytes
) -> None:
    path = store.path(_put(store, b"hello"))
    path.chmod(0o600)
    path.write_bytes(damaged)

    _put(store, b"hello")

    assert path.read_bytes() == b"hello"
    assert (tmp_path / "trash" / HELLO).read_bytes() == damaged


def test_an_upload_says_whether_it_is_what_put_the_original_there(store: Originals) -> None:
    with store.receive() as first, store.receive() as second:
        keys = [_finish(first), _finish(second), first.commit()]

    assert keys == [HELLO_KEY] * 3
    assert (first.placed, second.placed) == (HELLO_KEY, None)
    assert first.place == second.place == store.path(HELLO_KEY)


def test_leaving_without_commit_leaves_nothing_behind(store: Originals, tmp_path: Path) -> None:
    with store.receive() as incoming:
        incoming.write(b"half of a picture")

    assert _files(tmp_path) == []


def test_an_original_set_aside_keeps_its_bytes_even_twice(store: Originals, tmp_path: Path) -> None:
    for _ in range(2):
        store.set_aside(_put(store, b"hello"))

    assert not store.exists(HELLO_KEY)
    assert _files(tmp_path) == [f"trash/{HELLO}", f"trash/{HELLO}.1"]
    with pytest.raises(NotFound):
        store.set_aside(HELLO_KEY)


def test_all_keys_lists_what_is_here_and_nothing_else(store: Originals, tmp_path: Path) -> None:
    keys = sorted(_put(store, text) for text in (b"a", b"b", b"hello"))
    (tmp_path / "originals" / "notes.txt").write_bytes(b"x")
    (store.path(HELLO_KEY).parent / "copy.jpg").write_bytes(b"x")

    assert list(store.all_keys()) == keys


def test_sweeping_takes_old_uploads_and_leaves_running_ones(
    store: Originals, tmp_path: Path
) -> None:
    with store.receive() as running:
        running.write(b"x")
        left = tmp_path / "incoming" / "left.part"
        left.write_bytes(b"half")
        os.utime(left, (1_000, 1_000))
        (tmp_path / "incoming" / "readme.txt").write_bytes(b"not ours")
        now_s = running.path.stat().st_mtime + 10

        removed = store.sweep(older_than_s=60, now_s=now_s)

        assert removed == 1
        assert running.path.exists()
        assert (tmp_path / "incoming" / "readme.txt").exists()


# --- keys ----------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ODD_KEYS, ids=[repr(k)[:24] for k in ODD_KEYS])
def test_a_key_of_another_form_names_nothing(store: Originals, key: str) -> None:
    assert not store.exists(key)
    with pytest.raises(NotFound):
        store.path(key)


@given(st.text(alphabet=st.sampled_from(list("./\\\0ab01~\n")), max_size=80))
def test_no_key_escapes_the_root(key: str) -> None:
    try:
        path = _inside(Path("/nowhere/originals"), key)
    except NotFound:
        return
    assert Path(os.path.normpath(path)).is_relative_to("/nowhere/originals")


@given(st.binary(min_size=32, max_size=32).map(bytes.hex))
def test_every_hash_has_a_place_two_folders_below_the_root(sha256: str) -> None:
    path = _inside(Path("/nowhere"), f"{sha256[:2]}/{sha256[2:4]}/{sha256}")

    assert path == Path("/nowhere") / sha256[:2] / sha256[2:4] / sha256


# --- faults --------------------------------------------------------------------------------


def _refuse(number: int) -> Callable[..., int]:
    def call(*_: object, **__: object) -> int:
        raise OSError(number, os.strerror(number))

    return call


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
@pytest.mark.parametrize("call", ["write", "fsync", "mkdir"])
def test_a_full_disk_is_said_and_leaves_nothing_behind(
    store: Originals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    incoming = store.receive()

    with monkeypatch.context() as patch:
        patch.setattr(os, call, _refuse(number))
        with pytest.raises(OutOfSpace):
            _finish(incoming)

    assert _files(tmp_path) == []


def test_a_disk_that_fails_otherwise_is_no_full_disk(
    store: Originals, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    incoming = store.receive()

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", _refuse(errno.EIO))
        with pytest.raises(GalleryError) as caught:
            incoming.commit()

    assert not isinstance(caught.value, OutOfSpace)
    assert _files(tmp_path) == []


def test_a_disk_that_takes_a_byte_at_a_time_still_gets_them_all(
    store: Originals, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda fd, data: real(fd, bytes(data[:1])))

    assert store.path(_put(store, b"hello")).read_bytes() == b"hello"


def test_the_file_then_its_name_are_on_the_disk_before_the_key_is_given(
    store: Originals, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    real_fsync, real_replace = os.fsync, os.replace

    def fsync(descriptor: int) -> None:
        name = Path(f"/proc/self/fd/{descriptor}").readlink()
        steps.append("sync file" if name.suffix == ".part" else f"sync {name.name}")
        real_fsync(descriptor)

    def replace(source: Path, target: Path) -> None:
        steps.append("rename")
        real_replace(source, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)

    _put(store, b"hello")

    assert steps == [
        "sync file",
        "sync originals",
        f"sync {HELLO[:2]}",
        "rename",
        f"sync {HELLO[2:4]}",
    ]


_WRITER = """
import random, sys
from pathlib import Path
from gallery_app.storage.local import Originals
folder, seed = Path(sys.argv[1]), int(sys.argv[2])
store = Originals(folder / "originals", folder / "incoming", folder / "trash")
chance = random.Random(seed)
while True:
    with store.receive() as incoming:
        for _ in range(chance.randrange(1, 9)):
            incoming.write(chance.randbytes(65536))
        print(incoming.commit(), flush=True)
"""


@pytest.mark.parametrize("seed", range(6))
def test_kill_9_at_any_point_loses_nothing_acknowledged_and_shows_nothing_partial(
    tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    writer = subprocess.Popen(
        [sys.executable, "-c", _WRITER, str(tmp_path), str(seed)], stdout=subprocess.PIPE, text=True
    )
    assert writer.stdout is not None
    acknowledged = [writer.stdout.readline().strip() for _ in range(chance.randrange(1, 12))]
    for _ in range(chance.randrange(200_000)):
        pass  # some instants later, within the next original
    writer.send_signal(signal.SIGKILL)
    acknowledged += writer.stdout.read().split()
    writer.wait()
    writer.stdout.close()

    store = _store(tmp_path)
    kept = {
        key: hashlib.sha256(store.path(key).read_bytes()).hexdigest() for key in store.all_keys()
    }

    assert set(acknowledged) <= set(kept)
    assert all(key.endswith(sha256) for key, sha256 in kept.items())
    store.sweep(older_than_s=0, now_s=float(1 << 40))
    assert _files(tmp_path / "incoming") == []
