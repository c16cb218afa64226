"""A folder as a source: walks it by (size, mtime, inode) and never opens a file in it.

The walk is the truth that events only hint at. It ends whatever it meets: links out of the
root, loops, pipes, names that are no text and folders that may not be read are passed over
and said in `errors`. Start with `FolderConnector.walk`.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from gallery_app.connectors.base import FileSeen, RootIdentity
from gallery_app.connectors.ignore import is_ignored_file, is_ignored_folder
from gallery_app.domain.errors import NotAllowed, Upstream, UpstreamTimeout

# Skipped files are listed to be looked at by a person; nobody reads more than this.
MOST_SKIPPED_FILES = 1_000

_KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}
_LAST_NS = (1 << 63) - 1  # in the year 2262
_GONE = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ESTALE})


class FolderConnector:
    """The folder at `root`. Make one for each scan: `errors`, `blind`, `folders` add up.

    `errors`: key and sentence of what was passed over. `blind`: keys of folders ("" is the
    root) whose content could not be seen, so nothing below them may count as gone.
    `folders`: how many folders were listed.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._real_root = os.path.realpath(root)
        self.errors: list[tuple[str, str]] = []
        self.blind: list[str] = []
        self.folders = 0
        self._skipped_files = 0

    def probe(self) -> RootIdentity:
        """The root is there and can be listed; who it is.

        Raises:
            Upstream: it is not there, is no folder or cannot be read; the sentence says which.
            UpstreamTimeout: the share or disk does not answer.
        """
        try:
            found = self._root.stat()
            with os.scandir(self._root) as entries:
                next(entries, None)
        except OSError as error:
            kind = UpstreamTimeout if error.errno == errno.ETIMEDOUT else Upstream
            raise kind(source=self._root.name, reason=_root_sentence(error)) from error
        return RootIdentity(found.st_dev, found.st_ino)

    def path(self, key: str) -> Path:
        """Where the file of that key really lies, links resolved; it need not exist.

        Raises:
            NotAllowed: the key is no key of a walk, or leads out of the root.
        """
        if "\0" in key or (key and not {"", ".", ".."}.isdisjoint(key.split("/"))):
            raise NotAllowed("read")
        real = os.path.realpath(f"{self._real_root}/{key}")
        if not self._contains(real):
            raise NotAllowed("read")
        return Path(real)

    def walk(self, prefix: str = "", *, recursive: bool = True) -> Iterator[FileSeen]:
        """Every file at or below the folder `prefix`; folders of later name first.

        Nothing is raised for what lies below the root: see `errors` and `blind`. A folder that
        is gone gives nothing. When the root itself goes or is replaced meanwhile, "" is blind.
        """
        try:
            before = self.probe()
            self.path(prefix)
        except Upstream as error:
            self._cannot_see("", error.public)
            return
        except NotAllowed:
            return  # no folder of ours, or one that is a link out of the root by now
        pending = [prefix]
        while pending:
            key = pending.pop()
            below: list[str] = []
            yield from self._list(key, below)
            if recursive:
                below.sort()
                pending.extend(below)
        try:
            if self.probe() != before:
                self._cannot_see("", "The folder was replaced by another one during the scan.")
        except Upstream as error:
            self._cannot_see("", error.public)

    # --- one folder ------------------------------------------------------------------------

    def _list(self, key: str, below: list[str]) -> Iterator[FileSeen]:
        """The files directly in a folder; its folders are added to `below`."""
        folder = f"{self._real_root}/{key}" if key else self._real_root
        head = f"{key}/" if key else ""
        self.folders += 1
        try:
            # Read whole before anything is given out: the reader may take its time, and a
            # share's listing must not stay open meanwhile.
            with os.scandir(folder) as listing:
                entries = list(listing)
        except OSError as error:
            if error.errno not in _GONE or not key:
                self._cannot_see(key, _folder_sentence(error))
            return
        for entry in entries:
            name = entry.name
            if not (name.isascii() or _is_text(name)):
                self._skip_nameless(head + name, entry)
            elif entry.is_dir(follow_symlinks=False):
                if not is_ignored_folder(name):
                    below.append(head + name)
            elif not is_ignored_file(name):
                seen = self._see(head + name, entry)
                if seen is not None:
                    yield seen

    def _see(self, key: str, entry: os.DirEntry[str]) -> FileSeen | None:
        try:
            found = entry.stat(follow_symlinks=False)
        except OSError as error:
            if error.errno not in _GONE:
                self._skip(key, _file_sentence(error))
            return None
        if stat.S_ISREG(found.st_mode):
            return _seen(key, found)
        if stat.S_ISLNK(found.st_mode):
            return self._follow(key, entry.path)
        kind = _KINDS.get(stat.S_IFMT(found.st_mode), "no file")
        self._skip(key, f"This is {kind}, not a file; it was passed over.")
        return None

    def _follow(self, key: str, link: str) -> FileSeen | None:
        """The file a link leads to, if that lies in this root under a name that is not ignored."""
        try:
            real = os.path.realpath(link, strict=True)
            if not self._contains(real):
                self._skip(key, "This link leads out of the folder; it was not followed.")
                return None
            found = os.lstat(real)
        except OSError as error:
            if error.errno == errno.ELOOP:
                self._skip(key, "This link leads back to itself; it was not followed.")
            else:
                self._skip(key, "This link leads to nothing; it was passed over.")
            return None
        if stat.S_ISDIR(found.st_mode):
            # What lies there is listed at its own place; following would find it twice, and
            # a link to a folder above would never end.
            self._skip(key, "This link leads to a folder that is scanned at its own place.")
            return None
        if not stat.S_ISREG(found.st_mode):
            self._skip(key, "This link leads to something that is no file; it was passed over.")
            return None
        return _seen(key, found)

    def _contains(self, real: str) -> bool:
        root = self._real_root
        return real == root or real.startswith(root if root.endswith("/") else root + "/")

    # --- what was passed over --------------------------------------------------------------

    def _cannot_see(self, key: str, sentence: str) -> None:
        self.blind.append(key)
        self.errors.append((key, sentence))

    def _skip(self, key: str, sentence: str) -> None:
        self._skipped_files += 1
        if self._skipped_files <= MOST_SKIPPED_FILES:
            self.errors.append((key, sentence))

    def _skip_nameless(self, key: str, entry: os.DirEntry[str]) -> None:
        shown = key.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        kind = "folder" if entry.is_dir(follow_symlinks=False) else "file"
        self._skip(shown, f"The name of this {kind} is not valid UTF-8; rename it to include it.")


def _seen(key: str, found: os.stat_result) -> FileSeen:
    # Some file systems know times that no signed 64 bit number of nanoseconds can hold.
    mtime_ns = max(-_LAST_NS - 1, min(found.st_mtime_ns, _LAST_NS))
    return FileSeen(key, found.st_size, mtime_ns, found.st_ino)


def _is_text(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _root_sentence(error: OSError) -> str:
    if error.errno in {errno.EACCES, errno.EPERM}:
        return "The folder may not be read. Give this user the right to read it."
    if error.errno == errno.ENOTDIR:
        return "This is no longer a folder."
    if error.errno in _GONE:
        return "The folder is not there. Is the disk or share connected?"
    return "The folder cannot be read. Check its disk or network share."


def _folder_sentence(error: OSError) -> str:
    if error.errno in {errno.EACCES, errno.EPERM}:
        return "This folder may not be read; what lies in it is not shown."
    if error.errno == errno.ENAMETOOLONG:
        return "This folder lies too deep to be read; move it further up."
    return "This folder could not be read; check its disk."


def _file_sentence(error: OSError) -> str:
    if error.errno == errno.ENAMETOOLONG:
        return "The path of this file is too long; move it further up."
    return "This file could not be looked at; check its disk and its rights."
