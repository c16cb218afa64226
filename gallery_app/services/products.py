"""Pictures of products by the number below their barcode.

`paste` judges a text full of numbers and puts a job for each good one; `run_product` asks the
products source and writes down the pictures it names, which the fetching threads then get.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from gallery_app.catalog.catalog import Catalog
from gallery_app.connectors.base import LooksUp
from gallery_app.domain.answers import ProductRow
from gallery_app.domain.ean import Ean
from gallery_app.domain.entities import EntityRef
from gallery_app.domain.errors import (
    BadInput,
    Conflict,
    GalleryError,
    NotFound,
    NotReady,
    OutOfSpace,
    Upstream,
    UpstreamGone,
    UpstreamRefused,
    UpstreamThrottled,
)
from gallery_app.domain.model import Asset, Job, Source
from gallery_app.domain.query import MOST_PER_PAGE as MOST_ASSETS
from gallery_app.domain.remote import Listing
from gallery_app.services.codes import BadCode, judged, wanted
from gallery_app.services.losses import Losses
from gallery_app.services.product_pictures import pictures_of
from gallery_app.services.reach import (
    PAUSED_AGAIN_S,
    PRODUCT_KEYS,
    Paused,
    Reach,
    nobody,
    on_line,
    put_off,
    remotes_of,
)

_log = logging.getLogger(__name__)

KIND = "product"  # of its jobs
HIT_S, MISS_S = 30 * 86_400.0, 7 * 86_400.0  # how long an answer is as good as a new one
LONGEST_DESCRIPTION = 1_000
MOST_PER_PAGE = 200
# Back-off of transient failures: 10 s, 20 s, 40 s ... 640 s, with up to a half more by chance.
FIRST_WAIT_S, MOST_TRIES = 10.0, 8
NO_SOURCE = (
    "No product database is connected. Add “Product pictures” on the Sources page, then ask again."
)


@dataclass(frozen=True, slots=True)
class Pasted:
    """What became of a pasted text: each code is in exactly one of the two; doubles count once."""

    accepted: tuple[tuple[Ean, Job], ...]
    invalid: tuple[BadCode, ...]


ProductState = Literal["waiting", "found", "none", "failed"]


@dataclass(frozen=True, slots=True)
class Product:
    """A product that was asked for. `job`: the last one about it that waits, runs or failed."""

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
    """Asks for products, and keeps what was answered: 30 days a hit, 7 days a miss.

    A hit while a better database was silent is kept as long as a miss.
    """

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
        self._catalog = catalog
        self._reach = reach
        self._losses = Losses(catalog)
        self._now = now
        self._chance = chance
        self._wake = wake

    # --- asking ----------------------------------------------------------------------------

    def available(self) -> bool:
        """Whether a products source is connected and not paused."""
        return bool(remotes_of(self._catalog, "products"))

    def paste(self, text: str, *, description: str = "") -> Pasted:
        """Judge every number in `text` at once and ask for the good ones.

        Codes are apart by lines, commas, semicolons or blanks; blanks and hyphens within a
        code do not count.

        Raises:
            BadInput: nothing in it, more than `codes.MOST_CODES`, or too long a description.
            Conflict: no products source is connected; says where to add one.
        """
        good, bad = judged(text)
        jobs = self._put(good, description) if good else []
        return Pasted(tuple(zip(good, jobs, strict=True)), tuple(bad))

    def ask(self, code: str, *, description: str = "") -> Job:
        """Ask for one product; the job that does it.

        Raises:
            BadEan: no article number (`expected` is the right check digit), or one that no
                product database can know.
            BadInput: too long a description.
            Conflict: no products source is connected; says where to add one.
        """
        return self._put([wanted(code)], description)[0]

    def retry(self, code: str) -> Job:
        """Ask again now, whatever is kept.

        Raises:
            BadEan, NotFound, Conflict: as in `get` and `ask`.
        """
        row = self._row(Ean.parse(code))
        return self._put([Ean(row.gtin, row.given)], row.description, anew=True)[0]

    def _put(self, eans: Sequence[Ean], description: str, *, anew: bool = False) -> list[Job]:
        if len(description) > LONGEST_DESCRIPTION:
            raise BadInput(f"A description has at most {LONGEST_DESCRIPTION:,} characters.")
        self._source()
        with self._catalog.write():  # all of a long list, or none of it
            jobs = [self._put_one(ean, description.strip(), anew=anew) for ean in eans]
        self._wake()
        return jobs

    def _put_one(self, ean: Ean, description: str, *, anew: bool) -> Job:
        self._catalog.products.ask(ean, description)
        job = self._catalog.jobs.put(
            KIND,
            _key(ean.gtin),
            subject=ean.shown,
            payload={"gtin": ean.gtin, "given": ean.given, "anew": anew},
            insist=anew,
        )
        if job.state == "ready" and job.run_after is not None and anew:
            job = self._catalog.jobs.retry(job.id)  # it waited for better times
        return job

    def _source(self) -> Source:
        found = remotes_of(self._catalog, "products")
        if found:
            return found[0]
        raise nobody(self._catalog, "products", NO_SOURCE)

    def _line(self) -> LooksUp:
        connector = self._reach.connector(self._source().id)
        if not isinstance(connector, LooksUp):
            raise Conflict(NO_SOURCE)
        return connector

    # --- looking ---------------------------------------------------------------------------

    def list(
        self, *, text: str = "", page: int = 1, per_page: int = 50
    ) -> tuple[Sequence[Product], int]:
        """Products that were asked for, last asked first, and how many there are.

        Raises:
            BadInput: a page that cannot be.
        """
        if page < 1 or not 1 <= per_page <= MOST_PER_PAGE:
            raise BadInput(f"Pages are counted from 1 and have 1 to {MOST_PER_PAGE} lines.")
        rows, total = self._catalog.products.list(
            text=text.strip(), limit=per_page, offset=(page - 1) * per_page
        )
        return self._products(rows), total

    def get(self, code: str) -> Product:
        """One product that was asked for, by any form of its number.

        Raises:
            BadEan: no article number.
            NotFound: nobody asked for it.
        """
        return self._products([self._row(Ean.parse(code))])[0]

    def images(self, code: str) -> ProductImages:
        """The pictures of a product: those of its databases first, then whoever names it.

        Raises:
            BadEan: no article number.
            NotFound: nobody asked for it and no picture names it.
        """
        ean = Ean.parse(code)
        row = self._catalog.products.get(ean.gtin)
        found = pictures_of(self._catalog, ean.gtin)
        assets = [*found.databases, *found.others][:MOST_ASSETS]
        if row is None and not assets:
            raise NotFound("product")
        names = (ref.name for a in assets for ref in a.entities if ref.id == ean.gtin and ref.name)
        return ProductImages(
            ean,
            (row.name if row is not None else "") or next(names, ""),
            row.description if row is not None else "",
            tuple(assets),
            self._products([row])[0] if row is not None else None,
        )

    def _row(self, ean: Ean) -> ProductRow:
        row = self._catalog.products.get(ean.gtin)
        if row is None:
            raise NotFound("product")
        return row

    def _products(self, rows: Sequence[ProductRow]) -> Sequence[Product]:
        keys = {row.gtin: (_key(row.gtin), f"{_key(row.gtin)}:next") for row in rows}
        jobs = self._catalog.jobs.latest([key for both in keys.values() for key in both])
        return [
            _product(
                row,
                max(
                    (jobs[key] for key in keys[row.gtin] if key in jobs),
                    key=lambda job: job.id,
                    default=None,
                ),
            )
            for row in rows
        ]

    # --- the background --------------------------------------------------------------------

    def run_product(self, job: Job) -> None:
        """Do a claimed job of kind "product" and end it: done, failed, or to be tried again.

        Never raises for what the remote does.
        """
        try:
            ean = Ean(str(job.payload["gtin"]), str(job.payload["given"]))
            progress = self._kept(ean) if not job.payload.get("anew") else None
            if progress is None:
                progress = self._look_up(ean)
            self._catalog.jobs.done(job.id, progress)
        except Paused as error:
            put_off(self._catalog, job, error.public, now=self._now(), line=self._line)
        except NotReady as error:  # the program ends
            later = self._now() + timedelta(seconds=PAUSED_AGAIN_S)
            self._catalog.jobs.fail(job.id, error.public, retry_at=later, counted=False)
        except UpstreamThrottled as error:
            # Being asked to wait is no failure: it uses up no try.
            later = self._now() + timedelta(seconds=max(1, error.retry_after_s))
            self._catalog.jobs.fail(job.id, error.public, retry_at=later, counted=False)
        except (UpstreamRefused, Conflict, BadInput, NotFound) as error:
            self._catalog.jobs.fail(job.id, error.public, retry_at=None)
        except (Upstream, OutOfSpace) as error:
            self._catalog.jobs.fail(job.id, error.public, retry_at=self._later(job.attempts))
        except GalleryError as error:
            _log.exception("looking up product %s failed", job.subject)
            self._catalog.jobs.fail(job.id, error.public, retry_at=None)

    def _kept(self, ean: Ean) -> dict[str, int] | None:
        """The count of an answer that is still good; None when the databases are to be asked.

        An answer to a source that was removed is none: its pictures went with it.
        """
        row = self._catalog.products.get(ean.gtin)
        if row is None or row.looked_at is None or row.looked_at < self._source().added_at:
            return None
        age_s = (self._now() - row.looked_at).total_seconds()
        fresh = age_s < (HIT_S if row.found and not row.partial else MISS_S)
        return {"found": row.found, "kept": 1} if fresh else None

    def _look_up(self, ean: Ean) -> dict[str, int]:
        source = self._source()
        try:
            listing = on_line(self._line, lambda databases: databases.look_up(ean))
        except UpstreamGone:
            listing = Listing(cursor="")  # "no such product" is an answer
        at = self._now()
        refs = _named(listing, ean)
        with self._catalog.write() as writer:
            tally = writer.list_remote(source.id, listing.seen, at=at, copies=True)
            if refs:
                writer.name_entities(source.id, refs)
            if gone := self._losses.told(source.id, listing):
                writer.lose_remote(source.id, gone, at=at)  # earlier revisions, say
        name = next((ref.name for ref in refs if ref.id == ean.gtin and ref.name), "")
        self._catalog.products.found(
            ean.gtin,
            name=name,
            count=len(listing.seen),
            at=at,
            partial=listing.note is not None,
        )
        if listing.seen:
            self._wake()
        return {"found": len(listing.seen), "new": tally.new}

    def _later(self, attempts: int) -> datetime | None:
        if attempts >= MOST_TRIES:
            return None
        wait_s = FIRST_WAIT_S * 2 ** max(0, attempts - 1)
        return self._now() + timedelta(seconds=wait_s * (1 + self._chance() / 2))


def _key(gtin: str) -> str:
    return f"{PRODUCT_KEYS}{gtin}"


def _named(listing: Listing, ean: Ean) -> list[EntityRef]:
    """What the listing calls the product, by id and name."""
    said = [*listing.entities, *(ref for image in listing.seen for ref in image.entities)]
    return [ref for ref in dict.fromkeys(said) if ref.type == "product" and ref.id == ean.gtin]


def _product(row: ProductRow, job: Job | None) -> Product:
    if job is not None and job.state in {"ready", "running"}:
        return Product(row, "waiting", job.error, job)
    if job is not None and (row.looked_at is None or job.updated_at > row.looked_at):
        return Product(row, "failed", job.error, job)
    if row.looked_at is None:
        return Product(row, "waiting")
    return Product(row, "found" if row.found else "none")
