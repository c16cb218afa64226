"""What pictures belong to: told by listings, found in names, named anew, told by members."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gallery_app.catalog.entity_columns import EntityPostings
from gallery_app.catalog.entity_links import all_links
from gallery_app.domain.entities import EntityRef
from gallery_app.domain.model import SourceId
from gallery_app.domain.query import AssetQuery
from tests.catalog.shelf import SHA1, START, Shelf, attachment, image

TICKET = EntityRef("ticket", "4711", "Cracked display", "https://desk.example/4711")
COMPANY = EntityRef("company", "80000123456", "Acme Straße")
ALBUM = EntityRef("album", "a-1", "Summer")
PRODUCT = EntityRef("product", "04006381333931", "Pen")


class TestToldByAListing:
    def test_a_picture_is_found_by_id_name_and_words(self, shelf: Shelf) -> None:
        asset_id = shelf.fetch(shelf.desk(), attachment(entities=(TICKET, COMPANY)))
        shelf.put_one("other.jpg")

        assert shelf.asset(asset_id).entities == (COMPANY, TICKET)
        for params in (
            {"ticket": "4711"}, {"ticket": "CRACKED Display"}, {"company": "acme strasse"},
            {"q": "cracked"}, {"q": "ticket:4711"}, {"q": 'company:"Acme Straße"'}, {"q": "4711"},
        ):  # fmt: skip
            assert shelf.find(**params) == [asset_id]

    def test_of_another_type_the_same_id_is_another_thing(self, shelf: Shelf) -> None:
        shelf.fetch(shelf.desk(), attachment(entities=(TICKET,)))

        assert shelf.find(company="4711") == shelf.find(article="4711") == []

    @pytest.mark.parametrize("code", ["4006381333931", "400-6381 333931", "04006381333931"])
    def test_a_product_is_found_by_any_form_of_its_number(self, shelf: Shelf, code: str) -> None:
        asset_id = shelf.fetch(shelf.desk(), attachment(entities=(PRODUCT,)))

        assert shelf.find(product=code) == [asset_id]
        assert shelf.find(q=f'ean:"{code}"') == [asset_id]

    def test_told_otherwise_it_belongs_to_what_is_told_now(self, shelf: Shelf) -> None:
        desk = shelf.desk()
        asset_id = shelf.fetch(desk, attachment(entities=(TICKET, COMPANY)))

        shelf.hear(desk, attachment(entities=(COMPANY,)), copies=True)

        assert shelf.asset(asset_id).entities == (COMPANY,)
        assert shelf.find(ticket="4711") == shelf.find(q="cracked") == []

    def test_a_new_name_is_everywhere_at_once(self, shelf: Shelf) -> None:
        desk = shelf.desk()
        one = shelf.fetch(desk, attachment(entities=(TICKET,)))
        two = shelf.fetch(desk, attachment("ticket/4711/attachment/2", entities=(TICKET,)), "b")

        with shelf.catalog.write() as writer:
            writer.name_entities(desk, [EntityRef("ticket", "4711", "Broken"), COMPANY])

        named = EntityRef("ticket", "4711", "Broken", TICKET.url)
        assert shelf.asset(one).entities == shelf.asset(two).entities == (named,)
        assert shelf.find(ticket="broken") == shelf.find(q="broken") == [one, two]
        assert shelf.find(ticket="cracked display") == shelf.find(q="cracked") == []
        assert shelf.reopen().index.ids(AssetQuery.from_params({"ticket": ["broken"]}))

    def test_an_empty_name_takes_none_away(self, shelf: Shelf) -> None:
        desk = shelf.desk()
        asset_id = shelf.fetch(desk, attachment(entities=(TICKET,)))

        with shelf.catalog.write() as writer:
            writer.name_entities(desk, [EntityRef("ticket", "4711")])

        assert shelf.asset(asset_id).entities == (TICKET,)

    def test_it_is_no_longer_found_by_what_a_gone_occurrence_belongs_to(self, shelf: Shelf) -> None:
        desk = shelf.desk()
        asset_id = shelf.fetch(desk, attachment(entities=(TICKET,)))
        shelf.fetch(desk, attachment("ticket/4712/attachment/1", entities=(COMPANY,)))

        with shelf.catalog.write() as writer:
            writer.lose_remote(desk, [attachment().key], at=START)

        assert shelf.asset(asset_id).entities == (COMPANY,)
        assert (shelf.find(ticket="4711"), shelf.find(company="Acme Straße")) == ([], [asset_id])

    def test_a_rolled_back_name_is_not_remembered(self, shelf: Shelf) -> None:
        desk = shelf.desk()

        def stop_half_way() -> None:
            with shelf.catalog.write() as writer:
                writer.name_entities(desk, [TICKET])
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            stop_half_way()

        asset_id = shelf.fetch(desk, attachment(entities=(TICKET,)))
        assert shelf.find(ticket="4711") == [asset_id]


class TestFound:
    def test_in_a_files_name_it_belongs_to_the_file(self, shelf: Shelf) -> None:
        asset_id = shelf.put_one("4006381333931.jpg")

        with shelf.catalog.write() as writer:
            writer.put_entities(shelf.source.id, "4006381333931.jpg", [PRODUCT])

        assert shelf.asset(asset_id).entities == (PRODUCT,)
        assert shelf.asset(asset_id).occurrences[0].remote is None
        assert shelf.find(product="4006381333931") == [asset_id]

    def test_twice_it_is_one_and_nothing_changes(self, shelf: Shelf) -> None:
        shelf.put_one("a.jpg")
        with shelf.catalog.write() as writer:
            writer.put_entities(shelf.source.id, "a.jpg", [PRODUCT])
        revision = shelf.catalog.revision

        with shelf.catalog.write() as writer:
            writer.put_entities(shelf.source.id, "a.jpg", [PRODUCT])

        assert shelf.catalog.revision == revision

    def test_it_outlasts_a_listing_that_does_not_tell_of_it(self, shelf: Shelf) -> None:
        desk = shelf.desk()
        asset_id = shelf.fetch(desk, attachment(entities=(TICKET,)))
        with shelf.catalog.write() as writer:
            writer.put_entities(desk, attachment().key, [PRODUCT])

        shelf.hear(desk, attachment(), copies=True)

        assert shelf.asset(asset_id).entities == (PRODUCT,)

    def test_it_moves_with_its_file(self, shelf: Shelf) -> None:
        one, two = shelf.put("one.jpg", "two.jpg")
        with shelf.catalog.write() as writer:
            writer.put_entities(shelf.source.id, "one.jpg", [PRODUCT])

        with shelf.catalog.write() as writer:
            moves = [
                ("one.jpg", shelf.seen("two.jpg", one)), ("two.jpg", shelf.seen("one.jpg", two)),
            ]  # fmt: skip
            writer.move_occurrences(shelf.source.id, moves, at=START)

        assert shelf.asset(one).entities == (PRODUCT,)
        assert shelf.asset(two).entities == ()


class TestToldByMembers:
    def test_exactly_these_belong_to_it(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        one, two = (shelf.heard(photos, image(name)) for name in ("one", "two"))
        with shelf.catalog.write() as writer:
            writer.set_members(photos, ALBUM, ["one"], among=["one", "two"])
        assert shelf.find(album="summer") == [one]

        with shelf.catalog.write() as writer:
            writer.set_members(photos, ALBUM, ["two"], among=["one", "two"])

        assert shelf.find(album="summer") == shelf.find(album="a-1") == [two]
        assert shelf.asset(one).entities == ()

    def test_a_listing_of_a_picture_leaves_its_albums(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        asset_id = shelf.heard(photos, image("one"))
        with shelf.catalog.write() as writer:
            writer.set_members(photos, ALBUM, ["one"], among=["one", "two"])

        shelf.hear(photos, image("one", filename="new.jpg"))

        assert shelf.asset(asset_id).entities == (ALBUM,)

    def test_a_picture_listed_after_its_album_is_in_it(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        with shelf.catalog.write() as writer:
            writer.set_members(photos, ALBUM, ["one"], among=["one", "two"])

        asset_id = shelf.heard(photos, image("one"))

        assert shelf.find(album="summer") == [asset_id]


class TestCounting:
    def fill(self, shelf: Shelf) -> SourceId:
        desk = shelf.desk()
        for number, digit in enumerate("abc", start=1):
            refs = (EntityRef("ticket", str(4710 + number // 2), f"Case {digit}"), COMPANY)
            key = f"ticket/{number}/attachment/1"
            shelf.fetch(desk, attachment(key, entities=refs), digit)
        return desk

    def test_entities_come_with_count_cover_and_time(self, shelf: Shelf) -> None:
        self.fill(shelf)

        (company,), total = shelf.catalog.remotes.entities("company")

        assert (company.ref, company.assets, total) == (COMPANY, 3, 1)
        assert company.cover == shelf.all()[-1].uid
        assert company.latest == shelf.all()[-1].taken_at

    def test_those_without_live_pictures_are_left_out(self, shelf: Shelf) -> None:
        desk = self.fill(shelf)
        with shelf.catalog.write() as writer:
            writer.set_trashed([a.id for a in shelf.all()[:1]], START)
            writer.name_entities(desk, [EntityRef("ticket", "1", "Empty")])

        found, total = shelf.catalog.remotes.entities("ticket")

        assert ([c.ref.id for c in found], total) == (["4711"], 1)
        (empty,) = shelf.catalog.remotes.entity("ticket", "1")
        assert (empty.assets, empty.cover, empty.latest) == (0, None, None)

    def test_they_are_sorted_and_paged(self, shelf: Shelf) -> None:
        photos = shelf.photos()
        for key, name, years in (("x", "B", (2016, 2011)), ("y", "a", (2018,)), ("z", "C", ())):
            ref = EntityRef("person", key, name)
            for year in years:
                taken = datetime(year, 1, 1)  # noqa: DTZ001  # camera time has no zone
                listed = image(f"{key}{year}", entities=(ref,))
                assert listed.picture is not None
                asset_id = shelf.heard(photos, listed)
                with shelf.catalog.write() as writer:
                    head = listed.picture
                    writer.redescribe(asset_id, filename="x", described=head, taken_at=taken)
        remotes = shelf.catalog.remotes

        assert [c.ref.name for c in remotes.entities("person")[0]] == ["a", "B"]
        assert [c.ref.name for c in remotes.entities("person", sort="name")[0]] == ["a", "B"]
        assert [c.ref.name for c in remotes.entities("person", sort="count")[0]] == ["B", "a"]
        found, total = remotes.entities("person", sort="count", limit=1, offset=1)
        assert ([c.ref.name for c in found], total) == (["a"], 2)

    def test_they_are_narrowed_by_text_and_source(self, shelf: Shelf) -> None:
        desk = self.fill(shelf)
        remotes = shelf.catalog.remotes

        assert [c.ref.id for c in remotes.entities("ticket", text="471")[0]] == ["4710", "4711"]
        assert [c.ref.id for c in remotes.entities("ticket", text="CASE A")[0]] == ["4710"]
        assert remotes.entities("ticket", text="711") == ([], 0)
        assert remotes.entities("ticket", source=desk)[1] == 2
        assert remotes.entities("ticket", source=shelf.source.id) == ([], 0)

    def test_facets_name_them_and_count_what_their_filter_gives(self, shelf: Shelf) -> None:
        self.fill(shelf)

        facets = shelf.catalog.index.facets(AssetQuery()).names

        assert [(v.value, v.label, v.count) for v in facets["company"]] == [
            (COMPANY.id, COMPANY.name, 3)
        ]
        for value in facets["ticket"]:
            assert len(shelf.find(ticket=value.value)) == value.count

    def test_a_product_of_two_sources_is_listed_once_by_its_name(self, shelf: Shelf) -> None:
        desk, photos = shelf.desk(), shelf.photos()
        bare = replace(PRODUCT, name="")
        shelf.fetch(desk, attachment(entities=(bare,)), digit="b")
        shelf.hear(photos, image("one", entities=(PRODUCT,)))

        found, total = shelf.catalog.remotes.entities("product")

        assert total == 1
        assert [(c.source_id, c.ref, c.assets) for c in found] == [(photos, PRODUCT, 2)]

    def test_what_two_sources_know_under_one_id_counts_each_picture_once(
        self, shelf: Shelf
    ) -> None:
        desk, photos = shelf.desk(), shelf.photos()
        shelf.fetch(desk, attachment(entities=(PRODUCT,), sha1=SHA1))
        with shelf.catalog.write() as writer:
            asset = shelf.all()[0]
            writer.put_entities(photos, "one", [PRODUCT])
        shelf.hear(photos, image("one", sha1=asset.sha1))

        (value,) = shelf.catalog.index.facets(AssetQuery()).names["product"]

        assert (value.value, value.count) == (PRODUCT.id, 1)
        assert len(shelf.catalog.remotes.entity("product", PRODUCT.id)) == 2


steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(1, 6), st.integers(1, 4)),
        st.tuples(st.just("remove"), st.integers(1, 6), st.just(0)),
        st.tuples(st.just("ask"), st.just(0), st.integers(1, 4)),
    ),
    max_size=40,
)


@settings(deadline=None, database=None, derandomize=True)
@given(steps=steps)
def test_postings_say_what_a_set_of_pairs_would(steps: list[tuple[str, int, int]]) -> None:
    postings, pairs = EntityPostings(), set[tuple[int, int]]()
    for what, asset, entity in steps:
        if what == "add":
            postings.add(np.array([asset, asset]), np.array([entity, entity]))
            pairs.add((entity, asset))
        elif what == "remove":
            postings.remove(np.array([asset]))
            pairs = {pair for pair in pairs if pair[1] != asset}
        else:
            assert postings.of(entity).tolist() == sorted(a for e, a in pairs if e == entity)
    settled = postings.settled().tolist()
    assert settled == sorted(entity << 32 | asset for entity, asset in pairs)


@pytest.mark.parametrize("piece", [1, 2, 100])
def test_all_links_are_read_at_start_in_runs_of_any_length(shelf: Shelf, piece: int) -> None:
    photos, desk = shelf.photos(), shelf.desk()
    for number in range(7):
        shelf.hear(photos, image(f"{number}", entities=(PRODUCT,) if number % 3 else ()))
    shelf.fetch(desk, attachment(entities=(PRODUCT, TICKET)))
    shelf.put("unlinked.jpg")
    known = shelf.catalog._columns.entities.postings.settled().tolist()

    with shelf.catalog._database.reading() as connection:
        runs = list(all_links(connection, piece=piece))

    assert len(known) == 6
    assert sorted(pair for run in runs for pair in run.tolist()) == known
