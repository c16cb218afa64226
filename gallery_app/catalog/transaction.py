"""One transaction in progress: its connection, and which assets it has touched.

Machines of this room that write (writer, occurrences, merging, sources) note the assets whose
row, text or place changed; the catalog brings full text, columns and revision up to date with
them when the transaction ends.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field


@dataclass(slots=True)
class Names:
    """Ids of names seen before, so that a batch asks for each name once.

    Belongs to the writer; forgotten after a rollback, because the ids may have gone with it.
    """

    folders: dict[tuple[int, str], int] = field(default_factory=dict)
    cameras: dict[tuple[str, str], int] = field(default_factory=dict)
    tags: dict[str, int] = field(default_factory=dict)
    # By (source, type, ref): id, name and address as they are written.
    entities: dict[tuple[int, str, str], tuple[int, str, str | None]] = field(default_factory=dict)

    def forget(self) -> None:
        """Ask the database again for every name."""
        self.folders.clear()
        self.cameras.clear()
        self.tags.clear()
        self.entities.clear()


class Transaction:
    """What one `Catalog.write()` has done so far."""

    def __init__(self, connection: sqlite3.Connection, names: Names) -> None:
        self.connection = connection
        self.names = names
        self.touched: set[int] = set()
        self.reworded: set[int] = set()
        self.entities: set[int] = set()  # new, or renamed
        self.sources_changed = False
        self.links_changed = False
        self.unfinished: set[tuple[str, int]] = set()  # to be written in pieces of their own
        self.after: list[Callable[[], object]] = []  # done once it is committed, before those

    def touch(self, ids: Iterable[int], *, words: bool) -> None:
        """Note assets whose columns, and with `words` whose searchable text, may have changed."""
        if words:
            ids = tuple(ids)
            self.reworded.update(ids)
        self.touched.update(ids)

    def folder_id(self, source_id: int, path: str) -> int:
        """The id of a folder of a source, made when it is new."""
        known = self.names.folders.get((source_id, path))
        if known is None:
            known = self._name_id(
                "SELECT id FROM folder WHERE source_id = ? AND path = ?",
                "INSERT INTO folder (source_id, path) VALUES (?, ?)",
                (source_id, path),
            )
            self.names.folders[(source_id, path)] = known
        return known

    def camera_id(self, make: str | None, model: str | None) -> int | None:
        """The id of a camera, made when it is new; None when the file names none."""
        if not make and not model:
            return None
        pair = (make or "", model or "")
        known = self.names.cameras.get(pair)
        if known is None:
            known = self._name_id(
                "SELECT id FROM camera WHERE make = ? AND model = ?",
                "INSERT INTO camera (make, model) VALUES (?, ?)",
                pair,
            )
            self.names.cameras[pair] = known
        return known

    def tag_id(self, name: str) -> int:
        """The id of a tag whatever its case; the first spelling is kept."""
        folded = name.casefold()
        known = self.names.tags.get(folded)
        if known is None:
            row = self.connection.execute(
                "SELECT id FROM tag WHERE folded = ?", (folded,)
            ).fetchone()
            if row is None:
                cursor = self.connection.execute(
                    "INSERT INTO tag (name, folded) VALUES (?, ?)", (name, folded)
                )
                known = int(cursor.lastrowid or 0)
            else:
                known = int(row[0])
            self.names.tags[folded] = known
        return known

    def _name_id(self, select: str, insert: str, values: tuple[object, ...]) -> int:
        row = self.connection.execute(select, values).fetchone()
        if row is not None:
            return int(row[0])
        return int(self.connection.execute(insert, values).lastrowid or 0)
