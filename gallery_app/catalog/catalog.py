"""The catalog: rows in SQLite, columns over them in memory, and the rooms that answer.

`Catalog.open` migrates and loads; `write()` is one transaction, after which full text, columns
and revision have followed. Start here, then `writer.py` for what changes and `index.py` for
what is asked.
"""

from __future__ import annotations

import json
import logging
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from gallery_app.catalog import unfinished
from gallery_app.catalog.answers_kept import KeptAnswers
from gallery_app.catalog.assets import Assets
from gallery_app.catalog.columns import Columns
from gallery_app.catalog.database import MAPPED, Database, mapped
from gallery_app.catalog.entity_rows import reword_some
from gallery_app.catalog.frames import Frames
from gallery_app.catalog.index import Index
from gallery_app.catalog.jobs import Jobs
from gallery_app.catalog.links import Links
from gallery_app.catalog.occurrences import Occurrences
from gallery_app.catalog.offered import Offered
from gallery_app.catalog.products import Products
from gallery_app.catalog.remotes import Remotes
from gallery_app.catalog.removal import remove_some, restore_some
from gallery_app.catalog.similar import Similar
from gallery_app.catalog.sources import Sources
from gallery_app.catalog.text_index import reindex
from gallery_app.catalog.transaction import Names, Transaction
from gallery_app.catalog.writer import Writer
from gallery_app.domain.errors import GalleryError

_log = logging.getLogger(__name__)

AGAIN_S = 60.0  # after which a piece that was not written is tried again
_REST = partial(time.sleep, 0.002)
# By kind: (transaction, number, last key done, facts) -> the last key done now, None at the end.
_PIECES: dict[str, Callable[[Transaction, int, str, dict[str, int]], str | None]] = {
    "words": reword_some,
    "remove": remove_some,
    "restore": restore_some,
}


class Catalog:
    """An open catalog. Every part of it may be used from any thread."""

    def __init__(
        self,
        database: Database,
        columns: Columns,
        *,
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
        rest: Callable[[], object],
    ) -> None:
        self._database = database
        self._columns = columns
        self._random_bytes = random_bytes
        self._now = now
        self._rest = rest
        self._resting: dict[tuple[str, int], datetime] = {}  # whose piece failed, and until when
        self._names = Names()
        self._open: Transaction | None = None
        self.sources = Sources(database, columns, change=self._change, now=now)
        self.assets = Assets(database, columns)
        self.occurrences = Occurrences(database)
        self.index = Index(database, columns)
        self.jobs = Jobs(database, now=now)
        self.links = Links(database)
        self.remotes = Remotes(database, columns, change=self._change, now=now)
        self.similar = Similar(columns)
        self.kept = KeptAnswers(database, now=now)
        self.products = Products(database, columns, now=now)
        self.frames = Frames(database)
        self.offered = Offered(database, columns)

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        now: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
        rest: Callable[[], object] = _REST,
    ) -> Catalog:
        """Open the catalog at `path`, made or migrated as needed.

        `rest` is called after each piece of a large change.

        Raises:
            Misconfigured: the file is damaged, not ours to write, or of a newer version.
            OutOfSpace: the disk is too full to migrate.
        """
        database = Database(path, now=now)
        try:
            columns = Columns()
            with database.reading() as connection:
                columns.load(connection, revision=_revision(connection))
            catalog = cls(database, columns, now=now, random_bytes=random_bytes, rest=rest)
            catalog.sources.uploads()
        except BaseException:
            database.close()
            raise
        return catalog

    def close(self) -> None:
        """Close every connection."""
        self._database.close()

    @property
    def revision(self) -> int:
        """Raised by every commit that changes what a listing shows; survives a restart."""
        return self._columns.revision

    @contextmanager
    def write(self) -> Iterator[Writer]:
        """One transaction: committed at the end of the block, undone by an exception.

        Raises:
            OutOfSpace: the disk is full; nothing was written.
            GalleryError: whatever else SQLite had to say, translated; nothing was written.
        """
        with self._change() as transaction:
            yield Writer(transaction, self._random_bytes)

    def catch_up(self) -> bool:
        """Write a piece of what is left to be written in pieces; False: there is none to write now.

        One that fails is told in the log, lets those behind it go on, and is tried again after
        AGAIN_S. Each is of another source or entity, so that their order does not matter.

        Raises:
            GalleryError: what is left cannot be read.
        """
        for kind, number in self._database.rows("SELECT kind, number FROM unfinished"):
            resting = self._resting.get((kind, number))
            if resting is not None and resting > self._now():
                continue
            try:
                self._write_piece(kind, number)
            except Exception as error:  # noqa: BLE001  # whatever it was, those behind it go on
                self._resting[kind, number] = self._now() + timedelta(seconds=AGAIN_S)
                reason = error.code if isinstance(error, GalleryError) else repr(error)
                _log.warning("a piece of “%s %d” was not written: %s", kind, number, reason)
                continue
            self._resting.pop((kind, number), None)
            self._rest()  # those write who wait for their turn
            return True
        return False

    def _write_piece(self, kind: str, number: int) -> None:
        with self._write() as transaction:
            row = transaction.connection.execute(
                "SELECT after, facts FROM unfinished WHERE kind = ? AND number = ?", (kind, number)
            ).fetchone()
            if row is None:
                return  # another thread wrote the last one
            reached = _PIECES[kind](transaction, number, row[0], json.loads(row[1]))
            if reached is None:
                unfinished.forget(transaction, kind, number)
            else:
                unfinished.moved(transaction, kind, number, reached)

    @contextmanager
    def _change(self) -> Iterator[Transaction]:
        with self._write() as transaction:
            yield transaction
        # A part of a transaction leaves it to the whole.
        if self._open is transaction:
            return
        for act in transaction.after:
            act()
        if transaction.unfinished:
            for place in transaction.unfinished:
                self._resting.pop(place, None)
            with suppress(GalleryError):  # noted, and done by who next catches up
                while self.catch_up():
                    pass

    @contextmanager
    def _write(self) -> Iterator[Transaction]:
        with self._database.writer_lock:
            if self._open is not None:
                yield self._open
                return
            try:
                with self._database.writing() as connection:
                    transaction = self._open = Transaction(connection, self._names)
                    yield transaction
                    changed = None
                    if transaction.touched or transaction.sources_changed or transaction.entities:
                        reworded = reindex(connection, transaction.reworded)
                        changed = self._columns.read(
                            connection, transaction.touched, entities=transaction.entities
                        )
                        connection.execute(
                            "UPDATE counter SET value = value + 1 WHERE name = 'revision'"
                        )
                        revision = _revision(connection)
            except BaseException:
                self._names.forget()
                raise
            finally:
                self._open = None
            if transaction.links_changed:
                self.links.forget_recent()
            if changed is not None:
                try:
                    with self._columns.lock:
                        self._columns.hits.follow(reworded.lost, reworded.texts)
                        self._columns.apply(
                            changed,
                            connection,
                            revision=revision,
                            sources_changed=transaction.sources_changed,
                        )
                except MAPPED as error:
                    raise mapped(error) from error


def _revision(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT value FROM counter WHERE name = 'revision'").fetchone()
    return int(row[0])
