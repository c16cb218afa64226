"""One data folder, one process: a lock the system takes back whatever happens to its holder."""

from __future__ import annotations

import contextlib
import os
import socket
import sys
from pathlib import Path

from gallery_app.domain.errors import StoreInUse
from gallery_app.storage import files

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class StoreLock:
    """Holds `gallery.lock` in the data folder from `acquire` to `release` or the end.

    The lock is the system's (flock), so a killed holder leaves nothing stale; the text in the
    file only says who holds it.
    """

    def __init__(self, data_dir: Path) -> None:
        """Lock `data_dir`, which is made if it is not there."""
        self._path = data_dir / "gallery.lock"
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """This process holds the data folder.

        Raises:
            StoreInUse: another process does; names its number and its machine.
        """
        if self._descriptor is not None:
            return
        with files.translated():
            files.make_folder(self._path.parent)
            flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_CLOEXEC", 0)
            descriptor = os.open(self._path, flags, files.FILE_MODE)
            if not _try_lock(descriptor):
                holder = os.pread(descriptor, 300, 0)
                os.close(descriptor)
                raise StoreInUse(_who(holder, self._path.parent))
            # A full disk is no reason to refuse: the lock holds without its text.
            with contextlib.suppress(OSError):
                os.ftruncate(descriptor, 0)
                os.pwrite(descriptor, f"{os.getpid()} {socket.gethostname()}\n".encode(), 0)
        self._descriptor = descriptor

    def release(self) -> None:
        """Another process may take the data folder."""
        if self._descriptor is not None:
            os.ftruncate(self._descriptor, 0)
            os.close(self._descriptor)
            self._descriptor = None


def _try_lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _who(text: bytes, data_dir: Path) -> str:
    pid, _, host = text.decode("utf-8", "replace").strip().partition(" ")
    holder = f"process {pid} on {host}" if pid.isdigit() and host else "another process"
    return (
        f"The data folder {data_dir} is in use by {holder}. "
        "End that one first, or name another folder with --data."
    )
