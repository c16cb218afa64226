"""Article numbers that somebody asked for, and what was found."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from datetime import datetime

from gallery_app.catalog.columns import Columns
from gallery_app.catalog.database import Database
from gallery_app.domain.answers import ProductRow
from gallery_app.domain.ean import Ean


class Products:
    """The asked-for article numbers."""

    def __init__(
        self, database: Database, columns: Columns, *, now: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._columns = columns
        self._now = now

    def ask(self, ean: Ean, description: str = "") -> ProductRow:
        """Note that somebody wants this product; a new description replaces the older one."""
        raise NotImplementedError

    def found(self, gtin: str, *, name: str, count: int, at: datetime) -> None:
        """The databases were asked to an end: the product's name there ("": none), its pictures."""
        raise NotImplementedError

    def list(
        self, *, text: str = "", limit: int = 50, offset: int = 0
    ) -> tuple[builtins.list[ProductRow], int]:
        """Products asked for, last asked first, and how many there are in all.

        Args:
            text: is part of the name, the description or the digits.
            limit: at most so many.
            offset: after so many.
        """
        raise NotImplementedError

    def get(self, gtin: str) -> ProductRow | None:
        """The product of these 14 digits, None when nobody asked for it."""
        raise NotImplementedError
