"""Originals and renditions on a local disk.

`Originals` are written once and never altered: temporary name, fsync, rename, fsync of the
folder; only then is a key given out. `Cache` holds what can be made again, so it is renamed
into place and not synced. A key that is not exactly of the store's form names nothing: no key
leads out of the root.
"""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import logging
import os
import re
import shutil
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from types import TracebackType

from gallery_app.domain.errors import GalleryError, NotFound
from gallery_app.domain.model import Sha256
from gallery_app.storage import files

_log = logging.getLogger(__name__)

_ORIGINAL_KEY = re.compile(r"([0-9a-f]{2})/([0-9a-f]{2})/(\1\2[0-9a-f]{60})")
# Parts of lower-case letters and digits: no dot, so no parent and no temporary name.
_CACHE_KEY = re.compile(r"[0-9a-z]{1,64}(?:/[0-9a-z]{1,64}){0,3}")
# A crash leaves one original without a row or a few; more of them mean a catalog that was lost.
MOST_ROWLESS = 16
_READ_ONLY = 0o440
_PART = ".part"
_TEMP = ".tmp"


class Originals:
    """The bytes as received, each under the hash of its content: `ab/cd/<sha256>`."""

    def __init__(self, root: Path, incoming: Path, trash: Path) -> None:
        """Keep originals below `root`; all three folders lie on one file system."""
        self._root = root
        self._incoming = incoming
        self._trash = trash
        for folder in (root, incoming, trash):
            with files.translated():
                files.make_folder(folder)

    def receive(self) -> Incoming:
        """A new original to be written; leave its `with` block without `commit` to drop it.

        Raises:
            OutOfSpace: not even a name can be made.
        """
        return Incoming(self._root, self._incoming, self._trash)

    def path(self, key: str) -> Path:
        """Where the original of that key lies, whether or not it is there.

        Raises:
            NotFound: not a key that `commit` gives.
        """
        return _inside(self._root, key)

    def exists(self, key: str) -> bool:
        """Whether the original of that key is here; False for a key of another form."""
        return _ORIGINAL_KEY.fullmatch(key) is not None and (self._root / key).is_file()

    def all_keys(self) -> Iterator[str]:
        """The keys of all originals here, in order."""
        for first in sorted(self._root.glob("[0-9a-f][0-9a-f]")):
            for path in sorted(first.glob("[0-9a-f][0-9a-f]/*")):
                key = path.relative_to(self._root).as_posix()
                if _ORIGINAL_KEY.fullmatch(key):
                    yield key

    def set_aside(self, key: str) -> Path:
        """The original lies in the trash folder instead; its bytes are kept.

        Raises:
            NotFound: no original of that key is here.
        """
        path = _inside(self._root, key)
        try:
            return _set_aside(path, self._trash)
        except FileNotFoundError as error:
            raise NotFound("original") from error

    def sweep(self, *, older_than_s: float, now_s: float) -> int:
        """Uploads that nobody writes to any more are gone from `incoming`; returns how many."""
        with files.translated():
            return files.sweep(self._incoming, _PART, older_than_s=older_than_s, now_s=now_s)

    def sweep_rowless(
        self, known: Callable[[], Collection[str]], *, older_than_s: float, now_s: float
    ) -> int:
        """Originals that a crash kept from their row lie in the trash; returns how many.

        Nothing is touched when no original has a row, or too many have none for a crash: then
        the catalog was lost or is an older one, and the originals are what is left.

        Args:
            known: the keys that rows name; asked only when there are originals.
            older_than_s: age in seconds below which one may still be on its way to its row.
            now_s: seconds since the epoch.
        """
        here = set(self.all_keys())
        rowless = here.difference(known()) if here else here
        if len(rowless) == len(here) or len(rowless) > MOST_ROWLESS:
            if rowless:
                _log.warning("%d originals have no row; all are left alone", len(rowless))
            return 0
        with files.translated():
            old = [k for k in rowless if now_s - self.path(k).stat().st_mtime >= older_than_s]
            for key in old:
                _log.warning("original %s has no row; set aside", key[6:18])
                self.set_aside(key)
        return len(old)

    def free_bytes(self) -> int:
        """Bytes that may still be written to the originals' disk."""
        with files.translated():
            return shutil.disk_usage(self._root).free


class Incoming:
    """One original on its way in: `write` chunks, `seal`, then `commit` or `discard`."""

    def __init__(self, root: Path, incoming: Path, trash: Path) -> None:
        """Open a temporary file in `incoming`."""
        self._root = root
        self._trash = trash
        self._hash = hashlib.sha256()
        self._sha256: Sha256 | None = None
        self._key: str | None = None
        self._open = True
        self.size_bytes = 0
        # The key, when `commit` put these bytes there and not an earlier upload.
        self.placed: str | None = None
        with files.translated():
            files.make_folder(incoming)
            self._descriptor, self.path = files.new_file(incoming, _PART)

    def __enter__(self) -> Incoming:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.discard()

    @property
    def place(self) -> Path:
        """Where the bytes lie now: on their way, or since `commit` under their key."""
        return self.path if self._key is None else _inside(self._root, self._key)

    def write(self, chunk: bytes | memoryview) -> None:
        """Append a chunk.

        Raises:
            OutOfSpace: the disk is full; the temporary file is gone already.
        """
        with self._dropped_on_failure():
            files.write_all(self._descriptor, chunk)
        self._hash.update(chunk)
        self.size_bytes += len(chunk)

    def seal(self) -> Sha256:
        """All bytes are on the disk and can no longer be added to; their SHA-256.

        Raises:
            OutOfSpace: the disk is full; the temporary file is gone already.
        """
        if self._sha256 is None:
            with self._dropped_on_failure():
                if os.name != "nt":
                    os.fchmod(self._descriptor, _READ_ONLY)
                os.fsync(self._descriptor)
            self._close()
            self._sha256 = Sha256(self._hash.hexdigest())
        return self._sha256

    def commit(self) -> str:
        """The original stands under its key, durably; known bytes give the same key again.

        A file that is already there with other bytes is damaged: it is set aside in the trash
        and these bytes take its place.

        Raises:
            OutOfSpace: the disk is full; the temporary file is gone already.
        """
        if self._key is not None:
            return self._key
        sha256 = self.seal()
        key = f"{sha256[:2]}/{sha256[2:4]}/{sha256}"
        target = _inside(self._root, key)
        with self._dropped_on_failure():
            files.make_folder(target.parent)
            if _holds(target, sha256, size_bytes=self.size_bytes):
                self.path.unlink(missing_ok=True)
            else:
                with contextlib.suppress(FileNotFoundError):  # set aside by another upload now
                    if target.exists():
                        _log.warning("original %s is damaged; set aside", sha256[:12])
                        _set_aside(target, self._trash)
                self.path.replace(target)
                self.placed = key
            files.sync_folder(target.parent)
        self._key = key
        return key

    def discard(self) -> None:
        """Nothing of it is left behind; does nothing after `commit`."""
        self._close()
        with contextlib.suppress(FileNotFoundError), files.translated():
            self.path.unlink(missing_ok=True)

    def _close(self) -> None:
        if self._open:
            self._open = False
            os.close(self._descriptor)

    @contextlib.contextmanager
    def _dropped_on_failure(self) -> Iterator[None]:
        try:
            with files.translated():
                yield
        except GalleryError:
            self.discard()
            raise


class Cache:
    """Renditions by key; every file may be deleted at any time and is then made again."""

    def __init__(self, root: Path) -> None:
        """Keep renditions below `root`, temporary files in `root/.tmp`."""
        self._root = root
        self._prefix = str(root) + "/"
        self._temps = root / ".tmp"

    def get(self, key: str) -> bytes | None:
        """The bytes under that key, or None when they are not there or cannot be read.

        Raises:
            NotFound: not a key of this store's form.
        """
        try:
            # One call less than `Path` and no buffer: this runs once per picture on a screen.
            with open(self._file(key), "rb", buffering=0) as file:  # noqa: PTH123 - see above
                return file.readall()
        except FileNotFoundError:
            return None
        except OSError as error:
            _log.warning("cached rendition %s cannot be read: %s", key, error.strerror)
            return None

    def put(self, key: str, data: bytes) -> None:
        """The key holds `data`: readers see the old bytes or the new ones, never a part.

        Raises:
            NotFound: not a key of this store's form.
            OutOfSpace: the disk is full; nothing is left behind.
        """
        target = Path(self._file(key))
        with files.translated():
            descriptor, temp = _new_temp(self._temps)
            try:
                try:
                    files.write_all(descriptor, data)
                finally:
                    os.close(descriptor)
                _move(temp, target)
            except BaseException:
                temp.unlink(missing_ok=True)
                raise

    def delete(self, key: str) -> None:
        """Nothing is under that key any more.

        Raises:
            NotFound: not a key of this store's form.
        """
        with files.translated():
            Path(self._file(key)).unlink(missing_ok=True)

    def sweep(self, *, older_than_s: float, now_s: float) -> int:
        """Temporary files of writers that ended half-way are gone; returns how many."""
        with files.translated():
            return files.sweep(self._temps, _TEMP, older_than_s=older_than_s, now_s=now_s)

    def _file(self, key: str) -> str:
        if _CACHE_KEY.fullmatch(key) is None:
            raise NotFound("rendition")
        return self._prefix + key


def _inside(root: Path, key: str) -> Path:
    if _ORIGINAL_KEY.fullmatch(key) is None:
        raise NotFound("original")
    return root / key


def _holds(path: Path, sha256: str, *, size_bytes: int) -> bool:
    """Whether a file has exactly these bytes; one that cannot be read has not."""
    try:
        with path.open("rb") as file:
            if os.fstat(file.fileno()).st_size != size_bytes:
                return False
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except OSError:
        return False


def _set_aside(path: Path, trash: Path) -> Path:
    """Move a file to the trash under a name nobody has there."""
    with files.translated():
        files.make_folder(trash)
    for number in itertools.count():
        place = trash / (path.name if number == 0 else f"{path.name}.{number}")
        if not place.exists():
            path.rename(place)
            with files.translated():
                files.sync_folder(trash)
            return place
    raise AssertionError  # counting does not end


def _new_temp(folder: Path) -> tuple[int, Path]:
    try:
        return files.new_file(folder, _TEMP)
    except FileNotFoundError:
        # First use, or the cache was deleted while we run.
        files.make_folder(folder, durable=False)
        return files.new_file(folder, _TEMP)


def _move(temp: Path, target: Path) -> None:
    try:
        temp.replace(target)
    except FileNotFoundError:
        files.make_folder(target.parent, durable=False)
        temp.replace(target)
