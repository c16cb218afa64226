"""A file seen through its head: most reads are answered from memory, the rest by seeking.

`Window.open()` opens for reading only, follows no link, blocks on no pipe, and refuses what is
no regular file; `fetch()` is what all metadata readers read through.
"""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from types import TracebackType

from gallery_app.domain.errors import Unreadable, UpstreamGone

HEAD_BYTES = 128 * 1024
_LARGEST_READ = 4 << 20
_LAST_NS = (1 << 63) - 1  # in the year 2262
_FLAGS = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_CLOEXEC", 0)
    | getattr(os, "O_BINARY", 0)
)


@dataclass(slots=True)
class Window:
    """An open original: its size and time, its first `HEAD_BYTES`, and a way to the rest.

    A time that no signed 64 bit number of nanoseconds can hold counts as the last one that fits,
    as in the folder connector.
    """

    descriptor: int
    size_bytes: int
    mtime_ns: int
    head: bytes

    @classmethod
    def open(cls, path: str, *, head_bytes: int = HEAD_BYTES) -> Window:
        """Opens `path` for reading.

        Raises:
            UpstreamGone: there is no such file.
            PermissionError: it may not be read.
            Unreadable: it is a folder, link, pipe, socket or device, or the disk fails.
        """
        try:
            descriptor = os.open(path, _FLAGS)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise UpstreamGone from error
        except PermissionError:
            raise
        except (OSError, ValueError) as error:
            raise Unreadable("This is not a regular file that can be read.") from error
        try:
            facts = os.fstat(descriptor)
            regular = stat.S_ISREG(facts.st_mode)
            head = os.read(descriptor, head_bytes) if regular else b""
        except OSError as error:
            os.close(descriptor)
            raise Unreadable("The disk could not read this file.") from error
        if not regular:
            os.close(descriptor)
            raise Unreadable("This is not a regular file that can be read.")
        mtime_ns = max(-_LAST_NS - 1, min(facts.st_mtime_ns, _LAST_NS))
        return cls(descriptor, facts.st_size, mtime_ns, head)

    def fetch(self, offset: int, length: int) -> bytes:
        """Up to `length` bytes at `offset`; fewer at the end of the file, none beyond it."""
        end = offset + length
        if end <= len(self.head):
            return self.head[offset:end] if offset >= 0 else b""
        if not 0 <= offset < self.size_bytes or length <= 0:
            return b""
        os.lseek(self.descriptor, offset, os.SEEK_SET)
        return os.read(self.descriptor, min(length, _LARGEST_READ))

    def __enter__(self) -> Window:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self.descriptor)
