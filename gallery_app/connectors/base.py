"""What every connector answers with, and the protocol a folder-like one keeps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, Protocol


class FileSeen(NamedTuple):
    """One file as a walk meets it: nothing is opened, only its folder's entry is read.

    `key` is the path from the root with `/`. For a contained link the other three are those
    of the file it leads to. A plain tuple underneath: a walk makes one for each file.
    """

    key: str
    size_bytes: int
    mtime_ns: int
    inode: int


class RootIdentity(NamedTuple):
    """What tells a root from another one put in its place: file system and inode."""

    device: int
    inode: int


class FolderLike(Protocol):
    """A source whose originals are files that stay where they are."""

    # Key and sentence of everything that was passed over since the object was made.
    errors: list[tuple[str, str]]
    # Folders ("" is the root) whose content could not be seen, wholly or in part.
    blind: list[str]

    def probe(self) -> RootIdentity:
        """The root as it is now.

        Raises:
            Upstream: it is not there or cannot be read.
        """

    def walk(self, prefix: str = "", *, recursive: bool = True) -> Iterator[FileSeen]:
        """Every file at or below the folder `prefix`."""

    def path(self, key: str) -> Path:
        """Where the file of that key lies.

        Raises:
            NotAllowed: the key leads out of the root.
        """
