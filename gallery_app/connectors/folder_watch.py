"""Events of the file system as hints: they only say in which folder to look again.

The only importer of watchdog. Whatever happened to a file (created, written, closed, moved,
deleted) its folder is dirty; what happened to a folder makes that folder dirty too. Events can
be lost (queue overflow, watch limit, network shares), which `degraded` says and the periodic
walk heals.
"""

from __future__ import annotations

import errno
import logging
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from watchdog.events import (
    DirAttribEvent,
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileAttribEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver, ObservedWatch

from gallery_app.connectors.ignore import is_ignored_file, is_ignored_folder

_log = logging.getLogger(__name__)

# Reading a file is an event as well (opened, closed); ours would drown the ones that count.
_KINDS: list[type[FileSystemEvent]] = [
    FileCreatedEvent, FileModifiedEvent, FileClosedEvent, FileMovedEvent, FileDeletedEvent,
    DirCreatedEvent, DirMovedEvent, DirDeletedEvent, FileAttribEvent, DirAttribEvent,
]  # fmt: skip
_LIMIT = Path("/proc/sys/fs/inotify/max_user_watches")
_MOUNTS = Path("/proc/self/mounts")
# File systems whose changes made elsewhere send no event here.
_SILENT = frozenset(
    "nfs nfs4 cifs smb3 smbfs 9p afs ceph fuse.sshfs fuse.rclone vboxsf prl_fs drvfs".split()
)


class FolderWatch:
    """Calls `on_dirty` with a folder in which something happened; from a thread of its own.

    The path is the root as given to `watch` or lies below it. It may name a folder that is
    gone. The same folder is named many times in a row: settle before looking.
    """

    def __init__(self, on_dirty: Callable[[Path], None], *, watch_limit: int | None = None) -> None:
        """Watch nothing yet.

        Args:
            on_dirty: must return at once and may not raise.
            watch_limit: how many folders the system watches for one user; asked of the system
                when None.
        """
        self._on_dirty = on_dirty
        self._watch_limit = _system_limit() if watch_limit is None else watch_limit
        self._lock = threading.Lock()
        self._observer: BaseObserver | None = None
        self._watches: dict[Path, ObservedWatch] = {}
        self._folders: dict[Path, int] = {}
        self._silent: dict[Path, str] = {}  # roots without events, and why

    def watch(self, root: Path) -> None:
        """Hear of changes below `root`; where that cannot be, `degraded` says so."""
        with self._lock:
            if root in self._watches:
                return
            self._silent.pop(root, None)
            kind = _file_system(root)
            if kind in _SILENT:
                self._silent[root] = (
                    f"{root.name} lies on a network share, which tells nothing of changes"
                )
            try:
                observer = self._running()
                handler = _Handler(root, self._on_dirty)
                self._watches[root] = observer.schedule(
                    handler, str(root), recursive=True, event_filter=_KINDS
                )
            except (OSError, RuntimeError) as error:
                # RuntimeError: no thread can be started. The periodic walk still finds all.
                _log.warning("folder %s cannot be watched: %s", root, error)
                self._silent[root] = f"{root.name} cannot be watched"
                return
            self._folders[root] = _count_folders(root)

    def unwatch(self, root: Path) -> None:
        """Hear no more of `root`."""
        with self._lock:
            self._silent.pop(root, None)
            self._folders.pop(root, None)
            watch = self._watches.pop(root, None)
            if watch is not None and self._observer is not None:
                try:
                    self._observer.unschedule(watch)
                except (KeyError, OSError) as error:
                    # The watch of a deleted root ends by itself.
                    _log.info("watch of %s had ended already: %s", root, error)

    def close(self) -> None:
        """Hear of nothing more; all threads have ended when this returns."""
        with self._lock:
            observer, self._observer = self._observer, None
            self._watches.clear()
            self._folders.clear()
            self._silent.clear()
        if observer is not None:
            observer.stop()
            observer.join(10)

    @property
    def degraded(self) -> str | None:
        """Why some changes are only found by the periodic scan, with the remedy; else None."""
        with self._lock:
            reasons = list(self._silent.values())
            folders = sum(self._folders.values())
            missed = _missed_folders(self._observer)
        limit = self._watch_limit or 0
        if missed or (limit and folders > limit):
            return (
                f"There are {folders:,} folders, more than this system still watches "
                f"({limit:,} in all); some changes are only found by the next scan. "
                f"Raise it: sudo sysctl fs.inotify.max_user_watches={folders * 2 + limit}"
            )
        if reasons:
            return f"{'; '.join(reasons)}. Changes there are found by the next scan."
        return None

    def _running(self) -> BaseObserver:
        if self._observer is None:
            observer = _observer(self._all_dirty)
            observer.start()
            self._observer = observer
        return self._observer

    def _all_dirty(self) -> None:
        """Events were lost: anything may have happened anywhere."""
        for root in tuple(self._watches):
            self._on_dirty(root)


class _Handler(FileSystemEventHandler):
    """Turns one root's events into dirty folders."""

    def __init__(self, root: Path, on_dirty: Callable[[Path], None]) -> None:
        self._root = root
        self._on_dirty = on_dirty

    def on_any_event(self, event: FileSystemEvent) -> None:
        for raw in (event.src_path, event.dest_path):
            if raw:
                self._hear(os.fsdecode(raw), is_directory=event.is_directory)

    def _hear(self, text: str, *, is_directory: bool) -> None:
        path = Path(text)
        if path == self._root:
            self._on_dirty(path)
            return
        if not path.is_relative_to(self._root):
            return  # the other end of a move, outside
        folders = path.relative_to(self._root).parts
        name = folders[-1]
        if any(is_ignored_folder(part) for part in folders[:-1]):
            return
        if is_directory:
            if not is_ignored_folder(name):
                self._on_dirty(path)
        elif not is_ignored_file(name):
            self._on_dirty(path.parent)


if sys.platform == "linux":
    from watchdog.observers.inotify import InotifyEmitter
    from watchdog.observers.inotify_c import (
        CallbackId,
        InotifyEvent,
        InotifyFD,
        Mask,
        WatchCallback,
        WatchDescriptor,
    )

    class _Queue(InotifyFD):
        """The kernel's queue of events, which also says what watchdog keeps to itself."""

        def __init__(self, on_loss: Callable[[], None]) -> None:
            super().__init__()
            self._on_loss = on_loss
            self.missed_folders = 0

        def handle_event(self, event: InotifyEvent) -> None:
            super().handle_event(event)
            if event.is_queue_overflow:
                self._on_loss()

        def add_callback(
            self, path: bytes, mask: Mask, callback: WatchCallback, id_: CallbackId
        ) -> WatchDescriptor:
            try:
                return super().add_callback(path, mask, callback, id_)
            except OSError as error:
                # watchdog goes on in silence with the folders it could not watch.
                self.missed_folders += error.errno in {errno.ENOSPC, errno.ENOMEM}
                raise

        def _add_callback(
            self, path: bytes, mask: Mask, callback: WatchCallback, id_: CallbackId
        ) -> WatchDescriptor:
            # As inherited, without its warning: a folder that is made while its parent is
            # being listed is added twice, and the second time changes nothing.
            watch = self._get_or_create_watch(path, mask)
            watch.callbacks[id_] = callback
            return watch.wd

    class _Observer(BaseObserver):
        """watchdog's observer over our queue."""

        def __init__(self, on_loss: Callable[[], None]) -> None:
            self._queue = _Queue(on_loss)
            self._queue.start()
            super().__init__(InotifyEmitter, inotify_fd=self._queue)

        @property
        def missed_folders(self) -> int:
            """How many folders the system refused to watch."""
            return self._queue.missed_folders

        def on_thread_stop(self) -> None:
            super().on_thread_stop()
            self._queue.stop()
            self._queue.join()


def _observer(on_loss: Callable[[], None]) -> BaseObserver:
    return _Observer(on_loss) if sys.platform == "linux" else Observer()


def _missed_folders(observer: BaseObserver | None) -> int:
    if sys.platform == "linux" and isinstance(observer, _Observer):
        return observer.missed_folders
    return 0


def _system_limit() -> int | None:
    """How many folders this system watches for one user; None where it does not say."""
    try:
        return int(_LIMIT.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None


def _count_folders(root: Path) -> int:
    return 1 + sum(len(folders) for _, folders, _ in os.walk(root))


def _file_system(root: Path) -> str:
    """The type of the file system that holds `root`, as the kernel names it, or ""."""
    try:
        lines = _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return ""
    found, longest = "", -1
    for line in lines:
        parts = line.split(" ")
        # The kernel writes a blank in a mount point as \\040; such a mount is not told apart.
        if len(parts) > 2 and len(parts[1]) > longest and root.is_relative_to(parts[1]):
            found, longest = parts[2], len(parts[1])
    return found
