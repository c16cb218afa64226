"""The SQLite file: one writer, pooled read-only readers, and what its errors mean.

Everything SQLite can raise is translated here (`mapped`). WAL with synchronous=FULL: what was
committed is durable. Readers are lent for the length of a question and shared by all threads,
so memory follows how many ask at once, not how many threads exist.
"""

from __future__ import annotations

import sqlite3
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from gallery_app.catalog.migrations import migrate
from gallery_app.domain.errors import BadInput, Conflict, GalleryError, Misconfigured, OutOfSpace

Row = tuple[Any, ...]

_BUSY_TIMEOUT_MS = 5_000
_WRITER_CACHE_KIB = 16_000
_READER_CACHE_KIB = 1_000
# Random uids and hashes touch a thousand index pages with every batch of 500; a log of 32 MB
# takes most of them several times before they are copied into the file.
_WAL_PAGES = 8_000
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT})
_CLOSED_TO_US = frozenset(
    {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH}
)
_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL})
_REFUSED = frozenset({sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG})


def mapped(error: Exception) -> GalleryError:
    """The domain error for anything sqlite3 raises; raise it `from` the original."""
    code = getattr(error, "sqlite_errorcode", None)
    primary = None if code is None else code & 0xFF
    if primary == sqlite3.SQLITE_FULL:
        return OutOfSpace()
    if primary in _DAMAGED:
        return Misconfigured(
            "data",
            "The index gallery.db is damaged. Restore it from backups/, or move it away: "
            "the folders will be indexed anew.",
        )
    if primary in _CLOSED_TO_US:
        return Misconfigured(
            "data", "The index gallery.db cannot be opened for writing. Check the folder's rights."
        )
    if primary in _BUSY:
        return Conflict("The index is busy with another program. Try again in a moment.")
    if primary in _REFUSED or isinstance(error, sqlite3.IntegrityError):
        return Conflict("This does not fit what the index already holds.")
    if isinstance(error, UnicodeError | OverflowError):
        return BadInput("A text or number in this request cannot be stored.")
    return GalleryError()


MAPPED = (sqlite3.Error, UnicodeError, OverflowError)


class Database:
    """An open SQLite file. `writing()` is one transaction, `reading()` one snapshot."""

    def __init__(self, path: Path, *, now: Callable[[], datetime]) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._depth = 0
        self._readers: deque[sqlite3.Connection] = deque()
        self._closed = False
        try:
            self._writer = self._open_writer(now)
        except MAPPED as error:
            raise mapped(error) from error

    def _open_writer(self, now: Callable[[], datetime]) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA temp_store = MEMORY")
            connection.execute(f"PRAGMA cache_size = -{_WRITER_CACHE_KIB}")
            connection.execute(f"PRAGMA wal_autocheckpoint = {_WAL_PAGES}")
            migrate(connection, self.path, now=now())
            connection.execute("PRAGMA foreign_keys = ON")
        except BaseException:
            connection.close()
            raise
        return connection

    def close(self) -> None:
        """Close every connection; questions still running end with an error."""
        with self._lock:
            self._closed = True
            while self._readers:
                self._readers.pop().close()
            self._writer.close()

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction on the one writer; within another of this thread, a part of it.

        Raises:
            GalleryError: whatever sqlite3 had to say, translated; nothing was written.
        """
        with self._lock:
            depth = self._depth
            begin, commit, undo = _words_of(depth)
            connection = self._writer
            try:
                connection.execute(begin)
                self._depth += 1
                try:
                    yield connection
                    connection.execute(commit)
                except BaseException:
                    if connection.in_transaction:
                        for statement in undo:
                            connection.execute(statement)
                    raise
                finally:
                    self._depth = depth
            except MAPPED as error:
                raise mapped(error) from error

    @property
    def writer_lock(self) -> threading.RLock:
        """Held for the length of a transaction; whoever must follow a commit holds it longer."""
        return self._lock

    @property
    def nested(self) -> bool:
        """Whether the thread that holds the writer's lock is inside a transaction."""
        return self._depth > 0

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A read-only connection on one snapshot: several questions see the same state."""
        connection = self._borrow()
        try:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                connection.execute("COMMIT")
        except MAPPED as error:
            raise mapped(error) from error
        finally:
            self._give_back(connection)

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """The rows of one question."""
        connection = self._borrow()
        try:
            return connection.execute(sql, parameters).fetchall()
        except MAPPED as error:
            raise mapped(error) from error
        finally:
            self._give_back(connection)

    def row(self, sql: str, parameters: Sequence[object] = ()) -> Row | None:
        """The first row of one question."""
        found = self.rows(sql, parameters)
        return found[0] if found else None

    def _borrow(self) -> sqlite3.Connection:
        try:
            return self._readers.pop()
        except IndexError:
            return self._open_reader()

    def _give_back(self, connection: sqlite3.Connection) -> None:
        if self._closed:
            connection.close()
        else:
            self._readers.append(connection)

    def _open_reader(self) -> sqlite3.Connection:
        uri = f"{self.path.absolute().as_uri()}?mode=ro"
        try:
            connection = sqlite3.connect(
                uri, uri=True, isolation_level=None, check_same_thread=False, cached_statements=64
            )
            connection.execute("PRAGMA trusted_schema = OFF")
            connection.execute("PRAGMA query_only = ON")
            connection.execute(f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}")
            connection.execute("PRAGMA temp_store = MEMORY")
            connection.execute(f"PRAGMA cache_size = -{_READER_CACHE_KIB}")
        except MAPPED as error:
            raise mapped(error) from error
        return connection


def _words_of(depth: int) -> tuple[str, str, tuple[str, ...]]:
    """Begin, commit and undo of a transaction that lies in `depth` others."""
    if depth == 0:
        return "BEGIN IMMEDIATE", "COMMIT", ("ROLLBACK",)
    name = f"inner{depth}"
    undo = (f"ROLLBACK TO {name}", f"RELEASE {name}")
    return f"SAVEPOINT {name}", f"RELEASE {name}", undo
