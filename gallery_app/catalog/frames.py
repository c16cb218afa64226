"""Wall displays by name."""

from __future__ import annotations

import builtins

from gallery_app.catalog.database import Database
from gallery_app.domain.frames import Frame


class Frames:
    """The displays' settings."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list(self) -> builtins.list[Frame]:
        """All, by name."""
        raise NotImplementedError

    def get(self, name: str) -> Frame | None:
        """The frame of that name, None when there is none."""
        raise NotImplementedError

    def put(self, frame: Frame) -> None:
        """Write a frame, in the place of one of the same name."""
        raise NotImplementedError

    def delete(self, name: str) -> bool:
        """Forget the frame; False when there is none."""
        raise NotImplementedError
