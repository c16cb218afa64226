"""What a company finds in its pictures by words, filters and days: only what is told there."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from gallery_app.catalog import Changes
from gallery_app.domain.entities import EntityRef
from gallery_app.domain.model import Asset, Source
from gallery_app.domain.query import AssetQuery
from gallery_app.services.ticket_gallery import TicketGallery, TicketImage
from tests.pictures import make_picture
from tests.services.far import Book, Desk, hold, image, list_images
from tests.services.house import House

NOVA, ACME = EntityRef("company", "8", "Super Nova"), EntityRef("company", "9", "Acme")
KIM = EntityRef("requester", "30", "Kim Étienne")
CUP = EntityRef("product", "04006381333931", "Cup")
SENT = datetime(2026, 3, 31, 23, 30, tzinfo=timezone.utc)
PICTURES = {
    "0.jpg": "64x48 jpeg, seed 0",
    "1.jpg": "64x48 jpeg, seed 1, taken 2016-07-03 14:05:06, camera Canon EOS 6D, gps 48.1 11.5, "
    "rating 4, title Broken hinge, keywords lake Übersee",
    "2.png": "48x64 png, seed 2",
    "3.jpg": "64x64 jpeg, seed 3",
}
QUERIES = (
    "hinge", "-hinge", "h", '"hin"', '"hinge" -acme', "lake", "ubersee", "tag:LAKE", "-tag:lake",
    "acme", "-acme", "super nova", "kim", "etienne -super", "ticket:1", "-ticket:1", "ticket:3",
    "company:acme", "company:9", 'requester:"kim étienne"', "ean:4006381333931", "product:Cup",
    "rating:4", "-rating:4", "rating:0", "is:located", "is:tagged", "-is:tagged", "is:favourite",
    "is:private", "is:remote", "type:png hinge", "camera:canon file", "canon", "attachment",
    "picture", "year:2016", "year:2026", "-year:2026 file", "from:2026-04-01", "to:2026-03-31 lid",
)  # fmt: skip


@pytest.fixture
def desk(book: Book) -> Source:
    return book.connect("freshdesk", Desk())


@pytest.fixture
def tickets(house: House, book: Book) -> TicketGallery:
    return TicketGallery(
        house.catalog, book, monotonic=house.clock.monotonic, wait=lambda _seconds: True
    )


@pytest.fixture
def assets(house: House) -> dict[str, Asset]:
    for name, sentence in PICTURES.items():
        house.put(name, make_picture(sentence))
    house.scan()
    house.render_all()
    found = {asset.filename: asset for asset in house.all()}
    return {name: found[name] for name in PICTURES}


def _attach(
    house: House, desk: Source, key: str, asset: Asset, *refs: EntityRef, name: str = "",
    at: datetime = SENT, private: bool = False,
) -> None:  # fmt: skip
    parent = "/".join(key.split("/")[:2])
    ticket = EntityRef("ticket", parent.split("/")[1], "Cracked lid")
    listed = image(
        key, ticket, *refs, parent=parent, private=private, created_at=at, filename=name
    )  # fmt: skip
    list_images(house, desk, listed)
    hold(house, desk, key, asset.id)


@pytest.fixture
def world(house: House, desk: Source, assets: dict[str, Asset]) -> None:
    """Every picture is in a ticket of Super Nova's, and under another name in one of Acme's."""
    for number, asset in enumerate(assets.values()):
        later = timedelta(days=number)
        mine, theirs = f"ticket/1/file/{number}", f"ticket/2/file/{number}"
        _attach(
            house, desk, theirs, asset, ACME, KIM, CUP, name="hinge.jpg", at=SENT - 90 * later
        )  # fmt: skip
        _attach(house, desk, mine, asset, NOVA, name=f"lid {number}.jpg", at=SENT + later)
    _attach(house, desk, "ticket/3/file/9", assets["0.jpg"], NOVA, KIM, name="hinge 3.jpg")
    _attach(house, desk, "ticket/3/file/8", assets["2.png"], NOVA, CUP, private=True)
    with house.catalog.write() as writer:
        said = Changes(caption="Acme's hinge", set_tags=("team",), rating=5, favourite=True)
        writer.edit([assets["0.jpg"].id], said)


def _as_told_there(house: House, item: TicketImage) -> Asset:
    """The picture as if it were offered at this place alone, and nobody here had said a word."""
    asset, meta, there = item.asset, item.asset.metadata, item.occurrence
    row = house.catalog.remotes.row(there.source_id, there.key)
    assert row is not None
    assert row.created_at is not None
    return replace(
        asset, filename=item.filename, occurrences=(there,), entities=there.entities,
        title=meta.title, caption=meta.caption, alt_text=None, rating=meta.rating, favourite=False,
        tags=meta.keywords, remote=False, metadata=replace(meta, place=None),
        taken_at=meta.own_date or row.created_at.replace(tzinfo=None),
    )  # fmt: skip


def _keys(tickets: TicketGallery, company: str | None, **filters: str) -> list[str]:
    asked = {name.rstrip("_"): [value] for name, value in filters.items()}
    ticket = None if company else "1"
    page = tickets.page(ticket_id=ticket, company_id=company, per_page=100, filters=asked)
    return [item.occurrence.key for item in page.items]


@pytest.mark.usefixtures("world")
class TestWords:
    @pytest.mark.parametrize("company", ["8", "9"], ids=["Super Nova", "Acme"])
    @pytest.mark.parametrize("words", QUERIES)
    def test_find_what_they_would_if_there_were_no_other_place(
        self, house: House, tickets: TicketGallery, words: str, company: str
    ) -> None:
        query = AssetQuery.from_params({"q": [words]})
        whole = tickets.page(company_id=company, per_page=100).items
        meant = [
            item.occurrence.key for item in whole if query.matches(_as_told_there(house, item))
        ]

        assert _keys(tickets, company, q=words) == meant
        assert _keys(tickets, company, q=words) == meant  # from what was kept

    def test_find_what_a_place_is_called_from_now_on(
        self, tickets: TicketGallery, house: House, desk: Source, assets: dict[str, Asset]
    ) -> None:
        assert _keys(tickets, "8", q="lid") != []

        for number, asset in enumerate(assets.values()):
            _attach(house, desk, f"ticket/1/file/{number}", asset, NOVA, name=f"flap {number}.jpg")

        assert _keys(tickets, "8", q='"lid" flap ticket:1') != []
        assert _keys(tickets, "8", q="jpg -flap") == ["ticket/3/file/9"]

    def test_find_nothing_where_a_place_has_become_private_or_another_s(
        self, tickets: TicketGallery, house: House, desk: Source, assets: dict[str, Asset]
    ) -> None:
        assert len(_keys(tickets, "8", q="lid")) == 5

        _attach(house, desk, "ticket/1/file/1", assets["1.jpg"], NOVA, name="l.jpg", private=True)
        _attach(house, desk, "ticket/1/file/2", assets["2.png"], ACME, name="l.jpg")

        assert _keys(tickets, "8", q="ticket:1") == ["ticket/1/file/3", "ticket/1/file/0"]
        assert "ticket/1/file/2" in _keys(tickets, "9", q="l")


@pytest.mark.usefixtures("world")
class TestDays:
    @pytest.mark.parametrize("company", ["8", None], ids=["a company", "the team"])
    def test_are_those_of_the_place_where_the_picture_does_not_tell(
        self, tickets: TicketGallery, company: str | None
    ) -> None:
        # 0.jpg was sent on 31 March, 2.png and 3.jpg on 2 and 3 April; 1.jpg was taken in 2016.
        ours = [key for key in _keys(tickets, company) if key.startswith("ticket/1/")]
        assert ours == [f"ticket/1/file/{number}" for number in (3, 2, 1, 0)]

        def found(**days: str) -> list[str]:
            return [key[-1] for key in _keys(tickets, company, **days) if "ticket/1/" in key]

        assert found(from_="2026-04-01") == ["3", "2"]
        assert found(to="2026-04-02") == ["2", "1", "0"]
        assert found(from_="2026-03-31", to="2026-03-31") == ["0"]
        assert found(year="2016") == ["1"]
        assert found(year="2026") == ["3", "2", "0"]
        assert found(year="2025") == []  # when Acme's ticket sent one of them
