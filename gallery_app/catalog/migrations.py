"""Brings a database to this program's schema, after a copy of what was there.

One numbered SQL file a step, each in one transaction with the record of it
(`sqlite_utils.Migrations`), so a crash leaves the old schema or the new one. `user_version`
is the number of steps taken: with nothing to do, sqlite_utils is not even imported.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime
from pathlib import Path

from gallery_app.domain.errors import Misconfigured

SCHEMA = Path(__file__).parent / "schema"


def steps(folder: Path = SCHEMA) -> list[Path]:
    """The SQL files in the order they are applied."""
    return sorted(folder.glob("[0-9][0-9][0-9][0-9]_*.sql"))


def migrate(
    connection: sqlite3.Connection, path: Path, *, now: datetime, folder: Path = SCHEMA
) -> None:
    """Apply what is missing; a database with rows in it is first copied to `backups/`.

    Raises:
        Misconfigured: the database was written by a newer version of this program.
    """
    files = steps(folder)
    have = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if have > len(files):
        raise Misconfigured(
            "data",
            f"The index {path.name} was written by a newer version of the gallery (schema {have}, "
            f"this program knows {len(files)}). Start that version, or use another data folder.",
        )
    if have == len(files):
        return
    if have > 0:
        _copy(connection, path, have, now=now)
    _apply(connection, files)


def _copy(connection: sqlite3.Connection, path: Path, version: int, *, now: datetime) -> None:
    backups = path.parent / "backups"
    backups.mkdir(mode=0o700, exist_ok=True)
    stem = f"{path.stem}-schema{version}-{now:%Y%m%dT%H%M%SZ}"
    unfinished = backups / f"{stem}.part"
    unfinished.unlink(missing_ok=True)
    connection.execute("VACUUM INTO ?", (str(unfinished),))
    unfinished.replace(backups / f"{stem}.db")


def _apply(connection: sqlite3.Connection, files: list[Path]) -> None:
    # Imported here because it costs a tenth of a second that a normal start need not pay.
    from sqlite_utils import Database
    from sqlite_utils.migrations import Migrations

    migrations = Migrations("gallery")
    for number, file in enumerate(files, start=1):

        def step(db: Database, *, file: Path = file, number: int = number) -> None:
            for statement in statements(file.read_text(encoding="utf-8")):
                db.conn.execute(statement)
            db.conn.execute(f"PRAGMA user_version = {number}")

        migrations(name=file.stem)(step)
    migrations.apply(Database(connection, recursive_triggers=False))


def statements(script: str) -> list[str]:
    """The single statements of a script: `executescript` would commit before the first."""
    found: list[str] = []
    pending = ""
    for line in script.splitlines(keepends=True):
        pending += line
        if sqlite3.complete_statement(pending):
            found.append(pending.strip())
            pending = ""
    return found
