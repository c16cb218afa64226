"""A pause: what is under way at the remote ends within moments, and nothing of it is a failure."""

from __future__ import annotations

import threading
from typing import Any, NoReturn
from unittest.mock import Mock

import pytest

from gallery_app.connectors.base import Tools
from gallery_app.domain.ean import Ean
from gallery_app.domain.errors import NotReady, Upstream, UpstreamGone
from gallery_app.domain.model import Job, Source
from gallery_app.domain.remote import Listing, RemoteConfig
from gallery_app.services.products import ProductBook
from gallery_app.services.pushing import Pushing
from gallery_app.services.values import Streamed
from tests.pictures import make_picture
from tests.services.far import Book, Library, Shop
from tests.services.remote_house import RemoteHouse
from tests.services.remote_world import KEY as SECRET
from tests.services.remote_world import FakeConnector, kind, picture, sha1_of

HOUSE = RemoteHouse
KEY = "ticket/4711/attachment/1"


def _pause(house: RemoteHouse, source: Source) -> None:
    """As a person does while a request is in flight, whose connection then breaks."""
    house.desk.before_bytes = house.desk.before_batch = lambda: None
    closed = house.desk.closed
    house.book.change(source.id, paused=True)
    if house.desk.closed > closed:
        raise Upstream("Freshdesk", "Freshdesk broke off in the middle of an answer.")


def test_a_picture_on_its_way_ends_and_comes_when_the_source_goes_on(house: RemoteHouse) -> None:
    house.desk.put(KEY)
    source = house.connect()
    house.sync()
    house.desk.before_bytes = lambda: _pause(house, source)

    house.fetch()
    paused = house.row(KEY)
    house.book.change(source.id, paused=False)
    house.fetch()

    assert (paused.state, paused.attempts) == ("wanted", 0)
    assert house.jobs.list("failed")[1] == 0
    assert house.row(KEY).state == "held"


def test_one_that_is_looked_for_in_its_listing_has_not_failed(house: RemoteHouse) -> None:
    house.desk.put(KEY, parent="ticket/4711")
    source = house.connect()
    house.sync()
    house.desk.fails_open = [UpstreamGone()]
    house.desk.before_batch = lambda: _pause(house, source)

    house.fetch()

    assert (house.row(KEY).state, house.row(KEY).attempts) == ("wanted", 0)


def test_one_that_was_claimed_just_before_is_not_begun(
    house: RemoteHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.desk.put(KEY)
    source = house.connect()
    house.sync()
    connector = house.book.connector

    def late(source_id: int) -> object:
        house.book.change(source.id, paused=True)
        return connector(source.id)

    monkeypatch.setattr(house.book, "connector", late)
    house.fetch()

    assert house.desk.opened == []
    assert (house.row(KEY).state, house.row(KEY).attempts) == ("wanted", 0)


@pytest.mark.parametrize("when", ["in a request", "as it begins"])
def test_a_sync_ends_and_is_no_failure(
    house: RemoteHouse, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    house.desk.fill(9)
    source = house.connect()
    connector = house.book.connector

    def late(source_id: int) -> object:
        monkeypatch.undo()
        house.book.change(source.id, paused=True)
        return connector(source.id)

    if when == "as it begins":
        monkeypatch.setattr(house.book, "connector", late)
    else:
        house.desk.before_batch = lambda: _pause(house, source)
    house.sync()

    now = house.source()
    assert (now.state, now.error, now.failures) == ("online", None, 0)
    assert house.jobs.list("failed")[1] == house.jobs.list("ready")[1] == 0
    assert house.desk.listed == 0


def test_a_sync_that_finds_its_source_paused_is_not_the_one_that_goes_on_asks_for(
    house: RemoteHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.desk.fill(3)
    source = house.connect()
    house.book.change(source.id, paused=True)
    get = house.book.get

    def early(number: int) -> Source:
        found = get(number)
        monkeypatch.undo()
        house.book.change(source.id, paused=False)  # its sync is the one that runs now
        return found

    monkeypatch.setattr(house.book, "get", early)
    house.sync()

    assert house.desk.listed > 0


def test_a_wait_between_two_tries_ends(house: RemoteHouse) -> None:
    handed: list[Tools] = []

    def opened(config: RemoteConfig, tools: Tools) -> FakeConnector:
        handed.append(tools)
        return FakeConnector(house.desk, config)

    made = kind("freshdesk", house.desk, FakeConnector, copies=True)
    house.kinds["freshdesk"] = type(made)(
        made.kind, made.title, made.fields, made.address_of, opened
    )
    source = house.connect()
    house.book.connector(source.id)
    ended: list[bool] = []
    waits = threading.Thread(target=lambda: ended.append(handed[-1].wait(600)), daemon=True)
    waits.start()

    house.book.change(source.id, paused=True)
    waits.join(60)

    assert ended == [True]


@pytest.mark.parametrize("when", ["before it begins", "in a request"])
def test_a_product_that_is_looked_up_waits(house: RemoteHouse, book: Book, when: str) -> None:
    def pause(ean: Ean) -> Listing:
        house.catalog.remotes.configure(shops.id, paused=True)
        raise Upstream("Shops", "The connection was closed.")

    shop = Shop()
    look_up, shops = shop.look_up, book.connect("products", shop)
    products = ProductBook(house.catalog, book, now=house.clock, chance=lambda: 0.0)
    products.ask("4006381333931")
    if when == "in a request":
        shop.look_up = pause  # type: ignore[method-assign]
    else:
        house.catalog.remotes.configure(shops.id, paused=True)

    waits = _run(house, products)
    shop.look_up = look_up  # type: ignore[method-assign]
    house.catalog.remotes.configure(shops.id, paused=False)
    house.clock.pass_(minutes=1)

    assert (waits.state, waits.attempts) == ("ready", 0)
    assert "is paused" in (waits.error or "")
    assert _run(house, products).state == "done"


def test_a_product_that_is_looked_up_as_the_program_ends_has_not_failed(
    house: RemoteHouse, book: Book, monkeypatch: pytest.MonkeyPatch
) -> None:
    book.connect("products", Shop())
    products = ProductBook(house.catalog, book, now=house.clock, chance=lambda: 0.0)
    products.ask("4006381333931")
    job = house.catalog.jobs.claim(["product"], lease_s=60)
    assert job is not None
    monkeypatch.setattr(book, "connector", Mock(side_effect=NotReady))

    products.run_product(job)

    assert (house.jobs.get(job.id).state, house.jobs.get(job.id).attempts) == ("ready", 0)


def test_a_product_is_asked_for_again_on_the_line_that_took_the_old_ones_place(
    house: RemoteHouse, book: Book
) -> None:
    def hung_up(ean: Ean) -> Listing:
        book.connectors[shops.id] = Shop()
        raise Upstream("Shops", "The connection was closed.")

    shop = Shop()
    shop.look_up = hung_up  # type: ignore[method-assign]
    shops = book.connect("products", shop)
    products = ProductBook(house.catalog, book, now=house.clock, chance=lambda: 0.0)
    products.ask("4006381333931")
    job = house.catalog.jobs.claim(["product"], lease_s=60)
    assert job is not None

    products.run_product(job)

    assert house.jobs.get(job.id).state == "done"


def test_a_look_up_goes_on_as_soon_as_its_source_does(house: RemoteHouse) -> None:
    house.kinds["products"] = kind("products", house.desk, _Database, copies=True)
    shops = house.connect("products")
    products = ProductBook(house.catalog, house.book, now=house.clock, chance=lambda: 0.0)
    products.ask("4006381333931")
    house.book.change(shops.id, paused=True)
    _run(house, products)

    house.book.change(shops.id, paused=False)

    assert _run(house, products).state == "done"


def test_a_look_up_waits_for_no_pause_that_ended_meanwhile(
    house: RemoteHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    house.kinds["products"] = kind("products", house.desk, _Database, copies=True)
    shops = house.connect("products")
    products = ProductBook(house.catalog, house.book, now=house.clock, chance=lambda: 0.0)
    products.ask("4006381333931")
    house.book.change(shops.id, paused=True)
    fail = house.catalog.jobs.fail

    def late(*args: Any, **more: Any) -> None:
        monkeypatch.undo()
        house.book.change(shops.id, paused=False)
        fail(*args, **more)

    monkeypatch.setattr(house.catalog.jobs, "fail", late)
    _run(house, products)

    assert _run(house, products).state == "done"


def test_an_upload_goes_on_as_soon_as_its_source_does(
    house: RemoteHouse, book: Book, library: Library
) -> None:
    source = house.connect("immich")
    _, pushing = _upload(house, book, library, source)
    house.book.change(source.id, paused=True)
    _go_on(house, pushing)

    house.book.change(source.id, paused=False)

    assert _go_on(house, pushing)[0].state == "done"


def test_another_sources_uploads_wait_on(house: RemoteHouse, book: Book, library: Library) -> None:
    target, pushing = _upload(house, book, library)
    house.catalog.remotes.configure(target.id, paused=True)
    _go_on(house, pushing)

    house.connect("freshdesk")

    assert house.catalog.jobs.claim(["push"], lease_s=60) is None


def _run(house: RemoteHouse, products: ProductBook) -> Job:
    """Do the look-up that waits."""
    job = house.catalog.jobs.claim(["product"], lease_s=60)
    assert job is not None
    products.run_product(job)
    return house.jobs.get(job.id)


class _Database(FakeConnector):
    """Looks up products, and knows none."""

    def look_up(self, ean: Ean) -> Listing:
        return Listing(cursor="")


@pytest.mark.parametrize("by", ["another line", "a removal"])
def test_what_an_upload_meets_as_its_line_is_hung_up_is_no_failure_of_the_server(
    house: RemoteHouse, book: Book, library: Library, by: str
) -> None:
    def hung_up(_offer: object) -> None:
        if by == "a removal":
            house.catalog.sources.remove(target.id, house.clock(), keep=True)
        else:  # paused and resumed at once, or given another key
            book.connectors[target.id] = Library(has=library.has)
        raise Upstream("Family", "The connection was closed.")

    target, pushing = _upload(house, book, library)
    library.before_upload = hung_up

    job, states = _go_on(house, pushing)

    wanted = ("failed", ["waiting"] * 2) if by == "a removal" else ("done", ["sent"] * 2)
    assert (job.state, states) == wanted


def test_what_an_upload_sent_before_a_pause_stays_sent_through_the_next_one(
    house: RemoteHouse, book: Book, library: Library
) -> None:
    def pause(_what: object) -> NoReturn:
        house.catalog.remotes.configure(target.id, paused=True)
        raise Upstream("Family", "The connection was closed.")

    target, pushing = _upload(house, book, library)
    library.before_upload = lambda offer: pause(offer) if library.offers else None
    _go_on(house, pushing)
    house.catalog.remotes.configure(target.id, paused=False)
    house.clock.pass_(minutes=1)
    library.known = pause  # type: ignore[method-assign, assignment]

    job, states = _go_on(house, pushing)

    assert (job.state, states) == ("ready", ["sent", "waiting"])


def test_another_source_gives_what_a_paused_one_has(house: RemoteHouse) -> None:
    data = picture(1)
    house.server.put("a1", data, sha1=sha1_of(data), preview=picture(1))
    paused = house.connect("immich")
    house.sync()
    other = house.book.add("immich", "", "https://other.example", SECRET, {})
    house.sync()
    house.book.change(paused.id, paused=True)
    (asset,) = house.all()
    assert {o.source_id for o in asset.occurrences} == {paused.id, other.id}

    found = house.media.original(asset.uid)

    assert isinstance(found, Streamed)
    with found.open(None, None) as stream:
        assert b"".join(stream.chunks) == data


def _upload(
    house: RemoteHouse, book: Book, library: Library, source: Source | None = None
) -> tuple[Source, Pushing]:
    """Two pictures are to be uploaded, to a new source if none is given."""
    for number in range(2):
        house.put(f"{number}.jpg", make_picture(f"64x48 jpeg, seed {number}"))
    house.scan()
    house.render_all()
    target = source or book.connect("immich", library)
    book.connectors[target.id] = library
    pushing = Pushing(
        house.catalog,
        book,
        original_file=house.media.original_file,
        now=house.clock,
        local_time=lambda naive: naive.replace(tzinfo=house.clock.at.tzinfo),
        stop=house.stop,
    )
    pushing.push([asset.uid for asset in house.all()], target.id)
    return target, pushing


def _go_on(house: RemoteHouse, pushing: Pushing) -> tuple[Job, list[str]]:
    """Do the upload that waits; what became of it and of each picture."""
    job = house.catalog.jobs.claim(["push"], lease_s=60)
    assert job is not None
    pushing.run_push(job)
    return house.jobs.get(job.id), [outcome.state for outcome in pushing.outcomes(job.id)]
