"""Article numbers that somebody asked for, and what was found."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from datetime import datetime

from gallery_app.catalog.columns import Columns
from gallery_app.catalog.database import Database, Row
from gallery_app.catalog.encoding import from_utc_ms, utc_ms
from gallery_app.catalog.entity_counts import newest_of
from gallery_app.domain.answers import ProductRow
from gallery_app.domain.ean import Ean

_COLUMNS = "gtin, given, name, description, asked_at, looked_at, found, partial"
_OF_DATABASES = (
    "SELECT id FROM entity WHERE type = 'product' AND ref = ? "
    "AND source_id IN (SELECT id FROM source WHERE kind = 'products')"
)


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
        with self._database.writing() as connection:
            row = connection.execute(
                "INSERT INTO product (gtin, given, description, asked_at) VALUES (?, ?, ?, ?) "  # noqa: S608  # fixed text
                "ON CONFLICT (gtin) DO UPDATE SET given = excluded.given, "
                "asked_at = excluded.asked_at, "
                "description = iif(excluded.description = '', description, excluded.description) "
                f"RETURNING {_COLUMNS}",
                (ean.gtin, ean.given, description, utc_ms(self._now())),
            ).fetchone()
        return self._product(row)

    def found(
        self, gtin: str, *, name: str, count: int, at: datetime, partial: bool = False
    ) -> None:
        """The databases were asked to an end: the product's name there ("": none), its pictures.

        A name found earlier outlasts an empty one. `partial`: one of them did not answer.
        """
        with self._database.writing() as connection:
            connection.execute(
                "UPDATE product SET looked_at = ?, found = ?, name = iif(?3 = '', name, ?3), "
                "partial = ?4 WHERE gtin = ?5",
                (utc_ms(at), count, name, partial, gtin),
            )

    def list(
        self, *, text: str = "", limit: int = 50, offset: int = 0
    ) -> tuple[builtins.list[ProductRow], int]:
        """Products asked for, last asked first, and how many there are in all.

        Args:
            text: is part of the name, the description or the digits.
            limit: at most so many.
            offset: after so many.
        """
        select = f"SELECT {_COLUMNS} FROM product ORDER BY asked_at DESC, gtin"  # noqa: S608  # fixed text
        if text:  # SQLite folds the case of A to Z alone
            folded = text.casefold()
            found = [
                row
                for row in self._database.rows(select)
                if any(folded in part.casefold() for part in row[:4])
            ]
            return [self._product(row) for row in found[offset : offset + limit]], len(found)
        with self._database.reading() as connection:
            total = connection.execute("SELECT count(*) FROM product").fetchone()
            rows = connection.execute(f"{select} LIMIT ? OFFSET ?", (limit, offset)).fetchall()
        return [self._product(row) for row in rows], int(total[0])

    def get(self, gtin: str) -> ProductRow | None:
        """The product of these 14 digits, None when nobody asked for it."""
        row = self._database.row(f"SELECT {_COLUMNS} FROM product WHERE gtin = ?", (gtin,))  # noqa: S608  # fixed text
        return None if row is None else self._product(row)

    def _product(self, row: Row) -> ProductRow:
        gtin, given, name, description, asked_at, looked_at, found, partial = row
        own = [entity for (entity,) in self._database.rows(_OF_DATABASES, (gtin,))]
        with self._columns.lock:
            entities = self._columns.entities.meant_by("product", gtin)
            assets, cover, _ = newest_of(self._columns, entities)
            # What it looks like, rather than what a customer shows of it.
            cover = newest_of(self._columns, own)[1] or cover
        return ProductRow(
            gtin, given, name, description, from_utc_ms(asked_at), from_utc_ms(looked_at), found,
            bool(partial), assets, cover,
        )  # fmt: skip
