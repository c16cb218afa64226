"""The sources: folders to watch, the uploads, their state; adding and removing them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from gallery_app.catalog.catalog import Catalog
from gallery_app.connectors.folder import FolderConnector
from gallery_app.domain.answers import Coming
from gallery_app.domain.errors import BadInput, Conflict, NotFound
from gallery_app.domain.model import Job, Source, SourceId

MOST_SUGGESTIONS = 20


class SourceBook:
    """Adds, lists and removes sources; scanning itself is the background's work."""

    def __init__(
        self,
        catalog: Catalog,
        *,
        data_dir: Path,
        home: Path,
        now: Callable[[], datetime],
    ) -> None:
        self._catalog = catalog
        self._data_dir = data_dir
        self._home = home
        self._now = now
        # The background hears of every change; nobody listens in a program that only reads.
        self.changed: Callable[[], None] = lambda: None

    def list(self) -> Sequence[Source]:
        """All sources that are not removed, folders first in the order they were added."""
        return self._catalog.sources.list()

    def coming(self) -> Sequence[Coming]:
        """What each remote has yet to send; cheap enough to be asked every second.

        Whether pictures of one rest although it answers, `arrivals` knows.
        """
        return self._catalog.sources.coming()

    def get(self, source_id: int) -> Source:
        """One source.

        Raises:
            NotFound: no source has this number, or it was removed.
        """
        for source in self.list():
            if source.id == source_id:
                return source
        raise NotFound("source")

    def add_folder(self, path: str) -> Source:
        """Begin to watch a folder; adding one again brings its pictures back.

        Args:
            path: absolute, or from the home folder with `~`.

        Raises:
            BadInput: not a folder that can be read, or one that holds the gallery's own data.
            Conflict: the folder, or one above or below it, is watched already.
        """
        root = self._resolve(path)
        for source in self.list():
            if source.kind != "folder":
                continue
            other = Path(source.address)
            if root == other:
                raise Conflict("This folder is watched already.")
            if root.is_relative_to(other):
                raise Conflict(f"This folder lies in {source.name}, which is watched already.")
            if other.is_relative_to(root):
                raise Conflict(
                    f"{source.name} lies in this folder and is watched; remove it first."
                )
        source = self._catalog.sources.add("folder", root.name or str(root), str(root))
        self.scan(source.id)
        return source

    def remove(self, source_id: int) -> None:
        """Stop watching; its pictures leave the gallery, its files stay as they are.

        Raises:
            NotFound: no such source.
            BadInput: the uploads cannot be removed.
        """
        source = self.get(source_id)
        if source.kind != "folder":
            raise BadInput("Uploads are the gallery's own; move pictures to the trash instead.")
        self._catalog.sources.remove(source.id, self._now(), then=self.changed)

    def restore(self, source_id: int) -> Source:
        """Undo `remove`: the folder is watched again and keeps all that was said of it.

        Raises:
            NotFound: no such source.
        """
        source = self._catalog.sources.get(SourceId(source_id))
        if source is None or source.kind not in {"folder", "uploads"}:
            raise NotFound("source")
        if source.removed_at is None:
            return source
        return self.add_folder(source.address)

    def scan(self, source_id: int, *, believe_loss: bool = False) -> Job:
        """Ask for a scan now; one that waits already serves for both.

        Args:
            source_id: a folder source.
            believe_loss: the person confirms that missing files are really gone. That word is
                kept: the scan that waits takes it over, one under way is followed by another.

        Raises:
            NotFound: no such source.
            BadInput: it is a remote, which is synced instead.
        """
        source = self.get(source_id)
        if source.kind not in {"folder", "uploads"}:
            raise BadInput(f"{source.name} is no folder; sync it instead.")
        job = self._catalog.jobs.put(
            "scan",
            f"scan:{source.id}",
            subject=source.address or source.name,
            payload={"source": source.id, "believe_loss": believe_loss},
            insist=believe_loss,
        )
        self.changed()
        return job

    def scan_all(self) -> None:
        """Ask for a scan of every folder."""
        for source in self.list():
            if source.kind == "folder":
                self.scan(source.id)

    def complete(self, prefix: str) -> Sequence[str]:
        """Folders whose path begins with `prefix`, for a path field; at most 20, by name."""
        text = prefix.strip()
        try:
            path = Path(text).expanduser() if text else self._home
        except RuntimeError:
            return []  # the home of nobody
        parent, begin = (path, "") if text.endswith("/") or not text else (path.parent, path.name)
        try:
            names = sorted(
                entry.name
                for entry in parent.iterdir()
                if entry.name.casefold().startswith(begin.casefold())
                and (begin.startswith(".") or not entry.name.startswith("."))
                and entry.is_dir()
            )
        except (OSError, ValueError):
            # A half-typed path is no folder yet: there is nothing to suggest.
            return []
        return [str(parent / name) for name in names[:MOST_SUGGESTIONS]]

    def _resolve(self, path: str) -> Path:
        text = path.strip()
        if not text or "\0" in text:
            raise BadInput("Write the path of a folder, such as /home/you/Pictures.")
        try:
            root = Path(text).expanduser()
            if not root.is_absolute():
                raise BadInput(f"“{text}” is not a full path; begin it with / or ~.")
            root = root.resolve()
            if not root.exists():
                raise BadInput(f"There is no folder {root}.")
            if not root.is_dir():
                raise BadInput(f"{root} is a file, not a folder.")
        except (OSError, RuntimeError) as error:
            raise BadInput(f"“{text}” cannot be opened as a folder.") from error
        data = self._data_dir.resolve()
        if root == data or root.is_relative_to(data) or data.is_relative_to(root):
            raise BadInput(f"{root} holds the gallery's own data; choose another folder.")
        FolderConnector(root).probe()
        return root
