"""A folder of the last files made, newest first: what is older than the last so many is deleted.

People may look into it, and delete it or what is in it at any time: it is made again.
"""

from __future__ import annotations

import errno
import os
import re
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import NamedTuple

from gallery_app.domain.errors import Conflict, GalleryError, NotFound
from gallery_app.storage import files

_HALF = ".tmp"  # of a file that is being written
_HALF_FOR_S = 3600.0
_NAME = re.compile(r"[0-9a-z]{1,64}\.(?!tmp)[a-z]{1,5}")
_DENIED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST})


class Shelved(NamedTuple):
    """One file on the shelf."""

    name: str
    size_bytes: int
    at: datetime  # UTC


class Shelf:
    """Keeps the last `most` files in `root`."""

    def __init__(self, root: Path, *, most: int) -> None:
        self._root = root
        self._most = most

    def put(self, name: str, data: bytes, *, at: datetime) -> None:
        """Put a file on the shelf as the newest, durably; one of the same name is replaced.

        Raises:
            OutOfSpace: the disk is full; nothing is left behind.
            Conflict: the folder cannot be written; the sentence says which.
        """
        path = self._path(name)
        try:
            files.write_whole(path, data)
            os.utime(path, (at.timestamp(), at.timestamp()))
        except (GalleryError, OSError) as error:
            cause = error if isinstance(error, OSError) else error.__cause__
            if isinstance(cause, OSError) and cause.errno in _DENIED:
                raise Conflict(
                    f"The folder “{self._root}” cannot be written ({cause.strerror}). "
                    "Let the gallery's user write there."
                ) from error
            raise
        with suppress(OSError):
            files.sweep(self._root, _HALF, older_than_s=_HALF_FOR_S, now_s=at.timestamp())
        for old in self.list()[self._most :]:
            with suppress(OSError):
                self._path(old.name).unlink(missing_ok=True)

    def get(self, name: str) -> bytes | None:
        """The bytes of a file, None when it is not there."""
        try:
            return self._path(name).read_bytes()
        except OSError:
            return None

    def list(self) -> list[Shelved]:
        """What is there, newest first."""
        found: list[Shelved] = []
        with suppress(OSError), os.scandir(self._root) as entries:
            for entry in entries:
                if _NAME.fullmatch(entry.name) is None:
                    continue
                with suppress(OSError):
                    stat = entry.stat(follow_symlinks=False)
                    at = datetime.fromtimestamp(stat.st_mtime, timezone.utc)
                    found.append(Shelved(entry.name, stat.st_size, at))
        return sorted(found, key=lambda shelved: (shelved.at, shelved.name), reverse=True)

    def _path(self, name: str) -> Path:
        if _NAME.fullmatch(name) is None:
            raise NotFound("picture")
        return self._root / name
