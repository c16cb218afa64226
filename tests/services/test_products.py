"""Products by number: asked once, answered for weeks, tried again when the database stumbles."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from gallery_app.domain.ean import check_digit
from gallery_app.domain.entities import EntityRef
from gallery_app.domain.errors import (
    BadEan,
    Conflict,
    GalleryError,
    NotFound,
    NotReady,
    OutOfSpace,
    Upstream,
    UpstreamGone,
    UpstreamRefused,
    UpstreamThrottled,
    UpstreamTimeout,
)
from gallery_app.domain.model import Job, Source
from gallery_app.domain.remote import Listing
from gallery_app.services.products import KIND, MOST_TRIES, ProductBook
from tests.pictures import make_picture
from tests.services.far import Book, Shop, hold, image
from tests.services.house import House

EAN = "4006381333931"
GTIN = "04006381333931"
PEN = EntityRef("product", GTIN, "Stabilo Boss")
FOUND = Listing(
    cursor="",
    seen=(image(f"gtin/{GTIN}/off/back", PEN), image(f"gtin/{GTIN}/off/front_de", PEN)),
    entities=(PEN,),
)
NOTHING = Listing(cursor="")
PARTIAL = replace(FOUND, note="No answer from Open Food Facts; there may be better pictures.")


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def source(book: Book, shop: Shop) -> Source:
    return book.connect("products", shop)


@pytest.fixture
def products(house: House, book: Book) -> ProductBook:
    return ProductBook(house.catalog, book, now=house.clock, chance=lambda: 0.0)


def _run(house: House, products: ProductBook) -> Job | None:
    """What the background does: claim the next job, if one may run now, and do it."""
    job = house.catalog.jobs.claim([KIND], lease_s=60)
    if job is None:
        return None
    products.run_product(job)
    return house.jobs.get(job.id)


def _run_to_the_end(house: House, products: ProductBook) -> tuple[Job, int]:
    """The job when it is over, and how many back-offs that took; the clock moves to each."""
    for waits in range(20):
        job = _run(house, products)
        assert job is not None
        if job.state in {"done", "failed"}:
            return job, waits
        assert job.run_after is not None
        assert _run(house, products) is None  # not before its time
        house.clock.at = job.run_after
    raise AssertionError


@pytest.mark.usefixtures("source")
class TestAsking:
    def test_a_paste_of_200_codes_is_judged_at_once(
        self, house: House, products: ProductBook, shop: Shop
    ) -> None:
        bodies = [f"4006381{n:05}" for n in range(150)]
        good = [body + check_digit(body) for body in bodies]
        bad = [code[:-1] + str((int(code[-1]) + 3) % 10) for code in good[:50]]

        pasted = products.paste("\n".join(good + bad), description="Spring order")

        assert [ean.given for ean, _ in pasted.accepted] == good
        assert [code.expected for code in pasted.invalid] == [code[-1] for code in good[:50]]
        assert len({job.id for _, job in pasted.accepted}) == 150
        assert products.list()[1] == 150
        assert products.get(good[0]).row.description == "Spring order"
        assert shop.asked == []  # the databases are asked in the background
        assert house.jobs.list("ready", limit=1)[1] == 150

    def test_a_paste_is_taken_whole_or_not_at_all(
        self, house: House, products: ProductBook, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put = house.catalog.jobs.put

        def full_at_the_second(kind: str, dedup_key: str, **rest: Any) -> Job:
            if GTIN not in dedup_key:
                raise OutOfSpace
            return put(kind, dedup_key, **rest)

        monkeypatch.setattr(house.catalog.jobs, "put", full_at_the_second)

        with pytest.raises(OutOfSpace):
            products.paste(f"{EAN}\n96385074")

        assert products.list() == ([], 0)
        assert house.jobs.list("ready")[1] == 0

    def test_a_failure_is_told_whatever_else_failed_since(
        self, house: House, products: ProductBook, shop: Shop
    ) -> None:
        shop.answers.append(UpstreamRefused("Shop", "The key is wrong."))
        products.ask(EAN)
        _run(house, products)
        house.clock.pass_(seconds=1)
        with house.catalog.write():
            for number in range(1_001):
                house.catalog.jobs.record_failure("fetch", f"fetch:{number}", subject="", error="")

        assert products.get(EAN).state == "failed"

    def test_asking_twice_is_one_job(self, products: ProductBook) -> None:
        assert products.ask(EAN).id == products.ask(f"0{EAN}").id

    def test_a_wrong_check_digit_is_told_with_the_right_one(self, products: ProductBook) -> None:
        with pytest.raises(BadEan) as caught:
            products.ask("4006381333932")

        assert caught.value.expected == "1"

    def test_a_shop_s_own_number_is_refused(self, products: ProductBook) -> None:
        with pytest.raises(BadEan, match="nobody else"):
            products.ask("2112345678900")


class TestWithoutASource:
    def test_asking_says_where_to_add_one(self, products: ProductBook) -> None:
        with pytest.raises(Conflict, match="Sources page"):
            products.ask(EAN)
        assert not products.available()
        assert products.list()[1] == 0

    def test_a_paste_without_a_good_number_is_still_judged(self, products: ProductBook) -> None:
        assert len(products.paste("4006381333932").invalid) == 1

    def test_one_that_was_removed_since_fails_the_job(
        self, house: House, products: ProductBook, source: Source
    ) -> None:
        products.ask(EAN)
        house.catalog.sources.remove(source.id, house.clock.at)

        job = _run(house, products)

        assert job is not None
        assert job.state == "failed"
        assert "Sources page" in (job.error or "")


@pytest.mark.usefixtures("source")
class TestLookingUp:
    def test_pictures_are_wanted_and_the_product_has_its_name(
        self, house: House, products: ProductBook, shop: Shop, source: Source
    ) -> None:
        shop.answers = [FOUND]
        products.ask(EAN)

        job, waits = _run_to_the_end(house, products)

        assert (job.state, job.progress["found"], waits) == ("done", 2, 0)
        product = products.get(EAN)
        assert (product.state, product.row.name, product.row.found) == ("found", PEN.name, 2)
        assert house.catalog.remotes.counts(source.id)["wanted"] == 2

    def test_two_failures_are_waited_out(
        self, house: House, products: ProductBook, shop: Shop
    ) -> None:
        shop.answers = [Upstream("shop"), Upstream("shop"), FOUND]
        products.ask(EAN)

        job, waits = _run_to_the_end(house, products)

        assert (job.state, waits, len(shop.asked)) == ("done", 2, 3)

    def test_one_begun_as_the_program_ended_is_taken_up_again(
        self, house: House, products: ProductBook, shop: Shop
    ) -> None:
        shop.answers = [NotReady(), FOUND]
        products.ask(EAN)

        assert _run_to_the_end(house, products)[0].state == "done"

    def test_each_wait_is_longer_than_the_last(
        self, house: House, products: ProductBook, shop: Shop
    ) -> None:
        shop.answers = [UpstreamTimeout("shop")] * MOST_TRIES
        products.ask(EAN)
        waits: list[timedelta] = []

        while (job := _run(house, products)) is not None and job.run_after is not None:
            if job.state != "ready":
                break
            waits.append(job.run_after - house.clock.at)
            house.clock.at = job.run_after

        assert waits == sorted(set(waits))
        assert len(waits) == MOST_TRIES - 1
        assert products.get(EAN).state == "failed"

    @pytest.mark.parametrize("answer", [NOTHING, UpstreamGone("shop")], ids=["nothing", "404"])
    def test_no_image_is_an_answer_and_not_asked_again(
        self, house: House, products: ProductBook, shop: Shop, answer: Listing | GalleryError
    ) -> None:
        shop.answers = [answer]
        products.ask(EAN)

        job, waits = _run_to_the_end(house, products)

        assert (job.state, job.progress["found"], waits, job.error) == ("done", 0, 0, None)
        assert products.get(EAN).state == "none"

    def test_being_asked_to_wait_is_heeded_and_uses_up_no_patience(
        self, house: House, products: ProductBook, shop: Shop
    ) -> None:
        shop.answers = [UpstreamThrottled("shop", retry_after_s=77), FOUND]
        products.ask(EAN)

        job = _run(house, products)

        assert job is not None
        assert job.run_after == house.clock.at + timedelta(seconds=77)
        assert products.get(EAN).state == "waiting"
        assert _run_to_the_end_from(house, products, job).state == "done"

    def test_however_often_it_was_asked_to_wait_a_failure_is_waited_out(
        self, house: House, products: ProductBook, shop: Shop
    ) -> None:
        throttled = UpstreamThrottled("shop", retry_after_s=77)
        shop.answers = [*[throttled] * MOST_TRIES, Upstream("shop"), FOUND]
        products.ask(EAN)

        job, waits = _run_to_the_end(house, products)

        assert (job.state, waits) == ("done", MOST_TRIES + 1)

    def test_a_refused_key_waits_for_somebody(
        self, house: House, products: ProductBook, shop: Shop
    ) -> None:
        shop.answers = [UpstreamRefused("shop", reason="The key was refused.")]
        products.ask(EAN)

        job, waits = _run_to_the_end(house, products)

        assert (job.state, job.error, waits) == ("failed", "The key was refused.", 0)
        product = products.get(EAN)
        assert (product.state, product.error) == ("failed", "The key was refused.")


def _run_to_the_end_from(house: House, products: ProductBook, job: Job) -> Job:
    assert job.run_after is not None
    house.clock.at = job.run_after
    return _run_to_the_end(house, products)[0]


@pytest.mark.usefixtures("source")
class TestKeeping:
    @pytest.mark.parametrize(
        ("answer", "good_days"),
        [(FOUND, 30), (NOTHING, 7), (PARTIAL, 7)],
        ids=["a hit", "a miss", "a hit while a better database was silent"],
    )
    def test_an_answer_serves_until_it_is_old(
        self, house: House, products: ProductBook, shop: Shop, answer: Listing, good_days: int
    ) -> None:
        shop.answers = [answer, answer]
        products.ask(EAN)
        _run_to_the_end(house, products)

        house.clock.pass_(days=good_days, seconds=-1)
        products.ask(EAN)
        again, _ = _run_to_the_end(house, products)
        asked_before = len(shop.asked)
        house.clock.pass_(seconds=2)
        products.ask(EAN)
        _run_to_the_end(house, products)

        assert (asked_before, len(shop.asked)) == (1, 2)
        assert again.progress == {"found": len(answer.seen), "kept": 1}

    def test_what_a_whole_answer_names_no_more_is_gone(
        self, house: House, products: ProductBook, shop: Shop, source: Source
    ) -> None:
        shelf = f"gtin/{GTIN}/off"
        old, new = (image(f"{shelf}/front_de.{rev}", PEN, parent=shelf) for rev in (3, 4))
        elsewhere = image(f"gtin/{GTIN}/upcitemdb/1", PEN, parent=f"gtin/{GTIN}/upcitemdb")
        shop.answers = [
            Listing(cursor="", seen=(old, elsewhere)),
            Listing(cursor="", seen=(new,), whole=(shelf,)),
        ]
        products.ask(EAN)
        _run_to_the_end(house, products)

        products.retry(EAN)
        _run_to_the_end(house, products)

        states = {key: house.catalog.remotes.row(source.id, key) for key in (old.key, new.key)}
        assert [row and row.state for row in states.values()] == ["gone", "wanted"]
        assert house.catalog.remotes.counts(source.id)["wanted"] == 2  # the other shelf's, too

    def test_what_a_source_answered_that_was_removed_is_asked_again(
        self, house: House, products: ProductBook, book: Book, shop: Shop, source: Source
    ) -> None:
        shop.answers = [FOUND, FOUND]
        products.ask(EAN)
        _run(house, products)
        house.clock.pass_(seconds=60)
        house.catalog.sources.remove(source.id, house.clock.at)
        other = book.connect("products", shop)

        products.ask(EAN)
        _run(house, products)

        assert len(shop.asked) == 2
        assert house.catalog.remotes.counts(other.id)["wanted"] == 2

    def test_a_retry_asks_whatever_is_kept(
        self, house: House, products: ProductBook, shop: Shop
    ) -> None:
        shop.answers = [NOTHING, FOUND]
        products.ask(EAN)
        _run_to_the_end(house, products)

        products.retry(EAN)
        _run_to_the_end(house, products)

        assert products.get(EAN).state == "found"

    def test_nobody_asked_for_this_one(self, products: ProductBook) -> None:
        with pytest.raises(NotFound):
            products.retry(EAN)
        with pytest.raises(NotFound):
            products.get(EAN)


class TestPictures:
    def test_a_database_s_front_view_comes_first(
        self, house: House, products: ProductBook, shop: Shop, source: Source
    ) -> None:
        shop.answers = [FOUND]
        products.ask(EAN)
        _run_to_the_end(house, products)
        for number in range(2):
            house.put(f"{number}.jpg", make_picture(f"64x48 jpeg, seed {number}"))
        house.scan()
        house.render_all()
        ids = {asset.filename: asset.id for asset in house.all()}
        for number, key in enumerate(("back", "front_de")):
            hold(house, source, f"gtin/{GTIN}/off/{key}", ids[f"{number}.jpg"])

        found = products.images(EAN)

        assert found.primary is not None
        assert [asset.filename for asset in found.assets] == ["1.jpg", "0.jpg"]
        assert found.name == PEN.name

    def test_asked_for_and_not_here_yet_is_no_picture_but_known(
        self, products: ProductBook, source: Source
    ) -> None:
        products.ask(EAN)

        found = products.images(EAN)

        assert found.primary is None
        assert found.product is not None
        assert found.product.state == "waiting"

    def test_an_unknown_product_is_not_found(self, products: ProductBook) -> None:
        with pytest.raises(NotFound):
            products.images(EAN)
        with pytest.raises(BadEan):
            products.images("123")
