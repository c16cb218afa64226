"""Wall displays by name."""

from __future__ import annotations

import builtins

from gallery_app.catalog.database import Database, Row
from gallery_app.catalog.encoding import from_utc_ms, utc_ms
from gallery_app.domain.frames import Frame
from gallery_app.domain.geometry import Size

_SELECT = "SELECT name, query, width, height, interval_s, key, created_at FROM frame "


class Frames:
    """The displays' settings."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self) -> builtins.list[Frame]:
        """All, by name."""
        return [_frame(row) for row in self._database.rows(_SELECT + "ORDER BY name")]

    def get(self, name: str) -> Frame | None:
        """The frame of that name, None when there is none."""
        row = self._database.row(_SELECT + "WHERE name = ?", (name,))
        return None if row is None else _frame(row)

    def put(self, frame: Frame) -> None:
        """Write a frame, in the place of one of the same name."""
        with self._database.writing() as connection:
            connection.execute(
                "INSERT OR REPLACE INTO frame "
                "(name, query, width, height, interval_s, key, created_at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?)",
                (
                    frame.name, frame.query, frame.size.width, frame.size.height,
                    frame.interval_s, frame.key, utc_ms(frame.created_at),
                ),
            )  # fmt: skip

    def delete(self, name: str) -> bool:
        """Forget the frame; False when there is none."""
        with self._database.writing() as connection:
            return connection.execute("DELETE FROM frame WHERE name = ?", (name,)).rowcount > 0


def _frame(row: Row) -> Frame:
    name, query, width, height, interval_s, key, created_at = row
    return Frame(name, query, Size(width, height), interval_s, key, from_utc_ms(created_at))
