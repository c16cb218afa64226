"""What pictures belong to, and the product beside a complaint."""

from __future__ import annotations

import pytest

from gallery_app.domain.entities import EntityRef
from gallery_app.domain.errors import BadInput, NotFound
from gallery_app.services import product_pictures
from gallery_app.services.entities import Entities
from tests.pictures import make_picture
from tests.services.far import Book, Desk, Shop, hold, image, list_images
from tests.services.house import House

GTIN = "04006381333931"
TICKET = EntityRef("ticket", "4711", "Display cracked")
COMPANY = EntityRef("company", "8", "Super Nova")
SAID = EntityRef("product", GTIN)
PEN = EntityRef("product", GTIN, "Stabilo Boss")


@pytest.fixture
def entities(house: House) -> Entities:
    return Entities(house.catalog, house.browse)


def _pictures(house: House, *names: str) -> dict[str, str]:
    for number, name in enumerate(names):
        house.put(name, make_picture(f"64x48 jpeg, seed {number}"))
    house.scan()
    house.render_all()
    return {asset.filename: asset.uid for asset in house.all()}


def _attach(house: House, book: Book, kind: str, key: str, uid: str, *refs: EntityRef) -> None:
    known = [s for s in house.catalog.sources.list() if s.kind == kind]
    source = known[0] if known else book.connect(kind, Desk() if kind == "freshdesk" else Shop())
    list_images(house, source, image(key, *refs))
    hold(house, source, key, house.browse.get(uid).id)


class TestListing:
    def test_entities_are_listed_with_their_counts(
        self, house: House, book: Book, entities: Entities
    ) -> None:
        uids = _pictures(house, "a.jpg", "b.jpg")
        _attach(house, book, "freshdesk", "ticket/4711/attachment/1", uids["a.jpg"], TICKET)
        _attach(house, book, "freshdesk", "ticket/4711/attachment/2", uids["b.jpg"], TICKET)

        page = entities.list("ticket")

        assert page.total == 1
        assert [(c.ref.id, c.ref.name, c.assets) for c in page.items] == [
            ("4711", "Display cracked", 2)
        ]
        assert entities.list("ticket", text="crack").total == 1
        assert entities.list("ticket", text="nothing").total == 0
        assert entities.list("company").items == ()

    def test_one_is_found_by_its_id_a_product_by_any_form(
        self, house: House, book: Book, entities: Entities
    ) -> None:
        uids = _pictures(house, "a.jpg")
        _attach(house, book, "products", f"gtin/{GTIN}/off/front", uids["a.jpg"], PEN)

        assert [c.ref.name for c in entities.get("product", "4006381333931")] == [PEN.name]
        with pytest.raises(NotFound):
            entities.get("ticket", "1")

    @pytest.mark.parametrize(
        "given", [{"page": 0}, {"per_page": 0}, {"per_page": 201}, {"sort": "size"}], ids=str
    )
    def test_what_cannot_be_listed_is_refused(
        self, entities: Entities, given: dict[str, object]
    ) -> None:
        with pytest.raises(BadInput):
            entities.list("ticket", **given)  # type: ignore[arg-type]  # by name
        with pytest.raises(BadInput):
            entities.list("tenant")


class TestTheProductBeside:
    def test_a_ticket_s_product_is_shown_with_the_database_s_pictures(
        self, house: House, book: Book, entities: Entities
    ) -> None:
        uids = _pictures(house, "broken.jpg", "front.jpg", "other.jpg")
        _attach(house, book, "freshdesk", "ticket/1/attachment/1", uids["broken.jpg"], TICKET, SAID)
        _attach(house, book, "products", f"gtin/{GTIN}/off/front", uids["front.jpg"], PEN)

        (found,) = entities.products_beside(uids["broken.jpg"])

        assert (found.ean.gtin, found.name, found.said_by) == (GTIN, PEN.name, "ticket")
        assert [asset.filename for asset in found.assets] == ["front.jpg"]

    def test_it_is_shown_beside_one_of_very_many_complaints(
        self, house: House, book: Book, entities: Entities, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(product_pictures, "MOST_PER_PAGE", 2)
        uids = _pictures(house, "front.jpg", "a.jpg", "b.jpg", "c.jpg")
        _attach(house, book, "products", f"gtin/{GTIN}/off/front", uids["front.jpg"], PEN)
        for name in ("a", "b", "c"):
            key = f"ticket/1/attachment/{name}"
            _attach(house, book, "freshdesk", key, uids[f"{name}.jpg"], TICKET, SAID)

        (found,) = entities.products_beside(uids["a.jpg"])

        assert [asset.filename for asset in found.assets] == ["front.jpg"]

    def test_else_the_number_in_the_file_name_counts(
        self, house: House, book: Book, entities: Entities
    ) -> None:
        uids = _pictures(house, "4006381333931 broken.jpg", "front.jpg")
        _attach(house, book, "products", f"gtin/{GTIN}/off/front", uids["front.jpg"], PEN)

        (found,) = entities.products_beside(uids["4006381333931 broken.jpg"])

        assert found.said_by == "name"
        assert [asset.filename for asset in found.assets] == ["front.jpg"]

    def test_a_number_with_a_wrong_check_digit_is_none(
        self, house: House, entities: Entities
    ) -> None:
        uids = _pictures(house, "4006381333932 broken.jpg")

        assert list(entities.products_beside(uids["4006381333932 broken.jpg"])) == []

    def test_a_product_nobody_looked_up_is_named_without_pictures(
        self, house: House, book: Book, entities: Entities
    ) -> None:
        uids = _pictures(house, "broken.jpg", "also.jpg")
        _attach(house, book, "freshdesk", "ticket/1/attachment/1", uids["broken.jpg"], TICKET, SAID)
        # Another complaint of the same product shows no product.
        _attach(house, book, "freshdesk", "ticket/2/attachment/1", uids["also.jpg"], TICKET, SAID)

        (found,) = entities.products_beside(uids["broken.jpg"])

        assert found.assets == ()

    def test_our_own_picture_of_it_does_where_no_database_has_one(
        self, house: House, book: Book, entities: Entities
    ) -> None:
        uids = _pictures(house, "broken.jpg", "studio.jpg")
        _attach(house, book, "freshdesk", "ticket/1/attachment/1", uids["broken.jpg"], TICKET, SAID)
        studio = house.browse.get(uids["studio.jpg"])
        with house.catalog.write() as writer:
            writer.put_entities(studio.occurrences[0].source_id, "studio.jpg", [SAID])

        (found,) = entities.products_beside(uids["broken.jpg"])

        assert [asset.filename for asset in found.assets] == ["studio.jpg"]

    def test_an_unknown_picture_is_not_found(self, entities: Entities) -> None:
        with pytest.raises(NotFound):
            entities.products_beside("0" * 26)
