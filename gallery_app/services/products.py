"""Pictures of products by the number below their barcode.

`paste` judges a text full of numbers and puts a job for each good one; `run_product` asks the
products source and writes down the pictures it names, which the fetching threads then get.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from gallery_app.catalog.catalog import Catalog
from gallery_app.domain.ean import Ean
from gallery_app.domain.model import Asset, Job
from gallery_app.services.reach import Reach

if TYPE_CHECKING:
    from gallery_app.catalog.products import ProductRow

MOST_CODES = 1000
KIND = "product"  # of its jobs


@dataclass(frozen=True, slots=True)
class BadCode:
    """A part of a pasted text that is no article number; `expected`: the right check digit."""

    text: str
    reason: str
    expected: str = ""


@dataclass(frozen=True, slots=True)
class Pasted:
    """What became of a pasted text: each code is in exactly one of the two; doubles count once."""

    accepted: tuple[tuple[Ean, Job], ...]
    invalid: tuple[BadCode, ...]


ProductState = Literal["waiting", "found", "none", "failed"]


@dataclass(frozen=True, slots=True)
class Product:
    """A product that was asked for. `job`: the last one about it."""

    row: ProductRow
    state: ProductState
    error: str | None = None
    job: Job | None = None


@dataclass(frozen=True, slots=True)
class ProductImages:
    """The pictures of one product, the best first; empty while they are on their way."""

    ean: Ean
    name: str
    description: str
    assets: tuple[Asset, ...]
    product: Product | None = None  # None: a picture names it, nobody asked for it

    @property
    def primary(self) -> Asset | None:
        """The best one."""
        return self.assets[0] if self.assets else None


class ProductBook:
    """Asks for products, and keeps what was answered: 30 days a hit, 7 days a miss."""

    def __init__(
        self,
        catalog: Catalog,
        reach: Reach,
        *,
        now: Callable[[], datetime],
        chance: Callable[[], float],
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        """Prepare.

        Args:
            catalog: where products, jobs and wanted pictures are written.
            reach: opens the products source.
            now: UTC clock.
            chance: uniform in [0, 1), for the jitter of back-offs.
            wake: told when there is a job to run or a picture to fetch.
        """

    def available(self) -> bool:
        """Whether a products source is connected and not paused."""
        raise NotImplementedError

    def paste(self, text: str, *, description: str = "") -> Pasted:
        """Judge every number in `text` at once and ask for the good ones.

        Codes are apart by lines, commas, semicolons or blanks; blanks and hyphens within a
        code do not count.

        Raises:
            BadInput: nothing in it, or more than MOST_CODES.
            Conflict: no products source is connected; says where to add one.
        """
        raise NotImplementedError

    def ask(self, code: str, *, description: str = "") -> Job:
        """Ask for one product; the job that does it, or that did it just now.

        Raises:
            BadEan: no article number (`expected` is the right check digit), or one that no
                product database can know.
            Conflict: no products source is connected; says where to add one.
        """
        raise NotImplementedError

    def list(
        self, *, text: str = "", page: int = 1, per_page: int = 50
    ) -> tuple[list[Product], int]:
        """Products that were asked for, newest first, and how many there are."""
        raise NotImplementedError

    def get(self, code: str) -> Product:
        """One product that was asked for, by any form of its number.

        Raises:
            BadEan: no article number.
            NotFound: nobody asked for it.
        """
        raise NotImplementedError

    def images(self, code: str) -> ProductImages:
        """The pictures of a product, whoever has them.

        Raises:
            BadEan: no article number.
            NotFound: nobody asked for it and no picture names it.
        """
        raise NotImplementedError

    def retry(self, code: str) -> Job:
        """Ask again now, whatever is kept.

        Raises:
            BadEan, NotFound, Conflict: as in `get` and `ask`.
        """
        raise NotImplementedError

    def run_product(self, job: Job) -> None:
        """Do a claimed job of kind "product" and end it: done, failed, or to be tried again.

        Never raises for what the remote does.
        """
        raise NotImplementedError
