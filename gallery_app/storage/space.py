"""How much room a disk has, and when the gallery stops filling it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from gallery_app.domain.errors import OutOfSpace
from gallery_app.storage import files

# Source: design/reliability.md C10. On a small disk 1 GiB would be most of it, hence the share.
MIN_FREE_BYTES = 1 << 30
MIN_FREE_SHARE = 0.02


@dataclass(frozen=True, slots=True)
class Space:
    """Bytes of a disk: all, and those that may still be written."""

    total_bytes: int
    free_bytes: int


def space(folder: Path) -> Space:
    """The room on the disk that holds `folder`, which exists."""
    with files.translated():
        usage = shutil.disk_usage(folder)
    return Space(usage.total, usage.free)


def reserve_bytes(total_bytes: int, *, min_free_bytes: int = MIN_FREE_BYTES) -> int:
    """What stays free for the index and the system: 2 % of the disk, at most `min_free_bytes`."""
    return min(min_free_bytes, int(total_bytes * MIN_FREE_SHARE))


def require_space(
    folder: Path, *, for_bytes: int = 0, min_free_bytes: int = MIN_FREE_BYTES
) -> None:
    """Return only while `for_bytes` more would leave the reserve untouched.

    Raises:
        OutOfSpace: they would not.
    """
    room = space(folder)
    if room.free_bytes - for_bytes < reserve_bytes(room.total_bytes, min_free_bytes=min_free_bytes):
        raise OutOfSpace
