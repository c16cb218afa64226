"""A ticket's pictures: whole for the team, for a company only what is its own and not private."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from gallery_app.catalog import Changes
from gallery_app.domain.entities import EntityRef
from gallery_app.domain.errors import (
    BadInput,
    BadQuery,
    NotFound,
    Upstream,
    UpstreamRefused,
)
from gallery_app.domain.model import Source, SourceState
from gallery_app.services.few import Busy
from gallery_app.services.ticket_gallery import MOST_READING, READ_WITHIN_S, TicketGallery
from tests.pictures import make_picture
from tests.services.far import Book, Desk, Plain, hold, image, list_images
from tests.services.house import House

NOVA, ACME = EntityRef("company", "8", "Super Nova"), EntityRef("company", "9", "Acme")
ONE, TWO = EntityRef("ticket", "1", "Cracked"), EntityRef("ticket", "2", "Bent")
HELP = EntityRef("article", "5", "Reset")


@pytest.fixture
def desk(book: Book) -> Source:
    return book.connect("freshdesk", Desk())


@pytest.fixture
def tickets(house: House, book: Book) -> TicketGallery:
    def wait(seconds: float) -> bool:
        house.clock.pass_(seconds=seconds)
        return False

    return TicketGallery(house.catalog, book, monotonic=house.clock.monotonic, wait=wait)


@pytest.fixture
def uids(house: House) -> dict[str, str]:
    for number in range(6):
        house.put(f"{number}.jpg", make_picture(f"64x48 jpeg, seed {number}"))
    house.put("6.png", make_picture("64x48 png, seed 6"))
    house.scan()
    house.render_all()
    return {asset.filename: asset.uid for asset in house.all()}


def _attach(
    house: House, desk: Source, key: str, uid: str, *refs: EntityRef, private: bool = False
) -> None:
    parent = "/".join(key.split("/")[:2])
    list_images(house, desk, image(key, *refs, parent=parent, private=private))
    hold(house, desk, key, house.browse.get(uid).id)
    house.clock.pass_(seconds=1)


@pytest.fixture
def world(house: House, desk: Source, uids: dict[str, str]) -> None:
    """Ticket 1 of Super Nova: 0.jpg, 6.png and 1.jpg (private). Ticket 2 of Acme: 1.jpg, 2.jpg.

    Article 5: 3.jpg for everybody, 4.jpg for the team. 5.jpg belongs to no ticket.
    """
    _attach(house, desk, "ticket/1/attachment/10", uids["0.jpg"], ONE, NOVA)
    _attach(house, desk, "ticket/1/attachment/11", uids["6.png"], ONE, NOVA)
    _attach(house, desk, "ticket/1/note/3/attachment/12", uids["1.jpg"], ONE, NOVA, private=True)
    _attach(house, desk, "ticket/2/attachment/20", uids["1.jpg"], TWO, ACME)
    _attach(house, desk, "ticket/2/attachment/21", uids["2.jpg"], TWO, ACME)
    _attach(house, desk, "article/5/attachment/30", uids["3.jpg"], HELP)
    _attach(house, desk, "article/5/attachment/31", uids["4.jpg"], HELP, private=True)


def _names(tickets: TicketGallery, **wanted: object) -> list[str]:
    page = tickets.page(**wanted)  # type: ignore[arg-type]  # by name
    return [found.asset.filename for found in page.items]


@pytest.mark.usefixtures("world")
class TestWhatIsShown:
    def test_the_team_sees_all_of_a_ticket_newest_first(self, tickets: TicketGallery) -> None:
        page = tickets.page(ticket_id="1")

        assert [i.asset.filename for i in page.items] == ["1.jpg", "6.png", "0.jpg"]
        assert page.total == 3
        assert [i.occurrence.key for i in page.items][2] == "ticket/1/attachment/10"
        assert page.items[0].ticket == ONE
        assert page.items[0].company == NOVA

    def test_its_company_sees_what_is_not_private(self, tickets: TicketGallery) -> None:
        assert _names(tickets, ticket_id="1", company_id="8") == ["6.png", "0.jpg"]

    def test_a_picture_private_here_and_open_elsewhere_stays_hidden_here(
        self, tickets: TicketGallery
    ) -> None:
        # 1.jpg is private in ticket 1 and open in ticket 2.
        assert "1.jpg" not in _names(tickets, company_id="8")
        assert "1.jpg" in _names(tickets, ticket_id="2", company_id="9")

    def test_another_company_s_ticket_answers_like_none(self, tickets: TicketGallery) -> None:
        with pytest.raises(NotFound) as theirs:
            tickets.page(ticket_id="2", company_id="8")
        with pytest.raises(NotFound) as none:
            tickets.page(ticket_id="404", company_id="8")

        assert theirs.value.public == none.value.public
        assert theirs.value.data() == none.value.data()

    @pytest.mark.parametrize(
        ("called", "told"), [("hinge.jpg", "hinge.jpg"), ("", "picture")], ids=["a name", "none"]
    )
    def test_a_picture_bears_the_name_it_has_in_that_ticket(
        self, tickets: TicketGallery, house: House, desk: Source, uids: dict[str, str],
        called: str, told: str,
    ) -> None:  # fmt: skip
        theirs = image("ticket/2/attachment/22", TWO, ACME, parent="ticket/2")
        list_images(house, desk, replace(theirs, filename=called))
        hold(house, desk, theirs.key, house.browse.get(uids["0.jpg"]).id)

        page = tickets.page(ticket_id="2", company_id="9")

        assert page.items[0].asset.filename == "0.jpg"  # as Super Nova called it
        assert page.items[0].filename == told

    @pytest.mark.parametrize(
        "words",
        [
            "hinge", "h", "acme", "bent", "ticket:2", "company:Acme", "requester:Kim", "note",
            "team", "tag:team", "is:favourite", "rating:4", "-hinge", "-ticket:2", "-tag:team",
        ],
    )  # fmt: skip
    def test_a_company_learns_nothing_of_other_places_by_searching(
        self, tickets: TicketGallery, house: House, desk: Source, uids: dict[str, str], words: str
    ) -> None:
        # Super Nova's 0.jpg is in a note for the team too, and in a ticket of Acme's.
        kim = EntityRef("requester", "30", "Kim")
        for key, private, refs in (
            ("ticket/2/attachment/22", False, (TWO, ACME, kim)),
            ("ticket/3/note/9/attachment/23", True, (EntityRef("ticket", "3", "Secret"), NOVA)),
        ):
            theirs = image(
                key, *refs, parent="/".join(key.split("/")[:2]), private=private,
                filename="hinge.jpg",
            )  # fmt: skip
            list_images(house, desk, theirs)
            hold(house, desk, key, house.browse.get(uids["0.jpg"]).id)
        with house.catalog.write() as writer:
            said = Changes(caption="for the team", set_tags=("team",), rating=5, favourite=True)
            writer.edit([house.browse.get(uids["0.jpg"]).id], said)

        found = _names(tickets, ticket_id="1", company_id="8", filters={"q": [words]})

        assert ("0.jpg" in found) == words.startswith("-")
        assert found == _names(tickets, company_id="8", filters={"q": [words]})

    def test_a_company_finds_by_what_is_told_at_its_own_place(self, tickets: TicketGallery) -> None:
        for words in ("cracked", '"super nova" -bent', "ticket:1", "attachment type:jpeg"):
            found = _names(tickets, company_id="8", filters={"q": [words]})
            assert "0.jpg" in found, words
        assert _names(tickets, company_id="8", filters={"q": ["-cracked"]}) == []

    def test_a_company_is_not_told_how_many_private_ones_are_on_their_way(
        self, tickets: TicketGallery, house: House, desk: Source
    ) -> None:
        for number, private in ((90, True), (91, False)):
            key = f"ticket/1/attachment/{number}"
            listed = image(key, ONE, NOVA, parent="ticket/1", private=private)
            list_images(house, desk, listed)

        assert tickets.page(ticket_id="1").waiting == 2
        assert tickets.page(ticket_id="1", company_id="8").waiting == 1

    def test_a_company_is_told_of_its_ticket_before_any_picture_has_come(
        self, tickets: TicketGallery, house: House, desk: Source
    ) -> None:
        listed = image(
            "ticket/3/attachment/90", EntityRef("ticket", "3"), NOVA, parent="ticket/3"
        )  # fmt: skip
        list_images(house, desk, listed)

        page = tickets.page(ticket_id="3", company_id="8")

        assert (page.total, page.waiting) == (0, 1)
        with pytest.raises(NotFound):
            tickets.page(ticket_id="3", company_id="9")

    def test_a_picture_stays_when_another_version_of_it_is_refused(
        self, tickets: TicketGallery, house: House, desk: Source
    ) -> None:
        key = "ticket/1/attachment/10"
        newer = replace(image(key, ONE, NOVA, parent="ticket/1"), version="2")
        list_images(house, desk, newer)
        house.catalog.remotes.refuse(desk.id, key, "It is no picture.")

        assert "0.jpg" in _names(tickets, ticket_id="1")
        assert "0.jpg" in _names(tickets, ticket_id="1", company_id="8")

    def test_what_was_attached_at_one_moment_stands_on_one_page_each(
        self, tickets: TicketGallery, house: House, book: Book, desk: Source, uids: dict[str, str]
    ) -> None:
        # Three pictures again and again, from two desks, with one moment between others.
        ticket, keys = EntityRef("ticket", "9"), []
        for number in range(17):
            source = (desk, book.connect("freshdesk", Desk()))[number % 2]
            key = f"ticket/9/attachment/{number:02}"
            at = house.clock.at + timedelta(minutes=number // 5)
            listed = image(key, ticket, NOVA, parent="ticket/9", created_at=at)
            list_images(house, source, listed)
            hold(house, source, key, house.browse.get(uids[f"{number % 3}.jpg"]).id)
            keys.append(key)

        for company in (None, "8"):
            pages = [
                tickets.page(ticket_id="9", company_id=company, page=page, per_page=2).items
                for page in range(1, 10)
            ]

            shown = [item.occurrence.key for page in pages for item in page]
            assert shown == sorted(keys, reverse=True)

        only = {"uid": [uids["1.jpg"]]}
        pages = [
            tickets.page(ticket_id="9", page=page, per_page=1, filters=only).items
            for page in range(1, 7)
        ]
        assert [item.occurrence.key for page in pages for item in page] == sorted(
            keys[1::3], reverse=True
        )

    def test_a_company_sees_its_tickets_and_nobody_else_s(self, tickets: TicketGallery) -> None:
        assert _names(tickets, company_id="8") == ["6.png", "0.jpg"]
        assert _names(tickets, company_id="9") == ["2.jpg", "1.jpg"]
        assert _names(tickets, company_id="77") == []

    def test_an_article_is_everybody_s_but_for_its_private_pictures(
        self, tickets: TicketGallery
    ) -> None:
        assert _names(tickets, article_id="5") == ["4.jpg", "3.jpg"]
        assert _names(tickets, article_id="5", company_id="8") == ["3.jpg"]

    def test_what_the_desk_offers_no_more_is_gone(
        self, house: House, tickets: TicketGallery, desk: Source
    ) -> None:
        with house.catalog.write() as writer:
            writer.lose_remote(desk.id, ["ticket/1/attachment/10"], at=house.clock.at)

        assert _names(tickets, ticket_id="1", company_id="8") == ["6.png"]

    def test_pages_and_filters(self, tickets: TicketGallery) -> None:
        second = tickets.page(ticket_id="1", page=2, per_page=2)

        assert ([i.asset.filename for i in second.items], second.total) == (["0.jpg"], 3)
        assert _names(tickets, ticket_id="1", filters={"type": ["png"]}) == ["6.png"]
        assert _names(tickets, ticket_id="1", page=9) == []

    def test_what_cannot_be_asked_is_refused(self, tickets: TicketGallery) -> None:
        for wanted in ({"page": 0}, {"per_page": 101}, {"company_id": "x"}, {"ticket_id": "1/2"}):
            with pytest.raises(BadInput):
                tickets.page(**{"ticket_id": "1", **wanted})  # type: ignore[arg-type]  # by name
        with pytest.raises(BadQuery):
            tickets.page(ticket_id="1", filters={"type": ["wav"]})


class TestATicketTheSyncHasNotReached:
    def test_is_read_when_it_is_asked_for(
        self, house: House, tickets: TicketGallery, book: Book, desk: Source, uids: dict[str, str]
    ) -> None:
        book.on_hint = lambda number, parent: _attach(
            house, desk, f"{parent}/attachment/1", uids["0.jpg"], EntityRef("ticket", "77"), NOVA
        )

        assert _names(tickets, ticket_id="77", company_id="8") == ["0.jpg"]
        assert book.hinted == [(desk.id, "ticket/77")]

    def test_is_waited_for_by_all_who_ask_meanwhile(
        self, house: House, tickets: TicketGallery, book: Book, desk: Source, uids: dict[str, str]
    ) -> None:
        asked, go_on = threading.Semaphore(0), threading.Event()

        def reads(number: int, parent: str) -> None:
            asked.release()
            assert go_on.wait(60)
            _attach(house, desk, f"{parent}/attachment/1", uids["0.jpg"], EntityRef("ticket", "77"))

        book.on_hint = reads
        with ThreadPoolExecutor(2) as pool:
            pages = [pool.submit(tickets.page, ticket_id="77") for _ in range(2)]
            both = [asked.acquire(timeout=60) for _ in pages]
            go_on.set()

            assert [page.result(60).total for page in pages] == [1, 1]
        assert both == [True, True]

    def test_pictures_still_on_their_way_are_counted(
        self, house: House, tickets: TicketGallery, book: Book, desk: Source
    ) -> None:
        listed = image("ticket/77/attachment/1", EntityRef("ticket", "77"), parent="ticket/77")
        book.on_hint = lambda number, parent: list_images(house, desk, listed)
        start = house.clock.monotonic()

        page = tickets.page(ticket_id="77")

        assert (page.total, page.waiting) == (0, 1)
        assert house.clock.monotonic() - start <= READ_WITHIN_S + 1

    def test_one_that_is_nowhere_is_not_asked_for_again_at_once(
        self, house: House, tickets: TicketGallery, book: Book, desk: Source
    ) -> None:
        for _ in range(3):
            with pytest.raises(NotFound):
                tickets.page(ticket_id="77")
        assert len(book.hinted) == 1

        house.clock.pass_(seconds=61)
        with pytest.raises(NotFound):
            tickets.page(ticket_id="77")
        assert len(book.hinted) == 2

    @pytest.mark.parametrize(
        ("state", "sentence", "error"),
        [
            ("offline", "Nothing answers at acme.", Upstream),
            ("attention", "Freshdesk does not accept the key.", UpstreamRefused),
        ],
    )
    def test_nobody_is_told_that_it_is_nowhere_while_the_desk_cannot_say(
        self, house: House, tickets: TicketGallery, book: Book, desk: Source, uids: dict[str, str],
        state: SourceState, sentence: str, error: type[Upstream],
    ) -> None:  # fmt: skip
        _attach(house, desk, "ticket/1/attachment/1", uids["0.jpg"], ONE, NOVA)
        book.on_hint = lambda number, parent: house.catalog.sources.set_state(
            desk.id, state, sentence
        )

        with pytest.raises(error) as unknown:
            tickets.page(ticket_id="77", company_id="9")
        with pytest.raises(error) as anothers:  # said the same way, or it would be known to exist
            tickets.page(ticket_id="1", company_id="9")

        assert unknown.value.public == anothers.value.public == sentence

        book.on_hint = lambda number, parent: house.catalog.sources.set_state(desk.id, "online")
        with pytest.raises(NotFound):  # asked at once, now that it answers
            tickets.page(ticket_id="77", company_id="9")

    @pytest.mark.usefixtures("desk")
    def test_those_who_wait_for_a_desk_are_few(self, tickets: TicketGallery, book: Book) -> None:
        inside, go_on = threading.Semaphore(0), threading.Event()

        def hangs(number: int, parent: str) -> None:
            inside.release()
            assert go_on.wait(60)

        book.on_hint = hangs
        with ThreadPoolExecutor(MOST_READING) as pool:
            asked = [
                pool.submit(tickets.page, ticket_id=str(900 + number))
                for number in range(MOST_READING)
            ]
            assert all(inside.acquire(timeout=60) for _ in asked)

            with pytest.raises(Busy):
                tickets.page(ticket_id="899")

            go_on.set()
            assert all(isinstance(one.exception(10), NotFound) for one in asked)

    def test_a_desk_that_reads_no_single_ticket_is_not_asked(
        self, tickets: TicketGallery, book: Book
    ) -> None:
        book.connect("freshdesk", Plain())

        with pytest.raises(NotFound):
            tickets.page(ticket_id="77")
        assert book.hinted == []
