"""Originals of remotes that only pass through: kept while there is room, the oldest go first.

Nothing here is the only copy of anything, so nothing is synced to the disk, where somebody waits
for it, and nothing outlasts a run: after a power loss nobody could tell a whole file from a short
one. A file that is lent stays until it is given back. Names are 64 hexadecimal digits.
"""

from __future__ import annotations

import contextlib
import os
import re
import threading
import weakref
from collections import Counter, deque
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from gallery_app.domain.errors import NotFound, TooLarge
from gallery_app.storage import files

SPOOL_BYTES = 2_000_000_000
SPOOL_SHARE = 0.1  # of the disk, if that is less
_NAME = re.compile(r"[0-9a-f]{64}")
_PART = ".part"


if TYPE_CHECKING:
    _Path = Path
else:
    _Path = type(Path())  # until Python 3.12 only the system's own kind can be derived from


class LentPath(_Path):
    """Where a lent file lies: it stays there for as long as somebody holds this very object."""


def spool_bytes(total_bytes: int) -> int:
    """How much may pass through at a time on a disk of that size."""
    return min(SPOOL_BYTES, int(total_bytes * SPOOL_SHARE))


class Spool:
    """Files by name, at most `limit_bytes` of them together; safe from any thread."""

    def __init__(self, root: Path, *, limit_bytes: int) -> None:
        """Keep files in `root`; those of an earlier run are deleted."""
        self._root = root
        self._limit_bytes = limit_bytes
        self._lock = threading.Lock()
        self._sizes: dict[str, int] = {}  # least recently used first
        self._lent: Counter[str] = Counter()
        # Names given back. Whoever lets go of a path may hold the lock, so it is not asked for.
        self._returned: deque[str] = deque()
        with files.translated():
            files.make_folder(root, durable=False)
            for entry in os.scandir(root):
                if entry.name.endswith(_PART) or _NAME.fullmatch(entry.name):
                    Path(entry.path).unlink()

    def find(self, name: str) -> LentPath | None:
        """That file, lent; None when it is not here."""
        path = self._path(name)
        with self._lock:
            size = self._sizes.pop(name, None)
            if size is None or not path.is_file():
                return None  # perhaps deleted by hand
            self._sizes[name] = size
            return self._lend(name)

    def receive(self, name: str, *, limit_bytes: int) -> Passing:
        """A file to be written under that name; leave its `with` block without `keep` to drop it.

        Args:
            name: 64 hexadecimal digits.
            limit_bytes: more than this is refused.

        Raises:
            OutOfSpace: not even a name can be made.
        """
        return Passing(self, self._path(name), limit_bytes)

    def total_bytes(self) -> int:
        """What lies here now."""
        with self._lock:
            return sum(self._sizes.values())

    def took(self, name: str, size_bytes: int) -> LentPath:
        """`Passing` has put a file here: it is lent, and others leave to make room for it.

        Those that are lent stay, even where there is too little room for them all.
        """
        with self._lock, files.translated():
            self._sizes.pop(name, None)
            self._sizes[name] = size_bytes
            path = self._lend(name)
            while self._returned:
                self._lent[self._returned.popleft()] -= 1
            room = self._limit_bytes - sum(self._sizes.values())
            for other in list(self._sizes):
                if room >= 0:
                    break
                if self._lent[other] <= 0:
                    del self._lent[other]
                    (self._root / other).unlink(missing_ok=True)
                    room += self._sizes.pop(other)
            return path

    def _lend(self, name: str) -> LentPath:
        path = LentPath(self._root / name)
        self._lent[name] += 1
        weakref.finalize(path, self._returned.append, name).atexit = False
        return path

    def _path(self, name: str) -> Path:
        if _NAME.fullmatch(name) is None:
            raise NotFound("original")
        return self._root / name


class Passing:
    """One file on its way into the spool: `write` chunks, then `keep`."""

    def __init__(self, spool: Spool, target: Path, limit_bytes: int) -> None:
        self._spool = spool
        self._target = target
        self._limit_bytes = limit_bytes
        self._open = True
        self.size_bytes = 0
        with files.translated():
            files.make_folder(target.parent, durable=False)
            self._descriptor, self._temp = files.new_file(target.parent, _PART)

    def __enter__(self) -> Passing:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._close()
        with contextlib.suppress(FileNotFoundError), files.translated():
            self._temp.unlink(missing_ok=True)

    def write(self, chunk: bytes) -> None:
        """Append a chunk.

        Raises:
            TooLarge: it is more than this file may have.
            OutOfSpace: the disk is full.
        """
        self.size_bytes += len(chunk)
        if self.size_bytes > self._limit_bytes:
            text = f"More than {self._limit_bytes / 1e6:,.0f} MB are not fetched."
            raise TooLarge(text, limit_bytes=self._limit_bytes)
        with files.translated():
            files.write_all(self._descriptor, chunk)

    def keep(self) -> LentPath:
        """The file stands under its name and is lent; others left to make room."""
        self._close()
        with files.translated():
            self._temp.replace(self._target)
        return self._spool.took(self._target.name, self.size_bytes)

    def _close(self) -> None:
        if self._open:
            self._open = False
            os.close(self._descriptor)
