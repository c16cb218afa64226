"""How this room makes files and folders: private, durable where asked, and never half there.

Every failure of the operating system leaves here as a domain error, so no caller has to know
`errno`. Start with `write_whole`; `local.py` and `keys.py` are built from these.
"""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from gallery_app.domain.errors import GalleryError, OutOfSpace

FOLDER_MODE = 0o700
FILE_MODE = 0o600
# What a full disk, a full quota or a file size limit looks like from here.
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextlib.contextmanager
def translated() -> Iterator[None]:
    """Whatever the system refuses inside becomes a domain error.

    Raises:
        OutOfSpace: the disk or the quota is full.
        GalleryError: any other refusal; the cause is chained and stays inside.
    """
    try:
        yield
    except OSError as error:
        raise (OutOfSpace() if error.errno in _FULL else GalleryError()) from error


def make_folder(path: Path, *, durable: bool = True) -> None:
    """The folder is there, with its parents, and only its owner may look into it.

    Args:
        path: existing folders keep the rights they have.
        durable: a folder made here survives a power loss: the one that holds it is synced.
    """
    if path.is_dir():
        return
    make_folder(path.parent, durable=durable)
    with contextlib.suppress(FileExistsError):  # made by another thread just now
        path.mkdir(mode=FOLDER_MODE)
    if durable:
        sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """The names in this folder are on the disk when this returns."""
    if os.name == "nt":
        return  # a folder cannot be opened there; NTFS journals its names
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def new_file(folder: Path, suffix: str) -> tuple[int, Path]:
    """A new empty file that only its owner may read, open for writing."""
    descriptor, name = tempfile.mkstemp(suffix=suffix, dir=folder)
    return descriptor, Path(name)


def write_all(descriptor: int, data: bytes | memoryview) -> None:
    """Every byte of `data` is handed to the system, however little it takes at a time."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def write_whole(path: Path, data: bytes) -> None:
    """`path` holds `data` durably, or what it held before; never a part of either.

    Raises:
        OutOfSpace: the disk is full; nothing is left behind.
        GalleryError: the system refused for another reason.
    """
    with translated():
        make_folder(path.parent)
        descriptor, temp = new_file(path.parent, ".tmp")
        try:
            try:
                write_all(descriptor, data)
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            temp.replace(path)
        except BaseException:
            temp.unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def sweep(folder: Path, suffix: str, *, older_than_s: float, now_s: float) -> int:
    """Files of `folder` itself with that suffix, untouched for so long, are gone.

    Args:
        folder: need not exist.
        suffix: what the names end in; nothing else is touched.
        older_than_s: age in seconds since the last write.
        now_s: seconds since the epoch.

    Returns:
        How many were removed.
    """
    removed = 0
    with contextlib.suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if not entry.name.endswith(suffix):
                continue
            with contextlib.suppress(FileNotFoundError):  # its owner was quicker
                stat = entry.stat(follow_symlinks=False)
                if now_s - stat.st_mtime >= older_than_s:
                    Path(entry.path).unlink()
                    removed += 1
    return removed
