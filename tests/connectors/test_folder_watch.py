"""Events name dirty folders: whatever happens to a file, its folder is looked at again."""

from __future__ import annotations

import errno
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from watchdog.observers.inotify_c import InotifyEvent, InotifyFD, Mask, WatchDescriptor

from gallery_app.connectors import folder_watch
from gallery_app.connectors.folder_watch import FolderWatch

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="speaks to inotify")


class Heard:
    """Collects dirty folders and waits for one, without a fixed time."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._changed = threading.Condition()
        self._keys: list[str] = []

    def __call__(self, folder: Path) -> None:
        with self._changed:
            self._keys.append(folder.relative_to(self._root).as_posix())
            self._changed.notify_all()

    def has(self, *keys: str) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: set(keys) <= set(self._keys), timeout=60)

    def forget(self) -> None:
        with self._changed:
            self._keys.clear()

    def all(self) -> set[str]:
        with self._changed:
            return set(self._keys)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "a" / "old.jpg").write_bytes(b"x")
    return folder


@pytest.fixture
def heard(root: Path) -> Heard:
    return Heard(root)


@pytest.fixture
def watch(root: Path, heard: Heard) -> Iterator[FolderWatch]:
    watch = FolderWatch(heard)
    watch.watch(root)
    yield watch
    watch.close()


def _copy_in_slowly(folder: Path) -> None:
    with (folder / "a" / "b" / "new.jpg").open("wb") as file:
        file.write(b"x")


def _rename_into_place(folder: Path) -> None:
    (folder.parent / "outside.jpg").write_bytes(b"x")
    (folder.parent / "outside.jpg").rename(folder / "a" / "b" / "new.jpg")


@pytest.mark.parametrize(
    ("act", "dirty"),
    [
        (_copy_in_slowly, ["a/b"]),
        (_rename_into_place, ["a/b"]),
        (lambda f: (f / "top.jpg").write_bytes(b"x"), ["."]),
        (lambda f: (f / "a/old.jpg").write_bytes(b"longer"), ["a"]),
        (lambda f: os.utime(f / "a/old.jpg", (1, 1)), ["a"]),
        (lambda f: (f / "a").chmod(0o700), ["a"]),
        (lambda f: (f / "a/old.jpg").unlink(), ["a"]),
        (lambda f: (f / "a/old.jpg").rename(f / "a/b/old.jpg"), ["a", "a/b"]),
        (lambda f: os.link(f / "a/old.jpg", f / "a/b/hard.jpg"), ["a/b"]),
        (lambda f: (f / "a").rename(f / "z"), ["a", "z", "z/b"]),
        (lambda f: shutil.rmtree(f / "a/b"), ["a/b"]),
        (lambda f: (f / "a").rename(f.parent / "out"), ["a"]),
    ],
    ids=[
        "written", "renamed into place", "in the root itself", "changed", "touched",
        "its folder made readable", "deleted", "moved", "linked",
        "its folder renamed", "its folder deleted", "its folder moved away",
    ],
)  # fmt: skip
def test_the_folder_of_a_file_is_dirty_when_the_file_is(
    watch: FolderWatch, root: Path, heard: Heard, act: Callable[[Path], object], dirty: list[str]
) -> None:
    act(root)

    assert heard.has(*dirty), heard.all()


def test_folders_made_a_moment_ago_are_watched_too(
    watch: FolderWatch, root: Path, heard: Heard
) -> None:
    (root / "n" / "e" / "w").mkdir(parents=True)
    assert heard.has("n", "n/e", "n/e/w")
    heard.forget()

    (root / "n" / "e" / "w" / "new.jpg").write_bytes(b"x")

    assert heard.has("n/e/w")


def test_many_folders_made_at_once_raise_no_warning_and_are_all_heard(
    watch: FolderWatch, root: Path, heard: Heard
) -> None:
    for number in range(60):
        (root / f"n{number}" / "x").mkdir(parents=True)
        (root / f"n{number}" / "x" / "new.jpg").write_bytes(b"x")

    assert heard.has(*(f"n{number}/x" for number in range(60)))


def test_reading_and_unfinished_files_are_not_heard(
    watch: FolderWatch, root: Path, heard: Heard
) -> None:
    (root / "a" / "old.jpg").read_bytes()
    (root / "a" / ".hidden").write_bytes(b"x")
    (root / "a" / "film.mp4.part").write_bytes(b"x")
    (root / "a" / "@eaDir").mkdir()
    (root / "a" / "@eaDir" / "thumb.jpg").write_bytes(b"x")
    (root / "a" / "b" / "last.jpg").write_bytes(b"x")

    assert heard.has("a/b")
    assert heard.all() == {"a/b"}


def test_the_right_folder_is_named_when_several_are_watched(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    heard = Heard(tmp_path)
    watch = FolderWatch(heard)
    watch.watch(tmp_path / "one")
    watch.watch(tmp_path / "two")
    watch.watch(tmp_path / "two")
    watch.unwatch(tmp_path / "one")

    (tmp_path / "one" / "a.jpg").write_bytes(b"x")
    (tmp_path / "two" / "a.jpg").write_bytes(b"x")

    assert heard.has("two")
    watch.close()
    assert heard.all() == {"two"}


def test_a_root_that_is_deleted_is_dirty_and_can_be_let_go(
    watch: FolderWatch, root: Path, heard: Heard
) -> None:
    shutil.rmtree(root)

    assert heard.has(".")
    watch.unwatch(root)
    watch.unwatch(root)


# --- where events are not enough -----------------------------------------------------------


def test_enough_watches_are_no_complaint(watch: FolderWatch) -> None:
    assert watch.degraded is None


def test_more_folders_than_the_system_watches_are_said_with_the_remedy(
    root: Path, heard: Heard
) -> None:
    watch = FolderWatch(heard, watch_limit=2)
    watch.watch(root)

    assert watch.degraded is not None
    assert "sudo sysctl fs.inotify.max_user_watches=8" in watch.degraded
    watch.unwatch(root)
    assert watch.degraded is None
    watch.close()


def test_a_folder_the_system_refused_to_watch_is_said(
    root: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = InotifyFD._get_or_create_watch

    def refuse(self: InotifyFD, path: bytes, mask: Mask) -> object:
        if path.endswith(b"/b"):
            raise OSError(errno.ENOSPC, "inotify watch limit reached")
        return real(self, path, mask)

    monkeypatch.setattr(InotifyFD, "_get_or_create_watch", refuse)
    watch = FolderWatch(heard, watch_limit=1_000)
    watch.watch(root)

    assert watch.degraded is not None
    assert "sysctl" in watch.degraded
    watch.close()


def test_a_root_that_cannot_be_watched_is_said_and_does_not_raise(
    tmp_path: Path, heard: Heard
) -> None:
    watch = FolderWatch(heard)

    watch.watch(tmp_path / "nowhere")

    assert watch.degraded == "nowhere cannot be watched. Changes there are found by the next scan."
    watch.close()


def test_a_network_share_is_said(
    root: Path, heard: Heard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"dev / ext4 rw 0 0\nnas:/p {root} nfs4 rw 0 0\n")
    monkeypatch.setattr(folder_watch, "_MOUNTS", mounts)
    watch = FolderWatch(heard)
    watch.watch(root)

    assert watch.degraded is not None
    assert "network share" in watch.degraded
    watch.close()


def test_after_lost_events_every_root_is_dirty(root: Path, heard: Heard) -> None:
    watch = FolderWatch(heard)
    watch.watch(root)
    observer = watch._observer
    assert isinstance(observer, folder_watch._Observer)
    heard.forget()

    overflow = InotifyEvent(WatchDescriptor(-1), Mask(0x4000), 0, b"")
    observer._queue.handle_event(overflow)

    assert heard.has(".")
    (root / "a" / "after.jpg").write_bytes(b"x")
    assert heard.has("a")
    watch.close()


def test_a_root_that_was_taken_away_and_put_back_is_heard_once_watched_anew(
    root: Path, heard: Heard
) -> None:
    watch = FolderWatch(heard)
    watch.watch(root)
    shutil.rmtree(root)
    root.mkdir()

    watch.unwatch(root)
    watch.watch(root)
    heard.forget()
    (root / "new").mkdir()

    assert heard.has("new")
    watch.close()
